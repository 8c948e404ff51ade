"""Published calculations of other documents (rows O)."""

from __future__ import annotations

from .row import PER_CENT, Formula, Inputs, flat


def study_places(given: Inputs) -> list[float]:
    """Present + proposed; proposed and all, summed over universities."""
    return flat(
        given["present"] + given["proposed"],
        given["proposed_by_university"].sum(),
        given["all_by_university"].sum(),
    )


def share_converted(given: Inputs) -> list[float]:
    """Converted / all, per cent."""
    return flat(PER_CENT * given["converted"] / given["all"])


FORMULAS: dict[str, Formula] = {"O1": study_places, "O2": share_converted}
