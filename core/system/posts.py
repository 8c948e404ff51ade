"""The system's deterministic side: supervision need and capacity, and the cost of a slot."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..flow.rates import all_levels, rows_of_levels
from ..study.study import Study
from ..study.unchecked import largest_remainder
from .course import Starts
from .families import MEASURES, Family

Floats = NDArray[np.float64]


def starts_of_a_year(study: Study) -> Starts:
    """Return calendar month and share of the two intakes of a year."""
    spring = study.posts.spring_share.value
    first, second = study.posts.intake_months
    return ((first, spring), (second, 1.0 - spring))


def lead_time(study: Study, region: str) -> int:
    """Return the decision years that pass before a region can open slots."""
    lead = study.ramp.lead_time_years.get(region)
    return 0 if lead is None else int(lead.value)


def given_levels(study: Study) -> Floats:
    """Return levels without any decision, [row, year]: LIS1, then LIS2/3 posts, then tracks.

    LIS2/3 posts have rows, by group and region, where a study decides on them; tracks, by track and
    region, likewise. Where it decides on tracks alone, limited LIS2/3 posts have rows, too. Last
    come units of measures that are decided by columns.
    """
    every = families(study)
    if len(every) == 1:
        return study.given_levels
    return all_levels(study, study.given_levels)[: every[-1].rows.stop]


def families(study: Study) -> tuple[Family, ...]:
    """Return the families of decisions in the order of their rows.

    LIS1, LIS2/3 posts, tracks, measures.
    """
    regions, posts = len(study.regions), study.specialist_posts
    found = [Family("slots", 0, (regions,))]
    by_group = 0 if posts is None else len(study.groups)
    if posts is not None and posts.new is not None:
        found.append(Family("posts", regions, (by_group, regions), posts.new.whole))
    if study.decides_tracks:
        whole = all(track.new.whole for track in study.track.values() if track.new is not None)
        first = regions * (1 + by_group)
        found.append(Family("tracks", first, (len(study.track), regions), whole))
    if study.columns:
        found.append(Family(MEASURES, rows_of_levels(study), (len(study.columns),)))
    return tuple(found)


def plans_of(study: Study, values: Callable[[str], Floats]) -> Floats:
    """Return plans as files hold them, as [..., row, year].

    `values` returns the variable of a family, [year, ..., *axes]. Rows of no family open nothing.
    """
    every = families(study)
    parts = [each.flat(values(each.variable)) for each in every]
    rows = np.zeros((*parts[0].shape[:-2], every[-1].rows.stop, parts[0].shape[-1]))
    for family, part in zip(every, parts, strict=True):
        rows[..., family.rows, :] = part
    return rows


def levels(study: Study, slots: Floats) -> Floats:
    """Return `level` [row, year] from new slots [row, decision year], history included."""
    return with_history(given_levels(study), study.first, slots)


def with_history(given: Floats, first: int, slots: Floats) -> Floats:
    """Return `level` [row, year]: those `given` [row, year] and what slots add to them.

    level[r, y] = given[r, y] + sum_{t <= y} slots[r, t - first],  `first` the first decision year.
    """
    opened = np.zeros(given.shape)
    opened[:, first : first + slots.shape[1]] = slots
    return given + np.cumsum(opened, axis=1)


def offered_in_rounds(study: Study, level: Floats) -> Floats:
    """Return the slots that the rounds of each year offer, [..., year], for `level` likewise.

    Where appointed doctors begin half a year later, the autumn round offers those of the next
    year's spring intake, after the last year as many as in it.
    """
    if study.lis1.half_years_to_start == 0:
        return level
    spring = study.posts.spring_share.value
    following = np.concatenate([level[..., 1:], level[..., -1:]], axis=-1)
    return (1.0 - spring) * level + spring * following


def intakes(study: Study, level: Floats) -> tuple[Floats, Floats]:
    """Return posts in spring and autumn, each [region, year], for whole `level` [region, year].

    The country's spring posts are the nearest whole number to the spring share of its level, a half
    rounded up; regions get the whole part of theirs, and what is left goes by largest remainder.
    With equal shares a region's intakes differ by one where its level is odd, else by none.
    """
    share = study.posts.spring_share.value
    spring = np.floor(share * level + 1e-9)
    for y in range(level.shape[1]):
        left = int(np.floor(share * level[:, y].sum() + 0.5 + 1e-9) - spring[:, y].sum())
        rest = share * level[:, y] - spring[:, y]
        if left > 0 and rest.sum() > 1e-9:
            spring[:, y] += largest_remainder(left, rest)
    return spring, level - spring


def no_slots(study: Study) -> Floats:
    """Return the plan that opens nothing, [row, decision year]."""
    return np.zeros((len(given_levels(study)), len(study.decision_years)))
