"""The section on what drives the shortage: the share of its uncertainty behind each factor."""

from __future__ import annotations

import numpy as np
from rich.table import Table as TerminalTable

from ...core.scenarios.draws import weight_table
from ...core.scenarios.factors import (
    AT_END,
    BOUGHT,
    LACKING,
    NEED,
    NOISE,
    NORMALISATION,
    of_purchases,
)
from ...core.study.processes import ALTERNATIVE
from ..blocks import Details, Figure, Panel, Paragraph, Section, Table
from ..charts.effects import Effects, effects, legend
from ..reading import Reading
from ..texts.figures import named
from ..texts.words import MISSING, Words
from .parts.values import value_in_words

SHOWN = 12  # bars of the chart, rows of the first table


def told(reading: Reading) -> bool:
    """Tell whether a result holds what the section needs."""
    return "sensitivity_total" in reading.data


def drivers(reading: Reading, words: Words) -> Section:
    """Return what drives the first national limit, as bars and in numbers, and all outcomes."""
    o, number = reading.national, words.number
    total = reading.values("sensitivity_total", outcome=o)
    order = [int(f) for f in np.argsort(-total, kind="stable")]
    outcome = _outcome(reading, o, words)
    sd = reading.at("sensitivity_sd", outcome=o)
    lead = words(
        "drivers.lead",
        name=outcome,
        mean=words.risk(reading.at("sensitivity_mean", outcome=o), reading.relative(o)),
        sd=words.risk(sd, reading.relative(o)),
        evaluations=number(reading.scalar("sensitivity_evaluations")),
    )
    if sd == 0.0:
        nothing = Paragraph(words("drivers.nothing"))
        return Section("drivers", words("drivers.title"), (Paragraph(lead), nothing))
    everything = (_table(reading, words, order, "caption"), _all_outcomes(reading, words, order))
    blocks = (
        Paragraph(lead),
        _figure(reading, words, order),
        _table(reading, words, order[:SHOWN], "strongest"),
        Details(words("drivers.everything"), everything, printed=False),
        Paragraph(words("drivers.independent"), tone="note"),
    )
    return Section("drivers", words("drivers.title"), blocks)


def _figure(reading: Reading, words: Words, order: list[int]) -> Figure:
    o, top = reading.national, order[:SHOWN]
    names = [named(reading, key, words) for key in reading.ids("factor")]
    total, error, first = (
        reading.values(f"sensitivity_{key}", outcome=o)[top]
        for key in ("total", "total_error", "first")
    )
    titles = (words("drivers.total"), words("drivers.first"))
    shown = Effects([names[f] for f in top], total, error, first, titles)
    message = words(
        "drivers.message",
        name=_outcome(reading, o, words),
        first=names[top[0]],
        share=words.percent(float(total[0]), 0),
    )
    panel = Panel("", message, effects(shown))
    return Figure("drivers", message, (panel,), size="wide", legend=legend(shown))


def _table(reading: Reading, words: Words, order: list[int], said: str) -> Table:
    """Return factors with their ranges and their effects on the national limit."""
    keys, o = reading.ids("factor"), reading.national
    rows = tuple(
        (
            named(reading, keys[f], words),
            range_in_words(reading, keys[f], words),
            *(_share(reading, words, kind, o, f) for kind in ("total", "first")),
        )
        for f in order
    )
    header = tuple(words(f"drivers.{key}") for key in ("factor", "range", "total", "first"))
    caption = words(f"drivers.{said}", name=_outcome(reading, o, words))
    return Table(caption, header, rows, texts=2, note=words("drivers.note"))


def _all_outcomes(reading: Reading, words: Words, order: list[int]) -> Table:
    """Return the total effect of every factor on every outcome."""
    keys, total = reading.ids("factor"), reading.values("sensitivity_total")
    count = len(reading.ids("outcome"))
    rows = tuple(
        (
            named(reading, keys[f], words),
            *(words.percent(float(total[o, f]), 1) for o in range(count)),
        )
        for f in order
    )
    header = (words("drivers.factor"), *(_outcome(reading, o, words) for o in range(count)))
    return Table(words("drivers.caption_all"), header, rows)


def _share(reading: Reading, words: Words, kind: str, outcome: int, factor: int) -> str:
    at = {"outcome": outcome, "factor": factor}
    value = words.percent(reading.at(f"sensitivity_{kind}", **at))
    return f"{value} ± {words.number(100 * reading.at(f'sensitivity_{kind}_error', **at), 1)}"


def _outcome(reading: Reading, outcome: int, words: Words) -> str:
    found = reading.ids("outcome")[outcome]
    if found == AT_END:
        return words("drivers.at_end", year=reading.study.time.window[1])
    if found in (BOUGHT, LACKING):
        return words("drivers." + {BOUGHT: "bought", LACKING: "lacking"}[found])
    return words.name(reading.names("outcome")[outcome])


def range_in_words(reading: Reading, key: str, words: Words) -> str:
    """Return how a factor varies, in words."""
    study, number = reading.study, words.number
    demand = study.demand
    if key in study.uncertain or key in of_purchases(study):
        return value_in_words(study.quantities[key], words)
    if key in study.processes:
        return value_in_words(study.processes[key], words)
    if key == NOISE:
        sd, correlation = demand.noise_sd.value, demand.noise_correlation.value
        return words("drivers.noise", sd=number(sd), correlation=words.compact(correlation))
    if key == NORMALISATION:
        chance = words.percent(demand.normalisation_probability.value, 0)
        return words("drivers.switch", chance=chance)
    if key == ALTERNATIVE:
        alternatives = zip(demand.alternatives, weight_table(study), strict=True)
        values = [each.doctors_per_year for each, weight in alternatives if weight > 0]
    else:
        models = demand.need[key.removeprefix(NEED)].models
        values = [model.per_year for model in models if model.weight > 0]
    ends = {"low": number(min(values)), "high": number(max(values))}
    return words("drivers.one_of", count=len(values), **ends)


def effect_table(reading: Reading, language: str = "en") -> TerminalTable:
    """Return the factors' effects on the national limit for a terminal, the strongest on top."""
    words, o = Words(language), reading.national
    kinds = ("total", "first") if told(reading) else ("mu_star", "sigma")
    strength = reading.values(f"sensitivity_{kinds[0]}", outcome=o)
    caption = words("drivers.caption", name=_outcome(reading, o, words))
    table = TerminalTable(title=caption, caption=words("drivers.independent"))
    table.add_column(words("drivers.factor"), overflow="fold")
    table.add_column(words("drivers.range"), overflow="fold")
    for kind in kinds:
        table.add_column(words(f"drivers.{kind}"), justify="right")
    for f in np.argsort(-strength, kind="stable"):
        key = reading.ids("factor")[f]
        table.add_row(
            named(reading, key, words),
            range_in_words(reading, key, words),
            *(_cell(reading, words, kind, o, int(f)) for kind in kinds),
        )
    return table


def _cell(reading: Reading, words: Words, kind: str, outcome: int, factor: int) -> str:
    if kind in ("total", "first"):
        return _share(reading, words, kind, outcome, factor)
    value = reading.at(f"sensitivity_{kind}", outcome=outcome, factor=factor)
    return MISSING if np.isnan(value) else words.risk(value, reading.relative(outcome))
