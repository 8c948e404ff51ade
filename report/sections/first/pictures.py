"""The two pictures of the first page: supply against need, and the plan."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ...blocks import Figure, Pair, Panel
from ...charts.figures import panel_of, table_of
from ...charts.lines import DASHES, Line, Markings
from ...charts.planned import MOST_YEARS, Planned, grouped, planned
from ...charts.vega import BLUE, GREY, VERMILION
from ...reading import Floats, Reading
from ...texts.calendar import span
from ...texts.words import Words, short_names
from ..parts.frames import frame

WIDE = 0.15
"""Share of the median from which on the outer band of need is called uncertain."""


def pictures(reading: Reading, words: Words) -> Pair | Figure:
    """Return the lead chart and, where the plan opens posts, the plan beside it."""
    chart = lead(reading, words)
    if not reading.slot_years:
        return chart
    return Pair(((chart,), (plan_picture(reading, words),)), "lead")


def lead(reading: Reading, words: Words) -> Figure:
    """Return need as a fan, supply with the plan and without it, the years judged and decided."""
    need, plan, none = _series(reading)
    series = _lines(reading, words, need, plan, none)
    low, high = nice_range(need[:, reading.band], plan[:, reading.band], none[:, reading.median])
    chart = replace(
        frame(reading, words, words("word.fte_title")),
        height=320, domain=(low, high), values=True, marks=_markings(reading, words),
        band_label=words("front.outer_short", share=reading.in_ten),
    )  # fmt: skip
    ends = {"start": need[0], "need": need[-1], "plan": plan[-1], "none": none[-1]}
    said = words(
        "front.lead_alt",
        first=reading.years[0],
        last=reading.years[-1],
        **{name: words.about(values[reading.median]) for name, values in ends.items()},
    )
    subtitle = words("front.lead_sub", scenarios=words.number(float(reading.sampling("scenarios"))))
    if low:
        subtitle += " " + words("front.axis", low=words.number(low))
    return Figure(
        "lead",
        _finding(reading, words, need, plan),
        (panel_of("", said, chart, series),),
        size="wide",
        subtitle=subtitle,
        note=words("front.blue", share=reading.in_ten),
        numbers=(table_of("", chart, series, words, reading.selected_years),),
    )


def _lines(
    reading: Reading, words: Words, need: Floats, plan: Floats, none: Floats
) -> tuple[Line, Line, Line]:
    """Return need with both bands, the plan with the outer one, no new posts as a line."""
    middle, band = reading.median, reading.band
    return (
        Line(words("word.demand"), need[:, middle], VERMILION, (), need[:, band]),
        Line(
            words("word.supply_with"), plan[:, middle], BLUE, (), plan[:, band],
            words("word.plan"), outer_alone=True,
        ),
        Line(words("word.none_long"), none[:, middle], GREY, DASHES, short=words("word.none")),
    )  # fmt: skip


def _markings(reading: Reading, words: Words) -> Markings:
    """Return what is written into the lead chart: bands, years with posts, the first effect."""
    years = reading.slot_years
    total = float(reading.slots.sum())
    return Markings(
        bands=(words("front.outer", share=reading.in_ten), words("front.inner")),
        plan=(years[0], years[-1], _decided(words, years, total)) if years else None,
        effect=_felt(reading, words),
    )


def _series(reading: Reading) -> tuple[Floats, Floats, Floats]:
    """Return need, supply with the plan and without it, [time, quantile]."""
    plan, none = (reading.values("national_supply_quantile", plan=p) for p in (0, reading.none))
    return reading.values("national_demand_quantile"), plan, none


def nice_range(*parts: Floats) -> tuple[float, float]:
    """Return ends of an axis at whole steps around numbers; zero if it is near."""
    everything = np.concatenate([np.ravel(part) for part in parts])
    low, high = float(everything.min()), float(everything.max())
    rough = (high - low or abs(high) or 1.0) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * n for n in (1, 2, 2.5, 5, 10) if power * n >= rough)
    start = math.floor(low / step) * step
    start = 0.0 if 0 <= start < 0.25 * low else start
    return start, math.ceil(high / step + 0.04) * step


def _decided(words: Words, years: list[int], total: float) -> str:
    sign = "+" if total >= 0 else ""
    shown = span(years[0], years[-1])
    return words("front.decided", posts=sign + words.number(total), years=shown)


def _felt(reading: Reading, words: Words) -> tuple[int, str] | None:
    year = reading.felt_from
    return (
        (year, words("front.felt", year=year)) if year is not None and reading.slot_years else None
    )


def _finding(reading: Reading, words: Words, need: Floats, plan: Floats) -> str:
    """Return what the lead chart says of the medians, and of the spread of need."""
    middle, end = reading.median, reading.year(reading.judged_year)
    median, supply = need[:, middle], plan[:, middle]
    met = np.flatnonzero(supply < median)
    first = int(met[-1]) + 1 if len(met) else 0
    if first < len(median) and reading.years[first] <= reading.judged_year:
        return words("front.met" if first else "front.met_always", year=reading.years[first])
    low, *_, high = need[end, reading.band]
    grows = (median[end] - supply[end]) > (median[0] - supply[0]) and supply[end] < median[end]
    if grows:
        wide = (high - low) > WIDE * median[end]
        return words("front.outgrown_unsure" if wide else "front.outgrown")
    return words("front.lead")


def plan_picture(reading: Reading, words: Words) -> Figure:
    """Return the plan as bars by region and year."""
    regions = [words.name(name) for name in reading.names("region")]
    years = columns_of(reading.slot_years)
    opened = reading.slots[[reading.year(year) for year in years]]
    labels, posts = grouped(years, opened)
    titles = (words("word.region"), words("word.year"), words("plan.unit"))
    shown = Planned(regions, labels, posts, words("word.total"), short_names(regions), titles)
    by_year = words.listed(
        words("answer.in_year", slots=words.number(float(sum_)), year=label)
        for label, sum_ in zip(labels, posts.sum(axis=0), strict=True)
        if sum_
    )
    by_region = words.listed(
        f"{name} {words.number(float(count))}"
        for name, count in zip(regions, posts.sum(axis=1), strict=True)
    )
    said = words("front.plan_alt", years=by_year, regions=by_region)
    panel = Panel("", said, planned(shown), planned(shown, narrow=True))
    return Figure(
        "plan-picture",
        plan_finding(reading, words),
        (panel,),
        size="wide",
        subtitle=words("front.plan_sub"),
    )


def columns_of(opened: list[int]) -> list[int]:
    """Return the years shown: those with posts, or all between where they are many."""
    if len(opened) <= MOST_YEARS:
        return opened
    return list(range(opened[0], opened[-1] + 1))


def plan_finding(reading: Reading, words: Words) -> str:
    """Return when the posts open: at once, mostly at once, evenly, or neither."""
    years = reading.slot_years
    opened = np.array([reading.slots[reading.year(year)].sum() for year in years])
    if len(years) == 1:
        return words("front.plan_once", year=years[0])
    key = "neutral"
    if opened.any() and (opened >= 0).all():
        if opened[0] >= 0.5 * opened.sum():
            key = "first"
        elif len(years) > 2 and opened.max() < 1.5 * opened.min():
            key = "even"
    return words(f"front.plan_{key}", first=years[0], last=years[-1])
