"""Small studies in which LIS2/3 posts are limited, and the naive oracle's table of them."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from lis1plan.core.flow.rates import admission_of, group_shares, training_posts
from lis1plan.core.scenarios.draws import Draws, Figures
from lis1plan.core.study.study import Study

from .small_study import WHY, between, fixed, small_study

Floats = NDArray[np.float64]


def with_posts(
    study: Study,
    room: float = 0.02,
    growth: float = 0.01,
    giving_up: tuple[float, float] | None = (0.0, 0.05),
    waiting: float = 9.0,
    exits: str | None = None,
    **given: Any,
) -> Study:
    """A study with LIS2/3 posts, the later the more.

    Parameters
    ----------
    room : posts beyond the doctors in LIS2/3 at the start, as a share of them
    giving_up : range of those who wait and give up a year; None: nobody does
    growth : posts added each third year, as a share of them
    exits : of those who wait or train; None: as the study says, which leaves it out
    """
    trainees = study.training.trainees_at_start.value * group_shares(study)[0]
    first, last = study.time.first_year, study.time.last_year
    rows = tuple(
        {
            "year": year,
            "group": group,
            "posts": trainees[k] * (1.0 + room + growth * (year - first) * (1.0 + k)),
            "assumption": WHY,
        }
        for k, group in enumerate(study.groups)
        for year in range(first, last + 1, 3)
    )
    section = {
        "posts": rows,
        "waiting_at_start": fixed(waiting),
        "giving_up_per_year": fixed(0.0) if giving_up is None else between(*giving_up),
        "on_leave": between(0.05, 0.1),
        "locums": fixed(0.8),
    }
    data = study.model_dump()
    if exits is None:
        del data["training"]["exits"]
    else:
        data["training"]["exits"] = exits
    data["training"]["historic_until"] = first
    data["limits"]["trainees"] = {}
    return Study.model_validate(data | {"specialist_posts": section | given})


def with_lasting_posts(study: Study, stays: bool, given: dict[str, Any]) -> Study:
    """The study with limited posts; who waits or trains leaves work as specialists do, or `stays`.

    Nobody leaves either where more would then be lost of those who wait than before LIS1.
    """
    if not stays:
        with suppress(ValidationError):
            return with_posts(study, exits="specialists", **given)
    return with_posts(study, exits="none", **given)


def limited_study(seed: int, regions: int = 2, groups: int = 2, **given: Any) -> Study:
    """A small study with LIS2/3 posts that some fill and some do not."""
    return with_posts(small_study(seed, regions=regions, groups=groups), **given)


def naive_admission(study: Study, draws: Draws, i: int, exits: float) -> dict[str, Any]:
    """Scenario i of the table of 3.8 as nested lists; `exits` as drawn."""
    figures = Figures(study, draws)
    admission = admission_of(study, figures)
    assert admission is not None
    per_year = float(figures["specialist_posts.giving_up_per_year"][i])
    return {
        "posts": np.moveaxis(training_posts(study), -1, 0).tolist(),
        "waiting": admission.waiting.tolist(),
        "giving_up": 1.0 - (1.0 - per_year) ** 0.5,
        "exits": exits,
    }
