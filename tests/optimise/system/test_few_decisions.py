"""Plans of few decisions: one number a year after the first years, and in multiples."""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.checks.doubts import doubts
from lis1plan.core.study.study import Study, with_value
from lis1plan.core.system.arrays import System, system_of
from lis1plan.core.system.plan_form import ConstantAfter, MultiplesOf
from lis1plan.optimise.analysis.binding import binding_risks
from lis1plan.optimise.analysis.equal_cost import equally_cheap
from lis1plan.optimise.analysis.fixed_plans import fixed_plans
from lis1plan.optimise.analysis.information import value_of_information
from lis1plan.optimise.analysis.look_ahead import look_ahead
from lis1plan.optimise.analysis.near_optimal import near_optimal
from lis1plan.optimise.analysis.regret import regrets
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.infeasible.relaxations import least_relaxation, relaxed
from lis1plan.optimise.infeasible.words import way_in_words
from lis1plan.optimise.master.build import build_master, master_of
from lis1plan.optimise.search.attainable import ceiling, floor
from lis1plan.optimise.search.convex import relaxed_plan
from lis1plan.optimise.search.repair import repair
from lis1plan.optimise.search.solve import Solution, find_plan
from lis1plan.optimise.search.value import Search
from lis1plan.optimise.solvers.clock import Clock
from lis1plan.optimise.system.feasible import lowest_plan, overfull

from ...helpers.limited_study import closing, places
from ...helpers.searching import searching
from ...helpers.small_study import WHY, changed, fixed, one_limit, small_study

WIDE = {"ramp.national": fixed(60), "ramp.regional": {"nord": fixed(30), "midt": fixed(30)}}
CONSTANT, MULTIPLES = "limits.constant_after", "limits.multiples_of"


def small(after: int | None = None, of: int | None = None, **more: Any) -> Study:
    """Two regions, five decision years, with a form of the plan and further keys."""
    study = small_study(1, regions=2, scenarios=20, slack=0.5)
    further = {key.replace("__", "."): each for key, each in more.items()}
    form = {CONSTANT: after, MULTIPLES: of}
    return changed(
        study, WIDE | further | {key: each for key, each in form.items() if each is not None}
    )


@cache
def asked() -> Search:
    """A search at two fifths of the attainable interval, free of any form."""
    study = small()
    pool = CutPool(prepare(study, sample_of(study), Workers(1)))
    high, low = ceiling(pool), floor(pool, Clock(60.0))
    return searching(pool, study, low + 0.4 * (high - low), Clock(600.0))


@cache
def found(after: int | None = None, of: int | None = None) -> tuple[Search, Solution]:
    """The search within a form, by the same cuts, and its answer."""
    search = asked().under(small(after, of), asked().limits)
    return search, find_plan(search)


def is_of_form(slots: Any, after: int | None, of: int | None) -> bool:
    """Said once more, by looking at the numbers."""
    tail = slots[:2, after:] if after is not None else slots[:2, :0]
    return bool((tail == tail[:, :1]).all() and (slots[:2] % (of or 1) == 0.0).all())


FORMS = [(0, None), (1, None), (2, 3), (None, 4), (1, 8)]


@pytest.mark.parametrize(("after", "of"), FORMS)
def test_the_answer_has_the_form_and_is_proved(after: int | None, of: int | None) -> None:
    search, solution = found(after, of)
    assert solution.status == "optimal"
    assert solution.slots.any()
    assert is_of_form(solution.slots, after, of)
    assert search.system.keeps_limits(solution.slots)
    assert solution.cost - solution.lower_bound <= search.solve.relative_gap * solution.cost


def test_without_a_form_the_plan_has_none() -> None:
    """Otherwise the laws below would hold of any plan."""
    slots = found()[1].slots
    assert not any(is_of_form(slots, *form) for form in FORMS)
    assert not any(found(*form)[0].system.keeps_limits(slots) for form in FORMS)


def test_fewer_decisions_never_cost_less() -> None:
    by_years = [found(after)[1] for after in (None, 3, 2, 1, 0)]
    by_steps = [found(None, of)[1] for of in (None, 2, 4, 8)]
    for row in (
        by_years,
        by_steps,
        [found(1)[1], found(1, 8)[1]],
        [found(None, 8)[1], found(1, 8)[1]],
    ):
        for free, tied in itertools.pairwise(row):
            assert tied.cost >= free.lower_bound
    assert by_years[-1].lower_bound > by_years[0].cost
    assert by_steps[-1].lower_bound > by_steps[0].cost


@pytest.mark.parametrize(("after", "of"), [(5, None), (4, None), (None, 1), (7, 1)])
def test_what_binds_nothing_changes_no_bit(after: int | None, of: int | None) -> None:
    """Nor has it any limit, row or column; left out it is not even in the text of the study."""
    study, free = small(after, of), small()
    assert free.canonical_text.count("constant_after") + free.canonical_text.count("multiples") == 0
    assert study.sha256 != free.sha256
    system = system_of(study)
    assert [each.identifier for each in system.limits] == [
        each.identifier for each in system_of(free).limits
    ]
    pools = [CutPool(prepare(each, sample_of(each), Workers(1))) for each in (study, free)]
    programs = [master_of(pool).plain() for pool in pools]
    for one, other in zip(*programs, strict=True):
        assert np.array_equal(one, other)
    answers = [
        find_plan(searching(pool, pool.oracle.study, asked().limits, Clock(60))) for pool in pools
    ]
    assert answers[0].slots.tobytes() == answers[1].slots.tobytes()
    assert answers[0].cost == answers[1].cost
    assert answers[0].lower_bound == answers[1].lower_bound


def test_a_master_grows_by_few_rows_and_columns() -> None:
    plain, tied = (build_master(system_of(each)) for each in (small(), small(2, 5)))
    rows = [sum(1 for _ in model.component_data_objects(ctype=None)) for model in (plain, tied)]
    assert len(tied.constant_after) == 2 * 2 * 2  # regions, sides, years after the first of the run
    assert len(tied.multiple) == 2 * 3  # regions, numbers
    assert len(tied.multiples_of) == 2 * 2 * 3
    assert rows[1] - rows[0] < 40


def test_a_lead_time_that_ends_later_begins_a_number_anew() -> None:
    system = system_of(small(1, ramp__lead_time_years={"midt": fixed(3)}))
    slots = system.no_slots
    slots[0] = [9.0, 2.0, 2.0, 2.0, 2.0]
    slots[1] = [0.0, 0.0, 0.0, 4.0, 4.0]
    assert system.keeps_limits(slots)
    slots[1, 4] = 3.0
    limit = system.limit("constant_after")
    assert limit.excess(slots)[:5].tolist() == [0.0, 0.0, 0.0, 0.0, 1.0]
    assert not system.keeps_limits(slots)


def test_closing_is_of_the_form_too() -> None:
    system = system_of(small(2, 3, limits__closing=closing({"nord": 7})))
    slots = system.no_slots
    slots[0] = [3.0, 0.0, -3.0, -3.0, -3.0]
    assert system.keeps_limits(slots)
    slots[0, 1] = -2.0
    assert system.limit("multiples_of").excess(slots)[:3].tolist() == [0.0, 1.0, 0.0]
    slots[0, 1:3] = -3.0, -6.0
    assert system.limit("constant_after").excess(slots)[:5].tolist() == [0.0, 0.0, 0.0, 3.0, 3.0]


def test_no_plan_closes_more_than_the_lowest_and_what_it_breaks_is_told() -> None:
    """Seven a year may close, six in threes; of 43 posts in a run of five years 8.6 at most."""
    assert (
        lowest_plan(system_of(small(0, 3, limits__closing=closing({"nord": 7}))))[0].tolist()
        == [-6.0] * 5
    )
    room = {"limits.capacity": places({("municipal_places", "nord", 2023): 6.0})}
    fast = small(limits__closing=closing({"nord": 12}))
    assert not overfull(system_of(changed(fast, room)))
    assert not overfull(system_of(changed(fast, room | {CONSTANT: 3})))
    (said,) = overfull(system_of(changed(fast, room | {CONSTANT: 0})))
    assert "lacks 4 places" in said


def test_a_plan_rounded_up_has_the_form_and_no_lower_level() -> None:
    tried = 0
    for after, of in ((0, None), (1, None), (2, 3), (1, 8)):
        search, _ = found(after, of)
        relaxed_slots = relaxed_plan(search)[0].slots
        rounded = search.system.rounded_up(relaxed_slots)
        assert is_of_form(rounded, after, of)
        assert search.system.is_whole(rounded)
        short = np.cumsum(relaxed_slots - rounded, axis=1)
        assert (short <= 1e-6).all()
        # no step fewer would be enough
        for r in np.flatnonzero(rounded[:, 4] > relaxed_slots[:, 4] + 1e-6).tolist():
            less = search.system.decisions.changed(rounded, (r, 4), -1.0)
            assert (np.cumsum(relaxed_slots - less, axis=1) > 1e-6).any()
            tried += 1
    assert tried > 1


def test_repair_goes_in_whole_steps() -> None:
    for after, of in ((0, None), (1, 4)):
        search, solution = found(after, of)
        r, y = np.argwhere(solution.slots > 0.0)[-1].tolist()
        lacking = search.system.decisions.changed(solution.slots, (r, y), -1.0)
        assert not search.keeps(search.pool.evaluate(lacking)[0])
        repaired = repair(search, lacking)
        assert repaired is not None
        assert is_of_form(repaired, after, of)
        assert search.admits(repaired, search.pool.evaluate(repaired)[0])


def test_another_plan_of_the_same_cost_has_the_form() -> None:
    """With a limit for both regions together, a step may as well be taken in the other."""
    study = changed(small(1, 3), {"risk": {"both": one_limit(["nord", "midt"])}})
    pool = CutPool(prepare(study, sample_of(study), Workers(1)))
    high, low = ceiling(pool), floor(pool, Clock(60.0))
    search = searching(pool, study, low + 0.4 * (high - low), Clock(60.0))
    solution = find_plan(search)
    pool.seen.clear()
    other = equally_cheap(search, solution)
    assert other is not None
    assert is_of_form(other, 1, 3)
    assert not np.array_equal(other, solution.slots)
    assert len(binding_risks(search, solution)) == 1


def test_near_optimal_plans_have_the_form() -> None:
    search, solution = found(1, 3)
    study = changed(small(1, 3), {"solve.near_optimal": 0.05})
    near = near_optimal(search.under(study, search.limits), solution)
    assert near is not None
    assert len(near.slots) > 1
    assert all(is_of_form(each, 1, 3) for each in near.slots)


def test_scenarios_and_foresight_are_worth_something_within_the_form() -> None:
    """WS <= RP <= EEV, all of plans in fractions that are constant after the first year."""
    search, _ = found(1)
    worth = value_of_information(search, np.full(len(search.limits), 0.4))
    assert worth.hindsight <= worth.part * (1.0 + 1e-6)
    assert worth.stochastic <= worth.mended * (1.0 + 1e-6)
    rounded = worth.mean_value_slots
    assert is_of_form(rounded, 1, None)
    free, _ = found()
    assert worth.stochastic >= value_of_information(free, np.full(2, 0.4)).stochastic * (1.0 - 1e-6)


def test_rules_and_plans_that_do_not_keep_the_form_are_told_and_have_their_regret() -> None:
    search, _ = found(1, 4)
    study, system = search.pool.oracle.study, search.system
    rule = look_ahead(study, Workers(1))
    assert np.array_equal(rule, look_ahead(small(), Workers(1)))
    assert rule.any()
    once = system.no_slots
    once[:, 2] = 7.0
    assert not system.keeps_limits(rule)
    assert not system.keeps_limits(once)
    risks = np.stack([search.pool.evaluate(each)[0] for each in (rule, once)])
    told = regrets(search, {"look_ahead": rule, "once": once}, risks)
    for slots, regret in zip((rule, once), told, strict=True):
        assert regret.status == 1
        assert regret.regret >= -0.003 * regret.cost
        assert regret.cost <= system.prices.plan(slots) * 1.003


def test_a_comparison_within_capacity_has_the_form() -> None:
    plan = {"name": "Step", "slots_per_year": {"2020": 37}, "within_capacity": True} | {
        "assumption": WHY
    }
    for after, of in ((0, None), (1, 5)):
        study = changed(small(after, of), {"comparison": {"step": plan}})
        (slots,) = fixed_plans(system_of(study), study.comparison).values()
        assert slots.any()
        assert is_of_form(slots, after, of)
        assert system_of(study).keeps_limits(slots)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({CONSTANT: 0}, "may differ by"),
        ({MULTIPLES: 20}, "away from a multiple"),
        ({CONSTANT: 0, MULTIPLES: 3}, "may differ by"),
    ],
)
def test_what_must_give_is_said_and_is_enough(form: dict[str, int], said: str) -> None:
    """Room for ten in all: no constant number of more than two, and not once twenty."""
    study = small()
    used = system_of(study)
    one = float(used.need_by_offset[used.capacities.index("Municipal office places")].sum())
    tight = {
        ("municipal_places", name, 2024): (float(used.level0[r]) + 10.0) * one
        for r, name in enumerate(study.regions)
    }
    room = {"limits.capacity": places(tight)}
    free = asked().under(changed(study, room), asked().limits)
    assert find_plan(free).status == "optimal"
    search = free.under(changed(study, room | form), asked().limits)
    assert find_plan(search).status == "infeasible"
    kind: type[ConstantAfter | MultiplesOf] = ConstantAfter if CONSTANT in form else MultiplesOf
    (limit,) = search.system.of_kind(kind)
    way = least_relaxation(search, [limit])
    assert way.status == "enough"
    assert said in way_in_words(search.system, way)
    kept = 1 if kind is MultiplesOf else form.get(MULTIPLES, 1)  # what does not give way
    assert (way.slots[:2] % kept == 0.0).all()
    laxer = relaxed(search, way)
    assert getattr(laxer.pool.oracle.study.limits, kind.kind) is None
    assert find_plan(laxer).status == "optimal"


def test_a_step_is_worth_what_its_posts_are_worth_together() -> None:
    system: System = system_of(small(2, 4))
    decisions, values = system.decisions, np.arange(10.0).reshape(2, 5)
    assert decisions.together(values).tolist() == [
        [0.0, 4.0, 36.0, 36.0, 36.0],
        [20.0, 24.0, 96.0, 96.0, 96.0],
    ]
    assert decisions.leads((2, 5))[0].tolist() == [True, True, True, False, False]
    assert decisions.changed(values, (1, 4), -1.0)[1].tolist() == [5.0, 6.0, 3.0, 4.0, 5.0]
    assert decisions.columns((0, 1)).tolist() == [1]


def test_what_no_plan_can_be_made_of_is_refused_and_what_is_hardly_meant_is_told() -> None:
    for key, value in ((CONSTANT, -1), (MULTIPLES, 0), (MULTIPLES, 2.5)):
        with pytest.raises(ValidationError, match=key.replace(".", r"\.")):
            changed(small(), {key: value})
    told = "\n".join(doubts(small(9, 31)))
    assert "limits.multiples_of: found 31" in told
    assert "limits.constant_after: found 9" in told
    assert "limits." not in "\n".join(doubts(small(2, 5)))


def test_a_frontier_may_run_over_it() -> None:
    assert with_value(small(2, 5), MULTIPLES, 10.0).limits.multiples_of == 10
    with pytest.raises(ValidationError):
        with_value(small(2, 5), MULTIPLES, 2.5)
