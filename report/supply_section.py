"""The section on supply against demand: fan charts by region and specialty group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .blocks import Block, Details, Figure, Panel, Paragraph, Section, Selector, Table
from .charts import BLACK, BLUE, VERMILION, Line, lines_to_choose
from .line_figures import figure_of, table_of
from .plan_sections import frame, places
from .reading import Floats, Reading
from .words import Words


@dataclass(frozen=True)
class Fan:
    """Supply and demand somewhere: medians with bands, or means where nobody kept quantiles."""

    name: str
    demand: Floats  # [time, quantile]; of means a single one
    plan: Floats
    none: Floats
    median: int

    def lines(self, words: Words) -> tuple[Line, ...]:
        """Return demand, the plan and no new posts."""
        return (
            Line(words("word.demand"), self._middle(self.demand), VERMILION, (), self._outer("d")),
            Line(words("word.plan"), self._middle(self.plan), BLUE, (), self._outer("p")),
            Line(words("word.none"), self._middle(self.none), BLACK, (5, 4)),
        )

    def at(self, t: int) -> dict[str, float]:
        """Return the middles in a year."""
        named = {"demand": self.demand, "plan": self.plan, "none": self.none}
        return {key: float(self._middle(values)[t]) for key, values in named.items()}

    def _middle(self, values: Floats) -> Floats:
        return values[:, self.median] if values.shape[1] > 1 else values[:, 0]

    def _outer(self, which: str) -> Floats:
        """Return the quantiles beside the median; of a mean itself, a band without width."""
        values = self.demand if which == "d" else self.plan
        if values.shape[1] == 1:
            return values.repeat(4, axis=1)
        return values[:, [n for n in range(values.shape[1]) if n != self.median]]


def supply(reading: Reading, words: Words) -> Section:
    """Return supply against demand: one chart to choose, all regions, medians as numbers."""
    fans = regional_fans(reading, words)
    blocks: list[Block] = [Paragraph(words("supply.lead"))]
    if reading.has("supply_group_quantile", "demand_group_quantile"):
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
        fans.append(Fan(name, demand, plan, none, reading.median))
    return fans


def _group_fans(reading: Reading, words: Words, k: int) -> list[Fan]:
    """Return the country and each region, one specialty group.

    The country has means alone, unless the result holds `national_..._group_quantile`.
    """
    group = words.name(reading.names("specialty")[k])
    name = words("supply.both", place=words("word.country"), group=group)
    plans = (0, reading.none)
    if reading.has("national_supply_group_quantile", "national_demand_group_quantile"):
        demand = reading.values("national_demand_group_quantile", specialty=k)
        plan, none = (
            reading.values("national_supply_group_quantile", specialty=k, plan=p) for p in plans
        )
    else:
        demand = reading.values("demand_group_mean", specialty=k).sum(axis=1)[:, None]
        plan, none = (
            reading.values("supply_group_mean", specialty=k, plan=p).sum(axis=1)[:, None]
            for p in plans
        )
        name = words("supply.mean_only", name=name)
    fans = [Fan(name, demand, plan, none, reading.median)]
    for r, region in enumerate(reading.names("region")):
        where = {"specialty": k, "region": r}
        demand = reading.values("demand_group_quantile", **where)
        plan, none = (reading.values("supply_group_quantile", plan=p, **where) for p in plans)
        said = words("supply.both", place=words.name(region), group=group)
        fans.append(Fan(said, demand, plan, none, reading.median))
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
