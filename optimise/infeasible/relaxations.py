"""Relaxations: the least by which given limits must give way for a plan to exist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from ...core.system.arrays import System
from ...core.system.limit import Limit, SystemLimit, Taken
from ...core.system.limits import Capacity
from ..master.elastic import RiskBound, elastic_master, risk_bounds
from ..master.rows import with_cuts
from ..search.value import Search
from ..solvers.program import Plan, Program, inside, plan_of, program_of
from ..solvers.solver import HIGHS

Floats = NDArray[np.float64]
ROUNDS = 200
GAP = 1e-4
LP_TOLERANCE = 1e-7
"""Of a risk, or of its size where that is greater, in fractions of slots."""
MARGIN = 1.0 + 1e-5
"""What is named is a little more than the least: solvers stumble over a limit met exactly."""
SHARES = 1e3
"""Of the objective, in which shares are small."""
NEGLIGIBLE = 1e-7
"""A limit that gives way by a smaller share of itself is kept."""
EARLY = 1e-6
"""Weight of early slots among plans that ask for equally little: they lower every risk."""


class Relief(NamedTuple):
    """By how much one limit gives way, in its own unit."""

    limit: Limit
    share: float  # the largest of its years, relative to the limit
    amounts: Floats  # [year] from the first decision on; one entry where the limit has no years


class Relaxation(NamedTuple):
    """What comes of letting some limits give way."""

    limits: tuple[Limit, ...]
    status: Literal["enough", "not enough", "not examined"]
    reliefs: list[Relief]
    total: float  # sum of the shares
    bound: float  # no plan makes do with less; NaN where a chance limit was moved as a CVaR
    slots: Floats


def all_limits(search: Search) -> list[Limit]:
    """Return every limit of a search that can give way: on risk first, then the system's.

    Prices limit nothing; what cuts rest on does not give way.
    """
    system = [limit for limit in search.system.limits if not limit.lawful]
    return [*limits_on_risk(search), *system]


def limits_on_risk(search: Search) -> list[RiskBound]:
    """Return every limit on risk, with what is asked of it."""
    return risk_bounds(search.pool.oracle.study.risk, search.limits)


def least_relaxation(search: Search, free: Sequence[Limit]) -> Relaxation:
    """Return the least sum of shares by which the limits in `free` must give way, all else kept.

    Under exactly these limits there is a plan: the one returned. No smaller sum than the bound is
    enough.
    """
    return _Elastic(search, tuple(free), elastic_program(search, free)).solved()


def elastic_program(search: Search, free: Sequence[Limit]) -> Program:
    """Return the master in which limits give way: the least sum of shares, and early slots."""
    system = search.system
    model = elastic_master(system, free, np.inf)
    slots = float((system.level0.sum() + system.national_ramp) * len(system.decision_years))
    early = sum(model.level[r, y] for r in model.regions for y in model.years) / slots
    model.objective = pyo.Objective(
        expr=SHARES * (pyo.quicksum(model.give.values()) - EARLY * early)
    )
    return with_gives(program_of(model, by_rows=True), free)


def with_gives(program: Program, free: Sequence[Limit]) -> Program:
    """Return a program that knows which column the cuts of a limit on risk give way by."""
    both = zip(free, program.gives.tolist(), strict=True)
    raised = {
        limit.number: (column, float(limit.scale[0]))
        for limit, column in both
        if isinstance(limit, RiskBound)
    }
    return program._replace(raised=raised)


@dataclass(frozen=True, eq=False)
class _Elastic:
    """The elastic master of some limits, and how it is solved: by cuts, like any other."""

    search: Search
    free: tuple[Limit, ...]
    program: Program

    def solved(self) -> Relaxation:
        """Return the least relaxation: in fractions of slots to convergence, then in whole ones."""
        search, pool = self.search, self.search.pool
        none = Relaxation(self.free, "not enough", [], np.inf, np.inf, search.system.unknown_slots)
        bound, best = 0.0, none._replace(status="not examined", bound=0.0)
        for whole in (False, True):
            for _ in range(ROUNDS):
                answer = self._master(whole)
                if answer.status == "infeasible":
                    return none
                if np.isnan(answer.objective) or search.clock.left <= 0:
                    return best
                plan = self._kept_apart.rounded(answer.slots) if whole else answer.slots
                bound = max(bound, answer.bound / SHARES)
                risk, z = pool.evaluate(plan)
                reliefs = reliefs_of(plan, risk, self.free)
                total = sum(relief.share for relief in reliefs)
                broken, kept = self._kept(risk, whole)
                if whole and kept and total < best.total:
                    best = Relaxation(self.free, "enough", reliefs, total, bound, plan)
                if not broken or (kept and total - bound <= GAP * total + 2 * EARLY):
                    break
                if np.isfinite(best.total) and best.total - bound <= GAP * best.total + 2 * EARLY:
                    break
                if pool.stuck(plan):
                    break
                pool.learn(plan, broken, risk, z)
        return best._replace(bound=min(bound, best.total))

    @property
    def _kept_apart(self) -> System:
        """Return the system without the limits that may give way."""
        system = self.search.system
        kept = tuple(limit for limit in system.limits if limit not in self.free)
        return replace(system, limits=kept)

    def _kept(self, risk: Floats, whole: bool) -> tuple[list[int], bool]:
        """Return the limits on risk that are broken, and whether those that may not be are kept."""
        search = self.search
        broken = np.flatnonzero(risk > search.limits + search.tolerance()).tolist()
        free = {limit.number for limit in self.free if isinstance(limit, RiskBound)}
        slack = search.tolerance() if whole else search.tolerance(LP_TOLERANCE)
        hard = [c for c in broken if c not in free]
        return broken, all(risk[c] <= search.limits[c] + slack[c] for c in hard)

    def _master(self, whole: bool) -> Plan:
        search = self.search
        program = with_cuts(self.program, search.pool.cuts, search.limits)
        gap, seconds = 1e-5 if whole else 1e-9, min(search.clock.left, 60.0)
        return inside(program, plan_of(program, HIGHS.solve(program, gap, seconds, whole=whole)))


def reliefs_of(slots: Floats, risk: Floats, free: Sequence[Limit]) -> list[Relief]:
    """Return by how much a plan oversteps each of some limits; those it keeps are left out."""
    found = []
    for limit in free:
        if isinstance(limit, RiskBound):
            amounts = np.array([max(risk[limit.number] - limit.most, 0.0)])
        else:
            assert isinstance(limit, SystemLimit)
            amounts = limit.excess(slots)
        share = float((amounts / limit.scale).max())
        if share > NEGLIGIBLE:
            over = np.where(amounts / limit.scale > NEGLIGIBLE, amounts, 0.0)
            found.append(Relief(limit, share, over))
    return found


def relaxed(search: Search, taken: Relaxation) -> Search:
    """Return the search for the study and the limits on risk under which a relaxation was taken."""
    study, limits = search.pool.oracle.study, search.limits.copy()
    data: dict[str, Any] = study.model_dump()
    for limit, _, amounts in taken.reliefs:
        if isinstance(limit, RiskBound):
            more = float(amounts.max()) * MARGIN
            limits[limit.number] += more
            data["risk"][limit.name]["limit"] += more
        elif isinstance(limit, SystemLimit):
            limit.relax(data, Taken(amounts * MARGIN, taken.slots))
    return search.under(type(study).model_validate(data), limits)


def one_at_a_time(search: Search) -> list[tuple[Limit, ...]]:
    """Return the limits to try one at a time; each capacity also in all regions at once."""
    system = search.system
    names = dict.fromkeys(limit.name for limit in system.of_kind(Capacity))
    everywhere = [
        tuple(limit for limit in system.of_kind(Capacity) if limit.name == name)
        for name in names
        if len(system.regions) > 1
    ]
    return [*((limit,) for limit in all_limits(search)), *everywhere]
