"""The study: everything a run is asked, as one frozen value."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Any, ClassVar, Self

from pydantic import ValidationError, model_validator

from .checks.across import inconsistencies
from .distributions import Fixed
from .measures.in_force import alone, edited
from .settings import EARMARKED, KINDS, LIS1, SPECIALIST
from .unchecked import UncheckedStudy


class Study(UncheckedStudy):
    """A complete question. Equal studies give equal answers, bit for bit."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        problems = list(inconsistencies(self))
        if problems:
            raise ValueError("\n".join(problems))
        if any(measure.units for measure in self.measure.values()):
            self._require_measures()
        return self

    def _require_measures(self) -> None:
        """Refuse measures whose use in all leaves no study: a share beyond 1, for instance."""
        try:
            _ = self.in_force
        except ValidationError as error:
            found = [str(each["msg"]).removeprefix("Value error, ") for each in error.errors()]
            lines = [line for each in found for line in each.splitlines()]
            raise ValueError(
                "\n".join(f"measure: once in force: {line}" for line in lines)
            ) from None

    @cached_property
    def in_force(self) -> Self:
        """The ordinary study with all measures worked in that are on or used by hand.

        It has no measures of its own, so that none can act twice; without any it is this one.
        """
        if not self.measure:
            return self
        if not any(measure.units for measure in self.measure.values()):
            return self.model_copy(update={"measure": {}})
        return type(self).model_validate(edited(self))

    def using(self, *names: str) -> Self:
        """Return the study as written, with these measures alone to be in force.

        At what is used of each by hand; at all of it where nothing is.
        """
        return self.model_copy(update={"measure": alone(self, names)})

    def with_alone(self, *names: str) -> Self:
        """Return the ordinary study with these measures alone worked in; without names: none."""
        return type(self).model_validate(edited(self.using(*names)))


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

    ASKED: ClassVar = {"title", "risk", "limits", "ramp", "comparison", "review", "solve"}

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


def kinds_decided(study: Study) -> tuple[str, ...]:
    """Return the kinds of posts a study decides on, in the order of `settings.KINDS`."""
    slots = study.ramp.national.value > 0.0 or study.limits.closing is not None
    decided = slots, study.decides_tracks, study.decides_posts
    return tuple(kind for kind, free in zip(KINDS, decided, strict=True) if free)


def with_kinds_alone(study: Study, kinds: Collection[str]) -> Study:
    """Return a study in which no posts of other kinds than `kinds` can be opened or closed.

    Its plans have the same rows: what is closed stays zero.
    """
    data = study.model_dump()
    if LIS1 not in kinds:
        data["ramp"]["national"]["value"] = 0.0
        data["limits"]["closing"] = None
    if EARMARKED not in kinds:
        for track in data["track"].values():
            _open_none(track["new"])
    if SPECIALIST not in kinds and study.decides_posts:
        _open_none(data["specialist_posts"]["new"])
        data["specialist_posts"]["new"]["closing"] = False
    return Study.model_validate(data)


def _open_none(new: dict[str, Any] | None) -> None:
    """Let no posts be opened where some can be."""
    for row in new["most"] if new else ():
        row["most"] = 0.0


def _place(data: object, key: str) -> tuple[Any, str]:
    *parents, last = key.split(".")
    for part in parents:
        data = data.get(part, {}) if isinstance(data, dict) else {}
    return data, last
