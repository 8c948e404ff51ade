"""The naive decision: section 6 of docs/model.md over every scenario at once, as one large program.

The extensive form: a variable for everybody appointed, queueing and missing in every scenario,
Rockafellar and Uryasev's CVaR, no cuts. Supply comes from the naive oracle's baseline and
one-person responses, never from the kernel. It is right where section 4's concavity condition
holds: then appointing fewer than one could never pays. Money, ramp and capacity are the study's
own figures.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyomo.environ as pyo
from pyomo.core.expr import LinearExpression

from lis1plan.core.study.study import Study
from lis1plan.core.system.costs import slot_price
from lis1plan.core.system.supervision import capacity, place_years

from . import naive

MILLION = 1e6


class Judged(NamedTuple):
    """What a limit counts in one scenario: some groups, specialists only or all past LIS1."""

    baseline: list[list[float]]  # [H/2][R] FTE
    response: list[Any]  # [2][H/2][source][R] FTE per person, by parity and years since
    demand: list[list[float]]  # [H/2][R] FTE


class World(NamedTuple):
    """One scenario as the decision meets it."""

    rates: dict[str, Any]
    fixed: list[list[float]]  # [H][source] who come in under today's levels: appointed by region
    judged: list[list[Judged]]  # of each limit, one for each set of groups it sums over
    most: list[float]  # one for each limit: Z without any new slot


def world(study: Study, rates: dict[str, Any], demand: list[Any], doctors: Any = None) -> World:
    """What the naive oracle says of one scenario; demand, `doctors` (all past LIS1) [H/2][K][R]."""
    half_years = len(rates["newcomers"])
    today = [[float(posts)] * (half_years // 2) for posts in study.level0]
    nobody, flow = naive.flow(rates, None), naive.flow(rates, today)
    respond = naive.responses(rates, half_years, ["supply", "training"])
    judged, most = [], []
    for limit in study.risk.values():
        wanted = demand if limit.counts == "specialists" else doctors
        groups = groups_of(study, limit)
        several = limit.scope in ("summed_over_groups", "summed_over_both")
        sets = [[k] for k in groups] if several else [groups]
        fte = trainee_fte(study, limit)
        judged.append([judged_of(study, each, fte, respond, nobody, wanted) for each in sets])
        most.append(naive_z(study, limit, flow, wanted))
    return World(rates, flow["appointed"], judged, most)


def judged_of(
    study: Study, groups: list[int], fte: float, respond: Any, nobody: Any, demand: Any
) -> Judged:
    """What a limit counts of some groups, by where somebody came in: `respond` as the oracle's."""
    years, regions = range(len(nobody["supply"])), range(len(study.regions))
    sources = range(len(respond["supply"][0][0][0]))

    def counted(specialists: list[Any], trainees: list[Any]) -> float:
        total = sum(specialists[k] for k in groups)
        return float(total + fte * sum(trainees[k] for k in groups))

    response = [
        [
            [
                [
                    counted(
                        [group[p][lag][r][t] for group in respond["supply"]],
                        [group[p][lag][r][t] for group in respond["training"]],
                    )
                    for t in regions
                ]
                for r in sources
            ]
            for lag in years
        ]
        for p in range(2)
    ]
    baseline = [
        [
            counted([g[t] for g in nobody["supply"][y]], [g[t] for g in nobody["training"][y]])
            for t in regions
        ]
        for y in years
    ]
    return Judged(
        baseline, response, [[sum(year[k][t] for k in groups) for t in regions] for year in demand]
    )


def naive_z(study: Study, limit: Any, flow: Any, demand: Any) -> float:
    """Z of one limit and scenario from the whole flow under a plan; demand of what it counts."""
    groups, fte = groups_of(study, limit), trainee_fte(study, limit)
    members = [r for r, name in enumerate(study.regions) if name in limit.regions]
    years = [study.years.index(year) for year in study.window_years]
    at_work = [
        [[s + fte * t for s, t in zip(supply[k], training[k], strict=True)] for k in groups]
        for supply, training in zip(flow["supply"], flow["training"], strict=True)
    ]
    wanted = [[year[k] for k in groups] for year in demand]
    how = limit.scope, limit.measure, limit.statistic
    return naive.shortfall(at_work, wanted, members, years, *how)


def naive_risk(limit: Any, values: Sequence[float], weight: Sequence[float]) -> float:
    """What a rule makes of Z [N] with weights [N]; a price: the mean."""
    ranked = sorted(((z, i) for i, z in enumerate(values) if weight[i] > 0.0), reverse=True)
    total = sum(weight)
    if limit.rule == "worst":
        return ranked[0][0]
    if limit.rule in ("mean", "price"):
        return sum(w * z for w, z in zip(weight, values, strict=True)) / total
    left, worst = (1.0 - limit.confidence) * total, 0.0
    for z, i in ranked:
        if limit.rule == "chance":
            left -= weight[i]
            if left < -1e-9:
                return z
        else:
            worst += min(weight[i], left) * z
            left -= min(weight[i], left)
    return ranked[-1][0] if limit.rule == "chance" else worst / ((1.0 - limit.confidence) * total)


def groups_of(study: Study, limit: Any) -> list[int]:
    return [k for k, name in enumerate(study.groups) if not limit.groups or name in limit.groups]


def trainee_fte(study: Study, limit: Any) -> float:
    return study.trainee_fte if limit.counts == "doctors" else 0.0


def decision(
    study: Study,
    worlds: Sequence[World],
    limits: Sequence[float],
    *,
    integer: bool,
    weight: Sequence[float] = (),
) -> pyo.ConcreteModel:
    """The whole model; `slots` [region, decision year], objective in million NOK."""
    weight = weight or [1.0] * len(worlds)
    model = pyo.ConcreteModel()
    model.regions = pyo.RangeSet(0, len(study.regions) - 1)
    model.years = pyo.RangeSet(0, len(study.decision_years) - 1)
    model.calendar = pyo.RangeSet(0, len(study.years) - 1)
    model.half_years = pyo.RangeSet(0, 2 * len(study.years) - 1 - shortest(worlds))
    model.worlds = pyo.RangeSet(0, len(worlds) - 1)
    _add_plan(model, study, integer)
    add_capacity(model, study)
    add_queues(model, study, worlds)
    price = slot_price(study) / MILLION
    cost = sum(price[y] * model.slots[r, y] for r in model.regions for y in model.years)
    for c, limit in enumerate(study.risk.values()):
        setattr(model, f"risk_{c}", pyo.Block())
        block = getattr(model, f"risk_{c}")
        add_z(block, model, study, worlds, limit, c, model.appointed)
        if limit.rule == "price":
            mean = sum(weight[w] * block.z[w] for w in model.worlds) / sum(weight)
            cost = cost + limit.price / MILLION * mean
        else:
            add_rule(block, model, limit, float(limits[c]), weight, [x.most[c] for x in worlds])
    model.objective = pyo.Objective(expr=cost)
    return model


def shortest(worlds: Sequence[World]) -> int:
    """Half-years before which nobody appointed can be a specialist in any scenario."""
    found = [
        2 * lag + 1 - p
        for one in worlds
        for limit in one.judged
        for judged in limit
        for p in range(2)
        for lag, year in enumerate(judged.response[p])
        if any(any(row) for row in year)
    ]
    return min(found)


def _add_plan(model: pyo.ConcreteModel, study: Study, integer: bool) -> None:
    """Slots, the levels they add up to in every projected year, and the ramps."""
    first = study.first
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


def add_capacity(model: pyo.ConcreteModel, study: Study) -> None:
    """Places kept busy, of this year's starts and of earlier ones, times what each needs."""
    room = capacity(study)
    first = study.first
    model.capacity = pyo.ConstraintList()
    for c, limit in enumerate(study.capacity.values()):
        busy = place_years(study, limit.arena)
        for r in model.regions:
            for y in range(first, len(study.years)):
                places = sum(
                    share * model.level[r, max(y - offset, 0)] for offset, share in enumerate(busy)
                )
                model.capacity.add(limit.need_per_place_year.central * places <= room[c, r, y])


def add_queues(model: pyo.ConcreteModel, study: Study, worlds: Sequence[World]) -> None:
    """Section 3.1: appointed are at most the offers and at most the queue.

    Before the first decision they are what today's levels give.
    """
    to_start = study.lis1.half_years_to_start
    begin = 2 * study.first - to_start
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
                year = min((h + to_start) // 2, len(study.years) - 1)
                model.offered.add(appointed <= share * model.level[r, year])
                model.offered.add(appointed <= queue)
                left = queue - appointed


def add_z(
    block: Any,
    model: pyo.ConcreteModel,
    study: Study,
    worlds: Sequence[World],
    limit: Any,
    c: int,
    entering: Any,
) -> None:
    """Section 5's Z of one limit in every scenario, at least; `entering` [world, h, source]."""
    members = [r for r, name in enumerate(study.regions) if name in limit.regions]
    window = [y for y, year in enumerate(study.years) if year in study.window_years]
    several = limit.scope in ("summed", "summed_over_both")
    regions = [[r] for r in members] if several else [members]
    parts = [(k, part) for k in range(len(worlds[0].judged[c])) for part in regions]
    block.missing = pyo.Var(model.worlds, window, range(len(parts)), domain=pyo.NonNegativeReals)
    block.z, block.rules = pyo.Var(model.worlds, domain=pyo.NonNegativeReals), pyo.ConstraintList()
    for w, one in enumerate(worlds):
        judged = []
        for y in window:
            for p, (k, part) in enumerate(parts):
                already, more = _supply(entering, w, one.judged[c][k], one.fixed, y, part)
                wanted = sum(one.judged[c][k].demand[y][t] for t in part)
                both = LinearExpression(
                    linear_coefs=[1.0, *more.values()],
                    linear_vars=[block.missing[w, y, p], *(entering[key] for key in more)],
                )
                block.rules.add((wanted - already, both, None))
            unit = (
                sum(each.demand[y][t] for each in one.judged[c] for t in members)
                if limit.measure == "relative"
                else 1.0
            )
            judged.append(sum(block.missing[w, y, p] for p in range(len(parts))) / unit)
        if limit.statistic == "max":
            for value in judged:
                block.rules.add(block.z[w] >= value)
        else:
            count = len(window) if limit.statistic == "mean" else 1
            block.rules.add(block.z[w] >= sum(judged) / count)


def add_rule(
    block: Any,
    model: pyo.ConcreteModel,
    limit: Any,
    at_most: float,
    weight: Sequence[float],
    most: Sequence[float],
) -> None:
    """Section 5's rules. CVaR = eta + mean of (Z - eta)+ / (1 - confidence) <= limit.

    Chance: a flag b for each scenario, Z <= limit + (Z without new slots) b.
    """
    total = sum(weight)
    if limit.rule == "mean":
        block.rules.add(sum(weight[w] * block.z[w] for w in model.worlds) / total <= at_most)
    elif limit.rule == "worst":
        for w in model.worlds:
            if weight[w] > 0.0:
                block.rules.add(block.z[w] <= at_most)
    elif limit.rule == "chance":
        block.flag = pyo.Var(model.worlds, domain=pyo.Binary)
        for w in model.worlds:
            block.rules.add(block.z[w] <= at_most + max(most[w], 1e-6) * block.flag[w])
        broken = sum(weight[w] * block.flag[w] for w in model.worlds)
        block.rules.add(broken <= (1.0 - limit.confidence) * total + 1e-9)
    else:
        block.above = pyo.Var(model.worlds, domain=pyo.NonNegativeReals)
        block.eta = pyo.Var()
        for w in model.worlds:
            block.rules.add(block.above[w] >= block.z[w] - block.eta)
        tail = (1.0 - limit.confidence) * total
        above = sum(weight[w] * block.above[w] for w in model.worlds)
        block.rules.add(block.eta + above / tail <= at_most)


def _supply(
    entering: Any, w: int, one: Judged, fixed: Any, y: int, part: Sequence[int]
) -> tuple[float, dict[tuple[int, int, int], float]]:
    """Section 4's sum: FTE in some regions at the end of year y, what is settled and what is not.

    The second gives FTE per person by the index of `entering`.
    """
    settled, open_yet = sum(one.baseline[y][t] for t in part), {}
    for h in range(2 * y + 2):
        for r in range(len(fixed[0])):
            per_person = sum(one.response[h % 2][y - h // 2][r][t] for t in part)
            if (w, h, r) in entering:
                open_yet[w, h, r] = per_person
            elif h < len(entering.model().half_years):
                settled += per_person * fixed[h][r]
            else:
                assert per_person == 0.0
    return settled, open_yet


def concavity_excess(study: Study, one: World, highest: Sequence[Sequence[float]]) -> float:
    """Section 4's condition: the FTE by which it fails at worst in one scenario, 0 where it holds.

    `highest` [R][H/2] are the largest feasible levels.
    """
    begin = 2 * study.first - study.lis1.half_years_to_start
    flow = naive.flow(one.rates, highest)
    stay, worst = 1.0 - one.rates["leakage"], 0.0
    for limit, sets in zip(study.risk.values(), one.judged, strict=True):
        members = [t for t, name in enumerate(study.regions) if name in limit.regions]
        several = limit.scope in ("summed", "summed_over_both")
        regions = [[t] for t in members] if several else [members]
        for judged, part in itertools.product(sets, regions):
            for y in (study.years.index(year) for year in study.window_years):
                for r in range(len(study.regions)):
                    worth = [
                        sum(judged.response[h % 2][y - h // 2][r][t] for t in part)
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
    first = study.first
    opened[:, first : first + len(study.decision_years)] = slots
    level = (study.level0[:, None] + np.cumsum(opened, axis=1)).tolist()
    flow = naive.flow(one.rates, level)
    last = len(study.years) - 4  # nobody appointed in the last years is a specialist in time
    return any(
        flow["offers"][h][r] > flow["queue"][h][r] + 1e-9
        for h in range(2 * first - study.lis1.half_years_to_start, 2 * last)
        for r in range(len(study.regions))
    )
