"""Solving with convex rules: the LP relaxation to convergence, then the integer master."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.system.limits import MILLION
from ..cuts.pool import Round
from ..master.rows import with_cuts
from ..solvers.program import Plan, Status, plan_of
from .even import alike, look_at_even_plan
from .masters import NODES, OF_THE_GAP, OF_THE_GAP_OF_POSTS, STALLED, Stop, masters_of
from .repair import repair
from .value import Search

Floats = NDArray[np.float64]
STATUS: dict[Status, int] = {"infeasible": 0, "optimal": 1, "stopped": 2}
"""The codes of result files."""
LP_TOLERANCE, BEFORE_WHOLE_SLOTS = 1e-8, 1e-6
"""Of the LP relaxation for its own sake, and where it only gathers cuts for whole slots."""
ROUNDS = 300
"""Rounds of cuts at most, in fractions and again in whole slots."""
NEAR, NEAR_ROUNDS = 1e-6, 20
"""A fraction of a slot so close to a whole one is whole; rounds of cuts between rounded plans."""
ENDS = (1.0, np.floor), (-1.0, np.ceil)
AROUND, OF_THE_GAP_AROUND = (0.0, 1.0), 0.2
"""Posts around rounded plans that are looked at in turn, and to what share of the gap asked."""
EXCLUDED = 30
"""Plans that a master may be kept from one by one: each makes it larger."""


class Solution(NamedTuple):
    """The answer with its proof. Costs in NOK, discounted; slots [row, decision year].

    Where a study prices shortage, cost and bounds include the expected cost of shortage. Under a
    chance limit, which has no LP, `lp_bound` is NaN and `lp_slots` the cheapest plan in fractions
    of slots that discarding scenarios found.
    """

    status: Status
    slots: Floats
    cost: float  # upper bound: what the plan costs
    lower_bound: float  # no plan that keeps all limits is cheaper
    lp_bound: float
    lp_slots: Floats
    rounded_cost: float  # the LP solution rounded up
    rounded_feasible: bool
    risk: Floats  # [limit] risk of the plan
    rounds: int
    shortage_cost: float = 0.0  # what of the cost is the price of shortage
    stopped_by: Stop = ""  # what ended the search before its proof

    @property
    def gap(self) -> float:
        """Return (cost - lower bound) / |cost|: a plan that closes slots can save money."""
        if self.cost == self.lower_bound:
            return 0.0
        return (self.cost - self.lower_bound) / abs(self.cost) if self.cost else np.inf


class Incumbent(NamedTuple):
    """The best plan so far."""

    slots: Floats | None
    cost: float
    risk: Floats


class Ended(NamedTuple):
    """How a search ended: status, and if stopped, by what."""

    status: Status
    by: Stop = ""


def find_convex_plan(search: Search, known: Floats | None = None) -> Solution:
    """Find the cheapest plan whose risks stay within the limits, none of them a chance limit.

    Cuts learned before (by other limits, by attainable intervals) hold for any limits and are used
    again. A plan `known` [row, decision year] is the first to be beaten, if it keeps the limits;
    then plans near that in fractions come next, and close enough to its bound they are the answer.
    """
    relaxed, rounds = relaxed_plan(search, BEFORE_WHOLE_SLOTS)
    if relaxed.status == "infeasible":
        return no_plan(search, rounds)
    if np.isnan(relaxed.objective):
        return stopped(no_plan(search, rounds), "time", relaxed.bound * MILLION)
    rounded = search.system.rounded_up(relaxed.slots)
    rounded_risk, _ = search.pool.evaluate(rounded)
    best = better_of(search, no_incumbent(search), rounded, rounded_risk)
    if known is not None:
        best = _near(search, relaxed, _looked_at(search, known, best))
    if known is not None and _close(search, best, relaxed.bound * MILLION):
        ended, bound = Ended("optimal"), relaxed.bound * MILLION
    else:
        ended, best, bound, rounds = _whole_plan(search, best, relaxed.bound, rounds)
    several = len(search.system.families) > 1
    if ended.by == "cuts" or (ended.by == "rounds" and several):
        best = _guided(search, best)
        # of LIS1 alone it takes long and proves little: tangents lead to the plan
        most = EXCLUDED if several and search.system.whole.all() else 0
        ended, best, bound, rounds = _whole_plan(search, best, bound / MILLION, rounds, most)
    search.progress("integer rounds", rounds, 0)
    if best.slots is None:
        nothing = no_plan(search, rounds)
        infeasible = ended.status == "infeasible"
        return nothing if infeasible else stopped(nothing, ended.by, bound)
    return Solution(
        status=ended.status,
        slots=best.slots,
        cost=best.cost,
        lower_bound=min(bound, best.cost),
        lp_bound=relaxed.bound * MILLION,
        lp_slots=relaxed.slots,
        rounded_cost=search.total_cost(rounded, rounded_risk),
        rounded_feasible=search.admits(rounded, rounded_risk),
        risk=best.risk,
        rounds=rounds,
        shortage_cost=search.shortage_cost(best.risk),
        stopped_by=ended.by,
    )


def _near(search: Search, relaxed: Plan, best: Incumbent) -> Incumbent:
    """Return the best of this plan and of those between the LP's rounded down and rounded up.

    Of a tree with nine branches 18 of 392 numbers are then left open: a tenth of a second
    (relaxation enforced neighbourhood search: Berthold 2014). Where that is not close enough, one
    post fewer and more are, too: 5 seconds instead of 17 for all plans.
    """
    for around in AROUND:
        best = _near_by(search, relaxed, around, best)
        if _close(search, best, relaxed.bound * MILLION) or search.clock.left <= 0:
            return best
    return best


def _near_by(search: Search, relaxed: Plan, around: float, best: Incumbent) -> Incumbent:
    """Return the best of this plan and of those so many posts around the LP's rounded ones."""
    columns, whole = search.program.slots, np.broadcast_to(search.system.whole, relaxed.slots.shape)
    lower, upper = search.program.lower.copy(), search.program.upper.copy()
    own, decisions = columns[whole], search.system.decisions
    down, up = (
        decisions.stepped(relaxed.slots + sign * NEAR, rounding) - sign * around * decisions.step
        for sign, rounding in ENDS
    )
    lower[own] = np.maximum(lower[own], down[whole])
    upper[own] = np.minimum(upper[own], up[whole])
    upper[own] = np.maximum(lower[own], upper[own])
    between = search.program._replace(lower=lower, upper=upper)
    for _ in range(NEAR_ROUNDS):
        program, known = with_cuts(between, search.cuts, search.limits), len(search.pool.cuts)
        gap = (OF_THE_GAP_AROUND if around else OF_THE_GAP_OF_POSTS) * search.solve.relative_gap
        found = plan_of(program, search.answer(program, gap, whole=True, nodes=NODES))
        if np.isnan(found.objective) or search.clock.left <= 0:
            return best
        best = _improved(search, search.system.rounded(found.slots), best)
        if len(search.pool.cuts) == known or _close(search, best, relaxed.bound * MILLION):
            return best
    return best


def _close(search: Search, best: Incumbent, bound: float) -> bool:
    """Return whether a plan lies within the gap asked of a bound (NOK)."""
    within = search.solve.relative_gap * abs(best.cost)
    return best.slots is not None and best.cost - bound <= within


def _whole_plan(
    search: Search, best: Incumbent, lp_bound: float, before: int, exclusions: int = 0
) -> tuple[Ended, Incumbent, float, int]:
    """Return how it ended, best plan, lower bound (NOK), rounds with those before.

    So many plans that their own cuts do not exclude are kept out of the master by `exclusions`.
    """
    pool = search.pool
    bound, target = lp_bound * MILLION, search.solve.relative_gap
    excluded = list[Floats]()  # plans looked at that their own cuts do not exclude
    masters = masters_of(search)
    for rounds in range(before + 1, before + 1 + ROUNDS):
        if search.clock.left <= 0:
            return Ended("stopped", "time"), best, bound, rounds
        answer = masters.answer(excluded)
        if answer.status == "infeasible":  # a plan found before is within the tolerance alone
            none = best.slots is None
            return Ended("infeasible" if none else "optimal"), best, best.cost, rounds
        bound = max(bound, answer.bound * MILLION)
        plan = search.system.rounded(answer.slots)
        stuck = search.stuck(plan)
        if not np.isnan(answer.objective):
            best = (_looked_at if stuck else _improved)(search, plan, best)
            search.note(Round(bound, best.cost, len(pool.cuts), whole=True))
        if best.slots is not None and best.cost - bound <= target * abs(best.cost):
            return Ended("optimal"), best, bound, rounds
        if stuck and len(excluded) == exclusions:
            return Ended("stopped", "cuts"), best, bound, rounds
        if stuck:
            excluded.append(plan)
        by = "rounds" if masters.stand_still(best.cost - bound) else masters.stopped_by
        if by:
            return Ended("stopped", by), best, bound, rounds
    return Ended("stopped", "rounds"), best, bound, before + ROUNDS


def _guided(search: Search, best: Incumbent) -> Incumbent:
    """Return the best plan that tangents of clipped cuts lead to, or this one.

    They meet the risk of their own plan: where the condition nearly holds they are nearly bounds.
    """
    guided = search.by_tangents()
    relaxed, rounds = relaxed_plan(guided, BEFORE_WHOLE_SLOTS)
    if not np.isnan(relaxed.objective):
        rounded = search.system.rounded_up(relaxed.slots)
        best = _looked_at(search, rounded, best)
        best = _whole_plan(guided, best, relaxed.bound, rounds)[1]
    return best_seen(search, best)


def _looked_at(search: Search, plan: Floats, best: Incumbent) -> Incumbent:
    """Return the better of the best plan and this one, as it is."""
    return better_of(search, best, plan, search.pool.evaluate(plan)[0])


def _improved(search: Search, plan: Floats, best: Incumbent) -> Incumbent:
    """Return the better of the best plan and this one, repaired if need be; learn its cuts."""
    pool = search.pool
    risk, z = pool.evaluate(plan)
    broken = [int(c) for c in np.flatnonzero(risk > search.limits + search.tolerance())]
    pool.learn(plan, sorted({*broken, *search.prices}), risk, z)
    if broken:
        repaired = repair(search, plan)
        if repaired is None:
            return best
        plan = repaired
        risk, _ = pool.evaluate(plan)
    return better_of(search, best, plan, risk)


def better_of(search: Search, best: Incumbent, plan: Floats, risk: Floats) -> Incumbent:
    """Return the better of the best plan and this one, if it keeps every limit."""
    if not search.admits(plan, risk):
        return best
    cost = search.total_cost(plan, risk)
    return Incumbent(plan, cost, risk) if cost < best.cost else best


def best_seen(search: Search, best: Incumbent) -> Incumbent:
    """Return the cheapest plan in whole slots that keeps every limit: this one or one evaluated."""
    for slots, risk in search.pool.seen:
        if search.keeps(risk) and search.system.is_whole(slots):
            best = better_of(search, best, slots, risk)
    return best


def relaxed_plan(search: Search, precision: float = LP_TOLERANCE) -> tuple[Plan, int]:
    """Return the LP optimum over plans in fractions of slots, by cuts to convergence.

    `precision`: by how much of a limit the last plan may exceed it; the bound holds at any.
    """
    pool, slack, bounds = search.pool, search.tolerance(precision), list[float]()
    inside, groups = _plan_inside(search, slack), alike(search)
    gathers = precision >= BEFORE_WHOLE_SLOTS
    share = OF_THE_GAP * search.solve.relative_gap if gathers else precision
    for rounds in range(1, ROUNDS):
        answer = _master(search, 1e-9)
        if np.isnan(answer.objective):
            return answer, rounds
        search.progress("LP rounds", rounds, 0)
        search.note(Round(answer.bound * MILLION, np.inf, len(pool.cuts), whole=False))
        bounds.append(answer.bound)
        enough = _stalls(search, bounds, precision) or search.clock.left <= 0
        if inside is not None and not enough:
            inside, excluded = _half_way(search, inside, answer.slots, slack)
            if excluded:
                continue
        if groups and not enough:
            even = look_at_even_plan(search, answer, share, slack)
            # what even plans differ by from the most even does not matter to whole slots
            if even is not None and (even.kept or (gathers and not even.excludes)):
                return answer._replace(slots=even.slots), rounds
            if even is not None and even.excludes:
                continue
        risk, z = pool.evaluate(answer.slots)
        broken = [int(c) for c in np.flatnonzero(risk > search.limits + slack)]
        cost, unit = search.total_cost(answer.slots, risk) / MILLION, search.money / MILLION
        if search.prices and cost - answer.objective > LP_TOLERANCE * max(abs(cost), unit):
            broken += search.prices
        if not broken or enough or search.stuck(answer.slots):
            return answer, rounds
        pool.learn(answer.slots, broken, risk, z)
    return answer, ROUNDS


def _plan_inside(search: Search, slack: Floats) -> Floats | None:
    """Return a plan within every limit on risk, where cuts half way to it pay: the most of all.

    Two families of posts stand in for each other, and one year's posts for the next's: plans at the
    corners of the master tell little of those between. It need not keep the system's limits: cuts
    hold at any plan, or, where posts can be earmarked, at any that earmarks none anew.
    """
    if not search.system.decides("posts") or search.prices:
        return None
    most = np.maximum(search.system.most_slots, 0.0)
    if search.system.tracks is not None:
        most[search.system.tracks.rows] = 0.0
    risk, _ = search.pool.evaluate(most)
    return most if (risk <= search.limits + slack).all() else None


def _half_way(search: Search, inside: Floats, plan: Floats, slack: Floats) -> tuple[Floats, bool]:
    """Return the plan inside, and whether a cut learned half way from it excludes the LP's plan.

    Ben-Ameur and Neto's in-out separation: where the plan half way keeps all limits, it is the next
    one inside.
    """
    pool, known = search.pool, len(search.pool.cuts)
    middle = (inside + plan) / 2.0
    risk, z = pool.evaluate(middle)
    broken = [int(c) for c in np.flatnonzero(risk > search.limits + slack)]
    if not broken:
        return middle, False
    pool.learn(middle, broken, risk, z)
    most = search.limits + slack
    return inside, any(cut.at(plan) > most[cut.limit] for cut in search.cuts[known:])


def _stalls(search: Search, bounds: list[float], precision: float) -> bool:
    """Return whether an LP that only gathers cuts rises too little to help whole slots.

    Many regions alike make plans of the same cost, and each cut excludes one of them.
    """
    if precision < BEFORE_WHOLE_SLOTS or len(bounds) <= STALLED:
        return False
    rise = bounds[-1] - bounds[-1 - STALLED]
    share = OF_THE_GAP_OF_POSTS if search.system.decides("posts") else OF_THE_GAP
    return rise <= share * search.solve.relative_gap * abs(bounds[-1])


def _master(search: Search, gap: float) -> Plan:
    """Return the cheapest plan in fractions of slots, to a relative gap."""
    program = with_cuts(search.program, search.cuts, search.limits)
    return plan_of(program, search.answer(program, gap, whole=False))


def no_incumbent(search: Search) -> Incumbent:
    """Return what is known before any plan is found."""
    return Incumbent(None, np.inf, np.full(len(search.limits), np.nan))


def no_plan(search: Search, rounds: int) -> Solution:
    """Return the answer that no plan keeps all limits."""
    nothing, unknown = search.system.unknown_slots, np.full(len(search.limits), np.nan)
    return Solution(
        "infeasible", nothing, np.nan, np.inf, np.inf, nothing, np.nan, False, unknown, rounds
    )


def stopped(nothing: Solution, by: Stop, bound: float) -> Solution:
    """Return the answer that no plan was found before something stopped the search."""
    return nothing._replace(status="stopped", lower_bound=bound, stopped_by=by)
