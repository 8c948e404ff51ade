"""The section on whether there are scenarios enough: the same question on other draws of them."""

from __future__ import annotations

import numpy as np

from ...core.scenarios.sample_size import EXCESS, SPREAD, Verdict, verdict_in
from ..blocks import Block, Figure, Panel, Paragraph, Row, Section, Table
from ..charts.dots import Dots, dots, legend
from ..reading import Floats, Reading
from ..texts.risk import judged_title
from ..texts.words import MISSING, Words
from .frontier import outcome


def told(reading: Reading) -> bool:
    """Tell whether a result holds what the section needs."""
    return reading.has("replication_cost") and "replication_enough" in reading.data.attrs


def enough(reading: Reading, words: Words) -> Section:
    """Return the verdict on the size of the sample, its reasons, and the plan of every draw."""
    sizes = [words.number(size) for size in reading.values("size_scenarios")]
    lead = words(
        "enough.lead",
        seeds=words.number(reading.data.sizes["replication"]),
        scenarios=sizes[-1],
        part=sizes[0],
        fresh=words.number(float(reading.sampling("fresh_scenarios"))),
        spread=words.percent(SPREAD, 0),
        excess=_over(reading, words, EXCESS),
    )
    verdict = verdict_in(reading.data.attrs)
    blocks: list[Block] = [
        _answer(verdict, words, sizes[-1]),
        Paragraph(lead),
        _spread(reading, verdict, words, sizes),
        *_figure(reading, words, sizes),
        _plans(reading, words, sizes),
    ]
    return Section("enough", words("enough.title", scenarios=sizes[-1]), tuple(blocks))


def _answer(verdict: Verdict, words: Words, scenarios: str) -> Paragraph:
    """Return the answer in a sentence."""
    said = "yes" if verdict.enough else "no" if verdict.recommended else "unknown"
    size = words.number(verdict.recommended)
    text = words(f"enough.{said}", scenarios=scenarios, recommended=size)
    return Paragraph(text, tone="" if verdict.enough else "warning")


def _spread(reading: Reading, verdict: Verdict, words: Words, sizes: list[str]) -> Table:
    """Return how much cost, posts and fresh risk differ between the draws, by size."""
    seeds = words.number(reading.data.sizes["replication"])
    opened = reading.values("replication_slots").sum(axis=0)  # [size, replication, region]
    rows = []
    for n, size in enumerate(sizes):
        posts = [opened[n].sum(axis=1), *opened[n].T]
        rows.append(
            (
                size,
                words("enough.of", count=words.number(verdict.solved[n]), all=seeds),
                words.percent(verdict.spread[n], 2) if verdict.solved[n] > 1 else MISSING,
                *(_range(words, each) for each in posts),
                _over(reading, words, verdict.excess[n]),
            )
        )
    keys = ("size", "solved", "spread", "posts")
    header = tuple(words(f"enough.column_{key}") for key in keys)
    regions = tuple(words.name(name) for name in reading.names("region"))
    header = (*header, *regions, words("enough.column_excess"))
    note = words("enough.note")
    return Table(words("enough.caption_spread"), header, tuple(rows), note=note)


def _figure(reading: Reading, words: Words, sizes: list[str]) -> list[Figure]:
    """Return the cost of every draw's plan as dots; none if there is no plan."""
    costs = reading.values("replication_cost") / 1e6
    if not np.isfinite(costs).any():
        return []
    names = [words("enough.on", scenarios=size) for size in sizes]
    seeds = [int(seed) for seed in reading.values("replication_seed")]
    titles = (words("enough.column_seed"), words("cost.unit"))
    shown = Dots(names, seeds, costs, titles)
    said = words.listed(
        words("enough.between", scenarios=size, cost=_range(words, cost))
        for size, cost in zip(sizes, costs, strict=True)
    )
    message = words("enough.message", said=said)
    panel = Panel("", message, dots(shown))
    return [Figure("enough", message, (panel,), size="wide", legend=legend(shown))]


def _plans(reading: Reading, words: Words, sizes: list[str]) -> Table:
    """Return cost, bound, posts and fresh national risk of every draw's plan."""
    seeds = [str(int(seed)) for seed in reading.values("replication_seed")]
    rows = tuple(
        (size, seed, *_plan(reading, words, n, r))
        for n, size in enumerate(sizes)
        for r, seed in enumerate(seeds)
    )
    limit = reading.national
    allowed = words.risk(reading.at("risk_limit", limit=limit), reading.relative(limit))
    keys = ("size", "seed", "cost", "bound", "posts")
    header = tuple(words(f"enough.column_{key}") for key in keys)
    name = words.name(reading.names("limit")[limit])
    judged = judged_title(reading.limits[limit], words)
    header = (*header, words("enough.column_fresh", name=name, limit=allowed, judged=judged))
    return Table(words("enough.caption"), header, rows, texts=2)


def _plan(reading: Reading, words: Words, n: int, r: int) -> Row:
    at, limit = {"size": n, "replication": r}, reading.national
    cost = reading.at("replication_cost", **at)
    if not np.isfinite(cost):
        none = outcome(reading.at("replication_status", **at), words)
        return (none, *(MISSING,) * 3)
    return (
        words.million(cost),
        words.million(reading.at("replication_lower_bound", **at)),
        words.number(reading.at("replication_total", **at)),
        words.risk(reading.at("replication_fresh", **at, limit=limit), reading.relative(limit)),
    )


def _range(words: Words, values: Floats) -> str:
    """Return the least and the largest of some numbers, those of draws without a plan left out."""
    kept = values[np.isfinite(values)]
    if not len(kept):
        return MISSING
    low, high = words.number(float(kept.min())), words.number(float(kept.max()))
    return low if low == high else f"{low}–{high}"


def _over(reading: Reading, words: Words, value: float) -> str:
    """Return by how much a risk lies above its limit."""
    if not reading.relative(reading.national):
        return words.number(value, 3)
    return words("enough.points", value=words.number(100 * value, 2))
