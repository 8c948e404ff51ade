"""Plans as files hold them: new slots and LIS2/3 posts by year over the whole projection."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...core.files.labels import Data
from ...core.system.arrays import System
from ..search.solve import Solution

Floats = NDArray[np.float64]


def in_years(system: System, prefix: str, plans: Sequence[Floats | None]) -> Data:
    """Return `plans` [row, decision year] as variables of one prefix; NaN where there is no plan.

    Slots are [year, plan, region], LIS2/3 posts and earmarked ones, where a study decides on them,
    [year, plan, group or track, region].
    """
    found = np.full((len(plans), len(system.most_slots), len(system.years)), np.nan)
    for p, plan in enumerate(plans):
        if plan is not None:
            found[p] = 0.0
            found[p, :, system.first : system.first + plan.shape[1]] = plan
    return {f"{prefix}_{family.variable}": family.of(found) for family in system.families}


def plan_of(solution: Solution) -> Floats | None:
    """Return the plan of a solution, None where there is none."""
    return solution.slots if np.isfinite(solution.cost) else None


def totals(system: System, prefix: str, plans: Sequence[Floats]) -> Data:
    """Return slots, and LIS2/3 posts where they are decided, opened in all by each plan."""
    first, *others = system.families
    named = {f"{prefix}_total": first}
    named |= {f"{prefix}_{family.variable}_total": family for family in others}
    return {name: [plan[family.rows].sum() for plan in plans] for name, family in named.items()}
