"""Admission to LIS2/3: posts by group and region, and what scenarios know of those who wait."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..kernels.admission import Admission
from ..kernels.admission_loops import AdmittedFlow
from ..scenarios.draws import Figures
from ..study.specialist_posts import SpecialistPosts

Floats = NDArray[np.float64]
ROUNDING = 1e-9
"""Of the doctors in LIS2/3: what is no more than their posts up to this is not refused."""


def stated_posts(
    section: SpecialistPosts,
    groups: Sequence[str],
    regions: Sequence[str],
    years: Sequence[int],
    key: Floats,
) -> Floats:
    """Return LIS2/3 posts without any decision, persons at once, [group, region, year].

    Rows without a region are spread by `key` [region]; a year without a row is like the one before.
    """
    posts = np.zeros((len(groups), len(regions), len(years)))
    for row in sorted(section.posts, key=lambda row: row.year):
        k, begin = groups.index(row.group), max(row.year - years[0], 0)
        if row.region is None:
            posts[k, :, begin:] = (row.posts * key)[:, None]
        else:
            posts[k, regions.index(row.region), begin:] = row.posts
    return posts


def require_room(
    posts: Floats, trainees: Floats, groups: Sequence[str], regions: Sequence[str]
) -> None:
    """Refuse fewer posts than doctors in LIS2/3 at the start: each of them holds one.

    Parameters
    ----------
    posts : [group, region, year]; `trainees` [group, region] persons

    Raises
    ------
    InputError
        Naming every group and region that has too few.
    """
    lacking = trainees > posts[:, :, 0] + ROUNDING * max(1.0, float(trainees.max()))
    problems = [
        f"specialist_posts.posts: group '{groups[k]}', region '{regions[t]}': "
        f"{posts[k, t, 0]:.6g} posts at the start for {trainees[k, t]:.6g} doctors in LIS2/3 "
        "(training.trainees_at_start, spread over groups and regions); each of them holds one: "
        "give as many posts or more, or fewer doctors"
        for k, t in np.argwhere(lacking).tolist()
    ]
    if problems:
        raise InputError(problems)


def build_admission(
    section: SpecialistPosts, figures: Figures, share: Floats, exits: Floats, abroad: float
) -> Admission:
    """Return what the scenarios of a block know of those who wait for LIS2/3.

    Parameters
    ----------
    share : [group, region] of those who wait at the start; adds up to 1
    exits : [n] share of those in LIS2/3 who leave work in a half-year: as many of those who wait
    abroad : share of those who wait at the start educated abroad
    """
    giving_up = 1.0 - np.sqrt(1.0 - figures["specialist_posts.giving_up_per_year"])
    return Admission(
        waiting=section.waiting_at_start.value * share,
        staying=(1.0 - exits) * (1.0 - giving_up),
        giving_up=(1.0 - exits) * giving_up,
        abroad=abroad,
    )


def waiting_flows(
    section: SpecialistPosts, figures: Figures, waiting: AdmittedFlow, posts: Floats
) -> dict[str, Floats]:
    """Return who waits, which posts are vacant, and locums, [n, year, group, region].

    `posts` [group, region, year] are those of the plan; who is on leave keeps one and does no work.
    """
    held = np.moveaxis(posts, -1, 0) - waiting.vacant
    on_leave = figures["specialist_posts.on_leave"] * section.locums.value
    return {**waiting._asdict(), "locums": on_leave[:, None, None, None] * held}
