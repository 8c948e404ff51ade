"""Tiny studies that decide on LIS1 posts, LIS2/3 posts and earmarked ones at once."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from lis1plan.core.study.study import Study
from lis1plan.core.system.costs import slot_price

from .decided_posts import prices
from .decided_tracks import grant, limited_posts, most, stated_tracks
from .small_study import WHY, changed, fixed
from .tiny import COMBINATIONS, tiny_study
from .tracked import track

Data = dict[str, Any]
LASTING: Data = {
    "specialists.retirement_scale": fixed(0.0),
    "specialists.fte_per_head_senior": fixed(0.9),
    "specialists.fte_per_head": fixed(0.9),
}
"""Specialists leave work as those who wait and train may: fewer cuts are clipped."""


def tiny_families_study(seed: int) -> Study:
    """A tiny study in which all three families are free, each in one region at least.

    Draws of `tiny_study` without a further limit, most of two groups; three hundred plans at most.
    """
    choose = random.Random(seed)
    study = _two_groups(seed, choose)
    study = changed(study, _time_and_slots(study, choose))
    if choose.random() < 0.75:
        study = changed(study, LASTING)
    study = limited_posts(study, choose)
    study = changed(study, {"risk": _risk_of_groups(study, choose)})
    study = changed(study, {"specialist_posts.new": _new_posts(study, choose)})
    return changed(study, {"track": _tracks(study, choose)})


def _two_groups(seed: int, choose: random.Random) -> Study:
    """The first tiny study of two groups among eight by this seed; in one of six of any number."""
    tried = (tiny_study((8 * seed + n) * len(COMBINATIONS)) for n in range(8))
    study = next(tried)
    if choose.random() < 1.0 / 6.0 or len(study.groups) == 2:
        return study
    return next((each for each in tried if len(each.groups) == 2), study)


def _years(study: Study) -> int:
    return study.time.last_decision - study.time.first_decision + 1


def _time_and_slots(study: Study, choose: random.Random) -> Data:
    """One decision year of slots in both regions, or two of them in one."""
    years = choose.choice([1, 2, 2])
    most_slots = choose.choice([(1.0, 0.0), (0.0, 1.0)] if years == 2 else [(1.0, 1.0), (2.0, 1.0)])
    ramps = {name: fixed(each) for name, each in zip(study.regions, most_slots, strict=True)}
    return {
        "time.last_decision": study.time.first_decision + years - 1,
        "ramp.regional": ramps,
    }


def _risk_of_groups(study: Study, choose: random.Random) -> Data:
    """The limits on risk, most of one group, two of different ones: earmarking hurts one."""
    risk: Data = {name: limit.model_dump() for name, limit in study.risk.items()}
    groups = choose.sample(list(study.groups), len(study.groups))
    for n, limit in enumerate(risk.values()):
        if choose.random() < 0.65:
            limit["groups"] = (groups[n % len(groups)],)
    return risk


def _new_posts(study: Study, choose: random.Random) -> Data:
    """New LIS2/3 posts in one or two places of group and region, at prices like those of slots."""
    places = [(group, region) for group in study.groups for region in study.regions]
    count = 2 if _years(study) == 2 else choose.choice([2, 3])
    rows = tuple(
        {"group": group, "region": region, "most": 1.0, "assumption": WHY}
        for group, region in choose.sample(places, min(count, len(places)))
    )
    payers = sorted({row.payer for row in study.cost.components})
    slot = float(slot_price(study).max()) / (study.time.last_year - study.time.first_decision + 1)
    dear = choose.choice([slot * 10 ** choose.uniform(-1.5, 0.5), 10 ** choose.uniform(3.0, 5.0)])
    new: Data = {"most": rows, "prices": prices(dear, 0.1 * dear, (payers[0], payers[-1]))}
    if choose.random() < 0.2:
        new["total"] = fixed(float(choose.choice([1, 2])))
    if choose.random() < 0.2:
        new["national"] = fixed(1.0)
    if _years(study) == 2 and choose.random() < 0.2:
        new["lead_time"] = fixed(1.0)
    return new


def _tracks(study: Study, choose: random.Random) -> Data:
    """A track with some posts stated, and new ones in one region or both; rarely a second track."""
    groups, regions, years = list(study.groups), list(study.regions), _years(study)
    one = years == 2 or choose.random() < 0.5
    new: Data = {"most": most((choose.choice(regions), 1.0) if one else (None, 1.0))}
    if choose.random() < 0.4:
        payers = sorted({row.payer for row in study.cost.components})
        new["prices"] = grant(10 ** choose.uniform(2.0, 5.0), payers[-1])
    stated = stated_tracks(study, choose)
    every = float(study.level0.sum())
    if choose.random() < 0.2:
        new["most_share"] = fixed((sum(stated.values()) + choose.choice([0, 1])) / every)
    elif choose.random() < 0.2:
        new["least_share"] = fixed((sum(stated.values()) + 1) / (every + 1))
    part = choose.choice([1.0, 0.8]) if len(groups) > 1 else 1.0
    told = _shares(choose.sample(groups, len(groups)), part)
    first = study.time.first_decision
    rows = tuple((region, first, posts) for region, posts in stated.items() if posts > 0.0)
    tracks: Data = {"alis": track(told, rows) | {"new": new}}
    if one and years == 1 and choose.random() < 0.4:
        more = {"most": most((choose.choice(regions), 1.0)), "prices": new.get("prices", ())}
        tracks["other"] = track({groups[-1]: 1.0}) | {"name": "Other", "new": more}
    return tracks


def _shares(groups: Sequence[str], part: float) -> dict[str, float]:
    """What part of a track goes to the first group; the rest goes to the last."""
    return {groups[0]: part} | ({groups[-1]: 1.0 - part} if part < 1.0 else {})
