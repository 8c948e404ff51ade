"""What holds a plan back, and how far from the cheapest it can be, in sentences."""

from __future__ import annotations

import numpy as np

from ...reading import Reading
from ...texts.calendar import spans
from ...texts.words import Words


def gap_in_words(reading: Reading, words: Words) -> str:
    """Return how much dearer than the cheapest possible the plan can be."""
    counted = words("answer.counted") if reading.priced else ""
    gap = words.percent(reading.scalar("relative_gap"), 2)
    return words("answer.gap", gap=gap, counted=counted)


def binding_in_words(reading: Reading, words: Words) -> str:
    """Return which limits on risk, supervision and ramp leave no room."""
    regions = [words.name(name) for name in reading.names("region")]
    parts = []
    names = [words.name(name) for name in reading.names("limit")]
    risks = [names[n] for n in np.flatnonzero(reading.values("risk_binding") > 0)]
    if risks:
        parts.append(words("answer.binds_risk", names=words.listed(risks)))
    for c, name in enumerate(reading.names("capacity")):
        full: dict[str, list[int]] = {}
        for limit, r, year in reading.full_capacities:
            if limit == c:
                full.setdefault(regions[r], []).append(year)
        if full:
            said = [_place_and_years(words, place, years) for place, years in full.items()]
            found = {"name": _inside(words.name(name)), "where": words.listed(said)}
            parts.append(words("answer.binds_capacity", **found))
    ramps = []
    for region in [None, *range(len(regions))]:
        years = [year for year, r in reading.full_ramps if r == region]
        if years:
            where = words("word.the_country") if region is None else regions[region]
            ramps.append(_place_and_years(words, where, years))
    if ramps:
        parts.append(words("answer.binds_ramp", where=words.listed(ramps)))
    return words("answer.binds", what="; ".join(parts)) if parts else words("answer.binds_nothing")


def form_in_words(reading: Reading, words: Words) -> str:
    """Return what a study asks of a plan's numbers: few, or round ones; else nothing."""
    after, of = reading.study.limits.constant_after, reading.study.limits.multiples_of or 1
    years = reading.study.decision_years
    constant = after is not None and after < len(years) - 1
    if not constant and of == 1:
        return ""
    key = "both" if constant and of > 1 else "constant" if constant else "multiples"
    year = years[after] if after is not None and constant else ""
    return words(f"plan.few_{key}", year=year, step=of)


def _place_and_years(words: Words, where: str, years: list[int]) -> str:
    """Return a place with years, runs of years as a span."""
    return words("answer.place_years", where=where, years=spans(years))


def _inside(name: str) -> str:
    """Return a name as it stands inside a sentence."""
    return name[:1].lower() + name[1:]
