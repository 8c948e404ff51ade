"""What is told of the keys of a study: their names, a search, a reference page, a JSON Schema."""
