"""Tiny studies that leave measures open, and all that can be done in them: slots and measures."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.risk.weight import NoWeightError
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.measures.choice import by_columns
from lis1plan.core.study.measures.measure import Measure
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.costs import slot_price
from lis1plan.core.system.limits import Capacity

from .small_study import WHY, between, changed, fixed
from .tiny import COMBINATIONS, every_plan, limits_among, tiny_study

Floats = NDArray[np.float64]
Data = dict[str, Any]
Used = dict[str, tuple[float, ...]]
"""Measure -> units that come into use in each decision year; of all or nothing: ALL."""
ALL = (np.inf,)
BASES = [n for n, names in enumerate(COMBINATIONS) if "closing" not in names]
"""Of the further limits those under which nothing is closed: that alone triples the plans."""


def tiny_measures_study(seed: int) -> Study:
    """A tiny study with one or two measures by column and one or two all or nothing, left open."""
    choose = random.Random(seed)
    base = BASES[seed % len(BASES)] + len(COMBINATIONS) * (seed // len(BASES))
    study = tiny_study(base)
    first = study.time.first_decision
    ramps = {name: fixed(choose.choice([1.0, 1.0, 2.0])) for name in study.regions}
    ramps[choose.choice(list(ramps))] = fixed(choose.choice([0.0, 1.0]))
    study = changed(study, {"time.last_decision": first + 1, "ramp.regional": ramps})
    by_column = choose.sample(COLUMNS, choose.choice([1, 1, 2]))
    whole = choose.sample(WHOLE, choose.choice([1, 1, 2]))
    measures = {name: _measure(study, choose, name) for name in (*by_column, *whole)}
    names = list(measures)
    if choose.random() < 0.3:
        one, other = choose.sample(names, 2)
        measures[one]["excludes"] = (other,)
    changes: Data = {"measure": measures}
    if choose.random() < 0.15:
        changes["limits.measures_at_once"] = choose.choice([0, 1, 2])
    if choose.random() < 0.15:
        changes["cost.components"] = _saving(study)
    room = measures.get("room") or measures.get("both")
    if room is not None and choose.random() < 0.5:
        changes["limits.added_capacity"] = _too_little(study, room["effects"][0])
    return changed(study, changes)


def _saving(study: Study) -> list[Data]:
    """Costs so much less that a slot saves money: nothing is free of a bound below zero."""
    rows = [row.model_dump() for row in study.cost.components]
    for row in rows:
        row["amount_nok"] *= -1.0
    return rows


def _too_little(study: Study, room: Data) -> tuple[Data, ...]:
    """Less of a capacity than today's posts need, where a measure widens it: by half a unit."""
    rows = []
    for limit in system_of(study).of_kind(Capacity):
        if limit.name == room["key"] and room["region"] in (None, limit.region):
            left = float((limit.room - limit.used(system_of(study).no_slots)).min())
            less = -left - 0.2 * room["amount"]["value"]
            row = {"limit": limit.name, "region": limit.region, "year": study.time.first_decision}
            rows.append(row | {"added": less, "assumption": WHY})
    return tuple(row for row in rows if np.isfinite(row["added"]))


COLUMNS = ("room", "newcomers", "fewer", "foreign", "entry", "both")
WHOLE = ("leave", "drop_out", "posts", "careers")


def _effects(study: Study, choose: random.Random, name: str) -> tuple[Data, ...]:
    region = choose.choice([None, choose.choice(list(study.regions))])
    origin = choose.choice(list(study.applicants))
    room = {
        "lever": "capacity",
        "key": choose.choice(list(study.capacity)),
        "region": region,
        "amount": fixed(choose.choice([0.5, 2.0, 50.0])),
    }
    abroad = {"lever": "arrivals", "key": "specialists.foreign_per_year"}
    come = {"lever": "arrivals", "key": f"applicants.{origin}.net_per_year"}
    found: dict[str, Data] = {
        "room": room,
        "newcomers": come | {"amount": between(0.5, 2.0)},
        "fewer": abroad | {"amount": fixed(-0.2 if _many_abroad(study) else 0.2)},
        "foreign": abroad | {"amount": between(0.3, 1.5)},
        "entry": {
            "lever": "arrivals",
            "key": "direct_entry.per_year_after",
            "amount": fixed(choose.choice([0.5, 2.0])),
        },
        "leave": {"lever": "factor", "key": "lis1.leave", "amount": between(0.2, 0.9)},
        "drop_out": {"lever": "factor", "key": "lis1.drop_out", "amount": fixed(0.3)},
        "posts": {"lever": "posts", "region": region, "amount": fixed(choose.choice([1.0, 2.0]))},
        "careers": {
            "lever": "add",
            "key": "specialists.retirement_shift_years",
            "amount": between(0.1, 0.6),
        },
    }
    if name == "both":
        return room, found["foreign"]
    return (found[name],)


def _many_abroad(study: Study) -> bool:
    """Whether fewer specialists from abroad may come: enough do in the worst year."""
    steady = not any(name.startswith("specialists.foreign") for name in study.processes)
    return steady and study.quantities["specialists.foreign_per_year"].bounds[0] >= 1.0


def _measure(study: Study, choose: random.Random, name: str) -> Data:
    first, payers = study.time.first_decision, sorted({r.payer for r in study.cost.components})
    slot = float(slot_price(study).max()) / (study.time.last_year - first + 1)
    dear = slot * 10 ** choose.uniform(-1.5, 0.5) * choose.choice([0.0, 1.0, 1.0, 1.0, 1.0])
    price = {
        "payer": choose.choice(payers),
        "nok": dear * choose.choice([1.0, 1.0, -0.2 if name == "fewer" else 1.0]),
        "nok_once": choose.choice([0.0, dear]),
        "years": choose.choice([1, 1, 3]),
    }
    most = choose.choice([1.0, 2.0]) if name in COLUMNS else 1.0
    return {
        "name": name,
        "unit": "units",
        "decision": "choose",
        "most": most,
        "most_per_year": choose.choice([None, 1.0]) if name in COLUMNS else None,
        "first_year": first,
        "lead_years": choose.choice([0, 0, 1]) if name in COLUMNS else 0,
        "delay_years": choose.choice([0, 0, 1]) if name in COLUMNS else 0,
        "effects": _effects(study, choose, name),
        "prices": (price,),
        "assumption": WHY,
    }


class Enumerated(NamedTuple):
    """A tiny study with its limits, and all that may be done in it, with its cost and risks."""

    study: Study
    used: list[Used]  # by way
    slots: list[Floats]  # [region, decision year] by way
    cost: Floats  # [way] NOK, of slots and measures, with the price of shortage
    keeps: NDArray[np.bool_]  # [way] whether every limit is kept
    nearly: NDArray[np.bool_]  # [way] the same but for what a search may overstep limits on risk


def enumerated(seed: int) -> Enumerated | None:
    """A tiny study with every way to act in it; None where its scenarios have no weight."""
    study = tiny_measures_study(seed)
    prices = np.array([limit.price or 0.0 for limit in study.risk.values()])
    ways, slots = list[Used](), list[Floats]()
    costs, risks, keeps = [], [], []
    for used in every_use(study):
        try:
            under = written(study, used).in_force
            oracle = prepare(under, sample_of(under), Workers(1))
        except NoWeightError:
            return None
        except ValueError:
            continue
        plans = every_plan(under)
        own = np.array([oracle.risk(level) for level in plans.level])
        ways += [used] * len(own)
        slots += list(plans.slots)
        costs.append(plans.cost + paid(study, used) + own @ prices)
        risks.append(own)
        keeps.append(plans.keeps)
    risk, inside = np.concatenate(risks), np.concatenate(keeps)
    most = limits_among(study, risk, inside, random.Random(seed))
    limits = {
        f"risk.{name}.limit": value
        for (name, limit), value in zip(study.risk.items(), most, strict=True)
        if limit.limit is not None
    }
    return Enumerated(
        changed(study, limits),
        ways,
        slots,
        np.concatenate(costs),
        inside & (risk <= np.array(most)).all(axis=1),
        inside & (risk <= np.array(most) + 2e-9 * np.maximum(np.abs(risk), 1.0)).all(axis=1),
    )


def every_use(study: Study) -> Iterator[Used]:
    """Every way to use the measures left open, that excludes nothing and is not too many."""
    ranges = []
    for name, measure in study.measure.items():
        years = len(study.decision_years)
        if not by_columns(study, name):
            ranges.append([(0.0,) * years, ALL])
            continue
        most = min(measure.most, measure.most_per_year or measure.most)
        steps = itertools.product(np.arange(most + 1.0).tolist(), repeat=years)
        late = max(measure.in_use_from - study.time.first_decision, 0)
        ranges.append(
            [each for each in steps if sum(each) <= measure.most and not any(each[:late])]
        )
    for each in itertools.product(*ranges):
        used = {name: units for name, units in zip(study.measure, each, strict=True) if any(units)}
        beside = any(other in used for name in used for other in study.measure[name].excludes)
        at_once = study.limits.measures_at_once
        if not beside and (at_once is None or len(used) <= at_once):
            yield used


def written(study: Study, used: Used) -> Study:
    """The study with measures used by hand."""
    measures = {}
    for name, units in used.items():
        measure = study.measure[name]
        if not by_columns(study, name):
            by_hand: Data = {"use": measure.most}
        else:
            steps = zip(study.decision_years, np.cumsum(units), strict=True)
            by_hand = {"use_by_year": {str(year): float(total) for year, total in steps}}
        measures[name] = measure.model_copy(update=by_hand | {"decision": "off"})
    return study.model_copy(update={"measure": measures})


def paid(study: Study, used: Used) -> float:
    """What measures cost, discounted, NOK: every year for itself."""
    total = 0.0
    for name, units in used.items():
        measure, before = study.measure[name], 0.0
        for year in study.years:
            in_use = _in_use(study, measure, units, year)
            total += _year(study, measure, year, in_use, max(in_use - before, 0.0))
            before = in_use
    return total


def _in_use(study: Study, measure: Measure, units: tuple[float, ...], year: int) -> float:
    """Units in use in a year; all of them as fast as they can come."""
    if units != ALL:
        return sum(units[: max(year - study.time.first_decision + 1, 0)])
    since = max(year - measure.first_year - measure.lead_years + 1, 0)
    return min(measure.most, (measure.most_per_year or measure.most) * since)


def _year(study: Study, measure: Measure, year: int, in_use: float, begun: float) -> float:
    """What is paid, or begun to be paid, for one year's units."""
    cost, growth, rate = study.cost, study.cost.real_growth.value, study.cost.discount_rate.value
    total = 0.0
    for price in measure.prices:
        for later in range(price.years):
            at = year + later
            worth = (1 + growth) ** max(at - cost.price_year, 0)
            worth /= (1 + rate) ** (at - study.time.first_decision)
            total += price.nok * in_use * worth
            total += price.nok_once * begun * worth if later == 0 else 0.0
    return total
