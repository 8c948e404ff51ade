"""Whole pages: HTML, terminal, comparison."""
