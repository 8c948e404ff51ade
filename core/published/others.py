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


def doctors_for_places(given: Inputs) -> list[float]:
    """Study places in all / the share of the doctors needed that they are to give."""
    return flat(PER_CENT * given["places"].sum() / given["share"])


def part_of(given: Inputs) -> list[float]:
    """Part / all, per cent."""
    return flat(PER_CENT * given["part"] / given["all"])


def without_a_post(given: Inputs) -> list[float]:
    """As counted."""
    return flat(given["applicants"])


FORMULAS: dict[str, Formula] = {
    "O1": study_places,
    "O2": share_converted,
    "O3": without_a_post,
    "O4": doctors_for_places,
    "O5": part_of,
}
