"""What is scored: by which form, from which year, beside which forecasts without a model."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from lis1plan.configs.loader import load_study
from lis1plan.core.backtest.compare import PROJECTION, Compared, compared
from lis1plan.core.backtest.naive import naive_forecasts, published_growth
from lis1plan.core.backtest.observed import Observed, Scope
from lis1plan.core.backtest.paths import path_of
from lis1plan.core.compute.workers import Workers
from lis1plan.core.flow.others import POPULATIONS, counted_at_start
from lis1plan.core.flow.projection import Projection, Request, project_plans
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study

from ...helpers.small_study import small_study
from ..flow.test_others import with_others


@cache
def projected() -> tuple[Study, Projection]:
    study = load_study("tutorial", ["sampling.scenarios=64"])
    asked = Request(study, sample_of(study), {"none": study.given_levels}, ensemble=True)
    return study, project_plans(asked, Workers(1))


def beside(study: Study, projection: Projection, observed: Observed) -> Compared:
    """An observed series beside a projection."""
    others = study.without_speciality
    scope = Scope(tuple(study.regions), tuple(study.groups), study.years, others is not None)
    started = None if others is None else counted_at_start(study, others)
    path = path_of(scope, projection, observed, started)
    return compared(scope, observed, path, {})


def seen(series: str, values: dict[int, float], **more: str) -> Compared:
    return beside(*projected(), Observed(series, values=values, **more))


def started() -> float:
    """Specialists at the start: those of the table, in all."""
    study, _ = projected()
    return sum(row.persons for row in study.specialists.stock)


def test_a_stock_is_scored_by_level_and_by_growth_from_its_start() -> None:
    study, projection = projected()
    first = study.time.first_year
    values = {first - 1: started(), first: started() + 7.0, first + 2: started() - 3.0}
    found = seen("specialists", values)
    assert (found.origin, found.years) == (first - 1, (first, first + 2))
    assert list(found.forms) == ["level", "growth", "relative"]
    path = projection.ensemble["specialists"].astype(float).sum(axis=(2, 3))[:, [0, 2]]
    growth = found.forms["growth"]
    assert growth.observed.tolist() == [7.0, -3.0]
    assert growth.forecasts[PROJECTION].values == pytest.approx(path - started(), abs=0.01)
    relative = found.forms["relative"].forecasts[PROJECTION].values
    assert relative == pytest.approx(path / started() - 1.0, abs=1e-5)


def test_levels_of_another_vintage_are_not_scored() -> None:
    study, _ = projected()
    first = study.time.first_year
    found = seen("specialists", {first - 1: 1.5 * started(), first: 1.6 * started()})
    assert list(found.forms) == ["growth", "relative"]
    assert found.forms["growth"].observed == pytest.approx(0.1 * started())


def test_what_happens_in_a_year_has_no_growth() -> None:
    study, _ = projected()
    first = study.time.first_year
    found = seen("appointed", {first: 10.0, first + 1: 12.0, first + 3: 12.5})
    assert list(found.forms) == ["level"]
    assert (found.origin, found.years) == (first, (first + 1, first + 3))


def test_of_a_region_and_a_group_only_theirs_is_scored() -> None:
    study, projection = projected()
    first, k, r = study.time.first_year, 1, 1
    place = {"group": list(study.groups)[k], "region": list(study.regions)[r]}
    found = seen("qualified", {first: 1.0, first + 1: 1.0}, **place)
    path = projection.ensemble["qualified"][:, 1, k, r]
    assert found.forms["level"].forecasts[PROJECTION].values[:, 0] == pytest.approx(path)
    assert set(found.naive) == {"constant"}


def test_forecasts_without_a_model_know_nothing_later() -> None:
    observed = Observed("specialists", values={2019: 80.0, 2023: 100.0, 2024: 104.0, 2026: 500.0})
    found = naive_forecasts(observed, 2024, (2025, 2026, 2028), {})
    assert found["constant"].tolist() == [104.0, 104.0, 104.0]
    assert found["last_growth"].tolist() == [108.0, 112.0, 120.0]
    assert found["mean_growth"] == pytest.approx([108.8, 113.6, 123.2])
    lacking = Observed("specialists", values={2022: 90.0, 2024: 104.0})
    assert set(naive_forecasts(lacking, 2024, (2025,), {})) == {"constant"}


def test_published_alternatives_forecast_doctors_alone() -> None:
    study, _ = projected()
    rows = [row for row in study.demand.alternatives if row.unit == "FTE"]
    for series, expected in (("doctors", rows), ("specialists", [])):
        observed = Observed(series, values={2024: 1000.0})
        published = published_growth(study.demand.alternatives, series)
        found = naive_forecasts(observed, 2024, (2026,), published)
        named = {row.id: 1000.0 + 2.0 * row.doctors_per_year for row in expected}
        assert {k: v.item() for k, v in found.items() if k != "constant"} == pytest.approx(named)


def test_scenarios_weigh_in_scores_as_they_do_in_the_projection() -> None:
    study, projection = projected()
    weight = np.linspace(0.5, 1.5, len(projection.demand))
    first = study.time.first_year
    observed = Observed("specialists", values={first - 1: started(), first + 4: started()})
    found = beside(study, projection._replace(weight=weight), observed)
    path = projection.ensemble["specialists"].astype(float).sum(axis=(2, 3))[:, 4]
    mean = (path * weight).sum() / weight.sum()
    assert found.forms["level"].score(PROJECTION)["bias"] == pytest.approx(mean - started())


def test_head_counts_are_those_of_the_populations() -> None:
    """All doctors, those who wait as well, and of these who is no specialist; start and path."""
    study = with_others(small_study(4))
    level = {"none": study.given_levels}
    projection = project_plans(Request(study, sample_of(study), level, ensemble=True), Workers(1))
    assert projection.counted is not None
    assert study.without_speciality is not None
    names = list(POPULATIONS)
    start = dict(zip(names, counted_at_start(study, study.without_speciality), strict=True))
    path = {name: projection.counted[0, :, :, n].astype(float) for n, name in enumerate(names)}
    first = study.time.first_year
    expected = {
        "all_doctors": (start["all"], path["all"]),
        "all_with_waiting": (start["waiting"], path["waiting"]),
        "without_speciality": (
            start["waiting"] - start["specialists"],
            path["waiting"] - path["specialists"],
        ),
    }
    for series, (begun, values) in expected.items():
        observed = Observed(series, values={first - 1: float(begun), first + 1: 5.0})
        growth = beside(study, projection, observed).forms["growth"]
        assert growth.observed == pytest.approx([5.0 - begun])
        assert growth.forecasts[PROJECTION].values[:, 0] == pytest.approx(values[:, 1] - begun)


def test_head_counts_need_doctors_without_a_speciality() -> None:
    with pytest.raises(ValueError, match="no doctors without a speciality"):
        seen("all_doctors", {2026: 1.0, 2027: 2.0})
