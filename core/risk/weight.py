"""What scenarios weigh: with mean one, and so that some count at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import Exit, LisError
from ..scenarios.sampling import Sample
from ..study.checks.review import FEWEST

Floats = NDArray[np.float64]


class NoWeightError(LisError):
    """None of the scenarios drawn counts."""

    exit_code = Exit.BAD_INPUT
    final = True


def with_mean_one(weight: Floats) -> Floats:
    """Return weights [realization] with mean one; where none carries any, as they are."""
    mean = weight.mean()
    return np.asarray(weight / mean) if mean > 0.0 else weight


def require_weight(sample: Sample, weight: Floats, tables: tuple[str | None, str]) -> None:
    """Check that some scenario of a sample carries weight, of a branch as many as it asks for.

    `tables` are those of the weights drawn by and counted with, to be named.

    Raises
    ------
    NoWeightError
        If the proposal drew only alternatives to which the study's own weights give none, or too
        few scenarios come to the branch that is followed.
    """
    found = int((weight > 0.0).sum())
    if sample.only and found < FEWEST:
        raise NoWeightError(
            f"sampling.scenarios: {found} of {len(weight)} scenarios come to the branch that is "
            f"followed; at least {FEWEST}: draw more"
        )
    if not (weight > 0.0).any():
        proposed, own = tables
        raise NoWeightError(
            f"sampling.proposal_table: none of {len(weight)} scenarios drawn by "
            f"{proposed!r} has any weight in demand.weight_table = {own!r}: draw more, or leave "
            "the proposal out"
        )
