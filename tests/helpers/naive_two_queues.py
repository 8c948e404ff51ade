"""The naive decision where LIS2/3 posts are limited and decided: one large program of both queues.

As `naive_decision.py`, with section 3.8's second queue: a variable for everybody who begins LIS2/3
in every scenario, at most those who wait and at most the posts that are free. Filling fewer posts
than one could is allowed, so its optimum never lies above the truth; it is the truth where the
naive flow under its plan keeps every limit (`naive_risks`). Who one appointed makes want to begin,
how long one who begins stays, and what she adds to supply come from the naive flow of one person
in an empty country, never from the kernel.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from lis1plan.core.flow.rates import training_exits
from lis1plan.core.scenarios.draws import Figures, draw, sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.verify.arithmetic import costs_of

from . import naive
from .limited_training import naive_admission
from .naive_decision import (
    MILLION,
    World,
    add_capacity,
    add_queues,
    add_rule,
    add_z,
    groups_of,
    judged_of,
    naive_risk,
    naive_z,
    shortest,
    trainee_fte,
)
from .small_study import naive_scenarios

Floats = NDArray[np.float64]
Table = list[list[float]]


class TwoQueues(NamedTuple):
    """One scenario as the decision meets it; a place is a group and region, the region last."""

    demand: list[Any]  # [H/2][K][R] FTE
    admission: dict[str, Any]  # section 3.8's table, of the posts stated
    first: World  # of the first queue, where it judges nothing
    second: World  # those who come in are those who begin LIS2/3, by place
    wanting: Table  # [H][place] who would want to begin if nobody were appointed
    wanted: list[Table]  # [R][half-years since][place] who wants to of one appointed
    inside: Table  # [H][place] those of the start still in training as a half-year begins
    still: Table  # [K][half-years] the share still in training so long after they began
    waiting: list[float]  # [place] left waiting before the first decision

    @property
    def staying(self) -> float:
        """Return the share of those who wait who still do half a year later."""
        return float((1.0 - self.admission["exits"]) * (1.0 - self.admission["giving_up"]))


def two_queues(study: Study) -> list[TwoQueues]:
    """Every scenario of a study by the naive oracle."""
    sample = sample_of(study)
    draws = draw(study, sample, 0, sample.scenarios)
    exits = training_exits(study, Figures(study, draws))
    pairs = zip(*naive_scenarios(study, sample), strict=True)
    return [
        _one(study, rates, demand, naive_admission(study, draws, i, float(exits[i])))
        for i, (rates, demand) in enumerate(pairs)
    ]


def _one(study: Study, rates: dict[str, Any], demand: Any, admission: Any) -> TwoQueues:
    half_years = len(rates["newcomers"])
    assert rates["historic_until"] == 0  # whoever begins in the projection stays alike
    given = study.given_levels.tolist()
    today, nobody = naive.flow(rates, given, admission=admission), naive.flow(rates, None)
    empty = naive.empty_country(rates, half_years)
    started = empty | {name: rates[name] for name in ("trainees", "specialists", "foreign")}
    settled = naive.flow(started, None)
    wanted = [
        _by_place(naive.flow(empty, None, _at_once(half_years, r, len(given)))["entry"])
        for r in range(len(given))
    ]
    respond, still = _of_one_who_begins(empty, half_years)
    judged, most = [], []
    for limit in study.risk.values():
        groups, fte = groups_of(study, limit), trainee_fte(study, limit)
        several = limit.scope in ("summed_over_groups", "summed_over_both")
        sets = [[k] for k in groups] if several else [groups]
        judged.append([judged_of(study, each, fte, respond, settled, demand) for each in sets])
        most.append(naive_z(study, limit, today, demand))
    before = [rates["trainees"], *settled["trainees"][:-1]]
    return TwoQueues(
        demand=demand,
        admission=admission,
        first=World(rates, today["appointed"], [], []),
        second=World(rates, _by_place(today["entry"]), judged, most),
        wanting=_by_place(nobody["entry"]),
        wanted=wanted,
        inside=_by_place(before),
        still=still,
        waiting=_by_place(today["waiting_training"])[2 * study.first - 1],
    )


def _by_place(tables: Sequence[Sequence[Sequence[float]]]) -> Table:
    """[H][K][R] as [H][place]."""
    return [[value for group in table for value in group] for table in tables]


def _at_once(half_years: int, place: int, places: int) -> Table:
    """One person in the first half-year at one of some places, [H][place]."""
    return [[float(h == 0 and p == place) for p in range(places)] for h in range(half_years)]


def _of_one_who_begins(empty: dict[str, Any], half_years: int) -> tuple[Any, Table]:
    """FTE and persons [K][2][H/2][place][R] of one who begins LIS2/3; her share still in it."""
    shape = len(empty["trainees"]), len(empty["unplaced"])
    places = list(itertools.product(*map(range, shape)))
    found = {
        what: np.zeros((shape[0], 2, half_years // 2, len(places), shape[1]))
        for what in ("supply", "training")
    }
    still = [[0.0] * half_years for _ in range(shape[0])]
    for (n, (k, t)), parity in itertools.product(enumerate(places), range(2)):
        direct = np.zeros((half_years, *shape))
        direct[parity, k, t] = 1.0
        record = naive.flow(empty | {"direct_entry": direct.tolist()}, None)
        for what, answer in found.items():
            answer[:, parity, :, n] = np.moveaxis(np.array(record[what]), 0, 1)
        if parity == 0:
            still[k] = [table[k][t] for table in record["trainees"]]
    return {what: answer.tolist() for what, answer in found.items()}, still


def naive_risks(study: Study, worlds: Sequence[TwoQueues], level: Floats) -> Floats:
    """Return the risk of every limit by the naive flow, of levels [row, year]."""
    regions, groups = len(study.regions), len(study.groups)
    posts = level[regions:].reshape(groups, regions, -1)
    given = {"posts": np.moveaxis(posts, -1, 0).tolist()}
    z = []
    for one in worlds:
        flow = naive.flow(
            one.first.rates, level[:regions].tolist(), admission=one.admission | given
        )
        z.append([naive_z(study, limit, flow, one.demand) for limit in study.risk.values()])
    weight = [1.0] * len(worlds)
    return np.array(
        [
            naive_risk(limit, values, weight)
            for limit, values in zip(study.risk.values(), zip(*z, strict=True), strict=True)
        ]
    )


def decision_of_both(
    study: Study, worlds: Sequence[TwoQueues], limits: Sequence[float], *, integer: bool
) -> pyo.ConcreteModel:
    """The whole model; `slots` [row, decision year], objective in million NOK."""
    model = plan_model(study, worlds, integer=integer)
    add_both_queues(model, study, worlds)
    second, weight = [one.second for one in worlds], [1.0] * len(worlds)
    for c, limit in enumerate(study.risk.values()):
        setattr(model, f"risk_{c}", pyo.Block())
        block = getattr(model, f"risk_{c}")
        add_z(block, model, study, second, limit, c, model.begun)
        add_rule(block, model, limit, float(limits[c]), weight, [x.most[c] for x in second])
    model.objective = pyo.Objective(expr=model.cost)
    return model


def plan_model(study: Study, worlds: Sequence[TwoQueues], *, integer: bool) -> pyo.ConcreteModel:
    """The model of the plan alone: slots and posts, levels, their limits, and `cost`."""
    model = pyo.ConcreteModel()
    regions, places = len(study.regions), len(study.groups) * len(study.regions)
    model.regions, model.places = range(regions), range(places)
    model.rows = pyo.RangeSet(0, regions + places - 1)
    model.years = pyo.RangeSet(0, len(study.decision_years) - 1)
    model.calendar = pyo.RangeSet(0, len(study.years) - 1)
    soonest = shortest([one.second for one in worlds])
    model.half_years = pyo.RangeSet(0, 2 * len(study.years) - 1 - soonest)
    model.worlds = pyo.RangeSet(0, len(worlds) - 1)
    whole, parts = pyo.NonNegativeIntegers, pyo.NonNegativeReals
    last_whole = (regions + places if _new(study).whole else regions) if integer else 0
    model.slots = pyo.Var(
        model.rows, model.years, domain=lambda _, row, __: whole if row < last_whole else parts
    )
    model.level = pyo.Var(model.rows, model.calendar)
    model.rules = pyo.ConstraintList()
    given = study.given_levels.tolist()[:regions]
    stated = np.array(worlds[0].admission["posts"]).reshape(len(study.years), places).T.tolist()
    for row, settled in enumerate([*given, *stated]):
        opened: Any = 0.0
        for y in model.calendar:
            opened += model.slots[row, y - study.first] if y - study.first in model.years else 0.0
            model.rules.add(model.level[row, y] == settled[y] + opened)
    for row, y in model.slots:
        model.slots[row, y].setub(_most(study, row, y))
    for most, some in _in_all(study, model):
        model.rules.add(sum(model.slots[key] for key in some) <= most)
    add_capacity(model, study)
    price = {key: _price(study, key, len(model.rows)) / MILLION for key in model.slots}
    model.cost = pyo.Expression(expr=sum(price[key] * model.slots[key] for key in model.slots))
    return model


def _most(study: Study, row: int, y: int) -> float:
    """The most of one row that may open in one year."""
    names = list(study.regions)
    if row < len(names):
        return float(study.ramp.regional[names[row]].value)
    new, place = _new(study), row - len(names)
    group, region = list(study.groups)[place // len(names)], names[place % len(names)]
    own = {each.region: each.most for each in new.most if each.group == group}
    closed = new.lead_time is not None and y < new.lead_time.value
    return 0.0 if closed else float(own.get(region, own.get(None, 0.0)))


def _new(study: Study) -> Any:
    assert study.specialist_posts is not None
    assert study.specialist_posts.new is not None
    return study.specialist_posts.new


def _in_all(study: Study, model: pyo.ConcreteModel) -> Iterator[tuple[float, list[Any]]]:
    """Yield what several rows or years may open together: the most, and their keys."""
    new, posts = _new(study), range(len(model.regions), len(model.rows))
    for y in model.years:
        yield float(study.ramp.national.value), [(r, y) for r in model.regions]
        if new.national is not None:
            yield float(new.national.value), [(row, y) for row in posts]
    if new.total is not None:
        yield float(new.total.value), [(row, y) for row in posts for y in model.years]


def _price(study: Study, key: tuple[int, int], rows: int) -> float:
    """What one slot or post costs, discounted, NOK."""
    plan = np.zeros((rows, len(study.decision_years)))
    plan[key] = 1.0
    return float(costs_of(study, plan)[2])


def add_both_queues(model: pyo.ConcreteModel, study: Study, worlds: Sequence[TwoQueues]) -> None:
    """Section 3.8: who begins is at most who waits, and at most the posts that are free.

    Before the first decision they are those who do under today's posts.
    """
    add_queues(model, study, [one.first for one in worlds])
    begin = 2 * study.first
    chosen = range(begin, len(model.half_years))
    model.standing = pyo.Var(model.worlds, chosen, model.places)
    model.begun = pyo.Var(model.worlds, chosen, model.places, domain=pyo.NonNegativeReals)
    model.second = pyo.ConstraintList()
    for w, one in enumerate(worlds):
        for place, h in itertools.product(model.places, chosen):
            queue, begun = model.standing[w, h, place], model.begun[w, h, place]
            left: Any = one.waiting[place]
            if h > begin:
                left = model.standing[w, h - 1, place] - model.begun[w, h - 1, place]
            model.second.add(queue == one.staying * left + _wanting(model, w, one, h, place))
            model.second.add(begun <= queue)
            row = len(model.regions) + place
            free = model.level[row, h // 2] - _inside(model, w, one, h, place)
            model.second.add(begun <= free)


def _wanting(model: pyo.ConcreteModel, w: int, one: TwoQueues, h: int, place: int) -> Any:
    """Who comes to want to begin in a half-year: settled, and of those appointed."""
    total: Any = one.wanting[h][place]
    for g, r in itertools.product(range(h + 1), model.regions):
        part = one.wanted[r][h - g][place]
        if part > 0.0:
            open_yet = (w, g, r) in model.appointed
            total += part * (model.appointed[w, g, r] if open_yet else one.first.fixed[g][r])
    return total


def _inside(model: pyo.ConcreteModel, w: int, one: TwoQueues, h: int, place: int) -> Any:
    """Who holds a post as a half-year begins: of the start, and who began since."""
    total: Any = one.inside[h][place]
    for g in range(h):
        part = one.still[place // len(model.regions)][h - 1 - g]
        if part > 0.0:
            open_yet = (w, g, place) in model.begun
            total += part * (model.begun[w, g, place] if open_yet else one.second.fixed[g][place])
    return total
