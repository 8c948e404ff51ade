"""Near-optimal plans: each inside all limits and the cost allowed, and the ends of the ranges."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..system.arrays import system_of
from ..system.features import FIRST_YEAR, REGION, TOTAL, YEARS, features_of
from ..system.posts import families, lead_time
from .arithmetic import costs_of
from .evidence import Evidence, Floats, NotHeldError, differ
from .experiments import keeps_limits
from .recomputation import NOK, most, price_of_shortage

PROVED, OPEN = 1, 2
FINE = 1e-6
NAMED = "near-optimal plan"


def near_optimal_plans(evidence: Evidence) -> Iterator[str]:
    """Near-optimal plans differ, keep every limit and cost what is allowed; the chosen is first."""
    share = evidence.study.solve.near_optimal
    if share is None:
        raise NotHeldError("the study asks for no near-optimal plans")
    chosen = float(evidence.data.attrs["upper_bound"])
    allowed = chosen + share * abs(chosen)
    if abs(float(evidence.data.attrs["near_most_cost"]) - allowed) > NOK:
        yield f"near_most_cost is not {share:g} above the cost of the chosen plan"
    plans = evidence.plans_along("near", NAMED)
    for p, (alone, slots) in enumerate(plans):
        yield from keeps_limits(alone)
        name = f"{NAMED} {p + 1}"
        cost, risks = float(evidence.values("near_cost")[p]), evidence.values("near_risk")[p]
        wanted = costs_of(evidence.study, slots)[2] + price_of_shortage(evidence, risks)
        if differ(cost, wanted, 1e-9, NOK):
            yield f"{name}: near_cost {cost:,.0f} NOK, recomputed {wanted:,.0f}"
        if wanted > allowed + NOK + 1e-9 * abs(allowed):
            yield f"{name}: costs {wanted:,.0f} NOK, at most {allowed:,.0f} are allowed"
        for c, limit in enumerate(evidence.study.risk.values()):
            if not risks[c] <= most(limit):
                yield f"{name}: {limit.name}: risk {risks[c]:.6g}, at most {limit.at_most:g}"
    if differ(plans[0][1], evidence.decided(evidence.rows("slots")[0]), 0.0):
        yield "the first near-optimal plan is not the chosen one"
    if len({slots.tobytes() for _, slots in plans}) < len(plans):
        yield "a near-optimal plan stands twice"


def ranges_of_features(evidence: Evidence) -> Iterator[str]:
    """Each end of a range is that of its plan, none lies farther out, and bounds lie beyond."""
    evidence.need("near_feature")
    features = features_of(system_of(evidence.study))
    wanted = [(each.identifier, each.title, each.unit) for each in features]
    named = evidence.labels("feature"), evidence.data["feature_name"].values.tolist()
    stated = list(zip(*named, evidence.data["feature_unit"].values.tolist(), strict=True))
    if stated != wanted:
        yield "features are not those of the study"
        return
    if evidence.values("feature").tolist() != list(range(1, len(features) + 1)):
        yield "features are not numbered from 1"
    plans = evidence.plans_along("near", NAMED)
    values = np.array([_values(evidence, slots, named[0]) for _, slots in plans])
    if differ(evidence.values("near_feature"), values, 1e-12, 1e-9):
        yield "near_feature does not follow from the plans"
    for side, sign in (("least", 1.0), ("most", -1.0)):
        ends, bounds, plan, status = (
            evidence.values(f"feature_{side}{what}") for what in ("", "_bound", "_plan", "_status")
        )
        for f, name in enumerate(named[0]):
            own = values[:, f]
            if not 0 <= plan[f] < len(own) or abs(own[int(plan[f])] - ends[f]) > FINE:
                yield f"{name}: feature_{side} is not that of its plan"
            if abs(ends[f] - sign * (sign * own).min()) > FINE:
                yield f"{name}: feature_{side} is not the {side} of the plans"
            if sign * bounds[f] > sign * ends[f] + FINE:
                yield f"{name}: feature_{side}_bound lies inside the range"
            proved = abs(bounds[f] - ends[f]) <= FINE * max(1.0, abs(ends[f]))
            if status[f] != (PROVED if proved else OPEN):
                yield f"{name}: feature_{side}_status is {status[f]:g}"


def _values(evidence: Evidence, slots: Floats, names: list[str]) -> list[float]:
    """Return every feature of a plan, from the study and slots [row, decision year] alone."""
    study, lis1 = evidence.study, evidence.lis1(slots)
    closing = study.limits.closing
    closable = {} if closing is None else closing.most_per_year
    leads = [
        0 if name in closable and closable[name].value > 0.0 else lead_time(study, name)
        for name in study.regions
        if study.ramp.regional[name].value > 0.0 or name in closable
    ]
    found = {
        TOTAL: lis1.sum(),
        FIRST_YEAR: lis1[:, min(leads, default=0)].sum(),
        YEARS: (lis1 > 0.0).any(axis=0).sum(),
    }
    found |= {f"{REGION}{name}": lis1[r].sum() for r, name in enumerate(study.regions)}
    for family in families(study)[1:]:
        found[f"{family.variable}.total"] = slots[family.rows].sum()
    return [float(found[name]) for name in names]


NEAR_OPTIMAL = (near_optimal_plans, ranges_of_features)
