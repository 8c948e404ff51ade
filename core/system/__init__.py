"""What is certain: posts, supervision, costs."""
