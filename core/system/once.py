"""What is worked out once of equal studies, or of those that draw the same scenarios."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ..flow import leaving
from ..flow.intake import posts_newcomers_fill
from ..study.study import Study

Floats = NDArray[np.float64]


class ByContent:
    """A study that equals another of the same content, as a key to what was worked out before."""

    def __init__(self, study: Study) -> None:
        self.study = study

    def __hash__(self) -> int:
        return hash(self.study.sha256)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByContent) and other.study.sha256 == self.study.sha256


class ByDraws(ByContent):
    """A study that equals another which draws the same applicants, whatever is asked of both."""

    ASKED: ClassVar = {"title", "risk", "limits", "ramp", "comparison", "solve"}

    def __init__(self, study: Study) -> None:
        super().__init__(study)
        whole = dict.fromkeys(self.ASKED, True)
        self.text = study.model_dump_json(exclude=whole | {"specialist_posts": {"new"}})

    def __hash__(self) -> int:
        return hash(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByDraws) and other.text == self.text


@lru_cache(maxsize=16)
def newcomers_fill(key: ByDraws) -> Floats:
    """Return the most posts on offer that newcomers fill in every scenario, [region, year]."""
    return posts_newcomers_fill(key.study)


@lru_cache(maxsize=16)
def sure_to_leave(key: ByDraws) -> leaving.Leaving:
    """Return who is sure to leave LIS2/3 in every scenario."""
    return leaving.sure_to_leave(key.study)
