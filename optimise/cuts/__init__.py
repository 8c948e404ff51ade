"""Cuts: the pool, their certificate, their repair."""
