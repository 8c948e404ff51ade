"""Whether a result file is right."""
