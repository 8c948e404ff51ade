"""Outcomes for programs: what `--json` says of results."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from ..core.discovery.discover import METHODS
from ..core.scenarios.sample_size import verdict_in
from ..core.study.risk_limit import RiskLimit
from ..core.system.families import AXES
from ..report.reading import Reading
from ..report.texts.risk import chooser_in_words, judged_in_words
from ..report.texts.words import Words


def summary_of(result: xr.Dataset) -> dict[str, Any]:
    """Return the outcome of a run in a few numbers, for programs."""
    reading, words = Reading(result), Words("en")
    regions = [str(name) for name in result["region_id"].values]
    slots = result["slots"].isel(plan=0)
    summary: dict[str, Any] = {
        "study": result.attrs["study_name"],
        "status": result.attrs["solution_status"],
        "cost_nok": float(result["plan_cost"][0]),
        "cost_with_price_of_shortage_nok": float(result.attrs["upper_bound"]),
        "lower_bound_nok": float(result.attrs["lower_bound"]),
        "bound_certified": result.attrs["bound_certified"] in (True, "true"),
        "relative_gap": float(result.attrs["relative_gap"]),
        "slots": {
            region: {
                str(int(year)): int(value)
                for year, value in zip(result["year"].values, slots.values[:, r], strict=True)
                if value
            }
            for r, region in enumerate(regions)
        },
        "risk": {
            str(name): {
                "limit": none_of(result["risk_limit"][c].item()),
                "before": float(result["risk_ceiling"][c]),
                "in_sample": float(result["risk_in_sample"][0, c]),
                "fresh": float(result["risk_fresh"][0, c]),
                **judgement(reading.limits[c], words),
                "probability_before": reading.probability(c, reading.none),
                "probability_in_sample": reading.probability(c, 0),
            }
            for c, name in enumerate(result["limit_id"].values)
        },
    }
    for name, axis in AXES.items():
        if name in result:
            summary[name] = _beside(result, name, axis)
    return summary | _asked(result)


def _asked(result: xr.Dataset) -> dict[str, Any]:
    """Return what was asked beside the plan, for programs; nothing where nothing was."""
    said = dict[str, Any]()
    if "choice_cost" in result.attrs:
        said["choice"] = _choice(result)
    if "branch_slots" in result:
        said["review"] = _review(result)
    if "near_feature" in result:
        said["near_optimal"] = _near_optimal(result)
    if "discovery_limit" in result.attrs:
        said["discovery"] = _boxes(result)
    if "replications" in result.attrs:
        said["replications"] = verdict_of(result)
    return said


def _choice(result: xr.Dataset) -> dict[str, Any]:
    """Return the units of chosen measures by the years in which they change, cost and proof."""
    years, use = result["year"].values, result["measure_use"].values
    begun = np.diff(use, axis=0, prepend=0.0) != 0.0
    return {
        "status": str(result.attrs["choice_status"]),
        "cost_nok": float(result.attrs["choice_cost"]),
        "lower_bound_nok": none_of(float(result.attrs["choice_lower_bound"])),
        "portfolios": int(result.sizes["portfolio"]),
        "units": {
            str(name): {
                str(int(y)): float(u) for y, u in zip(years[steps], units[steps], strict=True)
            }
            for name, chosen, units, steps in zip(
                result["measure_id"].values,
                result["measure_chosen"].values,
                use.T,
                begun.T,
                strict=True,
            )
            if chosen
        },
    }


def _review(result: xr.Dataset) -> dict[str, Any]:
    """Return the plan that learns and what learning is worth, for programs."""
    years, slots = result["year"].values.tolist(), result["branch_slots"].values
    named = ["cost", "lower_bound", "value", "fresh_cost", "fresh_fixed_cost", "fresh_value"]
    named += ["rule_cost", "rule_fresh_cost"]
    branches = [
        {
            "above": [none_of(float(x)) for x in result["branch_above"].values[b]],
            "up_to": [none_of(float(x)) for x in result["branch_up_to"].values[b]],
            "probability": float(result["branch_probability"][b]),
            "cost_nok": float(result["branch_cost"][b]),
            "slots": {
                str(year): {
                    str(region): int(count)
                    for region, count in zip(result["region_id"].values, row, strict=True)
                    if count
                }
                for year, row in zip(years, slots[:, b], strict=True)
                if row.any()
            },
        }
        for b in range(result.sizes["branch"])
    ]
    return {
        "observes": str(result.attrs["review_observes"]),
        "unit": str(result.attrs["review_unit"]),
        "years": [int(year) for year in result["review_id"].values],
        "status": str(result.attrs["review_status"]),
        **{f"{name}_nok": none_of(float(result.attrs[f"review_{name}"])) for name in named},
        "branches": branches,
    }


def _near_optimal(result: xr.Dataset) -> dict[str, Any]:
    """Return the ranges of the features of near-optimal plans, for programs."""
    ends = ("least", "most", "least_bound", "most_bound")
    return {
        "most_cost_nok": float(result.attrs["near_most_cost"]),
        "plans": int(result.sizes["near"]),
        "features": {
            str(key): {
                "name": str(result["feature_name"].values[f]),
                "chosen": float(result["near_feature"][0, f]),
                **{end: none_of(float(result[f"feature_{end}"][f])) for end in ends},
            }
            for f, key in enumerate(result["feature_id"].values)
        },
    }


def _boxes(result: xr.Dataset) -> dict[str, Any]:
    """Return the boxes in which the plan fails, key -> both ends, for programs."""
    said = {key: result.attrs[f"discovery_{key}"] for key in ("limit", "failing")}
    told, methods = [], {code: method for method, code in METHODS.items()}
    for box in range(result.sizes.get("box", 0)):
        ends = {
            str(key): [none_of(float(result[f"box_{end}"][box, c])) for end in ("low", "high")]
            for c, key in enumerate(result["condition_id"].values)
        }
        told.append(
            {
                "method": methods[int(result["box_method"][box])],
                "where": {key: pair for key, pair in ends.items() if pair != [None, None]},
                **{of: float(result[f"box_{of}"][box]) for of in ("coverage", "density", "mass")},
            }
        )
    return said | {"boxes": told}


def _beside(result: xr.Dataset, name: str, axis: str) -> dict[str, dict[str, dict[str, float]]]:
    """Return new LIS2/3 or earmarked posts of the first plan, group or track -> region -> year."""
    posts, years = result[name].isel(plan=0).values, result["year"].values
    return {
        str(group): {
            str(region): {
                str(int(year)): float(value)
                for year, value in zip(years, posts[:, k, r], strict=True)
                if value
            }
            for r, region in enumerate(result["region_id"].values)
        }
        for k, group in enumerate(result[f"{axis}_id"].values)
    }


def judgement(limit: RiskLimit, words: Words) -> dict[str, str]:
    """Return in words what a limit judges and who chose it, for programs."""
    return {
        "judged": judged_in_words(limit, words),
        "chosen_by": chooser_in_words(limit, words),
        "chosen_why": limit.assumption or limit.source,
    }


def none_of(value: float) -> float | None:
    """Return a number for programs: JSON knows no NaN."""
    return value if np.isfinite(value) else None


def verdict_of(result: xr.Dataset) -> dict[str, Any]:
    """Return what the replications in a result say about the size of its sample, for programs."""
    said = verdict_in(result.attrs)
    return {
        "sizes": result["size_scenarios"].values.tolist(),
        "spread_of_cost": said.spread.tolist(),
        "excess_of_risk": [none_of(x) for x in said.excess],
        "solved": said.solved.tolist(),
        "enough": said.enough,
        "recommended_scenarios": said.recommended,
    }
