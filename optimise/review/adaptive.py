"""The cheapest plan that learns: posts by branch, the limits on risk kept by all futures together.

Before the first review all futures share their posts; after it each branch has its own. The plan
that never learns is one of these, and the first to be beaten: learning never costs more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.errors import Exit, LisError
from ...core.risk.branches import require_scenarios, seen_at_reviews
from ...core.risk.tree import Numbers, Seen, Tree, grown
from ...core.scenarios.draws import sample_of
from ...core.study.settings import Review
from ..master.build import least_cost_master, prices_of_risk
from ..search.convex import Solution, find_convex_plan
from ..search.value import Search
from ..solvers.program import Program
from .pool import TreeOracle, TreePool
from .program import tree_program
from .system import branch_system, tree_system

Floats = NDArray[np.float64]
GAP = 0.002
"""Relative gap that is enough: a tree has as many more plans as it has branches."""


@dataclass(frozen=True, eq=False, kw_only=True)
class TreeSearch(Search):
    """A search over the plans of a tree."""

    master: Program

    @property
    def program(self) -> Program:
        """Return the least-cost master of the tree without any cuts."""
        return self.master


class Branches(NamedTuple):
    """The tree of a study's reviews over the scenarios it is planned on."""

    tree: Tree
    seen: Seen
    branch: Numbers  # [realization]
    probability: Floats  # [branch]


class Adaptive(NamedTuple):
    """The cheapest plan that learns; the slots of its solution are [row, column of the tree]."""

    branches: Branches
    solution: Solution

    @property
    def plans(self) -> Floats:
        """Return the plan of each end branch, [branch, row, decision year]."""
        return self.branches.tree.plans(self.solution.slots)


def branches_of(search: Search, review: Review) -> Branches:
    """Return the tree that a study's reviews grow over the scenarios of a search.

    Raises
    ------
    InputError
        If too few scenarios lie in a branch.
    """
    oracle = search.pool.oracle
    study, workers = oracle.study, oracle.held.workers
    seen = seen_at_reviews(study, sample_of(study), workers)
    years = search.system.decision_years
    tree = grown(review, years[0], len(years), seen)
    require_scenarios(review, tree, seen)
    return branches_in(tree, seen)


def branches_in(tree: Tree, seen: Seen) -> Branches:
    """Return the branches of a tree in which scenarios lie of which reviews see so much."""
    branch = tree.of(seen.values)
    share = np.bincount(branch, weights=seen.weight, minlength=tree.ends)
    return Branches(tree, seen, branch, share / seen.weight.sum())


def search_in(search: Search, branches: Branches, inside: dict[str, float]) -> TreeSearch:
    """Return the search over plans of a tree, from that over single plans.

    `inside`: most risk inside each branch, by limit.
    """
    tree, pool = branches.tree, search.pool
    oracle = TreeOracle(pool.oracle, tree, branches.branch, inside)
    own = branch_system(search.system, tree)
    system = tree_system(own, tree, branches.probability)
    master = least_cost_master(own, prices_of_risk(pool))
    more = [most for most in inside.values() for _ in range(tree.ends)]
    return TreeSearch(
        pool=TreePool(oracle, system, pool.certificate),
        limits=np.append(search.limits, more),
        clock=search.clock,
        solve=search.solve,
        progress=search.progress,
        checkpoint=search.checkpoint,
        master=tree_program(master, tree, branches.probability),
    )


class BranchLimitsError(LisError):
    """No plan keeps the limits inside branches, or none was found in time."""

    exit_code = Exit.INFEASIBLE
    final = True


def adaptive_plan(
    of_tree: TreeSearch, branches: Branches, review: Review, fixed: Floats
) -> Adaptive:
    """Return the cheapest plan that learns; `fixed` [row, decision year] is the first to beat.

    Raises
    ------
    BranchLimitsError
        If there are limits inside branches, and no plan that keeps them, or none found in time.
    """
    known = fixed[:, branches.tree.year]  # the same in every branch
    gap = max(of_tree.solve.relative_gap, GAP)
    of_tree = replace(of_tree, solve=of_tree.solve.model_copy(update={"relative_gap": gap}))
    solution = find_convex_plan(of_tree, known)
    if np.isnan(solution.cost):
        solution = _fixed_alone(of_tree, solution, known, review)
    return Adaptive(branches, solution)


def _fixed_alone(search: TreeSearch, solution: Solution, fixed: Floats, review: Review) -> Solution:
    """Return the fixed plan as the answer of a search that was stopped before it found any."""
    risk, _ = search.pool.evaluate(fixed)
    if not search.admits(fixed, risk):
        asked = ", ".join(f"{name} = {most:g}" for name, most in review.branch_limits.items())
        found = f"no plan keeps {asked};"
        if solution.status == "stopped":
            found = f"no plan that keeps {asked} found, nor proved that there is none;"
        if solution.stopped_by == "time":
            seconds = search.solve.time_limit_seconds
            found += f" raise solve.time_limit_seconds = {seconds:g},"
        raise BranchLimitsError(
            f"review.branch_limits: {found} allow more risk inside branches, or leave them out"
        )
    cost, shortage = search.total_cost(fixed, risk), search.shortage_cost(risk)
    told = solution._replace(slots=fixed, cost=cost, risk=risk, shortage_cost=shortage)
    return told._replace(lower_bound=min(solution.lower_bound, cost))
