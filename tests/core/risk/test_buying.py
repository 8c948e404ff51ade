"""Price and maximum of supervision in the sensitivity: what a given plan pays and lacks by them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from lis1plan.core.compute.place import silent
from lis1plan.core.files.store import write_result
from lis1plan.core.risk.buying import Wanted, bought_and_lacking
from lis1plan.core.risk.sensitivity import design_of, outcome_block, points, views, wanted_under
from lis1plan.core.scenarios.factors import BOUGHT, LACKING, factors, of_purchases, outcomes
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.posts import levels
from lis1plan.core.system.supervision import use_at_start
from lis1plan.core.verify.laws import verify
from lis1plan.jobs.options import SensitivityOptions
from lis1plan.jobs.request import PLAN, JobRequest
from lis1plan.jobs.sensitivity import sensitivities
from lis1plan.report.reading import Reading
from lis1plan.report.sections.sensitivity import drivers, range_in_words
from lis1plan.report.texts.words import LANGUAGES, Words

from ...helpers.limited_study import purchase
from ...helpers.small_study import between, changed, fixed, small_study

SOLD = "capacity.hospital_supervision.purchase"
KEYS = [f"{SOLD}.price", f"{SOLD}.at_most"]


def study_with(price: object, at_most: object, seed: int = 1) -> Study:
    small = small_study(seed, regions=2, scenarios=30, slack=0.0)
    return changed(small, {SOLD: purchase(price, at_most)})


def plan_of(study: Study) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.full((2, len(study.decision_years)), 3.0)


@pytest.fixture(scope="module")
def uncertain() -> Study:
    return study_with(between(100.0, 900.0), between(0.0, 0.15))


def test_every_point_pays_what_a_study_with_its_price_and_maximum_pays(uncertain: Study) -> None:
    slots, design = plan_of(uncertain), design_of(uncertain, "sobol", 2)
    level = levels(uncertain, slots)
    lacks = wanted_under(uncertain, level).lacking
    found = outcome_block(0, 2, views(uncertain), design, level)[-2:].reshape(2, -1)
    u = points(design, 0, 2).reshape(-1, len(design.owner))[:, -2:]
    assert found[1].max() > 0.0
    for n, (paid, lacking) in enumerate(found.T):
        price, share = (
            float(uncertain.quantities[key].quantile(u[:, k])[n]) for k, key in enumerate(KEYS)
        )
        certain = study_with(fixed(price), fixed(share))
        sold = system_of(certain).prices.purchases
        assert paid == pytest.approx(sold.discounted(level))
        short = lacks - sold.bought(level)[:, :, certain.first :]
        assert lacking == pytest.approx((short / use_at_start(certain)[:, :, None]).max())


@pytest.mark.parametrize("at_most", [fixed(0.02), None])
def test_a_maximum_that_is_certain_or_none_is_that_of_every_point(at_most: object) -> None:
    study = study_with(between(100.0, 900.0), at_most)
    design, level = design_of(study, "sobol", 2), levels(study, plan_of(study))
    paid, lacking = outcome_block(0, 2, views(study), design, level)[-2:].reshape(2, -1)
    sold = system_of(study_with(fixed(1.0), at_most)).prices.purchases
    price = study.quantities[KEYS[0]].quantile(points(design, 0, 2)[..., -1].ravel())
    assert paid == pytest.approx(sold.discounted(level) * price)
    short = wanted_under(study, level).lacking - sold.bought(level)[:, :, study.first :]
    assert lacking == pytest.approx((short / use_at_start(study)[:, :, None]).max(), abs=1e-9)
    assert paid.min() > 0.0


def test_without_a_maximum_nothing_is_lacking() -> None:
    wanted = Wanted(np.full((2, 1, 3), 7.0), np.array([[10.0], [0.0]]), np.array([1.0, 0.5, 0.25]))
    endless = np.full((1, 2), np.inf)
    paid, lacking = bought_and_lacking(wanted, np.array([[2.0, 1.0]]), endless)[:, 0]
    assert (paid, lacking) == (3.0 * 7.0 * 1.75, 0.0)
    most = np.array([[0.5, 0.5]])
    paid, lacking = bought_and_lacking(wanted, np.array([[2.0, 1.0]]), most)[:, 0]
    assert (paid, lacking) == (2.0 * 5.0 * 1.75, pytest.approx(0.2))


def test_what_is_certain_or_not_sold_leaves_no_trace() -> None:
    assert of_purchases(study_with(between(100.0, 900.0), None)) == KEYS[:1]
    for study in (small_study(1), study_with(fixed(500.0), fixed(0.1))):
        assert of_purchases(study) == []
        assert not {BOUGHT, LACKING} & outcomes(study).keys()
        assert not any(".purchase." in factor.key for factor in factors(study))


@pytest.fixture(scope="module")
def found(uncertain: Study) -> xr.Dataset:
    options = SensitivityOptions(method="sobol", samples=32)
    return sensitivities(JobRequest(uncertain, options, {PLAN: plan_of(uncertain)}), 1, silent)


def test_price_and_maximum_drive_what_is_bought_and_no_shortage(found: xr.Dataset) -> None:
    total = found.sensitivity_total
    by_key = dict(zip(found.factor_id.values, range(found.sizes["factor"]), strict=True))
    outcome = dict(zip(found.outcome_id.values, range(found.sizes["outcome"]), strict=True))
    sold, other = [by_key[key] for key in KEYS], [n for k, n in by_key.items() if k not in KEYS]
    assert (total[outcome[BOUGHT], sold] > 0.05).all()
    assert total[outcome[LACKING], by_key[KEYS[0]]] == 0.0
    assert total[outcome[LACKING], by_key[KEYS[1]]] == pytest.approx(1.0, abs=0.2)
    for name in (BOUGHT, LACKING):
        assert (total[outcome[name], other] == 0.0).all()
    shortages = [n for name, n in outcome.items() if name not in (BOUGHT, LACKING)]
    assert (total[shortages][:, sold] == 0.0).all()


def test_file_and_report_tell_of_them(found: xr.Dataset, tmp_path: Path) -> None:
    path = write_result(found, tmp_path / "found.nc", found.attrs)
    assert [check for check in verify(path) if check.passed is False] == []
    for words in map(Words, LANGUAGES):
        told = str(drivers(Reading(found), words))
        assert words("drivers.bought") in told
        assert words("drivers.lacking") in told
        assert range_in_words(Reading(found), KEYS[1], words) in told
