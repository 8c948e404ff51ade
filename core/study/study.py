"""The study: everything a run is asked, as one frozen value."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from html import escape
from typing import Any, ClassVar, Self

from pydantic import ValidationError, model_validator

from .checks.across import inconsistencies
from .distributions import Fixed
from .measures.choice import by_columns, chosen, columns_in
from .measures.in_force import alone, edited
from .measures.measure import Measure
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

    def asking(self, *portfolio: str) -> Self:
        """Return the study that is searched where these of the measures left open are in force.

        Those that are decided by columns in this portfolio stay in it as measures; all others are
        worked in, or left out.

        Raises
        ------
        ValueError
            If they leave no study: a share beyond 1, or a payer without the money.
        """
        columns = columns_in(self, portfolio)
        on = {
            name: measure.model_copy(
                update={"decision": "on" if name in portfolio and name not in columns else "off"}
            )
            for name, measure in self.measure.items()
            if measure.chosen
        }
        known = self.model_copy(update={"measure": self.measure | on})
        if not columns and not any(measure.units for measure in known.measure.values()):
            return self.model_copy(update={"measure": {}})
        alone = {"excludes": ()}  # portfolios saw to it
        left = {name: self.measure[name].model_copy(update=alone) for name in columns}
        data = edited(known) | {"measure": {name: m.model_dump() for name, m in left.items()}}
        return type(self).model_validate(data)

    def deciding(self, use: Mapping[str, Mapping[str, float]]) -> Self:
        """Return the study as written with what is used of the measures left open, as if by hand.

        `use`: measure -> year -> units in use from then on; of what acts from the start, as it
        rises by itself.
        """
        decided = {}
        for name in chosen(self):
            measure, steps = self.measure[name], dict(use.get(name, {}))
            evenly = not steps or not by_columns(self, name)
            said = {"use": max(steps.values(), default=0.0)} if evenly else {"use_by_year": steps}
            decided[name] = measure.model_copy(update=said)
        return self.model_copy(update={"measure": self.measure | decided})

    def undecided(self, *names: str) -> Self:
        """Return the study as written with nothing used by hand of some measures."""
        nothing: dict[str, Any] = {"use": None, "use_by_year": {}}
        opened = {name: self.measure[name].model_copy(update=nothing) for name in names}
        return self.model_copy(update={"measure": self.measure | opened})

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The measures that a search decides by columns, in the order of the study."""
        return tuple(name for name in self.measure if by_columns(self, name))

    @property
    def by_column(self) -> dict[str, Measure]:
        """Those measures, by name."""
        return {name: self.measure[name] for name in self.columns}

    @cached_property
    def with_one_unit(self) -> dict[str, Self]:
        """By column, the ordinary study with one unit of it in use as early as can be, free."""
        found = {}
        for name, measure in self.by_column.items():
            free = {"use_by_year": {str(measure.in_use_from): 1.0}, "prices": ()}
            alone = {"measure": {name: measure.model_copy(update=free)}}
            found[name] = self.model_copy(update=alone).in_force
        return found

    def without_measures(self) -> Self:
        """Return the study with no measures, none in force."""
        return self.model_copy(update={"measure": {}})

    def with_units(self, units: Mapping[str, float]) -> Self:
        """Return the study as written, with so many units of measures in force by hand.

        Those of which as many are in force already stay as they are, year by year.

        Raises
        ------
        ValueError
            If they leave no study: a share beyond 1, or two that exclude each other.
        """
        data = self.model_dump()
        other = {name for name, measure in self.measure.items() if units[name] != measure.units}
        for name in other:
            data["measure"][name] |= {"use": units[name], "use_by_year": {}}
        return type(self).model_validate(data) if other else self

    def with_alone(self, *names: str) -> Self:
        """Return the ordinary study with these measures alone worked in; without names: none."""
        return type(self).model_validate(edited(self.using(*names)))

    def _repr_html_(self) -> str:
        """Return the study as notebooks show it: what it asks, in a short table."""
        used = [escape(each.name) for each in self.measure.values() if each.units > 0.0]
        rows = {
            "Decides": f"{self.decision_years[0]}–{self.decision_years[-1]}",
            "Regions": ", ".join(escape(each.name) for each in self.regions.values()),
            "Groups": ", ".join(escape(each.name) for each in self.groups.values()),
            "Judged": "{}–{}".format(*self.time.window),
            "Limits on risk": ", ".join(
                f"{escape(each.name)} {'price' if each.limit is None else f'{each.limit:g}'}"
                for each in self.risk.values()
            ),
            "Scenarios": f"{self.sampling.scenarios:,}",
            "Measures in force": ", ".join(used) or "none",
            "Fixed plans": ", ".join(escape(each.name) for each in self.comparison.values()),
        }
        body = "".join(f'<tr><th scope="row">{k}</th><td>{v}</td></tr>' for k, v in rows.items())
        said = f"{escape(self.title)} ({escape(self.name)}, as known {escape(self.known_as_of)})"
        return f"<table><caption>{said}</caption><tbody>{body}</tbody></table>"


BUDGET = "limits.budget."
"""Before a payer: the key of a budget that is the same in all its years."""


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
    """Return the number that stands at a dotted key, a figure's mean; None if none does.

    Of a budget, `limits.budget.PAYER`, that of all its years, if it is the same.
    """
    if key in study.quantities:
        return float(study.quantities[key].expected)
    if key.startswith(BUDGET):
        held = {row.nok for row in study.limits.budget if key == BUDGET + row.payer}
        return held.pop() if len(held) == 1 else None
    place, last = _place(study.model_dump(), key)
    found = place.get(last) if isinstance(place, dict) else None
    return float(found) if isinstance(found, int | float) else None


def with_value(study: Study, key: str, value: float) -> Study:
    """Return the study with another number at a dotted key; a figure there is certain then."""
    data = study.model_dump()
    if key.startswith(BUDGET):
        own = [row for row in data["limits"]["budget"] if key == BUDGET + row["payer"]]
        for row in own:
            row["nok"] = value
        return Study.model_validate(data)
    place, last = _place(data, key)
    figure = study.quantities.get(key)
    if figure is not None:
        place[last] = Fixed(value=value, source=figure.source, assumption=figure.assumption)
    else:
        counted = isinstance(place.get(last), int) and float(value).is_integer()
        place[last] = int(value) if counted else value
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
