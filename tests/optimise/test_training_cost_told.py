"""What comes after LIS1 from question to report: its laws, checks and page, or no trace at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from pydantic import ValidationError

from lis1plan.core.compute.place import silent
from lis1plan.core.files.store import write_result
from lis1plan.core.study.study import Study
from lis1plan.core.system.specialist_training import doctor_years, more_posts
from lis1plan.core.verify.laws import verify
from lis1plan.jobs.options import ProjectOptions, ReplayOptions
from lis1plan.jobs.project import projected
from lis1plan.jobs.replay import replayed
from lis1plan.jobs.request import PLAN, JobRequest
from lis1plan.report.pages.html import render_report

from ..helpers.limited_study import closing
from ..helpers.small_study import WHY, between, changed, fixed, small_study

TOLD = (
    "training_years",
    "cost_training",
    "cost_training_posts",
    "cost_credit",
    "plan_cost_with_training",
    "plan_cost_net",
    "plan_cost_net_low",
    "plan_cost_net_high",
)
KEY = "cost.specialist_training"
YEAR = 643_000 + 0.76 * 1_092_000


def section(**changes: Any) -> dict[str, Any]:
    return {
        "training_and_treatment": fixed(643_000),
        "pay": fixed(1_092_000),
        "service_share": fixed(0.76),
        "price_factor": fixed(1.124),
        "new_post": fixed(200_000),
        "income_credit": {
            "distribution": "triangular",
            "low": 0.1,
            "mode": 0.2,
            "high": 0.5,
            "assumption": WHY,
        },
        "lis1_pay": ("hospital_pay",),
        "payers": {"hospital": "hospital", "general_practice": "municipality"},
        "counts_as_service": False,
    } | changes


def study_of(told: Mapping[str, Any] | None, **changes: Any) -> Study:
    study = small_study(3, groups=2, scenarios=12, applicants=1.6)
    return changed(study, {KEY: told, "cost.discount_rate.value": 0.04, **changes})


PLANS = {"more": [[3.0, 0.0, 2.0, 0.0, 0.0], [0.0, 4.0, 0.0, 0.0, 1.0]]}


def result_of(study: Study, slots: Any = PLANS["more"]) -> xr.Dataset:
    return projected(JobRequest(study, ProjectOptions(), {PLAN: np.array(slots)}), 1, silent)


@cache
def told_result() -> xr.Dataset:
    return result_of(study_of(section()))


@cache
def page_of() -> str:
    return render_report(told_result())


def real(study: Study) -> Any:
    elapsed = np.maximum(np.array(study.years) - study.cost.price_year, 0)
    return (1.0 + study.cost.real_growth.value) ** elapsed


# --- the flow of doctors -----------------------------------------------------------------------


def test_years_of_a_steady_stock_are_the_stock_and_none_is_lost() -> None:
    stock = np.concatenate([np.zeros(2), np.linspace(1.0, 7.0, 4), np.full(5, 7.0)])[:, None, None]
    years = doctor_years(stock)
    assert np.allclose(years[6:], 7.0)
    assert years.sum() == pytest.approx(stock.sum() - 0.25 * stock[-1].sum())
    assert not years[:2].any()


def test_posts_are_paid_once_and_not_for_fewer_doctors() -> None:
    stock = np.array([-2.0, 0.0, 3.0, 2.0, 3.0, 5.0, 1.0])[:, None]
    assert more_posts(stock)[:, 0].tolist() == [0.0, 0.0, 3.0, 0.0, 0.0, 2.0, 0.0]


def test_years_are_those_of_the_doctors_the_plan_adds() -> None:
    result = told_result()
    stock = result["training_group_mean"].sum("region").values
    added = stock[:, 0] - stock[:, 1]
    assert added.min() >= 0.0
    assert added.max() > 1.0
    before = np.concatenate([np.zeros((1, 2)), added[:-1]])
    wanted = 0.25 * before + 0.75 * added
    assert np.allclose(result["training_years"].values[:, 0], wanted, rtol=1e-12, atol=1e-9)
    assert not result["training_years"].values[:, 1].any()


# --- laws of the cost --------------------------------------------------------------------------


def test_cost_is_linear_in_the_years_of_each_group_whose_payer_pays() -> None:
    study, result = study_of(section(new_post=None)), told_result()
    assert "cost_training_posts" not in result_of(study)
    payers = [str(each) for each in result["payer_id"].values]
    groups = [str(each) for each in result["specialty_id"].values]
    paid = (result["cost_training"] - result["cost_training_posts"]).values[:, 0]
    years = result["training_years"].values[:, 0]
    for group, payer in section()["payers"].items():
        wanted = 1.124 * YEAR * real(study) * years[:, groups.index(group)]
        assert np.allclose(paid[:, payers.index(payer)], wanted, rtol=1e-9, atol=1e-3)
    others = [p for p, name in enumerate(payers) if name not in section()["payers"].values()]
    assert others
    assert not paid[:, others].any()


def test_without_discount_the_bases_differ_by_the_sums_of_the_years() -> None:
    result = result_of(study_of(section(), **{"cost.discount_rate.value": 0.0}))
    more = float(result["plan_cost_with_training"][0] - result["plan_cost"][0])
    assert more == pytest.approx(float(result["cost_training"][:, 0].sum()), rel=1e-12)
    assert more > float(result["plan_cost"][0]) * 0.05
    bare = result_of(study_of(section(lis1_pay=()), **{"cost.discount_rate.value": 0.0}))
    credit = float(bare["plan_cost_with_training"][0] - bare["plan_cost_net"][0])
    assert credit == pytest.approx(float(bare["cost_credit"][:, 0].sum()), rel=1e-12)


def test_without_credit_net_is_the_cost_with_training() -> None:
    result = result_of(study_of(section(income_credit=fixed(0.0))))
    for name in TOLD[5:]:
        assert np.array_equal(result[name].values, result["plan_cost_with_training"].values)
    assert not result["cost_credit"].values.any()


def test_net_is_affine_in_the_credit_and_told_at_its_mean_and_ends() -> None:
    result = told_result()
    low, middle, high = (float(result[f"plan_cost_net{end}"][0]) for end in ("_low", "", "_high"))
    both = float(result["plan_cost_with_training"][0])
    worth = (both - low) / 0.5
    assert worth > 0.0
    assert middle == pytest.approx(both - worth * (0.1 + 0.2 + 0.5) / 3.0, rel=1e-12)
    assert high == pytest.approx(both - 0.1 * worth, rel=1e-12)


def test_price_factor_of_one_takes_the_amounts_as_they_are() -> None:
    plain, dear = result_of(study_of(section(price_factor=fixed(1.0)))), told_result()
    for name in ("cost_training", "cost_training_posts"):
        assert np.allclose(1.124 * plain[name].values, dear[name].values, rtol=1e-12)
    growth = {"cost.real_growth.value": 0.0}
    year = result_of(study_of(section(price_factor=fixed(1.0), new_post=None), **growth))
    paid, years = year["cost_training"][:, 0].sum("payer"), year["training_years"][:, 0]
    assert np.allclose(paid, YEAR * years.sum("specialty"), rtol=1e-9, atol=1e-3)


def test_posts_are_priced_at_the_most_doctors_there_ever_are() -> None:
    study = study_of(section(price_factor=fixed(1.0)), **{"cost.real_growth.value": 0.0})
    result = result_of(study)
    stock = result["training_group_mean"].values
    most = np.maximum.accumulate(stock[:, 0] - stock[:, 1], axis=0)[-1].sum()
    assert float(result["cost_training_posts"][:, 0].sum()) == pytest.approx(2e5 * most, rel=1e-9)


def test_pay_in_lis1_is_credited_where_the_study_names_it() -> None:
    whole = fixed(1.0)
    both, after = (
        result_of(study_of(section(income_credit=whole, lis1_pay=items)))
        for items in (("hospital_pay",), ())
    )
    study = study_of(None)
    pay = sum(row.amount_nok for row in study.cost.components if row.item == "hospital_pay")
    starts = float((both["level"][-1, 0] - both["level"][-1, 1]).sum())
    last = (both["cost_credit"] - after["cost_credit"])[-1, 0].sum("payer")
    assert float(last) == pytest.approx(pay * starts * real(study)[-1], rel=1e-9)
    assert float(both["plan_cost_net"][0]) < float(after["plan_cost_net"][0])


# --- file, checks ------------------------------------------------------------------------------


def test_every_check_of_the_result_holds(tmp_path: Path) -> None:
    fewer = study_of(
        section(), **{"limits.closing": closing(dict.fromkeys(study_of(None).regions, 5), 0.6)}
    )
    for number, result in enumerate(
        (told_result(), result_of(fewer, [[-2.0, 0.0, 1.0, 0.0, 0.0], [0.0] * 5]))
    ):
        checks = verify(write_result(result, tmp_path / f"{number}.nc", result.attrs))
        assert {check.name: check.detail for check in checks if check.passed is False} == {}
        assert "cost after lis1" in {check.name for check in checks if check.passed}


@pytest.mark.parametrize("name", TOLD)
def test_a_falsified_variable_is_found(name: str, tmp_path: Path) -> None:
    result = told_result().copy(deep=True)
    result[name] = result[name] * (1.0 + 1e-4)
    path = write_result(result, tmp_path / "plan.nc", result.attrs)
    assert "cost after lis1" in {x.name for x in verify(path, quick=True) if x.passed is False}


def test_one_scenario_is_not_set_beside_no_new_posts(tmp_path: Path) -> None:
    plan = {PLAN: np.array(PLANS["more"])}
    asked = JobRequest(study_of(section()), ReplayOptions(realization=3), plan)
    result = replayed(asked, None, silent)
    assert not set(TOLD) & set(map(str, result.variables))
    checks = {
        x.name: x.passed for x in verify(write_result(result, tmp_path / "one.nc", result.attrs))
    }
    assert checks["cost after lis1"] is None
    assert False not in checks.values()


def test_file_says_what_the_amounts_are() -> None:
    result = told_result()
    assert result["cost_training"].attrs["currency"] == "NOK"
    assert result["plan_cost_net"].attrs["price_year"] == 2018
    assert result["training_years"].attrs["counts"] == "person-years"


def test_it_changes_nothing_else_and_off_leaves_no_trace() -> None:
    off, on = result_of(study_of(None)), told_result()
    assert set(map(str, on.variables)) - set(map(str, off.variables)) == set(TOLD)
    for name in off.variables:
        assert off[name].values.tobytes() == on[name].values.tobytes(), name
    assert "specialist_training" not in off.attrs["study_json"]
    unused = result_of(study_of(section(used=False)))
    assert list(unused.variables) == list(off.variables)
    assert not [key for key in study_of(section()).uncertain if key.startswith(KEY)]
    page, told = render_report(off), page_of()
    for said in ("What comes after LIS1", "Det som kommer etter LIS1"):
        assert said not in page
        assert said in told


def test_report_folds_three_ways_to_count_for_every_plan() -> None:
    page = re.sub(r"<script.*?</script>", "", page_of(), flags=re.DOTALL)
    assert re.findall(r">[^<>]*\b(?:nan|inf|None)\b[^<>]*<", page) == []
    for said in ("What comes after LIS1, NOK billion", "Det som kommer etter LIS1, mrd. kroner"):
        assert f"<details><summary>{said}" in page  # on the screen alone
    (table,) = re.findall(r"Three ways to count.*?</table>", page, flags=re.DOTALL)
    for plan in ("The chosen plan", "No new posts"):
        assert plan in table
    for name in ("plan_cost", *TOLD[4:]):
        assert f"{float(told_result()[name][0]) / 1e9:.2f}" in table, name


# --- what the study may say ----------------------------------------------------------------------


@pytest.mark.parametrize("limited", [False, True])
def test_doctors_in_training_count_as_service_where_asked(limited: bool) -> None:
    """As `trainee_fte` times the share, in flow, demand and limits: as if it were given so."""
    changes: dict[str, Any] = {"training.trainee_fte.value": 0.9}
    if limited:
        name = next(iter(small_study(3, groups=2).risk))
        changes[f"risk.{name}.counts"] = "doctors"
    asked = result_of(study_of(section(counts_as_service=True), **changes))
    given = result_of(study_of(None, **changes | {"training.trainee_fte.value": 0.9 * 0.76}))
    plain = result_of(study_of(section(), **changes))
    for name in given.variables:
        assert given[name].values.tobytes() == asked[name].values.tobytes(), name
    assert (plain["doctors_mean"].values > asked["doctors_mean"].values).all()
    differs = not np.array_equal(plain["shortfall_z"].values, asked["shortfall_z"].values)
    assert differs == limited


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"payers": {"hospital": "hospital"}}, "payers: group 'general_practice' is missing"),
        (
            {"payers": {"hospital": "hospital", "general_practice": "nobody"}},
            "payers: unknown label 'nobody'",
        ),
        (
            {"payers": section()["payers"] | {"surgery": "hospital"}},
            "payers: unknown label 'surgery'",
        ),
        ({"lis1_pay": ("wages",)}, "lis1_pay: unknown label 'wages'"),
        ({"lis1_pay": ("hospital_pay",) * 2}, "lis1_pay: 'hospital_pay' stands there twice"),
        ({"income_credit": between(0.5, 1.5)}, "income_credit: ranges from 0.5 to 1.5"),
        ({"service_share": fixed(1.2)}, "service_share: is 1.2"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(f"{KEY}.{said}")):
        study_of(section(**change))
