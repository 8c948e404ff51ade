"""Scenarios by branch: what reviews see of them, and what each suffers under its branch's plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..compute.place import Progress, silent, split
from ..compute.workers import Workers
from ..errors import InputError
from ..flow.observed import observed
from ..flow.sound import UnsoundError, drawn_from
from ..scenarios.draws import draw
from ..scenarios.sampling import Sample
from ..study.checks.review import FEWEST
from ..study.risk_rules import RiskRule
from ..study.settings import Review
from ..study.study import Study
from .blocks import AnyLanes, lanes_of
from .oracle import block_of, judged_part, shortfall_of
from .streams import in_lanes
from .tree import Numbers, Seen, Tree, parted
from .weight import require_weight

Floats = NDArray[np.float64]


def seen_at_reviews(study: Study, sample: Sample, workers: Workers) -> Seen:
    """Return what the reviews of a study see of a sample's scenarios."""
    values = np.empty((sample.scenarios, len(_review(study).years)))
    weight = np.empty(sample.scenarios)
    ranges = split(sample.scenarios, block_of(study))
    for (first, count), found in workers.blocks(seen_block, ranges, study, sample):
        place = slice(first, first + count)
        values[place], weight[place] = found
    return Seen(values, weight)


def _review(study: Study) -> Review:
    assert study.review is not None
    return study.review


def seen_block(first: int, count: int, study: Study, sample: Sample) -> Seen:
    """Return what the reviews see of a block of scenarios."""
    with drawn_from(sample):
        draws = draw(study, sample, first, count)
        return Seen(observed(study, sample, draws, first), draws.weight)


def require_scenarios(review: Review, tree: Tree, seen: Seen) -> None:
    """Refuse branches in which so few scenarios lie that their plans would be those of chance.

    Raises
    ------
    InputError
        If an end branch has fewer than `FEWEST` that carry weight; all such branches are named.
    """
    found = np.bincount(tree.of(seen.values)[seen.weight > 0.0], minlength=tree.ends)
    low, high = tree.ranges()
    problems = [
        f"review.branches: {found[end]} scenarios where {review.observes} is "
        + " and ".join(_range(*ends) for ends in zip(low[end], high[end], strict=True))
        + f"; at least {FEWEST}: draw more scenarios, part into fewer branches, or give thresholds"
        for end in np.flatnonzero(found < FEWEST).tolist()
    ]
    if problems:
        raise InputError(problems)


def _range(low: float, high: float) -> str:
    if np.isinf(low):
        return "anything" if np.isinf(high) else f"at most {high:g}"
    return f"above {low:g}" if np.isinf(high) else f"above {low:g} to {high:g}"


class ByBranch(NamedTuple):
    """Z of scenarios under the plan of each one's own branch."""

    z: Floats  # [limit, realization]
    branch: Numbers  # [realization]
    weight: Floats | None  # [realization] with mean one; None: all the same


class Followed(NamedTuple):
    """Plans that learn by the same reviews: the tree, and the levels of each end branch."""

    tree: Tree
    level: Floats  # [plan, branch, row, year]


def judge_branches(
    study: Study, sample: Sample, followed: Followed, workers: Workers, progress: Progress = silent
) -> list[ByBranch]:
    """Return Z in any number of scenarios, each under what its reviews would choose; [plan]."""
    count, plans, done = sample.scenarios, len(followed.level), 0
    z, weight = np.empty((plans, len(study.risk), count)), np.empty(count)
    branch = np.empty(count, dtype=np.int64)
    ranges, asked = split(count, block_of(study)), (study, sample, _plain(followed))
    for (first, n), found in workers.blocks(branches_block, ranges, *asked):
        place = slice(first, first + n)
        z[:, :, place], branch[place], weight[place] = found
        done += n
        progress("fresh reviews", done, count)
    require_weight(sample, weight, study.drawn_and_counted_by)
    equal = bool((weight == 1.0).all())
    return [ByBranch(one, branch, None if equal else weight / weight.mean()) for one in z]


def _plain(followed: Followed) -> tuple[tuple[Floats, ...], Floats]:
    """Return thresholds and levels: what a task takes."""
    return followed.tree.thresholds, followed.level


class OfBlock(NamedTuple):
    """A block of scenarios under plans that learn by the same reviews; weights as drawn."""

    z: Floats  # [plan, limit, n]
    branch: Numbers  # [n]
    weight: Floats  # [n]


def branches_block(
    first: int, count: int, study: Study, sample: Sample, told: tuple[tuple[Floats, ...], Floats]
) -> OfBlock:
    """Return Z of a block of scenarios, each under its own branch's plans.

    `told` are the thresholds of the tree and the levels [plan, branch, row, year]. Drawn once, and
    put into lanes by branch: a third less work than all of them under the plans of all branches.
    """
    thresholds, level = told
    review, years = _review(study), study.decision_years
    tree = parted(review, years[0], len(years), thresholds)
    with drawn_from(sample):
        draws = draw(study, sample, first, count)
        judged = judged_part(study, draws, first, lambda one: draw(one, sample, first, count))
        branch = tree.of(observed(study, sample, draws, first))
        z = np.empty((len(level), len(study.risk), count))
        for end in np.unique(branch):
            own = np.flatnonzero(branch == end)
            lanes = in_lanes(study, lanes_of([field[own] for field in judged.lanes]))
            for p, plan in enumerate(level):
                z[p][:, own] = _shortfall(study, lanes, first + own, plan[end])
        return OfBlock(z, branch, judged.weight)


def _shortfall(study: Study, lanes: AnyLanes, numbers: Numbers, level: Floats) -> Floats:
    """Return Z of scenarios in lanes, [limit, n]; what cannot be is told of their `numbers` [n]."""
    try:
        return shortfall_of(study, lanes, (0, len(numbers)), level)
    except UnsoundError as fault:
        fault.scenario = int(numbers[fault.scenario])
        raise


class Judged(NamedTuple):
    """Risk of the plan that learns in some scenarios: of all together, and inside each branch."""

    risk: Floats  # [limit]
    low: Floats  # [limit] ends of the 95 % interval, scenarios independent
    high: Floats
    inside: Floats  # [branch, limit] NaN where no scenario came
    probability: Floats  # [branch]


def judged(rules: Sequence[RiskRule], found: ByBranch, ends: int) -> Judged:
    """Return risks of Z by branch, together and inside each of `ends` branches."""
    weight = found.weight
    both = [rule.interval(row, weight) for rule, row in zip(rules, found.z, strict=True)]
    inside = np.full((ends, len(rules)), np.nan)
    for end in range(ends):
        own = found.branch == end
        of_own = None if weight is None else weight[own]
        if own.any() and (of_own is None or of_own.any()):
            inside[end] = [
                rule.risk(row[own], of_own) for rule, row in zip(rules, found.z, strict=True)
            ]
    share = np.bincount(found.branch, weights=weight, minlength=ends)
    return Judged(
        risk=np.array([rule.risk(row, weight) for rule, row in zip(rules, found.z, strict=True)]),
        low=np.array([low for low, _ in both]),
        high=np.array([high for _, high in both]),
        inside=inside,
        probability=share / share.sum(),
    )
