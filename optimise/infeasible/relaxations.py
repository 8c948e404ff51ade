"""Ways out of infeasibility: the least by which given limits must give way for a plan to exist."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from ...core.study.study import Study
from ..cuts.certificate import highest_levels
from ..cuts.pool import CutPool
from ..cuts.repair import tolerance
from ..master.elastic import all_groups, elastic_master, scale_of
from ..solvers.clock import Clock
from ..solvers.highs import Answer, solve
from ..system.use import Group, use

Floats = NDArray[np.float64]
ROUNDS = 200
GAP = 1e-4
LP_TOLERANCE = 1e-7
"""Of a risk, or of its size where that is greater, in fractions of slots."""
MARGIN = 1.0 + 1e-5
"""What is named is a little more than the least: solvers stumble over a limit met exactly."""
EARLY = 1e-6
"""Weight of early slots among plans that ask for equally little: they lower every risk."""


class Relief(NamedTuple):
    """By how much one limit gives way, in its own unit."""

    group: Group
    share: float  # the largest of its years, relative to the limit
    amounts: Floats  # [year] from the first decision on; one entry where the limit has no years


class Way(NamedTuple):
    """What comes of letting some limits give way."""

    groups: tuple[Group, ...]
    status: Literal["enough", "not enough", "not examined"]
    reliefs: list[Relief]
    total: float  # sum of the shares
    bound: float  # no plan makes do with less; NaN where that is not proved
    slots: Floats


def way_out(
    study: Study, pool: CutPool, limits: Floats, free: Sequence[Group], clock: Clock
) -> Way:
    """Return the least sum of shares by which the limits in `free` must give way, all else kept.

    Under exactly these limits there is a plan: the one returned. The bound is proved where the
    concavity condition holds under all levels that limits so lax allow.
    """
    found = _least(study, pool, limits, free, clock)
    if found.status == "enough":
        pool.cover(highest_levels(relaxed(study, limits, _alike(study, limits, found))[0]))
    return found if pool.certified else found._replace(bound=np.nan)


def _alike(study: Study, limits: Floats, way: Way) -> Way:
    """Return the way on which every limit on levels that may gives way by all the shares."""
    reliefs = []
    for group in way.groups:
        if group.kind not in ("risk", "least_share"):
            scale = scale_of(study, group, limits)
            amounts = np.where(np.isfinite(scale), way.total * scale, 0.0)
            reliefs.append(Relief(group, way.total, amounts))
    return way._replace(reliefs=reliefs)


def _least(study: Study, pool: CutPool, limits: Floats, free: Sequence[Group], clock: Clock) -> Way:
    nothing = np.full((len(study.regions), len(study.decision_years)), np.nan)
    none = Way(tuple(free), "not enough", [], np.inf, np.inf, nothing)
    bound, best = 0.0, none._replace(status="not examined", bound=0.0)
    for integer in (False, True):
        for _ in range(ROUNDS):
            answer = _solve(study, pool, limits, free, integer, clock)
            if answer.status == "infeasible":
                return none
            if np.isnan(answer.objective) or clock.left <= 0:
                return best
            plan = np.round(answer.slots) if integer else answer.slots
            bound = max(bound, answer.bound / 1e3)
            risk, z = pool.evaluate(plan)
            reliefs = reliefs_of(study, plan, limits, risk, free)
            total = sum(relief.share for relief in reliefs)
            fine = tolerance(limits)
            broken = [c for c in range(len(limits)) if risk[c] > limits[c] + fine[c]]
            hard = [c for c in broken if Group("risk", list(study.risk)[c]) not in free]
            slack = fine if integer else tolerance(limits, LP_TOLERANCE)
            kept = all(risk[c] <= limits[c] + slack[c] for c in hard)
            if integer and kept and total < best.total:
                best = Way(tuple(free), "enough", reliefs, total, bound, plan)
            if not broken or (kept and total - bound <= GAP * total + 2 * EARLY):
                break
            if np.isfinite(best.total) and best.total - bound <= GAP * best.total + 2 * EARLY:
                break
            pool.learn(plan, broken, risk, z)
    return best._replace(bound=min(bound, best.total))


def _solve(
    study: Study, pool: CutPool, limits: Floats, free: Sequence[Group], integer: bool, clock: Clock
) -> Answer:
    model = elastic_master(study, integer, pool.cuts, limits, dict.fromkeys(free, np.inf))
    slots = float((study.level0.sum() + study.ramp.national.value) * len(study.decision_years))
    early = sum(model.level[r, y] for r in model.regions for y in model.years) / slots
    model.objective = pyo.Objective(expr=1e3 * (pyo.quicksum(model.give.values()) - EARLY * early))
    return solve(model, 1e-5 if integer else 1e-9, min(clock.left, 60.0))


def reliefs_of(
    study: Study, slots: Floats, limits: Floats, risk: Floats, free: Sequence[Group]
) -> list[Relief]:
    """Return by how much a plan oversteps each of some limits; those it keeps are left out."""
    found = []
    for group in free:
        scale = scale_of(study, group, limits)
        if group.kind == "risk":
            c = list(study.risk).index(group.name)
            amounts = np.array([max(risk[c] - limits[c], 0.0)])
        else:
            amounts = use(study, group, slots).excess
        share = float((amounts / scale).max())
        if share > 1e-7:
            found.append(Relief(group, share, np.where(amounts / scale > 1e-7, amounts, 0.0)))
    return found


def relaxed(study: Study, limits: Floats, way: Way) -> tuple[Study, Floats]:
    """Return the study and the risk limits under which a way out has been taken."""
    data, risk = study.model_dump(), limits.copy()
    for group, _, amounts in way.reliefs:
        most = float(amounts.max()) * MARGIN
        match group.kind:
            case "risk":
                risk[list(study.risk).index(group.name)] += most
                data["risk"][group.name]["limit"] += most
            case "capacity" | "budget":
                _set_rows(study, data, group, use(study, group, way.slots).room + amounts * MARGIN)
            case "national_ramp":
                data["ramp"]["national"]["value"] += most
            case "regional_ramp":
                data["ramp"]["regional"][group.region]["value"] += most
            case "trainees":
                data["limits"]["trainees"][group.name]["most"] += most
            case "least_share":
                taken = use(study, group, way.slots).room[0] / np.maximum(way.slots, 0.0).sum()
                data["limits"]["least_share"][group.region]["value"] = float(taken)
    return Study.model_validate(data), risk


def _set_rows(study: Study, data: dict[str, object], group: Group, room: Floats) -> None:
    """Write a capacity or a budget by year into the study's data."""
    limits = data["limits"]
    assert isinstance(limits, dict)
    first, why = study.time.first_decision, "the least relaxation"
    if group.kind == "capacity":
        same = {"limit": group.name, "region": group.region}
        old, key = limits["capacity"], "capacity"
    else:
        same, old, key = {"payer": group.name}, limits["budget"], "nok"
    kept = [row for row in old if any(row[name] != value for name, value in same.items())]
    rows = [
        same | {"year": first + t, key: float(amount), "assumption": why}
        for t, amount in enumerate(room)
        if np.isfinite(amount)
    ]
    limits[group.kind] = (*kept, *rows)


def single_groups(study: Study) -> list[tuple[Group, ...]]:
    """Return the limits to try one at a time; each capacity also in all regions at once."""
    everywhere = [
        tuple(Group("capacity", limit, region) for region in study.regions)
        for limit in study.capacity
        if len(study.regions) > 1
    ]
    return [*((group,) for group in all_groups(study)), *everywhere]
