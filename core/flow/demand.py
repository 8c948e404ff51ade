"""Demand: FTE of specialists wanted by year, group and region (docs/model.md section 5)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..scenarios.draws import Draws, Figures
from ..study.demand import Activity, ByGroup
from ..study.risk_limit import Counts
from ..study.study import ByContent, Study
from .rates import fte_by_age, group_shares, initial_specialists
from .regions import demand_key, regional_key

Floats = NDArray[np.float64]


def base_supply(study: Study) -> Floats:
    """Return the specialists' FTE at the start, [group]."""
    national = initial_specialists(study).sum(axis=1)
    return np.asarray((national * fte_by_age(study)).sum(axis=1))


def share_at_start(study: Study, key: Floats) -> Floats:
    """Return each region's share of demand at the start, [group, region].

    It is that of the stock of the group, in FTE; where the study gives no stock by region, or
    weighs demand itself, the `key` [region] by which growth is spread, too.
    """
    without_regions = all(row.region is None for row in study.specialists.stock)
    if without_regions or demand_key(study.regions) is not None:
        return np.tile(key, (len(study.groups), 1))
    present = (initial_specialists(study) * fte_by_age(study)[:, None, :]).sum(axis=2)
    total = present.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(present, total, out=np.tile(key, (len(total), 1)), where=total > 0))


def base_doctors(study: Study) -> Floats:
    """Return the FTE of all doctors past LIS1 at the start, [group]: specialists and trainees."""
    trainees = study.training.trainees_at_start.value * group_shares(study)[0]
    return np.asarray(base_supply(study) + study.trainee_fte * trainees)


def base_of(study: Study, counts: Counts) -> Floats:
    """Return the FTE counted at the start, [group]."""
    return base_supply(study) if counts == "specialists" else base_doctors(study)


SPECIALIST_SHARE = "demand.specialist_share"


def share_counted(
    study: Study, figures: Figures, counts: Counts, key: str = SPECIALIST_SHARE
) -> Floats:
    """Return which share of a growth in doctors counts, [n], by the specialists' share at `key`.

    The published growths count doctors of every kind. Of doctors past LIS1 counts the specialists'
    share times how many of them there are per specialist at the start, at most all.
    """
    share = figures[key]
    if counts == "specialists":
        return share
    per_specialist = base_doctors(study).sum() / base_supply(study).sum()
    return np.asarray(np.minimum(share * per_specialist, 1.0))


def demand_at_start(study: Study, figures: Figures, counts: Counts = "specialists") -> Floats:
    """Return the supply at the start plus unmet need, [n, group] FTE.

    A missing specialist is a missing doctor, too.
    """
    start = np.tile(base_of(study, counts), (figures.count, 1))
    for k, group in enumerate(study.groups):
        if group in study.demand.unmet:
            missing = figures[f"demand.unmet.{group}.missing"]
            if study.demand.unmet[group].counts == "doctors":
                missing = missing * share_counted(study, figures, counts)
            start[:, k] += missing
    return start


def alternative_growth(
    study: Study, draws: Draws, figures: Figures, counts: Counts = "specialists"
) -> Floats:
    """Return what the chosen alternative adds a year, [n, group] FTE of what is counted.

    The published alternatives count doctors, of whom a share must be specialists. Growth is split
    over groups by the study's table, without one like the supply at the start; a group with
    training-need models of its own grows by what they ask beyond replacement.
    """
    demand = study.demand
    if demand.by_group is not None and demand.by_group.used:
        growth = _growth_by_table(study, demand.by_group, draws, figures, counts)
    else:
        growth = _growth_like_supply(study, draws, figures, counts)
    for k, group in enumerate(study.groups):
        if group in demand.need and demand.need[group].used:
            asked = np.array([model.per_year for model in demand.need[group].models])
            replaced = figures[f"demand.need.{group}.replaced_per_year"]
            growth[:, k] = asked[draws.need[group]] - replaced
    return np.asarray(growth * (1.0 + figures["demand.growth_error"])[:, None])


def _growth_like_supply(study: Study, draws: Draws, figures: Figures, counts: Counts) -> Floats:
    """Return the alternatives' growth, split over groups like the supply, [n, group] FTE."""
    base = base_of(study, counts)
    per_year = np.array(
        [
            each.doctors_per_year if each.method == "growth" else 0.0
            for each in study.demand.alternatives
        ]
    )
    counted = per_year[draws.alternative] * share_counted(study, figures, counts)
    return np.asarray(counted[:, None] * (base / base.sum()))


def _growth_by_table(
    study: Study, table: ByGroup, draws: Draws, figures: Figures, counts: Counts
) -> Floats:
    """Return the alternatives' growth by the table, [n, group] FTE; none of those by activity."""
    rows = {(row.alternative, row.group): row.doctors_per_year for row in table.growth}
    names = [each.id for each in study.demand.alternatives]
    per_year = np.array(
        [[rows.get((name, group), 0.0) for group in study.groups] for name in names]
    )
    growth = per_year[draws.alternative]
    for k, group in enumerate(study.groups):
        own = f"demand.by_group.specialist_share.{group}"
        key = own if group in table.specialist_share else SPECIALIST_SHARE
        growth[:, k] *= share_counted(study, figures, counts, key)
    return np.asarray(growth)


def common_growth(
    study: Study, draws: Draws, figures: Figures, counts: Counts = "specialists"
) -> Floats:
    """Return growth beside the alternative's own: noise and normal working hours, [n, year] FTE.

    Alternatives that hold normal working hours already are spared the second.
    """
    on_top = np.array([each.hours_on_top for each in study.demand.alternatives])
    more = draws.normalised & on_top[draws.alternative]
    normalised = more * figures["demand.normalisation_per_year"]
    until = np.array(study.years) <= study.demand.normalisation_until
    doctors = draws.noise + normalised[:, None] * until
    return np.asarray(doctors * share_counted(study, figures, counts)[:, None])


def build_demand(study: Study, draws: Draws) -> Floats:
    """Return demand for specialists, [n, year, group, region] FTE, see `demand_for`."""
    return demand_for(study, draws, "specialists")


def build_doctors_demand(study: Study, draws: Draws) -> Floats:
    """Return demand for all doctors past LIS1, [n, year, group, region] FTE, see `demand_for`."""
    return demand_for(study, draws, "doctors")


def demand_for(study: Study, draws: Draws, counts: Counts) -> Floats:
    """Return demand, [n, year, group, region] FTE of what is counted.

    The demand at the start, spread over regions like the stock, grown: by a published alternative,
    split by the stationary key, or by activity, region by region; where the study weighs demand
    over regions, start and alternative by that. Never below zero; times the study's named factors.
    """
    figures, own = Figures(study, draws), demand_key(study.regions)
    key = regional_key(study.regions, study.posts_at_start) if own is None else own
    base, start = base_of(study, counts), demand_at_start(study, figures, counts)
    steps = np.arange(1.0, len(study.years) + 1.0)
    common = np.cumsum(common_growth(study, draws, figures, counts), axis=1)
    national = start[:, None, :] + common[:, :, None] * (base / base.sum())
    growth = alternative_growth(study, draws, figures, counts)
    national = national + steps[:, None] * growth[:, None, :]
    share = share_at_start(study, key)
    result = national[:, :, :, None] * key + start[:, None, :, None] * (share - key)
    for follow, grown in _growth_by_tables(ByContent(study)):
        follows = follow[draws.alternative]
        error = 1.0 + figures["demand.growth_error"][follows]
        added = start[follows][:, None, :, None] * share * grown
        for k, group in enumerate(study.groups):
            if group in study.demand.need and study.demand.need[group].used:
                added[:, :, k] = 0.0  # its own need stands in place of what the table tells
        result[follows] += error[:, None, None, None] * added
    result = np.maximum(result, 0.0)
    for name, factor in study.demand.factor.items():
        of = factor.groups or tuple(study.groups)
        members = [k for k, group in enumerate(study.groups) if group in of]
        result[:, :, members] *= factor_by_year(study, figures, name)[:, :, None, None]
    return np.asarray(result)


def factor_by_year(study: Study, figures: Figures, name: str) -> Floats:
    """Return a named factor on demand, [n, year].

    level · (1 + growth_per_year)^n,  n the years since the base year, at most to `grows_until`.
    """
    factor, key = study.demand.factor[name], f"demand.factor.{name}"
    last = study.years[-1] if factor.grows_until is None else factor.grows_until
    years = np.minimum(np.array(study.years), last) - (study.time.first_year - 1.0)
    result = np.ones((figures.count, len(years)))
    if factor.growth_per_year is not None:
        result = (1.0 + figures[f"{key}.growth_per_year"])[:, None] ** years
    if factor.level is not None:
        result = figures[f"{key}.level"][:, None] * result
    return result


@lru_cache(maxsize=16)
def _growth_by_tables(key: ByContent) -> list[tuple[NDArray[np.bool_], Floats]]:
    """Return which alternatives follow a table, [alternative], and its growth, for each table.

    Growth is [year, group, region]. Every block of scenarios asks for it; it is the study's alone.
    """
    study, alternatives = key.study, key.study.demand.alternatives
    found = []
    if study.demand.activity is not None:
        follow = np.array([each.method == "activity" for each in alternatives])
        found.append((follow, activity_growth(study, study.demand.activity)))
    for each in alternatives:
        if each.method == "path":
            follow = np.array([other is each for other in alternatives])
            found.append((follow, path_growth(study, each.id)))
    return found


def path_growth(study: Study, alternative: str) -> Floats:
    """Return a path's growth relative to the year before the projection, [year, group, region].

    path[y] / path[base] - 1, the path linear between the years of the table. A path of zeros
    stands still.
    """
    told: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for row in study.demand.path:
        if row.alternative == alternative:
            told.setdefault((row.group, row.region), []).append((row.year, row.fte))
    years = np.array([study.time.first_year - 1, *study.years], dtype=float)
    growth = np.zeros((len(study.years), len(study.groups), len(study.regions)))
    for k, group in enumerate(study.groups):
        for r, region in enumerate(study.regions):
            known, levels = zip(*sorted(told[group, region]), strict=True)
            fte = np.interp(years, known, levels)
            growth[:, k, r] = fte[1:] / fte[0] - 1.0 if fte[0] > 0.0 else 0.0
    return growth


def activity(study: Study, tables: Activity, years: Floats) -> Floats:
    """Return the FTE that the population of `years` would use, [year, group, region].

    Sum over age bands of FTE per 1 000 times inhabitants; the population is linear between the
    years of the table. This is the method of national staffing models (use per age band x
    population); its level is not used, only its growth.
    """
    regions, groups = list(study.regions), list(study.groups)
    result = np.zeros((len(years), len(groups), len(regions)))
    for use in tables.use:
        for r, region in enumerate(regions):
            rows = sorted(
                (row.year, row.persons)
                for row in tables.population
                if row.region == region and row.ages == use.ages
            )
            known, persons = zip(*rows, strict=True)
            inhabitants = np.interp(years, known, persons)
            result[:, groups.index(use.group), r] += use.fte_per_1000 * inhabitants / 1000.0
    return result


def activity_growth(study: Study, tables: Activity) -> Floats:
    """Return growth relative to the end of the year before the projection, [year, group, region].

    Groups without any use do not grow.
    """
    start = study.time.first_year - 1
    present = activity(study, tables, np.array([start, *study.years], dtype=float))
    base = present[0]
    return np.asarray(
        np.divide(present[1:] - base, base, out=np.zeros_like(present[1:]), where=base > 0)
    )
