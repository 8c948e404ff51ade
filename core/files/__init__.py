"""The result file: variables, labels, kinds, storage."""
