"""Recomputation: limits, cost and risk of a result, worked out anew from the study inside it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from ..study.risk_limit import RiskLimit, SupervisionLimit
from ..system.families import LEVELS
from ..system.posts import families, intakes, levels
from ..system.supervision import supervision_needed, supervisors_at_start
from .arithmetic import (
    bought_of,
    capacity_of,
    costs_of,
    need_of,
    needed_by_posts,
    purchasable_of,
    purchases_of,
)
from .evidence import Evidence, Floats, NotHeldError, differ
from .limits import FURTHER_LIMITS, beyond_capacity, few_decisions, marks_of_limits
from .specialist_training import cost_after_lis1

RISK = 1e-9
ATTAINABLE = 1e-6  # floors are found by cuts to 1e-7
NOK = 1.0


def slots_and_levels(evidence: Evidence) -> Iterator[str]:
    """Slots are whole, in decision years, closed only where that is allowed; levels follow."""
    yield from whole_slots(evidence)
    plans, study = evidence.rows("slots"), evidence.study
    if "none" in evidence.plans and plans[evidence.plans.index("none")].any():
        yield "plan none opens slots"
    stated = evidence.values("level").transpose(1, 2, 0)
    for p, slots in enumerate(plans):
        level = levels(study, evidence.decided(slots))
        if differ(stated[p], evidence.lis1(level), 1e-12):
            yield f"plan {evidence.plans[p]}: level does not follow from its slots"
        for family in families(study)[1:]:
            name = LEVELS[family.variable]
            if differ(evidence.values(name)[:, p], family.of(level), 1e-12):
                yield f"plan {evidence.plans[p]}: {name} do not follow from its {family.variable}"


def whole_slots(evidence: Evidence) -> Iterator[str]:
    """Slots are whole, in decision years, and closed only where that is allowed."""
    study = evidence.study
    allowed = {"slots": study.limits.closing is not None, "posts": study.closes_posts}
    for name, slots in evidence.slots():
        for family in families(study):
            own = slots[family.rows]
            if family.whole and (own != np.round(own)).any():
                yield f"{name}: {family.variable} are not whole numbers"
            if (own < 0.0).any() and not allowed.get(family.variable, False):
                yield f"{name}: {family.variable} below 0"
        if np.abs(slots).sum() != np.abs(evidence.decided(slots)).sum():
            yield f"{name}: slots outside the decision years"


def supervision(evidence: Evidence) -> Iterator[str]:
    """Need and capacity follow from the study; the plans sought keep them, breakers are marked."""
    study = evidence.study
    room = capacity_of(study)
    given = np.isfinite(room)
    if differ(evidence.values("supervision_capacity").transpose(1, 2, 0)[given], room[given], 1e-9):
        yield "supervision_capacity is not the study's"
    if [c.unit for c in study.capacity.values()] != evidence.data[
        "supervision_unit"
    ].values.tolist():
        yield "supervision_unit is not the study's"
    yield from _need_of_posts(evidence)
    stated = evidence.values("supervision_need").transpose(1, 2, 3, 0)
    flags = evidence.values("plan_breaks_supervision")
    for p, (name, slots) in enumerate(evidence.slots()):
        decided = evidence.decided(slots)
        used = need_of(study, levels(study, decided))
        broken = list(beyond_capacity(evidence, decided))
        if p < len(stated) and differ(stated[p], used, 1e-9):
            yield f"{name}: supervision_need does not follow from its slots"
        if p < len(stated) and bool(flags[p]) != bool(broken):
            yield f"{name}: plan_breaks_supervision is {flags[p]:g}"
        if p >= len(stated) or (p == 0 and evidence.is_run):
            yield from (f"{name}: {what}" for what in broken)


def _need_of_posts(evidence: Evidence) -> Iterator[str]:
    """Tell where what LIS2/3 posts need does not follow, or is told where they need nothing."""
    study, name = evidence.study, "supervision_need_posts"
    if all(each.need_per_specialist_post is None for each in study.capacity.values()):
        return
    stated = evidence.values(name).transpose(1, 2, 3, 0)
    for (plan, slots), found in zip(_plans(evidence), stated, strict=True):
        if differ(found, needed_by_posts(study, levels(study, slots)), 1e-9):
            yield f"{plan}: {name} does not follow from its posts"


def purchases(evidence: Evidence) -> Iterator[str]:
    """What is bought, at most and by whom follows from slots and the study's prices."""
    study = evidence.study
    if all(capacity.purchase is None for capacity in study.capacity.values()):
        raise NotHeldError("nothing can be bought")
    most = purchasable_of(study).transpose(2, 0, 1)
    ends = np.isfinite(most)
    if differ(evidence.values("supervision_most_bought")[ends], most[ends], 1e-9):
        yield "supervision_most_bought is not the study's"
    payers, since = evidence.labels("payer"), np.array(study.years) - study.time.first_decision
    discount = (1.0 + study.cost.discount_rate.value) ** -since.astype(np.float64)
    stated = [evidence.values(f"{name}_bought") for name in ("supervision", "cost", "plan_cost")]
    for p, (name, slots) in enumerate(_plans(evidence)):
        paid = np.zeros((len(study.years), len(payers)))
        for payer, y, nok in purchases_of(study, slots):
            paid[y, payers.index(payer)] += nok
        bought = bought_of(study, levels(study, slots)).transpose(2, 0, 1)
        if differ(stated[0][:, p], bought, 1e-9, 1e-6):
            yield f"{name}: supervision_bought does not follow from its slots"
        if differ(stated[1][:, p], paid, 1e-9, NOK):
            yield f"{name}: cost_bought does not follow from its slots"
        if differ(stated[2][p], paid.sum(axis=1) @ discount, 1e-9, NOK):
            yield f"{name}: plan_cost_bought does not follow from its slots"


def whole_intakes(evidence: Evidence) -> Iterator[str]:
    """Posts of both intakes are the levels', in whole numbers."""
    evidence.need("intake_spring", "intake_autumn")
    for p, (name, slots) in enumerate(_plans(evidence)):
        both = intakes(evidence.study, evidence.lis1(levels(evidence.study, slots)))
        for half, wanted in zip(("spring", "autumn"), both, strict=True):
            if differ(evidence.values(f"intake_{half}")[:, p].T, wanted, 1e-12):
                yield f"{name}: intake_{half} does not follow from its slots"


def regret(evidence: Evidence) -> Iterator[str]:
    """A plan's regret is its cost beyond that of the cheapest plan of equal risks."""
    evidence.need("plan_regret")
    wanted = evidence.values("plan_cost") - evidence.values("plan_cheapest_cost")
    found = evidence.values("plan_regret")
    if not np.allclose(found, wanted, rtol=1e-9, atol=NOK, equal_nan=True):
        yield "plan_regret is not plan_cost less plan_cheapest_cost"


def _plans(evidence: Evidence) -> Iterator[tuple[str, Floats]]:
    """Yield the plans without those of the frontier, slots [row, decision year]."""
    for name, slots in islice(evidence.slots(), len(evidence.plans)):
        yield name, evidence.decided(slots)


def cost(evidence: Evidence) -> Iterator[str]:
    """Discounted cost and cost by year and payer follow from slots and the study's cost items."""
    study, stated = evidence.study, evidence.values("plan_cost")
    by_payer = evidence.values("cost_payer").transpose(1, 2, 0)
    total = evidence.values("cost_report").T
    for p, (name, slots) in enumerate(evidence.slots()):
        if p >= len(stated):
            continue
        gross, report, wanted = costs_of(study, evidence.decided(slots))
        if differ(stated[p], wanted, 1e-9, NOK):
            yield f"{name}: plan_cost {stated[p]:,.0f} NOK, recomputed {wanted:,.0f}"
        if differ(by_payer[p], np.stack(list(gross.values())), 1e-9, NOK):
            yield f"{name}: cost_payer does not follow from its slots"
        if differ(total[p], report, 1e-9, NOK):
            yield f"{name}: cost_report does not follow from its slots"


def bounds(evidence: Evidence) -> Iterator[str]:
    """The lower bound is not above the cost; the gap is the one between them."""
    if not evidence.is_run:
        raise NotHeldError("a projection has no bounds")
    said = evidence.data.attrs
    lower, upper = float(said["lower_bound"]), float(said["upper_bound"])
    chosen = float(evidence.values("plan_cost")[0])
    if not all(limit.risk_rule.limited for limit in evidence.study.risk.values()):
        chosen += price_of_shortage(evidence, evidence.values("risk_in_sample")[0])
    if abs(upper - chosen) > NOK:
        yield f"upper_bound {upper:,.0f} NOK is not the cost of the chosen plan, {chosen:,.0f}"
    if lower > chosen + 1e-12 * abs(chosen):
        yield f"lower_bound {lower:,.0f} NOK is above the cost, {chosen:,.0f}"
    gap = 0.0
    if upper != lower:
        gap = (chosen - lower) / abs(chosen) if chosen else np.inf
    if abs(gap - float(said["relative_gap"])) > 1e-9:
        yield f"relative_gap {float(said['relative_gap']):.3g}, recomputed {gap:.3g}"
    if said["solution_status"] == "optimal" and gap > evidence.study.solve.relative_gap + 1e-9:
        yield f"called optimal with a gap of {gap:.3g}"


def price_of_shortage(evidence: Evidence, risks: Floats) -> float:
    """Return what the study's priced limits add to a plan's cost at its risks [limit], NOK."""
    prices = [limit.price or 0.0 for limit in evidence.study.risk.values()]
    return float(sum(price * z for price, z in zip(prices, risks, strict=True)))


def most(limit: RiskLimit) -> float:
    """Return the largest risk a plan that keeps the limit can have; FTE are large numbers."""
    return limit.at_most + RISK * max(limit.at_most, 1.0)


def risk(evidence: Evidence) -> Iterator[str]:
    """Risks are what their rules make of Z; limits are the study's; the chosen plan keeps them."""
    if evidence.is_scenario:
        raise NotHeldError("one scenario has no risk")
    z, stated = evidence.values("shortfall_z"), evidence.values("risk_in_sample")
    for c, (name, limit) in enumerate(evidence.study.risk.items()):
        yield from _asked(evidence, c, name, limit)
        for p, plan in enumerate(evidence.plans):
            found = limit.risk_rule.risk(z[:, p, c], evidence.weight)
            if differ(stated[p, c], found, 1e-12, 1e-12):
                said = f"risk_in_sample {stated[p, c]:.12g}, from Z {found:.12g}"
                yield f"{name}, plan {plan}: {said}"
        if evidence.is_run and stated[0, c] > most(limit):
            yield f"{name}: risk {stated[0, c]:.6g} of the chosen plan above {limit.at_most:g}"
    limits = evidence.study.risk.values()
    least, largest = np.array([(limit.least, limit.largest) for limit in limits]).T
    if (z < least).any() or (z > largest).any():
        yield f"shortfall_z from {z.min():g} to {z.max():g}"


def _asked(evidence: Evidence, c: int, name: str, limit: RiskLimit) -> Iterator[str]:
    """Tell what a limit's rule, or a key of it, is not the study's; it has no value without one."""
    for key in ("limit", "confidence", "price"):
        asked = getattr(limit, key)
        stated = evidence.values(f"risk_{key}")[c]
        if not np.array_equal(stated, np.nan if asked is None else asked, equal_nan=True):
            yield f"risk_{key} of {name} is not the study's"
    if evidence.values("risk_rule")[c] != limit.risk_rule.code:
        yield f"risk_rule of {name} is not the study's"


def risk_between_floor_and_ceiling(evidence: Evidence) -> Iterator[str]:
    """Risk lies between floor and ceiling, fresh risk within its interval."""
    evidence.need("risk_floor", "risk_ceiling", "risk_fresh")
    low, high = evidence.values("risk_floor"), evidence.values("risk_ceiling")
    chosen = evidence.values("risk_in_sample")[0]
    fine = ATTAINABLE * np.maximum(np.abs(low), 1.0)
    bounded = evidence.study.convex
    lowered = evidence.study.on_shortage  # of supervision slots have needs, too
    study = evidence.study
    lowered &= study.limits.closing is None and not (study.decides_tracks or study.closes_posts)
    if ((bounded & (chosen < low - fine)) | (lowered & (chosen > high + fine))).any():
        yield "the chosen plan's risk lies outside floor and ceiling"
    if "none" in evidence.plans:
        none = evidence.values("risk_in_sample")[evidence.plans.index("none")]
        if differ(high, none, 1e-12, 1e-12):
            yield "risk_ceiling is not the risk of plan none"
    fresh, least, largest = (evidence.values(f"risk_fresh{x}") for x in ("", "_low", "_high"))
    if ((fresh < least) | (fresh > largest)).any():
        yield "risk_fresh lies outside its interval"


def frontier(evidence: Evidence) -> Iterator[str]:
    """Frontier plans keep their limit and cost what their slots cost, not less than their bound."""
    evidence.need("frontier_cost")
    stated = {
        name: evidence.values(f"frontier_{name}")
        for name in ("cost", "shortage_cost", "lower_bound", "risk", "limit", "total", "status")
    }
    axis, prices = str(evidence.data.attrs["frontier_axis"]), evidence.study.risk.values()
    if axis and evidence.study.risk[axis].limit is None:
        yield f"frontier_axis {axis} has no limit"
    for p, (name, slots) in zip(evidence.frontier_points(), evidence.frontier(), strict=True):
        wanted = costs_of(evidence.study, evidence.decided(slots))[2] + stated["shortage_cost"][p]
        if differ(stated["cost"][p], wanted, 1e-9, NOK):
            yield f"{name}: frontier_cost does not follow from its slots"
        if stated["shortage_cost"][p] and all(limit.price is None for limit in prices):
            yield f"{name}: frontier_shortage_cost without a price of shortage"
        if stated["total"][p] != evidence.lis1(slots).sum():
            yield f"{name}: frontier_total is not the sum of its slots"
        if stated["risk"][p] > stated["limit"][p] + RISK * max(stated["limit"][p], 1.0):
            yield f"{name}: frontier_risk above its limit"
        if stated["lower_bound"][p] > stated["cost"][p] + 1e-12 * abs(stated["cost"][p]):
            yield f"{name}: frontier_lower_bound above its cost"
        if stated["status"][p] == 0:
            yield f"{name}: called infeasible, and has a plan"


def ensemble(evidence: Evidence) -> Iterator[str]:
    """Risk and means of the first plan follow from supply and demand of every scenario."""
    evidence.need("ensemble_supply", "ensemble_demand")
    supply, demand = evidence.values("ensemble_supply"), evidence.values("ensemble_demand")
    digits = evidence.data.attrs.get("significant_digits")
    loose = 1e-5 if digits is None else 10.0 ** -int(digits)
    for name, values in (("supply", supply), ("demand", demand)):
        stated = evidence.values(f"{name}_group_mean")
        first = stated[:, 0] if name == "supply" else stated
        if differ(np.average(values, axis=1, weights=evidence.weight), first, loose):
            yield f"{name}_group_mean is not the mean of ensemble_{name}"
    if "shortfall_z" not in evidence.data:
        return
    stated = evidence.values("shortfall_z")[:, 0]
    for c, (name, limit) in enumerate(evidence.study.risk.items()):
        if limit.counts != "specialists":
            continue  # demand for doctors is not in the ensemble
        slots = evidence.decided(evidence.rows("slots")[0])
        z, size = shortfall_of(evidence, limit, supply, demand, slots)
        if differ(z, stated[:, c], 0.0, loose * size):
            yield f"{name}: shortfall_z does not follow from the ensemble"
        found, wanted = (limit.risk_rule.risk(each, evidence.weight) for each in (z, stated[:, c]))
        if abs(found - wanted) > loose * size:
            yield f"{name}: risk {wanted:.6g}, from the ensemble {found:.6g}"


def shortfall_of(
    evidence: Evidence, limit: RiskLimit, supply: Floats, demand: Floats, slots: Floats
) -> tuple[Floats, float]:
    """Return Z [realization] and its scale from [year, realization, group, region] in FTE."""
    study = evidence.study
    first, last = (year - study.time.first_year for year in limit.years(study.time))
    years = list(range(first, last + 1))
    regions = [list(study.regions).index(name) for name in limit.regions]
    groups = [list(study.groups).index(name) for name in limit.groups or study.groups]
    wanted, present = (values[years][:, :, groups][..., regions] for values in (demand, supply))
    if not limit.over_groups:
        wanted, present = (each.sum(axis=2, keepdims=True) for each in (wanted, present))
    if isinstance(limit, SupervisionLimit):
        level = evidence.lis1(levels(study, slots))
        needed = supervision_needed(study, limit, level)[years]
        short = needed[:, None] - present.sum(axis=(2, 3)) / supervisors_at_start(study, limit)
        return np.asarray(getattr(short, limit.statistic)(axis=0)), float(np.abs(short).max())
    gap, total = wanted - present, wanted.sum(axis=(2, 3))
    if not limit.over_regions:
        gap = gap.sum(axis=3)
    lack = np.maximum(gap, 0.0).reshape(*gap.shape[:2], -1).sum(axis=2)
    judged = lack / total if limit.measure == "relative" else lack
    scale = 1.0 if limit.measure == "relative" else float(total.max())
    scale *= len(years) if limit.statistic == "sum" else 1
    z: Floats = getattr(judged, limit.statistic)(axis=0)
    return z, scale


RECOMPUTATION = (
    slots_and_levels,
    *FURTHER_LIMITS,
    few_decisions,
    marks_of_limits,
    supervision,
    purchases,
    whole_intakes,
    cost,
    cost_after_lis1,
    regret,
    bounds,
    risk,
    risk_between_floor_and_ceiling,
    frontier,
    ensemble,
)
