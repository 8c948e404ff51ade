"""The system: all that is certain of a study as plain arrays and limits, made once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ..flow.rates import rows_of_levels, trainees_at_start
from ..flow.trainees import trainee_stock
from ..study.study import ByContent, ByDraws, Study
from .costs import Prices, prices_of
from .families import MEASURES, Family
from .limit import ROUNDING, SystemLimit
from .limits import Budget, Capacity, LeastShare, NationalRamp, RegionalRamp, Trainees
from .measure_columns import limits_of_units, most_units
from .once import arriving, newcomers_fill, sure_to_leave
from .plan_form import JUST_ABOVE, Decisions, decisions_of, limits_of_form
from .posts import families, given_levels, lead_time, with_history
from .specialist_limits import PostPlace, limits_of_posts
from .specialist_posts import least_posts, most_posts
from .supervision import need, place_years
from .target_limits import targets
from .track_limits import Earmarked, MostTrackShare, Newcomers, TrackRamp, TrackShare
from .tracks import most_earmarked

Floats = NDArray[np.float64]
L = TypeVar("L", bound=SystemLimit)


@dataclass(frozen=True, eq=False)
class System:
    """Posts, prices, room and limits of a study; arrays are read-only.

    Years are all projected ones, of which `first` is the index of the first decision year. Rows
    are those of the families of decisions: LIS1 by region; then, where a study decides on them,
    LIS2/3 posts by group and region, and earmarked LIS1 posts by track and region.
    """

    name: str
    regions: tuple[str, ...]
    region_names: tuple[str, ...]
    years: tuple[int, ...]
    decision_years: tuple[int, ...]
    first: int
    families: tuple[Family, ...]
    given_levels: Floats  # [row, year] starts a year, or LIS2/3 posts, without any decision
    level0: Floats  # [region] LIS1 starts just before the first decision
    lead_time: tuple[int, ...]  # by row, decision years before slots can open
    most_slots: Floats  # [row, decision year]
    least_slots: Floats  # [row, decision year] below zero: closed
    national_ramp: float  # slots a year
    closing: bool  # whether slots may be closed
    capacities: tuple[str, ...]  # names, as are those of the regions
    capacity: Floats  # [capacity, region, year] in its unit, with all that can be bought
    place_need: Floats  # [capacity] need of one place busy for a year
    place_years: tuple[Floats, ...]  # by capacity, [offset] places kept busy per start a year
    need_by_offset: Floats  # [capacity, year since] need of one start a year
    prices: Prices
    limits: tuple[SystemLimit, ...]

    @property
    def watched_years(self) -> tuple[int, ...]:
        """Return the calendar years in which limits are watched."""
        return self.years[self.first :]

    @property
    def no_slots(self) -> Floats:
        """Return the plan that opens nothing, [row, decision year]."""
        return np.zeros(self.most_slots.shape)

    @property
    def unknown_slots(self) -> Floats:
        """Return what stands where there is no plan: NaN, [row, decision year]."""
        return np.full(self.most_slots.shape, np.nan)

    def levels(self, slots: Floats) -> Floats:
        """Return `level` [row, year] from new slots [row, decision year]."""
        return with_history(self.given_levels, self.first, slots)

    def need(self, level: Floats) -> Floats:
        """Return what posts on offer need, [capacity, region, year]; `level` [row, year]."""
        return self.prices.purchases.needed(level)

    @property
    def widest(self) -> Floats:
        """Return capacity with all that measures can add to it, as `capacity`."""
        widening = self.prices.purchases.widening
        if widening is None:
            return self.capacity
        most = replace(widening, added=np.maximum(widening.added, 0.0))
        return self.capacity + most.under(self.levels(self.most_slots))

    def lis1(self, rows: Floats) -> Floats:
        """Return the rows of LIS1, [region, ...], of a plan or its levels [row, ...]."""
        return rows[: len(self.regions)]

    @property
    def decisions(self) -> Decisions:
        """Return the numbers of which a plan consists, and the steps in which they come."""
        return decisions_of(self.limits, len(self.most_slots))

    def rounded(self, slots: Floats) -> Floats:
        """Return a solver's plan with rows that are whole rounded to steps of whole numbers."""
        return np.where(self.whole, self.decisions.stepped(slots, np.round), slots)

    def rounded_up(self, slots: Floats) -> Floats:
        """Return a plan rounded up in the cumulated slots, so that no level falls below it.

        To the nearest: earmarked posts, of which more can hurt, and those others are closed for.
        """
        opened, decisions = self.cumulated(slots), self.decisions
        cumulated = decisions.stepped(opened, lambda steps: np.ceil(steps - JUST_ABOVE))
        for family in self.families[1:]:
            if family is self.tracks or (self.least_slots[family.rows] < 0.0).any():
                cumulated[family.rows] = np.round(opened[family.rows])
        plan = np.where(self.whole, self.yearly(cumulated), slots)
        return decisions.raised(plan, slots, self.cumulated)

    def cumulated(self, slots: Floats) -> Floats:
        """Return what a plan has opened by each year, [row, decision year]."""
        return np.asarray(np.cumsum(slots, axis=1))

    def yearly(self, cumulated: Floats) -> Floats:
        """Return the plan of which `cumulated` [row, decision year] is opened by each year."""
        return np.asarray(np.diff(cumulated, axis=1, prepend=0.0))

    def is_whole(self, slots: Floats) -> bool:
        """Return whether all rows of a plan that must be in steps of whole numbers are."""
        return not (np.where(self.whole, slots / self.decisions.step, 0.0) % 1.0).any()

    def family(self, variable: str) -> Family | None:
        """Return the family of decisions of a variable; None where the study decides on none."""
        return next((each for each in self.families if each.variable == variable), None)

    def decides(self, variable: str) -> bool:
        """Return whether the study decides on posts of a kind, by their variable."""
        return self.family(variable) is not None

    @property
    def tracks(self) -> Family | None:
        """Return the family of tracks, where more of one is less of others."""
        return self.family("tracks")

    @property
    def whole(self) -> NDArray[np.bool_]:
        """Return which rows are decided in whole numbers, [row, 1]."""
        rows = np.ones((len(self.most_slots), 1), dtype=bool)
        for family in self.families:
            rows[family.rows] = family.whole
        return rows

    @property
    def of_no_family(self) -> NDArray[np.bool_]:
        """Return which rows nothing decides on, [row]: LIS2/3 posts that are limited, but given."""
        rows = np.ones(len(self.most_slots), dtype=bool)
        for family in self.families:
            rows[family.rows] = False
        return rows

    def keeps_limits(self, slots: Floats) -> bool:
        """Return whether `slots` [row, decision year] keep every limit of the system.

        This one function is asked of every plan before it may be an answer.
        """
        there = bool((self.levels(slots) >= -ROUNDING).all())
        there &= bool((np.abs(slots[self.of_no_family]) <= ROUNDING).all())
        return there and all(bool(limit.keeps(slots).all()) for limit in self.limits)

    def bounded(self, slots: Floats) -> bool:
        """Return whether cuts bound the risk of `slots`, and may be learned there.

        They do not where more posts are earmarked than newcomers fill in a scenario.
        """
        return all(bool(limit.keeps(slots).all()) for limit in self.limits if limit.lawful)

    def keeps_capacity(self, slots: Floats) -> bool:
        """Return whether `slots` keep supervision and places everywhere."""
        return all(bool(limit.keeps(slots).all()) for limit in self.of_kind(Capacity))

    def of_kind(self, kind: type[L]) -> list[L]:
        """Return the limits of one kind, in their order."""
        return [limit for limit in self.limits if isinstance(limit, kind)]

    def limit(self, identifier: str) -> SystemLimit:
        """Return the limit with an identifier.

        Raises
        ------
        KeyError
            If the study sets no such limit.
        """
        found = {limit.identifier: limit for limit in self.limits}
        return found[identifier]


def system_of(study: Study) -> System:
    """Return the system of a study; of equal studies the same."""
    return _system(ByContent(study))


@lru_cache(maxsize=16)
def _system(key: ByContent) -> System:
    study = key.study
    most, least = _slot_bounds(study)
    prices = prices_of(study)
    room = prices.purchases.wall
    single = np.zeros((len(study.regions), len(study.years)))
    single[:, 1] = 1.0
    system = System(
        name=study.name,
        regions=tuple(study.regions),
        region_names=tuple(region.name for region in study.regions.values()),
        years=study.years,
        decision_years=study.decision_years,
        first=study.first,
        families=families(study),
        given_levels=given_levels(study),
        level0=study.level0,
        lead_time=_lead_times(study, len(most)),
        most_slots=most,
        least_slots=least,
        national_ramp=study.ramp.national.value,
        closing=study.limits.closing is not None,
        capacities=tuple(limit.name for limit in study.capacity.values()),
        capacity=room,
        place_need=np.array([x.need_per_place_year.central for x in study.capacity.values()]),
        place_years=tuple(place_years(study, limit.arena) for limit in study.capacity.values()),
        need_by_offset=need(study, single)[:, 0, 1:],
        prices=prices,
        limits=(),
    )
    object.__setattr__(system, "limits", tuple(_limits(study, system)))
    for array in (most, least, room, system.place_need, system.need_by_offset):
        array.flags.writeable = False
    return system


def _slot_bounds(study: Study) -> tuple[Floats, Floats]:
    """Return most and least (closed: below zero) slots a year, [row, decision year]."""
    every, regions = families(study), tuple(study.regions)
    shape = every[-1].rows.stop, len(study.decision_years)
    most, least, closing = np.zeros(shape), np.zeros(shape), study.limits.closing
    for r, name in enumerate(study.regions):
        most[r, lead_time(study, name) :] = study.ramp.regional[name].value
        if closing is not None and name in closing.most_per_year:
            least[r] = -closing.most_per_year[name].value
    posts = study.specialist_posts
    for family in every[1:]:
        if family.variable == MEASURES:
            measures = study.by_column
            most[family.rows] = most_units(measures, study.time.first_decision, shape[1])
        elif family.variable == "tracks":
            most[family.rows] = most_earmarked(study.track.values(), regions, shape[1])
        elif posts is not None and posts.new is not None:
            most[family.rows] = most_posts(posts.new, tuple(study.groups), regions, shape[1])
            if posts.new.closing:
                sure, given = sure_to_leave(ByDraws(study)), given_levels(study)[family.rows]
                told = trainees_at_start(study), given, study.first, family.whole
                fewest = least_posts(sure, *told)
                least[family.rows] = fewest[:, : shape[1]]
    return most, least


def _lead_times(study: Study, rows: int) -> tuple[int, ...]:
    """Return the decision years that pass before each row can open anything."""
    lead, posts = [0] * rows, study.specialist_posts
    lead[: len(study.regions)] = [lead_time(study, region) for region in study.regions]
    if posts is not None and posts.new is not None and posts.new.lead_time is not None:
        own = families(study)[1].rows
        lead[own] = [int(posts.new.lead_time.value)] * (own.stop - own.start)
    return tuple(lead)


def _limits(study: Study, system: System) -> Iterator[SystemLimit]:
    """Yield every limit of the system the study sets, in a fixed order."""
    yield from _capacities(study, system)
    years, regions = len(system.watched_years), list(study.regions)
    names = dict(zip(regions, system.region_names, strict=True))
    yield NationalRamp(np.full(years, system.national_ramp), len(regions))
    for r, region in enumerate(regions):
        room = np.full(years, study.ramp.regional[region].value)
        most, least = system.most_slots[r], system.least_slots[r]
        name = names[region]
        yield RegionalRamp(region, f"regional ramp, {name}", name, (r,), room, most, least)
    unit = f"NOK of {study.cost.price_year}"
    for p, payer in enumerate(dict.fromkeys(row.payer for row in study.limits.budget)):
        nok = {row.year: row.nok for row in study.limits.budget if row.payer == payer}
        room = np.array([nok.get(year, np.inf) for year in system.watched_years])
        history = system.first, system.given_levels
        yield Budget(payer, unit, (p,), room, *history, system.prices)
    for region, share in study.limits.least_share.items():
        place = (regions.index(region),)
        name = names[region]
        yield LeastShare(region, f"least share, {name}", name, place, share.value, len(regions))
    both = years, len(system.decision_years)
    yield from limits_of_form(study.limits, names, system.lead_time, both)
    yield from _trainees(study, years)
    yield from _of_posts(study, system)
    yield from _of_tracks(study, system)
    if study.columns:
        first = rows_of_levels(study)
        yield from limits_of_units(study.by_column, first, system.most_slots, years)
    yield from targets(study.target, study.years[study.first :], lambda: arriving(ByDraws(study)))


def _capacities(study: Study, system: System) -> Iterator[Capacity]:
    """Yield the capacities that end; those that grow with specialists are limits on risk.

    Of what can be bought without a maximum there is no limit.
    """
    sold, rows = system.prices.purchases, system.prices.purchases.post_rows or slice(0, 0)
    for c, (name, limit) in enumerate(study.capacity.items()):
        for r, region in enumerate(study.regions):
            room = system.capacity[c, r, system.first :]
            if np.isfinite(room).any():
                yield Capacity(
                    name=name,
                    region=region,
                    title=f"{limit.name}, {system.region_names[r]}",
                    subject=system.region_names[r],
                    unit=limit.unit,
                    place=(c, r),
                    room=room,
                    free=sold.free[c, r, system.first :],
                    first=system.first,
                    given=system.given_levels[r : r + 1],
                    busy=system.place_years[c],
                    per_place=limit.need_per_place_year.central,
                    per_post=float(sold.post_need[c]),
                    posts=sold.stated_posts[r],
                    post_rows=tuple(range(rows.start + r, rows.stop, len(system.regions))),
                    widening=sold.widening,
                )


def _trainees(study: Study, years: int) -> Iterator[Trainees]:
    """Yield the limits on doctors in LIS2/3; what leads to them is worked out only if there are."""
    if not study.limits.trainees:
        return
    base, response = trainee_stock(study)
    for n, (name, limit) in enumerate(study.limits.trainees.items()):
        members = [list(study.regions).index(region) for region in limit.regions]
        yield Trainees(
            name=name,
            title=limit.name,
            place=(n,),
            room=np.full(years, limit.most),
            base=base[study.first :, members].sum(axis=1),
            response=response[..., members].sum(axis=2),
        )


def _of_posts(study: Study, system: System) -> Iterator[SystemLimit]:
    """Yield the limits on LIS2/3 posts, where a study decides on them."""
    posts, family = study.specialist_posts, system.family("posts")
    if posts is None or posts.new is None or family is None:
        return
    groups, places = list(study.groups.items()), list[PostPlace]()
    for row, (k, r) in enumerate(family.places, start=family.first):
        (group, named), ends = groups[k], (system.most_slots[row], system.least_slots[row])
        name = f"{named.name}, {system.region_names[r]}"
        places.append(PostPlace(row, group, system.regions[r], name, *ends))
    yield from limits_of_posts(posts.new, places, len(system.watched_years))


def _of_tracks(study: Study, system: System) -> Iterator[SystemLimit]:
    """Yield the limits on earmarked LIS1 posts, where a study decides on them."""
    family, years = system.tracks, len(system.watched_years)
    if family is None:
        return
    names, count = list(study.track), len(system.regions)
    for row, (e, r) in enumerate(family.places, start=family.first):
        region, most = system.regions[r], system.most_slots[row]
        subject = f"{study.track[names[e]].name}, {system.region_names[r]}"
        room, title = np.full(years, most.max(initial=0.0)), f"newly earmarked posts, {subject}"
        ends = most, system.least_slots[row]
        yield TrackRamp(region, title, subject, (row,), room, *ends, track=names[e])
    filled = newcomers_fill(ByDraws(study))
    for r, (region, name) in enumerate(zip(system.regions, system.region_names, strict=True)):
        rows = tuple(range(family.first + r, family.rows.stop, count))
        asked = (r,), rows, system.given_levels, system.first
        yield Earmarked(region, f"earmarked posts, {name}", name, *asked)
        yield Newcomers(region, f"newcomers, {name}", name, *asked, most=filled[r])
    for e, (name, track) in enumerate(study.track.items()):
        if track.new is None:
            continue
        rows = tuple(range(family.first + e * count, family.first + (e + 1) * count))
        history, last = (rows, count, system.given_levels, system.first), most.size - 1
        least = TrackShare, "least share", track.new.least_share, last
        greatest = MostTrackShare, "greatest share", track.new.most_share, 0
        for kind, said, share, since in (least, greatest):
            if share is not None:
                title = f"{said} of LIS1 posts, {track.name}"
                yield kind(name, title, track.name, (e,), share.value, *history, since)
