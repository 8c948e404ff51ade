"""Measures: what else than new posts may be done, as data that edits a study (docs/measures.md)."""
