"""What notebooks take and show: plans in many forms, labels to select by, tables and charts."""
