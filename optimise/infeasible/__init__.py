"""When no plan keeps all limits: what would have to give."""
