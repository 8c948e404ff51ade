"""What is judged: shortfall, risk, slopes."""
