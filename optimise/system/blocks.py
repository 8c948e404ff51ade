"""The decision and the limits of the system in Pyomo, one block each: the equation and its why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from ...core.system.arrays import System
from ...core.system.limit import ROUNDING, SystemLimit
from ...core.system.limits import MILLION, Budget, LeastShare, Trainees
from ...core.system.plan_form import IntakeChange
from .decision_blocks import keep_both_sides
from .measure_blocks import widened_by
from .post_blocks import paid_back, posts_in

Floats = NDArray[np.float64]


def add_slots(model: pyo.ConcreteModel, system: System, integer: bool) -> None:
    """Add the decision: new slots x[r, y], at most the regional ramp, none before the lead time.

    -closing[r] <= x[r, y] <= ramp[r],  x[r, y] <= 0 for y < lead[r],  whole unless relaxed.

    A region can train and house only so many more a year. Below zero means closed, where allowed.
    Rows after the regions are LIS2/3 posts by group and region, and earmarked LIS1 posts by track
    and region, where a study decides on them.
    """
    most, least = system.most_slots, system.least_slots
    whole = system.whole[:, 0]

    def ends(_: pyo.ConcreteModel, r: int, y: int) -> tuple[float, float]:
        up = float(np.floor(most[r, y])) if whole[r] else float(most[r, y])
        return float(np.ceil(least[r, y])), up

    model.slots = pyo.Var(
        model.rows,
        model.years,
        domain=lambda _, r, __: pyo.Integers if integer and whole[r] else pyo.Reals,
        bounds=ends,
    )


def add_closing(model: pyo.ConcreteModel, system: System, integer: bool) -> None:
    """Split the change into slots opened and slots closed, where a study allows closing.

    x[r, y] = opened[r, y] - closed[r, y],  both >= 0,  closed[r, y] <= most closed a year,
    opened[r, y] <= ramp[r] opens[r, y],  closed[r, y] <= most closed a year (1 - opens[r, y]).

    The two are paid for differently: a slot closed saves only a share of what one opened costs. A
    region opens or closes in a year, never both: a slot opened and closed at once would be no slot
    and yet count in a least share of what is opened. `opens` is 0 or 1 with whole slots.
    """
    if not system.closing:
        return
    domain = pyo.NonNegativeIntegers if integer else pyo.NonNegativeReals
    most, least = system.most_slots, system.least_slots
    model.opened = pyo.Var(
        model.regions, model.years, domain=domain, bounds=lambda _, r, y: (0.0, most[r, y])
    )
    model.closed = pyo.Var(
        model.regions, model.years, domain=domain, bounds=lambda _, r, y: (0.0, -least[r, y])
    )
    model.change = pyo.Constraint(
        model.regions,
        model.years,
        rule=lambda m, r, y: m.slots[r, y] == m.opened[r, y] - m.closed[r, y],
    )
    either = [(r, y) for r in model.regions for y in model.years if most[r, y] > 0 > least[r, y]]
    model.opens = pyo.Var(either, domain=pyo.Binary if integer else pyo.UnitInterval)
    model.opens_only = pyo.Constraint(
        either, rule=lambda m, r, y: opens_only(m, r, y, float(most[r, y]))
    )
    model.closes_only = pyo.Constraint(
        either, rule=lambda m, r, y: m.closed[r, y] <= -least[r, y] * (1.0 - m.opens[r, y])
    )


def opens_only(model: pyo.ConcreteModel, r: int, y: int, most: float) -> Any:
    """Return the row by which nothing is opened where something is closed."""
    return model.opened[r, y] <= float(np.floor(most)) * model.opens[r, y]


def opened(model: pyo.ConcreteModel, r: int, y: int) -> Any:
    """Return the slots opened, not counting any closed."""
    split = model.find_component("opened")
    return model.slots[r, y] if split is None or (r, y) not in split else split[r, y]


def paid_for(model: pyo.ConcreteModel, system: System, r: int, y: int) -> Any:
    """Return the slots charged in full: opened, less the share that closing saves."""
    if not system.closing or r not in model.regions:
        return model.slots[r, y]
    return model.opened[r, y] - system.prices.saved_share * model.closed[r, y]


def add_levels(model: pyo.ConcreteModel, system: System) -> None:
    """Add the level as a variable of its own, so that no row sums over all past years.

    level[r, y] = level[r, y-1] + x[r, y],  level before the first decision = level0[r].
    """
    model.level = pyo.Var(model.regions, model.years, domain=pyo.NonNegativeReals)

    def balance(m: pyo.ConcreteModel, r: int, y: int) -> pyo.Expression:
        before = m.level[r, y - 1] if y > 0 else float(system.level0[r])
        return m.level[r, y] == before + m.slots[r, y]

    model.level_balance = pyo.Constraint(model.regions, model.years, rule=balance)


def add_national_ramp(model: pyo.ConcreteModel, system: System) -> None:
    """Add the most new slots a year in the whole country: sum_r opened[r, y] <= ramp.

    What the Directorate, the trusts and the municipalities can agree on and pay for in one year.
    """
    model.national_ramp = pyo.Constraint(
        model.years,
        rule=lambda m, y: sum(opened(m, r, y) for r in m.regions) <= system.national_ramp,
    )


def add_purchase(model: pyo.ConcreteModel, system: System) -> None:
    """Add supervision and places bought beyond the free room, where they can be and have a price.

    0 <= bought[c, r, y] <= most[c, r, y] / need per place of c,  in places, a continuous decision.

    Rooms are let and hours are paid for in any amount. What costs nothing needs no decision: then
    the room is all there can be (`add_capacity`).
    """
    sold, first = system.prices.purchases, system.first
    most = sold.most[:, :, first:] / _per_place(system)[:, None, None]
    dear = (sold.price[:, None, first:] > 0.0) & (most > 0.0)
    if not dear.any():
        return
    model.bought = pyo.Var(
        [tuple(place) for place in np.argwhere(dear).tolist()],
        domain=pyo.NonNegativeReals,
        bounds=lambda _, c, r, y: (0.0, None if np.isinf(most[c, r, y]) else most[c, r, y]),
    )


def paid_for_purchases(model: pyo.ConcreteModel, system: System) -> Any:
    """Return what is bought at its discounted price, million NOK; 0 where nothing can be."""
    if model.find_component("bought") is None:
        return 0.0
    sold, first = system.prices.purchases, system.first
    each = sold.price * sold.discount * _per_place(system)[:, None] / MILLION
    return sum(each[c, first + y] * model.bought[c, r, y] for c, r, y in model.bought)


def _per_place(system: System) -> Floats:
    """Return what a unit of the rows stands for, [capacity]: one place; one unit if it needs 0."""
    return np.where(system.place_need == 0.0, 1.0, system.place_need)


def add_capacity(model: pyo.ConcreteModel, system: System) -> None:
    """Add supervision and places: what the places on offer need stays within capacity.

    sum_o busy[c, o] level[r, y-o] + post need of c / need per place of c posts[r, y]
    <= capacity[c, r, y] / need per place of c, for every limit c, region r and year y from the
    first decision on; a start keeps places busy in up to three calendar years, a LIS2/3 post needs
    as much every year. In places, not hours: rows of size one are what the solver's tolerances
    suit. Where more is bought, capacity is the free room and what is bought. Units of measures that
    a search decides on add their room to the right side.
    """
    one, sold = _per_place(system), system.prices.purchases
    room, unit = system.capacity / one[:, None, None], system.need_by_offset / one[:, None]
    free, bought = sold.free / one[:, None, None], model.find_component("bought")
    first, last = system.first, len(system.decision_years) - 1
    model.capacity_rows = pyo.Set(
        initialize=[
            (c, r, y)
            for c in range(len(system.capacities))
            for r in range(len(system.regions))
            for y in range(len(system.years) - first)
        ]
    )

    def within(m: pyo.ConcreteModel, c: int, r: int, y: int) -> pyo.Expression:
        used: Any = 0.0
        for offset, each in enumerate(unit[c]):
            at = y - offset
            if each > 0.0 and at >= 0:
                used += each * m.level[r, min(at, last)]
            elif each > 0.0:
                used += each * float(system.given_levels[r, max(first + at, 0)])
        if sold.post_need[c]:
            used += float(sold.post_need[c] / one[c]) * posts_in(m, system, r, y)
        used -= widened_by(m, system, (c, r), y) / float(one[c])
        if bought is not None and (c, r, y) in bought:
            return used - bought[c, r, y] <= float(free[c, r, first + y])
        if np.isinf(room[c, r, first + y]):  # watched by a risk limit, or bought for nothing
            return pyo.Constraint.Skip
        return _within(m, used, float(room[c, r, first + y]))

    model.capacity = pyo.Constraint(model.capacity_rows, rule=within)


def add_budget(model: pyo.ConcreteModel, system: System) -> None:
    """Add the yearly budgets of payers: what the added slots cost in a calendar year.

    sum_{r, y} cost[p, r, y, t] paid[r, y] + sum_{c, r} price[p, c, t] bought[c, r, t]
    <= budget[p, t],  paid = opened - saved share x closed; a LIS2/3 post closed saves nothing paid
    once, which is added back.

    In million NOK of the price year, real growth of unit cost included, never discounted: budgets
    are given by calendar year. A start is paid for over three calendar years.
    """
    model.budget = pyo.Constraint(pyo.Any)
    for budget in system.of_kind(Budget):
        amount, cost = budget.room / MILLION, budget.response(system.no_slots) / MILLION
        for t in np.flatnonzero(np.isfinite(amount)):
            terms = [
                cost[r, y, t] * paid_for(model, system, r, y)
                for r in model.rows
                for y in model.years
                if cost[r, y, t] != 0.0
            ]
            terms += paid_back(model, system, budget, int(t))
            terms += _bought_in(model, system, budget.payer, int(t))
            if terms:
                model.budget[*budget.place, int(t)] = sum(terms) <= float(amount[t])


def _bought_in(model: pyo.ConcreteModel, system: System, payer: str, year: int) -> list[Any]:
    """Return what a payer pays for purchases in one watched year, million NOK, a term each."""
    if model.find_component("bought") is None:
        return []
    price = system.prices.purchases.charged_to(payer) * _per_place(system)[:, None] / MILLION
    each = price[:, system.first + year]
    return [each[c] * model.bought[c, r, y] for c, r, y in model.bought if y == year and each[c]]


def add_least_share(model: pyo.ConcreteModel, system: System) -> None:
    """Add the least share of all new slots a region gets: share x sum opened <= sum_y opened[r, y].

    Without it the split follows the risk limits alone.
    """
    model.least_share = pyo.Constraint(pyo.Any)
    everywhere = sum(opened(model, r, y) for r in model.regions for y in model.years)
    for limit in system.of_kind(LeastShare):
        own = sum(opened(model, *limit.place, y) for y in model.years)
        model.least_share[limit.place[0]] = limit.share * everywhere - own <= 0.0


def add_intake_change(model: pyo.ConcreteModel, system: System) -> None:
    """Add the most by which a region's starts may differ from those of its first open year f.

    -change <= level[r, y] - level[r, f] <= change,  y > f,  f = lead[r]; change 0: level[r, y] =
    level[r, f].

    An intake that schools and hospitals can count on: a capacity body that plans one yearly number
    per specialty, the same for all years, asks for a change of 0. Rows of differences of levels,
    two per year (index: region, side, year), so that they may give way like any other.
    """
    model.intake_change = pyo.Constraint(pyo.Any)
    for limit in system.of_kind(IntakeChange):
        (r,) = limit.place
        for y in range(limit.lead + 1, len(system.decision_years)):
            change = model.level[r, y] - model.level[r, limit.lead]
            keep_both_sides(model.intake_change, (r, y), change, float(limit.room[y]))


def add_trainees(model: pyo.ConcreteModel, system: System) -> None:
    """Add the most doctors in LIS2/3, in a limit's regions together, at the end of every year t.

    base[t] + sum_{r, y <= t} response[t-y, r] x[r, y] <= most.

    The stock itself is concave in the slots, so a limit on it would not be convex. The left side is
    affine and never lower than the stock in the median scenario: every new slot is taken as filled
    (core/flow/trainees.py). A plan that keeps this limit keeps the one on the stock.
    """
    model.trainees = pyo.Constraint(pyo.Any)
    for limit in system.of_kind(Trainees):
        for t, base in enumerate(limit.base):
            stock = float(base) + sum(
                float(limit.response[t - y, r]) * model.slots[r, y]
                for r in model.regions
                for y in model.years
                if y <= t and limit.response[t - y, r] > 1e-9
            )
            model.trainees[*limit.place, t] = _within(model, stock, float(limit.room[t]))


def _within(model: pyo.ConcreteModel, used: Any, room: float) -> Any:
    """Return the row used <= room; of what no slot changes, only where it is not kept.

    Such a row has a variable that is always zero, so that a limit which gives way still mends it.
    """
    if not isinstance(used, int | float):
        return used <= room
    if used <= room * (1.0 + ROUNDING) + ROUNDING:
        return pyo.Constraint.Skip
    if model.find_component("unmoved") is None:
        model.unmoved = pyo.Var(bounds=(0.0, 0.0))
    return model.unmoved <= room - used


def rows_of(model: pyo.ConcreteModel, limit: SystemLimit) -> Iterator[tuple[Any, int]]:
    """Yield the rows of a limit of the system, each with its year from the first decision on.

    The rows of a kind have its name, and the limit's place, the year last, for their index. A
    regional ramp is a bound of the slots: it has none.
    """
    block = model.find_component(limit.kind)
    for index in block or ():
        numbers = index if isinstance(index, tuple) else (index,)
        if numbers[: len(limit.place)] == limit.place:
            yield block[index], numbers[-1]
