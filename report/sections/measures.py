"""Measures told: what each does alone, how it was rated; and what those in force cost."""

from __future__ import annotations

import numpy as np

from ...core.study.measures.measure import RATED
from ..blocks import Block, Details, Figure, Panel, Paragraph, Section, Table
from ..charts.spans import Spans, spans
from ..reading import Reading
from ..texts.words import MISSING, Words
from .asked import choice

COLUMNS = ("measure", "units", "fte", "avoided", "slots", "cost", "nok", "break_even")
SIGNS = {1: "+", 0: "0", -1: "−"}
DIFFERENT = "≠"


def measures(reading: Reading, words: Words) -> Section:
    """Return what each measure does alone: one chart, a table, and the ratings beside signs."""
    lead = words("measures.lead", scenarios=words.number(float(reading.sampling("scenarios"))))
    said = [Paragraph(line, tone="note") for line in notes(reading, words)]
    effects, rating = effect_table(reading, words), rating_table(reading, words)
    blocks: tuple[Block, ...] = (Paragraph(lead), _avoided(reading, words), effects, *said, rating)
    return Section("measures", _title(reading, words), blocks, words("measures.title"))


def _title(reading: Reading, words: Words) -> str:
    """Return which measure avoids most by itself; nothing of it where none avoids any."""
    avoided = reading.values("measure_avoided_median")
    m = int(np.nanargmax(avoided)) if np.isfinite(avoided).any() else 0
    if not avoided[m] >= 0.5:
        return words("measures.title")
    name = words.name(reading.names("measure")[m])
    return words("measures.title_most", name=name, avoided=words.about(float(avoided[m])))


def effect_table(reading: Reading, words: Words) -> Table:
    """Return what each measure does alone."""
    caption = _said(reading, words, "caption")
    return Table(caption, _header(reading, words), _rows(reading, words))


def rating_table(reading: Reading, words: Words) -> Table:
    """Return the ratings beside the signs that come out."""
    return Table(
        words("measures.ratings"),
        _rated_header(words),
        _rated_rows(reading, words),
        texts=1 + len(RATED),
        note=words("measures.note_ratings"),
    )


def told(reading: Reading) -> bool:
    """Tell whether measures are in force in a result."""
    return "measure_paid" in reading.data


def in_force(reading: Reading, words: Words) -> Section:
    """Return the measures in force and what they cost; what each payer pays is folded."""
    paid, payers = reading.data["measure_paid"], reading.names("payer")
    used = reading.data["measure_use"].any("time").values
    keys = [key for key, own in zip(reading.ids("measure"), used, strict=True) if own]
    said = {"count": len(keys), "cost": words.million(reading.scalar("measures_cost"))}
    found = {0: "_none", 1: "_one"}.get(len(keys), "")
    rows = tuple(_in_force_row(reading, words, key) for key in keys)
    header = ("measure", "units", "in_force_from", "in_force_regulation")
    table = Table(
        words("measures.in_force_caption"),
        tuple(words(f"measures.{key}") for key in header),
        rows,
        texts=4,
    )
    cells = tuple(
        (
            words.name(name),
            *(
                words.million(float(paid[:, :, p].sum("measure")[reading.years.index(y)]))
                for y in reading.selected_years
            ),
        )
        for p, name in enumerate(payers)
    )
    yearly = Table(
        words("measures.in_force_years", last=reading.years[-1]) + f" ({words('cost.unit')})",
        (words("measures.in_force_payer"), *map(str, reading.selected_years)),
        cells,
    )
    chosen, portfolios = choice.blocks(reading, words)
    lead = Paragraph(" ".join([*chosen, words("measures.in_force_lead")]), "lede")
    folded = Details(
        words("measures.in_force_summary", **said), (*portfolios, yearly), printed=False
    )
    blocks: tuple[Block, ...] = (lead, table, folded) if keys else (lead, folded)
    title = words(f"measures.in_force_found{found}", **said)
    return Section("in-force", title, blocks, words("measures.in_force_title"))


def _in_force_row(reading: Reading, words: Words, key: str) -> tuple[str, ...]:
    measure = reading.written.measure[key]
    use = f"{words.compact(measure.units)} {words.name(measure.unit)}"
    rules = measure.regulation or MISSING
    since = min(map(int, measure.use_by_year), default=measure.in_use_from)
    return words.name(measure.name), use, str(since), rules


def notes(reading: Reading, words: Words) -> list[str]:
    """Return what the table does not say of itself, a sentence or two each."""
    study = reading.study
    first, year = study.time.first_decision, study.time.window[1]
    said = []
    if reading.values("measure_from_start").any():
        said.append(words("measures.note_from_start", year=study.time.first_year))
    if reading.values("measure_breaks_room").any():
        said.append(words("measures.note_breaks"))
    price = words.number(reading.scalar("measure_slot_price") / 1e6, 1)
    said.append(words("measures.note_slots", year=first))
    said.append(words("measures.note_nok", year=first, price=price))
    share = reading.values("measure_break_even")
    if np.isfinite(share).any():
        said.append(words("measures.note_break_even"))
    said += _regional(reading, words)
    for m, key in enumerate(reading.ids("measure")):
        uncertain = any(
            e.amount is not None and e.amount.bounds[0] < e.amount.bounds[1]
            for e in reading.written.measure[key].effects
        )
        if uncertain and share[m] > 0.0:
            fte = share[m] * reading.at("measure_fte_median", measure=m)
            name = words.name(reading.names("measure")[m])
            told_share = words.percent(float(share[m]), 0)
            about = {"fte": words.number(fte, 1), "year": year, "share": told_share}
            said.append(words("measures.note_break_even_fte", name=name, **about))
    sign, rating = reading.values("measure_sign"), reading.data["measure_rating"].values
    both = int((np.isfinite(sign) & (rating != "")).sum())
    count = int(reading.values("measure_differs").sum())
    said.append(words("measures.differences", count=count, compared=both))
    return said


def _regional(reading: Reading, words: Words) -> list[str]:
    """Return from how many FTE on measures pay that keep doctors in one region."""
    study, said = reading.study, []
    price, year = reading.scalar("measure_slot_price"), study.time.window[1]
    for m, key in enumerate(reading.ids("measure")):
        cost = reading.at("measure_cost", measure=m)
        moved = [
            e.key.split(".")[1]
            for e in reading.written.measure[key].effects
            if e.key.startswith("regions.")
        ]
        for region in moved if cost > 0.0 else []:
            r = reading.ids("region").index(region)
            least = cost / price * reading.at("measure_slot_there", region=r)
            about = {
                "name": words.name(reading.names("measure")[m]),
                "region": words.name(reading.names("region")[r]),
                "fte": words.number(reading.at("measure_fte_region", measure=m, region=r), 1),
                "least": words.number(least, 1),
                "a_year": words.number(least / (year - study.time.first_decision), 1),
                "year": year,
            }
            said.append(words("measures.note_region", **about))
    return said


def _said(reading: Reading, words: Words, key: str) -> str:
    first, last = reading.study.time.window
    return words(f"measures.{key}", first=first, last=last)


def _header(reading: Reading, words: Words) -> tuple[str, ...]:
    return (*(_said(reading, words, key) for key in COLUMNS), words("measures.note_column"))


def _rows(reading: Reading, words: Words) -> tuple[tuple[str, ...], ...]:
    return tuple(_row(reading, words, m) for m in range(len(reading.ids("measure"))))


def _row(reading: Reading, words: Words, m: int) -> tuple[str, ...]:
    """Return the cells of one measure."""

    def at(name: str) -> float:
        return reading.at(f"measure_{name}", measure=m)

    def span(name: str, scale: float = 1.0) -> str:
        low, middle, high = (at(f"{name}_{end}") / scale for end in ("low", "median", "high"))
        if not np.isfinite(middle):
            return MISSING
        if at("cost") < 0.0 and name == "nok":
            return words.number(middle)
        if not np.isfinite(high):
            return words("measures.open", middle=words.number(middle), low=words.number(low))
        return f"{words.number(middle)} ({words.between(low, high)})"

    marks = [
        words(f"measures.{key}")
        for key, name in (("from_start", "from_start"), ("breaks", "breaks_room"))
        if at(name)
    ]
    slots, share = at("slots"), at("break_even")
    return (
        words.name(reading.names("measure")[m]),
        words.compact(at("units")),
        span("fte"),
        span("avoided"),
        words.number(slots, 1) if np.isfinite(slots) else words("measures.none"),
        words.million(at("cost")),
        span("nok", 1e3) if at("cost") else MISSING,
        words.percent(share, 0) if share > 0.0 else MISSING,
        " ".join(marks),
    )


def _rated_header(words: Words) -> tuple[str, ...]:
    return words("measures.measure"), *(words(f"measures.rated_{column}") for column in RATED)


def _rated_rows(reading: Reading, words: Words) -> tuple[tuple[str, ...], ...]:
    """Return the measures with a rating or a sign, each column as `rating, sign`."""
    rating, sign = reading.data["measure_rating"].values, reading.values("measure_sign")
    differs = reading.values("measure_differs")
    return tuple(
        (
            words.name(name),
            *(
                _rated(words, str(rating[m, n]), float(sign[m, n]), bool(differs[m, n]))
                for n in range(len(RATED))
            ),
        )
        for m, name in enumerate(reading.names("measure"))
    )


def _rated(words: Words, rating: str, sign: float, differs: bool) -> str:
    parts = (
        [words(f"measures.rating_{each}") for each in rating.split("/")] if rating else [MISSING]
    )
    found = SIGNS[int(sign)] if np.isfinite(sign) else MISSING
    return "\u00a0".join(["/".join(parts), found, *[DIFFERENT] * differs])


def _avoided(reading: Reading, words: Words) -> Figure | Paragraph:
    """Return the shortage that each measure avoids, the most on top; without those that avoid none.

    Less than half an FTE-year is a zero in the table; where all are, a sentence says so.
    """
    ends = [reading.values(f"measure_avoided_{end}") for end in ("low", "median", "high")]
    order = np.argsort(-ends[1], kind="stable")
    named = {int(m): words.name(reading.names("measure")[m]) for m in order}
    felt = [m for m in named if any(abs(each[m]) >= 0.5 for each in ends)]
    if not felt:
        return Paragraph(_said(reading, words, "no_effect"))
    low, middle, high = (each[felt] for each in ends)
    shown = Spans([named[m] for m in felt], low, middle, high, words("measures.unit"))
    message = _said(reading, words, "message")
    idle = [named[m] for m in named if m not in felt]
    note = words("measures.without_effect", names=words.listed(idle)) if idle else ""
    return Figure("measures", message, (Panel("", message, spans(shown)),), size="wide", note=note)
