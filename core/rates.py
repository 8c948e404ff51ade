"""Rates: from what scenarios drew to the arrays the kernel takes (docs/model.md section 2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, ndtr

from .kernel import Rates
from .scenarios import Draws
from .study import Study

Floats = NDArray[np.float64]


class Figures:
    """The study's figures for a block of scenarios: drawn where uncertain, repeated where fixed."""

    def __init__(self, study: Study, draws: Draws) -> None:
        self._drawn = draws.figures
        self._fixed = dict(study.figures())
        self.count = len(draws.alternative)

    def __getitem__(self, key: str) -> Floats:
        """Return the figure with this dotted key, [n]."""
        if key in self._drawn:
            return self._drawn[key]
        return np.full(self.count, self._fixed[key].value)  # type: ignore[union-attr]


def regional_key(study: Study) -> Floats:
    """Return the share of each region in new specialists under the central rates, [region].

    Stock and demand are spread by it, so that regional shares stand still without policy. A
    key by population would drift (Nord up, Sør-Øst down by 2040): an artefact of the choice matrix.
    """
    retention = np.array([[r.retention.central for r in study.regions.values()]])
    share = study.level0 / study.level0.sum()
    choice = _choice(retention, study.level0)[0]
    return np.array([_ordered_sum(share * choice[:, t]) for t in range(len(share))])


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
    """Return the single years of age of the stock table, youngest to oldest."""
    listed = [row.age for row in study.specialists.stock]
    return np.arange(min(listed), max(listed) + 1)


def initial_specialists(study: Study) -> Floats:
    """Return the stock at the start, [group, region, age] persons."""
    years, names = ages(study), list(study.groups)
    national = np.zeros((len(names), len(years)))
    for row in study.specialists.stock:
        national[names.index(row.group), row.age - years[0]] = row.persons
    key = regional_key(study)
    return np.ascontiguousarray(national[:, None, :] * key[None, :, None])


def fte_by_age(study: Study) -> Floats:
    """Return FTE per specialist, [group, age]."""
    specialists = study.specialists
    row = np.where(
        ages(study) < specialists.senior_age,
        specialists.fte_per_head.value,
        specialists.fte_per_head_senior.value,
    )
    return np.tile(row, (len(study.groups), 1))


def build_rates(study: Study, draws: Draws) -> Rates:
    """Return the kernel's rates for a block of scenarios."""
    figures = Figures(study, draws)
    half_years = 2 * len(study.years)
    key, share0 = regional_key(study), study.level0 / study.level0.sum()
    spring = study.posts.spring_share.value
    entry_age = np.tile(_entry_age(study), (len(study.groups), 1))
    foreign_share = np.array([g.foreign_share.value for g in study.groups.values()])
    foreign = 0.5 * figures["specialists.foreign_per_year"]
    occupants = np.array(study.lis1.appointed_before_start)[:, None] * share0
    foreign_block = foreign[:, None, None] * (foreign_share[:, None] * key)
    return Rates(
        offer_share=np.array([spring, 1.0 - spring]),
        unplaced=np.tile(study.queue.unplaced_at_start.value * share0, (figures.count, 1)),
        newcomers=_newcomers(study, figures, half_years)[:, :, None] * share0,
        leakage=figures["queue.leakage"],
        fill_rate=np.repeat(figures["queue.fill_rate"][:, None], len(share0), axis=1),
        leave=figures["lis1.leave"],
        drop_out=figures["lis1.drop_out"],
        occupants=occupants,
        choice=_choice(
            np.stack([figures[f"regions.{r}.retention"] for r in study.regions], axis=1),
            study.level0,
        ),
        group_share=group_shares(study, figures),
        direct_entry=_direct_entry(study, figures, half_years),
        trainees=study.training.trainees_at_start.value * group_shares(study)[0][:, None] * key,
        historic_outcome=_outcome(study, figures, "training.completion_share_historic"),
        outcome=_outcome(study, figures, "training.completion_share"),
        historic_until=2 * (study.training.historic_until - study.time.first_year),
        specialists=initial_specialists(study),
        entry_age=entry_age,
        foreign=np.repeat(foreign_block[:, None], half_years, axis=1),
        foreign_age=entry_age,
        survival=_survival(study, figures),
        mobility=_mobility(figures["specialists.mobility_per_year"], key),
        fte=fte_by_age(study),
    )


def _ordered_sum(values: Floats) -> float:
    """Sum from first to last: the same bits on every numpy."""
    total = 0.0
    for value in values:
        total += float(value)
    return total


def _choice(retention: Floats, level0: Floats) -> Floats:
    """Return [n, r, t]: those not retained go to the other regions in proportion to their posts."""
    count, regions = retention.shape
    choice = np.empty((count, regions, regions))
    for r in range(regions):
        elsewhere = level0.sum() - level0[r]
        for t in range(regions):
            if t == r:
                choice[:, r, t] = retention[:, r] if elsewhere > 0 else 1.0
            else:
                choice[:, r, t] = (1.0 - retention[:, r]) * (level0[t] / elsewhere)
    return choice


def _mobility(per_year: Floats, key: Floats) -> Floats:
    """Return half-yearly moves [n, r, t]: movers land by the regional key, so it stays put."""
    moving = 1.0 - np.sqrt(1.0 - per_year)
    return (1.0 - moving)[:, None, None] * np.eye(len(key)) + moving[:, None, None] * key


def _newcomers(study: Study, figures: Figures, half_years: int) -> Floats:
    """Return new applicants, [n, half_year] persons.

    The sources give newcomers net of those who left the queue between rounds; those who left at the
    reference stock are added back, so that applicants per round are met at any leakage.
    """
    queue, leakage = study.queue, figures["queue.leakage"]
    spring = leakage * queue.reference_unplaced_autumn.value
    autumn = leakage * queue.reference_unplaced_spring.value
    for name, origin in study.applicants.items():
        net, share = figures[f"applicants.{name}.net_per_year"], origin.spring_share.value
        spring = spring + net * share
        autumn = autumn + net * (1.0 - share)
    return np.tile(np.stack([spring, autumn], axis=1), (1, half_years // 2))


def _direct_entry(study: Study, figures: Figures, half_years: int) -> Floats:
    """Return doctors entering LIS2/3 without LIS1, [n, half_year, group, region] persons."""
    share0 = study.level0 / study.level0.sum()
    by_group = np.array([g.direct_share.value for g in study.groups.values()])
    closes = 2 * (study.direct_entry.closes - study.time.first_year)
    before, after = (
        0.5 * figures["direct_entry.per_year_before"],
        0.5 * figures["direct_entry.per_year_after"],
    )
    open_yet = np.arange(half_years) < closes
    per_half_year = np.where(open_yet, before[:, None], after[:, None])
    return np.asarray(per_half_year[:, :, None, None] * (by_group[:, None] * share0))


def _outcome(study: Study, figures: Figures, completion: str) -> Floats:
    """Return completing and leaving by half-years in LIS2/3, [n, 2, group, duration].

    The duration is a gamma beyond the shortest time, taken to the nearest half-year, so that its
    mean is kept. Those who will not complete draw a duration too and leave at any half-year of it,
    equally likely.
    """
    training = study.training
    shortest, spread = training.shortest_years.value, training.spread.value
    longest = round(2 * training.longest_years.value)
    mean, share = figures["training.mean_years"], figures[completion]
    edges = (np.arange(1, longest) + 0.5) / 2.0
    scale = spread * spread * (mean - shortest)
    below = gammainc(1.0 / spread**2, np.maximum(edges - shortest, 0.0) / scale[:, None])
    cumulative = np.concatenate(
        [np.zeros((figures.count, 1)), below, np.ones((figures.count, 1))], axis=1
    )
    mass = cumulative[:, 1:] - cumulative[:, :-1]
    per_half_year = mass / np.arange(1, longest + 1)
    leaving = np.cumsum(per_half_year[:, ::-1], axis=1)[:, ::-1]
    both = np.stack([share[:, None] * mass, (1.0 - share)[:, None] * leaving], axis=1)
    return np.ascontiguousarray(np.repeat(both[:, :, None, :], len(study.groups), axis=2))


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
    exposed = sum(r.persons for r in specialists.stock if r.age < specialists.other_exits_below_age)
    other = figures["specialists.other_exits_per_year"][:, None, None] / exposed * young
    return np.asarray(np.sqrt((1.0 - retire) * (1.0 - np.minimum(other, 1.0))))


def retirement_table(study: Study) -> Floats:
    """Return the yearly retirement share of the study's table, [group, age]; zero without a row."""
    years, names = ages(study), list(study.groups)
    table = np.zeros((len(names), len(years)))
    for row in study.specialists.retirement:
        if years[0] <= row.age <= years[-1]:
            table[names.index(row.group), row.age - years[0]] = row.yearly_share
    return table
