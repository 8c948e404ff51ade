"""All doctors of the country, those without a speciality included."""

from __future__ import annotations

from ..blocks import Details, Paragraph, Table
from ..reading import Reading
from ..texts.words import Words

WHOLE = ("all", "waiting")
"""Head-counts told with their quantiles."""


def told(reading: Reading) -> bool:
    """Tell whether the result counts all doctors."""
    return reading.has("counted_mean", "counted_start")


def doctors(reading: Reading, words: Words) -> tuple[Paragraph, Details]:
    """Return the head-count at the start and at the end, and in every year, folded."""
    populations = reading.ids("population")
    whole = populations.index("all")
    base, last = reading.years[0] - 1, reading.years[-1]
    at_end = {
        name: words.number(reading.at(f"counted_{part}", time=-1, plan=plan, population=whole))
        for name, part, plan in (
            ("end", "mean", 0),
            ("low", "low", 0),
            ("high", "high", 0),
            ("none", "mean", reading.none),
        )
    }
    start = words.number(reading.at("counted_start", population=whole))
    lead = words("doctors.lead", start=start, base=base, last=last, **at_end)
    header = (words("word.year"), *(words(f"doctors.{name}") for name in populations))
    rows = ((str(base), *_at_start(reading, words)), *_by_year(reading, words, populations))
    table = Table(words("doctors.caption"), header, rows)
    return Paragraph(lead), Details(words("doctors.summary"), (table,), printed=False)


def _at_start(reading: Reading, words: Words) -> tuple[str, ...]:
    """Return the counts at the start, which are certain."""
    return tuple(words.number(float(value)) for value in reading.values("counted_start"))


def _by_year(reading: Reading, words: Words, populations: list[str]) -> tuple[tuple[str, ...], ...]:
    """Return a row for every projected year: means, of all doctors with their quantiles."""
    mean, low, high = (
        reading.values(f"counted_{part}", plan=0) for part in ("mean", "low", "high")
    )
    rows = []
    for t, year in enumerate(reading.years):
        cells = [str(year)]
        for p, name in enumerate(populations):
            cell = words.number(mean[t, p])
            if name in WHOLE:
                cell += f" ({words.between(low[t, p], high[t, p])})"
            cells.append(cell)
        rows.append(tuple(cells))
    return tuple(rows)
