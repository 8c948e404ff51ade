"""Who chose the limit and what another would cost; how sure the calculation and the world are."""

from __future__ import annotations

import numpy as np

from ...blocks import Note, Pair
from ...reading import Reading
from ...texts.risk import as_title, chooser_in_words, one_of, risk_in_words
from ...texts.words import Words

INFEASIBLE = 0
"""Status of a solve that found that no plan keeps the limits."""


def notes(reading: Reading, words: Words) -> Pair:
    """Return two short texts, each with a link to the section that says more."""
    return Pair(((_limit(reading, words),), (_sure(reading, words),)), "notes")


def _limit(reading: Reading, words: Words) -> Note:
    """Return who chose the national limit, what it is, and the plans at the next ones."""
    n = reading.national
    limit = reading.limits[n]
    relative, digits = reading.relative(n), words.decimals(limit.limit or 0.0)
    before, after = (
        words.risk(reading.at("risk_in_sample", plan=p, limit=n), relative, digits)
        for p in (reading.none, 0)
    )
    said = {"measure": risk_in_words(reading, words, n), "before": before, "after": after}
    if limit.limit is None:
        price = words.compact(limit.price or 0.0)
        text = words(
            "notes.price", chooser=as_title(chooser_in_words(limit, words)), price=price, **said
        )
        return Note(words("notes.who"), text)
    allowed = words.share(limit.limit) if relative else words.compact(limit.limit)
    about = one_of(limit.limit, words) if relative else ""
    chooser = as_title(chooser_in_words(limit, words))
    text = words("notes.limit", chooser=chooser, limit=allowed + about, **said)
    steps = _steps(reading, words)
    link = words("notes.choose") if steps else ""
    return Note(words("notes.who"), " ".join([text, *steps]), link, "frontier" if steps else "")


def _steps(reading: Reading, words: Words) -> list[str]:
    """Return the plans of the next stricter and the next milder limit on the frontier."""
    if reading.axis is None:
        return []
    found = neighbours(reading)
    relative = reading.relative(reading.axis)
    digits = words.decimals(reading.at("risk_limit", limit=reading.axis))
    return [
        words(
            "notes.step",
            limit=words.risk(reading.at("frontier_limit", frontier=point), relative, digits),
            posts=words.number(reading.at("frontier_total", frontier=point)),
            cost=words.money(reading.at("frontier_cost", frontier=point)),
        )
        for point in found
        if point is not None
    ]


def neighbours(reading: Reading) -> tuple[int | None, int | None]:
    """Return the frontier's solved points next to the study's limit: stricter, milder."""
    limit = reading.values("frontier_limit")
    solved = np.flatnonzero(np.isfinite(reading.values("frontier_cost")))
    own = reading.at("risk_limit", limit=reading.axis or 0)
    step = 0.005 * own
    stricter = [int(p) for p in solved if limit[p] < own - step]
    milder = [int(p) for p in solved if limit[p] > own + step]
    return (
        max(stricter, key=lambda p: limit[p], default=None),
        min(milder, key=lambda p: limit[p], default=None),
    )


def _sure(reading: Reading, words: Words) -> Note:
    """Return two kinds of uncertainty, apart: of the calculation, then of the world."""
    parts = [_calculation(reading, words)] if reading.searched else [words("notes.given")]
    views = _views(reading, words)
    link = words("notes.views") if views else ""
    return Note(words("notes.sure"), " ".join([*parts, *views]), link, "weights" if views else "")


def _calculation(reading: Reading, words: Words) -> str:
    """Return how the plan fares on fresh scenarios, and whether the limit is kept there."""
    n = reading.national
    relative = reading.relative(n)
    fresh, low, high = (
        reading.at(f"risk_fresh{end}", plan=0, limit=n) for end in ("", "_low", "_high")
    )
    key = reading.kept_afresh(n)
    digits = 2 if key == "near" else 1  # where a tenth of a point decides
    return words(
        f"notes.fresh_{key}",
        fresh=words.risk(fresh, relative, digits),
        interval=words.span(low, high, relative, digits),
        count=words.number(float(reading.sampling("fresh_scenarios"))),
    )


def _views(reading: Reading, words: Words) -> list[str]:
    """Return what the same limit asks for under other weights of the alternatives."""
    if not reading.has("table_same_status", "table_floor", "table_ceiling"):
        return []
    n, own = reading.national, reading.study.demand.weight_table
    relative, at_most = reading.relative(n), reading.limits[n].limit
    if at_most is None:
        return []
    said = []
    for table, (key, name) in enumerate(
        zip(reading.ids("weight_table"), reading.names("weight_table"), strict=True)
    ):
        if own in (key, name):
            continue
        floor, ceiling = (
            reading.at(f"table_{end}", weight_table=table, limit=n) for end in ("floor", "ceiling")
        )
        total = reading.at("table_same_total", weight_table=table)
        status = reading.at("table_same_status", weight_table=table)
        key = "posts" if total else "needless"
        if not np.isfinite(total):
            beyond = "none" if floor > at_most else "none_other"
            key = beyond if status == INFEASIBLE else "open"
        said.append(
            words(
                f"notes.view_{key}",
                name=words.name(name),
                posts=words.number(total),
                floor=words.risk(floor, relative, 1),
                ceiling=words.risk(ceiling, relative, 1),
            )
        )
    return [words("notes.world") + "; ".join(said) + "."] if said else []
