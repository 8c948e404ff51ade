"""Comparison: where the data of two results differ, bit for bit or beyond a tolerance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from .checksums import variable_sha256

FINDINGS = (
    "solution_status",
    "upper_bound",
    "lower_bound",
    "relative_gap",
    "lp_bound",
    "rounded_lp_cost",
    "rounded_lp_feasible",
    "bound_certified",
    "concavity_failures",
    "concavity_largest_excess_fte",
    "rounds",
    "cuts",
    "binding_limits",
)
"""Attributes that a run finds out; the others say what was asked, when, where and with what."""


class Difference(NamedTuple):
    """A variable or attribute that differs, and how."""

    name: str
    how: str


def differences(one: xr.Dataset, other: xr.Dataset, tolerance: float = 0.0) -> list[Difference]:
    """Return the variables and findings that differ; with tolerance 0 in any bit.

    A number differs beyond the tolerance if it is off by more than tolerance x (1 + its size).
    """
    names = list(dict.fromkeys(map(str, [*one.variables, *other.variables])))
    found = []
    for name in names:
        if name not in one.variables or name not in other.variables:
            found.append(Difference(name, f"only in the {_place(name in one.variables)}"))
        elif variable_sha256(one[name]) != variable_sha256(other[name]):
            how = _how(one[name], other[name], tolerance)
            found += [Difference(name, how)] * bool(how)
    for key in FINDINGS:
        before, after = one.attrs.get(key), other.attrs.get(key)
        if not _same(before, after, tolerance):
            found.append(Difference(key, f"{before} → {after}"))
    return found


def versions(attributes: Mapping[str, Any]) -> dict[str, str]:
    """Return the versions of what made a result: program, commit, packages, Python."""
    try:
        packages = json.loads(str(attributes.get("package_versions", "{}")))
    except ValueError:
        packages = {"packages": attributes["package_versions"]}
    own = {
        "lis1plan": attributes.get("lis1plan_version", "unknown"),
        "git_commit": attributes.get("git_commit", "unknown"),
        "platform": attributes.get("platform", "unknown"),
    }
    return {name: str(value) for name, value in (own | packages).items()}


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return the keys whose values differ, with both values; "none" where there is no such key."""
    keys = dict.fromkeys([*before, *after])
    both = {key: (before.get(key, "none"), after.get(key, "none")) for key in keys}
    return {key: pair for key, pair in both.items() if pair[0] != pair[1]}


def _place(in_first: bool) -> str:
    return "first" if in_first else "second"


def _how(one: xr.DataArray, other: xr.DataArray, tolerance: float) -> str:
    """Return in words how two variables differ, or nothing if they do within the tolerance."""
    if one.dims != other.dims or one.shape != other.shape:
        return f"{_shape(one)} → {_shape(other)}"
    a, b = np.asarray(one.values), np.asarray(other.values)
    if a.dtype.kind not in "biuf" or b.dtype.kind not in "biuf":
        return "" if np.array_equal(a, b) else "other text"
    if tolerance == 0.0 and a.dtype.kind != b.dtype.kind:
        return f"{a.dtype} → {b.dtype}"
    a, b = a.astype(np.float64), b.astype(np.float64)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    size = np.abs(np.where(same, 0.0, a - b))
    if tolerance > 0.0 and bool((size <= tolerance * (1.0 + np.abs(a)))[~same].all()):
        return ""
    if same.all():
        return "in bits that no number shows"
    largest = float(np.nanmax(size)) if np.isfinite(size).any() else float("nan")
    return f"{int((~same).sum())} of {same.size} values, by at most {largest:.3g}"


def _shape(variable: xr.DataArray) -> str:
    return ", ".join(f"{size} {dim}" for dim, size in variable.sizes.items()) or "one value"


def _same(one: Any, other: Any, tolerance: float) -> bool:  # noqa: ANN401
    """Tell whether two attributes agree, however their types were stored."""
    if isinstance(one, str | bool | None) or isinstance(other, str | bool | None):
        return str(one).lower() == str(other).lower()
    size = abs(float(one) - float(other))
    return size <= tolerance * (1.0 + abs(float(one))) or float(one) == float(other)
