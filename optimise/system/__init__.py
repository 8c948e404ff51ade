"""Limits without risk."""
