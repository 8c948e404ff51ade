"""Which limits bind and what easing them is worth: a part of the section on how sure it is."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ..blocks import Block, Details, Paragraph, Row, Table
from ..reading import Floats, Reading
from ..texts.risk import judged_in_words, what_in_words
from ..texts.words import MISSING, Words
from .parts.binding import binding_in_words

LEAST_STEP = 0.02
"""Of a limit: over smaller steps a slope is mostly rounding to whole posts."""


MOST_ROWS = 6


def worth(reading: Reading, words: Words) -> tuple[list[Block], list[Details]]:
    """Return what binds and what a step more of each limit saves; the rest folded."""
    blocks: list[Block] = [Paragraph(binding_in_words(reading, words))]
    folded: list[Table] = []
    if reading.has("shadow_dual", "shadow_step", "shadow_unit", "constraint_id"):
        shown, whole = _worth(reading, words)
        blocks += shown
        folded += whole
    if reading.axis is not None:
        slopes = _slopes(reading, words, reading.axis)
        folded += [slopes] if slopes.rows else []
    details = [Details(words("limits.summary"), tuple(folded), printed=False)] if folded else []
    return blocks, details


def _worth(reading: Reading, words: Words) -> tuple[list[Block], list[Table]]:
    """Return what a step more of each limit saves, the dearest first; those that do.

    Under a chance limit there are no marginal values, and few limits of which a step is known.
    The dearest stand open, all of them folded where there are more.
    """
    saves = np.fmax(reading.values("shadow_dual"), reading.values("shadow_saved"))
    known = np.isfinite(saves)
    order = [int(n) for n in np.argsort(-saves, kind="stable") if saves[n] > 0.5]
    if not order:
        return ([Paragraph(words("limits.worth_nothing"))] if known.all() else []), []
    columns = ("limit", "step", "dual", "saved", "span")
    header = tuple(words(f"limits.column_{key}") for key in columns)
    note, others = words("limits.note"), int(known.sum()) - len(order)
    if others:
        note += " " + words("limits.others", count=words.number(others))
    rows = tuple(_saved(reading, words, n) for n in order)
    caption = words("limits.caption")
    whole = [Table(caption, header, rows, texts=2)] if len(rows) > MOST_ROWS else []
    table = Table(caption, header, rows[:MOST_ROWS], texts=2, note=note)
    return [table, Paragraph(words("limits.lead"), tone="note")], whole


def _saved(reading: Reading, words: Words, n: int) -> Row:
    """Return a limit, its step and what that saves: at the margin, in whole posts, as proved."""
    keys = ("dual", "saved", "saved_low", "saved_high")
    dual, saved, low, high = (reading.at(f"shadow_{key}", constraint=n) / 1e6 for key in keys)
    proved = MISSING
    if np.isfinite(saved):
        ends = {"low": words.number(low, 1), "high": words.number(high, 1)}
        proved = words("limits.span", **ends)
    figures = (words.number(dual, 1), words.number(saved, 1), proved)
    return (_limit_name(reading, words, n), _step(reading, words, n), *figures)


def _limit_name(reading: Reading, words: Words, n: int) -> str:
    """Return a limit's name from its identifier, kind.name.region."""
    kind, *parts = reading.ids("constraint")[n].split(".")
    if not words.has(f"limits.{kind}"):
        return words.name(reading.names("constraint")[n])
    named = {
        name: words.name(text)
        for dim in ("limit", "capacity", "region", "payer", "specialty", "track")
        if f"{dim}_id" in reading.data
        for name, text in zip(reading.ids(dim), reading.names(dim), strict=True)
    }
    what = ""
    if kind == "risk":  # regions and risk limits may share identifiers
        risks = dict(zip(reading.ids("limit"), reading.names("limit"), strict=True))
        named |= {name: words.name(text) for name, text in risks.items()}
        what = what_in_words(reading.study.risk[parts[0]], words)
    name = ", ".join(named.get(x, words.name(x)) for x in parts)
    return words(f"limits.{kind}", name=name, what=what)


def _step(reading: Reading, words: Words, n: int) -> str:
    """Return a step of a limit with its unit."""
    step = reading.at("shadow_step", constraint=n)
    unit = str(reading.data["shadow_unit"].values[n])
    if unit == "share":
        return words("limits.step_share", step=words.compact(100 * step))
    if unit.startswith("NOK"):
        return words("limits.step_nok", step=words.million(step))
    known = {"slots": "limits.step_slots", "doctors": "limits.step_doctors"}
    if unit in known:
        return words(known[unit], step=words.compact(step))
    one = f"{words.compact(step)} {unit}"  # the names know some units of one
    return (
        words.name(one) if words.name(one) != one else f"{words.compact(step)} {words.name(unit)}"
    )


def _slopes(reading: Reading, words: Words, axis: int) -> Table:
    """Return what each step along the frontier saves, in all and per percentage point or FTE."""
    relative = reading.relative(axis)
    limit, cost = (reading.values(f"frontier_{key}") for key in ("limit", "cost"))
    rows = []
    for here, there in pairwise(_apart(limit, cost)):
        unit = 100 * (limit[there] - limit[here]) if relative else limit[there] - limit[here]
        saved = (cost[here] - cost[there]) / 1e6
        ends = [words.risk(limit[n], relative) for n in (here, there)]
        cells = (words.number(saved), words.number(saved / unit))
        rows.append((words("limits.from_to", low=ends[0], high=ends[1]), *cells))
    kind = "share" if relative else "fte"
    header = (
        words(
            "limits.eased",
            name=words.name(reading.names("limit")[axis]),
            judged=judged_in_words(reading.limits[axis], words),
        ),
        words("limits.saved_all"), words(f"limits.saved_per_{kind}"),
    )  # fmt: skip
    return Table(words("limits.slopes"), header, tuple(rows))


def _apart(limit: Floats, cost: Floats) -> list[int]:
    """Return points of the frontier with a plan, by their limit, far enough apart for a slope.

    A point next to another is passed over, the ends stay: the steps add up to the whole way.
    """
    solved = [int(n) for n in np.argsort(limit) if np.isfinite(cost[n])]
    kept = solved[:1]
    for n in solved[1:]:
        if limit[n] - limit[kept[-1]] >= LEAST_STEP * limit[kept[-1]]:
            kept.append(n)
    if len(kept) > 1:
        kept[-1] = solved[-1]
    return kept
