"""The page for trying plans by hand."""
