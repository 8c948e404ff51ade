"""Words of the report in both languages."""
