"""What measures do, as the variables of a file; and whether a rating and a sign differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..study.measures.measure import RATED, SIGNS, Measure
from .measure_effects import MeasureEffects

Floats = NDArray[np.float64]
ENDS = ("low", "median", "high")


def described(measures: Mapping[str, Measure], found: MeasureEffects) -> dict[str, Any]:
    """Return what measures do by variable of the file, in the order of the study."""
    ratings = [[each.ratings.get(column, "") for column in RATED] for each in measures.values()]
    nok = found.nok
    data: dict[str, Any] = {
        "measure_units": found.units,
        "measure_unit": [each.unit for each in measures.values()],
        "measure_avoided_mean": found.mean,
        "measure_slots": found.slots,
        "measure_cost": found.cost.sum(axis=1),
        "measure_cost_payer": found.cost,
        "measure_break_even": found.break_even,
        "measure_fte_region": found.by_region,
        "measure_slot_there": found.slot_there,
        "measure_breaks_room": found.breaks,
        "measure_from_start": [each.from_the_start for each in measures.values()],
        "measure_rating": np.array(ratings, dtype=str).reshape(len(measures), len(RATED)),
        "measure_sign": found.sign,
        "measure_differs": differs(ratings, found.sign),
    }
    for b, end in enumerate(ENDS):
        data[f"measure_fte_{end}"] = found.fte[b]
        data[f"measure_avoided_{end}"] = found.avoided[b]
        data[f"measure_nok_{end}"] = nok[len(ENDS) - 1 - b]  # the more is avoided, the cheaper
    return data


def differs(ratings: list[list[str]], sign: Floats) -> NDArray[np.bool_]:
    """Return where a rating allows another sign than came out, [measure, rated].

    Nowhere without a rating, or where the sign is not worked out.
    """
    found = np.zeros(sign.shape, dtype=np.bool_)
    for m, row in enumerate(ratings):
        for n, rating in enumerate(row):
            if rating and np.isfinite(sign[m, n]):
                found[m, n] = int(sign[m, n]) not in SIGNS[rating]
    return found


def names_of(measures: Mapping[str, Measure]) -> dict[str, dict[str, str]]:
    """Return the labels of the axes that measures have: dimension -> identifier -> name."""
    return {"measure": {key: each.name for key, each in measures.items()}, "rated": RATED}
