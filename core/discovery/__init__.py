"""Discovery: in which boxes of the uncertain figures a plan fails."""
