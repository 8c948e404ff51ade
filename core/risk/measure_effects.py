"""What each measure does alone: judged supply, shortage avoided, slots it replaces, signs.

Each stands on the same futures as the plan without any measure: scenarios draw by name, so that
only what the measure moves differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..compute.place import Progress, silent
from ..compute.workers import Workers
from ..flow.projection import Projection, Request, project_plans
from ..study.measures.measure import RATED
from ..study.tails import quantile
from ..system.arrays import system_of
from ..system.costs import discounted, measure_cost
from ..system.posts import levels
from ..system.supervision import use_at_start
from .evaluation import judge_plans

Floats = NDArray[np.float64]
BAND = (0.1, 0.5, 0.9)
"""Ends and middle of the interval of four fifths of the scenarios."""
LADDER = (0.0, 1.0, 5.0, 20.0, 50.0, 100.0, 200.0, 400.0, 800.0)
"""New slots in the first decision year at which the shortage without measures is worked out."""
SLOTS_THERE = 20.0
FEW = 0.1
"""Slots: of a measure that replaces fewer there is no price at which it pays."""
GENERAL_PRACTICE = "general_practice"
"""The group by whose supply recruitment to general practice is judged; others have no sign."""
PERSON, SPREAD, KRONER = 0.5, 5e-4, 1e6
"""Changes smaller than these are none: persons or FTE, shares of demand, NOK."""


class MeasureEffects(NamedTuple):
    """What each measure of a study does alone, [measure], beside the plan without any."""

    units: Floats  # in use
    fte: Floats  # [band, measure] judged FTE at the end of the window
    avoided: Floats  # [band, measure] FTE-years of shortage avoided over the window
    mean: Floats  # mean of the FTE-years avoided
    slots: Floats  # new slots that avoid as much, NaN: no number of them does
    cost: Floats  # [measure, payer] NOK, discounted
    slot_price: float  # NOK of one slot opened in the first decision year
    sign: Floats  # [measure, rated] -1, 0, 1; NaN: not worked out
    breaks: NDArray[np.bool_]  # whether posts on offer need more room than there is
    by_region: Floats  # [measure, region] mean judged FTE more at the end of the window
    slot_there: Floats  # [region] the same of one slot opened there in the first decision year

    @property
    def nok(self) -> Floats:
        """NOK for each FTE-year avoided, [band, measure]; NaN where none is avoided."""
        total = np.broadcast_to(self.cost.sum(axis=1), self.avoided.shape)
        found = np.full(self.avoided.shape, np.nan)
        return np.asarray(np.divide(total, self.avoided, out=found, where=self.avoided > 0.0))

    @property
    def break_even(self) -> Floats:
        """Share of its effect at which a measure costs what the slots do that it replaces.

        cost / (slots · slot_price), as if shortage fell with the effect in proportion; NaN where
        no slots do the same, or hardly any.
        """
        total, found = self.cost.sum(axis=1), np.full(len(self.units), np.nan)
        replaced = self.slots * self.slot_price
        return np.asarray(np.divide(total, replaced, out=found, where=self.slots >= FEW))


class _Outcome(NamedTuple):
    """What one study leads to under the plan."""

    short: Floats  # [realization] FTE-years of shortage over the window
    fte: Floats  # [realization] judged FTE at the end of the window
    by_region: Floats  # [region] its mean
    lis1: float  # mean appointed a year from the first decision to the end of the window
    general_practice: float  # mean FTE at the end of the window, NaN without such a group
    spread: float  # of relative shortfall over regions at the end of the window
    room: Floats  # [capacity] mean of what is left nationally, as a share of today's use
    breaks: bool  # whether posts on offer need more room than there is, bought or not


def effects_of(
    asked: Request, slots: Floats, workers: Workers, progress: Progress = silent
) -> MeasureEffects:
    """Return what every measure of a study, as it was written, does alone under a plan.

    `slots` [row, decision year] are the plan's; `asked` names study and sample, its plans are not
    used.
    """
    study, names = asked.study, list(asked.study.measure)
    progress("measures", 0, len(names) + 1)
    none = asked._replace(study=study.with_alone())
    base, weight = _outcome(none, slots, workers)
    found = []
    for number, name in enumerate(names, start=1):
        found.append(_outcome(asked._replace(study=study.with_alone(name)), slots, workers)[0])
        progress("measures", number, len(names) + 1)
    fte = np.array([each.fte - base.fte for each in found]).reshape(len(found), -1)
    avoided = np.array([base.short - each.short for each in found]).reshape(fte.shape)
    mean = np.average(avoided, axis=1, weights=weight)
    cost = np.array([discounted(study, measure_cost(study.using(name), name)) for name in names])
    cost = cost.reshape(len(names), -1)
    replaced = _slots_for(none, slots, mean, workers)
    progress("measures", len(names) + 1, len(names) + 1)
    return MeasureEffects(
        units=np.array([study.using(name).measure[name].units for name in names]),
        fte=_band(fte, weight),
        avoided=_band(avoided, weight),
        mean=mean,
        slots=replaced,
        cost=cost,
        slot_price=float(system_of(none.study).prices.slot[0]),
        sign=np.array([_signs(base, e, c.sum()) for e, c in zip(found, cost, strict=True)]).reshape(
            len(names), len(RATED)
        ),
        breaks=np.array([each.breaks and not base.breaks for each in found], dtype=bool),
        by_region=np.array([each.by_region - base.by_region for each in found]).reshape(
            len(names), -1
        ),
        slot_there=_slots_there(none, slots, base.by_region, workers),
    )


def _band(values: Floats, weight: Floats | None) -> Floats:
    """Return the quantiles of [measure, realization], [band, measure]."""
    ends = [[quantile(each, share, weight) for each in values] for share in BAND]
    return np.array(ends).reshape(len(BAND), len(values))


def _outcome(asked: Request, slots: Floats, workers: Workers) -> tuple[_Outcome, Floats | None]:
    """Return what a study without measures leads to under a plan, and what scenarios weigh."""
    study, sample = asked.study, asked.sample
    level = levels(study, slots)
    seen = _in_years_short(asked)
    z = judge_plans(seen.study, sample, [level], workers)
    limit = next(iter(seen.study.risk.values()))
    doctors = limit.counts == "doctors"
    flow = project_plans(asked._replace(plans={"plan": level}, ensemble=doctors), workers)
    last, first = study.time.window[1] - study.years[0], study.first
    regions = [n for n, name in enumerate(study.regions) if name in limit.regions]
    groups = [n for n, name in enumerate(study.groups) if name in (limit.groups or study.groups)]
    supply = flow.ensemble["doctors"][:, last] if doctors else flow.supply[0, :, last]
    by_region = supply.astype(np.float64)[:, groups].sum(axis=1)
    appointed = flow.means["appointed"][0, first : last + 1]
    use = use_at_start(study).sum(axis=1)
    left = (system_of(study).capacity - system_of(study).need(level))[:, :, first : last + 1]
    room = np.where(np.isfinite(left), left, 0.0).mean(axis=2).sum(axis=1)
    return _Outcome(
        short=z.z[0, 0],
        fte=by_region[:, regions].sum(axis=1),
        by_region=np.average(by_region, axis=0, weights=z.weight),
        lis1=float(appointed.sum() / len(appointed)),
        general_practice=_general_practice(list(study.groups), flow, last),
        spread=_spread(flow, last),
        room=np.divide(room, use, out=np.zeros_like(room), where=use > 0.0),
        breaks=not system_of(study).keeps_capacity(slots),
    ), z.weight


def _in_years_short(asked: Request) -> Request:
    """Return the study judged by FTE-years of shortage: what its national limit counts, summed."""
    study = asked.study
    limits = list(study.risk.values())
    limit = limits[study.frontier_axis or 0]
    kept = {key: getattr(limit, key) for key in ("name", "scope", "regions", "groups", "counts")}
    how = {"rule": "mean", "measure": "absolute", "statistic": "sum", "limit": 0.0}
    said = {"assumption": "FTE-years of shortage over the window"}
    data = study.model_dump() | {"risk": {"judged": kept | how | said}}
    return asked._replace(study=type(study).model_validate(data))


def _general_practice(groups: Sequence[str], flow: Projection, last: int) -> float:
    """Return the mean supply of general practice in a year, FTE; NaN without such a group."""
    if GENERAL_PRACTICE not in groups:
        return float("nan")
    supply = flow.supply[0, :, last, groups.index(GENERAL_PRACTICE)].astype(np.float64)
    return float(np.average(supply.sum(axis=1), weights=flow.weight))


def _spread(flow: Projection, last: int) -> float:
    """Return how far relative shortfall differs between regions in a year, its means."""
    wanted = flow.demand[:, last].astype(np.float64).sum(axis=1)
    gap = np.maximum(wanted - flow.supply[0, :, last].astype(np.float64).sum(axis=1), 0.0)
    relative = np.divide(gap, wanted, out=np.zeros_like(gap), where=wanted > 0.0)
    mean = np.average(relative, axis=0, weights=flow.weight)
    return float(mean.max() - mean.min())


def _signs(base: _Outcome, found: _Outcome, cost: float) -> list[float]:
    """Return the sign of what a measure does to each column of tables 8a and 8b, [rated].

    Better is above zero. Quality and administration are not worked out.
    """
    room = found.room - base.room
    worst = float(room.min(initial=0.0)) if (room < -SPREAD).any() else float(room.max(initial=0.0))
    signs = {
        "general_practice": _sign(found.general_practice - base.general_practice, PERSON),
        "more_lis1": _sign(found.lis1 - base.lis1, PERSON),
        "specialists": _sign(float(np.mean(found.fte - base.fte)), PERSON),
        "supervision": _sign(worst, SPREAD),
        "geography": _sign(base.spread - found.spread, SPREAD),
        "economy": _sign(-cost, KRONER),
    }
    return [signs.get(column, float("nan")) for column in RATED]


def _sign(change: float, least: float) -> float:
    """Return the sign of a change, 0 where it is smaller than `least`; NaN of what is not known."""
    return change if np.isnan(change) else float(np.sign(change) * (abs(change) >= least))


def _slots_for(asked: Request, slots: Floats, avoided: Floats, workers: Workers) -> Floats:
    """Return how many slots avoid as much on average, [measure]; NaN where no number does.

    They open in the first decision year, spread over regions as posts are, beside the plan's. The
    shortage is worked out along `LADDER`, then at what lies between, and interpolated once more.
    """
    number = np.array(LADDER)
    worth = _worth(asked, slots, number, workers)
    first = _between(avoided, number, worth)
    again = np.unique(first[np.isfinite(first) & (first > 0.0)])
    if not len(again):
        return first
    number = np.concatenate([number, again])
    worth = np.concatenate([worth, _worth(asked, slots, again, workers)])
    order = np.argsort(number, kind="stable")
    return _between(avoided, number[order], worth[order])


def _worth(
    asked: Request,
    slots: Floats,
    number: Floats,
    workers: Workers,
) -> Floats:
    """Return the mean FTE-years that so many more slots avoid beside the plan's, [number]."""
    seen, posts = _in_years_short(asked), asked.study.posts_at_start
    level = []
    for many in (0.0, *number):
        more = slots.copy()
        more[: len(posts), 0] += many * posts / posts.sum()
        level.append(levels(asked.study, more))
    judged = judge_plans(seen.study, asked.sample, level, workers)
    mean = np.average(judged.z[:, 0], axis=1, weights=judged.weight)
    return np.asarray(mean[0] - mean[1:])


def _slots_there(asked: Request, slots: Floats, without: Floats, workers: Workers) -> Floats:
    """Return the mean judged FTE that a slot opened in each region adds in that very region.

    Of `SLOTS_THERE` opened at once in the first decision year, beside the plan's.
    """
    found = np.empty(len(without))
    for r in range(len(found)):
        more = slots.copy()
        more[r, 0] += SLOTS_THERE
        found[r] = _outcome(asked, more, workers)[0].by_region[r] - without[r]
    return found / SLOTS_THERE


def _between(avoided: Floats, number: Floats, worth: Floats) -> Floats:
    """Return the number at which `worth` [number] reaches each of `avoided`, NaN beyond its ends.

    Numbers that add nothing any more, as applicants are too few, are left out.
    """
    rising = np.concatenate([[True], np.diff(np.maximum.accumulate(worth)) > 0.0])
    known, reached = number[rising], worth[rising]
    found = np.interp(avoided, reached, known, left=np.nan, right=np.nan)
    return np.asarray(np.where(avoided < 0.0, np.nan, found))
