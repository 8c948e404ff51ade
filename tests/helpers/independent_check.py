"""Checks a result file from itself alone, by code that shares nothing with the program.

    python tests/helpers/independent_check.py RESULT.nc              every check, a line each
    python tests/helpers/independent_check.py RESULT.nc --replay 20  also 20 by the naive oracle

The checks know only docs/file-format.md, docs/model.md and the study in the file. The replay takes
rates and demand of single scenarios from lis1plan.core, everything after that from `naive.py`.
Ends with 0 if all is right, with 1 if a check fails.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import importlib.util
import json
import math
import statistics
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Check = Callable[["Result"], Iterator[str]]
RISK_TOLERANCE = 1e-9
SUPERVISION_TOLERANCE = 1e-6  # relative, as loose as the solver's
ATTAINABLE_TOLERANCE = 1e-6  # floors are found by cuts to 1e-7
FLAT_TOLERANCE = 1e-4  # relative, of means over single-precision values


class Result:
    """A result file in memory: `self[name]` a variable, `attributes`, the study as plain JSON."""

    def __init__(self, path: Path) -> None:
        with netCDF4.Dataset(path) as file:
            file.set_auto_mask(False)
            file.set_auto_chartostring(False)
            self.attributes = {name: file.getncattr(name) for name in file.ncattrs()}
            self._values = {name: variable[...] for name, variable in file.variables.items()}
            self.dimensions = {name: v.dimensions for name, v in file.variables.items()}
            self.missing = {
                name: variable[...] == variable.getncattr("_FillValue")
                for name, variable in file.variables.items()
                if "_FillValue" in variable.ncattrs()
            }
        self.study: Any = json.loads(self.attributes["study_json"])
        self.regions, self.plans = self.text("region_id"), self.text("plan_id")
        self.years = [int(year) for year in self["year"]]
        self.first_decision = self.study["time"]["first_decision"]
        self.last_decision = self.study["time"]["last_decision"]

    def __getitem__(self, name: str) -> Array:
        return np.asarray(self._values[name])

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def names(self, kind: str) -> list[str]:
        """The names of all variables of a kind of numpy ("S" for text, "f" for numbers)."""
        return [name for name, values in self._values.items() if values.dtype.kind == kind]

    def text(self, name: str) -> list[str]:
        """The labels in a character variable."""
        return [row.tobytes().rstrip(b"\x00").decode("utf-8") for row in self[name]]

    def plan(self, name: str, plan: int) -> Array:
        """A variable [time, plan, ...] of one plan."""
        return self[name][:, plan]

    def solved_frontier(self) -> list[int]:
        """The points of the frontier that have a plan."""
        return [int(p) for p in np.flatnonzero(np.isfinite(self["frontier_cost"]) & self._found())]

    def _found(self) -> Array:
        return ~self.missing["frontier_cost"]


def central(figure: Any) -> float:
    """The single value of a figure: its mode, where it has one."""
    kind = figure["distribution"]
    if kind in ("triangular", "pert"):
        return float(figure["mode"])
    if kind in ("normal", "lognormal"):
        low, high = figure["low"], figure["high"]
        middle = figure["mean" if kind == "normal" else "median"]
        middle = middle if low is None else max(middle, low)
        return float(middle if high is None else min(middle, high))
    if kind == "discrete":
        weighted = zip(figure["values"], figure["weights"], strict=True)
        return float(sum(v * w for v, w in weighted) / sum(figure["weights"]))
    if kind == "empirical":
        return float(statistics.median(figure["values"]))
    share = figure["a"] / (figure["a"] + figure["b"]) if kind == "beta" else 0.5
    if kind in ("uniform", "beta"):
        return float(figure["low"] + (figure["high"] - figure["low"]) * share)
    return float(figure["value"])


def mean(figure: Any) -> float:
    """The mean of a figure as drawn, of the kinds that prices and maxima have here."""
    kind = figure["distribution"]
    if kind == "triangular":
        return float((figure["low"] + figure["mode"] + figure["high"]) / 3.0)
    if kind == "pert":
        return float((figure["low"] + 4.0 * figure["mode"] + figure["high"]) / 6.0)
    assert kind in ("fixed", "uniform"), kind
    return central(figure)


def level_before(study: Any) -> list[float]:
    """Posts on offer at the start by region: those in use, the unused by largest remainder."""
    in_use = [region["posts_in_use"]["value"] for region in study["regions"].values()]
    unused = study["posts"]["unused"]["value"]
    if study["posts"]["unused_treatment"] != "offered":
        return [float(posts) for posts in in_use]
    quota = [int(unused) * posts / sum(in_use) for posts in in_use]
    extra = [math.floor(q) for q in quota]
    by_remainder = sorted(range(len(quota)), key=lambda r: (-(quota[r] - extra[r]), r))
    for r in by_remainder[: int(unused) - sum(extra)]:
        extra[r] += 1
    return [posts + more for posts, more in zip(in_use, extra, strict=True)]


def stages_by_month(study: Any) -> Iterator[tuple[float, int, list[str]]]:
    """Each intake: its share of a year's starts, its month from January, each month's arena."""
    arenas = [arena for arena in study["posts"]["stages"] for _ in range(6)]
    spring = study["posts"]["spring_share"]["value"]
    first, second = study["posts"]["intake_months"]
    yield spring, first - 1, arenas
    yield 1.0 - spring, second - 1, arenas


def place_years(study: Any, arena: str) -> list[float]:
    """Places in an arena kept busy by one start a year, by calendar years since (10 + 2, 4 + 8)."""
    busy = [0.0] * 6
    for share, begins, arenas in stages_by_month(study):
        for month, where in enumerate(arenas, start=begins):
            busy[month // 12] += share / 12.0 * (where == arena)
    return busy


def supervision(study: Any, limit: str, region: str, level: Array) -> tuple[Array, Array]:
    """Need and capacity of one limit in one region by year, for its `level` by year."""
    section = study["capacity"][limit]
    busy, each = place_years(study, section["arena"]), central(section["need_per_place_year"])
    need = [
        each * sum(part * level[max(y - offset, 0)] for offset, part in enumerate(busy))
        for y in range(len(level))
    ]
    (row,) = (r for r in study["supervision"] if (r["limit"], r["region"]) == (limit, region))
    today = each * sum(busy) * study["regions"][region]["posts_in_use"]["value"]
    room = [
        today * (1.0 + row["slack"]) * (1.0 + row["growth_per_year"]) ** y
        for y in range(len(level))
    ]
    return np.array(need), np.array(room)


def purchases(study: Any, limit: str, region: str, level: Array) -> tuple[Array, float]:
    """What of a limit is bought in a region by year, for its `level` by year; the most there is."""
    section, first = study["capacity"][limit], study["time"]["first_decision"]
    need, room = supervision(study, limit, region, level)
    if section["purchase"] is None:
        return np.zeros(len(level)), 0.0
    busy, each = place_years(study, section["arena"]), central(section["need_per_place_year"])
    today = each * sum(busy) * study["regions"][region]["posts_in_use"]["value"]
    share = section["purchase"]["at_most"]
    most = math.inf if share is None else mean(share) * today
    years = np.arange(len(level)) + study["time"]["first_year"]
    return np.where(years < first, 0.0, np.clip(need - room, 0.0, most)), most


def months_of(timing: str, begins: int, arenas: list[str]) -> list[int]:
    """The months over which an item is spread, counted from January of the year of the start."""
    stay = {
        arena: [m for m, a in enumerate(arenas, start=begins) if a == arena] for arena in arenas
    }
    if timing == "start":
        return [begins]
    kind, arena = timing.split(":")
    if kind == "stay":
        return stay[arena]
    if kind == "stay_start":
        return stay[arena][:1]
    assert kind == "autumn_after", timing
    after = stay[arena][-1] + 1
    while after % 12 != 8:
        after += 1
    return [after]


class Costs:
    """What added starts cost, month by month: real NOK by payer and year, and discounted."""

    def __init__(self, study: Any, starts: dict[int, float]) -> None:
        cost = study["cost"]
        self.gross: dict[tuple[str, int], float] = {}
        self.report: dict[int, float] = {}
        self.discounted = 0.0
        rate, growth = cost["discount_rate"]["value"], cost["real_growth"]["value"]
        for year, added in starts.items():
            for share, begins, arenas in stages_by_month(study):
                for item in cost["components"]:
                    months = months_of(item["timing"], begins, arenas)
                    for month in months:
                        at = year + month // 12
                        nok = added * share * item["amount_nok"] / len(months)
                        nok *= (1.0 + growth) ** max(at - cost["price_year"], 0)
                        self._charge(item, at, nok)
                        if item["in_report" if cost["basis"] == "report" else "in_gross"]:
                            since = at - study["time"]["first_decision"]
                            self.discounted += nok * (1.0 + rate) ** -since

    def buy(self, study: Any, years: list[int], level: Array) -> None:
        """Add what posts [time, region] buy, whichever way costs are added up."""
        cost = study["cost"]
        rate, growth = cost["discount_rate"]["value"], cost["real_growth"]["value"]
        for limit, section in study["capacity"].items():
            for r, region in enumerate(study["regions"]):
                bought, _ = purchases(study, limit, region, level[:, r])
                for year, amount in zip(years, bought.tolist(), strict=True):
                    if not amount:
                        continue
                    payer, nok = (
                        section["purchase"]["payer"],
                        amount * mean(section["purchase"]["price"]),
                    )
                    nok *= (1.0 + growth) ** max(year - cost["price_year"], 0)
                    self._charge({"payer": payer, "in_gross": True, "in_report": True}, year, nok)
                    self.discounted += nok * (1.0 + rate) ** (
                        study["time"]["first_decision"] - year
                    )

    def _charge(self, item: Any, at: int, nok: float) -> None:
        if item["in_gross"]:
            key = (item["payer"], at)
            self.gross[key] = self.gross.get(key, 0.0) + nok
        if item["in_report"]:
            self.report[at] = self.report.get(at, 0.0) + nok


def cost_of(result: Result, slots: Array) -> Costs:
    """Costs of a plan [time, region], from its slots alone."""
    added = np.cumsum(slots.sum(axis=1))
    costs = Costs(result.study, dict(zip(result.years, map(float, added), strict=True)))
    level = np.array(level_before(result.study)) + np.cumsum(slots, axis=0)
    costs.buy(result.study, list(result.years), level)
    return costs


def cvar(values: Array, confidence: float) -> float:
    """The mean of the worst share 1 - confidence of the values, the last one in part."""
    tail = (1.0 - confidence) * len(values)
    left, parts = tail, []
    for value in sorted(map(float, values), reverse=True):
        parts.append(min(left, 1.0) * value)
        left -= 1.0
        if left <= 0.0:
            break
    return math.fsum(parts) / tail


def near(found: Any, wanted: Any, relative: float = 1e-9, absolute: float = 1e-9) -> bool:
    """Whether all numbers agree."""
    return bool(np.allclose(found, wanted, rtol=relative, atol=absolute))


# ------------------------------------------------------------------- what the file says of itself


def complete(result: Result) -> Iterator[str]:
    """The file is finished, the study in it is the one whose hash it names, nothing is missing."""
    if result.attributes.get("complete") != "true":
        yield f"complete is {result.attributes.get('complete')!r}"
    if not str(result.attributes.get("lis1plan_schema")).startswith("1."):
        yield f"schema {result.attributes.get('lis1plan_schema')!r}"
    text = str(result.attributes["study_json"])
    if hashlib.sha256(text.encode()).hexdigest() != result.attributes["study_sha256"]:
        yield "study_sha256 is not the hash of study_json"
    for name in result.names("f"):
        gone = result.missing.get(name, False) | ~np.isfinite(result[name])
        if gone.any():
            gone &= ~np.broadcast_to(_may_be_missing(result, name), gone.shape)
        if gone.any():
            yield f"{name}: {int(gone.sum())} missing values"


NO_PLAN = {
    "frontier_status": "cost shortage_cost lower_bound risk risk_90 total slots",
    "table_status": "cost total",
    "table_same_status": "cost total",
    "plan_cheapest_status": "cost total",
}
"""Variables that lack values where there is no plan, by their status (docs/file-format.md)."""


def _may_be_missing(result: Result, name: str) -> Array:
    """Where the page of the format lets a variable have no value; broadcasts to its shape."""
    rules = list(result.study["risk"].values())
    if name in ("risk_limit", "risk_confidence", "risk_price", "table_limit"):
        return np.array([rule[name.split("_")[1]] is None for rule in rules])
    if name == "frontier_limit":
        return np.array(result.attributes["frontier_axis"] == "")
    if name == "plan_regret":
        return np.asarray(result["plan_cheapest_status"] != 1)
    if name.startswith("shadow_saved"):
        parts = [f"shadow_saved{end}" for end in ("", "_low", "_high")]
        return np.asarray(np.all([result.missing[part] for part in parts], axis=0))
    if name == "round_upper_bound":  # until the first plan is known
        return np.asarray(np.cumsum(~result.missing[name]) == 0)
    for status, endings in NO_PLAN.items():
        if name in [status.removesuffix("status") + ending for ending in endings.split()]:
            without = np.asarray(result[status] != 1)
            return without[:, None] if name.endswith("_slots") else without
    return np.array(False)


def axes(result: Result) -> Iterator[str]:
    """The axes are those of the study: years, dates, scenarios, plans."""
    time = result.study["time"]
    if result.years != list(range(time["first_year"], time["last_year"] + 1)):
        yield f"years {result.years[0]} to {result.years[-1]}, study {time}"
    epoch = datetime.date(2000, 1, 1)
    days = [(datetime.date(year, 7, 1) - epoch).days for year in result.years]
    if result["time"].tolist() != days:
        yield "time is not 1 July of the years"
    if result["realization"].tolist() != list(range(int(result.attributes["scenarios"]))):
        yield "realizations are not 0 to scenarios - 1"
    if result.plans[0] != "chosen" or "none" not in result.plans:
        yield f"plans {result.plans}"
    if result["plan"].tolist() != list(range(1, len(result.plans) + 1)):
        yield "plan codes do not count from 1"


def names(result: Result) -> Iterator[str]:
    """All names are UTF-8 and those of the study."""
    for name in result.names("S"):
        try:
            result.text(name)
        except UnicodeDecodeError as error:
            yield f"{name}: {error}"
            return
    for axis, section in {"region": "regions", "specialty": "groups", "limit": "risk"}.items():
        parts = result.study[section]
        if result.text(f"{axis}_id") != list(parts):
            yield f"{axis}_id {result.text(f'{axis}_id')}"
        if result.text(f"{axis}_name") != [part["name"] for part in parts.values()]:
            yield f"{axis}_name {result.text(f'{axis}_name')}"
    units = [limit["unit"] for limit in result.study["capacity"].values()]
    if result.text("supervision_unit") != units:
        yield f"supervision_unit {result.text('supervision_unit')}"


# ---------------------------------------------------------------------------------- the decision


def whole_slots(result: Result) -> Iterator[str]:
    """Slots are whole, not negative, and zero outside the decision years; on the frontier too."""
    plans = {name: result.plan("slots", p) for p, name in enumerate(result.plans)}
    plans |= {f"frontier {p}": result["frontier_slots"][:, p] for p in result.solved_frontier()}
    for name, slots in plans.items():
        if (slots != np.round(slots)).any() or (slots < 0).any():
            yield f"{name}: {slots[(slots != np.round(slots)) | (slots < 0)][:3]}"
        for y, year in enumerate(result.years):
            if not result.first_decision <= year <= result.last_decision and slots[y].any():
                yield f"{name}: {slots[y]} in {year}"
    if result.plan("slots", result.plans.index("none")).any():
        yield "the plan none opens slots"


def consistent_levels(result: Result) -> Iterator[str]:
    """Levels are the posts before any decision and the slots opened since."""
    before = np.array(level_before(result.study))
    for p, name in enumerate(result.plans):
        wanted = before + np.cumsum(result.plan("slots", p), axis=0)
        if not near(result.plan("level", p), wanted, absolute=1e-6):
            yield name


def ramps(result: Result) -> Iterator[str]:
    """The chosen plan and the frontier's keep national and regional ramp."""
    ramp = result.study["ramp"]
    regional = np.array([ramp["regional"][region]["value"] for region in result.regions])
    plans = {"chosen": result.plan("slots", 0)}
    plans |= {f"frontier {p}": result["frontier_slots"][:, p] for p in result.solved_frontier()}
    for name, slots in plans.items():
        for year, row in zip(result.years, slots, strict=True):
            if row.sum() > ramp["national"]["value"] + 1e-6:
                yield f"{name}: {row.sum():g} slots in {year}"
            for region in np.flatnonzero(row > regional + 1e-6):
                yield f"{name}: {row[region]:g} slots in {result.regions[region]} {year}"


def supervision_figures(result: Result) -> Iterator[str]:
    """Need and capacity follow from the study's own figures."""
    for c, limit in enumerate(result.text("capacity_id")):
        for r, region in enumerate(result.regions):
            for p, name in enumerate(result.plans):
                need, room = supervision(result.study, limit, region, result["level"][:, p, r])
                if not near(result["supervision_need"][:, p, c, r], need):
                    yield f"need of {limit} in {region}, {name}"
                bought, _ = purchases(result.study, limit, region, result["level"][:, p, r])
                if bought.any() and not near(result["supervision_bought"][:, p, c, r], bought):
                    yield f"purchases of {limit} in {region}, {name}"
            if not near(result["supervision_capacity"][:, c, r], room):
                yield f"capacity of {limit} in {region}"


def supervision_kept(result: Result) -> Iterator[str]:
    """Chosen plan and frontier stay within supervision; whoever breaks it is said to."""
    before = np.array(level_before(result.study))
    plans = {name: result.plan("slots", p) for p, name in enumerate(result.plans)}
    frontier = {f"frontier {p}": result["frontier_slots"][:, p] for p in result.solved_frontier()}
    flags = dict(zip(result.plans, result["plan_breaks_supervision"] == 1, strict=True))
    for name, slots in (plans | frontier).items():
        broken = _overfull(result, before + np.cumsum(slots, axis=0))
        if broken and (name == "chosen" or name in frontier):
            yield f"{name}: {broken[0]}"
        if name in flags and flags[name] != bool(broken):
            yield f"{name}: plan_breaks_supervision is {int(flags[name])}"


def _overfull(result: Result, level: Array) -> list[str]:
    found = []
    for limit in result.study["capacity"]:
        for r, region in enumerate(result.regions):
            need, room = supervision(result.study, limit, region, level[:, r])
            room = room + purchases(result.study, limit, region, level[:, r])[1]
            over = need > room * (1.0 + SUPERVISION_TOLERANCE)
            found += [
                f"{limit} in {region} {year}: {need[y]:.1f} of {room[y]:.1f}"
                for y, year in enumerate(result.years)
                if over[y] and year >= result.first_decision
            ]
    return found


# -------------------------------------------------------------------------------------- the cost


def discounted_cost(result: Result) -> Iterator[str]:
    """The objective follows from slots and cost items, month by month; on the frontier too."""
    for p, name in enumerate(result.plans):
        wanted = cost_of(result, result.plan("slots", p)).discounted
        if not near(result["plan_cost"][p], wanted, absolute=1.0):
            yield f"{name}: {result['plan_cost'][p]:.2f}, recomputed {wanted:.2f}"
    for p in result.solved_frontier():
        wanted = cost_of(result, result["frontier_slots"][:, p]).discounted
        wanted += result["frontier_shortage_cost"][p]
        if not near(result["frontier_cost"][p], wanted, absolute=1.0):
            yield f"frontier {p}: {result['frontier_cost'][p]:.2f}, recomputed {wanted:.2f}"


def yearly_cost(result: Result) -> Iterator[str]:
    """Cost by payer and year follows from the cost items."""
    for p, name in enumerate(result.plans):
        costs = cost_of(result, result.plan("slots", p))
        for i, payer in enumerate(result.text("payer_id")):
            wanted = [costs.gross.get((payer, year), 0.0) for year in result.years]
            if not near(result["cost_payer"][:, p, i], wanted, absolute=1.0):
                yield f"{name}: {payer}"
        wanted = [costs.report.get(year, 0.0) for year in result.years]
        if not near(result["cost_report"][:, p], wanted, absolute=1.0):
            yield f"{name}: cost_report"


def payers_add_up(result: Result) -> Iterator[str]:
    """Payers pay the gross cost, all of it and no more."""
    for p, name in enumerate(result.plans):
        paid = result.plan("cost_payer", p).sum(axis=1)
        if not near(paid, result.plan("cost_gross", p), absolute=1.0):
            yield name


def bounds(result: Result) -> Iterator[str]:
    """The lower bound lies below the cost, the gap is as stated and as asked."""
    said, cost = result.attributes, float(result["plan_cost"][0])
    lower, upper = float(said["lower_bound"]), float(said["upper_bound"])
    if not near(upper, cost, absolute=1.0):
        yield f"upper bound {upper:.2f}, cost {cost:.2f}"
    if lower > cost * (1.0 + 1e-12):
        yield f"lower bound {lower:.2f} above cost {cost:.2f}"
    gap = (cost - lower) / cost if cost > 0 else 0.0
    if abs(gap - float(said["relative_gap"])) > 1e-12:
        yield f"gap {float(said['relative_gap']):.3e}, recomputed {gap:.3e}"
    if said["solution_status"] == "optimal" and gap > result.study["solve"]["relative_gap"]:
        yield f"called optimal with a gap of {gap:.3e}"
    if float(said["lp_bound"]) > lower * (1.0 + 1e-9) + 1.0:
        yield f"bound of the relaxation {float(said['lp_bound']):.2f} above {lower:.2f}"


# -------------------------------------------------------------------------------------- the risk


def shortfalls(result: Result) -> Iterator[str]:
    """Z is never negative, and never above one where it is a share."""
    for c, (key, limit) in enumerate(result.study["risk"].items()):
        z = result["shortfall_z"][:, :, c]
        most = 1.0 if limit["measure"] == "relative" and limit["statistic"] != "sum" else np.inf
        if not ((z >= 0.0) & (z <= most)).all():
            yield f"{key}: {z.min():g} to {z.max():g}"


def risks(result: Result) -> Iterator[str]:
    """The CVaR of every plan and limit follows from Z."""
    for c, (key, limit) in enumerate(result.study["risk"].items()):
        if result["risk_confidence"][c] != limit["confidence"]:
            yield f"{key}: confidence {result['risk_confidence'][c]}"
        for p, name in enumerate(result.plans):
            wanted = cvar(result["shortfall_z"][:, p, c], limit["confidence"])
            found = result["risk_in_sample"][p, c]
            if not near(found, wanted, relative=1e-12, absolute=1e-12):
                yield f"{key}, {name}: {found:.15f}, recomputed {wanted:.15f}"


def limits_kept(result: Result) -> Iterator[str]:
    """The chosen plan keeps the study's limits; recomputed from Z."""
    for c, (key, limit) in enumerate(result.study["risk"].items()):
        if result["risk_limit"][c] != limit["limit"]:
            yield f"{key}: limit {result['risk_limit'][c]}, study {limit['limit']}"
        risk = cvar(result["shortfall_z"][:, 0, c], limit["confidence"])
        for allowed in (result["risk_limit"][c], limit["limit"]):
            if risk > allowed + RISK_TOLERANCE:
                yield f"{key}: {risk:.9f} above {allowed:.9f}"


def attainable(result: Result) -> Iterator[str]:
    """The chosen risk lies between floor and ceiling; the ceiling is the risk without new slots."""
    none = result.plans.index("none")
    for c, key in enumerate(result.text("limit_id")):
        low, high = result["risk_floor"][c], result["risk_ceiling"][c]
        risk = result["risk_in_sample"][0, c]
        if not low - ATTAINABLE_TOLERANCE <= risk <= high + ATTAINABLE_TOLERANCE:
            yield f"{key}: {risk:.9f} outside {low:.9f} to {high:.9f}"
        if not near(high, result["risk_in_sample"][none, c], relative=1e-12, absolute=1e-12):
            yield f"{key}: ceiling {high:.12f}"


def fresh_risk(result: Result) -> Iterator[str]:
    """The fresh risk lies within its interval."""
    low, risk, high = (result[f"risk_fresh{part}"] for part in ("_low", "", "_high"))
    if not ((low <= risk) & (risk <= high)).all():
        yield "outside"


def frontier(result: Result) -> Iterator[str]:
    """Frontier plans keep their limit and their bound; a laxer limit never costs more."""
    risk, limit = result["frontier_risk"], result["frontier_limit"]
    cost, lower = result["frontier_cost"], result["frontier_lower_bound"]
    solved = result.solved_frontier()
    if (limit != np.sort(limit)).any():
        yield "the limits do not rise"
    for p in solved:
        if risk[p] > limit[p] + RISK_TOLERANCE:
            yield f"point {p}: risk {risk[p]:.9f} above {limit[p]:.9f}"
        if lower[p] > cost[p] * (1.0 + 1e-12):
            yield f"point {p}: lower bound {lower[p]:.2f} above cost {cost[p]:.2f}"
        if result["frontier_total"][p] != result["frontier_slots"][:, p].sum():
            yield f"point {p}: {result['frontier_total'][p]:g} slots in all"
        for q in solved:
            if limit[q] >= limit[p] and lower[q] > cost[p] * (1.0 + 1e-9):
                yield f"point {q} asks for less than {p} and costs more"
    for p, status in enumerate(result["frontier_status"]):
        if (p not in solved and status == 1) or (p in solved and status == 0):
            yield f"point {p}: status {status}, cost {cost[p]:.2f}"


# -------------------------------------------------------------------------------- the projection


def probabilities(result: Result) -> Iterator[str]:
    """Probabilities and relative shortfalls lie in [0, 1]; probabilities count whole scenarios."""
    for name in ("shortage_probability", "shortfall_mean"):
        for prefix in ("", "national_"):
            values = result[prefix + name]
            if not ((values >= 0.0) & (values <= 1.0)).all():
                yield f"{prefix}{name}: {values.min():g} to {values.max():g}"
            counted = values * len(result["realization"])
            if "probability" in name and not near(counted, np.round(counted), absolute=1e-6):
                yield f"{prefix}{name}: not a number of scenarios"


def quantiles_in_order(result: Result) -> Iterator[str]:
    """Quantiles do not fall."""
    for name in ("supply", "demand"):
        for prefix in ("", "national_"):
            values = result[f"{prefix}{name}_quantile"]
            axis = result.dimensions[f"{prefix}{name}_quantile"].index("quantile")
            if (np.diff(values, axis=axis) < 0.0).any():
                yield f"{prefix}{name}_quantile"


def parts_add_up(result: Result) -> Iterator[str]:
    """Groups add up to regions, regions to the country; every slot is appointed to or unfilled."""
    for name in ("supply", "demand"):
        mean, groups = result[f"{name}_mean"], result[f"{name}_group_mean"].sum(axis=-2)
        if not near(mean, groups, relative=FLAT_TOLERANCE):
            yield f"{name}: groups"
        if not near(result[f"national_{name}_mean"], mean.sum(axis=-1), relative=FLAT_TOLERANCE):
            yield f"{name}: regions"
    filled = result["appointed_mean"] + result["unfilled_mean"]
    offered = result["level"]
    if result.study["lis1"]["half_years_to_start"] == 1:  # autumn rounds fill the next spring's
        spring = result.study["posts"]["spring_share"]["value"]
        following = np.concatenate([offered[1:], offered[-1:]])
        offered = (1.0 - spring) * offered + spring * following
    if not near(filled, offered, relative=FLAT_TOLERANCE):
        yield "appointed and unfilled are not the slots on offer"
    if (result["lacking_mean"] > result["unfilled_mean"] + 1e-3).any():
        yield "more unfilled for lack of applicants than unfilled"


CHECKS: dict[str, Check] = {
    check.__name__.replace("_", " "): check
    for check in (
        complete,
        axes,
        names,
        whole_slots,
        consistent_levels,
        ramps,
        supervision_figures,
        supervision_kept,
        discounted_cost,
        yearly_cost,
        payers_add_up,
        bounds,
        shortfalls,
        risks,
        limits_kept,
        attainable,
        fresh_risk,
        frontier,
        probabilities,
        quantiles_in_order,
        parts_add_up,
    )
}


def failures(path: Path) -> dict[str, list[str]]:
    """Every check by name and what it finds wrong, nothing if all is right."""
    result = Result(path)
    return {name: list(check(result)) for name, check in CHECKS.items()}


# ------------------------------------------------------------------------------------ the replay

SHARED = ("occupants", "starting", "trainees", "historic_until", "specialists")
SHARED += ("entry_age", "foreign_age", "landing", "fte")
"""Rates that all scenarios have in common: without an axis for scenarios."""


def replay(path: Path, count: int) -> dict[str, list[str]]:
    """What differs, by check, if `count` scenarios are run again by the naive oracle."""
    from lis1plan.configs.loader import study_from_text
    from lis1plan.core.flow.demand import build_demand
    from lis1plan.core.flow.rates import build_rates
    from lis1plan.core.scenarios.draws import draw, sample_of

    result = Result(path)
    study = study_from_text(str(result.attributes["study_json"]))
    sample, total = sample_of(study), len(result["realization"])
    found: dict[str, list[str]] = {"replayed inputs": [], "replayed shortfall": []}
    for i in sorted({round(i) for i in np.linspace(0, total - 1, min(count, total))}):
        draws = draw(study, sample, i, 1)
        found["replayed inputs"] += _other_inputs(result, i, draws)
        rates = {
            name: np.asarray(value if name in SHARED else value[0]).tolist()
            for name, value in build_rates(study, draws)._asdict().items()
        }
        demand = build_demand(study, draws)[0].tolist()
        found["replayed shortfall"] += _other_shortfalls(result, i, rates, demand)
    return found


def _other_inputs(result: Result, i: int, draws: Any) -> Iterator[str]:
    drawn = {f"input_{key.replace('.', '_')}": float(v[0]) for key, v in draws.figures.items()}
    drawn["input_demand_alternative"] = float(draws.alternative[0]) + 1.0
    drawn["input_demand_normalised"] = float(draws.normalised[0])
    for group, index in draws.need.items():
        drawn[f"input_demand_need_{group}"] = float(index[0]) + 1.0
    stored = {
        name
        for name, along in result.dimensions.items()
        if name.startswith("input_") and along == ("realization",)
    }
    if stored != set(drawn):
        yield f"drawn and stored figures differ: {sorted(stored ^ set(drawn))}"
    for name in sorted(stored & set(drawn)):
        if float(result[name][i]) != drawn[name]:
            yield f"scenario {i}: {name} is {result[name][i]}, drawn {drawn[name]}"


def _other_shortfalls(result: Result, i: int, rates: Any, demand: Any) -> Iterator[str]:
    naive, window = _naive(), result.study["time"]["window"]
    years = [y for y, year in enumerate(result.years) if window[0] <= year <= window[1]]
    for name in ("chosen", "none"):
        p = result.plans.index(name)
        supply = naive.flow(rates, result.plan("level", p).T.tolist())["supply"]
        for c, (key, limit) in enumerate(result.study["risk"].items()):
            judged = [result.regions.index(region) for region in limit["regions"]]
            how = (limit["scope"], limit["measure"], limit["statistic"])
            wanted = naive.shortfall(supply, demand, judged, years, *how)
            z = float(result["shortfall_z"][i, p, c])
            if abs(z - wanted) > 1e-9 * max(1.0, abs(wanted)):
                yield f"scenario {i}, {name}, {key}: {z:.12f}, replayed {wanted:.12f}"


def _naive() -> Any:
    """The module beside this one, whether this is run as a script or imported by a test."""
    spec = importlib.util.spec_from_file_location("naive", Path(__file__).with_name("naive.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(arguments: list[str]) -> int:
    """Print a line per check; return 1 if one fails."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("result", type=Path)
    parser.add_argument("--replay", type=int, default=0, metavar="N", help="scenarios to run again")
    asked = parser.parse_args(arguments)
    if "shortfall_z" not in Result(asked.result):
        parser.error(f"{asked.result}: holds a projection; name the result of `lis1plan run`")
    found = failures(asked.result)
    if asked.replay:
        found |= replay(asked.result, asked.replay)
    for name, problems in found.items():
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        print(f"FAIL {name}: {problems[0]}{more}" if problems else f"ok   {name}")
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
