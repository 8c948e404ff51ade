"""Where the bottleneck sits, before or after LIS1: each kind of post alone, and both."""

from __future__ import annotations

import numpy as np

from ...core.study.settings import LIS1_ALONE, NO_POSTS, SPECIALIST_ALONE
from ..blocks import Paragraph, Row, Table
from ..reading import Reading
from ..texts.words import MISSING, Words

ALONE = LIS1_ALONE, SPECIALIST_ALONE
_KINDS = (NO_POSTS, *ALONE, "chosen")
_COLUMNS = ("opened", "lis1", "posts", "cost", "risk", "before", "after", "vacant", "gained")
_MILLION, _BILLION = 1e6, 1e9
_AS_WELL = 0.01
"""A kind alone does as well as both if it costs at most such a share more."""
_SHORT = {
    (True, True): "either",
    (True, False): "before",
    (False, True): "after",
    (False, False): "both",
}


def bottleneck(reading: Reading, words: Words) -> tuple[Paragraph | Table, ...]:
    """Return which kind of post is short, and what each alone would do.

    Nothing where the plan was not searched for, or a study does not decide on both kinds.
    """
    if not reading.searched or not reading.has("posts", "waiting_training_group_mean"):
        return ()
    first, last = reading.study.time.window
    said = f"{_verdict(reading, words)} {words('bottleneck.lead', first=first, last=last)}"
    header = tuple(words(f"bottleneck.column_{key}") for key in _COLUMNS)
    rows = tuple(_row(reading, words, kind) for kind in _KINDS)
    caption = words("bottleneck.caption", first=first, last=last)
    return Paragraph(said), Table(caption, header, rows)


def _plan(reading: Reading, kind: str) -> int | None:
    """Return the number of the plan of a kind; None where none was found."""
    plans = reading.ids("plan")
    return plans.index(kind) if kind in plans else None


def _verdict(reading: Reading, words: Words) -> str:
    """Return in a sentence which kind of post is short: what each alone costs beside both."""
    if reading.attribute("one_kind_undecided"):
        return words("bottleneck.undecided")
    costs = {kind: _cost(reading, kind) for kind in ("chosen", *ALONE)}
    most = costs["chosen"] + _AS_WELL * abs(costs["chosen"])
    lis1, posts = (costs[kind] for kind in ALONE)
    as_well = lis1 <= most, posts <= most
    found = bool(np.isfinite(lis1)), bool(np.isfinite(posts))
    key = _SHORT[as_well] if any(as_well) else f"rather_{_SHORT[found]}"
    said = {kind: words.number(cost / _BILLION, 2) for kind, cost in costs.items()}
    return words(f"bottleneck.{key}", **said)


def _cost(reading: Reading, kind: str) -> float:
    """Return what the plan of a kind costs, discounted NOK; infinite where none was found."""
    plan = _plan(reading, kind)
    return float("inf") if plan is None else reading.at("plan_cost", plan=plan)


def _row(reading: Reading, words: Words, kind: str) -> Row:
    """Return what a kind of plan opens, costs, risks, lets wait and gains."""
    name, plan = words(f"bottleneck.{kind}"), _plan(reading, kind)
    if plan is None:
        return (name, *(MISSING for _ in _COLUMNS[1:]))
    risk = reading.at("risk_fresh", plan=plan, limit=reading.national)
    opened = (float(reading.values(key, plan=plan).sum()) for key in ("slots", "posts"))
    counted = ("unplaced_mean", "waiting_training_group_mean", "vacant_group_mean")
    return (
        name,
        *map(words.number, opened),
        words.number(reading.at("plan_cost", plan=plan) / _BILLION, 2),
        words.risk(risk, reading.relative(reading.national)),
        *(words.number(_in_window(reading, key, plan)) for key in counted),
        _gained(reading, words, plan),
    )


def _in_window(reading: Reading, key: str, plan: int) -> float:
    """Return how many there are in the country, on average over the window."""
    first, last = map(reading.year, reading.study.time.window)
    values = reading.values(key, plan=plan)[first : last + 1]
    return float(values.sum() / len(values))


def _gained(reading: Reading, words: Words, plan: int) -> str:
    """Return specialists more than without new posts at the end of the window, per NOK million."""
    cost, last = reading.at("plan_cost", plan=plan), reading.year(reading.study.time.window[1])
    none = _plan(reading, NO_POSTS)
    if none is None or cost <= 0.0:
        return MISSING
    at_work = [reading.values("specialists_mean", plan=p)[last].sum() for p in (plan, none)]
    return words.number(float(at_work[0] - at_work[1]) / (cost / _MILLION), 3)
