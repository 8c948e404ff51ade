"""Small studies that decide on earmarked LIS1 posts, and tiny ones with all their plans."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from lis1plan.core.flow.intake import posts_newcomers_fill
from lis1plan.core.study.study import Study

from .limited_training import with_lasting_posts
from .small_study import WHY, between, changed, fixed, small_study
from .tiny import COMBINATIONS, tiny_study
from .tracked import track


def most(*rows: tuple[str | None, float]) -> tuple[dict[str, Any], ...]:
    """Most newly earmarked posts a year, (region or None, posts)."""
    return tuple(
        {"most": posts, "assumption": WHY} | ({"region": region} if region else {})
        for region, posts in rows
    )


def grant(amount: float, payer: str = "state") -> tuple[dict[str, Any], ...]:
    """What an earmarked post costs beyond a LIS1 post, NOK a year."""
    return ({"item": "grant", "payer": payer, "amount_nok": amount, "assumption": WHY},)


def decided_tracks(study: Study, posts: float = 3.0, **given: Any) -> Study:
    """The study with a track into general practice and a mixed one; both are decided."""
    first, *rest = study.groups
    last, regions, year = (rest or [first])[-1], list(study.regions), study.time.first_year
    new = {"most": most((None, 4.0))} | given
    alis = track({first: 1.0}, tuple((region, year + 1, posts) for region in regions))
    mixed = track({first: 0.25, last: 0.75} if rest else {first: 1.0})
    both = {"alis": alis | {"new": new}, "mixed": mixed | {"name": "Mixed", "new": new}}
    return changed(study, {"track": both})


def tracks_study(seed: int, regions: int = 2, groups: int = 2, **given: Any) -> Study:
    """A small study that decides on LIS1 posts and how many of them are earmarked."""
    return decided_tracks(small_study(seed, regions=regions, groups=groups), **given)


def tiny_tracks_study(seed: int) -> Study:
    """A tiny study in which posts can be earmarked; LIS2/3 posts are limited in some."""
    choose = random.Random(seed)
    study = tiny_study(seed * len(COMBINATIONS))  # of those without any further limit
    first, years = study.time.first_decision, choose.choice([1, 2, 2, 2, 3])
    study = changed(
        study,
        {
            "time.last_decision": first + years - 1,
            "ramp.regional": dict.fromkeys(study.regions, fixed(choose.choice([0.0, 1.0, 1.0]))),
        },
    )
    if choose.random() < 0.3:
        study = limited_posts(study, choose)
    groups, payers = list(study.groups), sorted({row.payer for row in study.cost.components})
    two = years < 3 and choose.random() < 0.3
    new: dict[str, Any] = {"most": most((None, float(choose.choice([1, 1 if two else 2]))))}
    if years == 3:
        new["most"] = most((next(iter(study.regions)), 1.0))
    if choose.random() < 0.4:
        new["prices"] = grant(10 ** choose.uniform(3.0, 6.0), payers[-1])
    posts = stated_tracks(study, choose)
    if choose.random() < 0.25:
        every = study.level0.sum()
        share = float((sum(posts.values()) + choose.choice([0, 1, 2])) / every)
        new["most_share"] = fixed(min(share, 1.0))
    elif choose.random() < 0.3:
        new["least_share"] = fixed(float((sum(posts.values()) + 1) / (study.level0.sum() + 1)))
    part = choose.choice([1.0, 0.8]) if len(groups) > 1 else 1.0
    told = {groups[0]: part} | ({groups[-1]: 1.0 - part} if part < 1.0 else {})
    rows = tuple((region, first, each) for region, each in posts.items() if each > 0.0)
    tracks = {"alis": track(told, rows) | {"new": new}}
    if two:
        more = {"most": most((next(iter(study.regions)), 1.0)), "prices": new.get("prices", ())}
        tracks["other"] = track({groups[-1]: 1.0}) | {"name": "Other", "new": more}
    return changed(study, {"track": tracks})


def stated_tracks(study: Study, choose: random.Random) -> dict[str, float]:
    """Posts earmarked without any decision, by region: none, some, nearly all that can be."""
    filled, found = posts_newcomers_fill(study)[:, study.first :].min(axis=1), {}
    for r, region in enumerate(study.regions):
        room = float(np.floor(min(filled[r], study.level0[r])))
        kind = choose.choice(["none", "some", "nearly"])
        nearly = max(room - choose.choice([0.0, 1.0, 2.0]), 0.0)
        found[region] = {"none": 0.0, "some": min(3.0, room), "nearly": nearly}[kind]
    return found


def limited_posts(study: Study, choose: random.Random) -> Study:
    """The study with limited LIS2/3 posts, as stated."""
    least = study.queue.leakage.bounds[0]
    stays = least < 0.05 or choose.random() < 0.3  # nobody may be lost faster than before LIS1
    given = {
        "room": choose.choice([0.0, 0.02, 0.1]),
        "growth": choose.choice([0.0, 0.01]),
        "giving_up_per_year": between(0.0, 0.03) if least >= 0.05 else fixed(0.0),
        "waiting": choose.choice([0.0, 5.0, 30.0]),
    }
    return with_lasting_posts(study, stays, given)
