"""The section on the plan, and what the charts of all sections share."""

from __future__ import annotations

import numpy as np

from ...core.system.families import AXES, LEVELS
from ..blocks import Block, Details, Figure, Panel, Paragraph, Section, Table
from ..charts.bars import Stack, bars, legend_of
from ..charts.lines import Frame
from ..reading import Floats, Reading
from ..texts.calendar import first_intake
from ..texts.words import Words
from .kinds_of_posts import kinds_of_posts


def frame(reading: Reading, words: Words, unit: str, window: bool = True) -> Frame:
    """Return the frame of a chart over all years in a unit, the risk window shaded."""
    return Frame(
        years=reading.years,
        unit=unit,
        year_title=words("word.year"),
        window=reading.study.time.window if window else None,
        window_label=words("word.window"),
    )


def places(reading: Reading, words: Words) -> list[tuple[str, dict[str, int], str]]:
    """Return the country and each region: prefix of the variables, index, name."""
    regions = enumerate(reading.names("region"))
    country: tuple[str, dict[str, int], str] = ("national_", {}, words("word.country"))
    return [country, *(("", {"region": r}, words.name(name)) for r, name in regions)]


def plan(reading: Reading, words: Words) -> Section:
    """Return the plan by year and region, as a table and as bars."""
    years = reading.slot_years
    message = words("plan.none")
    if years:
        total = words.number(float(reading.slots.sum()))
        key = "plan.message" if len(years) > 1 else "plan.message_one_year"
        message = words(key, total=total, first=years[0], last=years[-1])
    decided = reading.study.decision_years
    regions = [words.name(name) for name in reading.names("region")]
    opened = reading.slots[[reading.year(year) for year in decided]]
    stack = Stack(decided, regions, opened, words("plan.unit"), words("word.year"))
    panels = (Panel("", message, bars(stack)),)
    figure = Figure("plan", message, panels, size="wide", legend=legend_of(regions))
    lead = "plan.lead" if reading.study.limits.closing is None else "plan.lead_closing"
    said = Paragraph(words(lead, month=first_intake(reading, words)))
    blocks = (said, _plan_table(reading, words, regions), figure, *_beside(reading, words))
    return Section("plan", words("plan.title"), blocks)


def _plan_table(reading: Reading, words: Words, regions: list[str]) -> Table:
    rows, cumulative = [], 0.0
    for year in reading.slot_years:
        opened = reading.slots[reading.year(year)]
        cumulative += float(opened.sum())
        cells = [*opened, opened.sum(), cumulative]
        rows.append((str(year), *(words.number(float(value)) for value in cells)))
    totals = [*reading.slots.sum(axis=0), reading.slots.sum()]
    rows.append((words("word.total"), *(words.number(float(x)) for x in totals), ""))
    at_end = zip(regions, reading.values("level", plan=0)[-1], strict=True)
    levels = words.listed(f"{name} {words.number(float(level))}" for name, level in at_end)
    return Table(
        words("plan.caption"),
        (words("word.year"), *regions, words("word.total"), words("plan.cumulative")),
        tuple(rows),
        total=True,
        note=words("plan.levels", year=reading.years[-1], levels=levels),
    )


def _beside(reading: Reading, words: Words) -> tuple[Block, ...]:
    """Return what is opened or earmarked beside, folded away; nothing where none is decided."""
    tables, said = list[Table](), list[str]()
    for name, table in BESIDE.items():
        if reading.has(name):
            new = reading.values(name, plan=0)
            opened, closed = (float(np.maximum(sign * new, 0.0).sum()) for sign in (1.0, -1.0))
            told = {"opened": words.number(opened), "closed": words.number(closed)}
            if closed:
                said.append(words(f"{name}.summary_closed", **told))
            else:
                said.append(words(f"{name}.summary", total=told["opened"]))
            tables.append(table(reading, words))
    blocks = *tables, *kinds_of_posts(reading, words)
    return (Details("; ".join(said), blocks, printed=False),) if said else ()


def posts_opened(reading: Reading, words: Words) -> Table:
    """Return new posts, years, posts and those who wait at the end, by group and region."""
    waiting = reading.values("waiting_training_group_mean", plan=0)[-1]
    return _by_place(reading, words, "posts", waiting)


def posts_earmarked(reading: Reading, words: Words) -> Table:
    """Return posts earmarked anew, years, and of how many in the end, by track and region."""
    level = reading.values("level", plan=0)[-1]
    return _by_place(reading, words, "tracks", np.tile(level, (len(reading.ids("track")), 1)))


def _by_place(reading: Reading, words: Words, family: str, beside: Floats) -> Table:
    """Return what a plan opens of a family, when, what there is in the end, and `beside` it.

    By group or track, and region; `beside` likewise. What is closed where anything is.
    """
    new, every = (reading.values(name, plan=0) for name in (family, LEVELS[family]))
    opened, closed = np.maximum(new, 0.0), np.maximum(-new, 0.0)
    rows, closes = [], bool(closed.any())
    for k, label in enumerate(map(words.name, reading.names(AXES[family]))):
        for r, region in enumerate(map(words.name, reading.names("region"))):
            counted = (opened, closed) if closes else (opened,)
            cells = *(each[:, k, r].sum() for each in counted), every[-1, k, r], beside[k, r]
            numbers = (words.number(float(x)) for x in cells)
            rows.append((label, region, _when(reading, words, new[:, k, r]), *numbers))
    columns = ("label", "region", "years", "opened", *["closed"] * closes, "at_end", "beside")
    header = tuple(words(f"{family}.{key}") for key in columns)
    caption = words(f"{family}.caption", year=reading.years[-1])
    return Table(caption, header, tuple(rows), texts=3)


def _when(reading: Reading, words: Words, opened: Floats) -> str:
    """Return the years, from the first to the last, in which posts open or close; [time]."""
    years = [reading.years[n] for n in np.flatnonzero(opened != 0.0)]
    if not years:
        return words("posts.never")
    return f"{years[0]}–{years[-1]}" if len(years) > 1 else str(years[0])


BESIDE = {"posts": posts_opened, "tracks": posts_earmarked}
"""What tells of each family beside LIS1."""
