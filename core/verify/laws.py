"""Verification: a result file is complete, unchanged, and its numbers follow from its study."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from ..compute.workers import Workers, local_workers
from ..files.checksums import (
    changed_variables,
    data_sha256,
    file_sha256,
    other_variables,
    sidecar_of,
)
from ..files.kinds import KINDS, held_by, is_run, kind_of
from ..files.labels import coordinates
from ..files.store import read_result
from .again import (
    boxes_again,
    fresh_risk_again,
    indices_again,
    near_again,
    plans_again,
    projection_again,
    reviews_again,
    risk_again,
    ways_out_again,
)
from .choice import CHOICE, targets_kept
from .conservation import CONSERVATION
from .discovery import boxes
from .evidence import Evidence, NotHeldError
from .experiments import indices, plans_found, replications_asked_for, verdict_on_the_sample
from .measures import MEASURES, measures_paid
from .missing import may_lack
from .near_optimal import NEAR_OPTIMAL
from .recomputation import RECOMPUTATION
from .relaxations import limits_by_name, limits_out_of_reach, ways_out
from .review import REVIEW
from .unproved import unproved

Law = Callable[[Evidence], Iterator[str]]
NC_FILL_INT = -2147483647
"""What the NetCDF library reads where an integer was never written."""
LABELLED = (
    "time",
    "plan",
    "weight_table",
    "quantile",
    "limit",
    "outcome",
    "factor",
    "capacity",
    "payer",
    "population",
    "specialty",
    "track",
    "region",
)
"""Dimensions whose labels follow from the study."""


@dataclass(frozen=True)
class Check:
    """One check: `passed` is None where the file does not hold what it needs."""

    name: str
    passed: bool | None
    detail: str


def verify(path: Path, quick: bool = False) -> list[Check]:
    """Return all checks of a result file, the file's bytes first.

    Scenarios are drawn and projected again, by all cores, unless it is to be `quick`.

    Raises
    ------
    ResultFileError
        If it cannot be read or is not ours.
    """
    dataset = read_result(path)
    with local_workers() as workers:
        return [_sidecar(path), *verify_dataset(dataset, workers, quick)]


def verify_dataset(
    dataset: xr.Dataset, workers: Workers | None = None, quick: bool = False
) -> list[Check]:
    """Return all checks of a result as `read_result` gives it, and what none of them judges."""
    evidence = Evidence(dataset, workers or Workers(), quick)
    kind = kind_of(dataset)
    laws = OF_ANY_FILE
    for group in () if kind is None else kind.laws:
        laws += GROUPS[group]
    named = [str(name) for name in (*dataset.variables, *dataset.attrs)]
    if is_run(dataset) and any(name.startswith("replication") for name in named):
        laws += REPLICATED
    if is_run(dataset) and any(name.startswith(("near_", "feature_")) for name in named):
        laws += (*NEAR_OPTIMAL, near_again)
    if is_run(dataset) and any(name.startswith(("box_", "discovery_")) for name in named):
        laws += (boxes, boxes_again)
    if is_run(dataset) and any(name.startswith(("review_", "branch_")) for name in named):
        laws += (*REVIEW, reviews_again)
    if "measure_paid" in dataset:
        laws += (measures_paid,)
    if is_run(dataset) and any(
        name.startswith(("portfolio", "choice", "chosen")) for name in named
    ):
        laws += CHOICE
    if '"target"' in str(dataset.attrs.get("study_json")) and "arrived_mean" in dataset:
        laws += (targets_kept,)
    if "sensitivity_method" in dataset.attrs and kind is KINDS["run"]:
        laws += (indices_again,)
    checks = [_kind(dataset), *(_checked(law, evidence) for law in laws)]
    left = unproved(map(str, dataset.variables), map(str, dataset.attrs))
    return checks + [
        Check("not recomputed", None, f"{', '.join(names)}: {why}") for why, names in left.items()
    ]


def _checked(law: Law, evidence: Evidence) -> Check:
    """Return the outcome of one law; its docstring says what holds when it holds."""
    name = law.__name__.replace("_", " ")
    try:
        problems = list(law(evidence))
    except NotHeldError as reason:
        return Check(name, None, str(reason))
    except KeyError as missing:
        return Check(name, False, f"{missing.args[0]} is missing")
    except Exception as error:  # a changed file can be wrong in any way; the check must not fall
        said = str(error).splitlines() or [type(error).__name__]
        return Check(name, False, f"cannot be checked: {said[0]}")
    if problems:
        more = f" (and {len(problems) - 3} more)" if len(problems) > 3 else ""
        return Check(name, False, "; ".join(problems[:3]) + more)
    said = (law.__doc__ or "").splitlines()
    return Check(name, True, said[0].rstrip("."))


def _kind(dataset: xr.Dataset) -> Check:
    """Say what a file is; of a kind that this program does not know, nothing can be checked."""
    known = kind_of(dataset) is not None
    more = "" if known else f"; lis1plan checks {', '.join(KINDS)}"
    return Check("kind", known, f"The file holds {held_by(dataset)}{more}")


def _sidecar(path: Path) -> Check:
    """Compare the file's bytes with the checksum beside it."""
    beside, name = sidecar_of(path), "checksum of the file"
    if not beside.is_file():
        return Check(name, None, f"there is no {beside.name} beside it")
    stated = beside.read_text("utf-8", errors="replace").split()[:1]
    if stated != [file_sha256(path)]:
        return Check(name, False, f"the file is not the one that {beside.name} was made of")
    return Check(name, True, f"The file is the one that {beside.name} was made of")


def complete(evidence: Evidence) -> Iterator[str]:
    """The file was written to its end and holds the variables it lists."""
    if evidence.data.attrs.get("complete") != "true":
        yield "its writing was interrupted"
    lost, unknown = other_variables(evidence.data)
    yield from (f"{name} is missing" for name in lost)
    yield from (f"{name} is none of the file's variables" for name in unknown)


def checksum_of_each_variable(evidence: Evidence) -> Iterator[str]:
    """Every variable holds the values it was written with."""
    yield from (f"{name} was changed" for name in changed_variables(evidence.data))


def checksum_of_all_data(evidence: Evidence) -> Iterator[str]:
    """Variables, units and attributes together are as they were written."""
    if evidence.data.attrs.get("data_sha256") != data_sha256(evidence.data, evidence.data.attrs):
        yield "a variable, a unit or an attribute of the file was changed"


def study_text(evidence: Evidence) -> Iterator[str]:
    """The study in the file is the one whose hash it names, and it is valid."""
    text = str(evidence.data.attrs["study_json"])
    if hashlib.sha256(text.encode()).hexdigest() != evidence.data.attrs["study_sha256"]:
        yield "study_sha256 is not the hash of study_json"
    try:
        sampling = evidence.study.sampling
    except NotHeldError as error:
        yield f"this lis1plan does not read it: {str(error.__cause__).splitlines()[0]}"
        return
    attributes = evidence.data.attrs
    for key in ("scenarios", "seed", "fresh_scenarios"):
        if str(attributes[key]) != str(getattr(sampling, key)):
            yield f"{key} is {attributes[key]}, in the study {getattr(sampling, key)}"


def axes(evidence: Evidence) -> Iterator[str]:
    """Years are consecutive, scenarios count from 0 without a gap, labels are the study's."""
    data, study = evidence.data, evidence.study
    compared = json.loads(str(data.attrs.get("compared_plans", "[]")))
    given = ["plan"] if evidence.is_scenario else ["plan", "none"]
    plans = ["chosen", *study.comparison] if evidence.is_run else given
    if evidence.plans[: len(plans)] != plans or not set(compared) <= set(evidence.plans):
        yield f"plans are {', '.join(evidence.plans)}; expected {', '.join([*plans, *compared])}"
    yield from labels(evidence)
    if evidence.is_scenario:
        said = data["realization"].values.tolist()
        if len(said) != 1 or said[0] not in range(study.sampling.scenarios):
            yield "realization is not one of the study's scenarios"
        return
    counted = np.arange(study.sampling.scenarios)
    if not np.array_equal(data["realization"].values, counted):
        yield f"realization does not count from 0 to {study.sampling.scenarios - 1}"


def labels(evidence: Evidence) -> Iterator[str]:
    """Years, limits, regions and all other labels are those of the study, in its order."""
    data, study = evidence.data, evidence.study
    dims = [dim for dim in LABELLED if dim in data.dims]
    plans = evidence.plans if "plan" in dims else []
    tables = list(dict.fromkeys(row.table for row in study.demand.weights))
    wanted = xr.Dataset(coords=coordinates(study, dims, plans, tables))
    for dim in dims:
        if data.sizes[dim] != wanted.sizes[dim]:
            yield f"{dim}: {data.sizes[dim]} long, in the study {wanted.sizes[dim]}"
            return
    for name in wanted.coords:
        if name not in data.variables:
            yield f"{name} is missing"
        elif not np.array_equal(data[name].values, wanted[name].values):
            yield f"{name} is not that of the study"


def no_missing_values(evidence: Evidence) -> Iterator[str]:
    """Every value is there but those whose absence has a meaning (`missing_means`)."""
    for name, variable in evidence.data.variables.items():
        values = np.asarray(variable.values)
        if values.dtype.kind == "i" and (values == NC_FILL_INT).any():
            yield f"{name} has values that were never written"
        if values.dtype.kind != "f":
            continue
        gone = ~np.isfinite(values)
        if gone.any():
            gone &= ~may_lack(evidence, str(name))
        if gone.any():
            yield f"{name} lacks {int(gone.sum())} of {values.size} values"


OF_ANY_FILE: tuple[Law, ...] = (complete, checksum_of_each_variable, checksum_of_all_data)
SCENARIOS_AGAIN: tuple[Law, ...] = (projection_again, risk_again, fresh_risk_again)
REPLICATIONS: tuple[Law, ...] = (replications_asked_for, verdict_on_the_sample, plans_again)
REPLICATED: tuple[Law, ...] = (plans_found, *REPLICATIONS)
GROUPS: dict[str, tuple[Law, ...]] = {
    "study": (study_text, no_missing_values),
    "axes": (axes,),
    "conservation": CONSERVATION,
    "recomputation": (*RECOMPUTATION, limits_by_name, *SCENARIOS_AGAIN),
    "labels": (labels,),
    "plans found": (plans_found,),
    "frontier": (plans_again,),
    "replications": REPLICATIONS,
    "ways out": (limits_by_name, ways_out, ways_out_again, limits_out_of_reach),
    "indices": (indices, indices_again),
    "measures": MEASURES,
}
"""Laws by the names under which `core.files.kinds` says which of them a kind of result keeps.

A run with replications keeps those of replications, too.
"""
