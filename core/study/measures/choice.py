"""Choosing: which measures are left to the optimiser, and how each of them is decided.

*By columns*, any whole number of units from any decision year on: what widens the room, and what
brings persons, is linear in the units (docs/measures.md). *All or nothing*: whatever else a measure
may do; what is in force of these together is a portfolio, and each portfolio a study of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations
from typing import Literal

from ..unchecked import UncheckedStudy
from .measure import Measure

ENTRY = "direct_entry.per_year_after"
APPLICANTS = "applicants."
ABROAD = "specialists.foreign_per_year"

Known = Literal["untried", "refused", "no plan", "bounded", "solved", "open"]
KNOWN: tuple[Known, ...] = ("untried", "refused", "no plan", "bounded", "solved", "open")
"""What is known of a portfolio: nothing but what it costs; that it leaves no study; that no plan
keeps all limits; a bound; its cheapest plan; or what a search found that ended before its proof.
Files state it by its number here."""


def chosen(study: UncheckedStudy) -> tuple[str, ...]:
    """Return the measures left to the optimiser, in the order of the study."""
    return tuple(name for name, measure in study.measure.items() if measure.chosen)


def by_columns(study: UncheckedStudy, name: str) -> bool:
    """Return whether the units of a measure left to the optimiser are decided year by year.

    Where it can be in use from a decision year on, in whole units, and all that it does is linear
    in them. Persons are not where LIS2/3 posts are limited, since two queues lie before them, or
    the doctors in LIS2/3; fewer applicants are not beside earmarked posts, which newcomers must
    fill in every scenario.
    """
    measure, last = study.measure[name], study.time.last_decision
    if not measure.chosen or measure.most < 1.0 or not measure.most_begun >= 1.0:
        return False
    if not study.time.first_decision <= measure.in_use_from <= last:
        return False
    return all(_linear(study, measure, n) for n in range(len(measure.effects)))


def _linear(study: UncheckedStudy, measure: Measure, number: int) -> bool:
    effect = measure.effects[number]
    if effect.lever == "capacity":
        return True
    if effect.lever != "arrivals" or study.specialist_posts is not None:
        return False
    assert effect.amount is not None
    if study.limits.trainees and effect.key != ABROAD:
        return False  # they are more LIS2/3 trainees, too, whom that limit counts
    if effect.key.startswith(APPLICANTS):
        return not study.track or effect.amount.bounds[0] >= 0.0
    # who begins LIS2/3 while the historic outcomes hold trains on otherwise than who does later
    acts_from = measure.in_use_from + measure.delay_years
    return effect.key != ENTRY or acts_from >= study.training.historic_until


def portfolios(study: UncheckedStudy) -> Iterator[tuple[str, ...]]:
    """Yield the measures that may be in force together, of those decided all or nothing.

    And of columns that exclude others or are counted: in a portfolio they may be used, else not.
    One of which another has all columns and the same of the rest is left out. The fewest come
    first; none at all is one. They are made one by one: there may be more than anyone can count.
    """
    said = in_portfolios(study)
    whole = [name for name in said if not by_columns(study, name)]
    gates = [name for name in said if name not in whole]
    for on in _allowed(study, whole):
        for more in _largest(study, on, gates):
            yield tuple(name for name in said if name in (*on, *more))


def in_portfolios(study: UncheckedStudy) -> list[str]:
    """Return the measures of which portfolios say whether they may be used."""
    return [name for name in chosen(study) if not by_columns(study, name) or _gated(study, name)]


def columns_in(study: UncheckedStudy, portfolio: Collection[str]) -> tuple[str, ...]:
    """Return the measures that are decided by columns in a portfolio, in the order of the study."""
    return tuple(
        name
        for name in chosen(study)
        if by_columns(study, name) and (name in portfolio or not _gated(study, name))
    )


def in_force_together(study: UncheckedStudy, names: Collection[str]) -> list[str]:
    """Return why measures cannot be in force together, in words; nothing where they can."""
    excluded = [
        f"measure.{a}: cannot be in force beside measure.{b} (excludes)"
        for a, b in combinations([name for name in study.measure if name in names], 2)
        if _exclude(study, a, b)
    ]
    most = study.limits.measures_at_once
    if most is not None and len(names) > most:
        excluded.append(f"limits.measures_at_once: {len(names)} in force; at most {most}")
    return excluded


def _gated(study: UncheckedStudy, name: str) -> bool:
    """Return whether portfolios say if a column may be used: it excludes, or is counted."""
    if study.limits.measures_at_once is not None:
        return True
    others = [measure.excludes for key, measure in study.measure.items() if key != name]
    return bool(study.measure[name].excludes) or any(name in names for names in others)


def _exclude(study: UncheckedStudy, one: str, other: str) -> bool:
    """Return whether two measures cannot be in force beside each other."""
    return other in study.measure[one].excludes or one in study.measure[other].excludes


def _beside(study: UncheckedStudy, names: Collection[str]) -> set[str]:
    """Return measures and those in force by hand."""
    return {*names, *(name for name, measure in study.measure.items() if measure.units > 0.0)}


def _allowed(study: UncheckedStudy, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield every set of names that may be in force together, the smallest first.

    With a set, all its parts are allowed: larger ones are made of those alone.
    """
    found = [()] if not in_force_together(study, _beside(study, ())) else list[tuple[str, ...]]()
    while found:
        yield from found
        found = [
            (*on, name)
            for on in found
            for name in names[names.index(on[-1]) + 1 if on else 0 :]
            if not in_force_together(study, _beside(study, (*on, name)))
        ]


def _largest(
    study: UncheckedStudy, on: Collection[str], names: Sequence[str]
) -> Iterator[tuple[str, ...]]:
    """Yield the sets of names that may be in force beside `on` and are no part of another."""
    free = [name for name in names if not in_force_together(study, _beside(study, (*on, name)))]
    most, seen = study.limits.measures_at_once, set[tuple[str, ...]]()
    room = len(free) if most is None else most - len(_beside(study, on))
    for apart in _apart(study, free):
        for some in combinations(apart, min(max(room, 0), len(apart))):
            if some not in seen:
                seen.add(some)
                yield some


def _apart(study: UncheckedStudy, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the largest sets of names of which none excludes another."""

    def excluded(name: str, by: Collection[str]) -> bool:
        return any(_exclude(study, name, other) for other in by)

    def sets(left: Sequence[str], kept: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        if not left:
            if all(name in kept or excluded(name, kept) for name in names):
                yield kept
            return
        first, rest = left[0], left[1:]
        yield from sets([name for name in rest if not _exclude(study, first, name)], (*kept, first))
        if excluded(first, rest):  # else a set without it could have it as well
            yield from sets(rest, kept)

    return sets(names, ())
