"""Units of measures in Pyomo: how many there are, and the room they add."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyomo.environ as pyo

from ...core.system.arrays import System
from ...core.system.measure_columns import MostUnits
from ...core.system.target_limits import FromAbroad


def add_most_units(model: pyo.ConcreteModel, system: System) -> None:
    """Add the most units of a measure: sum_y u[m, y] <= most.

    How many can come into use in a year is a bound of the decision itself.
    """
    model.measure_most = pyo.Constraint(pyo.Any)
    for limit in system.of_kind(MostUnits):
        (row,) = limit.place
        begun = sum(model.slots[row, y] for y in model.years)
        model.measure_most[row] = begun <= float(limit.room[-1])


def add_from_abroad(model: pyo.ConcreteModel, system: System) -> None:
    """Add the target: arrivals[y] + sum_m each[m] sum_{t <= y - delay[m]} u[m, t] <= most.

    Of the mean over scenarios, from the target's year on; measures alone move it.
    """
    model.from_abroad = pyo.Constraint(pyo.Any)
    for limit in system.of_kind(FromAbroad):
        who = limit.arriving
        units = list(zip(range(who.rows.start, who.rows.stop), who.each, who.delay, strict=True))
        for year in np.flatnonzero(np.isfinite(limit.room)).tolist():
            terms = [
                float(each) * model.slots[row, t]
                for row, each, delay in units
                for t in model.years
                if t <= year - delay
            ]
            if terms:
                left = float(limit.room[year] - who.plain[year])
                model.from_abroad[year] = sum(terms) <= left


def widened_by(model: pyo.ConcreteModel, system: System, place: tuple[int, int], year: int) -> Any:
    """Return the room that measures add to a capacity and region in a watched year, in its unit.

    sum_m added[m, c, r] sum_{t <= year - delay[m]} u[m, t]; 0 where none can.
    """
    widening = system.prices.purchases.widening
    if widening is None:
        return 0.0
    total: Any = 0.0
    for m, delay in enumerate(widening.delay):
        each = float(widening.added[m, *place])
        if each:
            begun = [t for t in model.years if t <= year - delay]
            total += each * sum(model.slots[widening.first + m, t] for t in begun)
    return total
