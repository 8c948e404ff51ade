"""A result as tables for other programs: workbooks, CSV, Parquet."""
