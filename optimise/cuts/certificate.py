"""The certificate: under which levels the concavity condition was checked, and how it fared.

Where it holds in every scenario (docs/model.md section 5) each cut bounds the risk of every plan
inside those levels; where it fails a bound may be too high.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.risk.oracle import Oracle
from ...core.study.risk_limit import RiskLimit
from ...core.system.arrays import System
from ...core.system.intake_change import IntakeChange
from ..system.feasible import lowest_plan

Floats = NDArray[np.float64]
NO_EXCESS = 1e-9
"""FTE by which the condition may fail: rounding."""
SAME_LEVEL = 1e-6
"""Slots by which a plan may exceed the levels checked: what solvers overstep a limit by."""


class Certificate(NamedTuple):
    """How the concavity condition fares in all scenarios of a sample, under levels up to these."""

    levels: Floats  # [region, year]
    failures: int  # scenarios in which it fails
    excess: float  # the most it fails by, FTE

    @property
    def holds(self) -> bool:
        """Return whether every cut is valid inside the levels."""
        return self.failures == 0

    def covers(self, level: Floats) -> bool:
        """Return whether levels [region, year] are among those checked."""
        return bool((level <= self.levels + SAME_LEVEL).all())


def certify(oracle: Oracle, levels: Floats) -> Certificate:
    """Return how the condition fares under levels up to these, [region, year]."""
    excess = oracle.concavity_excess(levels)
    return Certificate(levels, int((excess > NO_EXCESS).sum()), float(excess.max()))


def highest_levels(system: System) -> Floats:
    """Return levels no feasible plan exceeds, [row, year], each for itself.

    By the ramps, and by capacity: what a year leaves to the starts of one year by the fewest that
    all others can have, which before the first decision are those given. Where nothing can be
    closed, levels never fall: then what year y + o leaves for the starts of all years from y to
    y + o bounds the level of y. Where the change of
    intake is limited, no level is further from that of the first open year than it allows.
    """
    first, decisions = system.first, len(system.decision_years)
    most = system.lis1(system.most_slots)
    opened = np.cumsum(np.minimum(most, system.national_ramp), axis=1)
    highest = system.level0[:, None] + opened
    lowest = system.lis1(lowest_levels(system))
    never_fall = not system.least_slots.any()
    for room, unit in zip(system.capacity, system.need_by_offset, strict=True):
        for y in range(decisions):
            for offset in range(len(unit)):
                year = first + y + offset
                together = slice(0 if never_fall else offset, offset + 1)
                weight = unit[together].sum()
                if year >= len(system.years) or weight <= 0.0:
                    continue
                needed = unit * lowest[:, np.maximum(year - np.arange(len(unit)), 0)]
                needed[:, together] = 0.0
                left = room[:, year] - needed.sum(axis=1)
                highest[:, y] = np.minimum(highest[:, y], left / weight)
    for limit in system.of_kind(IntakeChange):
        own, room = highest[limit.place[0], limit.lead :], limit.room[: decisions - limit.lead]
        own[:1] = np.minimum(own[:1], (own + room).min(initial=np.inf))
        np.minimum(own, own[:1] + room, out=own)
    highest = np.maximum(highest, lowest[:, first : first + decisions])
    full = system.levels(system.most_slots)  # LIS2/3 posts by what may be opened alone
    own = system.lis1(full)
    own[:, :first] = system.lis1(system.given_levels)[:, :first]
    own[:, first : first + decisions] = highest
    own[:, first + decisions :] = highest[:, -1:]
    return full


def lowest_levels(system: System) -> Floats:
    """Return levels no plan falls below, [row, year]: those given, less all that may close."""
    return system.levels(lowest_plan(system))


def in_words(risk: Iterable[RiskLimit], certificate: Certificate, scenarios: int) -> str:
    """Return in words whether the lower bound is a proof, and if not, why."""
    if certificate.holds:
        return "the concavity condition holds in every scenario drawn: every cut is valid"
    failing = where_it_fails(risk, certificate, scenarios)
    return f"{failing}: a cheaper plan than the bound says is possible"


def where_it_fails(risk: Iterable[RiskLimit], certificate: Certificate, scenarios: int) -> str:
    """Return in words how many scenarios the concavity condition fails in."""
    doctors = any(limit.counts == "doctors" for limit in risk)
    why = (
        " (limits on all doctors: those who give LIS2/3 up count while in it, so supply falls with "
        "time in training faster than applicants leave the queue)"
        if doctors
        else ""
    )
    return f"the concavity condition fails in {certificate.failures} of {scenarios} scenarios{why}"
