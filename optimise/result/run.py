"""The result: labels and units on everything a run found out (docs/file-format.md)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from ...core.files.labels import Data, labelled
from ...core.files.summary import Told
from ...core.flow.others import counted_at_start
from ...core.study.settings import NO_POSTS
from ...core.study.study import Study
from ...core.system.arrays import System, system_of
from ...core.system.costs import (
    discount_factor,
    pay_in_lis1,
    plan_cost,
    training_prices_of,
    yearly_cost,
)
from ...core.system.families import LEVELS
from ...core.system.posts import families, given_levels, levels
from ...core.system.specialist_training import doctor_years
from ...core.system.track_limits import Earmarked
from ..analysis.frontier import Point
from ..analysis.kinds_of_posts import FewerKinds
from ..analysis.weight_tables import TableResult
from ..cuts.certificate import Certificate, in_words
from ..job import Answer
from ..search.convex import STATUS
from ..solvers.pyomo_solvers import version_of
from .analyses import (
    information_of,
    intakes_of,
    lacking_share,
    near_of,
    review_attributes,
    review_of,
    rounds_of,
    shadows_of,
    worth_of,
)
from .in_years import in_years, plan_of, totals

Floats = NDArray[np.float64]


def describe_plans(study: Study, plans: dict[str, Floats], told: Told) -> xr.Dataset:
    """Return what follows from each plan: slots, projection, supervision, cost."""
    names = list(plans)
    every = np.stack([levels(study, slots) for slots in plans.values()])
    level = every[:, : len(study.regions)]
    opened = np.diff(level - study.given_levels, axis=2, prepend=0.0)
    system = system_of(study)
    used = np.stack([system.need(one) for one in every])
    room = system.prices.purchases.free
    data: dict[str, ArrayLike] = {
        **told.summary,
        **_counted(study),
        "slots": opened.transpose(2, 0, 1),
        "level": level.transpose(2, 0, 1),
        "supervision_need": used.transpose(3, 0, 1, 2),
        "supervision_capacity": np.where(np.isinf(room), np.nan, room).transpose(2, 0, 1),
        "supervision_unit": np.array([each.unit for each in study.capacity.values()], dtype=str),
        "plan_breaks_supervision": [not system.keeps_capacity(one) for one in plans.values()],
        **_beside(study, every),
        **_need_of_posts(study, every),
        **_costs(study, plans, every),
        **_purchases(study, every),
        **_specialist_training(study, plans, told.training),
        **told.drawn,
    }
    dataset = labelled(study, data, names)
    return dataset.assign_coords(
        realization=(
            "realization",
            np.arange(told.scenarios),
            {"standard_name": "realization", "units": "1"},
        )
    )


def _counted(study: Study) -> Data:
    """Return the head-count of all doctors at the start, where the study counts them."""
    if study.without_speciality is None:
        return {}
    return {"counted_start": counted_at_start(study, study.without_speciality)}


def describe_answer(study: Study, answer: Answer) -> xr.Dataset:
    """Return the complete result of a run."""
    dataset = describe_plans(study, answer.plans, answer.told)
    evaluation = answer.evaluation
    data: Data = {
        "shortfall_z": evaluation.z.transpose(2, 0, 1),
        "risk_in_sample": evaluation.in_sample,
        "risk_in_sample_error": evaluation.in_sample_error,
        "risk_fresh": evaluation.fresh,
        "risk_fresh_low": evaluation.fresh_low,
        "risk_fresh_high": evaluation.fresh_high,
        **asked_of(study),
        "risk_floor": answer.attainable.floors,
        "risk_ceiling": answer.attainable.ceilings,
        "risk_binding": answer.binding,
        **_frontier(study, answer.frontier),
        **_tables(study, answer.tables),
        **worth_of(study, answer.plans, answer.worth),
        **intakes_of(study, answer.plans),
        **rounds_of(answer.rounds),
    }
    tables = [result.table for result in answer.tables]
    described = _joined(dataset, labelled(study, data, list(answer.plans), tables))
    described = _joined(described, shadows_of(study, answer.worth.shadows))
    described = _joined(described, near_of(study, answer.worth.near))
    described = _joined(described, review_of(study, answer.worth.reviewed))
    return described.assign(plan_lacking_share=lacking_share(study, described))


def binding_limits(study: Study, answer: Answer) -> list[str]:
    """Return the limits that keep the chosen plan from being cheaper or faster, in words."""
    regions = list(study.regions.values())
    lines = [
        f"risk: {limit.name}"
        for limit, binds in zip(study.risk.values(), answer.binding, strict=True)
        if binds
    ]
    slots = answer.plans["chosen"]
    level, system = levels(study, slots), system_of(study)
    used, first = system.need(level), study.first
    level[: len(regions)] += 1.0
    one_more = system.need(level)
    for c, limit in enumerate(study.capacity.values()):
        tight = system.capacity[c] - used[c] < one_more[c] - used[c]
        some = _some_opened(system, slots, limit.need_per_specialist_post is not None)
        for r, region in enumerate(regions):
            years = [
                study.years[y]
                for y in range(first, first + len(study.decision_years))
                if tight[r, y] and some[r, y - first]
            ]
            if years:
                lines.append(f"{limit.name.lower()}: {region.name} {years[0]}-{years[-1]}")
    for r, (name, region) in enumerate(study.regions.items()):
        lines += [
            f"regional ramp: {region.name} {year}"
            for y, year in enumerate(study.decision_years)
            if slots[r, y] > study.ramp.regional[name].value - 1
        ]
    lines += [
        f"national ramp: {year}"
        for y, year in enumerate(study.decision_years)
        if slots[: len(regions), y].sum() > study.ramp.national.value - 1
    ]
    return lines + _binding_tracks(study, slots)


def _some_opened(system: System, slots: Floats, posts: bool) -> NDArray[np.bool_]:
    """Return where a plan has opened LIS1 slots, or LIS2/3 `posts`, [region, decision year]."""
    lis1, family = system.lis1(slots), system.family("posts")
    some = lis1.cumsum(axis=1) > 0
    if posts and family is not None:
        by_region = slots[family.rows].reshape(-1, *lis1.shape).sum(axis=0)
        some |= by_region.cumsum(axis=1) > 0
    return np.asarray(some)


def _binding_tracks(study: Study, slots: Floats) -> list[str]:
    """Return the limits on earmarked posts that leave no room for one more where some were made."""
    system, lines = system_of(study), list[str]()
    for limit in system.of_kind(Earmarked):
        years = slice(0, slots.shape[1])
        made = np.cumsum(slots[list(limit.rows)].sum(axis=0)) > 0.0
        full = made & (limit.room - limit.used(slots) < 1.0)[years]
        if full.any():
            found = [study.decision_years[y] for y in np.flatnonzero(full)]
            lines.append(f"{limit.title} {found[0]}-{found[-1]}")
    return lines


def attributes_of(study: Study, answer: Answer) -> dict[str, Any]:
    """Return the scalars of a run: bounds, gap, status, time."""
    solution, attainable, axis = (
        answer.solution,
        answer.attainable,
        study.frontier_axis,
    )
    return {
        "solution_status": solution.status,
        "stopped_by": solution.stopped_by,
        "another_costs_the_same": answer.another,
        **_of_fewer_kinds(answer.fewer),
        "solver": version_of(study.solve.solver),
        "upper_bound": solution.cost,
        "lower_bound": solution.lower_bound,
        "relative_gap": solution.gap,
        "lp_bound": solution.lp_bound,
        "rounded_lp_cost": solution.rounded_cost,
        "rounded_lp_feasible": solution.rounded_feasible,
        "rounds": solution.rounds,
        "cuts": answer.cuts,
        "bound_certified": True,
        "bound_reason": in_words(attainable.certificate, answer.evaluation.z.shape[2]),
        "shortage_cost": solution.shortage_cost,
        "frontier_axis": "" if axis is None else list(study.risk)[axis],
        **_concavity(attainable.certificate),
        **_near(answer),
        **review_attributes(answer.worth.reviewed),
        "binding_limits": json.dumps(binding_limits(study, answer), ensure_ascii=False),
        **information_of(answer.worth.information),
        **{f"seconds_{step}": value for step, value in answer.seconds.items()},
    }


def _of_fewer_kinds(fewer: FewerKinds) -> dict[str, str]:
    """Return which plans of fewer kinds of posts keep no limits, and of which that stayed open."""
    told = {"kinds_beyond": fewer.beyond, "kinds_undecided": fewer.undecided}
    return {key: " ".join(names) for key, names in told.items() if names}


def _near(answer: Answer) -> dict[str, float]:
    """Return what a near-optimal plan may cost, where such plans were asked for."""
    near = answer.worth.near
    return {} if near is None else {"near_most_cost": near.most_cost}


def _concavity(certificate: Certificate) -> dict[str, float]:
    """Return how the condition fared, where it was asked."""
    if not certificate.asked:
        return {}
    return {
        "concavity_failures": certificate.failures,
        "concavity_largest_excess_fte": certificate.excess,
    }


def _joined(one: xr.Dataset, other: xr.Dataset) -> xr.Dataset:
    """Return both datasets in one; axes that do not match are an error, never filled."""
    return xr.merge([one, other], join="exact", compat="identical", combine_attrs="drop_conflicts")


def _costs(study: Study, plans: dict[str, Floats], level: Floats) -> Data:
    """Return cost by year within the projection; what falls later is in the discounted cost."""
    years = len(study.years)
    gross, report = zip(*(yearly_cost(study, one) for one in level), strict=True)
    by_payer = np.stack(gross)[:, :, :years]
    return {
        "cost_payer": by_payer.transpose(2, 0, 1),
        "cost_gross": by_payer.sum(axis=1).T,
        "cost_report": np.stack(report)[:, :years].T,
        "plan_cost": [plan_cost(study, slots) for slots in plans.values()],
    }


def _beside(study: Study, level: Floats) -> Data:
    """Return LIS2/3 and earmarked posts there are and those opened, `level` [plan, row, year]."""
    opened, data = np.diff(level - given_levels(study), axis=2, prepend=0.0), dict[str, ArrayLike]()
    for family in families(study)[1:]:
        data[LEVELS[family.variable]] = family.of(level)
        data[family.variable] = family.of(opened)
    return data


def _need_of_posts(study: Study, level: Floats) -> Data:
    """Return what LIS2/3 posts need of the capacities; nothing where they need none."""
    sold = system_of(study).prices.purchases
    if not sold.post_need.any():
        return {}
    needed = np.stack([sold.posts_needed(one) for one in level])
    return {"supervision_need_posts": needed.transpose(3, 0, 1, 2)}


def _purchases(study: Study, level: Floats) -> Data:
    """Return what is bought beyond the free room and who pays for it; nothing where none may be."""
    prices = system_of(study).prices
    sold = prices.purchases
    if not sold.allowed:
        return {}
    bought = np.stack([sold.bought(one) for one in level])
    paid = np.stack([prices.purchased(one) for one in level])
    most = np.where(np.isinf(sold.most), np.nan, sold.most)
    return {
        "supervision_bought": bought.transpose(3, 0, 1, 2),
        "supervision_most_bought": most.transpose(2, 0, 1),
        "cost_bought": paid.transpose(2, 0, 1),
        "plan_cost_bought": [sold.discounted(one) for one in level],
    }


def _specialist_training(
    study: Study, plans: dict[str, Floats], stock: Floats
) -> dict[str, ArrayLike]:
    """Return what LIS2/3 costs beside the slots, and net of what doctors in training produce.

    `stock` are the persons in LIS2/3, [plan, year, group, region]. Nothing where the study does not
    tell it, or there is no plan without new posts to compare with.
    """
    told = study.cost.after_lis1
    if told is None or NO_POSTS not in plans:
        return {}
    added, years = stock - stock[list(plans).index(NO_POSTS)], len(study.years)
    prices, credit = training_prices_of(study, told), told.income_credit
    paid = np.stack([prices.paid(one) for one in added])
    produced = np.stack([pay_in_lis1(study, told, levels(study, one)) for one in plans.values()])
    produced[:, :, :years] += np.stack([prices.whole_pay(one) for one in added])
    discount = discount_factor(study, produced.shape[2])
    # what new LIS2/3 posts cost is what doctors in LIS2/3 cost: counted once, by the doctors
    alone = np.array([plan_cost(study, _without_posts(study, one)) for one in plans.values()])
    both = alone + (paid.sum(axis=1) * discount[:years]).sum(axis=1)
    worth = (produced.sum(axis=1) * discount).sum(axis=1)
    once = np.stack([prices.paid_for_posts(one) for one in added])
    return {
        "training_years": np.stack([doctor_years(one).sum(axis=2) for one in added], axis=1),
        "cost_training": paid.transpose(2, 0, 1),
        **({} if told.new_post is None else {"cost_training_posts": once.transpose(2, 0, 1)}),
        "cost_credit": credit.expected * produced[:, :, :years].transpose(2, 0, 1),
        "plan_cost_with_training": both,
        "plan_cost_net": both - credit.expected * worth,
        "plan_cost_net_low": both - credit.bounds[1] * worth,
        "plan_cost_net_high": both - credit.bounds[0] * worth,
    }


def _without_posts(study: Study, slots: Floats) -> Floats:
    """Return a plan without its LIS2/3 posts, [row, decision year]."""
    alone = slots.copy()
    for family in families(study):
        if family.variable == "posts":
            alone[family.rows] = 0.0
    return alone


def _frontier(study: Study, points: Sequence[Point]) -> Data:
    axis = study.frontier_axis
    single = {
        "limit": [np.nan if axis is None else point.limits[axis] for point in points],
        "cost": [point.solution.cost for point in points],
        "shortage_cost": [
            point.solution.shortage_cost if np.isfinite(point.solution.cost) else np.nan
            for point in points
        ],
        "lower_bound": [
            point.solution.lower_bound if np.isfinite(point.solution.cost) else np.nan
            for point in points
        ],
        "risk": [point.risk for point in points],
        "risk_90": [point.risk_90 for point in points],
        "status": [STATUS[point.solution.status] for point in points],
    }
    data = {f"frontier_{name}": np.array(values) for name, values in single.items()}
    found = [point.solution for point in points]
    return {
        **data,
        **totals(system_of(study), "frontier", [one.slots for one in found]),
        **in_years(system_of(study), "frontier", [plan_of(one) for one in found]),
    }


def _tables(study: Study, results: Sequence[TableResult]) -> Data:
    return {
        **totals(system_of(study), "table", [result.solution.slots for result in results]),
        **totals(system_of(study), "table_same", [result.same.slots for result in results]),
        "table_floor": np.stack([result.floors for result in results]),
        "table_ceiling": np.stack([result.ceilings for result in results]),
        "table_limit": np.stack([result.limits for result in results]),
        "table_cost": [result.solution.cost for result in results],
        "table_status": [STATUS[result.solution.status] for result in results],
        "table_same_cost": [result.same.cost for result in results],
        "table_same_status": [STATUS[result.same.status] for result in results],
    }


def asked_of(study: Study) -> Data:
    """Return limit, confidence, price and rule of each risk limit; NaN where a rule has none."""
    limits = list(study.risk.values())
    found = {
        "risk_limit": [limit.limit for limit in limits],
        "risk_confidence": [limit.confidence for limit in limits],
        "risk_price": [limit.price for limit in limits],
    }
    data = {
        name: np.array([np.nan if x is None else x for x in values], dtype=float)
        for name, values in found.items()
    }
    codes = np.array([limit.risk_rule.code for limit in limits], dtype=np.int64)
    return data | {"risk_rule": codes}
