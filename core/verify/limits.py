"""Limits of the system: which of them a plan breaks, each by name, worked out from the study."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from ..system.arrays import system_of
from ..system.limit import ROUNDING
from ..system.limits import Trainees
from ..system.posts import lead_time, levels
from .arithmetic import capacity_of, costs_of, need_of, purchasable_of, tracks_of
from .evidence import (
    Evidence,
    Flags,
    Floats,
    NotHeldError,
    filled_by_newcomers,
    leaving_for_sure,
)

Breach = Callable[[Evidence, Floats], Iterator[str]]
"""Yields every limit of a kind that slots [region, decision year] break, in words."""


def ramp(evidence: Evidence) -> Iterator[str]:
    """No year opens or closes more slots than allowed, in a region or in the country."""
    beside = beyond_posts, below_posts_held, beyond_tracks, beyond_newcomers
    for breach in (beyond_ramps, beyond_intake_changes, *beside):
        yield from _of_plans_sought(evidence, breach)


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


def few_decisions(evidence: Evidence) -> Iterator[str]:
    """New posts are one number a year after the first years, and multiples, where that is asked."""
    limits = evidence.study.limits
    if limits.constant_after is None and limits.multiples_of is None:
        raise NotHeldError("the study does not ask for a plan of few decisions")
    yield from _of_plans_sought(evidence, beyond_few_decisions)


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
    lacking = need_of(study, levels(study, slots)) > most * (1.0 + ROUNDING)
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
    """Yield more LIS2/3 posts than may be opened, by group and region, in the country, in all.

    Where posts may be closed, those closed are taken off what is opened in all.
    """
    study = evidence.study
    new = None if study.specialist_posts is None else study.specialist_posts.new
    if new is None:
        return
    regions, years = len(study.regions), np.array(study.decision_years)
    posts = slots[regions : regions * (1 + len(study.groups))]
    lead = 0 if new.lead_time is None else int(new.lead_time.value)
    places = [(group, region) for group in study.groups for region in study.regions]
    for (group, region), opened in zip(places, posts, strict=True):
        told = {row.region: row.most for row in new.most if row.group == group}
        most = np.full(len(years), told.get(region, told.get(None, 0.0)))
        most[:lead] = 0.0
        where = f"{study.groups[group].name}, {study.regions[region].name}"
        yield from _beyond(f"the most LIS2/3 posts, {where}", opened > most + ROUNDING, years)
    if new.national is not None:
        over = np.maximum(posts, 0.0).sum(axis=0) > new.national.value + ROUNDING
        yield from _beyond("the most LIS2/3 posts in the country", over, years)
    if new.total is not None:
        net = np.cumsum(posts.sum(axis=0)) if new.closing else posts.sum(keepdims=True)
        if net.max() > new.total.value + ROUNDING:
            less = " less those closed" if new.closing else ""
            yield f"opens {net.max():g} LIS2/3 posts in all{less}, of {new.total.value:g}"


def below_posts_held(evidence: Evidence, slots: Floats) -> Iterator[str]:
    """Yield groups and regions that close more LIS2/3 posts than doctors are sure to leave."""
    study = evidence.study
    new = None if study.specialist_posts is None else study.specialist_posts.new
    if new is None:
        return
    regions, years = len(study.regions), np.array(study.decision_years)
    posts = slots[regions : regions * (1 + len(study.groups))].reshape(-1, regions, len(years))
    if (posts >= -ROUNDING).all():
        return
    if not new.closing:
        yield "closes LIS2/3 posts, which the study does not allow"
        return
    sure = leaving_for_sure(study.canonical_text)[:, :, study.first :]
    for k, group in enumerate(study.groups.values()):
        for r, region in enumerate(study.regions.values()):
            over = -posts[k, r] > sure[k, r, : len(years)] + ROUNDING
            where = f"the LIS2/3 posts that doctors are sure to leave, {group.name}, {region.name}"
            yield from _beyond(where, over & (posts[k, r] < -ROUNDING), years)


def beyond_tracks(evidence: Evidence, slots: Floats) -> Iterator[str]:
    """Yield more posts earmarked than may be, than there are, than a track's share allows."""
    study = evidence.study
    if not study.decides_tracks:
        return
    for e, track in enumerate(study.track.values()):
        told = {} if track.new is None else {row.region: row.most for row in track.new.most}
        for r, (name, region) in enumerate(study.regions.items()):
            most = told.get(name, told.get(None, 0.0))
            opened = tracks_of(study, slots)[e, r]
            where = f"the most posts earmarked, {track.name}, {region.name}"
            years = np.array(study.decision_years)
            yield from _beyond(where, opened > most + ROUNDING, years)
    yield from _beyond_shares(evidence, levels(study, slots), slots.shape[1])


def _beyond_shares(evidence: Evidence, level: Floats, decisions: int) -> Iterator[str]:
    """Yield tracks beyond their shares, and regions with more earmarked posts than there are."""
    study = evidence.study
    years, after = np.array(study.years[study.first :]), slice(study.first, None)
    lis1, tracks = evidence.lis1(level)[:, after], tracks_of(study, level)[:, :, after]
    every = lis1.sum(axis=0)
    for own, track in zip(tracks.sum(axis=1), study.track.values(), strict=True):
        if track.new is None:
            continue
        if track.new.most_share is not None:
            over = own - track.new.most_share.value * every > ROUNDING
            yield from _beyond(f"the greatest share of {track.name}", over, years)
        if track.new.least_share is not None:
            lacking = track.new.least_share.value * every - own > ROUNDING
            lacking[: decisions - 1] = False
            if lacking.any():
                yield f"less than the least share of {track.name}, {_years(years[lacking])}"
    for r, region in enumerate(study.regions.values()):
        over = tracks[:, r].sum(axis=0) > lis1[r] + ROUNDING
        yield from _beyond(f"the posts there are to earmark, {region.name}", over, years)


def beyond_newcomers(evidence: Evidence, slots: Floats) -> Iterator[str]:
    """Yield regions where more posts are earmarked than newcomers fill in some scenario.

    Not where they are as the study states them.
    """
    study = evidence.study
    if not study.decides_tracks:
        return
    most, years = filled_by_newcomers(study.canonical_text), np.array(study.years[study.first :])
    tracks, stated = tracks_of(study, levels(study, slots)), study.earmarked
    for r, region in enumerate(study.regions.values()):
        more = (tracks[:, r] > stated[:, r]).any(axis=0)
        over = more & (tracks[:, r].sum(axis=0) > most[r])
        yield from _beyond(f"what newcomers fill, {region.name}", over[study.first :], years)


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


def beyond_few_decisions(
    evidence: Evidence, slots: Floats, reviews: Sequence[int] = ()
) -> Iterator[str]:
    """Yield numbers of new posts that do not stay the same as asked, or are no multiples.

    After the first years of a plan a number begins where a lead time ends and at each of `reviews`,
    decision years counted from 0; it is then that of all years until the next begins.
    """
    study = evidence.study
    years, after = np.array(study.decision_years), study.limits.constant_after
    of = study.limits.multiples_of or 1
    for r, (name, region) in enumerate(study.regions.items()):
        own = slots[r]
        if after is not None:
            begins = {after, lead_time(study, name), *reviews}
            moved = np.abs(np.diff(own, prepend=own[:1])) > ROUNDING
            moved[: after + 1] = False
            moved[[y for y in begins if y < len(own)]] = False
            yield from _beyond(f"one number of new posts a year, {region.name}", moved, years)
        if of > 1:
            away = np.abs(own - of * np.round(own / of)) > ROUNDING
            yield from _beyond(f"multiples of {of} new posts, {region.name}", away, years)


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
    below_posts_held,
    beyond_tracks,
    beyond_newcomers,
    beyond_budgets,
    below_least_shares,
    beyond_intake_changes,
    beyond_few_decisions,
    beyond_places_in_training,
)
FURTHER_LIMITS = (ramp, budgets, least_shares, places_in_training)
