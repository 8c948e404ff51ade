"""The section on the plan, and what the charts of all sections share."""

from __future__ import annotations

import numpy as np

from ...core.system.families import AXES, LEVELS
from ..blocks import Block, Details, Pair, Paragraph, Section, Table
from ..reading import Floats, Reading
from ..texts.calendar import first_intake, span
from ..texts.words import Words, short_names
from .parts import room
from .parts.binding import binding_in_words
from .parts.kinds_of_posts import kinds_of_posts


def plan(reading: Reading, words: Words) -> Section:
    """Return the plan by year and region beside the capacity that is used most."""
    regions = [words.name(name) for name in reading.names("region")]
    lead = "plan.lead" if reading.study.limits.closing is None else "plan.lead_closing"
    said = words(lead, month=first_intake(reading, words))
    sentences = [said, binding_in_words(reading, words)] if reading.searched else [said]
    table = _plan_table(reading, words, regions)
    most = room.used_most(reading)
    chart = None if most is None else room.used(reading, words, most)
    beside: Block = Pair(((table,), (chart,))) if chart else table
    folded = room.room(reading, words, most)
    blocks = (Paragraph(" ".join(sentences), "lede"), beside, *folded, *_beside(reading, words))
    return Section("plan", _title(reading, words), blocks, words("plan.title"))


def _title(reading: Reading, words: Words) -> str:
    """Return when the posts open, and what leaves no room for more."""
    years = reading.slot_years
    if not years:
        return words("plan.title_none")
    first = float(reading.slots[reading.year(years[0])].sum())
    said = {
        "total": words.number(float(reading.slots.sum())),
        "slots": words.number(first),
        "first": years[0],
        "last": years[-1],
    }
    if (reading.slots < 0).any():
        return words("plan.title_neutral" if len(years) > 1 else "plan.title_once", **said)
    ramp = {r for year, r in reading.full_ramps if year == years[0]}
    at_pace = None in ramp or len(ramp) == len(reading.ids("region"))
    if len(years) > 1 and first >= 0.5 * reading.slots.sum() and reading.full_capacities:
        return words("plan.title_room", **said)
    if at_pace:
        return words("plan.title_ramp", **said)
    return words("plan.title_once" if len(years) == 1 else "plan.title_neutral", **said)


def _plan_table(reading: Reading, words: Words, regions: list[str]) -> Table:
    """Return posts by year and region; years after one another without any stand together."""
    decided = list(reading.study.decision_years)
    rows, start = list[tuple[str, ...]](), float(reading.study.level0.sum())
    for years in _spans(decided, set(reading.slot_years)):
        opened = sum((reading.slots[reading.year(year)] for year in years), np.zeros(len(regions)))
        start += float(opened.sum())
        cells = [*opened, opened.sum(), start]
        name = span(years[0], years[-1], short=True)
        rows.append((name, *(words.number(float(value)) for value in cells)))
    totals = [*reading.slots.sum(axis=0), reading.slots.sum()]
    rows.append((words("plan.sum"), *(words.number(float(x)) for x in totals), ""))
    at_end = zip(regions, reading.values("level", plan=0)[-1], strict=True)
    levels = words.listed(f"{name} {words.number(float(level))}" for name, level in at_end)
    names = short_names(regions)
    return Table(
        words("plan.caption"),
        (words("word.year"), *names, words("word.total"), words("plan.cumulative")),
        tuple(rows),
        total=True,
        note=words("plan.levels", year=reading.years[-1], levels=levels),
    )


def _spans(years: list[int], moved: set[int]) -> list[list[int]]:
    """Return years one by one where posts open, runs of years without any together."""
    spans: list[list[int]] = []
    for year in years:
        if spans and year not in moved and spans[-1][-1] not in moved:
            spans[-1].append(year)
        else:
            spans.append([year])
    return spans


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
    return span(years[0], years[-1])


BESIDE = {"posts": posts_opened, "tracks": posts_earmarked}
"""What tells of each family beside LIS1."""
