"""Labels and units on what is found out beside the plan: rounds, worth, ways out, experiments."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from ...core.files.labels import Data, labelled
from ...core.flow.observed import MEANINGS
from ...core.study.measures.choice import KNOWN, by_columns, chosen
from ...core.study.study import Study
from ...core.system.arrays import system_of
from ...core.system.costs import measure_price
from ...core.system.limits import Capacity
from ...core.system.posts import intakes, levels
from ..analysis.choice import Choice
from ..analysis.information import Information
from ..analysis.near_optimal import NearOptimal
from ..analysis.replication import Replications
from ..analysis.shadow_prices import Shadow
from ..analysis.sweep import Variation
from ..cuts.pool import Round
from ..infeasible.explain import Infeasibility
from ..infeasible.relaxations import Relaxation
from ..job import Worth
from ..review.value import Reviewed
from ..search.convex import STATUS, Solution
from ..solvers.program import Status
from .in_years import in_years, plan_of, totals

Floats = NDArray[np.float64]
WAY_STATUS = {"not enough": 0, "enough": 1, "not examined": 2}
END_STATUS = {"proved": 1, "open": 2}


def worth_of(study: Study, plans: dict[str, Floats], worth: Worth) -> Data:
    """Return the regret of every plan and whether it keeps the limits."""
    system = system_of(study)
    return {
        "plan_regret": [each.regret for each in worth.regrets],
        "plan_cheapest_cost": [each.cost for each in worth.regrets],
        "plan_cheapest_total": [each.total for each in worth.regrets],
        "plan_cheapest_status": [each.status for each in worth.regrets],
        "plan_keeps_limits": [int(system.keeps_limits(slots)) for slots in plans.values()],
    }


def intakes_of(study: Study, plans: dict[str, Floats]) -> Data:
    """Return the whole posts of both intakes under every plan."""
    regions = len(study.regions)
    found = [intakes(study, levels(study, slots)[:regions]) for slots in plans.values()]
    spring, autumn = (np.stack([pair[n] for pair in found]).transpose(2, 0, 1) for n in (0, 1))
    return {"intake_spring": spring, "intake_autumn": autumn}


def lacking_share(study: Study, dataset: xr.Dataset) -> xr.DataArray:
    """Return the share of posts that stay empty for lack of applicants, [plan]."""
    first = study.first
    years = slice(first, first + len(study.decision_years))
    lacking, level = (
        dataset[name].isel(time=years).sum(("time", "region")) for name in ("lacking_mean", "level")
    )
    names = [str(name) for name in dataset["plan_id"].values]
    found = {"plan_lacking_share": (lacking / level).values}
    return labelled(study, found, names)["plan_lacking_share"]


def rounds_of(rounds: Sequence[Round]) -> Data:
    """Return the log of the rounds of the solution."""
    return {
        "round_lower_bound": [each.lower for each in rounds],
        "round_upper_bound": [_finite(each.upper) for each in rounds],
        "round_cuts": [each.cuts for each in rounds],
        "round_whole": [int(each.whole) for each in rounds],
    }


def shadows_of(study: Study, shadows: Sequence[Shadow]) -> xr.Dataset:
    """Return what a step more of every limit is worth."""
    data: Data = {
        **{
            f"shadow_{name}": [getattr(each, name) for each in shadows]
            for name in ("step", "dual", "saved", "saved_low", "saved_high")
        },
        "shadow_unit": np.array([each.limit.unit for each in shadows], dtype=str),
    }
    names = {each.limit.identifier: each.limit.title for each in shadows}
    return labelled(study, data, more={"constraint": names})


def near_of(study: Study, near: NearOptimal | None) -> xr.Dataset:
    """Return what near-optimal plans have in common, and these plans; nothing where not asked."""
    if near is None:
        return xr.Dataset()
    features = [each.feature for each in near.ranges]
    ends = {"least": [each.least for each in near.ranges]}
    ends |= {"most": [each.most for each in near.ranges]}
    data: dict[str, ArrayLike] = {
        **in_years(system_of(study), "near", near.slots),
        "near_cost": near.cost,
        "near_risk": np.stack(near.risk),
        "near_feature": [[each.of(slots) for each in features] for slots in near.slots],
        "feature_unit": np.array([each.unit for each in features], dtype=str),
    }
    for side, found in ends.items():
        data[f"feature_{side}"] = [end.value for end in found]
        data[f"feature_{side}_bound"] = [_finite(end.bound) for end in found]
        data[f"feature_{side}_plan"] = [end.plan for end in found]
        data[f"feature_{side}_status"] = [END_STATUS[end.status] for end in found]
    names = {each.identifier: each.title for each in features}
    return labelled(study, data, more={"feature": names})


def information_of(found: Information) -> dict[str, float | int]:
    """Return the values of scenarios and foresight as attributes, NOK."""
    return {
        "stochastic_cost": found.stochastic,
        "mean_value_cost": found.mean_value,
        "mean_value_mended_cost": found.mended,
        "value_of_stochastic_solution": found.mended - found.stochastic,
        "part_scenarios": found.scenarios,
        "part_limits_moved": int(found.part_moved),
        "part_cost": found.part,
        "hindsight_cost": found.hindsight,
        "value_of_perfect_information": found.part - found.hindsight,
    }


def describe_ways_out(study: Study, found: Infeasibility) -> xr.Dataset:
    """Return every way out: by year, how much each limit would have to give.

    The first way lets all limits give, the second the risk limits; then one at a time. Limits
    without years (risk, a least share) have the same amount in every year.
    """
    ways = [found.together, found.risk, *found.alone]
    limits = list(found.together.limits)
    names = {limit.identifier: limit.title for limit in limits}
    amount = np.zeros((len(study.years), len(ways), len(limits)))
    first = study.first
    for w, way in enumerate(ways):
        for relief in way.reliefs:
            amount[first:, w, limits.index(relief.limit)] = relief.amounts
        if way.status != "enough":
            amount[:, w] = np.nan
    plans = [way.slots if way.status == "enough" else None for way in ways]
    data: Data = {
        "way_amount": amount,
        "way_unit": np.array([limit.unit for limit in limits], dtype=str),
        **in_years(system_of(study), "way", plans),
        "way_status": [WAY_STATUS[way.status] for way in ways],
        "way_share": [_finite(way.total) for way in ways],
        "way_bound": [_finite(way.bound) for way in ways],
        "risk_floor": found.floors,
        "risk_limit": [limit.at_most for limit in study.risk.values()],
    }
    return labelled(study, data, more={"way": _way_names(study, ways), "constraint": names})


def _way_names(study: Study, ways: Sequence[Relaxation]) -> dict[str, str]:
    names = {"together": "all limits together", "risk": "the risk limits together"}
    for way in ways[2:]:
        first = way.limits[0]
        if len(way.limits) == 1:
            names[f"alone_{first.identifier}"] = first.title
        else:
            assert isinstance(first, Capacity)
            name = study.capacity[first.name].name
            names[f"alone_{first.kind}.{first.name}"] = f"{name}, all regions"
    return names


def _finite(value: float) -> float:
    return value if np.isfinite(value) else float("nan")


def describe_choice(study: Study, names: list[str], choice: Choice) -> xr.Dataset:
    """Return what is known of every portfolio, with labels; `names` of measures along their axis.

    `study` is as it was written, with measures left open.
    """
    assert choice.best is not None
    known = choice.portfolios
    data: Data = {
        "portfolio_measure": np.array([[name in one.names for name in names] for one in known]),
        "portfolio_paid": [one.paid for one in known],
        "portfolio_bound": [_finite(one.bound) for one in known],
        "portfolio_cost": [one.cost for one in known],
        "portfolio_status": [KNOWN.index(one.known) for one in known],
        "measure_chosen": [name in choice.best.use for name in names],
        "measure_by_year": [by_columns(study, name) for name in names],
    }
    labels: Mapping[str, Mapping[str, str]] = {
        "measure": {name: study.measure[name].name for name in names}
    }
    return labelled(study, data, more=labels).assign_attrs(
        chosen_measures=json.dumps(list(chosen(study))),
        choice_cost=choice.best.cost,
        choice_lower_bound=_finite(choice.bound),
        choice_gap=choice.gap,
        choice_status="stopped" if choice.stopped else "optimal",
    )


def describe_choices(study: Study, written: Study, found: list[tuple[float, Choice]]) -> xr.Dataset:
    """Return slots and measures chosen for a row of values of one key, with labels.

    `study` has no measures; `written` leaves them open.
    """
    names = {name: written.measure[name].name for name in chosen(written)}
    variations, paid, use = list[Variation](), list[float](), list[list[list[float]]]()
    for value, choice in found:
        decided = written.deciding({} if choice.best is None else choice.best.use)
        used = [name for name in names if decided.measure[name].units > 0.0]
        none = np.nan if choice.best is None else 0.0
        paid.append(none + sum(measure_price(decided, name) for name in used))
        years = [[decided.measure[n].units_in(year) + none for n in names] for year in study.years]
        use.append(years)
        variations.append(Variation(value, _solution(study, choice)))
    data: Data = {
        "over_measures_cost": np.array(paid),
        "over_measure_use": np.array(use).transpose(1, 0, 2),
    }
    more = labelled(study, data, more={"measure": names})
    both = [describe_variations(study, variations), more]
    return xr.merge(both, join="exact", compat="identical", combine_attrs="no_conflicts")


def _solution(study: Study, choice: Choice) -> Solution:
    """Return a choice as the solution of a study without measures; cost and bound are of both."""
    best, nothing = choice.best, system_of(study).unknown_slots
    proved: Status = "infeasible" if best is None else "optimal"
    return Solution(
        status="stopped" if choice.stopped else proved,
        slots=nothing if best is None or best.slots is None else best.slots,
        cost=np.nan if best is None else best.cost,
        lower_bound=choice.bound,
        lp_bound=np.nan,
        lp_slots=nothing,
        rounded_cost=np.nan,
        rounded_feasible=False,
        risk=np.full(len(study.risk), np.nan) if best is None or best.risk is None else best.risk,
        rounds=0,
    )


def review_of(study: Study, found: Reviewed | None) -> xr.Dataset:
    """Return the plan of every end branch and its risks; nothing where the study reviews nothing.

    Branches count from 1; above a threshold lies the next one.
    """
    if found is None:
        return xr.Dataset()
    branches, fresh = found.adaptive.branches, found.own.fresh
    low, high = branches.tree.ranges()
    data: Data = {
        "review_observed": branches.seen.values,
        "review_branch": branches.branch + 1,
        "review_shortfall": found.own.z.T,
        "branch_above": np.where(np.isfinite(low), low, np.nan),
        "branch_up_to": np.where(np.isfinite(high), high, np.nan),
        "branch_probability": branches.probability,
        "branch_probability_fresh": fresh.probability,
        **in_years(system_of(study), "branch", list(found.adaptive.plans + 0.0)),
        "branch_cost": found.own.cost,
        **in_years(system_of(study), "branch_rule", list(found.rule.plans + 0.0)),
        "branch_rule_cost": found.rule.cost,
        "branch_risk": found.own.in_sample.inside,
        "branch_risk_fresh": fresh.inside,
        "review_risk": found.own.in_sample.risk,
        "review_risk_fresh": fresh.risk,
        "review_risk_fresh_low": fresh.low,
        "review_risk_fresh_high": fresh.high,
        "review_rule_risk": found.rule.in_sample.risk,
        "review_rule_risk_fresh": found.rule.fresh.risk,
        "review_rule_risk_fresh_low": found.rule.fresh.low,
        "review_rule_risk_fresh_high": found.rule.fresh.high,
    }
    years = [str(year) for year in found.review.years]
    ways = {
        f"branch_{b + 1}": "; ".join(
            f"{year}: {_range(*ends)}"
            for year, *ends in zip(years, low[b].tolist(), high[b].tolist(), strict=True)
        )
        for b in range(branches.tree.ends)
    }
    return labelled(
        study, data, more={"branch": ways, "review": dict(zip(years, years, strict=True))}
    )


def _range(low: float, high: float) -> str:
    """Return between what a review saw it: `above 250 to 320`."""
    above = "" if np.isinf(low) else f"above {low:g}"
    up_to = "" if np.isinf(high) else f"to {high:g}" if above else f"up to {high:g}"
    return " ".join(part for part in (above, up_to) if part) or "anything"


def review_attributes(found: Reviewed | None) -> dict[str, Any]:
    """Return what the plan that learns costs, its bound, and what learning is worth."""
    if found is None:
        return {}
    solution, about = found.adaptive.solution, MEANINGS[found.review.observes]
    return {
        "review_observes": about.title,
        "review_unit": about.kind.unit,
        "review_status": solution.status,
        "review_stopped_by": solution.stopped_by,
        "review_cost": solution.cost,
        "review_lower_bound": solution.lower_bound,
        "review_gap": solution.gap,
        "review_shortage_cost": solution.shortage_cost,
        "review_value": found.value,
        "review_fresh_cost": found.own.fresh_cost,
        "review_fresh_fixed_cost": found.fresh_fixed_cost,
        "review_at_same_risk": found.at_same_risk,
        "review_fresh_value": found.fresh_value,
        "review_rule_cost": found.rule.expected_cost,
        "review_rule_fresh_cost": found.rule.fresh_cost,
    }


def describe_variations(study: Study, found: list[Variation]) -> xr.Dataset:
    """Return the plans found for a row of values of one key, with labels."""
    system, solutions = system_of(study), [one.solution for one in found]
    single: Data = {
        "value": [one.value for one in found],
        "cost": [one.cost for one in solutions],
        "lower_bound": [_finite(one.lower_bound) for one in solutions],
        "status": [STATUS[one.status] for one in solutions],
    }
    data: Data = {
        **{f"over_{name}": values for name, values in single.items()},
        "over_risk": np.stack([one.risk for one in solutions]),
        **totals(system, "over", [one.slots for one in solutions]),
        **in_years(system, "over", [plan_of(one) for one in solutions]),
    }
    return labelled(study, data)


def describe_replications(study: Study, found: Replications) -> xr.Dataset:
    """Return the plans found on samples of several sizes and seeds, with labels."""

    def each(what: str) -> np.ndarray:
        return np.array([[getattr(one, what) for one in row] for row in found.solutions])

    every = [one for row in found.solutions for one in row]
    system = system_of(study)
    shape = len(found.solutions), -1
    plans = in_years(system, "replication", [plan_of(one) for one in every])
    total = totals(system, "replication", [one.slots for one in every])
    lower = each("lower_bound")
    data: Data = {
        "size_scenarios": found.sizes,
        "replication_seed": found.seeds,
        "replication_cost": each("cost"),
        "replication_lower_bound": np.where(np.isfinite(lower), lower, np.nan),
        **{name: np.reshape(values, shape) for name, values in total.items()},
        "replication_status": np.vectorize(STATUS.__getitem__)(each("status")),
        **{
            name: np.reshape(values, (len(study.years), *shape, *np.shape(values)[2:]))
            for name, values in plans.items()
        },
        "replication_risk": each("risk"),
        "replication_fresh": found.fresh,
    }
    return labelled(study, data)
