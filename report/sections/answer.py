"""The answer in plain words: the first section of the report, of a run and of a given plan."""

from __future__ import annotations

import numpy as np

from ...core.system.families import AXES
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
    beside = _beside(reading, words)
    sentences = [_plan(reading, words), *beside, _cost(reading, words), _risk(reading, words)]
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
    opened = {year: words.number(float(reading.slots[reading.year(year)].sum())) for year in years}
    by_year = [words("answer.in_year", slots=slots, year=year) for year, slots in opened.items()]
    few = "answer.plan_one_year" if len(years) == 1 else "answer.plan_by_year"
    return words(
        few if len(years) <= _FEW else "answer.plan",
        total=words.number(float(reading.slots.sum())),
        regions=regions_in_words(reading, words),
        first_year=years[0],
        first_slots=opened[years[0]],
        years=words.listed(by_year),
        count=len(years),
        last_year=years[-1],
    )


def _beside(reading: Reading, words: Words) -> list[str]:
    """Return what the plan opens and earmarks beside LIS1 posts, where the study decides on it."""
    sentences = []
    for variable, dim in AXES.items():
        if not reading.has(variable):
            continue
        every = reading.values(variable, plan=0)
        opened, closed = every.sum(axis=(0, 2)), -float(np.minimum(every, 0.0).sum())
        if not every.any():
            sentences.append(words(f"answer.no_{variable}"))
            continue
        names = map(words.name, reading.names(dim))
        each = [
            words("answer.of_a_kind", name=_inside(name), posts=words.number(float(count)))
            for name, count in zip(names, opened, strict=True)
            if count
        ]
        told = {"total": words.number(float(opened.sum())), "each": words.listed(each)}
        if closed:
            anew = words.number(float(opened.sum()) + closed)
            told |= {"opened": anew, "closed": words.number(closed)}
        key = f"answer.{variable}_closed" if closed else f"answer.{variable}"
        sentences.append(words(key, **told))
    return sentences


def regions_in_words(reading: Reading, words: Words) -> str:
    """Return how many posts the plan opens in each region."""
    slots = zip(reading.names("region"), reading.slots.sum(axis=0), strict=True)
    return words.listed(
        words("answer.region", name=words.name(name), slots=words.number(count))
        for name, count in slots
    )


def _cost(reading: Reading, words: Words) -> str:
    """Return what the plan costs, with the price of shortage where there is one."""
    said = cost_in_words(reading, words)
    if not reading.priced:
        return said
    whole, shortage = (words.billion(reading.scalar(x)) for x in ("upper_bound", "shortage_cost"))
    return f"{said} {words('answer.priced', shortage=shortage, total=whole)}"


def cost_in_words(reading: Reading, words: Words) -> str:
    """Return what the plan costs, and how that is added up."""
    cost = reading.study.cost
    basis = "directorate" if cost.basis == "report" and reading.as_directorate else cost.basis
    if not reading.slot_years:
        return words("answer.no_cost")
    return words(
        "answer.cost",
        cost=words.billion(reading.at("plan_cost", plan=0)),
        rate=words.share(cost.discount_rate.value),
        price_year=cost.price_year,
        basis=words(f"answer.basis_{basis}"),
    )


def _risk(reading: Reading, words: Words) -> str:
    """Return what the national limit judges, and how it fares on fresh scenarios."""
    limit = reading.national
    fresh, low, high = (
        reading.at(f"risk_fresh{key}", plan=0, limit=limit) for key in ("", "_low", "_high")
    )
    values = {"fresh": fresh, "low": low, "high": high}
    said = words(
        "answer.risk_fresh",
        count=words.number(float(reading.sampling("fresh_scenarios"))),
        **{name: words.risk(x, reading.relative(limit)) for name, x in values.items()},
    )
    said = f"{shortage_in_words(reading, words)} {said}"
    at_most = reading.limits[limit].limit
    if at_most is None:
        return said
    kept = "kept" if high <= at_most else "near" if low <= at_most else "broken"
    return f"{said} {words(f'answer.{kept}_fresh')}"


def shortage_in_words(reading: Reading, words: Words) -> str:
    """Return what the national limit judges without new posts and with the plan."""
    limit = reading.national
    before, after = (
        words.risk(reading.at("risk_in_sample", plan=plan, limit=limit), reading.relative(limit))
        for plan in (reading.none, 0)
    )
    return words(
        "answer.risk",
        name=words.name(reading.names("limit")[limit]),
        judged=judged_in_words(reading.limits[limit], words),
        measure=risk_in_words(reading, words, limit),
        years=years_judged(reading, limit),
        before=before,
        after=after,
        allowed=allowed_in_words(reading, words, limit),
        **chances_in_words(reading, words, limit),
    )


def _key_figures(reading: Reading, words: Words) -> Facts:
    """Return posts, cost, shortage and gap, each as one figure."""
    rows = list(outcome_rows(reading, words))
    gap = words.percent(reading.scalar("relative_gap"), 2)
    rows.append((words("answer.key_gap"), gap))
    if reading.priced:
        shortage = words.billion(reading.scalar("shortage_cost"))
        rows.insert(2, (words("answer.key_shortage"), shortage))
    return Facts(tuple(rows), kind="key_figures")


def outcome_rows(reading: Reading, words: Words) -> tuple[tuple[str, str], ...]:
    """Return posts, cost and shortage of the plan with what they are."""
    limit = reading.national
    before, after = (
        words.risk(reading.at("risk_in_sample", plan=plan, limit=limit), reading.relative(limit))
        for plan in (reading.none, 0)
    )
    name = words.name(reading.names("limit")[limit])
    judged = judged_title(reading.limits[limit], words)
    chances = chances_in_words(reading, words, limit)
    return (
        (words("answer.key_slots"), words.number(float(reading.slots.sum()))),
        (words("answer.key_cost"), words.billion(reading.at("plan_cost", plan=0))),
        (words("answer.key_risk", name=name, judged=judged, **chances), f"{before} → {after}"),
    )


def given(reading: Reading, words: Words) -> Section:
    """Return what was asked and what follows from the plan, in one paragraph and as figures."""
    posts = words.number(float(reading.study.level0.sum()))
    asked = words("given.asked", posts=posts, known=known_as_of(reading, words))
    sentences = [
        _given_plan(reading, words),
        cost_in_words(reading, words),
        shortage_in_words(reading, words),
        _kept(reading, words),
        words(f"given.{'no_room' if reading.at('plan_breaks_supervision', plan=0) else 'room'}"),
    ]
    blocks = (
        Paragraph(asked, tone="asked"),
        Paragraph(" ".join(sentences), tone="answer"),
        Facts(outcome_rows(reading, words), kind="key_figures"),
    )
    return Section("answer", words("given.title"), blocks)


def _given_plan(reading: Reading, words: Words) -> str:
    if not reading.slot_years:
        return words("given.plan_none")
    total = words.number(float(reading.slots.sum()))
    return words("given.plan", total=total, regions=regions_in_words(reading, words))


def _kept(reading: Reading, words: Words) -> str:
    """Return whether the plan keeps the limits on risk, and which it exceeds."""
    risk, limit = reading.values("risk_in_sample", plan=0), reading.values("risk_limit")
    names = [words.name(name) for name in reading.names("limit")]
    over = [names[n] for n in np.flatnonzero(risk > limit * (1.0 + 1e-9))]
    return words("given.broken", names=words.listed(over)) if over else words("given.kept")
