"""What happens if a path of slots is followed: the world, which knows nothing of the choice."""
