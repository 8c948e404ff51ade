"""Tiny studies whose plans can all be listed: what the optimiser must find, by looking at each.

Two regions, two or three decision years, few slots, few scenarios; any rule on risk, and every
further limit of the system alone and in pairs. The limits of the system are judged here once more,
for all plans at once, from the study's own figures; risk by the oracle or the naive model.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lis1plan.core.flow.trainees import trainee_stock
from lis1plan.core.study.study import Study
from lis1plan.core.system.costs import discount_factor, slot_price

from .limited_study import budget, closing, places, purchase, trainees
from .small_study import WHY, between, changed, fixed
from .strategies import EXTRAS, random_study
from .tiny_rooms import (
    capacity_use,
    change_of_intake,
    cost_by_year,
    few_decisions,
    need,
    paid_for_purchases,
    per_slot,
    share_use,
)

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Data = dict[str, Any]
Changes = dict[str, Any]

STRICT, LOOSE = 1e-9, 1e-6
"""A plan within the first certainly keeps a limit of the system; beyond the second it breaks it."""


# ------------------------------------------------------------------------------------- the studies


def tiny_study(seed: int) -> Study:
    """A random tiny study; 66 seeds in a row have every further limit alone and in pairs."""
    choose = random.Random(seed)
    further = COMBINATIONS[seed % len(COMBINATIONS)]
    study = _base(seed, choose, "closing" in further)
    for name in further:
        study = changed(study, FURTHER[name](study, choose))
    return changed(study, {"risk": _risk(study, choose)})


def of_few_decisions(seed: int) -> Study:
    """The same tiny study, of four years where its plans can be listed, with few numbers to decide.

    In runs of years, in multiples, or both; what is free of it is any of the years.
    """
    choose, study = random.Random(seed + 1), tiny_study(seed)
    years, first = len(study.decision_years), study.time.first_decision
    if study.limits.closing is None and study.ramp.regional[next(iter(study.regions))].value < 3.0:
        years = 4
    form = choose.choice(["constant", "constant", "multiples", "both", "both"])
    asked: Changes = {"time.last_decision": min(first + years - 1, study.time.last_year)}
    if form != "multiples":
        asked["limits.constant_after"] = choose.choice([0, 1, 1, 2])
    if form != "constant":
        asked["limits.multiples_of"] = choose.choice([1, 2, 2, 3])
    return changed(study, asked)


def _base(seed: int, choose: random.Random, closes: bool) -> Study:
    extras = choose.sample(sorted(set(EXTRAS) - {"history"}), choose.randint(0, 2))
    study = random_study(
        seed,
        regions=2,
        groups=choose.choice([1, 1, 2]),
        stages=choose.randint(1, 4),
        applicants=choose.choice([0.8, 1.0, 1.0, 1.1, 1.3]),
        extras=extras,
        scenarios=choose.randint(3, 12),
    )
    years = 2 if closes else choose.choice([2, 2, 3])
    first = study.time.first_decision
    most = 2 if years == 3 else choose.choice([2, 3])
    leak = choose.choice([0.0, 0.08, 0.2, 0.3])  # the condition of concavity fails where few leave
    changes: Changes = {
        "time.last_decision": min(first + years - 1, study.time.last_year),
        "queue.leakage": between(leak, leak + 0.02),
        "supervision": _slack(study, 5.0),
        "ramp.national": fixed(10.0),
        "ramp.regional": dict.fromkeys(study.regions, fixed(most + choose.choice([0.0, 0.4]))),
        "sampling.method": choose.choice(["monte_carlo", "latin_hypercube", "sobol"]),
        "cost.components": _components(study, choose),
        "solve.relative_gap": choose.choice([1e-4, 1e-3]),
    }
    if choose.random() < 0.15:
        changes |= {"demand.weight_table": "steep", "sampling.proposal_table": "even"}
    return changed(study, changes)


def _slack(study: Study, slack: float) -> tuple[Data, ...]:
    return tuple(row.model_dump() | {"slack": slack} for row in study.supervision)


def _components(study: Study, choose: random.Random) -> tuple[Data, ...]:
    """Costs of nothing to a billion kroner: the unit must not matter."""
    unit = choose.choice([1.0, 1e3, 1e3, 1e3, 1e6, 1e-5, 1e-9, 0.0])
    return tuple(
        {**row.model_dump(), "amount_nok": row.amount_nok * unit} for row in study.cost.components
    )


# ---------------------------------------------------------------------------------- further limits


def _capacity(study: Study, choose: random.Random) -> Changes:
    """Room for few slots in the first years, for more later; in some regions and limits."""
    used, room = need(study, study.given_levels[None])[0], {}
    for c, limit in enumerate(study.capacity):
        unit = per_slot(study, c)
        for r, region in enumerate(study.regions):
            if choose.random() < 0.3:
                continue
            spare = choose.uniform(0.0, 2.0)
            for y in range(study.first, len(study.years)):
                spare += choose.choice([0.0, 0.0, 0.6])
                room[limit, region, study.years[y]] = float(used[c, r, y] + spare * unit)
    return {"limits.capacity": places(room)}


def _purchase(study: Study, choose: random.Random) -> Changes:
    """Capacities with little room of which more is sold: for nothing, without end, and between."""
    payers = sorted({row.payer for row in study.cost.components})
    dearest = float(slot_price(study).max())
    given = {(r.limit, r.region, r.year): r.capacity for r in study.limits.capacity}
    used, free, changes = need(study, study.given_levels[None])[0], dict(given), Changes()
    for c, limit in enumerate(study.capacity):
        if choose.random() < 0.3:
            continue
        unit, most = per_slot(study, c), used[c, :, -1].max()
        price = dearest / max(unit, 1e-9) * 10 ** choose.uniform(-3.0, 0.5)
        share = choose.choice([0.5, 1.0, 2.0, 3.5]) * unit / max(most, 1e-9)
        changes[f"capacity.{limit}.purchase"] = purchase(
            fixed(choose.choice([0.0, price, price, price])),
            choose.choice([None, fixed(share), fixed(share), between(0.5 * share, 1.5 * share)]),
            choose.choice(payers),
        )
        for r, region in enumerate(study.regions):
            for y in range(study.first, len(study.years)):
                spare = choose.choice([0.0, 0.0, 0.5, 1.0]) * unit
                free.setdefault((limit, region, study.years[y]), float(used[c, r, y] + spare))
    return changes | {"limits.capacity": places(free)}


def _national_ramp(study: Study, choose: random.Random) -> Changes:
    return {"ramp.national": fixed(choose.choice([1.0, 2.0, 2.5, 3.0]))}


def _regional_ramp(study: Study, choose: random.Random) -> Changes:
    return {f"ramp.regional.{choose.choice(list(study.regions))}": fixed(choose.choice([0.0, 1.0]))}


def _budget(study: Study, choose: random.Random) -> Changes:
    payer = choose.choice(["report", "all", study.cost.components[0].payer])
    spent = cost_by_year(study, payer)[0]
    rows = {
        study.years[study.first + t]: float(spent[t] * choose.uniform(0.5, 5.0))
        for t in range(len(spent))
        if spent[t] > 0.0 and choose.random() < 0.7
    }
    return {"limits.budget": budget(rows, payer)}


def _least_share(study: Study, choose: random.Random) -> Changes:
    names = choose.sample(list(study.regions), choose.choice([1, 1, 2]))
    shares = {name: fixed(choose.choice([0.25, 0.3, 0.5])) for name in names}
    return {"limits.least_share": shares}


def _intake_change(study: Study, choose: random.Random) -> Changes:
    names = choose.sample(list(study.regions), choose.choice([1, 1, 2]))
    return {"limits.intake_change": {name: fixed(choose.choice([0, 0, 1])) for name in names}}


def _trainees(study: Study, choose: random.Random) -> Changes:
    base, response = trainee_stock(study)
    members = choose.choice([(0,), (1,), (0, 1)])
    most = base[study.first :][:, members].sum(axis=1).max()
    most += choose.uniform(0.0, 3.0) * response[..., members].sum(axis=2).max()
    regions = tuple(name for r, name in enumerate(study.regions) if r in members)
    return {"limits.trainees": trainees(regions, float(most))}


def _closing(study: Study, choose: random.Random) -> Changes:
    names = choose.sample(list(study.regions), choose.choice([1, 1, 2]))
    most = {name: choose.choice([1, 1, 2]) for name in names}
    return {"limits.closing": closing(most, choose.choice([0.0, 0.3, 0.8, 1.0]))}


def _lead_time(study: Study, choose: random.Random) -> Changes:
    names = choose.sample(list(study.regions), choose.choice([1, 1, 2]))
    return {"ramp.lead_time_years": {name: fixed(1.0) for name in names}}


def _history(study: Study, choose: random.Random) -> Changes:
    """Posts that rise until the first decision: what began before them keeps fewer places."""
    rows, first = [], study.time.first_decision
    for region in study.regions.values():
        level = int(region.posts_in_use.value)
        for year in range(first - 1, study.time.first_year - 1, -1):
            level -= choose.randint(1, 8) if year < first - 1 else 0
            rows.append((region, year, level))
    names = {id(region): name for name, region in study.regions.items()}
    return {
        "posts.history": tuple(
            {"year": y, "region": names[id(r)], "posts": n, "published": True, "assumption": WHY}
            for r, y, n in rows
        )
    }


FURTHER: dict[str, Callable[[Study, random.Random], Changes]] = {
    "history": _history,  # first: what follows leaves room beside it
    "capacity": _capacity,
    "purchase": _purchase,
    "national_ramp": _national_ramp,
    "regional_ramp": _regional_ramp,
    "budget": _budget,
    "least_share": _least_share,
    "trainees": _trainees,
    "closing": _closing,
    "lead_time": _lead_time,
    "intake_change": _intake_change,
}
COMBINATIONS: list[tuple[str, ...]] = [
    (),
    *((name,) for name in FURTHER),
    *(p for p in itertools.combinations(FURTHER, 2) if p != ("trainees", "closing")),
]
"""The last pair is refused: the rule that bounds the stock of trainees counts new slots only."""


# -------------------------------------------------------------------------------------------- risk


def _risk(study: Study, choose: random.Random) -> dict[str, Data]:
    """One or two limits, of any rule; their values are set once all plans are known."""
    rules = [choose.choice(RULES) for _ in range(choose.choice([1, 2, 2]))]
    if set(rules) == {"price"} and choose.random() < 0.5:
        rules[0] = "cvar"
    return {
        f"risk{n}": _limit(study, choose, rule) | {"name": f"{rule} {n}"}
        for n, rule in enumerate(rules)
    }


RULES = ("cvar", "cvar", "mean", "worst", "chance", "price")


def _limit(study: Study, choose: random.Random, rule: str) -> Data:
    regions = list(study.regions)
    if choose.random() < 0.4:
        regions = [choose.choice(regions)]
    groups = list(study.groups)
    data: Data = {
        "rule": rule,
        "regions": tuple(regions),
        "groups": (choose.choice(groups),) if choose.random() < 0.3 else (),
        "scope": choose.choice(["pooled", "summed", "summed_over_groups", "summed_over_both"]),
        "counts": choose.choice(["specialists"] * 7 + ["doctors"]),
        "assumption": WHY,
    }
    if rule == "price":
        per_year = 0.8 * len(study.window_years)  # FTE-years that one slot may spare
        dear = float(slot_price(study).max()) / per_year * 10 ** choose.uniform(-0.7, 0.7)
        return data | {"price": dear, "measure": "absolute", "statistic": "sum"}
    if rule in ("cvar", "chance"):
        data["confidence"] = choose.choice([0.3, 0.5, 0.75, 0.9])
    return data | {
        "limit": 0.1,
        "measure": choose.choice(["relative", "relative", "absolute"]),
        "statistic": choose.choice(["mean", "max", "sum"]),
    }


# ------------------------------------------------------------------------------------ all its plans


class Listed(NamedTuple):
    """All plans of a study [plan, region, decision year] within the bounds of single slots."""

    slots: Floats
    level: Floats  # [plan, region, year]
    cost: Floats  # [plan] NOK discounted, without the price of shortage
    keeps: Flags  # [plan] certainly inside every limit of the system
    may_keep: Flags  # [plan] inside but for what solvers overstep


def every_plan(study: Study) -> Listed:
    """All plans of a tiny study, each judged against every limit of the system."""
    slots = _within_bounds(study)
    decisions = study.first + np.arange(slots.shape[2])
    opened = np.zeros((len(slots), len(study.regions), len(study.years)))
    opened[:, :, decisions] = slots
    level = study.given_levels + np.cumsum(opened, axis=2)
    price = slot_price(study)
    cost = (_charged(study, slots).sum(axis=1) * price).sum(axis=1)
    cost += paid_for_purchases(study, level, "all") @ discount_factor(study, len(study.years))
    excess = _excess(study, slots, level)
    return Listed(slots, level, cost, (excess <= STRICT), (excess <= LOOSE))


def _within_bounds(study: Study) -> Floats:
    ranges = []
    for name in study.regions:
        lead = study.ramp.lead_time_years.get(name)
        for y in range(len(study.decision_years)):
            most = int(study.ramp.regional[name].value)
            if lead is not None and y < int(lead.value):
                most = 0
            ranges.append(range(-_closable(study, name), most + 1))
    shape = len(study.regions), len(study.decision_years)
    return np.array(list(itertools.product(*ranges)), dtype=float).reshape(-1, *shape)


def _closable(study: Study, region: str) -> int:
    allowed = study.limits.closing
    if allowed is None or region not in allowed.most_per_year:
        return 0
    return int(allowed.most_per_year[region].value)


def _charged(study: Study, slots: Floats) -> Floats:
    allowed = study.limits.closing
    saved = 0.0 if allowed is None else allowed.saved_share.value
    return np.maximum(slots, 0.0) - saved * np.maximum(-slots, 0.0)


def _excess(study: Study, slots: Floats, level: Floats) -> Floats:
    """By how much a plan oversteps the limits of the system at worst, [plan], relative."""
    opened = np.maximum(slots, 0.0)
    pairs = [
        (-level.reshape(len(slots), -1), 0.0),
        (opened.sum(axis=1), study.ramp.national.value),
        *capacity_use(study, level),
        *_budget_use(study, slots, level),
        *share_use(study, opened),
        *change_of_intake(study, slots),
        *few_decisions(study, slots),
        *_trainee_use(study, slots),
    ]
    worst = np.zeros(len(slots))
    for used, room in pairs:
        over = (used - room) / np.maximum(np.abs(room), 1.0)
        worst = np.maximum(worst, over.max(axis=1, initial=-np.inf))
    return worst


Pairs = list[tuple[Floats, Any]]


def _budget_use(study: Study, slots: Floats, level: Floats) -> Pairs:
    pairs: Pairs = []
    paid = _charged(study, slots).sum(axis=1)
    for row in study.limits.budget:
        spent = paid @ cost_by_year(study, row.payer)[:, row.year - study.time.first_decision]
        spent = (
            spent + paid_for_purchases(study, level, row.payer)[:, row.year - study.time.first_year]
        )
        pairs.append((spent[:, None], row.nok))
    return pairs


def _trainee_use(study: Study, slots: Floats) -> Pairs:
    pairs: Pairs = []
    for limit in study.limits.trainees.values():
        base, response = trainee_stock(study)
        members = [r for r, name in enumerate(study.regions) if name in limit.regions]
        stock = np.repeat(base[None, study.first :, members].sum(axis=2), len(slots), axis=0)
        for y in range(slots.shape[2]):
            for t in range(y, stock.shape[1]):
                stock[:, t] += slots[:, :, y] @ response[t - y][:, members].sum(axis=1)
        pairs.append((stock, limit.most))
    return pairs


# ----------------------------------------------------------------------------- limits in the middle


def limits_among(
    study: Study, risks: Floats, keeps: Flags, choose: random.Random, tight: bool = False
) -> tuple[float, ...]:
    """Limits on risk between, at or below what feasible plans reach, `risks` [plan, limit].

    One in six lies below all of them: then there is no plan. A price has none (infinite). `tight`:
    the others lie where few plans keep them.
    """
    below = choose.random() < 1.0 / 6.0
    found = []
    for c, limit in enumerate(study.risk.values()):
        reached = np.unique(risks[keeps, c]) if keeps.any() else np.array([0.1])
        if tight:
            reached = reached[: choose.randint(1, len(reached))]
        found.append(_one_limit(reached, choose, below) if limit.limit is not None else np.inf)
    return tuple(found)


def _one_limit(reached: Sequence[float] | Floats, choose: random.Random, below: bool) -> float:
    place = choose.randrange(len(reached))
    value = float(reached[place])
    if below and choose.random() < 0.7:
        return max(0.0, float(reached[0]) * choose.choice([0.5, 0.99, 1.0 - 1e-5]))
    if choose.random() < 0.25 or place + 1 == len(reached):
        return value
    return 0.5 * (value + float(reached[place + 1]))
