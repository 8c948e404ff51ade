"""Where it is worked out: threads, clusters, checkpoints."""
