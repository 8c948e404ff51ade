"""The section on supply against demand: fan charts by region and specialty group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..blocks import Block, Details, Figure, Panel, Paragraph, Section, Selector, Table
from ..charts.figures import figure_of, table_of
from ..charts.lines import BLACK, BLUE, VERMILION, Line, lines_to_choose
from ..reading import Floats, Reading
from ..texts.calendar import when_counted
from ..texts.words import Words
from . import groups
from .plan import frame, places


@dataclass(frozen=True)
class Fan:
    """Supply and demand somewhere: quantiles of demand and of the plan, the median without it."""

    name: str
    demand: Floats  # [time, quantile]
    plan: Floats  # [time, quantile]
    none: Floats  # [time]
    median: int

    def lines(self, words: Words) -> tuple[Line, ...]:
        """Return demand, the plan and no new posts."""
        demand, plan = self.demand[:, self.median], self.plan[:, self.median]
        bands = [np.delete(values, self.median, axis=1) for values in (self.demand, self.plan)]
        return (
            Line(words("word.demand"), demand, VERMILION, (), bands[0]),
            Line(words("word.plan"), plan, BLUE, (), bands[1]),
            Line(words("word.none"), self.none, BLACK, (5, 4)),
        )

    def at(self, t: int) -> dict[str, float]:
        """Return the medians in a year."""
        medians = (self.demand[t, self.median], self.plan[t, self.median], self.none[t])
        return dict(zip(("demand", "plan", "none"), map(float, medians), strict=True))


def supply(reading: Reading, words: Words) -> Section:
    """Return supply against demand: one chart to choose, all regions, medians as numbers."""
    fans = regional_fans(reading, words)
    lead = words("supply.lead", when=when_counted(reading, words))
    blocks: list[Block] = [Paragraph(lead)]
    if reading.has("supply_group_quantile"):
        blocks.append(_chooser(reading, words))
        fans_below = fans[1:]
    else:
        fans_below = fans
    chart = frame(reading, words, words("word.fte"))
    drawn = [(fan.name, _said(reading, words, fan), chart, fan.lines(words)) for fan in fans_below]
    if len(fans_below) > 1 or len(blocks) == 1:
        caption = words("supply.regions") if len(blocks) > 1 else drawn[0][1]
        size = "tiny" if len(drawn) == 4 else "small"
        blocks.append(figure_of("supply", caption, drawn, words, size))
    if groups.told(reading):
        blocks += groups.groups(reading, words)
    table = _medians(reading, words, fans)
    blocks.append(Details(words("supply.numbers"), (table,)))
    return Section("supply", words("supply.title"), tuple(blocks))


def regional_fans(reading: Reading, words: Words) -> list[Fan]:
    """Return the country and each region, all specialties together."""
    fans = []
    for prefix, where, name in places(reading, words):
        demand = reading.values(f"{prefix}demand_quantile", **where)
        plan, none = (
            reading.values(f"{prefix}supply_quantile", plan=p, **where) for p in (0, reading.none)
        )
        fans.append(Fan(name, demand, plan, none[:, reading.median], reading.median))
    return fans


def _group_fans(reading: Reading, words: Words, k: int) -> list[Fan]:
    """Return the country and each region, one specialty group."""
    group, median = words.name(reading.names("specialty")[k]), reading.median
    fans = []
    for prefix, where, place in places(reading, words):
        demand = reading.values(f"{prefix}demand_group_quantile", specialty=k, **where)
        if prefix:
            plan, none = (
                reading.values(f"{prefix}supply_group_quantile", specialty=k, plan=p)
                for p in (0, reading.none)
            )
            none = none[:, median]
        else:  # the quantiles of the first plan alone, the median of all
            plan = reading.values("supply_group_quantile", specialty=k, **where)
            none = reading.values("supply_group_median", specialty=k, plan=reading.none, **where)
        said = words("supply.both", place=place, group=group)
        fans.append(Fan(said, demand, plan, none, median))
    return fans


def _chooser(reading: Reading, words: Words) -> Figure:
    """Return one large chart with a list of regions and one of specialty groups."""
    groups = [words.name(name) for name in reading.names("specialty")]
    fans = regional_fans(reading, words)
    named = tuple(fan.name for fan in fans)
    if len(groups) > 1:
        fans = [*fans, *(fan for k in range(len(groups)) for fan in _group_fans(reading, words, k))]
    chart = replace(frame(reading, words, words("word.fte")), height=300)
    series = [fan.lines(words) for fan in fans]
    stops = tuple(_said(reading, words, fan) for fan in fans)
    selectors = [Selector("region", words("word.region"), named, 1)]
    if len(groups) > 1:
        options = (words("supply.all_groups"), *groups)
        selectors.append(Selector("group", words("supply.group"), options, len(named)))
    tables = [
        table_of(fan.name, chart, each, words, reading.selected_years)
        for fan, each in zip(fans, series, strict=True)
    ]
    return Figure(
        "supply-choice",
        stops[0],
        (Panel("", stops[0], lines_to_choose(chart, series, 0)),),
        size="wide",
        selectors=tuple(selectors),
        stops=stops,
        numbers=tuple(tables),
    )


def _said(reading: Reading, words: Words, fan: Fan) -> str:
    year = reading.study.time.window[1]
    said = {key: words.number(value) for key, value in fan.at(reading.year(year)).items()}
    return words("supply.message", name=fan.name, year=year, **said)


def _medians(reading: Reading, words: Words, fans: Sequence[Fan]) -> Table:
    rows = []
    for fan in fans:
        for year in reading.selected_years:
            found = fan.at(reading.year(year))
            gaps = [found["demand"] - found[key] for key in ("plan", "none")]
            cells = (words.number(value) for value in (*found.values(), *gaps))
            rows.append((fan.name, str(year), *cells))
    header = tuple(words(f"supply.{key}") for key in _COLUMNS)
    return Table(words("supply.caption"), header, tuple(rows), texts=2)


_COLUMNS = (
    "place", "year", "median_demand", "median_plan", "median_none", "gap_plan", "gap_none"
)  # fmt: skip
