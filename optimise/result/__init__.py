"""Labels on what was found."""
