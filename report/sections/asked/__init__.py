"""Sections of what a run is asked beside its plan."""
