"""Supply against need: medians as numbers, fan charts by region and specialty group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..blocks import Block, Details, Figure, Panel, Paragraph, Selector, Table
from ..charts.figures import figure_of, table_of
from ..charts.lines import BLUE, DASHES, GREY, VERMILION, Line, lines_to_choose
from ..reading import Floats, Reading
from ..texts.calendar import when_counted
from ..texts.words import Words
from .parts import groups
from .parts.frames import frame, places


@dataclass(frozen=True)
class Fan:
    """Supply and demand somewhere: quantiles of demand and of the plan, the median without it."""

    name: str
    demand: Floats  # [time, quantile]
    plan: Floats  # [time, quantile]
    none: Floats  # [time]
    median: int
    band: Sequence[int]  # quantiles drawn around the median

    def lines(self, words: Words) -> tuple[Line, ...]:
        """Return need as a fan, the plan with its outer band, no new posts as a line."""
        demand, plan = self.demand[:, self.median], self.plan[:, self.median]
        need, supply = (values[:, self.band] for values in (self.demand, self.plan))
        return (
            Line(words("word.demand"), demand, VERMILION, (), need),
            Line(words("word.plan"), plan, BLUE, (), supply, outer_alone=True),
            Line(words("word.none"), self.none, GREY, DASHES),
        )

    def at(self, t: int) -> dict[str, float]:
        """Return the medians in a year."""
        medians = (self.demand[t, self.median], self.plan[t, self.median], self.none[t])
        return dict(zip(("demand", "plan", "none"), map(float, medians), strict=True))


def by_place(reading: Reading, words: Words) -> tuple[Block, ...]:
    """Return supply and need by region and group, folded: a chart to choose, and groups."""
    fans = regional_fans(reading, words)
    lead = Paragraph(words("supply.lead", when=when_counted(reading, words), share=reading.in_ten))
    blocks: list[Paragraph | Figure] = [lead]
    if reading.has("supply_group_quantile"):
        blocks.append(_chooser(reading, words))
    else:
        chart = frame(reading, words, words("word.fte"))
        drawn = [(fan.name, _said(reading, words, fan), chart, fan.lines(words)) for fan in fans]
        blocks.append(figure_of("supply", words("supply.regions"), drawn, words, "small"))
    apart = groups.groups(reading, words) if groups.told(reading) else ()
    return *apart, Details(words("supply.summary"), tuple(blocks), printed=False)


def regional_fans(reading: Reading, words: Words) -> list[Fan]:
    """Return the country and each region, all specialties together."""
    fans = []
    for prefix, where, name in places(reading, words):
        demand = reading.values(f"{prefix}demand_quantile", **where)
        plan, none = (
            reading.values(f"{prefix}supply_quantile", plan=p, **where) for p in (0, reading.none)
        )
        fans.append(Fan(name, demand, plan, none[:, reading.median], reading.median, reading.band))
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
        fans.append(Fan(said, demand, plan, none, median, reading.band))
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
        (
            Panel(
                "",
                stops[0],
                lines_to_choose(chart, series, 0),
                lines_to_choose(chart, series, 0, narrow=True),
            ),
        ),
        size="wide",
        selectors=tuple(selectors),
        stops=stops,
        numbers=tuple(tables),
    )


def _said(reading: Reading, words: Words, fan: Fan) -> str:
    year = reading.study.time.window[1]
    said = {key: words.number(value) for key, value in fan.at(reading.year(year)).items()}
    return words("supply.message", name=fan.name, year=year, **said)


def medians(reading: Reading, words: Words) -> Details:
    """Return need and supply of the country in chosen years as a table, folded."""
    need = reading.values("national_demand_quantile")
    plan, none = (
        reading.values("national_supply_quantile", plan=p, quantile=reading.median)
        for p in (0, reading.none)
    )
    outer = reading.band[0], reading.band[-1]
    rows = []
    for year in reading.selected_years:
        t = reading.year(year)
        ends = words.between(*(float(need[t, q]) for q in outer))
        cells = [
            need[t, reading.median],
            plan[t],
            none[t],
            *(reading.missing(p)[t] for p in (0, reading.none)),
        ]
        first, *others = (words.number(float(value)) for value in cells)
        rows.append((str(year), first, ends, *others))
    header = tuple(words(f"supply.{key}", share=reading.in_ten) for key in _COLUMNS)
    table = Table(words("supply.caption"), header, tuple(rows))
    return Details(words("supply.numbers"), (table,))


_COLUMNS = ("year", "median_demand", "outer", "median_plan", "median_none", "gap_plan", "gap_none")
