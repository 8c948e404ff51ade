"""The look-ahead rule: the plan a careful planner would make without optimising, to be beaten.

Each year every region orders what its expected gap asks for, as the gap will stand when a slot
opened now has yielded its first full years: after LIS1 and the mean time in LIS2/3. The order is
the gap over what one slot adds by then; it is cut to lead times, ramps, supervision and every
further limit: each region's for itself, then all together, to the largest number of slots the
limits allow. Of that number regions get their least shares of all opened so far, the rest goes in
proportion to what they order beyond that. The rule closes nothing, and opens nothing where posts
would have to close first. It orders year by year and post by post, also where a study asks for a
plan of few decisions: who orders what is missing cannot know the number of later years.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...core.compute.workers import Workers
from ...core.flow.projection import Projection, Request, project_plans, project_some
from ...core.risk.tree import Numbers, Tree
from ...core.scenarios.draws import sample_of
from ...core.study.study import Study
from ...core.study.unchecked import largest_remainder
from ...core.system.arrays import System, system_of
from ...core.system.limits import LeastShare
from ...core.system.plan_form import ConstantAfter, MultiplesOf
from ...core.system.posts import levels

Floats = NDArray[np.float64]
Projected: TypeAlias = Callable[[Mapping[str, Floats]], Projection]
"""Projects plans, name -> levels [row, year], on the scenarios an order looks at."""
SCENARIOS = 64
"""The gap is a mean: an order moves little with more scenarios than this."""


def look_ahead(study: Study, workers: Workers) -> Floats:
    """Return the plan of the look-ahead rule, slots [region, decision year]."""
    sample = sample_of(study)._replace(scenarios=min(SCENARIOS, study.sampling.scenarios))
    slots = system_of(study).no_slots
    for y in range(slots.shape[1]):
        _order(study, slots, y, lambda plans: project_plans(Request(study, sample, plans), workers))
    return slots


def look_ahead_reviewed(study: Study, tree: Tree, branch: Numbers, weight: Floats) -> Floats:
    """Return the plans of the rule where it is applied anew at reviews, [branch, row, year].

    Its gap is expected over the scenarios that come to the node in which it orders, `branch`
    [realization] the end branch of each and `weight` [realization] what it weighs.
    """
    sample, slots = sample_of(study), np.zeros((len(system_of(study).no_slots), len(tree.year)))
    for column, y in enumerate(tree.year.tolist()):  # parents stand before their children
        ends = (tree.path == column).any(axis=1)
        numbers = np.flatnonzero(ends[branch] & (weight > 0.0))[:SCENARIOS]
        plan = tree.plans(slots)[ends.argmax()]

        def project(plans: Mapping[str, Floats], numbers: Numbers = numbers) -> Projection:
            return project_some(Request(study, sample, plans), numbers)

        _order(study, plan, y, project)
        slots[:, column] = plan[:, y]
    return tree.plans(slots)


def _order(study: Study, slots: Floats, year: int, project: Projected) -> None:
    """Open what the rule orders in a year."""
    lag = round(len(study.posts.stages) / 2 + study.training.mean_years.central)
    target = min(study.first + year + lag, study.years.index(study.time.window[1]))
    gap, per_slot = _gap(study, slots, (year, target), project)
    order = np.ceil(np.maximum(gap, 0.0) / np.maximum(per_slot, 1e-6) - 1e-9)
    _open(_year_by_year(system_of(study)), slots, year, np.where(per_slot > 1e-6, order, 0.0))


def _year_by_year(system: System) -> System:
    """Return the system without what ties the numbers of a plan to each other or to multiples."""
    free = (each for each in system.limits if not isinstance(each, ConstantAfter | MultiplesOf))
    return replace(system, limits=tuple(free))


def _gap(
    study: Study, slots: Floats, when: tuple[int, int], project: Projected
) -> tuple[Floats, Floats]:
    """Return the expected gap, and what one slot more adds to it, [region] FTE.

    `when`: the decision year of the slot, and the year in which the gap is judged.
    """
    year, target = when
    plans = {"now": levels(study, slots)}
    for r, region in enumerate(study.regions):
        more = slots.copy()
        more[r, year] += 1.0
        plans[region] = levels(study, more)
    projection = project(plans)
    supply = projection.means["supply"][:, target].sum(axis=1)  # [plan, region]
    wanted = projection.demand[:, target].astype(np.float64)
    demand = np.average(wanted, axis=0, weights=projection.weight).sum(axis=0)
    return demand - supply[0], np.diagonal(supply[1:] - supply[0]).copy()


def _open(system: System, slots: Floats, year: int, order: Floats) -> None:
    """Open what the limits allow of a year's order: each region alone, then all together."""
    alone = _each_alone(system, slots, year, np.minimum(order, system.national_ramp))
    for number in range(int(alone.sum()), 0, -1):
        trial = slots.copy()
        own = system.lis1(trial)
        own[:, year] = _shared_out(system, system.lis1(slots), alone, number)
        if own[:, year].sum() == number and system.keeps_limits(trial):
            slots[:] = trial
            return


def _each_alone(system: System, slots: Floats, year: int, order: Floats) -> Floats:
    """Return the most each region may open of its order if no other opens any, [region].

    But for least shares, which no region keeps alone.
    """
    others = tuple(limit for limit in system.limits if not isinstance(limit, LeastShare))
    single, alone = replace(system, limits=others), np.zeros(len(order))
    for r, asked in enumerate(order):

        def allowed(number: int, r: int = r) -> bool:
            trial = slots.copy()
            trial[r, year] = number
            return single.keeps_limits(trial)

        alone[r] = _most(int(asked), allowed)
    return alone


def _shared_out(system: System, slots: Floats, order: Floats, number: int) -> Floats:
    """Return so many slots by region: least shares of all opened by then, the rest as ordered.

    Rounded up, the least shares of very few slots can be more than these.
    """
    before = slots.sum(axis=1)
    share = np.zeros(len(order))
    for limit in system.of_kind(LeastShare):
        share[limit.place[0]] = limit.share
    least = np.maximum(np.ceil(share * (before.sum() + number) - before - 1e-9), 0.0)
    left = number - int(least.sum())
    rest = largest_remainder(left, np.maximum(order - least, 0.0)) if left > 0 else 0.0
    return np.asarray(least + rest)


def _most(asked: int, allowed: Callable[[int], bool]) -> int:
    """Return the most of what is asked that is allowed, by halving: more never helps a limit."""
    if asked <= 0 or allowed(asked):
        return max(asked, 0)
    low, high = 0, asked
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if allowed(middle) else (low, middle)
    return low
