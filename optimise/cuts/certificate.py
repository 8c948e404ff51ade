"""The certificate: how tight cuts are. That they bound the risk of every plan is certain.

Cuts are clipped duals (docs/model.md section 5). Where the concavity condition fails in a scenario,
under levels no plan exceeds, a cut may lie below the risk of its own plan, and more slots can hurt.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.risk.oracle import Oracle
from ...core.system.arrays import System
from ...core.system.plan_form import IntakeChange
from ...core.system.track_limits import Earmarked, Newcomers
from ..system.feasible import lowest_plan

Floats = NDArray[np.float64]
NO_EXCESS = 1e-9
"""FTE by which the condition may fail: rounding."""


class Certificate(NamedTuple):
    """How the concavity condition fares in all scenarios of a sample."""

    failures: int  # scenarios in which it fails
    excess: float  # the most it fails by, FTE
    asked: bool = True  # not where LIS2/3 posts are limited: it is one of the first queue alone

    @property
    def tight(self) -> bool:
        """Return whether every cut meets the risk of its own plan."""
        return self.asked and self.failures == 0


def certify(oracle: Oracle, levels: Floats) -> Certificate:
    """Return how the condition fares under levels up to these, [region, year]."""
    if oracle.entries is not None:
        return Certificate(0, 0.0, asked=False)
    excess = oracle.concavity_excess(levels)
    return Certificate(int((excess > NO_EXCESS).sum()), float(excess.max()))


def highest_levels(system: System) -> Floats:
    """Return levels no feasible plan exceeds, [row, year], each for itself.

    By the ramps, and by capacity: what a year leaves to the starts of one year by the fewest that
    all others and LIS2/3 posts can have, which before the first decision are those given. Where no
    LIS1 posts can be closed, levels never fall: then what year y + o leaves for the starts of all
    years from y to y + o bounds the level of y. Where the change of intake is limited, no level is
    further from that of the first open year than it allows.
    """
    first, decisions = system.first, len(system.decision_years)
    most = system.lis1(system.most_slots)
    opened = np.cumsum(np.minimum(most, system.national_ramp), axis=1)
    highest = system.level0[:, None] + opened
    fewest = lowest_levels(system)
    lowest, taken = system.lis1(fewest), system.prices.purchases.posts_needed(fewest)
    never_fall = not system.lis1(system.least_slots).any()
    for room, unit in zip(system.widest - taken, system.need_by_offset, strict=True):
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
    _bound_tracks(system, full)
    return full


def _bound_tracks(system: System, highest: Floats) -> None:
    """Lower earmarked posts to those on offer, less the given of other tracks, and to newcomers."""
    for limit in system.of_kind(Earmarked):
        rows, after = list(limit.rows), slice(limit.first, None)
        given = limit.given[rows, after]
        room = limit.room if isinstance(limit, Newcomers) else highest[limit.place[0], after]
        own = given + np.maximum(room - given.sum(axis=0), 0.0)
        highest[rows, after] = np.minimum(highest[rows, after], own)


def lowest_levels(system: System) -> Floats:
    """Return levels no plan falls below, [row, year]: those given, less all that may close."""
    return system.levels(lowest_plan(system))


def in_words(certificate: Certificate, scenarios: int) -> str:
    """Return in words why the lower bound is a proof, and where it may be loose."""
    if not certificate.asked:
        return "LIS2/3 posts are limited: cuts are clipped where they must be, and valid"
    if certificate.tight:
        return (
            "the concavity condition holds in every scenario drawn: every cut is valid, and tight"
        )
    return (
        f"the concavity condition fails in {certificate.failures} of {scenarios} scenarios: cuts "
        "are clipped there, valid but not tight"
    )
