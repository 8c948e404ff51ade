"""The job: whoever reads this file has read the whole program. Study in, answer out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..core.compute.place import Progress, silent
from ..core.compute.workers import Workers
from ..core.errors import Exit, LisError
from ..core.files.summary import Told, project_and_tell
from ..core.flow.projection import Request
from ..core.risk.evaluation import in_sample_error, intervals, judge_plans, risks
from ..core.risk.oracle import Oracle, prepare
from ..core.scenarios.draws import sample_of
from ..core.study.study import Study
from ..core.system.arrays import system_of
from ..core.system.posts import levels
from .analysis.binding import binding_risks
from .analysis.equal_cost import equally_cheap
from .analysis.fixed_plans import fixed_plans, kept_apart
from .analysis.frontier import Point, fraction_of, trace
from .analysis.information import Information, value_of_information
from .analysis.kinds_of_posts import FewerKinds, fewer_kinds
from .analysis.look_ahead import look_ahead
from .analysis.near_optimal import NearOptimal, near_optimal
from .analysis.regret import Regret, regrets
from .analysis.shadow_prices import Shadow, shadow_prices
from .analysis.weight_tables import Own, TableResult, solve_tables
from .cuts.pool import CutPool, Round
from .infeasible.explain import Infeasibility, explain
from .review.value import Reviewed, reviewed
from .search.attainable import Attainable, ceiling, floors, least_seen
from .search.solve import Solution, find_plan
from .search.value import Search
from .solvers.clock import Clock, Watch
from .system.feasible import overfull

Floats = NDArray[np.float64]
SOLVED_AGAIN = 6
"""Limits whose worth is found by solving the whole-number problem again, the dearest first."""
SHARE_OF_TIME, HALF = 0.3, 0.5
"""Of the time left: for the attainable intervals; for each set of plans beside the chosen one, so
that one hard point of the frontier leaves time for the rest."""


class InfeasibleError(LisError):
    """No plan keeps all limits; `lines` say in words what stands in the way and what must give.

    `found` holds the same as figures; it is None where today's posts alone exceed capacity. `path`
    and `summary` are the file it was written to and what it says to programs, once it was.
    """

    exit_code = Exit.INFEASIBLE
    final = True
    path: Path | None = None

    def __init__(self, lines: list[str], found: Infeasibility | None = None) -> None:
        self.lines = lines
        self.found = found
        super().__init__("\n".join(lines))

    @property
    def told(self) -> list[str]:
        """Return the lines under a heading, and where the figures were written."""
        lines = ["no plan keeps all limits:", *(f"  {line}" for line in self.lines)]
        return lines + [f"what would have to give: {self.path}"] * (self.path is not None)


class StoppedError(LisError):
    """The search was stopped before a plan was found, or a proof that there is none."""

    final = True


NO_PLAN_BY = {
    "time": "no plan found within solve.time_limit_seconds = {seconds:g}: give it more",
    "rounds": "no plan found: the most rounds of cuts came first, time was left. Regions much "
    "alike make such searches long: a larger solve.relative_gap or limits by region shorten them",
    "nodes": "no plan found within solve.node_limit = {nodes}: give it more, or leave it out",
    "cuts": "no plan found, nor proved that there is none: a plan is left that breaks a limit on "
    "risk and that no bound excludes. Least risk of all plans looked at: {least}",
}
"""Why there is no plan, by what stopped the search."""


class Evaluation(NamedTuple):
    """Risk of every plan, [plan, limit]: in sample, and on fresh scenarios with interval."""

    z: Floats  # [plan, limit, realization]
    in_sample: Floats
    in_sample_error: Floats  # standard error
    fresh: Floats
    fresh_low: Floats
    fresh_high: Floats


class Worth(NamedTuple):
    """What limits, scenarios and foresight are worth, what others waste, and what is as good."""

    information: Information
    shadows: list[Shadow]
    regrets: list[Regret]  # in the order of the plans
    near: NearOptimal | None  # where the study asks for near-optimal plans
    reviewed: Reviewed | None  # the plan that learns, where the study has review years


class Answer(NamedTuple):
    """All a run finds out, plain; `result.py` puts labels on it."""

    solution: Solution
    attainable: Attainable
    plans: dict[str, Floats]  # chosen first: slots [region, decision year]
    evaluation: Evaluation
    frontier: list[Point]
    tables: list[TableResult]
    told: Told
    binding: list[bool]  # [limit] whether the chosen plan with one slot less would break it
    another: bool  # whether another plan is known that costs the same and keeps every limit
    cuts: int
    rounds: list[Round]
    worth: Worth
    seconds: dict[str, float]
    fewer: FewerKinds  # plans that make do with some of the kinds of posts


def run_study(
    study: Study,
    workers: Workers,
    progress: Progress = silent,
    ensemble: bool = False,
    compared: Mapping[str, Floats] | None = None,
) -> Answer:
    """Find the cheapest plan inside all limits, prove it, and set it beside the alternatives.

    With `ensemble`, every scenario's flows under the chosen plan are kept. `compared` are further
    plans to judge on the same scenarios, name -> slots [region, decision year].

    Raises
    ------
    InfeasibleError
        If no plan keeps all limits.
    StoppedError
        If something stopped the search before a plan was found, or a proof that there is none.
    InputError
        If the study has review years and too few scenarios lie in one of their branches.
    """
    watch = Watch()
    if problems := overfull(system_of(study)):
        raise InfeasibleError(problems)
    sample = sample_of(study)
    clock = Clock(study.solve.time_limit_seconds)
    oracle = prepare(study, sample, workers, progress)
    watch.lap("draw_and_project")
    search = Search.of(CutPool(oracle), clock, progress=progress, checkpoint=workers.checkpoint)
    attainable = attain(search)
    solution = chosen_plan(search)
    rounds = list(search.pool.rounds)
    binding, another = binding_risks(search, solution), equally_cheap(search, solution) is not None
    watch.lap("optimise")
    ends = attainable.floors, attainable.ceilings
    frontier = trace(search.within(HALF), *ends, solution)
    fractions = fraction_of(search.limits, *ends)
    information = value_of_information(search, fractions)
    fewer, given = fewer_kinds(search.within(HALF)), fixed_plans(system_of(study), study.comparison)
    by_rule = _by_rule(study, workers, information) | fewer.plans
    plans = kept_apart({"chosen": solution.slots}, given, by_rule, compared or {})
    evaluation = evaluate(study, oracle, plans, workers, progress)
    worth = _worth(search, solution, information, plans, evaluation)
    own, cuts = Own(oracle, attainable, fractions, solution), len(search.pool.cuts)
    del oracle, search
    watch.lap("worth")
    tables = solve_tables(study, own, workers, clock, progress)
    del own  # the projection needs the room
    by_level = {name: levels(study, slots) for name, slots in plans.items()}
    told = project_and_tell(Request(study, sample, by_level, ensemble), workers, progress)
    watch.lap("compare_and_describe")
    found = (solution, attainable, plans, evaluation, frontier, tables, told)
    return Answer(*found, binding, another, cuts, rounds, worth, watch.seconds, fewer)


def _worth(
    search: Search,
    solution: Solution,
    information: Information,
    plans: dict[str, Floats],
    evaluation: Evaluation,
) -> Worth:
    """Return what the limits, the other plans and learning are worth beside the chosen plan."""
    return Worth(
        information,
        shadow_prices(search.within(HALF), solution, SOLVED_AGAIN),
        regrets(search.within(HALF), plans, evaluation.in_sample),
        near_optimal(search.within(HALF), solution),
        reviewed(search.within(HALF), solution, evaluation.fresh),
    )


def chosen_plan(search: Search) -> Solution:
    """Return the cheapest plan inside all limits, or raise what run_study raises."""
    solution = find_plan(search)
    if solution.status == "infeasible":
        found = explain(search)
        raise InfeasibleError(found.lines, found)
    if np.isnan(solution.cost):
        raise StoppedError(_no_plan_in_words(search, solution))
    return solution


def _no_plan_in_words(search: Search, solution: Solution) -> str:
    """Return what stopped the search before any plan was found."""
    pool, found = search.pool, NO_PLAN_BY[solution.stopped_by]
    both = zip(pool.risk, least_seen(pool), strict=True)
    return found.format(
        seconds=search.solve.time_limit_seconds,
        nodes=search.solve.node_limit,
        least=", ".join(f"{limit.name} {risk:.4f}" for limit, risk in both),
    )


def attain(search: Search) -> Attainable:
    """Return each risk's attainable interval and the concavity check; cuts learned stay.

    The intervals may take a part of the time that is left, so that some stays for the plan.
    """
    ceilings = ceiling(search.pool)
    least, stopped = floors(search.pool, search.clock.part(SHARE_OF_TIME))
    return Attainable(least, ceilings, search.pool.certificate, stopped)


def _by_rule(study: Study, workers: Workers, information: Information) -> dict[str, Floats]:
    """Return the plans that follow a simple rule: for mean figures, and looking ahead."""
    plans = {"look_ahead": look_ahead(study, workers)}
    if np.isfinite(information.mean_value_slots).all():
        plans["mean_value"] = information.mean_value_slots
    return plans


def evaluate(
    study: Study,
    oracle: Oracle,
    plans: dict[str, Floats],
    workers: Workers,
    progress: Progress = silent,
) -> Evaluation:
    """Return the risk of every plan on the oracle's scenarios and on fresh, independent ones."""
    level = [levels(study, slots) for slots in plans.values()]
    z = np.stack([oracle.shortfall(one) for one in level])
    error = in_sample_error(study, sample_of(study), oracle, level, workers)
    fresh = judge_plans(study, sample_of(study, "fresh"), level, workers, progress)
    low, high = intervals(study, fresh)
    in_sample = np.stack([oracle.risk_of(each) for each in z])
    return Evaluation(z, in_sample, error, risks(study, fresh), low, high)
