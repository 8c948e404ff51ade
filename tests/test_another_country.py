"""Another country is a study, not a patch: its own words, ages, months, bands and exits."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from lis1plan.configs.loader import load_study
from lis1plan.core.errors import InputError
from lis1plan.core.flow.intake import build_origins
from lis1plan.core.flow.rates import ages, build_rates, fte_by_age, initial_specialists
from lis1plan.core.kernels.loops import ensemble
from lis1plan.core.scenarios.draws import draw, sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.costs import slot_cost
from lis1plan.core.system.posts import levels, starts_of_a_year

from .conftest import run_small
from .helpers import naive
from .helpers.rates_of import close
from .helpers.small_study import naive_scenarios

FILE = Path(__file__).with_name("studies") / "netherlands.toml"


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(str(FILE))


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    """What `lis1plan run` writes, in a process of its own."""
    out = tmp_path_factory.mktemp("netherlands")
    run_small(FILE, out)
    (path,) = out.glob("*.nc")
    assert path.with_suffix(".html").stat().st_size > 0
    return xr.load_dataset(path)


def test_every_figure_is_marked_as_an_assumption(study: Study) -> None:
    figures = dict(study.figures())
    assert len(figures) > 60
    assert [key for key, each in figures.items() if not each.assumption.strip()] == []
    assert [key for key, each in figures.items() if each.source.strip()] == []


def test_the_study_says_all_that_differs(study: Study) -> None:
    stock = initial_specialists(study)
    assert stock.shape[:2] == (2, 1)
    assert stock.sum() == 11_410.0
    assert ages(study).tolist() == list(range(30, 70))
    fte = fte_by_age(study)[:, [0, -1]]
    assert fte.tolist() == [[0.70, 0.66], [0.88, 0.75]]
    assert starts_of_a_year(study) == ((3, 0.45), (9, 0.55))
    gross, report = slot_cost(study)
    assert gross.sum(axis=1) == pytest.approx([330_000.0, 4_000.0])
    assert report.sum() == pytest.approx(330_000.0)


def test_half_of_an_age_band_is_gone_after_its_years(study: Study) -> None:
    """Nobody enters or ages out of a band in an instant: 62 of 100 women leave in five years."""
    sample = sample_of(study)
    draws = draw(study, sample, 0, 4)
    survival = build_rates(study, draws).survival[:, 0, 60 - 30]
    scale = draws.figures["specialists.retirement_scale"]
    assert survival**2 == pytest.approx(1.0 - scale * (1.0 - 0.38**0.2))


def test_flow_of_the_study_is_the_naive_one(study: Study) -> None:
    sample = sample_of(study)
    draws = draw(study, sample, 0, sample.scenarios)
    rates = build_rates(study, draws)
    level = levels(study, np.full((1, len(study.decision_years)), 12.0))
    got = ensemble(rates, build_origins(study, draws, rates), level)
    nested, _ = naive_scenarios(study, sample)
    bound = []
    for i, scenario in enumerate(nested):
        wanted = naive.flow(scenario, level.tolist())
        assert close(got.supply[i], np.array(wanted["supply"]))
        assert close(got.specialists[i], np.array(wanted["persons"]))
        assert close(got.training[i], np.array(wanted["training"]))
        lis1 = np.array(wanted["occupants"])[1::2].sum(axis=1)
        assert close(got.lis1[i], lis1)
        bound.append(wanted["offers"] != wanted["appointed"])
    assert any(bound)
    assert np.abs(got.training).max() < 1e-9  # half a year of it is over when a year ends


@pytest.mark.thorough
def test_run_finds_a_plan_inside_its_limits(study: Study, result: xr.Dataset) -> None:
    assert result.attrs["solution_status"] == "optimal"
    floor, ceiling = float(result["risk_floor"][0]), float(result["risk_ceiling"][0])
    assert floor < 0.06 < ceiling
    assert float(result["risk_in_sample"][0, 0]) <= 0.06 + 1e-6
    assert 0 < result["slots"].isel(plan=0).sum() <= 60 * len(study.decision_years)
    assert [str(name) for name in result["specialty_name"].values] == ["Women", "Men"]


def test_run_reports_the_flow_of_its_plan(study: Study, result: xr.Dataset) -> None:
    """The mean supply in the file is that of the naive flow under the plan in the file."""
    slots = result["slots"].isel(plan=0).values.T
    first = study.first
    level = levels(study, slots[:, first : first + len(study.decision_years)])
    nested, _ = naive_scenarios(study, sample_of(study))
    supply = np.mean([naive.flow(one, level.tolist())["supply"] for one in nested], axis=0)
    found = result["supply_group_mean"].isel(plan=0).values
    assert found == pytest.approx(supply, rel=1e-6)


def test_no_word_of_the_norwegian_study_is_needed() -> None:
    text = FILE.read_text("utf-8") + "".join(
        path.read_text("utf-8") for path in (FILE.parent / "data").iterdir()
    )
    words = r"hospital\b|municipality|norway|helfo|nord\b|midt\b|vest\b|sor_ost|general_practice\b"
    text = text.replace("Work moved from hospitals as well", "")
    assert re.findall(words, text) == []


def test_a_study_without_its_zero_is_refused_before_it_runs(tmp_path: Path) -> None:
    """The report sets every plan beside no new posts: said at the door, not after the run."""
    shutil.copytree(FILE.parent, tmp_path, dirs_exist_ok=True)
    path = tmp_path / FILE.name
    path.write_text(path.read_text("utf-8").replace("[comparison.none]", "[comparison.zero]"))
    with pytest.raises(InputError, match=r"comparison: 'none' is missing") as caught:
        load_study(str(path))
    assert len(caught.value.problems) == 1
