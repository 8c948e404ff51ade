"""Exits while in training: none unless the study says so, else the specialists' rate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.flow.others import build_others
from lis1plan.core.flow.projection import Request, projected_block
from lis1plan.core.flow.rates import build_rates, training_exits
from lis1plan.core.kernels.cohorts import Rates
from lis1plan.core.scenarios.draws import Draws, Figures, draw, sample_of
from lis1plan.core.study.study import Study

from ...helpers.small_study import AUTUMN_STARTS, changed, fixed, small_study
from .test_others import naive_others, with_others

Floats = NDArray[np.float64]
ON: dict[str, Any] = {"training.exits": "specialists"}


def drawn(study: Study, scenarios: int = 5) -> tuple[Draws, Rates]:
    draws = draw(study, sample_of(study), 0, scenarios)
    return draws, build_rates(study, draws)


def test_those_in_training_leave_at_the_specialists_rate() -> None:
    """Still in training after d half-years: (1 - e)^d times as many, e as of a young specialist."""
    study = small_study(3, groups=2)
    with_exits = changed(study, ON)
    (_, off), (draws, on) = drawn(study), drawn(with_exits)
    no_retirement = changed(with_exits, {"specialists.retirement_scale": fixed(0.0)})
    stay = drawn(no_retirement)[1].survival[:, 0, 0]
    assert 1.0 - training_exits(with_exits, Figures(with_exits, draws)) == pytest.approx(stay)
    assert (stay < 1.0).all()
    for name in ("outcome", "historic_outcome"):
        left_in = [1.0 - np.cumsum(getattr(r, name).sum(axis=1), axis=-1) for r in (off, on)]
        years = np.arange(1, left_in[0].shape[-1] + 1)
        wanted = left_in[0] * stay[:, None, None] ** years
        assert left_in[1] == pytest.approx(wanted, abs=1e-12)
        fewer = getattr(off, name)[:, 0] * stay[:, None, None] ** years
        assert getattr(on, name)[:, 0] == pytest.approx(fewer, abs=1e-12)
        assert (getattr(on, name) >= 0.0).all()


def test_without_exits_nothing_changes_by_a_bit() -> None:
    study = small_study(3, groups=2, changes={"specialists.other_exits_per_year": fixed(0.0)})
    (_, off), (_, on) = drawn(study), drawn(changed(study, ON))
    for name, values in off._asdict().items():
        assert np.array_equal(values, getattr(on, name)), name
    assert not training_exits(
        small_study(3), Figures(small_study(3), drawn(small_study(3))[0])
    ).any()


@pytest.mark.parametrize("seed", range(3))
def test_who_leaves_work_does_not_join_those_without_a_speciality(seed: int) -> None:
    naive_others(with_others(small_study(seed, regions=2, groups=1 + seed % 2, changes=ON)), seed)


def test_everybody_is_somewhere_or_left_work() -> None:
    study = with_others(small_study(4, regions=2, groups=2, changes=ON | AUTUMN_STARTS))
    draws, rates = drawn(study, 8)
    asked = Request(study, sample_of(study), {"plan": study.given_levels}, ensemble=True)
    flows = {
        name: values.astype(float).sum(axis=tuple(range(2, values.ndim)))
        for name, values in projected_block(0, 8, asked).ensemble.items()
    }
    others = build_others(study, Figures(study, draws), rates)
    assert others is not None
    direct = rates.direct_entry.sum(axis=(2, 3)).reshape(8, -1, 2).sum(axis=2)
    stocks = sum(flows[name] for name in ("unplaced", "awaiting", "lis1", "training"))
    came = flows["newcomers"] + direct + 2.0 * others.arrivals[:, None]
    gone = flows["qualified"] + flows["others_joined"]
    left_work = (came - gone)[:, 1:] - np.diff(stocks, axis=1)
    inside = flows["training"][:, :-1] + flows["entered"][:, 1:]
    least, most = 1.0 * others.exits[:, None], 2.0 * others.exits[:, None]
    assert (left_work > least * flows["training"][:, :-1] * 0.9).all()
    assert (left_work < most * inside).all()
