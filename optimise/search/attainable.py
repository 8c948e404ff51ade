"""The attainable interval of each risk: least over all feasible plans, and without new slots."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.risk.oracle import ByLimit
from ...core.study.risk_limit import RiskLimit
from ..cuts.certificate import Certificate
from ..cuts.pool import Cut, CutPool
from ..master.build import master_of
from ..master.rows import least_risk_master, with_cuts
from ..solvers.clock import Clock
from ..solvers.highs import HeldProgram

Floats = NDArray[np.float64]
TOLERANCE = 1e-7
"""Of a risk, or of its size where that is greater: risks in FTE are large numbers."""
ROUNDS = 200
SMALLEST_UNIT = 1e-6
LEAST = -1e6
"""Below any risk that has no least value of its own: supervision beyond what slots need."""


def ceiling(pool: CutPool) -> Floats:
    """Return the risk of every limit without new slots, [limit], and learn from it."""
    nothing = pool.system.no_slots
    risk, z = pool.evaluate(nothing)
    pool.learn(nothing, list(range(len(risk))), risk, z)
    return risk


class Floors(NamedTuple):
    """The least risks, each for itself, and which were not met: by the clock, rounds, clipping."""

    least: Floats  # [limit]
    stopped: list[bool]  # [limit] the least risk may lie higher; of a chance limit lower


class Attainable(NamedTuple):
    """The interval of each risk, [limit], and how the concavity condition fared."""

    floors: Floats
    ceilings: Floats
    certificate: Certificate
    stopped: list[bool]  # [limit] whether the floor was stopped before it was met


def floor(pool: CutPool, clock: Clock) -> Floats:
    """Return the least risk of every limit over all feasible plans, [limit], see `floors`."""
    return floors(pool, clock).least


def floors(pool: CutPool, clock: Clock) -> Floors:
    """Return the least risk of every limit over all feasible plans, each limit for itself.

    By cuts over fractional slots: a lower bound of what whole slots reach, and close to it. "The
    steepest plan" would not do: once a ramp or capacity binds, it is not unique. Stopped by the
    clock, it is still a lower bound. Of a chance limit, which is not convex, it is the risk of the
    plan whose CVaR of the same confidence is least: a risk that is reached, and no bound;
    where the concavity condition fails, or posts can be earmarked, it is no higher than that of any
    plan that was looked at.
    """
    found, stopped = [], []
    for c, convex in enumerate(pool.convex):
        least = _least(pool.tails(), c, clock)
        found.append(least.bound if convex else float(pool.evaluate(least.slots)[0][c]))
        stopped.append(not least.met)
    # then less of the CVaR may be more of the quantile
    if not pool.certificate.tight or pool.system.tracks is not None:
        return Floors(np.minimum(found, least_seen(pool)), stopped)
    return Floors(np.array(found), stopped)


def least_seen(pool: CutPool) -> Floats:
    """Return the least risk of every limit over the plans evaluated so far, [limit].

    Of those inside the limits of the system; infinite where there is none.
    """
    kept = [each.risk for each in pool.seen if pool.system.keeps_limits(each.slots)]
    return np.min(kept, axis=0) if kept else np.full(len(pool.risk), np.inf)


def least_risk(limit: RiskLimit) -> float:
    """Return a finite value no risk of the limit is below."""
    return max(limit.least, LEAST)


class _Least(NamedTuple):
    """A risk that no plan is below, and a plan close to it."""

    bound: float
    slots: Floats
    met: bool  # the plan has that risk, but for tolerance, or there is no plan


def _least(pool: CutPool, limit: int, clock: Clock) -> _Least:
    """Return the least risk of one limit over plans in fractions of slots."""
    least, free = least_risk(pool.risk[limit]), np.full(len(pool.risk), np.inf)
    bound, slots = least, pool.system.no_slots
    unit = _unit_of([cut for cut in pool.cuts if cut.limit == limit])
    program = least_risk_master(master_of(pool), limit, least, unit)
    asked, alone = set[bytes](), _judged_alone(pool, limit)
    for _ in range(ROUNDS):
        found = HeldProgram(with_cuts(program, pool.cuts, free)).solve(seconds=clock.left)
        bound = max(bound, unit * found.bound)
        if np.isnan(found.objective) or clock.left <= 0:
            return _Least(bound, slots, found.status == "infeasible")
        slots = found.values[program.slots]
        again = pool.at_hand(slots)
        risk: ByLimit[float]
        z: ByLimit[Floats]
        if alone and not again:
            risk, z = pool.evaluate_one(slots, limit)
        else:
            risk, z = pool.evaluate(slots)
        if risk[limit] - bound <= TOLERANCE * max(abs(bound), 1.0):
            return _Least(bound, slots, met=True)
        if pool.stuck(slots) or slots.tobytes() in asked:
            return _Least(bound, slots, met=False)
        asked.add(slots.tobytes())
        # a plan that a limit before led to is likely to be that of those to come
        likely = range(limit + 1, len(pool.risk)) if again else ()
        pool.learn(slots, [limit], risk, z, likely)
    return _Least(bound, slots, met=False)


def _judged_alone(pool: CutPool, limit: int) -> bool:
    """Return whether plans are judged by this limit alone while its least risk is looked for.

    Of some regions it is quicker. One that counts all is judged with the others, which may have
    their least risk at the same plan. Where cuts may be loose, all that is known of a plan counts.
    """
    some = len(pool.risk[limit].regions) < len(pool.system.regions)
    return some and pool.certificate.tight and pool.system.tracks is None


def _unit_of(cuts: list[Cut]) -> float:
    """Return about how much one slot changes a risk by what cuts say, a power of two.

    A solver's tolerances are absolute: in units of the risk itself masters come back with one and
    the same plan for ever. No less than a millionth of the risk's size; 1 where nothing is known.
    """
    sizes = (max(float(np.abs(x.slope).max()), SMALLEST_UNIT * abs(x.constant)) for x in cuts)
    largest = max(sizes, default=0.0)
    return float(2.0 ** np.floor(np.log2(largest))) if largest > 0.0 else 1.0
