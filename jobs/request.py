"""A request: a study, the plans given beside it and the options of a job; and what a job needs."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..core.compute.place import Progress, Where
from ..core.compute.workers import Workers, workers_at
from ..core.errors import InputError
from ..core.files.kinds import KINDS, held_by, is_projected
from ..core.files.provenance import provenance, run_id
from ..core.files.store import open_result
from ..core.risk.streams import lane_mb
from ..core.scenarios.followed import FollowedBranch
from ..core.study.settings import Review
from ..core.study.study import Study
from ..core.system.arrays import system_of
from ..core.system.posts import plans_of
from ..core.warmup import warm_up
from ..optimise.job import InfeasibleError
from ..optimise.solvers.clock import Clock
from ..optimise.solvers.pyomo_solvers import require, require_known
from ..optimise.system.feasible import overfull
from ..report.reading import Reading
from .memory import refuse_too_many, scenario_mb
from .options import Options, ProjectOptions

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
O_co = TypeVar("O_co", bound=Options, covariant=True)
PLAN = "plan"
"""The name of a plan given alone."""


def _named(plan: str, cells: Flags) -> str:  # noqa: ARG001
    """Return the name of a plan that stands in no file."""
    return plan


@dataclass(frozen=True)
class JobRequest(Generic[O_co]):
    """What a job is asked: enough to ask it again, from a manifest or a result file."""

    written: Study
    """As it was written, with what is used of its measures by hand: what files hold."""
    options: O_co
    plans: Mapping[str, Floats] = field(default_factory=dict)
    """Plans given beside the study, name -> slots [row, decision year]."""
    placed: Callable[[str], str] = field(default=str, compare=False, repr=False)
    """Puts before a line, `key: what is found`, where the key stands; nothing without a file."""
    plan_place: Callable[[str, Flags], str] = field(default=_named, compare=False, repr=False)
    """Says of a plan where some of its cells stand, flags [row, decision year]."""

    @cached_property
    def study(self) -> Study:
        """The study with its measures in force worked in: what a job works with."""
        return self.written.in_force

    @property
    def plan(self) -> Floats:
        """The plan given alone, slots [row, decision year]."""
        return self.plans[PLAN]

    def file_in(self, folder: Path, kind: str | None = None) -> Path:
        """Return the file for the result; of another kind where the job ends otherwise."""
        form = KINDS[kind or self.options.kind].ending
        ending = form.format(plan=self._plan_mark, **self.options.as_data())
        return folder / f"{self.written.name}-{run_id(self.written)}{ending}.nc"

    @property
    def _plan_mark(self) -> str:
        """What tells a given plan from others in names of files; nothing for no new slots."""
        followed = self.options.follow if isinstance(self.options, ProjectOptions) else ""
        if PLAN not in self.plans or not (self.plan.any() or followed):
            return ""
        return f"-{hashlib.sha256(self.plan.tobytes() + followed.encode()).hexdigest()[:8]}"

    def attributes(self, seconds: float) -> dict[str, Any]:
        """Return what a result says of its making: provenance, its kind, the options."""
        return provenance(self.written, seconds) | {
            "result_kind": self.options.kind,
            "options": self.options.as_text(),
        }


class Manifest(NamedTuple):
    """What a job was asked for, as a file holds it."""

    kind: str  # of its result
    study: Study
    plans: dict[str, Floats]  # name -> slots [row, decision year]
    options: object  # as `Options.as_data` gave them
    versions: dict[str, str]  # of what answers depend on


@dataclass(frozen=True)
class Setting:
    """Where a job writes and calculates, and who hears how far it has come."""

    out: Path
    where: Where
    progress: Progress


@dataclass(frozen=True)
class Work:
    """A job under way: its workers and clocks."""

    workers: Workers
    limit_seconds: float
    began: float

    def clock(self, times: int = 1) -> Clock:
        """Return a clock that runs out after the study's time limit, so many times."""
        return Clock(self.limit_seconds * times)

    @property
    def seconds(self) -> float:
        """Seconds since the job began."""
        return time.perf_counter() - self.began


def mb_of_scenario(study: Study) -> float:
    """Return what a run holds of a scenario, MB."""
    cells = len(study.years) * len(study.groups) * len(study.regions)
    return scenario_mb(lane_mb(study), cells, len(study.risk))


class Seeks(IntEnum):
    """What a job seeks: the more, the more must be in order before it begins."""

    NOTHING = 0  # its plans are given
    BOUNDS = 1  # of the risks, by the solver that is always there
    PLANS = 2  # by the solver of the study
    CHOICE = 3  # of measures with them: these can mend what stands in the way of a plan


@contextmanager
def at_work(
    study: Study, where: Where, progress: Progress, seeks: Seeks = Seeks.PLANS
) -> Iterator[Work]:
    """Do what comes before every job: ask for the solver, compile, refuse the hopeless, hire.

    Raises
    ------
    InputError
        If this machine has no memory for the scenarios.
    NoSolverError
        If Pyomo knows no solver as the study names it, or plans are sought and it cannot be used.
    InfeasibleError
        If anything but measures is sought and today's posts alone exceed capacity.
    """
    began = time.perf_counter()
    refuse_too_many(study.sampling, mb_of_scenario(study), len(study.risk), where)
    require_known(study.solve.solver)
    if seeks >= Seeks.PLANS:
        require(study.solve.solver)
    warm_up(study, progress, slopes=seeks > Seeks.NOTHING)
    if Seeks.BOUNDS <= seeks < Seeks.CHOICE and (problems := overfull(system_of(study))):
        raise InfeasibleError(problems)
    with workers_at(where) as workers:
        yield Work(workers, study.solve.time_limit_seconds, began)


def plans_in(study: Study, result: xr.Dataset) -> dict[str, Floats]:
    """Return the plans that were given for a result, name -> slots [row, decision year]."""
    if "plan_id" not in result:
        return {}
    ids = result["plan_id"].values.tolist()
    names = json.loads(str(result.attrs.get("compared_plans", json.dumps(ids[:1]))))
    return {name: slots_of(study, result, ids.index(name)) for name in names}


def slots_of(study: Study, result: xr.Dataset, plan: int = 0, prefix: str = "") -> Floats:
    """Return a plan of a result, slots [row, decision year]; the first is the chosen one.

    Of the plans along another dimension than `plan` where variables have a `prefix`.
    """
    decided = slice(study.first, study.first + len(study.decision_years))
    rows = plans_of(study, lambda variable: result[prefix + variable].values[decided, plan])
    return np.ascontiguousarray(rows, dtype=np.float64)


class Followed(NamedTuple):
    """A plan that stands in a result, and the branch it is of."""

    slots: Floats  # [row, decision year]
    branch: FollowedBranch | None


def plan_in_result(path: Path, study: Study, branch: int | None = None) -> Followed:
    """Return the plan of a result, or that of one of its branches, counted from 1.

    Raises
    ------
    InputError
        If it holds none, none of that branch, or one of other years and places than the study's.
    """
    result = open_result(path)
    if not is_projected(result):
        raise InputError(f"{path}: holds {held_by(result)}; give the result of a run or a plan")
    reading = Reading(result)
    own = reading.study
    _require_alike(path, _cells(own), _cells(study))
    if branch is None:
        return Followed(slots_of(own, result), None)
    if "branch_slots" not in result:
        raise InputError(
            f"--branch {branch}: {path} holds no plan that learns; give the result of a study "
            "with [review], or leave --branch out"
        )
    count = result.sizes["branch"]
    if branch > count:
        raise InputError(f"--branch {branch}: {path} has {count} branches; allowed: 1 to {count}")
    _require_alike(path, _seen(own.review), _seen(study.review))
    slots = slots_of(own, result, branch - 1, "branch_")
    return Followed(slots, reading.branches[branch - 1])


def _cells(study: Study) -> dict[str, object]:
    """Return what the rows and columns of a study's plans stand for."""
    families = [each.variable for each in system_of(study).families]
    return {
        "decision years": [study.decision_years[0], study.decision_years[-1]],
        "regions": list(study.regions),
        "kinds of posts": families,
        "groups": list(study.groups) if "posts" in families else [],
        "tracks": list(study.track) if "tracks" in families else [],
    }


def _seen(review: Review | None) -> dict[str, object]:
    """Return what a study's reviews see, by key."""
    keys = ("years", "observes", "lag_years", "observation_error")
    if review is None:
        return {f"review.{key}": "none" for key in keys}
    error = review.observation_error.value
    told = [*review.years], review.observes, review.lag_years, error
    return {f"review.{key}": value for key, value in zip(keys, told, strict=True)}


def _require_alike(path: Path, theirs: dict[str, object], ours: dict[str, object]) -> None:
    problems = [
        f"{path}: {what} {theirs[what]}, the study has {ours[what]}; give the study it is of"
        for what in theirs
        if theirs[what] != ours[what]
    ]
    if problems:
        raise InputError(problems)
