"""Keys: the dotted names of a study's figures, to read one and to set one to another value."""

from __future__ import annotations

from typing import Any

from .study import Study


def number_at(study: Study, key: str) -> float | None:
    """Return the number that stands at a dotted key, a figure's own value; None if none does."""
    place, last = _place(study.model_dump(), key)
    found = place.get(last) if isinstance(place, dict) else None
    if isinstance(found, dict) and "value" in found:
        found = found["value"]
    return float(found) if isinstance(found, int | float) else None


def with_value(study: Study, key: str, value: float) -> Study:
    """Return the study with another number at a dotted key."""
    data = study.model_dump()
    place, last = _place(data, key)
    if isinstance(place[last], dict):
        place[last]["value"] = value
    else:
        place[last] = value
    return Study.model_validate(data)


def _place(data: Any, key: str) -> tuple[Any, str]:
    *parents, last = key.split(".")
    for part in parents:
        data = data.get(part, {}) if isinstance(data, dict) else {}
    return data, last
