"""The study without purchases: what the extensive form in linopy knows of supervision."""

from __future__ import annotations

from lis1plan.core.study.study import Study


def by_free_room(study: Study) -> Study:
    """Return the study where nothing can be bought beyond the free room."""
    nothing = {"purchase": None}
    capacity = {name: limit.model_copy(update=nothing) for name, limit in study.capacity.items()}
    return study.model_copy(update={"capacity": capacity})
