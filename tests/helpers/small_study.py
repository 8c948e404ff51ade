"""Small, awkward studies for the tests: everything random by seed, nothing realistic.

Each is a complete, valid `Study`, derived from the built-in one so that a new key is never
forgotten. The training is short and few ages are told apart, so that the naive oracle answers in
milliseconds.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lis1plan.configs.loader import load_study
from lis1plan.core.flow.demand import build_demand
from lis1plan.core.flow.rates import build_rates
from lis1plan.core.scenarios.draws import draw
from lis1plan.core.scenarios.sampling import Sample
from lis1plan.core.study.study import Study

from .rates_of import SHARED

Floats = NDArray[np.float64]
Data = dict[str, Any]


WHY = "made up for the tests"
AGES = range(45, 59)
AUTUMN_STARTS: Data = {
    "lis1.half_years_to_start": 1,
    "lis1.appointed_before_start": (41.0, 37.0, 44.0, 39.0),
}
"""Changes under which spring rounds start in autumn, those of autumn in the next spring."""


@cache
def _preset() -> Study:
    return load_study("norway-2019")


def fixed(value: float) -> Data:
    """A figure without uncertainty."""
    return {"value": float(value), "assumption": WHY}


def between(low: float, high: float) -> Data:
    """A figure equally likely between two values."""
    return {"distribution": "uniform", "low": low, "high": high, "assumption": WHY}


def pert(low: float, mode: float, high: float) -> Data:
    """A figure most likely at one value."""
    return {"distribution": "pert", "low": low, "mode": mode, "high": high, "assumption": WHY}


def small_study(
    seed: int,
    *,
    regions: int = 2,
    groups: int = 1,
    scenarios: int = 40,
    applicants: float = 1.3,
    slack: float = 0.3,
    leakage: tuple[float, float] = (0.08, 0.2),
    changes: Mapping[str, Any] | None = None,
) -> Study:
    """A study of few regions, 2018 to 2030, decisions 2020 to 2024, window 2027 to 2030.

    Parameters
    ----------
    applicants : newcomers a year as a multiple of the posts; close to 1 makes the queue bind.
    slack : room for supervision beyond today's use; small makes capacity bind.
    changes : dotted key -> value, applied last; a key must exist.
    """
    data = small_data(seed, regions, groups, scenarios, applicants, slack, leakage)
    return Study.model_validate(_changed(data, changes or {}))


def small_data(
    seed: int,
    regions: int = 2,
    groups: int = 1,
    scenarios: int = 40,
    applicants: float = 1.3,
    slack: float = 0.3,
    leakage: tuple[float, float] = (0.08, 0.2),
) -> Data:
    """The content of a small study, before it is checked."""
    choose = random.Random(seed)
    data = _preset().model_dump()
    data["time"] = {
        "first_year": 2018,
        "last_year": 2030,
        "first_decision": 2020,
        "last_decision": 2024,
        "window": (2027, 2030),
    }
    names = list(data["regions"])[:regions]
    posts = {name: choose.randint(25, 90) for name in names}
    _set_regions(data, choose, posts)
    _set_groups(data, choose, groups)
    _set_doctors(data, choose, sum(posts.values()), applicants, leakage)
    _set_demand(data, choose, sum(posts.values()))
    _set_limits(data, choose, posts, slack)
    data["cost"]["specialist_training"] = None
    data["measure"] = {}
    data["sampling"] = {
        "method": "monte_carlo",
        "scenarios": scenarios,
        "fresh_scenarios": 2 * scenarios,
        "proposal_table": None,
        "seed": seed,
    }
    data["solve"] = {"relative_gap": 1e-4, "time_limit_seconds": 60.0, "frontier_points": 4}
    return data


def changed(study: Study, changes: Mapping[str, Any]) -> Study:
    """The study with some keys changed, each a dotted key -> value; a key must exist."""
    return Study.model_validate(_changed(study.model_dump(), changes))


def unsold(study: Study) -> Study:
    """The study where nothing can be bought beyond the free room."""
    return changed(study, {f"capacity.{name}.purchase": None for name in study.capacity})


def with_limits(study: Study, limits: Sequence[float] | Floats) -> Study:
    """The study with other risk limits, in their order."""
    keys = [f"risk.{name}.limit" for name in study.risk]
    return changed(study, dict(zip(keys, map(float, limits), strict=True)))


def one_limit(
    regions: Sequence[str],
    limit: float = 0.1,
    *,
    scope: str = "pooled",
    measure: str = "relative",
    statistic: str = "mean",
    confidence: float = 0.5,
) -> Data:
    """A risk limit as it stands in a study; its name says how it judges whom."""
    return {
        "name": f"{' and '.join(regions)}, {scope} {measure} {statistic}",
        "regions": tuple(regions),
        "scope": scope,
        "measure": measure,
        "statistic": statistic,
        "confidence": confidence,
        "limit": limit,
        "assumption": WHY,
    }


def limits_of(study: Study) -> Floats:
    """The risk limits, [limit]."""
    return np.array([limit.limit for limit in study.risk.values()])


def naive_scenarios(study: Study, sample: Sample) -> tuple[list[Data], list[Any]]:
    """Every scenario's rates as the naive oracle takes them, and its demand [H/2][K][R]."""
    draws = draw(study, sample, 0, sample.scenarios)
    rates = build_rates(study, draws)._asdict()
    nested = []
    for i in range(sample.scenarios):
        one = {
            name: np.asarray(value if name in SHARED else value[i]).tolist()
            for name, value in rates.items()
        }
        nested.append(one)
    return nested, build_demand(study, draws).tolist()


def random_slots(study: Study, seed: int, fractional: bool = False) -> Floats:
    """A plan [region, decision year] within the regional ramps, whatever supervision says."""
    draw_from = np.random.default_rng(seed)
    ramp = np.array([study.ramp.regional[name].value for name in study.regions])
    slots = draw_from.uniform(0.0, 1.0, (len(ramp), len(study.decision_years)))
    slots *= draw_from.integers(0, 2, slots.shape) * ramp[:, None]
    return slots if fractional else np.floor(slots)


def _changed(data: Data, changes: Mapping[str, Any]) -> Data:
    for key, value in changes.items():
        *parents, last = key.split(".")
        place = data
        for parent in parents:
            place = place[parent]
        assert last in place, f"no key {key}"
        place[last] = value
    return data


def _set_regions(data: Data, choose: random.Random, posts: Mapping[str, int]) -> None:
    low = {name: choose.uniform(0.6, 0.75) for name in posts}
    data["regions"] = {
        name: {
            "name": name.title(),
            "posts_in_use": fixed(count),
            "retention": between(low[name], low[name] + 0.15),
        }
        for name, count in posts.items()
    }
    data["posts"]["spring_share"] = fixed(choose.uniform(0.4, 0.6))
    data["posts"]["unused"] = fixed(choose.randint(0, 2))
    data["comparison"] = {}


def _set_groups(data: Data, choose: random.Random, groups: int) -> None:
    """One group, or a second one with its own choice, stock and unmet need."""
    names = ["hospital", "general_practice"][:groups]
    shares = [1.0] if groups == 1 else [0.75, 0.25]
    data["groups"] = {
        name: {"name": name, "foreign_share": fixed(share), "direct_share": fixed(share)}
        for name, share in zip(names, shares, strict=True)
    }
    if groups == 2:
        data["groups"]["general_practice"]["choice"] = between(0.2, 0.35)
    if groups == 1:
        data["demand"]["need"] = {}
    data["demand"]["unmet"] = {
        name: {
            "missing": between(0.0, choose.uniform(5.0, 30.0)),
            "counts": "doctors" if name == "general_practice" else "specialists",
        }
        for name in names
    }


def _set_doctors(
    data: Data, choose: random.Random, posts: int, applicants: float, leakage: tuple[float, float]
) -> None:
    """Applicants, trainees and specialists that would roughly stand still without policy."""
    part = {"norway": 0.5, "eu_eea": 0.4, "outside": 0.1}
    for name, share in part.items():
        per_year = applicants * share * posts
        data["applicants"][name]["net_per_year"] = between(0.85 * per_year, 1.1 * per_year)
        data["applicants"][name]["spring_share"] = fixed(choose.uniform(0.4, 0.7))
    data["queue"] |= {
        "leakage": between(*leakage),
        "fill_rate": between(0.9, 1.0),
        "unplaced_at_start": fixed(0.1 * posts),
        "reference_unplaced_spring": fixed(0.1 * posts),
        "reference_unplaced_autumn": fixed(0.05 * posts),
    }
    data["lis1"]["half_years_to_start"] = 0
    data["lis1"]["appointed_before_start"] = tuple(
        posts * choose.uniform(0.4, 0.5) for _ in range(3)
    )
    data["training"] |= {
        "shortest_years": fixed(2.0),
        "mean_years": between(2.5, 3.0),
        "longest_years": fixed(5.0),
        "trainees_at_start": fixed(2.5 * posts),
        "completion_share_historic": pert(0.65, 0.72, 0.80),
        "historic_until": 2019,
    }
    data["without_speciality"] = None
    data["correlation"] = tuple(
        pair for pair in data["correlation"] if not pair["keys"][1].startswith("without_spec")
    )
    data["direct_entry"]["per_year_before"] = fixed(0.05 * posts)
    data["direct_entry"]["per_year_after"] = between(0.0, 0.03 * posts)
    names = list(data["groups"])
    stock = 10.0 * posts / (len(AGES) * len(names))
    rows = [(group, age) for group in names for age in AGES]
    data["specialists"] |= {
        "stock": tuple(
            {"group": g, "age": a, "persons": stock * choose.uniform(0.7, 1.3), "assumption": WHY}
            for g, a in rows
        ),
        "retirement": tuple(
            {"group": g, "age": a, "yearly_share": choose.uniform(0.0, 0.02), "assumption": WHY}
            for g, a in rows
        ),
        "other_exits_per_year": between(0.0, 0.1 * posts),
        "other_exits_below_age": 54,
        "entry_age_mean": fixed(46.0),
        "entry_age_sd": fixed(1.0),
        "foreign_per_year": between(0.0, 0.1 * posts),
        "senior_age": 55,
    }


def _set_demand(data: Data, choose: random.Random, posts: int) -> None:
    growth = [posts * choose.uniform(low, low + 0.3) for low in (-0.3, 0.1, 0.5)]
    data["demand"] |= {
        "alternatives": tuple(
            {
                "id": f"path_{i}",
                "name": f"Path {i}",
                "doctors_per_year": per_year,
                "population": "all",
                "unit": "FTE",
                "assumption": WHY,
            }
            for i, per_year in enumerate(growth)
        ),
        "weights": tuple(
            {"table": table, "alternative": f"path_{i}", "weight": weight, "assumption": WHY}
            for table, weights in (("even", (1.0, 1.0, 1.0)), ("steep", (0.0, 1.0, 2.0)))
            for i, weight in enumerate(weights)
        ),
        "weight_table": "even",
        "by_group": None,
        "noise_sd": fixed(0.1 * posts),
        "normalisation_per_year": between(0.0, 0.1 * posts),
        "normalisation_until": 2026,
    }


def _set_limits(data: Data, choose: random.Random, posts: Mapping[str, int], slack: float) -> None:
    """Supervision, none of it for sale, ramp and two risk limits: the country, its first region."""
    for limit in data["capacity"].values():
        limit["purchase"] = None
    data["supervision"] = tuple(
        {
            "limit": limit,
            "region": name,
            "slack": slack * choose.uniform(0.5, 1.5) + 0.05,
            "growth_per_year": choose.uniform(0.0, 0.02),
            "assumption": WHY,
        }
        for limit in data["capacity"]
        for name in posts
    )
    national = max(4, sum(posts.values()) // 8)
    data["ramp"] = {
        "national": fixed(national),
        "regional": {name: fixed(max(3, count // 6)) for name, count in posts.items()},
    }
    first = next(iter(posts))
    data["risk"] = {
        "country": one_limit(list(posts), confidence=choose.choice([0.3, 0.5, 0.75]))
        | {"name": "The country"},
        "region": one_limit([first], confidence=choose.choice([0.0, 0.5, 0.8])),
    }
