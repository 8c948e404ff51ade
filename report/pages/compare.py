"""Several results side by side on one page: plans, cost, risk, bounds, supply, differing keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import xarray as xr

from ...core.errors import InputError
from ..blocks import Block, Details, Figure, Panel, Paragraph, Row, Section, Table
from ..charts.bars import Stack, bars, legend_of
from ..charts.figures import figure_of
from ..charts.lines import Frame, Line
from ..charts.vega import BLACK, FILLS, REGIONS
from ..reading import Floats, Reading
from ..texts.risk import as_title, judged_alike, what_in_words
from ..texts.words import LANGUAGES, MISSING, Words
from .difference import study_changes
from .html import Page, render_pages, write_page

_LONG, _MANY = 24, 30
"""Letters of a name, and rows of a table, from which on there are too many for chart and paper."""
_NEED = BLACK  # elsewhere need is vermilion: here a result is
MOST = len(FILLS)
"""As many results as there are colours to tell them apart."""


@dataclass(frozen=True)
class Entry:
    """One result with the name of its file, and what it is called beside the others."""

    file: str
    reading: Reading
    name: str = ""
    brief: str = ""  # the same in a chart

    @property
    def projection(self) -> bool:
        """Tell whether a given plan was projected, not the cheapest found."""
        return not self.reading.attribute("solution_status")


def write_comparison(results: Sequence[tuple[str, xr.Dataset]], path: Path) -> Path:
    """Write the page that compares results, (file name, dataset) each; see `write_report`."""
    require_few(len(results))
    return write_page(render_pages(comparison_pages(results)), path)


def require_few(count: int) -> None:
    """Refuse more results than a page has lines for.

    Raises
    ------
    InputError
        Naming how many it has.
    """
    if count > MOST:
        raise InputError(f"{count} results: a page compares at most {MOST}")


def comparison_pages(results: Sequence[tuple[str, xr.Dataset]]) -> list[Page]:
    """Return the comparison in every language; at most `MOST` results."""
    given = [Entry(file, Reading(data)) for file, data in results]
    pages = []
    for language in LANGUAGES:
        words = Words(language)
        names = named_apart(given, words)
        entries = [
            replace(entry, name=name, brief=brief)
            for entry, name, brief in zip(given, names, _brief(given, names), strict=True)
        ]
        made = (_asked, _plans, _outcomes, _supply, _differences)
        sections = tuple(section(entries, words) for section in made)
        title = words("compare.title")
        pages.append(Page(words, title, ", ".join(e.reading.study.name for e in entries), sections))
    return pages


def named_apart(entries: Sequence[Entry], words: Words) -> list[str]:
    """Return what to call results: by what tells them apart, never by a letter.

    The study's title where all differ; else the one key, the seed or the number of scenarios in
    which they do; else the file, numbered where files are called alike.
    """
    scenarios = (words.number(float(entry.reading.sampling("scenarios"))) for entry in entries)
    choices = (
        [words.name(entry.reading.study.title) for entry in entries],
        _by_key(entries),
        [words("compare.of_seed", seed=entry.reading.attribute("seed")) for entry in entries],
        [words("page.scenarios", count=count) for count in scenarios],
    )
    for names in choices:
        if len(set(names)) == len(entries):
            return names
    files = [Path(entry.file).stem for entry in entries]
    return [
        f"{name} ({files[: n + 1].count(name)})" if files.count(name) > 1 else name
        for n, name in enumerate(files)
    ]


def _brief(entries: Sequence[Entry], names: Sequence[str]) -> list[str]:
    """Return names short enough for charts: those of the studies where the titles are long."""
    studies = [entry.reading.study.name for entry in entries]
    long = max(map(len, names)) > _LONG
    return studies if long and len(set(studies)) == len(entries) else list(names)


def _by_key(entries: Sequence[Entry]) -> list[str]:
    """Return each result's value of the one key in which the studies differ; else nothing."""
    keys = {key: each for key, each in _changed(entries).items() if not key.endswith(_REASONS)}
    if len(keys) != 1:
        return [""] * len(entries)
    ((key, values),) = keys.items()
    return [f"{key} = {_cut(value)}" for value in values]


def _changed(entries: Sequence[Entry]) -> dict[str, tuple[str, ...]]:
    """Return the keys in which any study differs from the first, with the value of each result."""
    first = entries[0].reading.data
    changes = [{c.what: c for c in study_changes(first, e.reading.data)} for e in entries[1:]]
    found = dict[str, tuple[str, ...]]()
    for key in dict.fromkeys(key for each in changes for key in each):
        before = next(each[key].before for each in changes if key in each)
        others = (each[key].after if key in each else before for each in changes)
        found[key] = (before, *others)
    return found


_REASONS = (".source", ".assumption")
"""Ends of keys that say why a figure is what it is, and change with it."""


def _asked(entries: Sequence[Entry], words: Words) -> Section:
    """Return which results stand side by side."""
    rows = []
    for entry in entries:
        reading = entry.reading
        status = str(reading.attribute("solution_status"))
        rows.append(
            (
                entry.name,
                entry.file,
                words.name(reading.study.title),
                words("compare.projection") if entry.projection else words.name(status),
                str(reading.attribute("seed")),
                words.number(float(reading.sampling("scenarios"))),
            )
        )
    columns = ("name", "file", "study", "status", "seed", "scenarios")
    header = tuple(words(f"compare.{key}") for key in columns)
    table = Table(words("compare.asked"), header, tuple(rows), texts=4)
    same = len({str(entry.reading.attribute("study_sha256")) for entry in entries}) == 1
    blocks = (
        Paragraph(words("compare.lead", count=len(entries)), tone="asked"),
        Paragraph(words("compare.same_study" if same else "compare.other_study"), tone="answer"),
        table,
    )
    return Section("asked", _found(entries, words), blocks, words("compare.asked"))


def _found(entries: Sequence[Entry], words: Words) -> str:
    """Return between what the plans lie: posts and cost."""
    posts = sorted(float(entry.reading.slots.sum()) for entry in entries)
    cost = sorted(entry.reading.at("plan_cost", plan=0) for entry in entries)
    if posts[0] == posts[-1]:
        return words("compare.found_same", posts=words.number(posts[0]))
    ends = {"low": words.number(posts[0]), "high": words.number(posts[-1])}
    money = {"cheapest": words.money(cost[0]), "dearest": words.money(cost[-1])}
    return words("compare.found", **ends, **money)


def _plans(entries: Sequence[Entry], words: Words) -> Section:
    """Return new posts by result and region, and by year."""
    regions = _all_regions(entries)
    values = np.array([[_total(entry, key) for key in regions] for entry in entries])
    names = [words.name(name) for name in regions.values()]
    called = [entry.brief for entry in entries]
    unit = words("plan.unit")
    stack = Stack(called, names, values, unit, words("compare.name"), hues=REGIONS)
    totals = "; ".join(
        f"{name}: {words.number(float(total))}"
        for name, total in zip((e.name for e in entries), values.sum(axis=1), strict=True)
    )
    message = words("compare.plans_message", totals=totals)
    rows = tuple(
        (entry.name, *map(words.number, (*row, row.sum())))
        for entry, row in zip(entries, values, strict=True)
    )
    header = (words("compare.name"), *names, words("word.total"))
    panel = Panel("", message, bars(stack))
    blocks = (
        Paragraph(words("compare.plans_lead")),
        Figure("plans", message, (panel,), size="wide", legend=legend_of(stack)),
        Table(words("compare.plans_caption"), header, rows),
        _by_year(entries, words),
    )
    return Section("plans", words("compare.plans"), blocks)


def _all_regions(entries: Sequence[Entry]) -> dict[str, str]:
    """Return the regions of all results: identifier -> name."""
    found: dict[str, str] = {}
    for entry in entries:
        pairs = zip(entry.reading.ids("region"), entry.reading.names("region"), strict=True)
        found = dict(pairs) | found
    return found


def _total(entry: Entry, region: str) -> float:
    ids = entry.reading.ids("region")
    return float(entry.reading.slots[:, ids.index(region)].sum()) if region in ids else 0.0


def _by_year(entries: Sequence[Entry], words: Words) -> Table:
    years = sorted({year for entry in entries for year in entry.reading.slot_years})
    rows = []
    for year in years:
        opened = (
            float(entry.reading.slots[entry.reading.year(year)].sum())
            if year in entry.reading.years
            else float("nan")
            for entry in entries
        )
        rows.append((str(year), *map(words.number, opened)))
    header = (words("word.year"), *(entry.name for entry in entries))
    return Table(words("compare.by_year"), header, tuple(rows))


def _outcomes(entries: Sequence[Entry], words: Words) -> Section:
    """Return cost, bounds and, for every limit any result has, what is allowed and the risk."""
    rows: list[Row] = [
        (words("compare.cost"), *(_billion(e, words, "plan_cost") for e in entries)),
        *_with_prices(entries, words),
        (words("compare.lower_bound"), *(_billion(e, words, "lower_bound") for e in entries)),
        (words("compare.gap"), *(_gap(entry, words) for entry in entries)),
    ]
    limits = {
        key: name
        for entry in reversed(entries)
        if entry.reading.has("risk_limit")
        for key, name in zip(entry.reading.ids("limit"), entry.reading.names("limit"), strict=True)
    }
    for key, name in limits.items():
        told = {"name": words.name(name), **_judged(entries, words, key)}
        for said, variable in _RISKS.items():
            cells = tuple(_risk(entry, words, variable, key) for entry in entries)
            rows.append((words(f"compare.{said}", **told), *cells))
        cells = tuple(_probability(entry, words, key) for entry in entries)
        rows.append((words("compare.chance", **told), *cells))
    header = (words("compare.what"), *(entry.name for entry in entries))
    table = Table(words("compare.outcome_caption"), header, tuple(rows))
    lead = Paragraph(words("compare.outcome_lead"))
    return Section("outcome", words("compare.outcome"), (lead, table))


def _with_prices(entries: Sequence[Entry], words: Words) -> list[Row]:
    """Return cost with the price of shortage, which the bounds count, where any study has one."""
    if not any(entry.reading.priced for entry in entries):
        return []
    return [(words("compare.priced"), *(_billion(e, words, "upper_bound") for e in entries))]


_RISKS = {"limit": "risk_limit", "risk": "risk_in_sample", "risk_fresh": "risk_fresh"}


def _judged(entries: Sequence[Entry], words: Words, limit: str) -> dict[str, str]:
    """Return what a limit judges where all studies say the same of it; else that it does."""
    found = [
        entry.reading.limits[entry.reading.ids("limit").index(limit)]
        for entry in entries
        if limit in entry.reading.ids("limit")
    ]
    judged = as_title(judged_alike(found, words)) or words("compare.judged")
    return {"judged": judged, "what": what_in_words(found[0], words)}


def _probability(entry: Entry, words: Words, limit: str) -> str:
    """Return the probability of any shortage under a result's plan."""
    reading = entry.reading
    if not reading.has("shortfall_z") or limit not in reading.ids("limit"):
        return MISSING
    return words.percent(reading.probability(reading.ids("limit").index(limit), 0), 0)


def _billion(entry: Entry, words: Words, name: str) -> str:
    reading = entry.reading
    value = reading.at(name, plan=0) if reading.has(name) else reading.scalar(name)
    return words.number(value / 1e9, 3)


def _gap(entry: Entry, words: Words) -> str:
    return words.percent(entry.reading.scalar("relative_gap"), 2)


def _risk(entry: Entry, words: Words, variable: str, limit: str) -> str:
    reading = entry.reading
    if not reading.has(variable, "risk_limit") or limit not in reading.ids("limit"):
        return MISSING
    n = reading.ids("limit").index(limit)
    where = {"limit": n} if variable == "risk_limit" else {"plan": 0, "limit": n}
    return words.risk(reading.at(variable, **where), reading.relative(n))


def _supply(entries: Sequence[Entry], words: Words) -> Section:
    """Return median supply and demand of all results over each other, by place."""
    shared = {
        key: name
        for key, name in _all_regions(entries).items()
        if all(key in entry.reading.ids("region") for entry in entries)
    }
    years = sorted(set.intersection(*(set(entry.reading.years) for entry in entries)))
    frame = Frame(years, words("word.fte"), words("word.year"), height=240, labelled=False)
    keys, together = [(entry.name, FILLS[n]) for n, entry in enumerate(entries)], False
    drawn = []
    for key, name in {"": words("word.country"), **shared}.items():
        found = [_medians(entry, key, years) for entry in entries]
        needs = [need for _, need in found]
        same = all(np.array_equal(needs[0], need) for need in needs)
        together = together or same
        series = [Line(words("word.demand"), needs[0], _NEED, (9, 5))] if same else []
        said = []
        for n, (entry, (supply, demand)) in enumerate(zip(entries, found, strict=True)):
            label = {"name": entry.name}
            series.append(Line(words("compare.supply_line", **label), supply, FILLS[n]))
            if not same:
                series.append(Line(words("compare.demand_line", **label), demand, FILLS[n], (5, 4)))
            ends = {"supply": words.number(supply[-1]), "demand": words.number(demand[-1])}
            said.append(words("compare.said", **label, **ends))
        told = {"name": words.name(name), "year": years[-1], "said": "; ".join(said)}
        drawn.append((words.name(name), words("compare.supply_message", **told), frame, series))
    blocks: list[Block] = [Paragraph(words("compare.supply_lead"))]
    if len(shared) < len(_all_regions(entries)):
        blocks.append(Paragraph(words("compare.unlike"), tone="note"))
    legend = (*keys, *[(words("word.demand"), _NEED)] * together)
    figure = figure_of("supply", words("compare.supply_caption"), drawn, words, "half")
    blocks.append(replace(figure, legend=legend))
    return Section("supply", words("compare.supply"), tuple(blocks))


def _medians(entry: Entry, region: str, years: Sequence[int]) -> tuple[Floats, Floats]:
    """Return median supply under the first plan and median demand, [year]."""
    reading = entry.reading
    prefix = "" if region else "national_"
    where = {"region": reading.ids("region").index(region)} if region else {}
    at = [reading.year(year) for year in years]
    supply = reading.values(f"{prefix}supply_quantile", plan=0, **where)
    demand = reading.values(f"{prefix}demand_quantile", **where)
    return supply[at, reading.median], demand[at, reading.median]


def _differences(entries: Sequence[Entry], words: Words) -> Section:
    """Return the keys in which any study differs from the first."""
    rows = tuple((key, *map(_cut, values)) for key, values in _changed(entries).items())
    title = words("compare.differences")
    if not rows:
        return Section("differences", title, (Paragraph(words("compare.no_differences")),))
    header = (words("compare.key"), *(entry.name for entry in entries))
    table = Table(title, header, rows, texts=len(header), english=len(entries))
    folded = words("compare.differences_all", count=words.number(len(rows)))
    shown: Block = table if len(rows) <= _MANY else Details(folded, (table,), printed=False)
    return Section("differences", title, (Paragraph(words("compare.differences_lead")), shown))


def _cut(text: str) -> str:
    return text if len(text) < 120 else f"{text[:117]}…"
