"""What a plan is worth: frontiers, prices, regret."""
