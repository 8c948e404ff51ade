"""Which kinds of posts are needed: plans that make do with some; before or after LIS1."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ....core.study.settings import KINDS_OF_PLAN, LIS1, NO_POSTS, SPECIALIST
from ...blocks import Paragraph, Row, Table
from ...reading import Reading
from ...texts.words import MISSING, Words

_MILLION, _BILLION = 1e6, 1e9
_AS_WELL = 0.01
"""A plan of fewer kinds does as well as the chosen one if it costs at most such a share more."""
_ALONE = {kinds[0]: name for name, kinds in KINDS_OF_PLAN.items() if len(kinds) == 1}
_SHORT = {
    (True, True): "either",
    (True, False): "before",
    (False, True): "after",
    (False, False): "both",
}


def kinds_of_posts(reading: Reading, words: Words) -> tuple[Paragraph | Table, ...]:
    """Return what plans of fewer kinds of posts would do beside the chosen one.

    Nothing where the plan was not searched for, or a study decides on one kind.
    """
    told = [*reading.ids("plan"), *_named(reading, "kinds_beyond", "kinds_undecided")]
    fewer = [name for name in KINDS_OF_PLAN if name in told]
    if not reading.searched or not fewer:
        return ()
    first, last = reading.study.time.window
    posts = reading.has("posts")
    lead = words("kinds.lead_posts" if posts else "kinds.lead", first=first, last=last)
    said = f"{_verdict(reading, words, fewer)} {lead}"
    columns = _columns(reading, words)
    header = (words("kinds.column_opened"), *columns)
    rows = [_row(reading, words, name, columns) for name in (NO_POSTS, *fewer, "chosen")]
    caption = words("kinds.caption", first=first, last=last)
    return Paragraph(said), Table(caption, header, tuple(rows))


def _named(reading: Reading, *attributes: str) -> list[str]:
    """Return the plans that attributes of the file name."""
    return [name for key in attributes for name in str(reading.attribute(key) or "").split()]


def _keeps(reading: Reading, name: str) -> bool:
    """Return whether a plan was found that keeps the limits."""
    return name in reading.ids("plan") and name not in _named(reading, "kinds_beyond")


def _verdict(reading: Reading, words: Words, fewer: list[str]) -> str:
    """Return in a sentence which kinds are needed, by what plans of fewer cost."""
    undecided = _named(reading, "kinds_undecided")
    if undecided:
        return words("kinds.undecided", plans=_listed(words, undecided))
    if set(fewer) == {_ALONE[LIS1], _ALONE[SPECIALIST]}:
        return _before_or_after(reading, words)
    kept = [name for name in fewer if _keeps(reading, name)]
    costs = ((name, _billions(reading, words, name)) for name in kept)
    shown = words.listed(words("kinds.for", plan=words(f"kinds.{n}"), cost=c) for n, c in costs)
    beyond = [name for name in fewer if name not in kept]
    key = "some" if kept and beyond else "every" if kept else "no"
    chosen = _billions(reading, words, "chosen")
    return words(f"kinds.{key}", kept=shown, beyond=_listed(words, beyond), chosen=chosen)


def _listed(words: Words, plans: list[str]) -> str:
    return words.listed(words(f"kinds.{name}") for name in plans)


def _before_or_after(reading: Reading, words: Words) -> str:
    """Return where the bottleneck sits: what LIS1 and LIS2/3 posts alone cost beside both."""
    named = {"chosen": "chosen", "lis1": _ALONE[LIS1], "posts": _ALONE[SPECIALIST]}
    costs = {key: _cost(reading, name) for key, name in named.items()}
    most = costs["chosen"] + _AS_WELL * abs(costs["chosen"])
    as_well = costs["lis1"] <= most, costs["posts"] <= most
    found = bool(np.isfinite(costs["lis1"])), bool(np.isfinite(costs["posts"]))
    key = _SHORT[as_well] if any(as_well) else f"rather_{_SHORT[found]}"
    said = {name: _billions(reading, words, name) for name in named.values()}
    return words(f"kinds.{key}", **said)


def _cost(reading: Reading, name: str) -> float:
    """Return what a plan costs, discounted NOK; infinite where none keeps the limits."""
    if not _keeps(reading, name):
        return float("inf")
    return reading.at("plan_cost", plan=reading.ids("plan").index(name))


def _billions(reading: Reading, words: Words, name: str) -> str:
    return words.number(_cost(reading, name) / _BILLION, 2)


Cell = Callable[[Reading, Words, int], str]


def _opened(variable: str) -> Cell:
    """Return the cell of how many posts of a kind are opened or earmarked."""
    return lambda reading, words, plan: words.number(
        float(reading.values(variable, plan=plan).sum())
    )


def _in_window(variable: str) -> Cell:
    """Return the cell of how many there are in the country, on average over the window."""

    def cell(reading: Reading, words: Words, plan: int) -> str:
        first, last = map(reading.year, reading.study.time.window)
        values = reading.values(variable, plan=plan)[first : last + 1]
        return words.number(float(values.sum() / len(values)))

    return cell


def _risk(limit: int) -> Cell:
    """Return the cell of the risk of a limit on fresh scenarios."""
    return lambda reading, words, plan: words.risk(
        reading.at("risk_fresh", plan=plan, limit=limit), reading.relative(limit)
    )


def _cost_of(reading: Reading, words: Words, plan: int) -> str:
    """Return the cell of what a plan costs, in NOK billion."""
    return words.number(reading.at("plan_cost", plan=plan) / _BILLION, 2)


def _gained(reading: Reading, words: Words, plan: int) -> str:
    """Return specialists more than without new posts at the end of the window, per NOK million."""
    cost, last = reading.at("plan_cost", plan=plan), reading.year(reading.study.time.window[1])
    if NO_POSTS not in reading.ids("plan") or cost <= 0.0:
        return MISSING
    both = plan, reading.ids("plan").index(NO_POSTS)
    at_work = [reading.values("specialists_mean", plan=p)[last].sum() for p in both]
    return words.number(float(at_work[0] - at_work[1]) / (cost / _MILLION), 3)


_OPENED: dict[str, Cell] = {
    "lis1": _opened("slots"),
    "tracks": _opened("tracks"),
    "posts": _opened("posts"),
    "cost": _cost_of,
}
_WAITING: dict[str, Cell] = {
    "before": _in_window("unplaced_mean"),
    "after": _in_window("waiting_training_group_mean"),
    "vacant": _in_window("vacant_group_mean"),
    "gained": _gained,
}
_ONLY_WITH = {"tracks": "tracks", "posts": "posts", "after": "posts", "vacant": "posts"}
"""Column -> the family of decisions without which there is none."""


def _columns(reading: Reading, words: Words) -> dict[str, Cell]:
    """Return the columns, title -> cell: those of the kinds of posts that the study decides on."""

    def titled(cells: dict[str, Cell]) -> dict[str, Cell]:
        there = (key for key in cells if reading.has(_ONLY_WITH.get(key, "slots")))
        return {words(f"kinds.column_{key}"): cells[key] for key in there}

    return titled(_OPENED) | _risks(reading, words) | titled(_WAITING)


def _risks(reading: Reading, words: Words) -> dict[str, Cell]:
    """Return a column for each limit on shortage in the whole country."""
    regions, limits = set(reading.study.regions), reading.limits
    shortage = np.flatnonzero(reading.study.on_shortage).tolist()
    every = [n for n in shortage if set(limits[n].regions) == regions]
    if len(every) < 2:
        return {words("kinds.column_risk"): _risk(reading.national)}
    names = (words.name(limits[n].name) for n in every)
    titles = (words("kinds.column_risk_of", name=name) for name in names)
    return {title: _risk(n) for title, n in zip(titles, every, strict=True)}


def _row(reading: Reading, words: Words, name: str, columns: dict[str, Cell]) -> Row:
    """Return what a plan opens, costs, risks, lets wait and gains; marked where beyond limits."""
    shown, there = words(f"kinds.{name}"), name in reading.ids("plan")
    if name in _named(reading, "kinds_beyond"):
        shown = words("kinds.nearest" if there else "kinds.beyond", plan=shown)
    if not there:
        return (shown, *(MISSING for _ in columns))
    plan = reading.ids("plan").index(name)
    return (shown, *(cell(reading, words, plan) for cell in columns.values()))
