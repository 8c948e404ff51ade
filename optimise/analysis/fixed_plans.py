"""Fixed plans to compare with: split over regions, as written or as capacity allows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from ...core.errors import LisError
from ...core.study.settings import Comparison
from ...core.study.unchecked import largest_remainder
from ...core.system.arrays import System
from ..master.build import build_master
from ..solvers.program import inside, plan_of, program_of
from ..solvers.solver import HIGHS

Floats = NDArray[np.float64]
SECONDS = 60.0
"""For the plan within capacity: a small problem without scenarios."""


class ComparisonError(LisError):
    """A plan to compare with cannot be worked out; the message says which and what to do."""

    final = True


def kept_apart(*plans: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return plans of several origins as one mapping, in their order.

    Raises
    ------
    ComparisonError
        If two share a name: the later would silently stand in the place of the first.
    """
    together: dict[str, Floats] = {}
    for group in plans:
        if taken := together.keys() & group.keys():
            raise ComparisonError(
                f"two plans are named {', '.join(sorted(taken))}; give the plans to compare with "
                "other names"
            )
        together |= group
    return together


def fixed_plans(system: System, plans: Mapping[str, Comparison]) -> dict[str, Floats]:
    """Return a study's comparison plans, identifier -> slots [region, decision year].

    Raises
    ------
    ComparisonError
        If the limits of the system leave no plan, or none was found in time.
    """
    return {
        name: _within_capacity(system, name, plan)
        if plan.within_capacity
        else _as_written(system, plan)
        for name, plan in plans.items()
    }


def _as_written(system: System, plan: Comparison) -> Floats:
    """Split each year's slots, one by one, to the region farthest below its quota so far.

    The quota is by the posts before any decision. For a single year this is the largest remainder;
    over years no region ever loses a slot, as it could if each sum were split anew.
    """
    slots, total = system.no_slots, 0
    regions = system.lis1(slots)
    share = system.level0 / system.level0.sum()
    for y, year in enumerate(system.decision_years):
        opened = plan.slots_per_year.get(str(year), 0)
        total += opened
        for _ in range(opened):
            regions[np.argmax(total * share - regions.sum(axis=1)), y] += 1.0
    return slots


def _within_capacity(system: System, name: str, plan: Comparison) -> Floats:
    """Open the plan's slots, split by largest remainder, as early as ramp and capacity allow.

    Nothing is closed for them.
    """
    target = largest_remainder(sum(plan.slots_per_year.values()), system.level0)
    model = build_master(system)
    for r, y in np.argwhere(system.least_slots < 0.0).tolist():
        if r not in model.regions:
            model.slots[r, y].setlb(0.0)
    model.target = pyo.Constraint(
        model.regions, rule=lambda m, r: sum(m.slots[r, y] for y in m.years) <= float(target[r])
    )
    model.objective = pyo.Objective(
        expr=-sum(model.level[r, y] for r in model.regions for y in model.years)
    )
    program = program_of(model, by_rows=True)
    answer = inside(program, plan_of(program, HIGHS.solve(program, 1e-9, SECONDS, whole=True)))
    if np.isnan(answer.objective):
        infeasible = answer.status == "infeasible"
        why = "the limits of the system leave no plan" if infeasible else "none was found in time"
        raise ComparisonError(
            f"comparison.{name}: {why} that opens its slots as capacity allows; leave it out, or "
            "set within_capacity = false to compare it as written"
        )
    return system.rounded(answer.slots)
