"""Searches: from cuts to the cheapest plan."""
