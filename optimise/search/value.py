"""A search as one value: what is asked, what is known of it, and what it may take."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...core.compute.checkpoint import NOWHERE, Checkpoint
from ...core.compute.place import Progress, silent
from ...core.study.settings import Solve
from ...core.study.study import Study
from ...core.system.arrays import System
from ..cuts.pool import Cut, CutPool, Round
from ..master.build import master_of, prices_of_risk
from ..solvers.clock import Clock
from ..solvers.program import Found, Program
from ..solvers.solver import solver_named

Floats = NDArray[np.float64]
LOG = logging.getLogger("lis1plan")
TINY = 1e-300
"""NOK: so that there is a size where everything is free."""
TOLERANCE = 1e-9
"""Risk units by which a plan may exceed a limit: the rounding of a sum over all scenarios."""
FAIR = 3.0
"""One of several searches may take so many times an equal part of the time left."""
COMPARISON_GAP, COMPARISON_NODES = 0.002, 100
"""Effort for the cheapest plans beside fixed ones: a regret of 0.2 % is none. Where a plan's risks
are close to the floor the search is long, so that 100 nodes a problem have to do."""


@dataclass(frozen=True, eq=False)
class Search:
    """The question, what is known of it, and what finding its answer may take.

    `limits` [limit] on risk are infinite for a price; they may differ from the study's own. Cuts in
    the pool hold for any. Answers of whole masters are taken from the checkpoint where it has them.
    """

    pool: CutPool
    limits: Floats
    clock: Clock
    solve: Solve
    progress: Progress
    checkpoint: Checkpoint
    guided: bool = False
    """Whether masters hold tangents of clipped cuts: these guide to plans, and bound nothing."""

    @staticmethod
    def of(
        pool: CutPool,
        clock: Clock,
        limits: Floats | None = None,
        progress: Progress = silent,
        checkpoint: Checkpoint = NOWHERE,
    ) -> Search:
        """Return the search for the pool's question, within its own limits if not given others."""
        limits = limits_of(pool.oracle.study) if limits is None else limits
        return Search(pool, limits, clock, pool.oracle.study.solve, progress, checkpoint)

    @property
    def system(self) -> System:
        """Return what is certain of the question."""
        return self.pool.system

    @property
    def program(self) -> Program:
        """Return the least-cost master without any cuts."""
        return master_of(self.pool)

    @property
    def prices(self) -> list[int]:
        """Return the limits that are prices."""
        return [price.limit for price in prices_of_risk(self.pool)]

    def with_limits(self, limits: Floats) -> Search:
        """Return the same search within other limits on risk, [limit]."""
        return replace(self, limits=limits)

    def within(self, share: float) -> Search:
        """Return the same search within a share of the time left."""
        return replace(self, clock=self.clock.part(share))

    def among(self, left: int) -> Search:
        """Return the same search within a fair part of the time, where so many are left to do."""
        return self.within(min(1.0, FAIR / left))

    def by_tangents(self) -> Search:
        """Return the same search for plans alone: what it says of bounds is not proved."""
        return replace(self, guided=True)

    @property
    def cuts(self) -> list[Cut]:
        """Return the cuts that masters hold."""
        return [cut.tangent for cut in self.pool.cuts] if self.guided else self.pool.cuts

    def stuck(self, slots: Floats) -> bool:
        """Return whether the master would come back to this plan for ever."""
        return not self.guided and self.pool.stuck(slots)

    def note(self, found: Round) -> None:
        """Note a round, but not of tangents: what these bound is not proved."""
        if not self.guided:
            self.pool.note(found)

    def quietly(self) -> Search:
        """Return the same search without reports of its progress."""
        return replace(self, progress=silent)

    def with_effort(self, gap: float, nodes: int) -> Search:
        """Return the same search to another relative gap, with so many nodes for each master."""
        effort = {"relative_gap": gap, "node_limit": nodes}
        return replace(self, solve=self.solve.model_copy(update=effort))

    def hurried(self) -> Search:
        """Return the search with a gap and an effort that a comparison can live with."""
        gap = max(self.solve.relative_gap, COMPARISON_GAP)
        nodes = min(self.solve.node_limit or COMPARISON_NODES, COMPARISON_NODES)
        return self.with_effort(gap, nodes).quietly()

    def judged_by_tails(self) -> Search:
        """Return the same search with chance limits judged by their CVaR, which is stricter."""
        return replace(self, pool=self.pool.tails())

    def under(self, study: Study, limits: Floats | None = None) -> Search:
        """Return the search for a study that differs in what it asks alone, cuts used again."""
        limits = limits_of(study) if limits is None else limits
        return replace(self, pool=self.pool.under(study), limits=limits, solve=study.solve)

    def tolerance(self, fine: float = TOLERANCE) -> Floats:
        """Return by how much a plan may exceed each limit, [limit]."""
        return tolerance(self.limits, fine)

    def keeps(self, risk: Floats) -> bool:
        """Return whether risks [limit] keep their limits, but for rounding."""
        return bool((risk <= self.limits + self.tolerance()).all())

    def admits(self, slots: Floats, risk: Floats) -> bool:
        """Return whether a plan of these risks keeps every limit: what an answer must."""
        return self.keeps(risk) and self.system.keeps_limits(slots)

    def shortage_cost(self, risk: Floats) -> float:
        """Return what the expected shortage costs at the prices asked, NOK."""
        return float(sum(price.nok * risk[price.limit] for price in prices_of_risk(self.pool)))

    def total_cost(self, slots: Floats, risk: Floats) -> float:
        """Return what is minimised: discounted cost of the slots and priced shortage, NOK."""
        return self.system.prices.plan(slots) + self.shortage_cost(risk)

    @property
    def money(self) -> float:
        """Return the size of what is minimised, NOK: the dearest slot or price of a risk."""
        prices = [price.nok for price in prices_of_risk(self.pool)]
        can = np.where(
            self.system.most_slots > 0.0, self.system.most_slots, self.system.least_slots
        )
        return float(max(self.system.prices.dearest(can), *prices, TINY))

    def answer(
        self, program: Program, gap: float, *, whole: bool, nodes: int | None = None
    ) -> Found:
        """Return the answer of a master; kept in the checkpoint unless it was cut short."""
        solver = solver_named(self.solve.solver)
        found = self.checkpoint.answer(
            "master",
            (program.plain(), whole, gap, solver.name, nodes),
            lambda: solver.solve(program, gap, self.clock.left, whole=whole, nodes=nodes),
            lambda found: found.status != "stopped",
        )
        LOG.info("master: %s, %.9g, bound %.9g", found.status, found.objective, found.bound)
        return found


def limits_of(study: Study) -> Floats:
    """Return the limits on risk a study asks for, [limit]; infinite for a price."""
    return study.risk_at_most


def tolerance(limits: Floats, fine: float = TOLERANCE) -> Floats:
    """Return by how much a plan may exceed each limit, [limit]: limits in FTE are large numbers."""
    return fine * np.maximum(np.where(np.isfinite(limits), limits, 1.0), 1.0)
