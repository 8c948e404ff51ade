"""The section on fixed plans beside the chosen one, and what they waste: their regret."""

from __future__ import annotations

import numpy as np

from ...core.study.settings import KINDS_OF_PLAN
from ..blocks import Block, Details, Paragraph, Row, Section, Table
from ..reading import Reading
from ..texts.risk import judged_title
from ..texts.words import MISSING, Words


def comparisons(reading: Reading, words: Words) -> Section:
    """Return the fixed plans beside the chosen one, by four measures; their regret folded."""
    lead = words("comparison.lead")
    if not reading.priced:
        lead += " " + words("comparison.cheaper")
    blocks: list[Block] = [Paragraph(lead, "lede"), _beside(reading, words)]
    if reading.has("plan_regret", "plan_cheapest_cost"):
        folded = (Paragraph(words("comparison.regret_lead")), _regret(reading, words))
        blocks.append(Details(words("comparison.regret_caption"), folded, printed=False))
    return Section("comparison", _title(reading, words), tuple(blocks), words("comparison.title"))


def _title(reading: Reading, words: Words) -> str:
    """Return how many of the other plans keep every limit."""
    others = [p for p in _told(reading) if p and not _equal(reading, p)]
    if not others or not reading.has("plan_keeps_limits"):
        return words("comparison.title")
    kept = sum(_keeps(reading, p) for p in others)
    said = {"count": words.number(len(others)), "kept": words.number(kept)}
    return words(f"comparison.title_{'none' if not kept else 'some'}", **said)


def _equal(reading: Reading, p: int) -> int | None:
    """Return an earlier plan that opens the same posts, or None."""
    slots = reading.values("slots")
    return next((q for q in range(p) if np.array_equal(slots[:, q], slots[:, p])), None)


def _name(reading: Reading, words: Words, plan: int) -> str:
    return words.name("The chosen plan" if plan == 0 else reading.names("plan")[plan])


def _told(reading: Reading) -> list[int]:
    """Return the plans told here: all but those of fewer kinds of posts, told by the plan."""
    return [p for p, name in enumerate(reading.ids("plan")) if name not in KINDS_OF_PLAN]


def _beside(reading: Reading, words: Words) -> Table:
    """Return a row for each plan; one that is another again is said so below."""
    plans = [p for p in _told(reading) if _equal(reading, p) not in _told(reading)]
    rows = tuple(_row(reading, words, p) for p in plans)
    columns = list(_COLUMNS)
    if reading.priced:
        columns.insert(3, "priced")
    first, last = reading.study.time.window
    said = {
        "first": first,
        "last": last,
        "name": words.name(reading.names("limit")[reading.national]),
        "judged": judged_title(reading.limits[reading.national], words),
    }
    header = tuple(words(f"comparison.{key}", **said) for key in columns)
    notes = [words("comparison.note", **said)]
    for p in _told(reading):
        other = _equal(reading, p)
        if other is not None and p not in plans:
            names = {"plan": _name(reading, words, p), "other": _name(reading, words, other)}
            notes.append(words("comparison.equal", **names))
    return Table(words("comparison.caption", **said), header, rows, note=" ".join(notes))


def _row(reading: Reading, words: Words, p: int) -> Row:
    """Return posts, cost, the four measures and the limits broken."""
    limit, t = reading.national, reading.year(reading.judged_year)
    first, last = map(reading.year, reading.study.time.window)
    cost = reading.at("plan_cost", plan=p)
    costs = (cost, cost + reading.shortage_cost(p)) if reading.priced else (cost,)
    mean = float(reading.values("national_shortfall_mean", plan=p)[first : last + 1].mean())
    return (
        _name(reading, words, p),
        words.number(float(reading.values("slots", plan=p).sum())),
        *(words.number(each / 1e9, 2) for each in costs),
        words.percent(float(reading.chance(p)[t]), 0),
        words.number(float(reading.missing(p)[t])),
        words.percent(mean, 1),
        words.risk(reading.at("risk_in_sample", plan=p, limit=limit), reading.relative(limit), 1),
        _broken(reading, words, p),
    )


def _broken(reading: Reading, words: Words, p: int) -> str:
    """Return which limits a plan breaks: those on risk by name, those of the system together."""
    names = [words.name(reading.names("limit")[n]) for n in reading.exceeded(p)]
    if len(names) == len(reading.limits) > 1:
        names = [words("comparison.all_risks")]
    if reading.at("plan_breaks_supervision", plan=p):
        names.append(words("comparison.supervision"))
    elif reading.has("plan_keeps_limits") and not reading.at("plan_keeps_limits", plan=p):
        names.append(words("comparison.pace"))
    return ", ".join(names) or words("comparison.no_limit")


def _keeps(reading: Reading, p: int) -> bool:
    """Tell whether a plan keeps the limits of the system and those on risk."""
    return not reading.exceeded(p) and bool(reading.at("plan_keeps_limits", plan=p))


_COLUMNS = ("plan", "slots", "cost", "chance", "unmet", "mean", "worst", "broken")


def _regret(reading: Reading, words: Words) -> Table:
    rows, notes = [], set[str]()
    for p in _told(reading):
        cost, cheapest, regret = (
            reading.at(f"plan_{key}", plan=p) for key in ("cost", "cheapest_cost", "regret")
        )
        total = reading.at("plan_cheapest_total", plan=p)
        if regret < 0.0 and words.million(regret) != words.million(0.0):
            notes.add(_below_zero(reading, p))
        found, stopped = np.isfinite(cheapest), reading.at("plan_cheapest_status", plan=p) == 2
        none = words("comparison.not_settled" if stopped else "comparison.no_cheapest")
        rows.append(
            (
                _name(reading, words, p),
                words.number(cost / 1e9, 2),
                words.number(cheapest / 1e9, 2) if found else none,
                words.number(total) if found else MISSING,
                ("≥ " if stopped else "") + words.million(regret) if found else MISSING,
            )
        )
    header = tuple(words(f"comparison.{key}") for key in _REGRET)
    note = " ".join(words(f"comparison.{key}") for key in sorted(notes))
    return Table(words("comparison.regret_caption"), header, tuple(rows), note=note)


def _below_zero(reading: Reading, p: int) -> str:
    """Return the key of the text on why a plan is cheaper than the cheapest of its shortage."""
    if reading.priced:
        return "regret_note_priced"
    kept = reading.has("plan_keeps_limits") and bool(reading.at("plan_keeps_limits", plan=p))
    return "regret_note_gap" if kept else "regret_note"


_REGRET = ("plan", "cost", "cheapest_cost", "cheapest_slots", "regret")
