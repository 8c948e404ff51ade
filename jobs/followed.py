"""Plans of results: the plan of a run or projection, or that of a branch of one that learns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..configs.loader import study_from_text
from ..core.errors import InputError
from ..core.files.kinds import held_by, is_projected
from ..core.files.store import open_result
from ..core.scenarios.followed import FollowedBranch
from ..core.study.settings import Review
from ..core.study.study import Study
from ..core.system.arrays import system_of
from ..core.system.posts import plans_of

Floats = NDArray[np.float64]
SEES = ("years", "observes", "lag_years", "observation_error")
"""What of a study's reviews says what they see."""


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
    own = study_from_text(str(result.attrs["study_json"])).in_force
    _require_alike(path, _cells(own), _cells(study))
    if branch is None:
        return Followed(_plan(own, lambda name: result[name].values[:, 0]), None)
    if "branch_slots" not in result:
        raise InputError(
            f"--branch {branch}: {path} holds no plan that learns; give the result of a study "
            "with [review], or leave --branch out"
        )
    count = result.sizes["branch"]
    if branch > count:
        raise InputError(f"--branch {branch}: {path} has {count} branches; allowed: 1 to {count}")
    _require_alike(path, _seen(own.review), _seen(study.review))
    slots = _plan(own, lambda name: result[f"branch_{name}"].values[:, branch - 1])
    return Followed(slots, branch_of(result, branch))


def branch_of(result: xr.Dataset, number: int) -> FollowedBranch:
    """Return in which futures a branch of a result is taken, counted from 1."""
    low, high = (result[f"branch_{end}"].values[number - 1] for end in ("above", "up_to"))
    low, high = np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)
    return FollowedBranch(number, tuple(zip(low.tolist(), high.tolist(), strict=True)))


def _plan(study: Study, values: Callable[[str], Floats]) -> Floats:
    """Return a plan [row, decision year] from variables [year, ...] of a result of the study."""
    decided = slice(study.first, study.first + len(study.decision_years))
    rows = plans_of(study, lambda name: values(name)[decided])
    return np.ascontiguousarray(rows, dtype=np.float64)


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
    data = {} if review is None else review.model_dump(mode="json")
    return {f"review.{key}": data.get(key, "none") for key in SEES}


def _require_alike(path: Path, theirs: dict[str, object], ours: dict[str, object]) -> None:
    problems = [
        f"{path}: {what} {theirs[what]}, the study has {ours[what]}; project the study it is of"
        for what in theirs
        if theirs[what] != ours[what]
    ]
    if problems:
        raise InputError(problems)
