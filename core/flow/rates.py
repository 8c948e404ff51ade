"""Rates: from what scenarios drew to the arrays the kernel takes (docs/model.md section 2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from ..kernels.admission import Admission
from ..kernels.cohorts import Rates
from ..kernels.tracks import Tracks
from ..scenarios.draws import Draws, Figures, added_up
from ..study.study import Study
from .admission import build_admission, require_room, stated_posts
from .durations import durations
from .exits import ExitsByYear, with_exits_by_year
from .intake import (
    direct_entry,
    from_abroad,
    leave_by_stage,
    newcomers_by_origin,
    offer_share,
)
from .regions import choice, moving, posts_share, regional_key

Floats = NDArray[np.float64]
HISTORIC, PRESENT = "training.completion_share_historic", "training.completion_share"
"""The share who complete LIS2/3, of those in it at the start and of those who begin later."""


def group_shares(study: Study, figures: Figures | None = None) -> Floats:
    """Return the share of LIS1 completers by group, [n, group]; central shares without figures."""
    names = list(study.groups)
    columns = {}
    for name in names:
        choice = study.groups[name].choice
        if choice is not None:
            columns[name] = (
                np.array([choice.central]) if figures is None else figures[f"groups.{name}.choice"]
            )
    count = 1 if figures is None else figures.count
    rest = np.ones(count)
    for column in columns.values():
        rest = rest - column
    return np.stack([columns.get(name, rest) for name in names], axis=1)


def ages(study: Study) -> NDArray[np.int64]:
    """Return the single years of age of doctors past LIS1, the youngest of any table to the oldest.

    Doctors without a speciality may be younger than any specialist at the start.
    """
    others = () if study.without_speciality is None else study.without_speciality.stock
    listed = [row.ages for row in study.specialists.stock] + [row.ages for row in others]
    return np.arange(min(band[0] for band in listed), max(band[-1] for band in listed) + 1)


def initial_specialists(study: Study) -> Floats:
    """Return the stock at the start, [group, region, age] persons.

    Rows that name their region stand there; the others are spread by the stationary key.
    """
    years, names, regions = ages(study), list(study.groups), list(study.regions)
    stock = np.zeros((len(names), len(regions), len(years)))
    key = regional_key(study.regions, study.posts_at_start)
    for row in study.specialists.stock:
        where = slice(None) if row.region is None else regions.index(row.region)
        share = key if row.region is None else 1.0
        for age in row.ages:
            part = row.persons / len(row.ages) * share
            stock[names.index(row.group), where, age - years[0]] += part
    return stock


def fte_by_age(study: Study) -> Floats:
    """Return FTE per specialist, [group, age]: of the table by age, else of the young or senior."""
    common, years, names = study.specialists, ages(study), list(study.groups)
    fte = np.stack(
        [
            np.where(
                years < common.senior_age,
                (group.fte_per_head or common.fte_per_head).value,
                (group.fte_per_head_senior or common.fte_per_head_senior).value,
            )
            for group in study.groups.values()
        ]
    )
    for row in common.fte_by_age:
        fte[names.index(row.group), np.isin(years, row.ages)] = row.fte_per_head
    return fte


def build_rates(study: Study, draws: Draws) -> Rates:
    """Return the kernel's rates for a block of scenarios."""
    figures = Figures(study, draws)
    half_years = 2 * len(study.years)
    key = regional_key(study.regions, study.posts_at_start)
    share0 = posts_share(study.posts_at_start)
    entry_age = np.tile(_entry_age(study), (len(study.groups), 1))
    foreign_share = np.array([g.foreign_share.value for g in study.groups.values()])
    before = np.array(study.lis1.appointed_before_start)[:, None] * share0  # newest first
    to_start = study.lis1.half_years_to_start
    foreign = np.repeat(0.5 * from_abroad(figures), 2, axis=1)
    rates = Rates(
        offer_share=offer_share(study, figures),
        unplaced=np.tile(study.queue.unplaced_at_start.value * share0, (figures.count, 1)),
        newcomers=added_up(newcomers_by_origin(study, figures))[:, :, None] * share0,
        leakage=figures["queue.leakage"],
        fill_rate=np.repeat(figures["queue.fill_rate"][:, None], len(share0), axis=1),
        leave=leave_by_stage(study, figures),
        drop_out=figures["lis1.drop_out"],
        occupants=before[to_start:],
        starting=np.ascontiguousarray(before[:to_start][::-1]),
        choice=choice(study.regions, study.posts_at_start, figures),
        group_share=group_shares(study, figures),
        direct_entry=direct_entry(study, figures, half_years),
        trainees=trainees_at_start(study),
        historic_outcome=outcome(study, figures, HISTORIC),
        outcome=outcome(study, figures, PRESENT),
        historic_until=2 * (study.training.historic_until - study.time.first_year),
        specialists=initial_specialists(study),
        entry_age=entry_age,
        foreign=foreign[:, :, None, None] * (foreign_share[:, None] * key),
        foreign_age=entry_age,
        survival=_survival(study, figures),
        moving=moving(figures["specialists.mobility_per_year"]),
        landing=key,
        fte=fte_by_age(study),
    )
    by_year = study.specialists.exits_by_year
    return with_exits_by_year(rates, ExitsByYear(by_year, tuple(study.groups), study.years))


def trainees_at_start(study: Study) -> Floats:
    """Return doctors in LIS2/3 at the start, [group, region]."""
    key = regional_key(study.regions, study.posts_at_start)
    return np.asarray(
        study.training.trainees_at_start.value * group_shares(study)[0][:, None] * key
    )


def admission_of(study: Study, figures: Figures) -> Admission | None:
    """Return what the scenarios of a block know of those who wait for LIS2/3; None: nobody waits.

    Raises
    ------
    InputError
        If there are fewer posts at the start than doctors in LIS2/3.
    """
    section = study.specialist_posts
    if section is None:
        return None
    share = group_shares(study)[0][:, None] * regional_key(study.regions, study.posts_at_start)
    regions, groups = list(study.regions), list(study.groups)
    require_room(training_posts(study), trainees_at_start(study), groups, regions)
    abroad = study.composition.lis1_abroad.value
    return build_admission(section, figures, share, training_exits(study, figures), abroad)


def training_posts(study: Study) -> Floats:
    """Return LIS2/3 posts without any decision, [group, region, year]; no group without limit."""
    if study.specialist_posts is None:
        return np.empty((0, len(study.regions), len(study.years)))
    key = regional_key(study.regions, study.posts_at_start)
    regions, groups = list(study.regions), list(study.groups)
    return stated_posts(study.specialist_posts, groups, regions, study.years, key)


def all_levels(study: Study, level: Floats) -> Floats:
    """Return levels [row, year]: LIS1 by region, LIS2/3 posts by group and region, then tracks.

    LIS2/3 posts have rows where they are limited, tracks by track and region where there are any,
    then measures that are decided by columns. Where `level` leaves out the last ones, they are
    those the study states, of measures none.
    """
    years, regions = level.shape[1], len(study.regions)
    parts = [level]
    if study.specialist_posts is not None and len(level) == regions:
        parts.append(training_posts(study).reshape(-1, years))
    rows = sum(map(len, parts))
    if rows < rows_of_levels(study):
        parts.append(study.earmarked.reshape(-1, years))
    if study.columns and rows <= rows_of_levels(study):
        parts.append(np.zeros((len(study.columns), years)))
    return np.concatenate(parts) if len(parts) > 1 else level


def rows_of_levels(study: Study) -> int:
    """Return how many rows levels have in all, but for those of measures, which come last."""
    groups = 0 if study.specialist_posts is None else len(study.groups)
    return len(study.regions) * (1 + groups + len(study.track))


def track_share(study: Study) -> Floats:
    """Return the share of those in each track who choose a group, [track, group]."""
    share = np.zeros((len(study.track), len(study.groups)))
    for e, track in enumerate(study.track.values()):
        for k, group in enumerate(study.groups):
            share[e, k] = track.choice[group].value if group in track.choice else 0.0
    return share


def tracks_under(study: Study, level: Floats) -> Tracks | None:
    """Return the tracks under levels [row, year] as `all_levels` has them; None without any."""
    if not study.track:
        return None
    rows = len(study.track) * len(study.regions)
    return Tracks(track_share(study), np.ascontiguousarray(level[len(level) - rows :]))


def outcome(study: Study, figures: Figures, completion: str) -> Floats:
    """Return completing and leaving by half-years in LIS2/3, [n, 2, group, duration].

    Those who will not complete draw a duration too and leave at any half-year of it, equally
    likely.
    """
    mass, share = durations(study.training, figures["training.mean_years"]), figures[completion]
    per_half_year = mass / np.arange(1, mass.shape[1] + 1)
    leaving = np.cumsum(per_half_year[:, ::-1], axis=1)[:, ::-1]
    both = np.stack([share[:, None] * mass, (1.0 - share)[:, None] * leaving], axis=1)
    both = _with_exits(both, training_exits(study, figures))
    return np.ascontiguousarray(np.repeat(both[:, :, None, :], len(study.groups), axis=2))


def training_exits(study: Study, figures: Figures) -> Floats:
    """Return the share of those in LIS2/3, and who wait for it, who leave work, [n] a half-year."""
    if study.training.exits == "none":
        return np.zeros(figures.count)
    return np.asarray(1.0 - np.sqrt(1.0 - np.minimum(_other_exits(study, figures), 1.0)))


def _with_exits(outcome: Floats, exits: Floats) -> Floats:
    """Return outcomes [n, 2, duration] where a share `exits` [n] leaves work a half-year.

    With F[d] the share still in training after d half-years of those who do not leave work,

        completing[d] · (1 − exits)^d
        leaving[d] · (1 − exits)^d + exits · (1 − exits)^(d−1) · F[d−1]
    """
    ended = np.cumsum(outcome.sum(axis=1), axis=1)
    still = np.concatenate([np.ones((len(ended), 1)), 1.0 - ended[:, :-1]], axis=1)
    at_work = (1.0 - exits)[:, None] ** np.arange(ended.shape[1] + 1)  # after d half-years
    result = outcome * at_work[:, None, 1:]
    result[:, 1] += exits[:, None] * at_work[:, :-1] * np.maximum(still, 0.0)
    return np.asarray(result)


def _entry_age(study: Study) -> Floats:
    """Return the age distribution of new specialists, [age]: a normal on whole years."""
    mean, sd = study.specialists.entry_age_mean.value, study.specialists.entry_age_sd.value
    years = ages(study)
    mass = ndtr((years + 1 - mean) / sd) - ndtr((years - mean) / sd)
    return np.asarray(mass / mass.sum())


def _survival(study: Study, figures: Figures) -> Floats:
    """Return the half-yearly share who stay in work, [n, group, age]."""
    specialists, years = study.specialists, ages(study)
    hazards = retirement_table(study)
    shift = figures["specialists.retirement_shift_years"]
    position = np.clip((years - years[0]) - shift[:, None], 0.0, len(years) - 1.0)
    below = np.minimum(position.astype(np.int64), len(years) - 2)
    part = (position - below)[:, None, :]
    table = np.stack([hazards[k][below] for k in range(len(hazards))], axis=1)
    above = np.stack([hazards[k][below + 1] for k in range(len(hazards))], axis=1)
    retire = (1.0 - part) * table + part * above
    retire = np.minimum(retire * figures["specialists.retirement_scale"][:, None, None], 1.0)
    young = years < specialists.other_exits_below_age
    other = _other_exits(study, figures)[:, None, None] * young
    return np.asarray(np.sqrt((1.0 - retire) * (1.0 - np.minimum(other, 1.0))))


def _other_exits(study: Study, figures: Figures) -> Floats:
    """Return the yearly share who leave work before they retire, [n]."""
    specialists = study.specialists
    exposed = sum(row.persons_below(specialists.other_exits_below_age) for row in specialists.stock)
    return np.asarray(figures["specialists.other_exits_per_year"] / exposed)


def retirement_table(study: Study) -> Floats:
    """Return the yearly retirement share, [group, age]; zero below the first age of a group."""
    years, names = ages(study), list(study.groups)
    table = np.zeros((len(names), len(years)))
    for row in study.specialists.retirement:
        for age in row.ages:
            if years[0] <= age <= years[-1]:
                table[names.index(row.group), age - years[0]] = row.leaving
    return table
