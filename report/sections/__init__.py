"""The report's sections, one question each."""
