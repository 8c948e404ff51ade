"""The system: all that is certain of a study as plain arrays and limits, made once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ..flow.trainees import trainee_stock
from ..study.study import Study
from . import course
from .costs import Prices, prices_of
from .intake_change import IntakeChange
from .limit import ROUNDING, SystemLimit
from .limits import (
    Budget,
    Capacity,
    LeastShare,
    NationalRamp,
    RegionalRamp,
    Trainees,
)
from .posts import lead_time, with_history
from .supervision import need, place_years

Floats = NDArray[np.float64]
L = TypeVar("L", bound=SystemLimit)


@dataclass(frozen=True, eq=False)
class System:
    """Posts, prices, room and limits of a study; arrays are read-only.

    Years are all projected ones, of which `first` is the index of the first decision year.
    """

    name: str
    regions: tuple[str, ...]
    region_names: tuple[str, ...]
    years: tuple[int, ...]
    decision_years: tuple[int, ...]
    first: int
    given_levels: Floats  # [region, year] starts a year without any decision
    level0: Floats  # [region] just before the first decision
    lead_time: tuple[int, ...]  # by region, decision years before slots can open
    most_slots: Floats  # [region, decision year]
    least_slots: Floats  # [region, decision year] below zero: closed
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
        """Return the plan that opens nothing, [region, decision year]."""
        return np.zeros(self.most_slots.shape)

    @property
    def unknown_slots(self) -> Floats:
        """Return what stands where there is no plan: NaN, [region, decision year]."""
        return np.full(self.most_slots.shape, np.nan)

    def levels(self, slots: Floats) -> Floats:
        """Return `level` [region, year] from new slots [region, decision year]."""
        return with_history(self.given_levels, self.first, slots)

    def need(self, level: Floats) -> Floats:
        """Return what the places on offer need, [capacity, region, year]."""
        both = zip(self.place_need, self.place_years, strict=True)
        return np.array([course.need(float(one), busy, level) for one, busy in both])

    def keeps_limits(self, slots: Floats) -> bool:
        """Return whether `slots` [region, decision year] keep every limit of the system.

        This one function is asked of every plan before it may be an answer.
        """
        there = bool((self.levels(slots) >= -ROUNDING).all())
        return there and all(bool(limit.keeps(slots).all()) for limit in self.limits)

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


class _ByContent:
    """A study that equals another of the same content, as a key to what was worked out before."""

    def __init__(self, study: Study) -> None:
        self.study = study

    def __hash__(self) -> int:
        return hash(self.study.sha256)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByContent) and other.study.sha256 == self.study.sha256


def system_of(study: Study) -> System:
    """Return the system of a study; of equal studies the same."""
    return _system(_ByContent(study))


@lru_cache(maxsize=16)
def _system(key: _ByContent) -> System:
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
        given_levels=study.given_levels,
        level0=study.level0,
        lead_time=tuple(lead_time(study, region) for region in study.regions),
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
    """Return most and least (closed: below zero) slots a year, [region, decision year]."""
    shape = (len(study.regions), len(study.decision_years))
    most, least, closing = np.zeros(shape), np.zeros(shape), study.limits.closing
    for r, name in enumerate(study.regions):
        most[r, lead_time(study, name) :] = study.ramp.regional[name].value
        if closing is not None and name in closing.most_per_year:
            least[r] = -closing.most_per_year[name].value
    return most, least


def _limits(study: Study, system: System) -> Iterator[SystemLimit]:
    """Yield every limit of the system the study sets, in a fixed order."""
    yield from _capacities(study, system)
    years, regions = len(system.watched_years), list(study.regions)
    names = dict(zip(regions, system.region_names, strict=True))
    yield NationalRamp(np.full(years, system.national_ramp))
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
        yield LeastShare(region, f"least share, {name}", name, place, share.value)
    for region, change in study.limits.intake_change.items():
        place = (regions.index(region),)
        room, name = np.full(years, change.value), names[region]
        lead = system.lead_time[place[0]]
        yield IntakeChange(region, f"change of intake, {name}", name, place, room, lead)
    yield from _trainees(study, years)


def _capacities(study: Study, system: System) -> Iterator[Capacity]:
    """Yield the capacities that end; those that grow with specialists are limits on risk.

    Of what can be bought without a maximum there is no limit.
    """
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
                    free=system.prices.purchases.free[c, r, system.first :],
                    first=system.first,
                    given=system.given_levels[r : r + 1],
                    busy=system.place_years[c],
                    per_place=limit.need_per_place_year.central,
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
