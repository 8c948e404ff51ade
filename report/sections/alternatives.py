"""The section on fixed plans beside the chosen one, and what they waste: their regret."""

from __future__ import annotations

import numpy as np

from ...core.study.settings import KINDS_OF_PLAN
from ..blocks import Block, Paragraph, Row, Section, Table
from ..reading import Reading
from ..texts.risk import judged_in_words
from ..texts.words import MISSING, Words


def comparisons(reading: Reading, words: Words) -> Section:
    """Return the fixed plans beside the chosen one, and their regret where it is known."""
    lead = words("comparison.lead")
    if not reading.priced:
        lead += " " + words("comparison.cheaper")
    blocks: list[Block] = [Paragraph(lead), _beside(reading, words)]
    if reading.has("plan_regret", "plan_cheapest_cost"):
        blocks += [Paragraph(words("comparison.regret_lead")), _regret(reading, words)]
    return Section("comparison", words("comparison.title"), tuple(blocks))


def _name(reading: Reading, words: Words, plan: int) -> str:
    return words.name("The chosen plan" if plan == 0 else reading.names("plan")[plan])


def _told(reading: Reading) -> list[int]:
    """Return the plans told here: all but those of fewer kinds of posts, told by the plan."""
    return [p for p, name in enumerate(reading.ids("plan")) if name not in KINDS_OF_PLAN]


def _beside(reading: Reading, words: Words) -> Table:
    rows = tuple(_row(reading, words, p) for p in _told(reading))
    columns = list(_COLUMNS)
    if not reading.has("plan_keeps_limits"):
        columns.remove("keeps")
    if reading.priced:
        columns.insert(3, "priced")
    said = {
        "year": reading.years[-1],
        "name": words.name(reading.names("limit")[reading.national]),
        "judged": judged_in_words(reading.limits[reading.national], words),
    }
    header = tuple(words(f"comparison.{key}", **said) for key in columns)
    return Table(words("comparison.caption", **said), header, rows)


def _row(reading: Reading, words: Words, p: int) -> Row:
    limit = reading.national
    regional = [
        (reading.at("risk_fresh", plan=p, limit=n), reading.names("limit")[n])
        for n in reading.regional
        if reading.limits[n].judges_as(reading.limits[limit])
    ]
    worst = max(regional) if regional else None
    kept: Row = ()
    if reading.has("plan_keeps_limits"):
        kept = (words.yes(_keeps(reading, p)),)
    cost = reading.at("plan_cost", plan=p)
    costs = (cost, cost + reading.shortage_cost(p)) if reading.priced else (cost,)
    region = MISSING
    if worst:
        region = f"{words.risk(worst[0], reading.relative(limit))} ({words.name(worst[1])})"
    return (
        _name(reading, words, p),
        words.number(float(reading.values("slots", plan=p).sum())),
        *(words.number(each / 1e9, 2) for each in costs),
        *(
            words.risk(reading.at(key, plan=p, limit=limit), reading.relative(limit))
            for key in ("risk_in_sample", "risk_fresh")
        ),
        words.percent(reading.probability(limit, p), 0),
        region,
        words.yes(reading.at("plan_breaks_supervision", plan=p)),
        *kept,
        words.number(float(reading.values("lacking_mean", plan=p)[-1].sum())),
    )


def _keeps(reading: Reading, p: int) -> bool:
    """Tell whether a plan keeps the limits of the system and those on risk."""
    risk, limit = reading.values("risk_in_sample", plan=p), reading.values("risk_limit")
    within = bool(np.all((risk <= limit * (1 + 1e-9)) | np.isnan(limit)))
    return within and bool(reading.at("plan_keeps_limits", plan=p))


_COLUMNS = (
    "plan", "slots", "cost", "national", "national_fresh", "chance", "worst", "breaks", "keeps",
    "lack",
)  # fmt: skip


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
