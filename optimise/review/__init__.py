"""Review years: one plan for each branch of the futures that reviews tell apart."""
