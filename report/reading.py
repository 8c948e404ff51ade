"""Reading a result: labels, years, one plan's arrays, and what follows from them by looking."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..configs.loader import study_from_text
from ..core.scenarios.followed import FollowedBranch
from ..core.study.risk_limit import RiskLimit
from ..core.study.study import Study

Floats = NDArray[np.float64]
MEDIAN = 0.5
DRAWN = (0.1, 0.25, 0.75, 0.9)
"""Quantiles drawn around the median: eight scenarios in ten, and half of them."""
FELT, RUNNING = 5.0, 0.97
SLACK = 1e-9
"""Share by which rounding may exceed a limit that is kept."""
DIRECTORATE = "Helsedirektoratet 2019"
"""As studies name the report of the Directorate of Health on the number of LIS1 posts."""


@dataclass(frozen=True)
class Reading:
    """A result dataset (docs/file-format.md) behind plain questions."""

    data: xr.Dataset

    @cached_property
    def study(self) -> Study:
        """The study the result answers, with its measures in force worked in."""
        return self.written.in_force

    @cached_property
    def written(self) -> Study:
        """The study as it was written, with its measures."""
        return study_from_text(str(self.data.attrs["study_json"]))

    @cached_property
    def years(self) -> list[int]:
        """Projected calendar years."""
        return [int(year) for year in self.data["year"].values]

    def attribute(self, name: str) -> Any:  # noqa: ANN401
        """Return an attribute of the file, or "" where it is missing."""
        return self.data.attrs.get(name, "")

    def scalar(self, name: str) -> float:
        """Return a number among the attributes, or NaN where it is missing."""
        return float(self.data.attrs.get(name, np.nan))

    def sampling(self, name: str) -> Any:  # noqa: ANN401
        """Return a setting of the sampling: as run, or as the study asks."""
        return self.data.attrs.get(name, getattr(self.study.sampling, name, ""))

    def flag(self, name: str) -> bool:
        """Return a true/false attribute."""
        return str(self.attribute(name)).lower() in {"true", "1"}

    def ids(self, dim: str) -> list[str]:
        """Return the study's identifiers along a dimension."""
        return [_text(value) for value in self.data[f"{dim}_id"].values]

    def names(self, dim: str) -> list[str]:
        """Return the names along a dimension."""
        return [_text(value) for value in self.data[f"{dim}_name"].values]

    @cached_property
    def searched(self) -> bool:
        """Tell whether the plan was searched for, not given: it then has bounds and fresh risks."""
        return self.has("risk_fresh", "risk_floor")

    @cached_property
    def none(self) -> int:
        """Index of the plan without new slots."""
        return self.ids("plan").index("none")

    @cached_property
    def limits(self) -> list[RiskLimit]:
        """The study's limits on risk."""
        return list(self.study.risk.values())

    @cached_property
    def national(self) -> int:
        """Index of the national limit: the first on shortage in all regions, else the first."""
        everywhere, limits = set(self.study.regions), self.limits
        shortage = np.flatnonzero(self.study.on_shortage).tolist()
        found = [n for n in shortage if set(limits[n].regions) == everywhere]
        return next((n for n in found if limits[n].limit is not None), (found or [0])[0])

    @cached_property
    def axis(self) -> int | None:
        """Index of the limit the frontier runs along; None where the study has prices alone."""
        named = self.data.attrs.get("frontier_axis")
        return self.ids("limit").index(named) if named else None

    @cached_property
    def regional(self) -> list[int]:
        """Indices of the limits on shortage in a single region of several."""
        several = len(self.study.regions) > 1
        shortage = np.flatnonzero(self.study.on_shortage).tolist()
        return [n for n in shortage if several and len(self.limits[n].regions) == 1]

    @cached_property
    def priced(self) -> bool:
        """Tell whether shortage has a price, which the bounds then count besides the slots."""
        return not all(limit.risk_rule.limited for limit in self.limits)

    def shortage_cost(self, plan: int) -> float:
        """Return the price of the shortage a plan leaves, NOK; 0 without prices."""
        prices = np.array([limit.price or 0.0 for limit in self.limits])
        return float((prices * self.values("risk_in_sample", plan=plan)).sum())

    @cached_property
    def as_directorate(self) -> bool:
        """Tell whether costs are added up from the items of the Directorate's report."""
        counted = [row for row in self.study.cost.components if row.in_report]
        return all(DIRECTORATE in row.source for row in counted)

    def probability(self, limit: int, plan: int) -> float:
        """Return the probability that what a limit judges is above zero in any year under a plan.

        The share of scenarios, by their weight, whose Z is above zero.
        """
        short = self.values("shortfall_z", plan=plan, limit=limit) > 0.0
        weight = self.values("weight") if self.has("weight") else None
        return float(np.average(short, weights=weight))

    @cached_property
    def branches(self) -> list[FollowedBranch]:
        """The end branches of a plan that learns; none where nothing is reviewed."""
        if not self.has("branch_slots"):
            return []
        low, high = self.values("branch_above"), self.values("branch_up_to")
        ends = np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)
        each = zip(*(end.tolist() for end in ends), strict=True)
        return [
            FollowedBranch(number, tuple(zip(above, up_to, strict=True)))
            for number, (above, up_to) in enumerate(each, start=1)
        ]

    def relative(self, limit: int) -> bool:
        """Tell whether a limit is a share of demand (else FTE)."""
        return self.limits[limit].is_share

    def has(self, *names: str) -> bool:
        """Tell whether the result holds all these variables."""
        return all(name in self.data for name in names)

    def values(self, name: str, **index: int) -> Floats:
        """Return a variable as float64, at the given index of any dimensions, in file order."""
        return self.data[name].isel(index).values.astype(np.float64)

    def at(self, name: str, **index: int) -> float:
        """Return one value of a variable."""
        return float(self.values(name, **index))

    @cached_property
    def median(self) -> int:
        """Index of the median among the quantiles."""
        return int(np.argmin(np.abs(self.data["quantile"].values - MEDIAN)))

    @cached_property
    def band(self) -> list[int]:
        """Indices of the quantiles drawn: ends of the outer band around those of the inner one."""
        given = self.data["quantile"].values
        return [int(np.argmin(np.abs(given - share))) for share in DRAWN]

    @cached_property
    def in_ten(self) -> str:
        """How many scenarios in ten lie in the outer band, in digits."""
        low, *_, high = self.data["quantile"].values[self.band]
        return f"{10 * (high - low):.0f}"

    def exceeded(self, plan: int) -> list[int]:
        """Return the limits that a plan exceeds on the scenarios it was made on."""
        risk, limit = self.values("risk_in_sample", plan=plan), self.values("risk_limit")
        return [int(n) for n in np.flatnonzero(risk > limit * (1.0 + SLACK))]

    def kept_afresh(self, limit: int) -> Literal["kept", "near", "broken", "priced"]:
        """Return whether the plan keeps a limit on fresh scenarios: `near` if chance hides it."""
        at_most = self.limits[limit].limit
        if at_most is None:
            return "priced"
        low, high = (self.at(f"risk_fresh_{end}", plan=0, limit=limit) for end in ("low", "high"))
        return "kept" if high <= at_most else "near" if low <= at_most else "broken"

    @property
    def basis(self) -> str:
        """How costs are added up: `gross`, `report`, or as the Directorate's report does."""
        basis = self.study.cost.basis
        return "directorate" if basis == "report" and self.as_directorate else basis

    @property
    def judged_year(self) -> int:
        """The last year of those in which shortage is judged."""
        return self.study.time.window[1]

    def missing(self, plan: int) -> Floats:
        """Return unmet need: the mean over scenarios of max(0, need - supply), [time] FTE."""
        return self.values("national_missing_mean", plan=plan)

    def chance(self, plan: int) -> Floats:
        """Return the share of scenarios in which need is greater than supply, [time]."""
        return self.values("national_shortage_probability", plan=plan)

    @cached_property
    def felt_from(self) -> int | None:
        """The first year in which the plan moves the median of supply by 5 FTE; None if none."""
        plan, none = (
            self.values("national_supply_quantile", plan=p, quantile=self.median)
            for p in (0, self.none)
        )
        moved = np.flatnonzero(np.abs(plan - none) >= FELT)
        return self.years[int(moved[0])] if len(moved) else None

    @cached_property
    def running_cost(self) -> tuple[int, Floats] | None:
        """The first year in which the plan costs what it goes on to cost, and cost since [time].

        The steady path goes back from the last year at the growth of the five before it; the plan
        runs from the first year on in which at least 97 % of that is due. None: it costs nothing.
        """
        paid = self.values(f"cost_{self.study.cost.basis}", plan=0)
        if paid[-1] <= 0.0 or paid[-6] <= 0.0:
            return None
        growth = (paid[-1] / paid[-6]) ** 0.2
        steady = paid[-1] / growth ** np.arange(len(paid))[::-1]
        since = int(np.flatnonzero(paid >= RUNNING * steady)[0])
        return self.years[since], paid[since:]

    def year(self, year: int) -> int:
        """Return the index of a calendar year."""
        return self.years.index(year)

    @cached_property
    def slots(self) -> Floats:
        """New slots of the chosen plan, [time, region]."""
        return np.round(self.values("slots", plan=0))

    @cached_property
    def slot_years(self) -> list[int]:
        """Years in which the chosen plan opens (or closes) slots."""
        moved = np.abs(self.slots).sum(axis=1)
        return [year for year, n in zip(self.years, moved, strict=True) if n > 0]

    @cached_property
    def selected_years(self) -> list[int]:
        """The first decision year, every fifth year after it, the window's ends, the last year."""
        first, last = self.study.time.first_decision, self.years[-1]
        fifth = {year for year in range(first, last) if year % 5 == 0}
        shown = fifth | {first, last, *self.study.time.window}
        return sorted(year for year in shown if first <= year <= last)

    @cached_property
    def full_ramps(self) -> list[tuple[int, int | None]]:
        """Years in which as many slots open as the ramp allows: (year, region or None for all)."""
        ramp, found = self.study.ramp, list[tuple[int, int | None]]()
        for year in self.slot_years:
            opened = self.slots[self.year(year)]
            if opened.sum() > ramp.national.value - 1:
                found.append((year, None))
            for r, region in enumerate(self.ids("region")):
                if opened[r] > 0 and opened[r] > ramp.regional[region].value - 1:
                    found.append((year, r))
        return found

    @cached_property
    def full_capacities(self) -> list[tuple[int, int, int]]:
        """Supervision limits without room for one more slot: (capacity, region, year).

        Only decision years in which the region has new slots, or new LIS2/3 posts that need the
        capacity: before, nothing is held back.
        """
        room = self.walls - self.values("supervision_need", plan=0)
        one = self._need_of_one
        opened = (self.slots.cumsum(axis=0) > 0)[:, None]
        if self.has("supervision_need_posts"):  # those of capacities that they need count, too
            needed = self.values("supervision_need_posts")
            opened = opened | (needed[:, 0] > needed[:, self.none])
        full = (room < one) & opened
        decided = [self.year(year) for year in self.study.decision_years]
        return [(int(c), int(r), self.years[t]) for t, c, r in np.argwhere(full) if t in decided]

    @cached_property
    def free_places(self) -> Floats:
        """How many more posts fit inside every given capacity, [time, region], whole posts."""
        one = self._need_of_one
        room = self.walls - self.values("supervision_need", plan=0)
        limited = ~np.isnan(room) & (
            one > 0.0
        )  # else it grows with the specialists, or is not used
        free = np.divide(room, one, out=np.full(room.shape, np.inf), where=limited)
        return np.asarray(np.floor(np.min(free, axis=1, initial=np.inf) + 1e-9))

    @cached_property
    def _need_of_one(self) -> Floats:
        """What one LIS1 start a year needs, [time, capacity, region]."""
        need = self.values("supervision_need", plan=self.none)
        if self.has("supervision_need_posts"):
            need = need - self.values("supervision_need_posts", plan=self.none)
        return np.asarray(need / self.values("level", plan=self.none)[:, None])

    @cached_property
    def walls(self) -> Floats:
        """Capacity with all that can be bought, [time, capacity, region]; infinite: no maximum."""
        room = self.values("supervision_capacity")
        if not self.has("supervision_most_bought"):
            return room
        return np.asarray(room + np.nan_to_num(self.values("supervision_most_bought"), nan=np.inf))

    def watched(self, c: int, r: int) -> bool:
        """Return whether a limit on risk watches this capacity, as it grows with specialists."""
        return bool(np.isnan(self.values("supervision_capacity", capacity=c, region=r)).all())


def _text(value: object) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)
