"""What each scenario draws."""
