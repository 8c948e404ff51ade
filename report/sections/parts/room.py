"""Room for supervision: which capacity is used most, what is free, what is bought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...blocks import Block, Details, Figure, Paragraph, Table
from ...charts.figures import panel_of, table_of
from ...charts.lines import Line, Markings
from ...charts.vega import BLUE, GREY
from ...reading import Floats, Reading
from ...texts.calendar import span
from ...texts.words import MISSING, Words, short_names
from .frames import frame

ALIKE = 0.05
"""Use of capacity: regions that never differ by more are one line, with their names."""
_DASHES = ((), (3, 4), (9, 5), (1, 3))
_LAST = 15  # years of the chart


def used_most(reading: Reading) -> int | None:
    """Return which capacity is used most; None if there is none."""
    use = shares_used(reading)
    since = [reading.year(year) for year in reading.study.decision_years[:_LAST]]
    if not np.isfinite(use[since]).any():
        return None
    peaks = np.nanmax(np.where(np.isfinite(use[since]), use[since], -1.0), axis=(0, 2))
    return int(np.argmax(peaks))


def shares_used(reading: Reading) -> Floats:
    """Return need as a share of what there is or can be bought, [time, capacity, region]."""
    need = reading.values("supervision_need", plan=0)
    room = reading.walls
    known = (room > 0.0) & np.isfinite(room)
    used = np.divide(need, room, out=np.full(room.shape, np.nan), where=known)
    return np.asarray(used)


def used(reading: Reading, words: Words, c: int) -> Figure | None:
    """Return the use of one capacity in per cent of it, regions alike as one line."""
    decided = list(reading.study.decision_years[:_LAST])
    use = shares_used(reading)[[reading.year(year) for year in decided], c]
    regions = [r for r in range(use.shape[1]) if np.isfinite(use[:, r]).all()]
    if not regions:
        return None
    names = short_names([words.name(name) for name in reading.names("region")])
    clusters = sorted(
        alike(use[:, regions]), key=lambda each: -float(use[:, regions][:, each].max())
    )
    series = []
    for n, cluster in enumerate(clusters):
        members = [regions[r] for r in cluster]
        label = words.listed(names[r] for r in members)
        hue = BLUE if n == 0 else GREY
        few = label if len(label) < 14 else words("room.several", count=len(members))
        curve = use[:, members].max(axis=1)
        series.append(Line(label, curve, hue, _DASHES[min(n, 3)], short=few))
    name = words.name(reading.names("capacity")[c])
    chart = replace(
        frame(reading, words, words("room.unit"), window=False),
        years=decided, form=".0%", domain=(0.0, max(1.18, float(use[:, regions].max()) * 1.04)),
        marks=Markings(ceiling=(1.0, words("room.ceiling"))), height=240,
    )  # fmt: skip
    return Figure(
        f"room-{reading.ids('capacity')[c]}",
        _finding(reading, words, use[:, regions], decided, name),
        (panel_of("", _said(words, series, decided, name), chart, series),),
        size="wide",
        subtitle=words("room.sub", name=name),
        note=_tolerance(words, clusters, series, use[:, regions]),
        numbers=(table_of("", chart, series, words),),
    )


def alike(use: Floats) -> list[list[int]]:
    """Return groups of columns [time, region] that never differ by more than `ALIKE`."""
    groups: list[list[int]] = []
    for r in range(use.shape[1]):
        for group in groups:
            if all(float(np.abs(use[:, r] - use[:, other]).max()) <= ALIKE for other in group):
                group.append(r)
                break
        else:
            groups.append([r])
    return groups


def _finding(reading: Reading, words: Words, use: Floats, years: Sequence[int], name: str) -> str:
    """Return in which years some region is full, or how much is used at most."""
    full = sorted({year for _, _, year in reading.full_capacities if year in years})
    if full and float(use.max()) > 0.97:
        return words("room.full", years=span(full[0], full[-1]), name=name)
    return words("room.most", share=words.percent(float(use.max()), 0), name=name)


def _said(words: Words, series: Sequence[Line], years: Sequence[int], name: str) -> str:
    each = (
        words(
            "room.said",
            regions=line.label,
            share=words.percent(float(line.values.max()), 0),
            year=years[int(np.argmax(line.values))],
        )
        for line in series
    )
    return words("room.alt", name=name, said=words.listed(each))


def _tolerance(
    words: Words, clusters: Sequence[Sequence[int]], series: Sequence[Line], use: Floats
) -> str:
    """Return how close regions drawn as one line are; nothing where none are."""
    told = []
    for cluster, line in zip(clusters, series, strict=True):
        if len(cluster) > 1:
            apart = float((use[:, cluster].max(axis=1) - use[:, cluster].min(axis=1)).max())
            points = words.number(100 * apart, 1)
            told.append(words("room.alike", regions=line.label, points=points))
    return " ".join(told)


def room(reading: Reading, words: Words, shown: int | None) -> tuple[Block, ...]:
    """Return need against capacity and what is left, folded, and what is bought.

    Use is drawn of all capacities but the one `shown` already.
    """
    rows = []
    for c, name in enumerate(reading.names("capacity")):
        unit = words.name(list(reading.study.capacity.values())[c].unit)
        for r, region in enumerate(map(words.name, reading.names("region"))):
            if reading.watched(c, r):
                continue
            need, most, tight = _tightest(reading, c, r)
            cells = (
                words.number(need),
                words.number(most),
                words.percent(need / most if most else np.nan, 1),
            )
            rows.append((f"{words.name(name)}, {unit}", region, str(reading.years[tight]), *cells))
    columns = ("limit", "region", "year", "need", "room", "share")
    header = tuple(words(f"supervision.column_{key}") for key in columns)
    table = Table(words("supervision.caption"), header, tuple(rows), texts=2)
    told = "lead_posts" if reading.has("supervision_need_posts") else "lead"
    others = [used(reading, words, c) for c in range(len(reading.ids("capacity"))) if c != shown]
    blocks: list[Paragraph | Table | Figure] = [Paragraph(words(f"supervision.{told}")), table]
    blocks += [_headroom(reading, words), *filter(None, others)]
    folded = Details(words("supervision.summary"), tuple(blocks), printed=False)
    return folded, *purchases(reading, words)


def _tightest(reading: Reading, c: int, r: int) -> tuple[float, float, int]:
    """Return need, room and the year since deciding with least room."""
    where = {"capacity": c, "region": r}
    since = reading.year(reading.study.time.first_decision)
    most = reading.values("supervision_capacity", **where)
    need = reading.values("supervision_need", plan=0, **where)
    spare = np.divide(most - need, most, out=np.ones(len(most)), where=most > 0.0)
    tight = since + int(np.argmin(spare[since:]))
    return float(need[tight]), float(most[tight]), tight


def _posts(free: float, words: Words) -> str:
    return words.number(free) if np.isfinite(free) else MISSING


def _headroom(reading: Reading, words: Words) -> Table:
    """Return how many more posts would fit in each region and decision year."""
    regions = [words.name(name) for name in reading.names("region")]
    places = reading.free_places
    rows = tuple(
        (str(year), *(_posts(x, words) for x in places[reading.year(year)].tolist()))
        for year in reading.study.decision_years
    )
    caption, note = words("supervision.headroom"), words("supervision.headroom_note")
    return Table(caption, (words("word.year"), *regions), rows, note=note)


def purchases(reading: Reading, words: Words) -> tuple[Block, ...]:
    """Return what is bought by limit and region, who pays, folded; nothing where nothing is."""
    if not reading.has("supervision_bought", "cost_bought"):
        return ()
    if not reading.values("supervision_bought", plan=0).any():
        return ()
    cost = words.million(reading.at("plan_cost_bought", plan=0))
    summary = words("supervision.bought_summary", cost=cost)
    tables = _amounts(reading, words), _payments(reading, words)
    return (Details(summary, tables, printed=False),)


def _amounts(reading: Reading, words: Words) -> Table:
    """Return years, the most in a year and the sum by limit and region where anything is bought."""
    bought, rows = reading.values("supervision_bought", plan=0), []
    limits = zip(reading.study.capacity.values(), reading.names("capacity"), strict=True)
    for c, (limit, name) in enumerate(limits):
        for r, region in enumerate(map(words.name, reading.names("region"))):
            years = np.flatnonzero(bought[:, c, r] > 0.0)
            if limit.purchase is None or not len(years):
                continue
            rows.append(
                (
                    f"{words.name(name)}, {words.name(limit.unit)}",
                    region,
                    span(*(reading.years[n] for n in (years[0], years[-1]))),
                    words.number(float(bought[:, c, r].max())),
                    words.number(float(bought[:, c, r].sum())),
                    words.number(limit.purchase.price.expected),
                )
            )
    columns = ("limit", "region", "year", "most", "sum", "price")
    header = tuple(words(f"supervision.column_{key}") for key in columns)
    return Table(words("supervision.bought_caption"), header, tuple(rows), texts=3)


def _payments(reading: Reading, words: Words) -> Table:
    """Return what each payer pays for it by year."""
    payers = [words.name(name) for name in reading.names("payer")]
    paid = reading.values("cost_bought", plan=0)
    own = [p for p in range(len(payers)) if paid[:, p].any()]
    rows = [
        (str(year), *map(words.million, paid[reading.year(year), own]))
        for year in reading.selected_years
    ]
    whole = words("cost.all_years", first=reading.years[0], last=reading.years[-1])
    rows.append((whole, *map(words.million, paid[:, own].sum(axis=0))))
    header = (words("word.year"), *(payers[p] for p in own))
    caption = words("supervision.bought_payers", price_year=reading.study.cost.price_year)
    return Table(caption, header, tuple(rows), total=True)
