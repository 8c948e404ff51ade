"""One command's work from end to end."""
