"""What to choose: the cheapest path of new slots inside risk and capacity, and the proof of it."""
