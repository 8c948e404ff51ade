"""Rows in, answer out."""
