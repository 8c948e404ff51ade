"""Exits by calendar year of those at work at the start: as the table says, and nobody else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from lis1plan.core.flow.intake import build_origins
from lis1plan.core.flow.rates import ages, build_rates
from lis1plan.core.kernels.cohorts import Rates
from lis1plan.core.kernels.loops import ensemble
from lis1plan.core.risk.streams import stream_tiers
from lis1plan.core.scenarios.draws import draw, sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.posts import levels, no_slots

from ...helpers import naive
from ...helpers.rates_of import close
from ...helpers.small_study import WHY, changed, naive_scenarios, random_slots, small_study
from .test_others import naive_others, with_others

GROUPS = ("general_practice", "hospital")


def rows(**by_year: Any) -> tuple[dict[str, Any], ...]:
    """Rows of every group: `factor` or `yearly_share` -> year -> value."""
    return tuple(
        {"group": group, "year": year, field: value, "assumption": WHY}
        for group in GROUPS
        for field, values in by_year.items()
        for year, value in values.items()
    )


def small(table: tuple[dict[str, Any], ...] = (), **further: Any) -> Study:
    study = small_study(3, groups=2, regions=2, scenarios=3)
    return changed(study, {"specialists.exits_by_year": table} | further)


def rates_of(study: Study) -> Rates:
    return build_rates(study, draw(study, sample_of(study), 0, 3))


def flows(study: Study, stock: float = 1.0, joining: float = 1.0) -> np.ndarray:
    """Specialists [n, year, group, region] with so much of the stock, and of all who join."""
    draws = draw(study, sample_of(study), 0, 3)
    rates = build_rates(study, draws)
    rates = rates._replace(
        specialists=stock * rates.specialists,
        **{
            name: joining * getattr(rates, name)
            for name in ("foreign", "direct_entry", "trainees", "occupants", "newcomers")
        },
        unplaced=joining * rates.unplaced,
        starting=joining * rates.starting,
    )
    origins = build_origins(study, draws, rates)
    return np.asarray(ensemble(rates, origins, levels(study, no_slots(study))).specialists)


def by_hand(study: Study, table: dict[str, dict[int, float]]) -> np.ndarray:
    """Those at work at the start, age by age and year by year, [n, year, group] persons."""
    rates = rates_of(study)  # without a table
    n, groups, oldest = rates.survival.shape
    result = np.zeros((n, len(study.years), groups))
    for i, k, a in np.ndindex(n, groups, oldest):
        present = rates.specialists[k, :, a].sum()
        for y, year in enumerate(study.years):
            leaving = 1.0
            if a + y < oldest:
                by_age = 1.0 - rates.survival[i, k, a + y] ** 2
                leaving = min(by_age * table.get("factor", {}).get(year, 1.0), 1.0)
            leaving = table.get("yearly_share", {}).get(year, leaving)
            present *= 1.0 - leaving
            result[i, y, k] += present
    return result


@pytest.mark.parametrize(
    "table",
    [
        {"yearly_share": {2019: 0.1, 2020: 0.0, 2023: 0.5}},
        {"factor": {2018: 2.0, 2021: 0.0, 2024: 40.0}},
        {"yearly_share": {2020: 1.0}, "factor": {2019: 1.5}},
    ],
)
def test_those_at_work_at_the_start_leave_as_the_table_says(table: Any) -> None:
    study = small()
    found = flows(small(rows(**table)), joining=0.0).sum(axis=3)
    assert found == pytest.approx(by_hand(study, table), rel=1e-11, abs=1e-9)
    assert np.abs(found - by_hand(study, {})).max() > 1.0


def test_who_joins_later_follows_the_exits_by_age() -> None:
    """The two parts of the stock add up, the response to a post is the same."""
    study, other = small(), small(rows(yearly_share={2019: 0.3}, factor={2022: 3.0}))
    assert flows(other, stock=0.0) == pytest.approx(flows(study, stock=0.0), rel=1e-11)
    parts = flows(other, joining=0.0) + flows(other, stock=0.0)
    assert flows(other) == pytest.approx(parts, rel=1e-11)
    tiers = [stream_tiers(each, rates_of(each), 30)[1] for each in (study, other)]
    assert tiers[0] == pytest.approx(tiers[1], rel=1e-12)


def test_a_factor_of_one_in_every_year_changes_nothing() -> None:
    study = small()
    same = small(rows(factor=dict.fromkeys(study.years, 1.0)))
    assert flows(same) == pytest.approx(flows(study), rel=1e-11)


@pytest.mark.parametrize("seed", range(3))
def test_the_naive_model_agrees_and_people_are_conserved(seed: int) -> None:
    table = rows(yearly_share={2019: 0.2 * seed, 2020: 0.05}, factor={2018: 1.0 + seed})
    study = small(table)
    sample, draws = sample_of(study), draw(study, sample_of(study), 0, 3)
    rates, level = build_rates(study, draws), levels(study, random_slots(study, seed))
    got = ensemble(rates, build_origins(study, draws, rates), level)
    for i, scenario in enumerate(naive_scenarios(study, sample)[0][:3]):
        wanted = naive.flow(scenario, level.tolist())
        assert close(got.supply[i], np.array(wanted["supply"]))
        assert close(got.specialists[i], np.array(wanted["persons"]))
    naive_others(with_others(study), seed)


def test_off_it_leaves_no_trace() -> None:
    study = small_study(3, groups=2)
    assert "exits_by_year" not in study.canonical_text
    assert rates_of(study).survival.shape[2] == len(ages(study))
    assert "exits_by_year" in small(rows(factor={2019: 1.0})).canonical_text


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (rows(factor={2012: 1.0}), "exits_by_year.0: a row for 2012; the projection is from 20"),
        (rows(factor={2019: 1.0}) + rows(yearly_share={2019: 0.1}), "two rows for group 'general"),
        (
            [{"group": "nurses", "year": 2019, "factor": 1.0} | {"assumption": WHY}],
            "label 'nurses'",
        ),
        ([{"group": "hospital", "year": 2019, "assumption": WHY}], "give either factor or yearly_"),
        (rows(yearly_share={2019: 1.2}), "less than or equal to 1"),
    ],
)
def test_what_makes_no_sense_is_refused(table: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        small(table)
