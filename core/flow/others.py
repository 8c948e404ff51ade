"""Doctors without a speciality, and all doctors of the country counted together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from ..kernels.cohorts import Rates
from ..kernels.others import Others
from ..scenarios.draws import Figures
from ..study.others import WithoutSpeciality
from ..study.study import Study
from .rates import ages, initial_specialists, training_exits
from .regions import regional_key

Floats = NDArray[np.float64]

POPULATIONS = {
    "lis1": "in LIS1",
    "training": "in LIS2/3",
    "specialists": "specialists",
    "others": "without a speciality, not in training",
    "all": "all doctors",
    "waiting": "all doctors, with those who wait for LIS1",
}
"""Whom a head-count counts, identifier -> name; `all` are the four before it."""


def build_others(study: Study, figures: Figures, rates: Rates) -> Others | None:
    """Return what the scenarios of a block know of them; None where the study has none."""
    section = study.without_speciality
    if section is None:
        return None
    group = list(study.groups).index(section.leaves_like)
    return Others(
        stock=others_at_start(study, section),
        arrivals=0.5 * figures["without_speciality.arrivals_per_year"],
        exits=training_exits(study, figures),
        share=regional_key(study.regions, study.posts_at_start),
        entry_age=_entry_age(study, section),
        survival=np.ascontiguousarray(rates.survival[:, group, -len(ages(study)) :]),
        fte=section.fte_per_head.value,
    )


def others_at_start(study: Study, section: WithoutSpeciality) -> Floats:
    """Return doctors without a speciality at the start, [region, age] persons."""
    years, regions = ages(study), list(study.regions)
    stock = np.zeros((len(regions), len(years)))
    key = regional_key(study.regions, study.posts_at_start)
    for row in section.stock:
        for age in row.ages:
            part, place = row.persons / len(row.ages), age - years[0]
            if row.region is None:
                stock[:, place] += part * key
            else:
                stock[regions.index(row.region), place] += part
    return stock


def counted_at_start(study: Study, section: WithoutSpeciality) -> Floats:
    """Return the head-count at the end of the year before the projection, [population]."""
    to_start = study.lis1.half_years_to_start
    appointed = study.lis1.appointed_before_start
    parts = [
        float(sum(appointed[to_start:])),
        study.training.trainees_at_start.value,
        float(initial_specialists(study).sum()),
        float(others_at_start(study, section).sum()),
    ]
    if study.specialist_posts is not None:
        parts[3] += study.specialist_posts.waiting_at_start.value
    whole = sum(parts)
    waiting = study.queue.unplaced_at_start.value + sum(appointed[:to_start])
    return np.array([*parts, whole, whole + waiting])


def head_count(flow: dict[str, Floats]) -> Floats:
    """Return all doctors of the country, [n, year, population] persons, from a block's flows."""
    lis1, others = flow["lis1"].sum(axis=2), flow["others"].sum(axis=2)
    if "waiting_training" in flow:  # they work, without a speciality
        others = others + flow["waiting_training"].sum(axis=(2, 3))
    grouped = [flow[name].sum(axis=(2, 3)) for name in ("training", "specialists")]
    parts = [lis1, *grouped, others]
    whole = parts[0] + parts[1] + parts[2] + parts[3]
    waiting = flow["unplaced"].sum(axis=2)
    if "awaiting" in flow:
        waiting = waiting + flow["awaiting"].sum(axis=2)
    return np.stack([*parts, whole, whole + waiting], axis=2)


def _entry_age(study: Study, section: WithoutSpeciality) -> Floats:
    """Return the age distribution of those who join, [age]: a normal on whole years."""
    mean, sd, years = section.entry_age_mean.value, section.entry_age_sd.value, ages(study)
    mass = ndtr((years + 1 - mean) / sd) - ndtr((years - mean) / sd)
    return np.asarray(mass / mass.sum())
