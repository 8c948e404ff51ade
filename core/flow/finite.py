"""What was worked out must be finite numbers: NaN is below and above nothing, so it passes as 0."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ..errors import LisError


class NotFiniteError(LisError):
    """A figure of a scenario came out as nothing that can be: nothing can be said of the study.

    Parameters
    ----------
    scenario
        Its number in the sample.
    figure
        What came out so.
    wrong
        What is wrong with it.
    """

    final = True

    def __init__(self, scenario: int, figure: str, wrong: str = "infinite or not a number") -> None:
        super().__init__(scenario, figure, wrong)
        self.scenario, self.figure, self.wrong = scenario, figure, wrong

    def __str__(self) -> str:
        return (
            f"scenario {self.scenario}: {self.figure} is {self.wrong}, so no risk can be told; "
            "look in the study for zeros by which something is divided or shared out"
        )


def require_finite(figures: Mapping[str, NDArray[np.float64]], first: int = 0) -> None:
    """Refuse figures [n, ...] of scenarios first, first + 1, ... that are not finite throughout.

    Raises
    ------
    NotFiniteError
        With the first figure that is not, and its first scenario.
    """
    for name, values in figures.items():
        finite = np.isfinite(values)
        if not finite.all():
            raise NotFiniteError(first + int(np.argwhere(~finite)[0, 0]), name)
