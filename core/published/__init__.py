"""Published calculations of the field, recomputed from their published inputs.

``row`` holds the values and the verdict; one file per section holds the formulas; ``register``
joins row and formula. Every number of a formula comes from the inputs.
"""
