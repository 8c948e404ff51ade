"""Plans of few decisions in Pyomo: one number of posts for a run of years, in multiples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from ...core.system.arrays import System
from ...core.system.plan_form import ConstantAfter, MultiplesOf


def add_constant_after(model: pyo.ConcreteModel, system: System) -> None:
    """Add that new slots are one number a year in each run of years: x[r, y] = x[r, f], y > f.

    f is the first year of the run. A ministry decides the next budgets one by one, and what comes
    after them as one number. Two rows per year, as of a change of intake (index: region, side,
    year), so that they may give way like any other.
    """
    model.constant_after = pyo.Constraint(pyo.Any)
    for limit in system.of_kind(ConstantAfter):
        for r, years in limit.runs:
            first = int(years[0])
            for y in years[1:].tolist():
                change = model.slots[r, y] - model.slots[r, first]
                keep_both_sides(model.constant_after, (r, y), change)


def add_multiples_of(model: pyo.ConcreteModel, system: System, integer: bool) -> None:
    """Add that new slots come in multiples: x[r, y] = k multiple[r, y], multiple whole.

    Posts are budgeted and announced in round numbers. Only of numbers that are decided: those of
    later years in a run are the same. Two rows each (index: region, side, year).
    """
    if not system.of_kind(MultiplesOf):
        return
    model.multiples_of = pyo.Constraint(pyo.Any)
    model.multiple = pyo.Var(pyo.Any, domain=pyo.Integers if integer else pyo.Reals, dense=False)
    _add_multiples(model, system, system.decisions.leads(system.most_slots.shape))


def multiples_within_runs(model: pyo.ConcreteModel, system: System) -> None:
    """Add the same of later years in a run, whose number may differ where that limit gives way."""
    _add_multiples(model, system, ~system.decisions.leads(system.most_slots.shape))


def _add_multiples(model: pyo.ConcreteModel, system: System, where: NDArray[np.bool_]) -> None:
    """Add rows of the numbers of LIS1 posts `where`, [row, decision year]."""
    for limit in system.of_kind(MultiplesOf):
        for r, y in np.argwhere(where[: limit.regions]).tolist():
            beyond = model.slots[r, y] - float(limit.of) * model.multiple[r, y]
            keep_both_sides(model.multiples_of, (r, y), beyond)


def keep_both_sides(
    rows: pyo.Constraint, place: tuple[int, int], amount: Any, most: float = 0.0
) -> None:
    """Keep -most <= amount <= most by two rows (index: region, side, year), which may give way."""
    region, year = place
    for side, signed in enumerate((amount, -amount)):
        rows[region, side, year] = signed <= most
