"""Rates of the intake: posts on offer, applicants, leave during LIS1, entry without LIS1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..compute.place import split
from ..kernels.cohorts import Rates
from ..kernels.origins import Origins
from ..scenarios.draws import Draws, Figures, added_up, draw, sample_of
from ..study.study import Study
from .regions import entry_share, posts_share

Floats = NDArray[np.float64]
AT_ONCE = 4096
"""Scenarios drawn at once."""


def offer_share(study: Study, figures: Figures) -> Floats:
    """Return the share of a year's slots on offer in the round of each half-year, [n, half_year].

    A round offers the slots of the intake `lis1.half_years_to_start` half-years later; after the
    last year they are those of the last.

    Where the number of posts before the first decision is not published, what was really offered
    is uncertain.
    """
    spring = study.posts.spring_share.value
    share = np.tile([spring, 1.0 - spring], (figures.count, len(study.years)))
    if study.posts.unpublished_factor is not None:
        guessed = {row.year for row in study.posts.history if not row.published}
        uncertain = np.repeat([year in guessed for year in study.years], 2)
        share[:, uncertain] *= figures["posts.unpublished_factor"][:, None]
    later = np.concatenate([share, share[:, -2:]], axis=1)
    to_start = study.lis1.half_years_to_start
    return later[:, to_start : to_start + share.shape[1]].copy()


def leave_by_stage(study: Study, figures: Figures) -> Floats:
    """Return the share who repeat a stage, [n, stage]: on leave, or withdrawn too late from it."""
    staying = np.repeat(1.0 - figures["lis1.leave"][:, None], len(study.posts.stages), axis=1)
    for s, arena in enumerate(study.posts.stages):
        if arena in study.lis1.late_withdrawal:
            staying[:, s] *= 1.0 - figures[f"lis1.late_withdrawal.{arena}"]
    return 1.0 - staying


def newcomers_by_origin(study: Study, figures: Figures) -> Floats:
    """Return new applicants, [n, half_year, origin] persons.

    The sources give newcomers net of those who left the queue between rounds; those who left at the
    reference stock are added back, so that applicants per round are met at any leakage. Persons
    that measures add come on top of what processes make of the others, from the autumn round of
    their first year on: studies end in the summer.
    """
    queue, leakage = study.queue, figures["queue.leakage"]
    unplaced = np.array([o.unplaced_share.value for o in study.applicants.values()])
    reference = (queue.reference_unplaced_autumn.value, queue.reference_unplaced_spring.value)
    result = np.empty((figures.count, 2 * len(study.years), len(study.applicants)))
    for o, (name, origin) in enumerate(study.applicants.items()):
        per_year = figures[f"applicants.{name}.net_per_year"][:, None] + added_by_year(
            study, origin.added_from
        )
        per_year = per_year * figures.factor(f"applicants.{name}.process")
        more = figures.added(f"applicants.{name}.net_per_year")
        for half in (0, 1):
            share = origin.spring_share.value if half == 0 else 1.0 - origin.spring_share.value
            left = leakage * reference[half] * unplaced[o]
            result[:, half::2, o] = share * per_year + left[:, None]
            if more is not None and half == 0:
                result[:, 2::2, o] += share * more[:, :-1]
            elif more is not None:
                result[:, 1::2, o] += share * more
    return result


def posts_newcomers_fill(study: Study) -> Floats:
    """Return the most posts on offer that newcomers alone fill in every scenario, [region, year].

    min over scenarios and rounds h of the year:  newcomers[h, r] / (fill_rate · offer_share[h])
    """
    sample, least = sample_of(study), np.full(2 * len(study.years), np.inf)
    for first, count in split(sample.scenarios, AT_ONCE):
        figures = Figures(study, draw(study, sample, first, count))
        joining = added_up(newcomers_by_origin(study, figures))
        a_slot = figures["queue.fill_rate"][:, None] * offer_share(study, figures)
        filled = np.divide(joining, a_slot, out=np.full(joining.shape, np.inf), where=a_slot > 0.0)
        np.minimum(least, filled.min(axis=0), out=least)
    rounds, by_year = np.arange(len(least)), np.full(len(study.years), np.inf)
    year = np.minimum((rounds + study.lis1.half_years_to_start) // 2, len(by_year) - 1)
    np.minimum.at(by_year, year, least)
    share, room = posts_share(study.posts_at_start), np.zeros(study.given_levels.shape)
    room[share > 0.0] = share[share > 0.0, None] * by_year
    return room


def from_abroad(figures: Figures) -> Floats:
    """Return specialists arriving from abroad, [n, year] persons, with those measures bring."""
    key, process = "specialists.foreign_per_year", figures.factor("specialists.foreign_process")
    arrivals, more = figures[key][:, None] * process, figures.added(key)
    return np.asarray(arrivals if more is None else arrivals + more)


def mean_from_abroad(study: Study) -> Floats:
    """Return how many specialists arrive from abroad, mean over the study's scenarios, [year]."""
    sample = sample_of(study)
    total, weight = np.zeros(len(study.years)), 0.0
    for first, count in split(sample.scenarios, AT_ONCE):
        draws = draw(study, sample, first, count)
        total += draws.weight @ from_abroad(Figures(study, draws))
        weight += float(draws.weight.sum())
    return np.asarray(total / max(weight, 1e-300))


def added_by_year(study: Study, added_from: dict[str, float]) -> Floats:
    """Return what is added by year, [year]: each amount from its year on."""
    years = np.array(study.years)
    total = np.zeros(len(years))
    for year, amount in added_from.items():
        total += amount * (years >= int(year))
    return total


def direct_entry(study: Study, figures: Figures, half_years: int) -> Floats:
    """Return doctors entering LIS2/3 without LIS1, [n, half_year, group, region] persons."""
    by_group = np.array([g.direct_share.value for g in study.groups.values()])
    closes = 2 * (study.direct_entry.closes - study.time.first_year)
    before, after = (
        0.5 * figures["direct_entry.per_year_before"],
        0.5 * figures["direct_entry.per_year_after"],
    )
    open_yet = np.arange(half_years) < closes
    per_half_year = np.where(open_yet, before[:, None], after[:, None])
    more = figures.added("direct_entry.per_year_after")
    if more is not None:
        per_half_year = per_half_year + 0.5 * np.repeat(more, 2, axis=1)
    by_region = entry_share(study.regions, study.posts_at_start)
    return np.asarray(per_half_year[:, :, None, None] * (by_group[:, None] * by_region))


def build_origins(study: Study, draws: Draws, rates: Rates) -> Origins:
    """Return what the scenarios of a block know about origins; `rates` are those of everybody."""
    figures, shares = Figures(study, draws), study.composition
    newcomers, names = newcomers_by_origin(study, figures), list(study.applicants)
    abroad = rates._replace(
        occupants=rates.occupants * shares.lis1_abroad.value,
        starting=rates.starting * shares.lis1_abroad.value,
        direct_entry=rates.direct_entry * shares.direct_entry_abroad.value,
        trainees=rates.trainees * shares.trainees_abroad.value,
        specialists=rates.specialists * shares.specialists_abroad.value,
    )
    total = added_up(newcomers)[:, :, None]
    return Origins(
        newcomers=np.divide(newcomers, total, out=np.zeros_like(newcomers), where=total > 0),
        unplaced=np.array([o.unplaced_share.value for o in study.applicants.values()]),
        propensity=np.stack([figures[f"applicants.{name}.propensity"] for name in names], axis=1),
        abroad=np.array([float(o.abroad) for o in study.applicants.values()]),
        rates=abroad,
    )
