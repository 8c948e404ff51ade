"""Factors: what is uncertain in a study, one by one, with readable names; and what is judged."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..study.distributions import Fixed
from ..study.keys import meaning_of
from ..study.meaning import CHOICE, FLAG, FTE_A_YEAR_EITHER_SIGN
from ..study.processes import ALTERNATIVE
from ..study.study import Study
from .draws import NORMALISED, Draws, dimensions, drawn_paths, drawn_values

Floats = NDArray[np.float64]
NORMALISATION, NOISE, NEED = "demand.normalisation", "demand.noise", "demand.need."
BY_GROUP = "demand.by_group."
NEED_UNIT = "doctors a year"
GROWTH = "demand.growth"
AT_END = "end-of-window"  # no identifier of a risk limit can hold a hyphen
BOUGHT, LACKING = "supervision-bought", "supervision-lacking"

DRAWN = {
    ALTERNATIVE: CHOICE("Which path the need for doctors follows"),
    NOISE: FTE_A_YEAR_EITHER_SIGN("Growth of need, year by year"),
    NORMALISATION: CHOICE("Whether working hours are brought to normal"),
    NORMALISED: FLAG("1 where working hours are brought to normal"),
    GROWTH: FTE_A_YEAR_EITHER_SIGN("Yearly growth of need for specialists, in FTE"),
}
"""What is drawn and is no single key of the study; all else says what it is at its field."""


class Factor(NamedTuple):
    """One uncertain thing: its key and the places of its uniform numbers.

    They lie in `dimensions`; behind them in `of_purchases`.
    """

    key: str
    columns: tuple[int, ...]  # many where it is drawn year by year


def of_purchases(study: Study) -> list[str]:
    """Return the uncertain prices and maxima of what can be bought, by their dotted keys.

    Scenarios do not draw them: a plan buys at their means (docs/model.md 6).
    """
    return [
        key
        for key, each in study.quantities.items()
        if key.startswith("capacity.") and ".purchase." in key and not isinstance(each, Fixed)
    ]


def factors(study: Study) -> list[Factor]:
    """Return all that is uncertain, in the order of the scenarios' dimensions.

    The years of a process are one factor; what belongs to models of a training need, or to a
    table of growth by group, that is not used is none.
    """
    known = {key: n for n, key in enumerate(dimensions(study))}
    needs = [f"{NEED}{group}" for group, need in study.demand.need.items() if need.used]
    table = study.demand.by_group
    idle = table is not None and not table.used
    drawn = [key for key in study.uncertain if not (idle and key.startswith(BY_GROUP))]
    single = [*drawn, ALTERNATIVE, NORMALISATION, *needs]
    yearly = [NOISE, *study.processes]
    return [
        *(Factor(key, (known[key],)) for key in single),
        *(Factor(key, tuple(known[f"{key}.{year}"] for year in study.years)) for key in yearly),
        *(Factor(key, (len(known) + n,)) for n, key in enumerate(of_purchases(study))),
    ]


def conditions(study: Study) -> list[str]:
    """Return the keys by which scenarios are told apart in words.

    All that is uncertain and drawn, but the growth a scenario has, `GROWTH`, for what it follows
    from alone: the path and the noise of demand.
    """
    drawn = len(dimensions(study))
    keys = [each.key for each in factors(study) if max(each.columns) < drawn]
    stands_for = {NORMALISATION: NORMALISED, ALTERNATIVE: GROWTH}
    return [stands_for.get(key, key) for key in keys if key != NOISE]


def conditions_drawn(study: Study, draws: Draws, growth: Floats) -> Floats:
    """Return what scenarios drew by condition, [n, condition], see `conditions`.

    Of what is drawn year by year the mean until the end of the years judged; of the models of a
    training need what the one chosen asks for. `growth` [n].
    """
    known = {GROWTH: growth, **drawn_values(draws)}
    until = study.time.window[1] - study.time.first_year + 1
    known |= {key: path[:, :until].mean(axis=1) for key, path in drawn_paths(draws).items()}
    for group, chosen in draws.need.items():
        asked = np.array([model.per_year for model in study.demand.need[group].models])
        known[f"{NEED}{group}"] = asked[chosen]
    return np.stack([known[key].astype(np.float64) for key in conditions(study)], axis=1)


def condition_unit(key: str) -> str:
    """Return the unit of a condition."""
    return NEED_UNIT if key.startswith(NEED) else unit_of(key)


def named_by(study: Study, key: str) -> tuple[str, list[str]]:
    """Return the pattern of a factor's key, and what the identifiers in it name."""
    if key in DRAWN:
        return key, []
    known = meaning_of(key)
    parts = key.split(".")
    return known.pattern, [_named(study, parts, each) for each in known.identifiers_in(key)]


def title_of(pattern: str) -> str:
    """Return the title of what is drawn, or of any other figure."""
    return (DRAWN.get(pattern) or meaning_of(pattern).meaning).title


def unit_of(key: str) -> str:
    """Return the unit of what is drawn, or of any other figure."""
    return (DRAWN.get(key) or meaning_of(key).meaning).kind.unit


def label(study: Study, key: str) -> str:
    """Return a factor's name in words, with what the identifiers in its key name."""
    pattern, names = named_by(study, key)
    return " ".join([title_of(pattern), *(f"({name})" for name in names)])


def outcomes(study: Study) -> dict[str, str]:
    """Return what is judged, identifier -> name: Z of every risk limit, the country at the end.

    Where price or maximum of what can be bought are uncertain, also what a plan pays for it, and
    what it lacks beyond.
    """
    limits = {key: limit.name for key, limit in study.risk.items()}
    bought = {
        BOUGHT: "Supervision and places bought, discounted, NOK",
        LACKING: "Need beyond what can be bought, as a share of today's use",
    }
    return (
        limits
        | {AT_END: f"All regions together at the end of {study.time.window[1]}"}
        | (bought if of_purchases(study) else {})
    )


def _named(study: Study, parts: list[str], identifier: str) -> str:
    """Return the name of a region, group, origin, capacity, factor on demand or change.

    A stage of LIS1 is its own name.
    """
    if parts[:2] == ["demand", "factor"]:
        return study.demand.factor[identifier].name
    if parts[0] == "change":
        return study.change[identifier].name
    regions = {key: each.name for key, each in study.regions.items()}
    names = {
        **dict.fromkeys(("regions", "ramp", "limits"), regions),
        "applicants": {key: each.name for key, each in study.applicants.items()},
        "capacity": {key: each.name for key, each in study.capacity.items()},
    }
    groups = {key: each.name for key, each in study.groups.items()}
    return names.get(parts[0], groups).get(identifier, identifier)
