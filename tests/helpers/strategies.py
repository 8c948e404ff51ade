"""Strategies: random complete studies for the laws, from the smallest to all a study can say.

Each is a valid `Study` made of `small_data` with other sizes and, in any combination, the EXTRAS.
Numbers are random by seed, nothing is realistic; a failing example prints the call that made it.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from typing import Any

from hypothesis import strategies as st

from lis1plan.core.study.study import Study

from .small_study import WHY, Data, between, fixed, small_data

GROUPS = ("hospital", "general_practice", "psychiatry", "surgery")
ARENAS = ("clinic", "practice")


def random_study(
    seed: int,
    *,
    regions: int = 1,
    groups: int = 1,
    stages: int = 1,
    applicants: float = 1.2,
    extras: Collection[str] = (),
    scenarios: int = 2,
) -> Study:
    """A study of the given sizes with some of the EXTRAS.

    Parameters
    ----------
    applicants : newcomers a year as a multiple of the posts; at 1 the queue binds.
    """
    choose = random.Random(seed)
    data = small_data(seed, regions, applicants=applicants, scenarios=scenarios)
    data["correlation"] = ()
    _set_training(data, choose, stages)
    _set_time(data, choose, stages)
    _set_arenas(data, choose)
    _set_groups(data, choose, GROUPS[:groups])
    _set_ages(data, choose)
    _set_composition(data, choose)
    for extra in sorted(extras):
        EXTRAS[extra](data, choose)
    return Study.model_validate(data)


def _set_training(data: Data, choose: random.Random, stages: int) -> None:
    shortest = choose.randint(1, 5) / 2
    longest = shortest + choose.randint(1, 5) / 2
    mean = shortest + (longest - shortest) * choose.uniform(0.1, 0.5)
    data["posts"]["stages"] = tuple(choose.choice(ARENAS) for _ in range(stages))
    posts = sum(region["posts_in_use"]["value"] for region in data["regions"].values())
    data["lis1"]["appointed_before_start"] = tuple(
        posts * choose.uniform(0.4, 0.5) for _ in range(stages)
    )
    data["lis1"]["late_withdrawal"] = {}
    data["training"] |= {
        "shortest_years": fixed(shortest),
        "mean_years": between(mean, mean + 0.5 * (longest - mean)),
        "longest_years": fixed(longest),
        "historic_until": 2018 + choose.randint(0, stages // 2),
    }


def _set_time(data: Data, choose: random.Random, stages: int) -> None:
    """Decisions from 2019 or 2020; a window that the first slots reach."""
    first = choose.choice([2019, 2020])
    shortest = data["training"]["shortest_years"]["value"]
    reached = first + (stages + round(2 * shortest) - 1) // 2
    last = reached + choose.randint(2, 4)
    data["time"] = {
        "first_year": 2018,
        "last_year": last,
        "first_decision": first,
        "last_decision": min(first + choose.randint(1, 3), last),
        "window": (choose.choice([reached, reached + 1]), last),
    }
    data["direct_entry"]["closes"] = choose.randint(2018, last)


def _set_arenas(data: Data, choose: random.Random) -> None:
    """Costs and limits of supervision in the arenas there are."""
    arenas = sorted(set(data["posts"]["stages"]))
    for limit in data["capacity"].values():
        limit["arena"] = choose.choice(arenas)
    data["cost"]["stay_months"] = {a: 6 * data["posts"]["stages"].count(a) for a in arenas}
    data["cost"]["components"] = tuple(
        {
            "item": timing,
            "payer": choose.choice(["state", "employer"]),
            "timing": timing,
            "amount_nok": choose.uniform(10.0, 1000.0),
            "in_report": True,
            "in_gross": True,
            "assumption": WHY,
        }
        for timing in ("start", *(f"stay:{a}" for a in arenas), f"autumn_after:{arenas[0]}")
    )


def _shares(choose: random.Random, count: int) -> list[float]:
    weights = [choose.uniform(0.2, 1.0) for _ in range(count)]
    return [weight / sum(weights) for weight in weights]


def _set_groups(data: Data, choose: random.Random, names: tuple[str, ...]) -> None:
    foreign, direct = _shares(choose, len(names)), _shares(choose, len(names))
    data["groups"] = {}
    for n, name in enumerate(names):
        low = choose.uniform(0.05, 0.2)
        data["groups"][name] = {
            "name": name,
            "choice": None if n == 0 else between(low, low + 0.1),
            "foreign_share": fixed(foreign[n]),
            "direct_share": fixed(direct[n]),
        }
    data["demand"]["unmet"] = {
        name: {
            "missing": between(0.0, choose.uniform(5.0, 30.0)),
            "counts": choose.choice(["doctors", "specialists"]),
        }
        for name in choose.sample(names, choose.randint(0, len(names)))
    }
    data["demand"]["need"] = {}


def _set_ages(data: Data, choose: random.Random) -> None:
    posts = sum(region["posts_in_use"]["value"] for region in data["regions"].values())
    youngest = choose.randint(28, 50)
    span = range(youngest, youngest + choose.randint(3, 15))
    rows = [(group, age) for group in data["groups"] for age in span]
    stock = 10.0 * posts / len(rows)
    below = choose.randint(youngest + 1, span[-1] + 2)
    starts = {g: choose.randint(0, min(below - youngest, len(span) - 1)) for g in data["groups"]}
    data["specialists"] |= {
        "stock": tuple(
            {"group": g, "age": a, "persons": stock * choose.uniform(0.5, 1.5), "assumption": WHY}
            for g, a in rows
        ),
        "retirement": tuple(
            {"group": g, "age": a, "yearly_share": choose.uniform(0.0, 0.1), "assumption": WHY}
            for g, first in starts.items()
            for a in span[first:]
        ),
        "retirement_shift_years": between(-1.0, 1.5),
        "other_exits_below_age": below,
        "entry_age_mean": fixed(choose.uniform(youngest, span[-1])),
        "entry_age_sd": fixed(choose.uniform(0.5, 4.0)),
        "senior_age": choose.randint(youngest, span[-1] + 2),
    }


def _set_composition(data: Data, choose: random.Random) -> None:
    for origin in data["applicants"].values():
        low = choose.uniform(0.1, 2.0)
        origin["propensity"] = between(low, low * choose.uniform(1.1, 3.0))
        origin["abroad"] = choose.random() < 0.5
    for name in data["composition"]:
        data["composition"][name] = fixed(choose.random())


def _history(data: Data, choose: random.Random) -> None:
    years = range(2018, data["time"]["first_decision"])
    data["posts"]["history"] = tuple(
        {
            "year": year,
            "region": region,
            "posts": choose.randint(20, 100),
            "published": choose.random() < 0.5,
            "assumption": WHY,
        }
        for year in years
        for region in data["regions"]
        if choose.random() < 0.7
    )
    data["posts"]["unpublished_factor"] = between(0.8, 1.1)


def _withdrawal(data: Data, choose: random.Random) -> None:
    arena = choose.choice(data["posts"]["stages"])
    data["lis1"]["late_withdrawal"] = {arena: between(0.0, choose.uniform(0.05, 0.3))}


def _processes(data: Data, choose: random.Random) -> None:
    data["specialists"]["foreign_process"] = {
        "process": "regimes",
        "yearly_probability": choose.uniform(0.05, 0.4),
        "factors_reached": (0.5, 2.0),
        "assumption": WHY,
    }
    origin = choose.choice(sorted(data["applicants"]))
    data["applicants"][origin]["process"] = {
        "process": "autoregressive",
        "sd": choose.uniform(0.05, 0.3),
        "correlation": choose.uniform(-0.5, 0.9),
        "assumption": WHY,
    }


def _correlation(data: Data, choose: random.Random) -> None:
    keys = ["demand.alternative", "queue.leakage", "queue.fill_rate", "demand.growth_error"]
    one, other, third = choose.sample(keys, 3)
    data["correlation"] = tuple(
        {"keys": pair, "rank": choose.uniform(-0.6, 0.6), "assumption": WHY}
        for pair in ((one, other), (other, third))
    )


def _need(data: Data, choose: random.Random) -> None:
    data["demand"]["need"] = {
        choose.choice(sorted(data["groups"])): {
            "models": tuple(
                {"id": f"m{n}", "name": "m", "per_year": 4.0 * n, "weight": n, "assumption": WHY}
                for n in (1, 2, 3)
            ),
            "used": True,
            "replaced_per_year": between(2.0, 6.0),
        }
    }


def _by_group(data: Data, choose: random.Random) -> None:
    """Growth by group, now and then the reverse of what the supply would give."""
    groups = sorted(data["groups"])
    rows = []
    for row in data["demand"]["alternatives"]:
        row["hours_on_top"] = choose.random() < 0.5
        parts = [choose.uniform(-0.2, 1.0) for _ in groups[1:]]
        parts.append(1.0 - sum(parts))
        rows += [
            {
                "alternative": row["id"],
                "group": group,
                "doctors_per_year": part * row["doctors_per_year"],
                "assumption": WHY,
            }
            for group, part in zip(groups, parts, strict=True)
            if row.get("method") != "activity"
        ]
    named = choose.sample(groups, choose.randint(0, len(groups)))
    data["demand"]["by_group"] = {
        "used": True,
        "growth": tuple(rows),
        "specialist_share": {group: between(0.4, 0.9) for group in named},
    }


def _activity(data: Data, choose: random.Random) -> None:
    bands, last = ("0-66", "67+"), data["time"]["last_year"]
    data["demand"]["alternatives"][0]["method"] = "activity"
    data["demand"]["activity"] = {
        "use": tuple(
            {"group": g, "ages": b, "fte_per_1000": choose.uniform(0.1, 2.0), "assumption": WHY}
            for g in data["groups"]
            for b in bands
        ),
        "population": tuple(
            {
                "region": region,
                "ages": band,
                "year": year,
                "persons": choose.uniform(1e4, 5e4),
                "assumption": WHY,
            }
            for region in data["regions"]
            for band in bands
            for year in sorted({2017, 2021, last})
        ),
    }


def _regional_stock(data: Data, choose: random.Random) -> None:
    data["specialists"]["stock"] = tuple(
        {**row, "region": region, "persons": row["persons"] * choose.uniform(0.1, 0.6)}
        for row in data["specialists"]["stock"]
        for region in data["regions"]
    )


def _bands(data: Data, choose: random.Random) -> None:
    """Stock and exits by bands of ages, exits over several years."""
    ages = [row["age"] for row in data["specialists"]["stock"]]
    first, last = min(ages), max(ages)
    middle = choose.randint(first, last - 1)
    bands = [f"{first}-{middle}", f"{middle + 1}-{last}"]
    data["specialists"]["stock"] = tuple(
        {"group": g, "age": b, "persons": choose.uniform(50.0, 500.0), "assumption": WHY}
        for g in data["groups"]
        for b in bands
    )
    data["specialists"]["retirement"] = tuple(
        {"group": g, "age": b, "share": choose.random(), "over_years": 5, "assumption": WHY}
        for g in data["groups"]
        for b in bands
    )


def _fte_by_group(data: Data, choose: random.Random) -> None:
    for group in data["groups"].values():
        group["fte_per_head"] = fixed(choose.uniform(0.5, 1.0))
        if choose.random() < 0.5:
            group["fte_per_head_senior"] = fixed(choose.uniform(0.3, 0.8))


def _one_origin(data: Data, choose: random.Random) -> None:
    name = choose.choice(sorted(data["applicants"]))
    total = sum(o["net_per_year"]["high"] for o in data["applicants"].values())
    origin = data["applicants"][name]
    origin["net_per_year"] = between(0.6 * total, total)
    data["applicants"] = {name: origin | {"unplaced_share": fixed(1.0)}}


def _added(data: Data, choose: random.Random) -> None:
    origin = data["applicants"][choose.choice(sorted(data["applicants"]))]
    lost = origin["net_per_year"]["low"] * choose.uniform(0.1, 0.9)
    origin["added_from"] = {"2019": choose.uniform(0.0, 20.0), "2021": -lost}


def _intake(data: Data, choose: random.Random) -> None:
    first = choose.randint(1, 6)
    data["posts"]["intake_months"] = (first, first + 6)


def _later(data: Data, choose: random.Random) -> None:
    """Appointed doctors begin half a year after their round."""
    appointed = data["lis1"]["appointed_before_start"]
    data["lis1"]["half_years_to_start"] = 1
    data["lis1"]["appointed_before_start"] = (appointed[0] * choose.uniform(0.8, 1.2), *appointed)


def _closed(data: Data, choose: random.Random) -> None:
    data["posts"]["unused_treatment"] = "closed"


EXTRAS: dict[str, Any] = {
    "activity": _activity,
    "added": _added,
    "bands": _bands,  # before regional_stock, which then places bands
    "by_group": _by_group,  # after activity, whose alternatives have no rows
    "closed": _closed,
    "correlation": _correlation,
    "fte_by_group": _fte_by_group,
    "history": _history,
    "intake": _intake,
    "later": _later,
    "need": _need,
    "one_origin": _one_origin,  # after `added`, which it may drop
    "processes": _processes,
    "regional_stock": _regional_stock,
    "withdrawal": _withdrawal,
}
"""What a study may have beside its sizes; laid on in alphabetical order."""

studies = st.builds(
    random_study,
    st.integers(0, 10**6),
    regions=st.integers(1, 4),
    groups=st.integers(1, 4),
    stages=st.integers(1, 4),
    applicants=st.sampled_from([0.8, 1.0, 1.1, 1.3, 2.0]),
    extras=st.frozensets(st.sampled_from(sorted(EXTRAS))),
)
