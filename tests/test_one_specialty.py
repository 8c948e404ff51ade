"""The worked example: one specialty of one country, one intake for all years, as its page says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from lis1plan.configs.loader import load_study
from lis1plan.core.compute.workers import Workers
from lis1plan.core.flow.durations import durations
from lis1plan.core.flow.intake import build_origins
from lis1plan.core.flow.rates import build_rates
from lis1plan.core.kernels.loops import ensemble
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import draw, sample_of
from lis1plan.core.scenarios.factors import factors, label
from lis1plan.core.study.checks.doubts import doubts
from lis1plan.core.study.study import Study
from lis1plan.core.system.posts import levels
from lis1plan.core.verify.laws import verify
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.search.fractional import cheapest_fractions
from lis1plan.optimise.search.solve import find_plan
from lis1plan.optimise.search.value import Search
from lis1plan.optimise.solvers.clock import Clock

from .conftest import run_small
from .helpers import naive
from .helpers.rates_of import close
from .helpers.searching import searching
from .helpers.small_study import changed, fixed, naive_scenarios

DOCS = Path(__file__).resolve().parents[1] / "docs"
FILE = DOCS / "one-specialty" / "one-specialty.toml"


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(str(FILE))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `lis1plan run` writes, in a process of its own."""
    out = tmp_path_factory.mktemp("one-specialty")
    run_small(FILE, out)
    (found,) = out.glob("*.nc")
    return found


def test_every_figure_is_marked_as_an_assumption(study: Study) -> None:
    figures = dict(study.figures())
    assert len(figures) > 60
    assert [key for key, each in figures.items() if not each.assumption.strip()] == []
    assert [key for key, each in figures.items() if each.source.strip()] == []
    assert list(doubts(study)) == []


@pytest.mark.thorough
def test_one_number_of_starts_for_all_years_as_the_page_says(study: Study, path: Path) -> None:
    result = xr.load_dataset(path)
    assert result.attrs["solution_status"] == "optimal"
    level = result["level"].isel(plan=0).sum("region").values
    decided = level[study.first :]
    assert (decided == decided[0]).all()
    assert float(result["risk_in_sample"][0, 0]) <= study.risk["country"].limit + 1e-9
    page = (DOCS / "countries.md").read_text("utf-8")
    assert f"from {level[0]:.0f} to {decided[0]:.0f} starts a year" in page
    assert [check for check in verify(path, quick=True) if check.passed is False] == []
    html = path.with_suffix(".html").read_text("utf-8")
    assert "Exits by year of those at work at the start" in html
    assert "intake_change.country" in result["constraint_id"].values


def test_the_stated_time_is_what_the_flow_takes(study: Study) -> None:
    """The year of the first stage and 4.2 years on the mean, to 1e-12."""
    mean = np.array([4.0, 4.2, study.training.mean_years.expected])
    shares = durations(study.training, mean)
    assert shares @ np.arange(1.0, shares.shape[1] + 1.0) / 2.0 == pytest.approx(mean, abs=1e-12)


def test_a_time_between_half_years_costs_what_lies_between(study: Study) -> None:
    """4.2 years: 0.6 of what 4.0 costs and 0.4 of 4.5, to 1 %; the nearest is 10 % off."""
    split = {years: _least_cost(study, years, "split") for years in (4.0, 4.2, 4.5)}
    between = 0.6 * split[4.0] + 0.4 * split[4.5]
    assert split[4.2] == pytest.approx(between, rel=0.01)
    assert _least_cost(study, 4.2, "nearest") < 0.92 * between


@pytest.mark.parametrize(
    ("change", "wanted", "said"),
    [
        (
            {"limits.intake_change.country": fixed(40.0)},
            {2026: 6, 2027: 6},
            "the plan is 6 more in 2026 and 6 more in 2027, for 114 million instead of 118",
        ),
        (
            {"specialists.exits_by_year": ()},
            {2026: 14},
            "By age alone (`--set specialists.exits_by_year=[]`) it would take 14 more posts "
            "instead of 12",
        ),
    ],
)
def test_what_the_page_says_of_other_keys_is_so(
    study: Study, change: dict[str, Any], wanted: dict[int, int], said: str
) -> None:
    assert said in (DOCS / "countries.md").read_text("utf-8")
    found = find_plan(_search(changed(study, change)))
    opened = zip(study.decision_years, found.slots[0], strict=True)
    assert {year: slots for year, slots in opened if slots} == wanted
    if "for 114 million" in said:
        assert round(found.cost / 1e6) == 114
        assert round(find_plan(_search(study)).cost / 1e6) == 118


def _search(study: Study) -> Search:
    pool = CutPool(prepare(study, sample_of(study), Workers(1)))
    return searching(pool, study, study.risk_at_most, Clock(60.0))


def _least_cost(study: Study, years: float, half_years: str) -> float:
    """Cost of the cheapest plan in fractions where all take so long, million NOK."""
    times = {f"training.{key}_years": fixed(years) for key in ("shortest", "mean")}
    given = times | {"training.half_years": half_years, "sampling.scenarios": 64}
    return cheapest_fractions(_search(changed(study, given))).objective


def test_the_flow_is_the_naive_one(study: Study) -> None:
    sample = sample_of(study)._replace(scenarios=4)
    draws = draw(study, sample, 0, 4)
    rates = build_rates(study, draws)
    level = levels(study, np.eye(1, len(study.decision_years)) * 12.0)
    got = ensemble(rates, build_origins(study, draws, rates), level)
    for i, scenario in enumerate(naive_scenarios(study, sample)[0]):
        wanted = naive.flow(scenario, level.tolist())
        assert close(got.supply[i], np.array(wanted["supply"]))
        assert close(got.training[i], np.array(wanted["training"]))


def test_each_part_of_demand_is_a_factor_of_its_own(study: Study) -> None:
    names = [label(study, factor.key) for factor in factors(study)]
    for name in ("Demography", "Epidemiology", "Substitution by other professions", "Unmet need"):
        assert len([each for each in names if each.endswith(f"({name})")]) == 1
