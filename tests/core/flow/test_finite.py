"""A region without posts is a region like others; what is no number is never told as no risk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from lis1plan.cli import main
from lis1plan.core.compute.workers import Workers
from lis1plan.core.flow import observed
from lis1plan.core.flow.finite import NotFiniteError, require_finite
from lis1plan.core.flow.projection import Request, projected_block
from lis1plan.core.flow.rates import build_rates
from lis1plan.core.flow.sound import UnsoundError
from lis1plan.core.risk.oracle import judged_part, prepare, shortfall_of
from lis1plan.core.risk.streams import in_lanes
from lis1plan.core.scenarios.draws import Draws, draw, sample_of
from lis1plan.core.study.study import Study

from ...helpers.small_study import changed, fixed, one_limit, small_study

HARDLY = 2.0**-30
"""Posts: a power of two, so that totals less the rest of them are exact."""


def posts(study: Study, numbers: list[float]) -> Study:
    """The study with other posts in use, region by region, and none unused."""
    keys = [f"regions.{name}.posts_in_use" for name in study.regions]
    values = dict(zip(keys, map(fixed, numbers), strict=True))
    return changed(study, values | {"posts.unused": fixed(0), "posts.history": ()})


def risks(study: Study) -> np.ndarray[Any, np.dtype[np.float64]]:
    return prepare(study, sample_of(study), Workers(1)).risk(study.given_levels)


@pytest.mark.parametrize("numbers", [[60, 0], [0, 60], [60, 0, 0], [0, 60, 0]])
def test_region_without_posts_is_one_with_hardly_any(numbers: list[float]) -> None:
    """Rates and risks are the limits of those with ever fewer posts."""
    study = small_study(5, regions=len(numbers))
    none, hardly = posts(study, numbers), posts(study, [max(each, HARDLY) for each in numbers])
    some, others = (build_rates(each, draw(each, sample_of(each), 0, 8)) for each in (none, hardly))
    np.testing.assert_allclose(some.choice.sum(axis=2), 1.0, rtol=1e-12)
    for name, values in some._asdict().items():
        np.testing.assert_allclose(values, getattr(others, name), atol=1e-6, err_msg=name)
    np.testing.assert_allclose(risks(none), risks(hardly), atol=1e-7)


def test_country_without_posts_is_refused() -> None:
    with pytest.raises(ValidationError, match="posts_in_use: 0 in every region; at least one"):
        posts(small_study(5), [0, 0])


def test_country_whose_posts_are_all_closed_is_refused() -> None:
    study = small_study(5)
    rows = [{"region": n, "year": 2019, "posts": 0, "source": "made up"} for n in study.regions]
    with pytest.raises(ValidationError, match="history: no region has posts left at the first"):
        changed(study, {"posts.history": tuple(rows)})
    changed(study, {"posts.history": tuple(rows[1:])})


def test_first_figure_that_is_no_number_is_named_with_its_scenario() -> None:
    values = np.zeros((4, 2))
    require_finite({"a": values})
    broken = values.copy()
    broken[2, 1] = np.inf
    with pytest.raises(NotFiniteError, match="scenario 12: b is infinite or not a number"):
        require_finite({"a": values, "b": broken}, first=10)


def _broken(study: Study, first: int, key: str) -> Draws:
    """What scenarios drew, the third of them no number for one figure."""
    draws = draw(study, sample_of(study), first, 5)
    draws.figures[key][2] = np.nan
    return draws


BREAKABLE = ("queue.leakage", "queue.fill_rate", "lis1.leave", "training.completion_share")


@pytest.mark.parametrize("key", BREAKABLE)
def test_nothing_is_judged_that_is_no_number(key: str) -> None:
    study = small_study(5)
    with pytest.raises(NotFiniteError, match="scenario 22:"):
        judged_part(study, _broken(study, 20, key), 20)


@pytest.mark.parametrize("key", BREAKABLE)
def test_nothing_is_projected_that_is_no_number(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    study = small_study(5)
    monkeypatch.setattr(observed, "draw", lambda *_: _broken(study, 20, key))
    with pytest.raises(NotFiniteError, match="scenario 22:"):
        projected_block(20, 5, Request(study, sample_of(study), {"none": study.given_levels}))


@pytest.mark.parametrize("scope", ["pooled", "summed"])
@pytest.mark.parametrize("statistic", ["mean", "max", "sum"])
@pytest.mark.parametrize("year", [0, 1, 3])
@pytest.mark.parametrize("array", ["baseline", "demand"])
def test_shortfall_of_no_number_is_no_zero(
    scope: str, statistic: str, year: int, array: str
) -> None:
    """In any year, under every statistic: comparisons with NaN are false, maxima forget it."""
    base = small_study(5)
    limit = one_limit(list(base.regions), scope=scope, statistic=statistic, measure="absolute")
    study = changed(base, {"risk": {"all": limit}})
    lanes = judged_part(study, draw(study, sample_of(study), 0, 5)).lanes
    getattr(lanes, array)[3, 0, year, 0] = np.nan
    with pytest.raises(UnsoundError, match=r"scenario 3: shortfall of risk\.all is"):
        shortfall_of(study, in_lanes(study, lanes), (0, 5), study.given_levels)


def test_command_says_so_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*drawn: Any) -> Draws:
        draws = draw(*drawn)
        draws.figures["queue.leakage"][7:] = np.nan  # not the one scenario that warms up
        return draws

    monkeypatch.setattr(observed, "draw", broken)
    asked = ["project", "tutorial", "--scenarios", "8", "--out", str(tmp_path), "--quiet"]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("lis1plan: scenario 7: leakage is infinite or not a number")
    assert list(tmp_path.glob("*.nc")) == []
