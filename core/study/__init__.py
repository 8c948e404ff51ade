"""The question as a frozen value."""
