"""Measures: what they do alone worked out once more, and what those in force cost."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np

from ..flow.projection import Request
from ..risk.measure_effects import effects_of
from ..risk.measure_table import described, differs, names_of
from ..scenarios.draws import sample_of
from ..study.measures.measure import RATED
from ..system.costs import measure_cost, payers
from .evidence import Evidence, NotHeldError, differ

NOK, CLOSE = 1.0, 1e-6


def measures_as_written(evidence: Evidence) -> Iterator[str]:
    """Measures, their units and ratings are those of the study."""
    data, written = evidence.data, evidence.written.measure
    for dim, names in names_of(written).items():
        stated = [str(each) for each in data[f"{dim}_name"].values]
        numbers = np.arange(1, len(names) + 1)
        if evidence.labels(dim) != list(names) or stated != list(names.values()):
            yield f"{dim}: not those of the study"
            return
        if not np.array_equal(data[dim].values, numbers):
            yield f"{dim} does not count from 1"
    for m, (name, measure) in enumerate(written.items()):
        units = evidence.written.using(name).measure[name].units
        if float(data["measure_units"][m]) != units:
            yield f"{name}: measure_units is {float(data['measure_units'][m]):g}, asked {units:g}"
        if str(data["measure_unit"].values[m]) != measure.unit:
            yield f"{name}: measure_unit is not that of the study"
        stated = [str(each) for each in data["measure_rating"].values[m]]
        if stated != [measure.ratings.get(column, "") for column in RATED]:
            yield f"{name}: measure_rating is not that of the study"
        if bool(data["measure_from_start"][m]) != measure.from_the_start:
            yield f"{name}: measure_from_start does not follow from its levers"


def signs_beside_ratings(evidence: Evidence) -> Iterator[str]:
    """Ratings and signs differ where the file says so, and all payers together pay the cost."""
    data = evidence.data
    ratings = [[str(cell) for cell in row] for row in data["measure_rating"].values]
    if not np.array_equal(
        differs(ratings, evidence.values("measure_sign")), data["measure_differs"]
    ):
        yield "measure_differs does not follow from rating and sign"
    if differ(
        evidence.values("measure_cost_payer").sum(axis=1),
        evidence.values("measure_cost"),
        CLOSE,
        NOK,
    ):
        yield "measure_cost is not what all payers pay"


def shortage_avoided_in_order(evidence: Evidence) -> Iterator[str]:
    """Intervals rise, and NOK per FTE-year is cost over FTE-years avoided."""
    cost = evidence.values("measure_cost")
    for what in ("fte", "avoided"):
        low, median, high = (
            evidence.values(f"measure_{what}_{end}") for end in ("low", "median", "high")
        )
        if not ((low <= median) & (median <= high)).all():
            yield f"measure_{what}: its interval does not hold its median"
    for end, avoided in (("low", "high"), ("median", "median"), ("high", "low")):
        years, stated = (
            evidence.values(f"measure_avoided_{avoided}"),
            evidence.values(f"measure_nok_{end}"),
        )
        some = years > 0.0
        if differ(stated[some], cost[some] / years[some], CLOSE, NOK):
            yield f"measure_nok_{end} is not cost over FTE-years avoided"


def measures_again(evidence: Evidence) -> Iterator[str]:
    """What measures do is what comes out again from the study."""
    if evidence.quick:
        raise NotHeldError("left out (--quick): measure_*")
    written, said = evidence.written, evidence.data.attrs
    asked = Request(written, sample_of(written), {})
    plan = evidence.rows("slots")[0]
    slots = evidence.decided(plan)
    if np.abs(slots).sum() != np.abs(plan).sum():
        yield "slots: some open in a year in which nothing is decided"
    effects = effects_of(asked, slots, evidence.workers)
    found = described(written.measure, effects)
    if not np.isclose(float(said["measure_slot_price"]), effects.slot_price, rtol=CLOSE):
        yield "measure_slot_price is not what comes out again"
    for name, values in found.items():
        if name in ("measure_unit", "measure_rating"):
            continue
        fine = NOK if "nok" in name or "cost" in name else 10.0 * CLOSE
        stated = evidence.values(name)
        wanted = np.asarray(values, dtype=np.float64)
        if stated.shape != wanted.shape or not np.allclose(
            stated, wanted, rtol=CLOSE, atol=fine, equal_nan=True
        ):
            yield f"{name} is not what comes out again"


def measures_paid(evidence: Evidence) -> Iterator[str]:
    """Measures in force are used as the study says, and cost what their units and prices say."""
    written = evidence.written
    open_ = json.loads(str(evidence.data.attrs.get("chosen_measures", "[]")))
    used = [
        name for name, measure in written.measure.items() if measure.units > 0.0 or name in open_
    ]
    named = [str(each) for each in evidence.data["measure_name"].values]
    counted = evidence.data["measure"].values.tolist() == list(range(1, len(used) + 1))
    names = [written.measure[name].name for name in used]
    if evidence.labels("measure") != used or named != names or not counted:
        yield f"measures in force are {', '.join(used)}"
        return
    units = [[written.measure[name].units_in(year) for name in used] for year in written.years]
    if differ(evidence.values("measure_use"), np.array(units), CLOSE, CLOSE):
        yield "measure_use is not what the study says"
    years, stated = len(written.years), evidence.values("measure_paid")
    for m, name in enumerate(used):
        wanted = measure_cost(written, name)[:, :years]
        if stated.shape[1:] != (len(used), len(payers(written))) or differ(
            stated[:, m].T, wanted, CLOSE, NOK
        ):
            yield f"measure_paid: not what {name} costs by its units and prices"


MEASURES = (measures_as_written, signs_beside_ratings, shortage_avoided_in_order, measures_again)
