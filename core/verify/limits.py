"""Limits of the system: which of them a plan breaks, each by name, worked out from the study."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from ..system.arrays import system_of
from ..system.limit import ROUNDING
from ..system.limits import Trainees
from ..system.posts import lead_time, levels
from .arithmetic import capacity_of, costs_of, need_of, purchasable_of
from .evidence import Evidence, Flags, Floats, NotHeldError

Breach = Callable[[Evidence, Floats], Iterator[str]]
"""Yields every limit of a kind that slots [region, decision year] break, in words."""


def ramp(evidence: Evidence) -> Iterator[str]:
    """No year opens or closes more slots than allowed, in a region or in the country."""
    yield from _of_plans_sought(evidence, beyond_ramps)
    yield from _of_plans_sought(evidence, beyond_intake_changes)


def budgets(evidence: Evidence) -> Iterator[str]:
    """No payer pays more in a year than the study's budgets allow."""
    if not evidence.study.limits.budget:
        raise NotHeldError("the study sets no budget")
    yield from _of_plans_sought(evidence, beyond_budgets)


def least_shares(evidence: Evidence) -> Iterator[str]:
    """Regions with a least share of the new slots have it."""
    if not evidence.study.limits.least_share:
        raise NotHeldError("the study sets no least share")
    yield from _of_plans_sought(evidence, below_least_shares)


def places_in_training(evidence: Evidence) -> Iterator[str]:
    """No more doctors are in LIS2/3 than the study has places for."""
    if not evidence.study.limits.trainees:
        raise NotHeldError("the study sets no limit on doctors in LIS2/3")
    yield from _of_plans_sought(evidence, beyond_places_in_training)


def marks_of_limits(evidence: Evidence) -> Iterator[str]:
    """Plans are marked as keeping every limit of the system where they do."""
    evidence.need("plan_keeps_limits")
    flags = evidence.values("plan_keeps_limits")
    for (name, slots), flag in zip(evidence.slots(), flags, strict=False):  # not the frontier's
        broken = list(broken_limits(evidence, evidence.decided(slots)))
        if bool(flag) == bool(broken):
            said = f"it breaks: {'; '.join(broken)}" if broken else "it keeps every limit"
            yield f"{name}: plan_keeps_limits is {flag:g}; {said}"


def broken_limits(evidence: Evidence, slots: Floats) -> Iterator[str]:
    """Yield every limit of the system that slots [region, decision year] break, in words."""
    study = evidence.study
    if (levels(study, slots) < -ROUNDING).any():
        yield "more posts closed than there are"
    for breach in BREACHES:
        yield from breach(evidence, slots)


def beyond_capacity(evidence: Evidence, slots: Floats) -> Iterator[str]:
    """Yield capacities that are not enough with all that can be bought, by region and years."""
    study = evidence.study
    most = capacity_of(study) + purchasable_of(study)
    lacking = need_of(study, evidence.lis1(levels(study, slots))) > most * (1.0 + ROUNDING)
    lacking[:, :, : study.first] = False
    for c, capacity in enumerate(study.capacity.values()):
        for r, region in enumerate(study.regions.values()):
            if lacking[c, r].any():
                when = _years(np.array(study.years)[lacking[c, r]])
                said = f"{capacity.name}, {region.name}, {when}"
                yield f"needs more supervision or places than there are: {said}"


def beyond_ramps(evidence: Evidence, slots: Floats) -> Iterator[str]:
    """Yield ramps that are exceeded, lead times included, and closing that is not allowed."""
    study = evidence.study
    years, closing = np.array(study.decision_years), study.limits.closing
    for r, (name, region) in enumerate(study.regions.items()):
        most = np.full(len(years), study.ramp.regional[name].value)
        most[: lead_time(study, name)] = 0.0
        closes = closing is not None and name in closing.most_per_year
        least = -closing.most_per_year[name].value if closing is not None and closes else 0.0
        yield from _beyond(f"the regional ramp, {region.name}", slots[r] > most + ROUNDING, years)
        if (slots[r] < least - ROUNDING).any():
            yield f"closes more than is allowed, {region.name}"
    opened = np.maximum(evidence.lis1(slots), 0.0).sum(axis=0)
    yield from _beyond("the national ramp", opened > study.ramp.national.value + ROUNDING, years)


def beyond_budgets(evidence: Evidence, slots: Floats) -> Iterator[str]:
    """Yield budgets that are exceeded, by payer and year."""
    study = evidence.study
    if not study.limits.budget:
        return
    by_payer, report, _ = costs_of(study, slots)
    paid = by_payer | {"all": np.sum(list(by_payer.values()), axis=0), "report": report}
    for row in study.limits.budget:
        nok = paid[row.payer][row.year - study.time.first_year]
        if nok > row.nok * (1.0 + ROUNDING) + ROUNDING:
            yield f"{row.payer} pays {nok:,.0f} NOK in {row.year}, of {row.nok:,.0f}"


def beyond_posts(evidence: Evidence, slots: Floats) -> Iterator[str]:
    """Yield more LIS2/3 posts than may be opened, by group and region, in the country, in all."""
    study = evidence.study
    new = None if study.specialist_posts is None else study.specialist_posts.new
    if new is None:
        return
    years, posts = np.array(study.decision_years), slots[len(study.regions) :]
    lead = 0 if new.lead_time is None else int(new.lead_time.value)
    places = [(group, region) for group in study.groups for region in study.regions]
    for (group, region), opened in zip(places, posts, strict=True):
        own = [row.most for row in new.most if (row.group, row.region) == (group, region)]
        each = [row.most for row in new.most if (row.group, row.region) == (group, None)]
        most = np.full(len(years), next(iter([*own, *each]), 0.0))
        most[:lead] = 0.0
        where = f"{study.groups[group].name}, {study.regions[region].name}"
        yield from _beyond(f"the most LIS2/3 posts, {where}", opened > most + ROUNDING, years)
    if new.national is not None:
        over = posts.sum(axis=0) > new.national.value + ROUNDING
        yield from _beyond("the most LIS2/3 posts in the country", over, years)
    if new.total is not None and posts.sum() > new.total.value + ROUNDING:
        yield f"opens {posts.sum():g} LIS2/3 posts in all, of {new.total.value:g}"


def below_least_shares(evidence: Evidence, slots: Floats) -> Iterator[str]:
    """Yield regions with less than their least share of the slots opened."""
    study = evidence.study
    own = np.maximum(evidence.lis1(slots), 0.0).sum(axis=1)
    opened = dict(zip(study.regions, own.tolist(), strict=True))
    for name, share in study.limits.least_share.items():
        least = share.value * sum(opened.values())
        if least > opened[name] * (1.0 + ROUNDING) + ROUNDING:
            yield f"{study.regions[name].name} has less than its share"


def beyond_intake_changes(evidence: Evidence, slots: Floats) -> Iterator[str]:
    """Yield regions whose starts differ by more than allowed from those of their first year."""
    study = evidence.study
    starts = levels(study, slots)[:, study.first : study.first + slots.shape[1]]
    for r, (name, region) in enumerate(study.regions.items()):
        if name in study.limits.intake_change:
            most, lead = study.limits.intake_change[name].value, lead_time(study, name)
            later = starts[r, lead:]
            broken = np.abs(later - later[:1]) > most * (1.0 + ROUNDING) + ROUNDING
            years = np.array(study.decision_years)[lead:]
            yield from _beyond(f"the change of intake allowed, {region.name}", broken, years)


def beyond_places_in_training(evidence: Evidence, slots: Floats) -> Iterator[str]:
    """Yield limits on doctors in LIS2/3 that are exceeded; their stock is the kernel's."""
    study = evidence.study
    if not study.limits.trainees:
        return
    for limit in system_of(study).of_kind(Trainees):
        if not limit.keeps(slots).all():
            yield f"{limit.title}: {limit.used(slots).max():.0f} doctors, of {limit.room[0]:g}"


def _beyond(what: str, broken: Flags, years: Floats) -> Iterator[str]:
    if broken.any():
        yield f"beyond {what}, {_years(years[broken])}"


def _years(years: Floats) -> str:
    first, last = int(years[0]), int(years[-1])
    return f"{first}" if first == last else f"{first}-{last}"


def _of_plans_sought(evidence: Evidence, breach: Breach) -> Iterator[str]:
    """Tell of the plans that must keep all limits: the chosen one, the frontier's."""
    if not evidence.is_run:
        raise NotHeldError("a given plan need not keep the limits")
    for name, slots in (next(evidence.slots()), *evidence.frontier()):
        for what in breach(evidence, evidence.decided(slots)):
            yield f"{name}: {what}"


BREACHES: tuple[Breach, ...] = (
    beyond_capacity,
    beyond_ramps,
    beyond_posts,
    beyond_budgets,
    below_least_shares,
    beyond_intake_changes,
    beyond_places_in_training,
)
FURTHER_LIMITS = (ramp, budgets, least_shares, places_in_training)
