"""The master problem: decisions, limits, cuts."""
