"""The naive decision: section 6 of docs/model.md over every scenario at once, as one large program.

The extensive form: a variable for everybody appointed, queueing and missing in every scenario,
Rockafellar and Uryasev's CVaR, no cuts. Supply comes from the naive oracle's baseline and
one-person responses, never from the kernel. It is right where section 4's concavity condition
holds: then appointing fewer than one could never pays. Money, ramp and capacity are the study's
own figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyomo.environ as pyo
from pyomo.core.expr import LinearExpression

from lis1plan.core.study import Study
from lis1plan.core.system import capacity, place_years, slot_price

from . import naive

MILLION = 1e6


class World(NamedTuple):
    """One scenario as the decision meets it, all groups together."""

    rates: dict[str, Any]
    fixed: list[list[float]]  # [H][R] appointed under today's levels
    baseline: list[list[float]]  # [H/2][R] FTE
    response: list[Any]  # [2][H/2][R][R] FTE per person, by parity and years since
    demand: list[list[float]]  # [H/2][R] FTE


def world(study: Study, rates: dict[str, Any], demand: list[Any]) -> World:
    """What the naive oracle says of one scenario."""
    half_years, regions = len(rates["newcomers"]), range(len(study.regions))
    today = [[float(posts)] * (half_years // 2) for posts in study.level0]
    by_group = naive.response(rates, half_years)
    response = [
        [
            [[sum(group[p][lag][r][t] for group in by_group) for t in regions] for r in regions]
            for lag in range(half_years // 2)
        ]
        for p in range(2)
    ]
    return World(
        rates,
        naive.flow(rates, today)["appointed"],
        [[sum(g[t] for g in year) for t in regions] for year in naive.flow(rates, None)["supply"]],
        response,
        [[sum(g[t] for g in year) for t in regions] for year in demand],
    )


def decision(
    study: Study, worlds: Sequence[World], limits: Sequence[float], *, integer: bool
) -> pyo.ConcreteModel:
    """The whole model; `slots` [region, decision year], objective in million NOK."""
    model = pyo.ConcreteModel()
    model.regions = pyo.RangeSet(0, len(study.regions) - 1)
    model.years = pyo.RangeSet(0, len(study.decision_years) - 1)
    model.calendar = pyo.RangeSet(0, len(study.years) - 1)
    model.half_years = pyo.RangeSet(0, 2 * len(study.years) - 1 - _shortest(worlds))
    model.worlds = pyo.RangeSet(0, len(worlds) - 1)
    _add_plan(model, study, integer)
    _add_capacity(model, study)
    _add_queues(model, study, worlds)
    for c, limit in enumerate(study.risk.values()):
        setattr(model, f"risk_{c}", pyo.Block())
        _add_risk(getattr(model, f"risk_{c}"), model, study, worlds, limit, float(limits[c]))
    price = slot_price(study) / MILLION
    model.objective = pyo.Objective(
        expr=sum(price[y] * model.slots[r, y] for r in model.regions for y in model.years)
    )
    return model


def _shortest(worlds: Sequence[World]) -> int:
    """Half-years before which nobody appointed can be a specialist in any scenario."""
    found = [
        2 * lag + 1 - p
        for one in worlds
        for p in range(2)
        for lag, year in enumerate(one.response[p])
        if any(any(row) for row in year)
    ]
    return min(found)


def _add_plan(model: pyo.ConcreteModel, study: Study, integer: bool) -> None:
    """Slots, the levels they add up to in every projected year, and the ramps."""
    first = study.time.first_decision - study.time.first_year
    model.slots = pyo.Var(
        model.regions,
        model.years,
        domain=pyo.NonNegativeIntegers if integer else pyo.NonNegativeReals,
    )
    model.level = pyo.Var(model.regions, model.calendar)
    model.rules = pyo.ConstraintList()
    for r, name in enumerate(study.regions):
        before: Any = float(study.level0[r])
        for y in model.calendar:
            opened = model.slots[r, y - first] if y - first in model.years else 0.0
            model.rules.add(model.level[r, y] == before + opened)
            before = model.level[r, y]
        for y in model.years:
            model.rules.add(model.slots[r, y] <= study.ramp.regional[name].value)
    for y in model.years:
        opened = sum(model.slots[r, y] for r in model.regions)
        model.rules.add(opened <= study.ramp.national.value)


def _add_capacity(model: pyo.ConcreteModel, study: Study) -> None:
    """Places kept busy, of this year's starts and of earlier ones, times what each needs."""
    room = capacity(study)
    first = study.time.first_decision - study.time.first_year
    model.capacity = pyo.ConstraintList()
    for c, limit in enumerate(study.capacity.values()):
        busy = place_years(study, limit.arena)
        for r in model.regions:
            for y in range(first, len(study.years)):
                places = sum(
                    share * model.level[r, max(y - offset, 0)] for offset, share in enumerate(busy)
                )
                model.capacity.add(limit.need_per_place_year.central * places <= room[c, r, y])


def _add_queues(model: pyo.ConcreteModel, study: Study, worlds: Sequence[World]) -> None:
    """Section 3.1: appointed are at most the offers and at most the queue.

    Before the first decision they are what today's levels give.
    """
    begin = 2 * (study.time.first_decision - study.time.first_year)
    chosen = range(begin, len(model.half_years))
    model.queue = pyo.Var(model.worlds, chosen, model.regions)
    model.appointed = pyo.Var(model.worlds, chosen, model.regions, domain=pyo.NonNegativeReals)
    model.waiting, model.offered = pyo.ConstraintList(), pyo.ConstraintList()
    for w, one in enumerate(worlds):
        rates = one.rates
        for r in model.regions:
            left: Any = rates["unplaced"][r]
            for h in model.half_years:
                arrived = (1.0 - rates["leakage"]) * left + rates["newcomers"][h][r]
                if h < begin:
                    left = arrived - one.fixed[h][r]
                    continue
                queue, appointed = model.queue[w, h, r], model.appointed[w, h, r]
                model.waiting.add(queue == arrived)
                share = rates["fill_rate"][r] * rates["offer_share"][h]
                model.offered.add(appointed <= share * model.level[r, h // 2])
                model.offered.add(appointed <= queue)
                left = queue - appointed


def _add_risk(
    block: Any,
    model: pyo.ConcreteModel,
    study: Study,
    worlds: Sequence[World],
    limit: Any,
    at_most: float,
) -> None:
    """Section 5: CVaR = eta + mean of (Z - eta)+ / (1 - confidence) <= limit."""
    members = [r for r, name in enumerate(study.regions) if name in limit.regions]
    window = [y for y, year in enumerate(study.years) if year in study.window_years]
    parts = [[r] for r in members] if limit.scope == "summed" else [members]
    block.missing = pyo.Var(model.worlds, window, range(len(parts)), domain=pyo.NonNegativeReals)
    block.z, block.above = pyo.Var(model.worlds), pyo.Var(model.worlds, domain=pyo.NonNegativeReals)
    block.eta, block.rules = pyo.Var(), pyo.ConstraintList()
    for w, one in enumerate(worlds):
        judged = []
        for y in window:
            for p, part in enumerate(parts):
                already, more = _supply(model, w, one, y, part)
                wanted = sum(one.demand[y][t] for t in part)
                both = LinearExpression(
                    linear_coefs=[1.0, *more.values()],
                    linear_vars=[block.missing[w, y, p], *(model.appointed[key] for key in more)],
                )
                block.rules.add((wanted - already, both, None))
            unit = sum(one.demand[y][t] for t in members) if limit.measure == "relative" else 1.0
            judged.append(sum(block.missing[w, y, p] for p in range(len(parts))) / unit)
        if limit.statistic == "max":
            for value in judged:
                block.rules.add(block.z[w] >= value)
        else:
            count = len(window) if limit.statistic == "mean" else 1
            block.rules.add(block.z[w] >= sum(judged) / count)
        block.rules.add(block.above[w] >= block.z[w] - block.eta)
    tail = (1.0 - limit.confidence) * len(worlds)
    block.rules.add(block.eta + sum(block.above[w] for w in model.worlds) / tail <= at_most)


def _supply(
    model: pyo.ConcreteModel, w: int, one: World, y: int, part: Sequence[int]
) -> tuple[float, dict[tuple[int, int, int], float]]:
    """Section 4's sum: FTE in some regions at the end of year y, what is settled and what is not.

    The second gives FTE per person by the index of `appointed`.
    """
    settled, open_yet = sum(one.baseline[y][t] for t in part), {}
    for h in range(2 * y + 2):
        for r in model.regions:
            per_person = sum(one.response[h % 2][y - h // 2][r][t] for t in part)
            if (w, h, r) in model.appointed:
                open_yet[w, h, r] = per_person
            elif h < len(model.half_years):
                settled += per_person * one.fixed[h][r]
            else:
                assert per_person == 0.0
    return settled, open_yet


def concavity_excess(study: Study, one: World, highest: Sequence[Sequence[float]]) -> float:
    """Section 4's condition: the FTE by which it fails at worst in one scenario, 0 where it holds.

    `highest` [R][H/2] are the largest feasible levels.
    """
    begin = 2 * (study.time.first_decision - study.time.first_year)
    flow = naive.flow(one.rates, highest)
    stay, worst = 1.0 - one.rates["leakage"], 0.0
    for limit in study.risk.values():
        members = [t for t, name in enumerate(study.regions) if name in limit.regions]
        parts = [[t] for t in members] if limit.scope == "summed" else [members]
        for part in parts:
            for y in (study.years.index(year) for year in study.window_years):
                for r in range(len(study.regions)):
                    worth = [
                        sum(one.response[h % 2][y - h // 2][r][t] for t in part)
                        for h in range(2 * y + 2)
                    ]
                    for g in range(begin, 2 * y + 2):
                        if flow["offers"][g][r] > flow["queue"][g][r]:
                            for h in range(begin, g):
                                worst = max(worst, stay ** (g - h) * worth[g] - worth[h])
    return worst


def binds(study: Study, one: World, slots: Sequence[Sequence[float]]) -> bool:
    """Whether applicants run out under a plan, in time to matter for the window."""
    opened = np.zeros((len(study.regions), len(study.years)))
    first = study.time.first_decision - study.time.first_year
    opened[:, first : first + len(study.decision_years)] = slots
    level = (study.level0[:, None] + np.cumsum(opened, axis=1)).tolist()
    flow = naive.flow(one.rates, level)
    last = len(study.years) - 4  # nobody appointed in the last years is a specialist in time
    return any(
        flow["offers"][h][r] > flow["queue"][h][r] + 1e-9
        for h in range(2 * first, 2 * last)
        for r in range(len(study.regions))
    )
