"""The answer in plain words: the first section of the report."""

from __future__ import annotations

import numpy as np

from ..blocks import Facts, Paragraph, Section
from ..reading import Reading
from ..texts.calendar import known_as_of
from ..texts.risk import (
    allowed_in_words,
    chances_in_words,
    judged_in_words,
    judged_title,
    risk_in_words,
    years_judged,
)
from ..texts.words import Words

_FEW = 8  # years that a sentence can name one by one


def answer(reading: Reading, words: Words) -> Section:
    """Return the title, what was asked and the answer in one paragraph."""
    blocks = [Paragraph(_asked(reading, words), tone="asked")]
    if reading.attribute("solution_status") != "optimal":
        blocks.append(Paragraph(words("answer.warning"), tone="warning"))
    sentences = [_plan(reading, words), _cost(reading, words), _risk(reading, words)]
    if reading.slot_years or reading.priced:
        sentences += [gap_in_words(reading, words), binding_in_words(reading, words)]
    if reading.flag("another_costs_the_same"):
        sentences.append(words("answer.another"))
    blocks.append(Paragraph(" ".join(sentences), tone="answer"))
    return Section("answer", words("answer.title"), (*blocks, _key_figures(reading, words)))


def gap_in_words(reading: Reading, words: Words) -> str:
    """Return how much dearer than the cheapest possible the plan can be."""
    counted = words("answer.counted") if reading.priced else ""
    gap = words.percent(reading.scalar("relative_gap"), 2)
    return words(f"answer.gap{_proof(reading)}", gap=gap, counted=counted)


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


def _place_and_years(words: Words, where: str, years: list[int]) -> str:
    """Return a place with years, runs of years as a span."""
    runs: list[list[int]] = []
    for year in years:
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    spans = [str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs]
    return words("answer.place_years", where=where, years=", ".join(spans))


def _inside(name: str) -> str:
    """Return a name as it stands inside a sentence."""
    return name[:1].lower() + name[1:]


def _asked(reading: Reading, words: Words) -> str:
    study = reading.study
    return words(
        "answer.asked",
        known=known_as_of(reading, words),
        posts=words.number(float(study.level0.sum())),
        first=study.time.first_decision,
        last=study.time.last_decision,
    )


def _plan(reading: Reading, words: Words) -> str:
    years = reading.slot_years
    if not years:
        return words("answer.plan_none")
    by_region = [
        words("answer.region", name=words.name(name), slots=words.number(slots))
        for name, slots in zip(reading.names("region"), reading.slots.sum(axis=0), strict=True)
    ]
    opened = {year: words.number(float(reading.slots[reading.year(year)].sum())) for year in years}
    by_year = [words("answer.in_year", slots=slots, year=year) for year, slots in opened.items()]
    few = "answer.plan_one_year" if len(years) == 1 else "answer.plan_by_year"
    return words(
        few if len(years) <= _FEW else "answer.plan",
        total=words.number(float(reading.slots.sum())),
        regions=words.listed(by_region),
        first_year=years[0],
        first_slots=opened[years[0]],
        years=words.listed(by_year),
        count=len(years),
        last_year=years[-1],
    )


def _cost(reading: Reading, words: Words) -> str:
    cost = reading.study.cost
    basis = "directorate" if cost.basis == "report" and reading.as_directorate else cost.basis
    said = words("answer.no_cost")
    if reading.slot_years:
        said = words(
            "answer.cost",
            cost=words.billion(reading.at("plan_cost", plan=0)),
            rate=words.share(cost.discount_rate.value),
            price_year=cost.price_year,
            basis=words(f"answer.basis_{basis}"),
        )
    if not reading.priced:
        return said
    whole, shortage = (words.billion(reading.scalar(x)) for x in ("upper_bound", "shortage_cost"))
    return f"{said} {words('answer.priced', shortage=shortage, total=whole)}"


def _risk(reading: Reading, words: Words) -> str:
    limit = reading.national
    relative = reading.relative(limit)
    low, high = (
        reading.at(name, plan=0, limit=limit) for name in ("risk_fresh_low", "risk_fresh_high")
    )
    values = {
        "before": reading.at("risk_in_sample", plan=reading.none, limit=limit),
        "after": reading.at("risk_in_sample", plan=0, limit=limit),
        "fresh": reading.at("risk_fresh", plan=0, limit=limit),
        "low": low,
        "high": high,
    }
    said = words(
        "answer.risk",
        name=words.name(reading.names("limit")[limit]),
        judged=judged_in_words(reading.limits[limit], words),
        measure=risk_in_words(reading, words, limit),
        years=years_judged(reading, limit),
        allowed=allowed_in_words(reading, words, limit),
        count=words.number(float(reading.sampling("fresh_scenarios"))),
        **{name: words.risk(value, relative) for name, value in values.items()},
        **chances_in_words(reading, words, limit),
    )
    at_most = reading.limits[limit].limit
    if at_most is None:
        return said
    kept = "kept" if high <= at_most else "near" if low <= at_most else "broken"
    return f"{said} {words(f'answer.{kept}_fresh')}"


def _key_figures(reading: Reading, words: Words) -> Facts:
    limit = reading.national
    relative = reading.relative(limit)
    before, after = (
        words.risk(reading.at("risk_in_sample", plan=plan, limit=limit), relative)
        for plan in (reading.none, 0)
    )
    name = words.name(reading.names("limit")[limit])
    judged = judged_title(reading.limits[limit], words)
    chances = chances_in_words(reading, words, limit)
    rows = [
        (words("answer.key_slots"), words.number(float(reading.slots.sum()))),
        (words("answer.key_cost"), words.billion(reading.at("plan_cost", plan=0))),
        (words("answer.key_risk", name=name, judged=judged, **chances), f"{before} → {after}"),
        (
            words(f"answer.key_gap{_proof(reading)}"),
            words.percent(reading.scalar("relative_gap"), 2),
        ),
    ]
    if reading.priced:
        shortage = words.billion(reading.scalar("shortage_cost"))
        rows.insert(2, (words("answer.key_shortage"), shortage))
    return Facts(tuple(rows), kind="key_figures")


def _proof(reading: Reading) -> str:
    """Return the end of the key of texts that differ where the bound is not certified."""
    return "" if reading.flag("bound_certified") else "_not_certified"
