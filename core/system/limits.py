"""The limits of the system as small values: what a plan uses of each, and how much there is.

Each is one limit as a planner would name it. Its years are those of the projection from the first
decision on, except where it has none (a least share): then a single entry.

A new kind of limit is a class here (or in a file of its own, as `plan_form.py`), made in
`arrays.py`, with its rows in optimise/system/blocks.py and its words in optimise/infeasible/.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import course
from .costs import Prices
from .limit import ROUNDING, Nationwide, SystemLimit, Taken
from .measure_columns import Widening
from .posts import with_history

Floats = NDArray[np.float64]
MILLION = 1e6
DOCTORS_STEP = 10.0
WHY_LAXER = "the least relaxation"


@dataclass(frozen=True, eq=False)
class Capacity(SystemLimit):
    """Supervision or places of one region: what the places on offer need, by calendar year.

    LIS1 places, and LIS2/3 posts where they need any of it. `room` is all there can be, what may
    be bought included; only the `free` part has no price.
    """

    kind = "capacity"
    named = "{name}.{region}"
    said = "capacity.{name} {region}"
    name: str
    region: str
    title: str
    subject: str
    unit: str
    place: tuple[int, int]  # number of the capacity and of the region
    room: Floats
    free: Floats  # [year] of the room, what need not be bought
    first: int  # index of the first decision year
    given: Floats  # [1, year] levels without any decision
    busy: Floats  # [offset] places kept busy per start
    per_place: float  # need of one place busy for a year
    per_post: float  # need of one LIS2/3 post for a year
    posts: Floats  # [year] LIS2/3 posts without any decision
    post_rows: tuple[int, ...]  # of plans, LIS2/3 posts in the region; none: as stated
    widening: Widening | None = None  # by units of measures, where a search decides on them

    @property
    def step(self) -> float:
        """One step of the shadow price: one place; one unit of what places need nothing of."""
        return self.per_row

    @property
    def per_row(self) -> float:
        """Rows are in places, not hours."""
        return self.per_place or 1.0

    @property
    def scale(self) -> Floats:
        """What a give of one means, [year]."""
        return np.asarray(np.maximum(self.room, self.per_row))

    def used(self, slots: Floats) -> Floats:
        """Return the need of the places on offer, [year], less room that measures add."""
        level = with_history(self.given, self.first, slots[self.place[1] :][:1])
        need = course.need(self.per_place, self.busy, level)[0]
        if self.per_post:
            own = slots[list(self.post_rows)].sum(axis=0, keepdims=True)
            need += self.per_post * with_history(self.posts[None], self.first, own)[0]
        if self.widening is not None:
            units = with_history(np.zeros((len(slots), len(need))), self.first, slots)
            need -= self.widening.under(units)[self.place]
        return np.asarray(need[self.first :])

    def lacking(self, slots: Floats) -> Floats:
        """Return need above capacity, [year]; zero where it is kept but for rounding."""
        return np.maximum(self.used(slots) - self.room * (1.0 + ROUNDING), 0.0)

    def keeps(self, slots: Floats) -> NDArray[np.bool_]:
        """Return in which years capacity is kept."""
        return np.asarray(self.lacking(slots) == 0.0)

    def relax(self, data: dict[str, Any], taken: Taken) -> None:
        """Write the capacities by year: what gives way is free room, and with it the wall."""
        same = {"limit": self.name, "region": self.region}
        _set_rows(data, ("capacity", "capacity"), same, self.free + taken.amounts)


@dataclass(frozen=True, eq=False)
class NationalRamp(Nationwide):
    """The most new slots a year in the whole country."""

    kind = "national_ramp"
    said = "ramp.national"
    room: Floats
    regions: int  # the first rows of a plan
    title: str = "national ramp"
    unit: str = "slots"

    def used(self, slots: Floats) -> Floats:
        """Return the slots opened, [year]."""
        return padded(np.maximum(slots[: self.regions], 0.0).sum(axis=0), len(self.room))

    def keeps(self, slots: Floats) -> NDArray[np.bool_]:
        """Return in which years the ramp is kept; its tolerance is absolute."""
        return self.used(slots) <= self.room + ROUNDING

    def relax(self, data: dict[str, Any], taken: Taken) -> None:
        """Raise the ramp by the most of any year."""
        data["ramp"]["national"]["value"] += float(taken.amounts.max())


@dataclass(frozen=True, eq=False)
class RegionalRamp(SystemLimit):
    """The most new slots a year in one region, its lead time and what it may close."""

    kind = "regional_ramp"
    named = "{region}"
    said = "ramp.regional.{region}"
    region: str
    title: str
    subject: str
    place: tuple[int]
    room: Floats
    most: Floats  # [decision year], nothing before the lead time
    least: Floats  # [decision year], below zero where it may close
    unit: str = "slots"

    def used(self, slots: Floats) -> Floats:
        """Return the slots opened, [year]."""
        return padded(np.maximum(slots, 0.0)[self.place[0]], len(self.room))

    def keeps(self, slots: Floats) -> NDArray[np.bool_]:
        """Return in which decision years ramp, lead time and what may be closed are kept."""
        own = slots[self.place[0]]
        return np.asarray((own <= self.most + ROUNDING) & (own >= self.least - ROUNDING))

    def relax(self, data: dict[str, Any], taken: Taken) -> None:
        """Raise the ramp by the most of any year."""
        data["ramp"]["regional"][self.region]["value"] += float(taken.amounts.max())


@dataclass(frozen=True, eq=False)
class Budget(SystemLimit):
    """The most that the added slots may cost one payer in a calendar year."""

    kind = "budget"
    named = "{payer}"
    said = "limits.budget {payer}"
    payer: str
    unit: str
    place: tuple[int]
    room: Floats
    first: int
    given: Floats  # [row, year] levels without any decision
    prices: Prices

    @property
    def title(self) -> str:  # type: ignore[override]
        """The name in words."""
        return f"budget {self.payer}"

    @property
    def subject(self) -> str:  # type: ignore[override]
        """Whom it binds."""
        return self.payer

    @property
    def per_row(self) -> float:
        """Rows are in millions."""
        return MILLION

    @property
    def step(self) -> float:
        """One step of the shadow price: a million."""
        return MILLION

    @property
    def scale(self) -> Floats:
        """What a give of one means, [year]."""
        return np.asarray(np.maximum(self.room, MILLION))

    def used(self, slots: Floats) -> Floats:
        """Return what the payer pays for the slots and what they buy, [year] real NOK."""
        return self._paid(self.prices.yearly(self._added(slots)))

    def response(self, no_slots: Floats) -> Floats:
        """Return what a slot opened in a decision year costs the payer, [row, decision year, year].

        Without what it makes a region buy, which is not the same for each.
        """
        rows, decisions = no_slots.shape
        result = []
        for row in range(rows):
            for y in range(decisions):
                one = no_slots.copy()
                one[row, y] = 1.0
                result.append(self._paid(self.prices.of_slots(self._added(one))))
        return np.stack(result).reshape(rows, decisions, -1)

    def once(self, no_slots: Floats) -> Floats:
        """Return what closing a post does not save the payer, [row, decision year] NOK.

        It falls in the year of the decision: one opened and one closed cost that and no more.
        """
        result = np.zeros(no_slots.shape)
        for beside in self.prices.beside:
            for row in range(beside.rows.start, beside.rows.stop) if beside.closing else ():
                for y in range(no_slots.shape[1]):
                    one = no_slots.copy()
                    one[row, y] = 1.0
                    both = (self._paid(self.prices.of_slots(self._added(x))) for x in (one, -one))
                    result[row, y] = sum(paid[y] for paid in both)
        return result

    def _added(self, slots: Floats) -> Floats:
        return np.asarray(with_history(self.given, self.first, slots) - self.given)

    def _paid(self, costs: tuple[Floats, Floats]) -> Floats:
        years = slice(self.first, self.given.shape[1])
        return np.asarray(self.prices.paid_by(self.payer, costs)[years])

    def relax(self, data: dict[str, Any], taken: Taken) -> None:
        """Write the budgets by year."""
        _set_rows(data, ("budget", "nok"), {"payer": self.payer}, self.room + taken.amounts)


@dataclass(frozen=True, eq=False)
class LeastShare(SystemLimit):
    """The least share of all slots opened that one region gets."""

    kind = "least_share"
    named = "{region}"
    said = "limits.least_share.{region}"
    divisible = False
    region: str
    title: str
    subject: str
    place: tuple[int]
    share: float
    regions: int  # the first rows of a plan
    unit: str = "slots"

    @property
    def room(self) -> Floats:  # type: ignore[override]
        """None may lack, a single entry."""
        return np.zeros(1)

    def used(self, slots: Floats) -> Floats:
        """Return the slots the region lacks to its share of all, a single entry."""
        opened = np.maximum(slots[: self.regions], 0.0)
        return np.array([self.share * opened.sum() - opened[self.place[0]].sum()])

    def keeps(self, slots: Floats) -> NDArray[np.bool_]:
        """Return whether the region has its share; the tolerance is of what it has."""
        opened = np.maximum(slots[: self.regions], 0.0)
        own = opened[self.place[0]].sum()
        return np.array([self.share * opened.sum() <= own * (1.0 + ROUNDING) + ROUNDING])

    def relax(self, data: dict[str, Any], taken: Taken) -> None:
        """Lower the share to what the region has."""
        opened = np.maximum(taken.slots[: self.regions], 0.0)
        share = float(opened[self.place[0]].sum() / opened.sum())
        data["limits"]["least_share"][self.region]["value"] = share


@dataclass(frozen=True, eq=False)
class Trainees(SystemLimit):
    """The most doctors in LIS2/3 at the end of any year, in some regions together.

    Of the stock a bound from above, affine in the slots (core/flow/trainees.py).
    """

    kind = "trainees"
    named = "{name}"
    said = "limits.trainees.{name}"
    name: str
    title: str
    place: tuple[int]
    room: Floats
    base: Floats  # [year] without any decision
    response: Floats  # [year since, region of the slot]
    unit: str = "doctors"

    @property
    def subject(self) -> str:  # type: ignore[override]
        """Whom it binds."""
        return self.title

    @property
    def step(self) -> float:
        """One step of the shadow price: ten doctors."""
        return DOCTORS_STEP

    def used(self, slots: Floats) -> Floats:
        """Return the bound of the stock, [year] doctors."""
        stock = self.base.copy()
        for y in range(slots.shape[1]):
            stock[y:] += self.response[: len(stock) - y] @ slots[: self.response.shape[1], y]
        return stock

    def relax(self, data: dict[str, Any], taken: Taken) -> None:
        """Raise the number by the most of any year."""
        data["limits"]["trainees"][self.name]["most"] += float(taken.amounts.max())


def padded(values: Floats, years: int) -> Floats:
    """Return values by decision year as those of all years: later ones have none."""
    padded = np.zeros(years)
    padded[: len(values)] = values
    return padded


def _set_rows(
    data: dict[str, Any], table: tuple[str, str], same: dict[str, str], room: Floats
) -> None:
    """Write a limit by year in the place of its rows in a table (name, column of the amount)."""
    name, column = table
    limits, first = data["limits"], data["time"]["first_decision"]
    others = [row for row in limits[name] if any(row[key] != value for key, value in same.items())]
    rows = [
        same | {"year": first + t, column: float(amount), "assumption": WHY_LAXER}
        for t, amount in enumerate(room)
        if np.isfinite(amount)
    ]
    limits[name] = (*others, *rows)
