"""Labels on experiments: frontiers over any key and replications, as datasets."""

from __future__ import annotations

import numpy as np
import xarray as xr

from ...core.files.labels import Data, labelled
from ...core.study.measures.choice import chosen
from ...core.study.study import Study
from ...core.system.arrays import system_of
from ...core.system.costs import measure_price
from ..analysis.choice import Choice
from ..analysis.replication import Replications
from ..analysis.sweep import Variation
from ..search.convex import STATUS, Solution
from ..solvers.program import Status
from .in_years import in_years, plan_of, totals


def describe_variations(study: Study, found: list[Variation]) -> xr.Dataset:
    """Return the plans found for a row of values of one key, with labels."""
    system, solutions = system_of(study), [one.solution for one in found]
    single: Data = {
        "value": [one.value for one in found],
        "cost": [one.cost for one in solutions],
        "lower_bound": [_finite(one.lower_bound) for one in solutions],
        "status": [STATUS[one.status] for one in solutions],
    }
    data: Data = {
        **{f"over_{name}": values for name, values in single.items()},
        "over_risk": np.stack([one.risk for one in solutions]),
        **totals(system, "over", [one.slots for one in solutions]),
        **in_years(system, "over", [plan_of(one) for one in solutions]),
    }
    return labelled(study, data)


def describe_choices(study: Study, written: Study, found: list[tuple[float, Choice]]) -> xr.Dataset:
    """Return slots and measures chosen for a row of values of one key, with labels.

    `study` has no measures; `written` leaves them open.
    """
    names = {name: written.measure[name].name for name in chosen(written)}
    variations, paid, use = list[Variation](), list[float](), list[list[list[float]]]()
    for value, choice in found:
        decided = written.deciding({} if choice.best is None else choice.best.use)
        used = [name for name in names if decided.measure[name].units > 0.0]
        none = np.nan if choice.best is None else 0.0
        paid.append(none + sum(measure_price(decided, name) for name in used))
        years = [[decided.measure[n].units_in(year) + none for n in names] for year in study.years]
        use.append(years)
        variations.append(Variation(value, _solution(study, choice)))
    data: Data = {
        "over_measures_cost": np.array(paid),
        "over_measure_use": np.array(use).transpose(1, 0, 2),
    }
    more = labelled(study, data, more={"measure": names})
    both = [describe_variations(study, variations), more]
    return xr.merge(both, join="exact", compat="identical", combine_attrs="no_conflicts")


def _solution(study: Study, choice: Choice) -> Solution:
    """Return a choice as the solution of a study without measures; cost and bound are of both."""
    nothing, unknown = system_of(study).unknown_slots, np.full(len(study.risk), np.nan)
    status: Status = "stopped" if choice.stopped else "optimal"
    best = choice.best
    if best is None:
        status = "stopped" if choice.stopped else "infeasible"
        none = (nothing, np.nan, choice.bound, np.nan, nothing, np.nan, False, unknown, 0)
        return Solution(status, *none)
    assert best.slots is not None
    assert best.risk is not None
    found = (best.slots, best.cost, choice.bound, np.nan, nothing, np.nan, False, best.risk, 0)
    return Solution(status, *found)


def describe_replications(study: Study, found: Replications) -> xr.Dataset:
    """Return the plans found on samples of several sizes and seeds, with labels."""

    def each(what: str) -> np.ndarray:
        return np.array([[getattr(one, what) for one in row] for row in found.solutions])

    every = [one for row in found.solutions for one in row]
    system = system_of(study)
    shape = len(found.solutions), -1
    plans = in_years(system, "replication", [plan_of(one) for one in every])
    total = totals(system, "replication", [one.slots for one in every])
    lower = each("lower_bound")
    data: Data = {
        "size_scenarios": found.sizes,
        "replication_seed": found.seeds,
        "replication_cost": each("cost"),
        "replication_lower_bound": np.where(np.isfinite(lower), lower, np.nan),
        **{name: np.reshape(values, shape) for name, values in total.items()},
        "replication_status": np.vectorize(STATUS.__getitem__)(each("status")),
        **{
            name: np.reshape(values, (len(study.years), *shape, *np.shape(values)[2:]))
            for name, values in plans.items()
        },
        "replication_risk": each("risk"),
        "replication_fresh": found.fresh,
    }
    return labelled(study, data)


def _finite(value: float) -> float:
    return value if np.isfinite(value) else float("nan")
