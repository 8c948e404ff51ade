"""The study: everything a run is asked, as one frozen value."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import model_validator

from .checks.across import inconsistencies
from .distributions import Fixed
from .unchecked import UncheckedStudy


class Study(UncheckedStudy):
    """A complete question. Equal studies give equal answers, bit for bit."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        problems = list(inconsistencies(self))
        if problems:
            raise ValueError("\n".join(problems))
        return self


class ByContent:
    """A study that equals another of the same content, as a key to what was worked out before."""

    def __init__(self, study: Study) -> None:
        self.study = study

    def __hash__(self) -> int:
        return hash(self.study.sha256)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByContent) and other.study.sha256 == self.study.sha256


class ByDraws(ByContent):
    """A study that equals another which draws the same applicants, whatever is asked of both."""

    ASKED: ClassVar = {"title", "risk", "limits", "ramp", "comparison", "solve"}

    def __init__(self, study: Study) -> None:
        super().__init__(study)
        whole = dict.fromkeys(self.ASKED, True)
        self.text = study.model_dump_json(exclude=whole | {"specialist_posts": {"new"}})

    def __hash__(self) -> int:
        return hash(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByDraws) and other.text == self.text


def number_at(study: Study, key: str) -> float | None:
    """Return the number that stands at a dotted key, a figure's mean; None if none does."""
    if key in study.quantities:
        return float(study.quantities[key].expected)
    place, last = _place(study.model_dump(), key)
    found = place.get(last) if isinstance(place, dict) else None
    return float(found) if isinstance(found, int | float) else None


def with_value(study: Study, key: str, value: float) -> Study:
    """Return the study with another number at a dotted key; a figure there is certain then."""
    data = study.model_dump()
    place, last = _place(data, key)
    figure = study.quantities.get(key)
    if figure is not None:
        place[last] = Fixed(value=value, source=figure.source, assumption=figure.assumption)
    else:
        place[last] = value
    return Study.model_validate(data)


def with_no_new_posts(study: Study) -> Study:
    """Return a study that decides on LIS2/3 posts as one in which none can be opened or closed."""
    data = study.model_dump()
    data["specialist_posts"]["new"]["closing"] = False
    for row in data["specialist_posts"]["new"]["most"]:
        row["most"] = 0.0
    return Study.model_validate(data)


def _place(data: object, key: str) -> tuple[Any, str]:
    *parents, last = key.split(".")
    for part in parents:
        data = data.get(part, {}) if isinstance(data, dict) else {}
    return data, last
