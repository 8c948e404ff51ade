"""Runs of studies that ask unusual things: every check of their result holds, and so do words."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from lis1plan.core.compute.place import silent
from lis1plan.core.compute.workers import Workers
from lis1plan.core.files.store import write_result
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.verify.laws import verify
from lis1plan.jobs.frontier import frontier
from lis1plan.jobs.infeasible import refused
from lis1plan.jobs.options import FrontierOptions, RunOptions
from lis1plan.jobs.outcome import summary_of
from lis1plan.jobs.request import JobRequest
from lis1plan.jobs.run import planned
from lis1plan.optimise.analysis.shadow_prices import shadow_prices
from lis1plan.optimise.cuts.certificate import certify, highest_levels, in_words
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.infeasible.explain import explain
from lis1plan.optimise.job import InfeasibleError
from lis1plan.optimise.search.convex import Solution
from lis1plan.optimise.search.solve import find_plan
from lis1plan.optimise.search.value import Search, limits_of
from lis1plan.optimise.solvers.clock import Clock
from lis1plan.report.pages.html import write_report

from ..helpers.limited_study import closing, purchase
from ..helpers.limited_training import with_posts
from ..helpers.searching import attained, searching
from ..helpers.small_study import WHY, changed, fixed, one_limit, small_study

pytestmark = pytest.mark.thorough

ONE = Workers(1)
NONE = {"name": "Nothing", "slots_per_year": {}, "within_capacity": False, "assumption": WHY}
SMALL = {
    "solve.frontier_points": 3,
    "sampling.fresh_scenarios": 20,
    "comparison": {"none": NONE},
}
FEW_LEAVE_THE_QUEUE = {"applicants": 2.0, "leakage": (0.0, 0.004)}
"""The concavity condition holds here under the study's own limits, not under wider ones."""


def ready(study: Study) -> tuple[Any, CutPool]:
    oracle = prepare(study, sample_of(study), ONE)
    return attained(oracle, 60.0)


def priced() -> Study:
    """The region's shortage has a price, the country's a limit."""
    study = small_study(1, scenarios=20, changes=SMALL)
    risk = dict(study.model_dump()["risk"])
    risk["region"] |= {"rule": "price", "price": 2e6, "measure": "absolute"}
    risk["region"] |= {"limit": None, "confidence": None, "statistic": "sum"}
    return changed(study, {"risk": {"region": risk["region"], "country": risk["country"]}})


def of_two_units() -> Study:
    """The first limit is a region's and in FTE, the second the country's and a share."""
    study = small_study(2, scenarios=20, changes=SMALL)
    first = next(iter(study.regions))
    region = one_limit([first], 30.0, measure="absolute", confidence=0.5)
    return changed(study, {"risk": {"coast": region, "all": study.model_dump()["risk"]["country"]}})


def that_saves() -> Study:
    """Closing saves money, and the limits leave room for it."""
    study = small_study(0, scenarios=20, slack=2.0, changes=SMALL)
    wide = changed(study, {f"risk.{name}.limit": 0.9 for name in study.risk})
    return changed(wide, {"limits.closing": closing(dict.fromkeys(study.regions, 2))})


def by_chance() -> Study:
    """The country's limit is one of chance."""
    study = small_study(1, scenarios=20, changes=SMALL)
    return changed(study, {"risk.country.rule": "chance", "risk.country.confidence": 0.8})


def inside(study: Study, share: float = 0.4) -> Study:
    """The study with limits at this share of their attainable intervals."""
    found, _ = ready(study)
    middle = found.floors + share * (found.ceilings - found.floors)
    limits = zip(study.risk.items(), middle, strict=True)
    return changed(study, {f"risk.{n}.limit": float(x) for (n, old), x in limits if old.limit})


def without_need() -> Study:
    """One capacity needs nothing of anybody: nothing of it is used, whatever opens."""
    study = small_study(0, scenarios=20, changes=SMALL)
    name = next(iter(study.capacity))
    return inside(changed(study, {f"capacity.{name}.need_per_place_year": fixed(0.0)}))


def without_capacity() -> Study:
    """Nothing limits supervision or places."""
    study = small_study(0, scenarios=20, changes=SMALL)
    return inside(changed(study, {"capacity": {}, "supervision": ()}))


def with_purchases() -> Study:
    """Supervision and places at a price, where there is little room."""
    study = small_study(1, scenarios=20, slack=0.0, changes=SMALL)
    one = purchase(fixed(800.0), fixed(0.1))
    return inside(changed(study, {f"capacity.{name}.purchase": one for name in study.capacity}))


STUDIES = {
    "purchases": with_purchases,
    "no need": without_need,
    "no capacity": without_capacity,
    "price": lambda: inside(priced()),
    "units": lambda: inside(of_two_units()),
    "closing": that_saves,
    "chance": lambda: inside(by_chance()),
}


@pytest.fixture(scope="module", params=list(STUDIES))
def run(request: pytest.FixtureRequest) -> tuple[str, Study, xr.Dataset]:
    study = STUDIES[request.param]()
    return request.param, study, planned(JobRequest(study, RunOptions()), 1, silent)


def test_every_check_of_the_result_holds(run: Any, tmp_path: Path) -> None:
    kind, _, result = run
    checks = verify(write_result(result, tmp_path / f"{kind}.nc", result.attrs))
    assert {check.name: check.detail for check in checks if check.passed is False} == {}


def test_programs_get_numbers_or_nothing(run: Any) -> None:
    said = json.loads(json.dumps(summary_of(run[2]), allow_nan=False))
    assert said["bound_certified"] is True
    assert said["lower_bound_nok"] <= said["cost_with_price_of_shortage_nok"]


def test_the_report_says_nothing_that_is_no_number(run: Any, tmp_path: Path) -> None:
    page = write_report(run[2], tmp_path / "page.html")
    text = re.sub(r"<script.*?</script>", "", page.read_text("utf-8"), flags=re.DOTALL)
    assert re.findall(r">[^<>]*\b(?:nan|inf|None)\b[^<>]*<", text) == []


def test_the_studies_ask_what_they_are_named_for(run: Any) -> None:
    kind, study, result = run
    said = result.attrs
    match kind:
        case "price":
            assert said["upper_bound"] > float(result["plan_cost"][0])
            assert result["frontier_shortage_cost"].min() > 0.0
            assert said["frontier_axis"] == "country"
        case "units":
            assert said["frontier_axis"] == "all"
            assert said["frontier_axis"] != next(iter(study.risk))
            assert (result["frontier_limit"] < 1.0).all()
        case "closing":
            assert said["upper_bound"] < 0.0
        case _:
            assert said["solution_status"] == "optimal"


# ------------------------------------------------------------------------------------- frontier


def test_no_limit_of_the_frontier_is_void() -> None:
    """Moved by a number alike, a limit of 0.2 would become 100 beside one in FTE."""
    from lis1plan.optimise.analysis.frontier import fraction_of, trace

    study = inside(of_two_units())
    found, pool = ready(study)
    points = trace(Search.of(pool, Clock(60.0)), found.floors, found.ceilings)
    own = fraction_of(limits_of(study), found.floors, found.ceilings)
    moved = [fraction_of(point.limits, found.floors, found.ceilings) - own for point in points]
    assert np.ptp(np.array(moved), axis=1) == pytest.approx(0.0, abs=1e-9)
    assert np.ptp(np.array(moved), axis=0).min() > 0.5


@pytest.mark.parametrize("value", [-0.1, 1e308])
def test_a_value_the_study_does_not_allow_is_told(value: float) -> None:
    from lis1plan.core.errors import InputError

    study = inside(small_study(0, scenarios=8))
    options = FrontierOptions(over="risk.country.limit", points=2, low=0.1, high=value)
    with pytest.raises(InputError, match=r"risk\.country\.limit: not every value .* --from"):
        frontier(JobRequest(study, options), 1, silent)


# ---------------------------------------------------------------------------------- certificate


def test_the_condition_of_the_first_queue_is_not_asked_of_two() -> None:
    """It was said to hold in every scenario of a study with limited LIS2/3 posts."""
    study = with_posts(small_study(0, scenarios=20))
    pool = CutPool(prepare(study, sample_of(study), ONE))
    assert not pool.certificate.asked
    assert not pool.certificate.tight
    assert "holds" not in in_words(pool.certificate, 20)


def test_cuts_hold_beyond_the_levels_of_the_study_they_were_learned_for() -> None:
    study = small_study(0, scenarios=20, slack=2.0, **FEW_LEAVE_THE_QUEUE)
    pool = CutPool(prepare(study, sample_of(study), ONE))
    ramps = {name: fixed(40.0) for name in study.regions}
    wide = changed(study, {"ramp.national": fixed(80.0), "ramp.regional": ramps})
    assert certify(pool.oracle, highest_levels(system_of(wide))).failures  # or this tests nothing
    many = np.full((len(study.regions), len(study.decision_years)), 40.0)
    limits = 0.98 * pool.oracle.risk(study.given_levels)
    find_plan(searching(pool, study, limits, Clock(60.0)))
    other = pool.under(wide)
    assert other.cuts is pool.cuts
    other.learn(many, [0, 1], *other.evaluate(many))
    found = find_plan(searching(other, wide, limits, Clock(60.0)))
    assert found.lower_bound <= found.cost
    for slots in (many, 0.5 * many, found.slots):
        other.evaluate(slots)  # every cut is asserted there
    assert other.largest_violation <= 1e-9


def test_refusal_is_proved_where_the_condition_fails_too() -> None:
    study = inside(small_study(0, scenarios=20), 0.5)
    found, pool = ready(study)
    study = changed(study, {"risk.country.limit": 0.5 * float(found.floors[0])})
    pool = pool.under(study)
    for failures, said in ((0, "every cut is valid, and tight"), (3, "fails in 3 of 20 scenarios")):
        pool.certificate = pool.certificate._replace(failures=failures)
        told = explain(Search.of(pool, Clock(60.0)))
        assert "not proved" not in "\n".join(told.lines)
        dataset = refused(JobRequest(study, RunOptions()), InfeasibleError(told.lines, told), 0.0)
        assert dataset is not None
        assert dataset.attrs["bound_certified"]
        assert said in dataset.attrs["bound_reason"]
        assert np.isfinite(dataset["way_bound"][0])


# --------------------------------------------------------------------------------------- chance


def test_no_dual_stands_for_a_chance_limit() -> None:
    study = inside(by_chance())
    limits = limits_of(study)
    _, pool = ready(study)
    solution = find_plan(searching(pool, study, limits, Clock(60.0)))
    shadows = shadow_prices(Search.of(pool, Clock(60.0)), solution, 3)
    assert np.isnan([each.dual for each in shadows]).all()
    saved = {each.limit.identifier: each.saved for each in shadows}
    assert saved["risk.country"] >= -study.solve.relative_gap * solution.cost
    assert np.isnan(saved["risk.region"])


def test_ways_out_of_a_chance_limit_are_enough_and_not_called_least() -> None:
    study = inside(by_chance())
    _, pool = ready(study)
    limits = limits_of(study)
    limits[0] = 0.8 * float(pool.oracle.risk(highest_levels(system_of(study)))[0])
    told = explain(searching(pool, study, limits, Clock(60.0)))
    assert any("stricter" in line for line in told.lines)
    assert np.isnan([way.bound for way in (told.together, told.risk, *told.alone)]).all()


# ------------------------------------------------------------------------------------ odd values


def test_gap_at_no_cost_is_none_or_endless() -> None:
    nothing = np.zeros((1, 1))

    def gap(cost: float, bound: float) -> float:
        risk = np.zeros(1)
        return Solution("stopped", nothing, cost, bound, bound, nothing, cost, True, risk, 1).gap

    assert gap(0.0, 0.0) == 0.0
    assert gap(0.0, -5e6) == np.inf
    assert gap(-100.0, -101.0) == pytest.approx(0.01)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_plan_that_is_none_has_no_risk(value: float) -> None:
    study = small_study(0, scenarios=4)
    pool = CutPool(prepare(study, sample_of(study), ONE))
    slots = np.zeros((len(study.regions), len(study.decision_years)))
    slots[0, 0] = value
    with pytest.raises(ValueError, match="not finite"):
        pool.evaluate(slots)


def test_no_time_is_no_plan_and_no_claim() -> None:
    study = inside(small_study(0, scenarios=20))
    _, pool = ready(study)
    solution = find_plan(searching(pool, study, limits_of(study), Clock(0.0)))
    assert solution.status == "stopped"
    assert solution.lower_bound < np.inf
