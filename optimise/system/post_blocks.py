"""LIS2/3 posts in Pyomo: what is closed, how many there are, their limits and their cost."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from ...core.system.arrays import System
from ...core.system.limits import MILLION, Budget
from ...core.system.specialist_limits import NationalPosts, NetPosts, TotalPosts


def add_post_closing(model: pyo.ConcreteModel, system: System) -> None:
    """Add the LIS2/3 posts closed, where a study lets them be.

    -z[r, y] <= closed[r, y] <= most closed,  closed >= 0;  opened[r, y] = z[r, y] + closed[r, y].

    How many may be closed is proved to be held by nobody (docs/optimisation.md); it is the lower
    bound of z, too. What is paid once is not saved by closing, so that more `closed` than -z costs
    money or nothing, and counts as opened: no plan gains by it, and no flag is needed.
    """
    family, least = system.family("posts"), system.least_slots
    if family is None:
        return
    rows = range(family.rows.start, family.rows.stop)
    where = [(r, y) for r in rows for y in model.years if least[r, y] < 0.0]
    if not where:
        return
    model.post_closed = pyo.Var(
        where,
        domain=pyo.NonNegativeReals,
        bounds=lambda _, r, y: (0.0, max(-float(model.slots[r, y].lb), 0.0)),
    )
    model.post_closing = pyo.Constraint(
        where, rule=lambda m, r, y: -m.slots[r, y] - m.post_closed[r, y] <= 0.0
    )


def posts_closed(model: pyo.ConcreteModel, r: int, y: int) -> Any:
    """Return the LIS2/3 posts closed in a row and year; 0 where none can be."""
    closed = model.find_component("post_closed")
    return 0.0 if closed is None or (r, y) not in closed else closed[r, y]


def add_posts_in(model: pyo.ConcreteModel, system: System) -> None:
    """Add LIS2/3 posts beyond those given as a variable by region, where they need any capacity.

    posts_added[r, y] = posts_added[r, y-1] + sum_k z[k, r, y],  nothing before the first decision.
    """
    family = system.family("posts")
    if family is None or not system.prices.purchases.post_need.any():
        return
    rows, count = family.rows, len(system.regions)
    model.posts_added = pyo.Var(model.regions, model.years)

    def balance(m: pyo.ConcreteModel, r: int, y: int) -> pyo.Expression:
        before = m.posts_added[r, y - 1] if y > 0 else 0.0
        own = sum(m.slots[row, y] for row in range(rows.start + r, rows.stop, count))
        return m.posts_added[r, y] == before + own

    model.posts_balance = pyo.Constraint(model.regions, model.years, rule=balance)


def posts_in(model: pyo.ConcreteModel, system: System, r: int, y: int) -> Any:
    """Return the LIS2/3 posts of a region in a watched year, those given and those decided."""
    given = float(system.prices.purchases.stated_posts[r, system.first + y])
    if model.find_component("posts_added") is None:
        return given
    return given + model.posts_added[r, min(y, len(system.decision_years) - 1)]


def add_specialist_posts(model: pyo.ConcreteModel, system: System) -> None:
    """Add the most new LIS2/3 posts: sum over rows of those opened a year <= national, of all years
    <= total; where posts may be closed sum over rows and years to each y of z <= total.

    By group and region they are bounds of the decision itself. Each block stands only where a study
    sets the limit.
    """
    for limit in system.of_kind(NationalPosts):
        rows, every = range(limit.rows.start, limit.rows.stop), model.years
        net = isinstance(limit, NetPosts)
        together = isinstance(limit, TotalPosts) and not net
        model.add_component(limit.kind, pyo.Constraint(pyo.Any))
        block = model.find_component(limit.kind)
        for y in [0] if together else every:
            years = every if together else [y]
            if net:
                opens = sum(model.slots[r, t] for r in rows for t in range(y + 1))
            else:
                opens = sum(
                    model.slots[r, t] + posts_closed(model, r, t) for r in rows for t in years
                )
            block[y] = opens <= float(limit.room[y])


def paid_for_posts(model: pyo.ConcreteModel, system: System) -> Any:
    """Return what new posts beside LIS1 cost, discounted, million NOK; 0 where none are decided.

    Those that cannot be opened or closed have no price: a large one would only spoil the scale.
    What was paid once, and closing does not save, is paid again for those closed.
    """
    total: Any = 0.0
    most, least = system.most_slots, system.least_slots
    for beside in system.prices.beside:
        price, first = beside.by_row(len(model.years)) / MILLION, beside.rows.start
        places = [(r, y) for r in range(first, beside.rows.stop) for y in model.years]
        total += sum(
            price[r - first, y] * model.slots[r, y]
            for r, y in places
            if most[r, y] > 0.0 or least[r, y] < 0.0
        )
        once = beside.once_by_row(len(model.years)) / MILLION
        total += sum(
            once[r - first, y] * posts_closed(model, r, y) for r, y in places if least[r, y] < 0.0
        )
    return total


def paid_back(model: pyo.ConcreteModel, system: System, budget: Budget, year: int) -> list[Any]:
    """Return what closing does not save a payer in one watched year, million NOK, a term each."""
    closed = model.find_component("post_closed")
    if closed is None:
        return []
    once = budget.once(system.no_slots) / MILLION
    return [once[r, y] * closed[r, y] for r, y in closed if y == year and once[r, y]]
