"""Tiny studies that decide on LIS1 and LIS2/3 posts, and all their plans."""

from __future__ import annotations

import itertools
import random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.posts import levels
from lis1plan.core.verify.arithmetic import costs_of

from .decided_posts import prices
from .limited_training import with_lasting_posts
from .small_study import WHY, between, changed, fixed
from .tiny import COMBINATIONS, tiny_study

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
MOST, ANOTHER = 1000, 10_000
"""Plans of a study that are listed; how far the next seed lies off."""


class ListedPosts(NamedTuple):
    """All plans of a study, [plan, row, decision year], their levels and what they cost."""

    slots: Floats
    level: Floats  # [plan, row, year]
    cost: Floats  # [plan] NOK discounted, without the price of shortage
    keeps: Flags  # [plan] inside every limit of the system


def tiny_remix_study(seed: int) -> Study:
    """A tiny study that may close LIS2/3 posts, too, with so few of them that plans can be listed.

    A region and group has 22 doctors in LIS2/3 at most: what closes is what they are sure to leave.
    Where plans are too many all the same, another seed is tried.
    """
    for other in itertools.count(seed, ANOTHER):
        for few in (22.0, 18.0, 14.0, 10.0, 6.0, 3.0):
            study = tiny_posts_study(other, few)
            if plans_of(study) <= MOST:
                return study
    raise AssertionError("seeds do not end")


def plans_of(study: Study) -> float:
    """How many plans there are within the bounds of single slots and posts."""
    system = system_of(study)
    return float(np.prod(np.floor(system.most_slots) - np.ceil(system.least_slots) + 1.0))


def tiny_posts_study(seed: int, closing: float | None = None) -> Study:
    """A tiny study in which LIS2/3 posts bind in some scenarios: either family or both decided.

    `closing`: posts may be closed, too; so many doctors are in LIS2/3 for each region and group.
    """
    choose = random.Random(seed)
    study = tiny_study(seed * len(COMBINATIONS))  # of those without any further limit
    first = study.time.first_decision
    study = changed(
        study,
        {
            "time.last_decision": first + (1 if len(study.groups) > 1 else choose.choice([1, 2])),
            "ramp.regional": dict.fromkeys(study.regions, fixed(choose.choice([0.0, 1.0, 1.0]))),
        },
    )
    if closing is not None:
        trainees = closing * len(study.regions) * len(study.groups)
        study = changed(study, {"training.trainees_at_start": fixed(trainees)})
    least = study.queue.leakage.bounds[0]
    stays = least < 0.05 or choose.random() < 0.3  # nobody may be lost faster than before LIS1
    given = {
        "room": choose.choice([0.0, 0.0, 0.02, 0.1]),
        "growth": choose.choice([0.0, 0.0, 0.01]),
        "giving_up_per_year": between(0.0, 0.03) if least >= 0.05 else fixed(0.0),
        "waiting": choose.choice([0.0, 5.0, 30.0]),
    }
    study = with_lasting_posts(study, stays, given)
    most = tuple(
        {"group": group, "most": choose.choice([0.0, 1.0, 1.0]), "assumption": WHY}
        for group in study.groups
    )
    payers = sorted({row.payer for row in study.cost.components})
    paid = payers[0], payers[-1]
    dear = 10 ** choose.uniform(4.0, 6.0)
    new = {"most": most, "prices": prices(dear, choose.choice([0.0, 1e5]), paid)}
    if choose.random() < 0.3:
        new["total"] = fixed(float(choose.choice([1, 2])))
    if choose.random() < 0.3:
        new["national"] = fixed(float(choose.choice([1, 2])))
    if choose.random() < 0.3:
        new["lead_time"] = fixed(1.0)
    if closing is not None:
        new["closing"] = True
        if choose.random() < 0.7:
            new["total"] = fixed(float(choose.choice([0, 0, 1])))
    return changed(study, {"specialist_posts.new": new})


def every_posts_plan(study: Study) -> ListedPosts:
    """All plans of a tiny study within the bounds of single slots and posts."""
    system = system_of(study)
    ends = zip(system.least_slots.ravel(), system.most_slots.ravel(), strict=True)
    ranges = [range(int(np.ceil(least)), int(np.floor(most)) + 1) for least, most in ends]
    slots = np.array(list(itertools.product(*ranges)), dtype=float)
    slots = slots.reshape(-1, *system.most_slots.shape)
    level = np.stack([levels(study, plan) for plan in slots])
    cost = np.array([costs_of(study, plan)[2] for plan in slots])
    keeps = np.array([system.keeps_limits(plan) for plan in slots])
    return ListedPosts(slots, level, cost, keeps)
