"""Plans of results: the plan of a run or projection, or that of a branch of one that learns."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..core.errors import InputError
from ..core.files.kinds import held_by, is_projected
from ..core.files.store import open_result
from ..core.scenarios.followed import FollowedBranch
from ..core.study.settings import Review
from ..core.study.study import Study
from ..core.system.arrays import system_of
from ..report.reading import Reading
from .request import slots_of

Floats = NDArray[np.float64]


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
    own = Reading(result).study
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
    return Followed(slots, Reading(result).branches[branch - 1])


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
