"""Choosing: which measures are left to the optimiser, and how each of them is decided.

*By columns*, any whole number of units from any decision year on: what widens the room, and what
brings persons, is linear in the units (docs/measures.md). *All or nothing*: whatever else a measure
may do; what is in force of these together is a portfolio, and each portfolio a study of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations

from ..unchecked import UncheckedStudy
from .measure import Measure

ENTRY = "direct_entry.per_year_after"
APPLICANTS = "applicants."
ABROAD = "specialists.foreign_per_year"


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
    first; none at all is one.
    """
    gates = [name for name in chosen(study) if by_columns(study, name) and _gated(study, name)]
    whole = [name for name in chosen(study) if not by_columns(study, name)]
    found = list[tuple[tuple[str, ...], tuple[str, ...]]]()
    for on in _subsets(whole):
        allowed = [more for more in _subsets(gates) if _together(study, (*on, *more))]
        largest = [a for a in allowed if not any(set(a) < set(b) for b in allowed)]
        found += [(on, gated) for gated in largest]
    for on, gated in found:
        yield tuple(name for name in chosen(study) if name in (*on, *gated))


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
        if b in study.measure[a].excludes or a in study.measure[b].excludes
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


def _together(study: UncheckedStudy, names: Collection[str]) -> bool:
    by_hand = [name for name, measure in study.measure.items() if measure.units > 0.0]
    return not in_force_together(study, {*names, *by_hand})


def _subsets(names: Collection[str]) -> Iterator[tuple[str, ...]]:
    for count in range(len(names) + 1):
        yield from combinations(names, count)
