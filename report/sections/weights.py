"""The section on other views of demand: the answer under other weights of the alternatives."""

from __future__ import annotations

import numpy as np

from ..blocks import Details, Paragraph, Section, Table
from ..reading import Reading
from ..texts.figures import source_in_words
from ..texts.risk import judged_in_words
from ..texts.words import MISSING, Words
from .first.notes import INFEASIBLE
from .frontier import outcome
from .risk import attained


def weights(reading: Reading, words: Words) -> Section:
    """Return the answer under other weights of the demand alternatives, and the weights."""
    used = words.name(reading.study.demand.weight_table)
    judged = judged_in_words(reading.limits[reading.national], words)
    folded = (_weight_matrix(reading, words), _weight_reasons(reading, words))
    blocks = (
        Paragraph(words("weights.lead", table=used, judged=judged), "lede"),
        _answers(reading, words),
        Details(words("weights.summary"), folded, printed=False),
    )
    return Section("weights", _title(reading, words), blocks, words("weights.title"))


def _title(reading: Reading, words: Words) -> str:
    """Return under how many of the other tables no plan keeps the study's limits."""
    own = reading.study.demand.weight_table
    pairs = zip(reading.ids("weight_table"), reading.names("weight_table"), strict=True)
    others = [n for n, pair in enumerate(pairs) if own not in pair]
    found = [reading.at("table_same_total", weight_table=n) for n in others]
    status = [reading.at("table_same_status", weight_table=n) for n in others]
    none = sum(each == INFEASIBLE for each in status)
    said = {"none": words.number(none), "count": words.number(len(others))}
    if none:
        return words("weights.title_none" if none < len(others) else "weights.title_all", **said)
    if others and np.isfinite(found).all():
        low, high = (words.number(end(found)) for end in (min, max))
        return words("weights.title_span", low=low, high=high)
    return words("weights.title")


def _answers(reading: Reading, words: Words) -> Table:
    """Return what each table asks for: at the study's limits, then at the same place."""
    limit = reading.national
    relative = reading.relative(limit)
    digits = words.decimals(reading.at("risk_limit", limit=limit))
    rows = []
    for n, name in enumerate(reading.names("weight_table")):
        floor, ceiling, bound = (
            reading.at(f"table_{key}", weight_table=n, limit=limit)
            for key in ("floor", "ceiling", "limit")
        )
        none = words("weights.none_keeps", floor=words.risk(floor, relative, digits))
        rows.append(
            (
                words.name(name),
                *_solved(reading, words, "same_", n, none),
                words.risk(ceiling, relative, digits),
                words.risk(bound, relative, digits),
                *_solved(reading, words, "", n, words("word.infeasible")),
            )
        )
    said = {
        "name": words.name(reading.names("limit")[limit]),
        "allowed": words.risk(reading.at("risk_limit", limit=limit), relative, digits),
        "place": _place(reading, words),
    }
    header = tuple(words(f"weights.column_{key}", **said) for key in _COLUMNS)
    return Table(words("weights.caption"), header, tuple(rows), note=words("weights.note"))


_COLUMNS = ("table", "same_slots", "same_cost", "ceiling", "limit", "slots", "cost")


def _solved(reading: Reading, words: Words, which: str, table: int, none: str) -> tuple[str, str]:
    """Return new posts and cost of the cheapest plan under a table of weights, or that none is."""
    status, slots, price = (
        reading.at(f"table_{which}{key}", weight_table=table) for key in ("status", "total", "cost")
    )
    if not np.isfinite(price):
        return none if status == INFEASIBLE else outcome(status, words), MISSING
    stopped = f" ({outcome(status, words)})" if status == 2 else ""
    return words.number(slots) + stopped, words.number(price / 1e9, 2)


def _place(reading: Reading, words: Words) -> str:
    """Return where the study's national limit lies in its own interval."""
    limit = reading.national
    bound, floor, ceiling = (
        reading.at(f"risk_{key}", limit=limit) for key in ("limit", "floor", "ceiling")
    )
    return words.percent(attained(bound, floor, ceiling), 0)


def _weight_matrix(reading: Reading, words: Words) -> Table:
    demand = reading.study.demand
    tables = list(dict.fromkeys(row.table for row in demand.weights))
    sums = {name: sum(w.weight for w in demand.weights if w.table == name) for name in tables}
    given = {(row.table, row.alternative): row.weight for row in demand.weights}
    rows = []
    for item in demand.alternatives:
        shares = [given.get((name, item.id), 0.0) / (sums[name] or 1.0) for name in tables]
        growth = words.compact(item.doctors_per_year)
        said = (words.name(item.name), words.name(item.population), words.name(item.unit), growth)
        rows.append((*said, *(words.percent(share, 0) for share in shares)))
    header = tuple(
        words(f"weights.alternative_{key}") for key in ("name", "population", "unit", "growth")
    )
    named = (*header, *(words.name(name) for name in tables))
    return Table(words("weights.alternatives"), named, tuple(rows), texts=3)


def _weight_reasons(reading: Reading, words: Words) -> Table:
    """Rows of a table that give the same reason stand together."""
    demand = reading.study.demand
    names = {item.id: words.name(item.name) for item in demand.alternatives}
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for row in demand.weights:
        name = f"{names[row.alternative]} ({words.share(round(row.weight, 3))})"
        source = source_in_words(row.source, words)
        grouped.setdefault((row.table, row.assumption, source), []).append(name)
    rows = tuple(
        (words.name(table), "; ".join(members), words.name(reason) if reason else "", source)
        for (table, reason, source), members in grouped.items()
    )
    header = tuple(
        words(f"weights.reason_{key}") for key in ("table", "alternatives", "reason", "source")
    )
    return Table(words("weights.reasons"), header, rows, texts=4, english=1)
