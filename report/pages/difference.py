"""Differences: what two results were asked differently, and what came out differently, in words."""

from __future__ import annotations

import json
from typing import NamedTuple

import numpy as np
import xarray as xr

from ...core.files.comparison import Difference, changes, differences, versions
from ...core.system.families import AXES
from ..reading import Reading
from ..texts.risk import chooser_in_words, judged_in_words, what_in_words
from ..texts.words import Words

KINDS = {"posts": "LIS2/3", "tracks": "earmarked LIS1"}
BOUNDS = ("solution_status", "upper_bound", "lower_bound", "relative_gap", "lp_bound")
SAMPLE = ("scenarios", "seed", "sampling_method", "fresh_scenarios")
OPTIONS = (
    "over",
    "sensitivity_method",
    "sensitivity_samples",
    "replications",
    "compared_plans",
    "significant_digits",
)
TOLD = {
    "plan": ("slots", "level"),
    "cost": ("plan_cost",),
    "risk": ("risk_in_sample", "risk_fresh"),
    "bounds": BOUNDS,
}
"""What has lines of its own, if its part has any; all else is told variable by variable."""


class Change(NamedTuple):
    """One thing that differs, before and after."""

    what: str
    before: str
    after: str


class Differences(NamedTuple):
    """What differs between two results, in the order in which one asks."""

    study: list[Change]  # dotted keys
    sample: list[Change]  # seed, scenarios, method as run; options of the command
    versions: list[Change]
    plan: list[Change]  # new slots of the first plan, by region and year
    cost: list[Change]
    risk: list[Change]
    bounds: list[Change]
    data: list[Difference]  # all variables and findings that differ in any bit


def differ(one: xr.Dataset, other: xr.Dataset) -> Differences:
    """Return what differs between two results."""
    return Differences(
        study=study_changes(one, other),
        sample=_attributes(one, other, SAMPLE + OPTIONS),
        versions=_changed(versions(one.attrs), versions(other.attrs)),
        plan=_changed(_plan(one), _plan(other)),
        cost=_changed(_cost(one), _cost(other)),
        risk=_changed(_risk(one), _risk(other)),
        bounds=_attributes(one, other, BOUNDS),
        data=differences(one, other),
    )


def in_words(found: Differences) -> list[str]:
    """Return the differences a line each; the last says whether the data are the same."""
    lines = []
    for title in ("study", "sample", "versions", "plan", "cost", "risk", "bounds"):
        for what, before, after in getattr(found, title):
            lines.append(f"{title}: {what}: {before} → {after}")
    told = {name for title, names in TOLD.items() if getattr(found, title) for name in names}
    others = [each for each in found.data if each.name not in told]
    lines += [f"data: {name}: {how}" for name, how in others]
    last = "identical data" if not found.data else f"{len(found.data)} variables or findings differ"
    return [*lines, last]


def for_programs(found: Differences) -> dict[str, object]:
    """Return the differences as plain values."""
    said: dict[str, object] = {"identical_data": not found.data}
    for title, values in found._asdict().items():
        said[title] = [each._asdict() for each in values]
    return said


def _changed(before: dict[str, str], after: dict[str, str]) -> list[Change]:
    return [Change(what, *both) for what, both in changes(before, after).items()]


def _attributes(one: xr.Dataset, other: xr.Dataset, keys: tuple[str, ...]) -> list[Change]:
    both = [{k: _said(data.attrs[k]) for k in keys if k in data.attrs} for data in (one, other)]
    return _changed(both[0], both[1])


def study_changes(one: xr.Dataset, other: xr.Dataset) -> list[Change]:
    """Return the dotted keys of the study whose values differ."""
    flat = [_flat("", json.loads(str(data.attrs["study_json"]))) for data in (one, other)]
    return _changed(flat[0], flat[1])


def _flat(key: str, value: object) -> dict[str, str]:
    """Return the leaves of a nested value by dotted key; list items count from 1."""
    if isinstance(value, dict) and value:
        parts = [_flat(f"{key}.{name}" if key else name, item) for name, item in value.items()]
    elif isinstance(value, list) and value:
        parts = [_flat(f"{key}[{n}]", item) for n, item in enumerate(value, start=1)]
    else:
        return {key: json.dumps(value, ensure_ascii=False)}
    return {name: leaf for part in parts for name, leaf in part.items()}


def _plan(data: xr.Dataset) -> dict[str, str]:
    """Return the new slots of the first plan: in all, and by region and year."""
    if "slots" not in data:
        return {}
    slots = data["slots"].isel(plan=0).transpose("region", "time").values
    regions, years = data["region_name"].values, data["year"].values
    by_place = {f"{regions[r]} {years[y]}": f"{slots[r, y]:g}" for r, y in np.ndindex(slots.shape)}
    found = {"new slots in all": f"{slots.sum():g}"} | by_place
    for name, axis in AXES.items():
        if name in data:
            posts = data[name].isel(plan=0).transpose(axis, "region", "time").values
            labels = data[f"{axis}_name"].values
            found[f"new {KINDS[name]} posts in all"] = f"{posts.sum():g}"
            for k, r, y in np.ndindex(posts.shape):
                found[f"{labels[k]}, {regions[r]} {years[y]}"] = f"{posts[k, r, y]:g}"
    return found


def _cost(data: xr.Dataset) -> dict[str, str]:
    """Return the discounted cost of every plan, in million NOK."""
    if "plan_cost" not in data:
        return {}
    return {
        f"{name}, discounted": f"{value / 1e6:,.3f} million NOK"
        for name, value in zip(data["plan_name"].values, data["plan_cost"].values, strict=True)
    }


def _risk(data: xr.Dataset) -> dict[str, str]:
    """Return of the first plan what each limit judges, its limit, and who chose that."""
    if "risk_in_sample" not in data:
        return {}
    found, reading, words = {}, Reading(data), Words("en")
    for c, name in enumerate(reading.names("limit")):
        judged = f"{name}, {judged_in_words(reading.limits[c], words)}"
        found[f"{judged}, limit"] = f"{reading.at('risk_limit', limit=c):.6g}"
        found[f"{judged}, in sample"] = f"{reading.at('risk_in_sample', plan=0, limit=c):.6g}"
        if "risk_fresh" in data:
            fresh = reading.at("risk_fresh", plan=0, limit=c)
            found[f"{judged}, fresh scenarios"] = f"{fresh:.6g}"
        any_ = f"{name}, probability of any {what_in_words(reading.limits[c], words)}, in sample"
        found[any_] = f"{reading.probability(c, 0):.6g}"
        found[f"{name}, who chose the limit"] = chooser_in_words(reading.limits[c], words)
    return found


def _said(value: object) -> str:
    return f"{float(value):.10g}" if isinstance(value, float | np.floating) else str(value)
