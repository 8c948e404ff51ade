"""With LIS2/3 posts the optimiser finds what the extensive form of both queues finds.

That form, built from the naive flow of single persons, may leave posts empty and can only be
cheaper than the truth. So it bounds every plan from below; and where the naive flow keeps all
limits under the plan it chose, that plan bounds the optimiser's proof from above. Six chosen cases,
then random studies, a hundred and fifty at night.
"""

from __future__ import annotations

import itertools
import random
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import Oracle, prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.posts import levels
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.search.convex import LP_TOLERANCE, relaxed_plan
from lis1plan.optimise.search.solve import Solution, find_plan
from lis1plan.optimise.search.value import tolerance
from lis1plan.optimise.solvers.clock import Clock
from lis1plan.optimise.solvers.program import Plan
from lis1plan.optimise.system.feasible import overfull

from ..helpers.amount import amount
from ..helpers.decided_posts import prices
from ..helpers.limited_training import with_posts
from ..helpers.naive_two_queues import TwoQueues, decision_of_both, naive_risks, two_queues
from ..helpers.searching import attained, searching, solve
from ..helpers.small_study import WHY, changed, fixed, one_limit, small_study

pytestmark = [pytest.mark.thorough, pytest.mark.random]

Floats = NDArray[np.float64]

THREE = ["nord", "midt", "vest"]
LASTING: dict[str, Any] = {
    "specialists.retirement_scale": fixed(0.0),
    "specialists.fte_per_head_senior": fixed(0.9),
    "specialists.fte_per_head": fixed(0.9),
}
"""Specialists leave work as those who wait and train do: supply is concave in the country."""
CASES: dict[str, dict[str, Any]] = {
    "posts are short": {"seed": 0, "room": 0.0, "growth": 0.0},
    "posts alone": {"seed": 4, "regions": 1, "ramp": 0.0, "room": 0.0},
    "both queues bind": {"seed": 7, "applicants": 1.0, "room": 0.01},
    "two groups, one of them alone": {
        "seed": 5,
        "groups": 2,
        "risk": {
            "both": one_limit(THREE[:2]),
            "hospital": one_limit(THREE[:2]) | {"name": "Hospital", "groups": ("hospital",)},
        },
    },
    "groups that cannot stand in for each other": {
        "seed": 15,
        "groups": 2,
        "risk": {
            "apart": one_limit(THREE[:2], scope="summed_over_groups", confidence=0.6),
            "all_apart": one_limit(THREE[:2], scope="summed_over_both", statistic="max"),
        },
    },
    "posts in fractions": {"seed": 6, "regions": 1, "groups": 2, "room": 0.0, "whole": False},
}
FRACTION = 0.25
INTEGER_GAP, TRIES = 1e-4, 200
SEEDS, ANOTHER = range(amount(150)), 10_000
SOME = range(15)
NO_WIDTH = 1e-5
"""Of a risk, or of its size where that is greater: well above what solvers round."""


class Solved(NamedTuple):
    """A study within limits, solved by cuts; and its scenarios by the naive oracle."""

    study: Study
    oracle: Oracle
    limits: Floats
    relaxed: Plan
    solution: Solution
    worlds: list[TwoQueues]
    width: Floats  # [limit] of the interval in which its risk can lie

    def kept(self, slots: Floats, slack: Floats | float) -> bool:
        """Whether a plan keeps every limit on risk by the naive flow."""
        risks = naive_risks(self.study, self.worlds, levels(self.study, slots))
        return bool((risks <= self.limits + slack).all())

    def extensive(self, limits: Floats, *, integer: bool, seconds: float) -> Plan:
        """Return what the extensive form finds."""
        model = decision_of_both(self.study, self.worlds, limits.tolist(), integer=integer)
        return solve(model, INTEGER_GAP if integer else 0.0, seconds)


def posts_study(
    seed: int,
    *,
    ramp: float | None = None,
    room: float = 0.02,
    growth: float = 0.005,
    exits: str | None = None,
    new: dict[str, Any] | None = None,
    whole: bool = True,
    dear: float = 4e5,
    risk: dict[str, Any] | None = None,
    changes: dict[str, Any] | None = None,
    **given: Any,
) -> Study:
    """A small study that decides on both families of posts."""
    told = dict(changes or {}) | ({} if risk is None else {"risk": risk})
    if ramp is not None:
        told["ramp.national"] = fixed(ramp)
    study = small_study(seed, **({"scenarios": 6, "changes": told} | given))
    rows = tuple({"group": group, "most": 4.0, "assumption": WHY} for group in study.groups)
    section = {"most": rows, "prices": prices(dear), "whole": whole} | (new or {})
    study = with_posts(study, room=room, growth=growth, exits=exits)
    return changed(study, {"specialist_posts.new": section})


def random_study(seed: int) -> Study:
    """One to three regions, any limits of CVaR; either queue binds, both or none."""
    choose = random.Random(seed)
    for _ in range(TRIES):
        study = _tried(choose)
        if not overfull(system_of(study)) and moved(study):
            return study
    raise AssertionError(f"seed {seed}: no study among {TRIES} in which posts change every risk")


def moved(study: Study) -> bool:
    """Whether the most that can be opened, room aside, changes the risk of every limit."""
    system, oracle = system_of(study), prepare(study, sample_of(study), Workers(1))
    ends = [oracle.risk(system.levels(x)) for x in (system.no_slots, system.most_slots)]
    return bool((ends[0] > ends[1] + 1e-3 * np.maximum(1.0, ends[0])).all())


def _tried(choose: random.Random) -> Study:
    regions, groups = choose.choice([1, 2, 2, 3]), choose.choice([1, 2])
    names, risk = THREE[:regions], {}
    scopes = ["pooled", "pooled", "summed", "summed_over_groups", "summed_over_both"]
    for n in range(choose.randint(1, 2)):
        one = one_limit(
            names[: choose.randint(1, regions)] if n else names,
            scope=choose.choice(scopes),
            measure=choose.choice(["relative", "absolute"]),
            statistic=choose.choice(["mean", "max", "sum"]),
            confidence=choose.choice([0.0, 0.5, 0.75, 0.9]),
        )
        alone = ("hospital",) if choose.random() < 0.3 else ()
        risk[f"limit_{n}"] = one | {"name": f"limit {n}", "groups": alone}
    new: dict[str, Any] = {}
    if choose.random() < 0.3:
        new["national"] = fixed(choose.choice([2.0, 5.0]))
    if choose.random() < 0.3:
        new["total"] = fixed(choose.choice([4.0, 12.0]))
    if choose.random() < 0.3:
        new["lead_time"] = fixed(1.0)
    return posts_study(
        choose.randint(0, 10**6),
        regions=regions,
        groups=groups,
        scenarios=choose.choice([1, 4, 6]),
        applicants=choose.choice([0.95, 1.0, 1.3]),
        slack=choose.choice([0.0, 0.02, 0.3]),
        ramp=choose.choice([None, None, None, 0.0]),
        room=choose.choice([0.0, 0.0, 0.02, 0.1]),
        growth=choose.choice([0.0, 0.005, 0.01]),
        exits=choose.choice([None, None, None, "none"]),
        new=new,
        whole=choose.random() < 0.8,
        dear=10 ** choose.uniform(4.5, 6.3),
        risk=risk,
        changes=LASTING if choose.random() < 0.6 else {},
    )


@cache
def solved(case: str) -> Solved:
    """One chosen study with every limit at the same fraction of its interval."""
    return solved_study(posts_study(**{"changes": LASTING, **CASES[case]}), FRACTION, 60.0)


@cache
def solved_seed(seed: int) -> Solved:
    """One random study, its limits anywhere inside their intervals.

    Another is drawn where a limit has no interval: no plan with room moves it, and it is met to the
    last bit, in which solvers differ.
    """
    fraction = random.Random(seed).uniform(0.05, 0.5)
    for other in itertools.count(seed, ANOTHER):
        found = solved_study(random_study(other), fraction)
        if (found.width > NO_WIDTH * np.maximum(1.0, found.limits)).all():
            return found
    raise AssertionError("seeds do not end")


def solved_study(study: Study, fraction: float, seconds: float = 3.0) -> Solved:
    """A study with every limit at the same fraction of its interval."""
    oracle = prepare(study, sample_of(study), Workers(1))
    attainable, pool = attained(oracle, seconds)
    limits = attainable.floors + fraction * (attainable.ceilings - attainable.floors)
    relaxed, _ = relaxed_plan(searching(CutPool(oracle), study, limits, Clock(10.0)))
    solution = find_plan(searching(pool, study, limits, Clock(seconds)))
    width = attainable.ceilings - attainable.floors
    return Solved(study, oracle, limits, relaxed, solution, two_queues(study), width)


@cache
def relaxation(name: str | int) -> tuple[Plan, Plan]:
    """The extensive form in fractions: within limits eased as far as plans exceed them, and not."""
    found = solved(name) if isinstance(name, str) else solved_seed(name)
    eased = found.limits + tolerance(found.limits, LP_TOLERANCE)
    one, other = (
        found.extensive(limits, integer=False, seconds=60.0) for limits in (eased, found.limits)
    )
    return one, other


def tight(this: Solved) -> bool:
    """Whether the plan in fractions keeps the limits by the naive flow: nothing clipped stands."""
    if np.isnan(this.relaxed.objective):
        return False
    return this.kept(this.relaxed.slots, 2.0 * tolerance(this.limits, LP_TOLERANCE))


@pytest.mark.parametrize("case", CASES)
def test_relaxation_costs_what_the_extensive_form_costs(case: str) -> None:
    this, (_, whole) = solved(case), relaxation(case)
    assert this.relaxed.status == whole.status == "optimal"
    assert tight(this)
    assert whole.objective > 1.0  # a million: the limits ask for something
    assert whole.slots[len(this.study.regions) :].max() > 0.01  # posts among it
    assert this.relaxed.objective == pytest.approx(whole.objective, rel=1e-6)


@pytest.mark.parametrize("case", CASES)
def test_bounds_enclose_the_whole_number_optimum(case: str) -> None:
    this = solved(case)
    assert this.solution.status == "optimal"
    require_enclosed(this)


@pytest.mark.parametrize("seed", SEEDS)
def test_bounds_enclose_the_extensive_optimum_of_a_random_study(seed: int) -> None:
    this, (eased, whole) = solved_seed(seed), relaxation(seed)
    if not np.isnan(whole.objective):  # the cuts are those of a dual: never above
        assert this.relaxed.objective <= whole.objective * (1.0 + 1e-6) + 1e-6
    if tight(this):
        assert this.relaxed.objective >= eased.objective * (1.0 - 1e-6) - 1e-6
    require_enclosed(this)


def require_enclosed(this: Solved) -> None:
    """The optimiser's plan and bound are true of what the extensive form in whole numbers says.

    Also where that is stopped: its plan and its bound are valid then too. It is asked within limits
    as a plan may exceed them for rounding: what reaches a limit exactly differs in the last bit.
    """
    fine, solution = tolerance(this.limits), this.solution
    whole = this.extensive(this.limits + fine, integer=True, seconds=2.0)
    if not np.isnan(solution.cost):
        level = levels(this.study, solution.slots)
        risks = naive_risks(this.study, this.worlds, level)
        assert risks == pytest.approx(solution.risk, rel=1e-9, abs=1e-9)
        assert this.kept(solution.slots, 2.0 * fine)
        assert whole.status != "infeasible"
        assert solution.cost >= whole.bound * 1e6 * (1.0 - 1e-6) - 1.0
    if not np.isnan(whole.objective) and this.kept(whole.slots, 0.0):
        assert solution.status != "infeasible"
        assert solution.lower_bound <= whole.objective * 1e6 * (1.0 + 1e-6) + 1.0
    if solution.status == "optimal":
        gap = this.study.solve.relative_gap
        assert solution.cost - solution.lower_bound <= gap * solution.cost + 1.0


def test_the_random_studies_are_hard_enough() -> None:
    """Both families are opened, alone and together; posts bind; most proofs are tight."""
    found = [solved_seed(seed) for seed in SOME]
    opened = [np.nan_to_num(this.solution.slots) for this in found]
    regions = [len(this.study.regions) for this in found]
    lis1 = np.array([plan[:r].any() for plan, r in zip(opened, regions, strict=True)])
    posts = np.array([plan[r:].any() for plan, r in zip(opened, regions, strict=True)])
    forms = [relaxation(seed)[1].objective for seed in SOME]
    same = [
        this.relaxed.objective == pytest.approx(form, rel=1e-5, abs=1e-5)
        for this, form in zip(found, forms, strict=True)
    ]
    shares = {
        "slots": lis1.mean(),
        "posts": posts.mean(),
        "both": (lis1 & posts).mean(),
        "proved": np.mean([this.solution.status == "optimal" for this in found]),
        "tight": np.mean([tight(this) for this in found]),
        "the same": np.mean(same),
        "costs": np.mean([this.relaxed.objective > 1.0 for this in found]),
    }
    print(len(found), shares)
    assert min(shares[each] for each in ("proved", "tight", "the same")) >= 0.5
    assert min(shares["slots"], shares["costs"]) >= 0.4
    assert shares["posts"] >= 0.25
    assert shares["both"] >= 0.1
