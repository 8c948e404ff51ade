"""Experiments: the plans of a frontier and of replications, worked out anew from the study."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from ..scenarios.sample_size import Verdict, judge, verdict_in
from ..system.costs import measure_price
from ..system.families import LEVELS
from .arithmetic import costs_of
from .evidence import Evidence, NotHeldError, differ
from .limits import FURTHER_LIMITS, beyond_capacity, beyond_few_decisions
from .recomputation import NOK, most, price_of_shortage, whole_slots

WITH_A_PLAN = (1, 2)
"""Status of a plan that was found: solved, or stopped at a limit with one."""


class Point(NamedTuple):
    """One of the plans: what it is called, what it answers, and what the file says of it."""

    name: str
    asked: Evidence  # the file, as an answer to this plan's study
    stated: xr.Dataset


def plans_found(evidence: Evidence) -> Iterator[str]:
    """Every plan keeps the limits and costs what its slots cost, not less than its bound."""
    for point in points(evidence):
        status, held = int(point.stated["status"]), np.isfinite(float(point.stated["cost"]))
        if status not in (0, *WITH_A_PLAN) or (held and status == 0):
            yield f"{point.name}: status {status} {'with' if held else 'without'} a plan"
        if held:
            yield from _follows(point)
            plan = point.stated[[n for n in LEVELS if n in point.stated]]
            yield from keeps_limits(point.asked.alone(point.name, plan))


def points(evidence: Evidence) -> Iterator[Point]:
    """Yield the plans of a frontier over a key or of replications over seeds."""
    data = evidence.data
    if data.attrs.get("result_kind") == "frontier":
        over = str(data.attrs["over"])
        for p, value in enumerate(evidence.values("over_value").tolist()):
            name, asked = f"{over} {value:.6g}", evidence.choosing(p, over, value)
            yield Point(name, asked, _of(data.isel(frontier=p), "over_"))
        return
    for n, size in enumerate(evidence.values("size_scenarios")):
        for r, seed in enumerate(evidence.values("replication_seed")):
            stated = _of(data.isel(size=n, replication=r), "replication_")
            yield Point(f"{size:g} scenarios, seed {seed:g}", evidence, stated)


def _of(data: xr.Dataset, prefix: str) -> xr.Dataset:
    """Return what is stated of one plan, under names without their prefix."""
    names = [str(name) for name in data.data_vars if str(name).startswith(prefix)]
    return data[names].rename({name: name.removeprefix(prefix) for name in names})


def _follows(point: Point) -> Iterator[str]:
    """Tell where cost, number of slots, bound and risk do not follow from slots and study."""
    study, stated, name = point.asked.study, point.stated, point.name
    cost, risks = float(stated["cost"]), stated["risk"].values
    plan = stated[[n for n in LEVELS if n in stated]]
    slots = point.asked.decided(point.asked.alone(name, plan).rows("slots")[0])
    wanted = costs_of(study, slots)[2] + price_of_shortage(point.asked, risks)
    if "measures_cost" in stated:
        written = point.asked.written
        used = [each for each, measure in written.measure.items() if measure.units > 0.0]
        wanted += (paid := sum(measure_price(written, each) for each in used))
        if differ(float(stated["measures_cost"]), paid, 1e-9, NOK):
            yield f"{name}: measures_cost is not what its measures cost"
    if differ(cost, wanted, 1e-9, NOK):
        yield f"{name}: cost {cost:,.0f} NOK, recomputed {wanted:,.0f}"
    if float(stated["total"]) != point.asked.lis1(slots).sum():
        yield f"{name}: total is not the sum of its slots"
    if float(stated["lower_bound"]) > cost + 1e-12 * abs(cost):
        yield f"{name}: lower_bound above its cost"
    for c, limit in enumerate(study.risk.values()):
        if not risks[c] <= most(limit):
            yield f"{name}: {limit.name}: risk {risks[c]:.6g}, at most {limit.at_most:g}"


def keeps_limits(alone: Evidence, reviews: Sequence[int] = ()) -> Iterator[str]:
    """Tell which limits of the system a plan breaks that stands alone.

    `reviews`: decision years, counted from 0, in which numbers that stay the same begin anew.
    """
    for law in (whole_slots, *FURTHER_LIMITS):
        try:
            yield from law(alone)
        except NotHeldError:  # the study sets no such limit
            continue
    name, slots = next(alone.slots())
    own = alone.decided(slots)
    for what in (*beyond_capacity(alone, own), *beyond_few_decisions(alone, own, reviews)):
        yield f"{name}: {what}"


def replications_asked_for(evidence: Evidence) -> Iterator[str]:
    """Sizes are the study's scenarios and a quarter of them; seeds count on from the study's."""
    sampling = evidence.study.sampling
    sizes, seeds = evidence.values("size_scenarios"), evidence.values("replication_seed")
    if sizes.tolist() != [max(sampling.scenarios // 4, 1), sampling.scenarios]:
        yield f"size_scenarios is {', '.join(f'{size:g}' for size in sizes)}"
    if not np.array_equal(seeds, sampling.seed + np.arange(len(seeds))):
        yield f"replication_seed does not count from {sampling.seed}"
    fresh = evidence.values("replication_fresh")
    if (fresh < 0.0).any():
        yield "replication_fresh is negative"


def verdict_on_the_sample(evidence: Evidence) -> Iterator[str]:
    """Spread of cost, excess of risk and the size recommended follow from the replications."""
    if "replications" not in evidence.data.attrs:
        raise NotHeldError("the file states no verdict")
    sizes = [int(size) for size in evidence.values("size_scenarios")]
    costs, fresh = (evidence.values(f"replication_{name}") for name in ("cost", "fresh"))
    if evidence.data.attrs["replications"] != costs.shape[1]:
        yield f"replications is not {costs.shape[1]}"
    found, wanted = (
        verdict_in(evidence.data.attrs),
        judge(evidence.study.risk_at_most, sizes, costs, fresh),
    )
    for part in Verdict._fields:
        both = [np.asarray(getattr(each, part), np.float64) for each in (found, wanted)]
        one, other = (np.where(np.isfinite(each), each, np.nan) for each in both)
        if not np.allclose(one, other, rtol=1e-9, atol=1e-12, equal_nan=True):
            yield f"{part.replace('_', ' ')} is {both[0]}, recomputed {both[1]}"


def indices(evidence: Evidence) -> Iterator[str]:
    """Slots are whole, no index is less than nothing, and every point that was due is counted."""
    data, said = evidence.data, evidence.data.attrs
    yield from whole_slots(evidence)
    rows = data.sizes["factor"] + (2 if said["sensitivity_method"] == "sobol" else 1)
    due = int(said["sensitivity_samples"]) * rows
    if int(said["sensitivity_evaluations"]) != due:
        yield f"sensitivity_evaluations is {said['sensitivity_evaluations']}, due are {due}"
    for name in map(str, data.data_vars):
        no_less = name.startswith("sensitivity_") and name != "sensitivity_first"
        if no_less and (evidence.values(name) < 0.0).any():
            yield f"{name} is negative"
    still = evidence.values("sensitivity_sd") == 0.0
    for name in ("sensitivity_first", "sensitivity_total", "sensitivity_mu_star"):
        if name in data and evidence.values(name)[still].any():
            yield f"{name}: an outcome that never moves is moved"
