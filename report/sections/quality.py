"""The section on how good the solution is, in words that can be quoted."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.study.world import Region
from ..blocks import Block, Details, Paragraph, Section, Table
from ..reading import Reading
from ..texts.risk import judged_in_words
from ..texts.words import MISSING, Words
from .limits import worth
from .parts.binding import gap_in_words


def quality(reading: Reading, words: Words) -> Section:
    """Return how sure the calculation and the world are, what binds, and folded what is proved."""
    rounded = "kept" if reading.flag("rounded_lp_feasible") else "broken"
    cost = "cost_priced" if reading.priced else "cost"
    relaxed = ["lp"] if np.isfinite(reading.scalar("lp_bound")) else []  # none under chance limits
    keys = [cost, "bound", "ended", *relaxed, f"rounded_{rounded}", _tightness(reading)]
    values = _values(reading, words)
    calculated = [
        gap_in_words(reading, words),
        words("quality.samples", **values),
        _fresh(reading, words, reading.national),
        words("quality.interval"),
    ]
    sentences = [words(f"quality.{key}", **values) for key in keys]
    others = (n for n in range(len(reading.ids("limit"))) if n != reading.national)
    sentences += [_fresh(reading, words, n) for n in others]
    sentences += [words(f"quality.{key}", **values) for key in _assumed(reading)]
    proof: list[Paragraph | Table] = [Paragraph(text, tone="item") for text in sentences]
    if reading.has("round_lower_bound", "round_upper_bound", "round_cuts"):
        proof.append(_rounds(reading, words))
    shown, folded = worth(reading, words)
    blocks: tuple[Block, ...] = (
        Paragraph(" ".join(calculated)),
        Paragraph(" ".join([words("quality.world"), *_information(reading, words)])),
        *shown,
        *folded,
        Details(words("quality.proof"), tuple(proof), printed=False),
    )
    return Section("quality", _title(reading, words), blocks, words("quality.title"))


def _title(reading: Reading, words: Words) -> str:
    """Return whether the limit is kept on fresh scenarios."""
    key = reading.kept_afresh(reading.national)
    return words("quality.title" if key == "priced" else f"quality.title_{key}")


def assumed(reading: Reading, words: Words) -> Section:
    """Return on what a given plan was judged, and what was assumed."""
    values = _values(reading, words)
    texts = (words(f"quality.{key}", **values) for key in ("samples_given", *_assumed(reading)))
    blocks = tuple(Paragraph(text, tone="item") for text in texts)
    return Section("quality", words("quality.title_given"), blocks)


def _tightness(reading: Reading) -> str:
    """Return the key of the text on how close the bound can come."""
    if reading.study.specialist_posts is not None:
        return "bound_of_posts"
    return "concavity_fails" if reading.scalar("concavity_failures") else "concavity_holds"


def _assumed(reading: Reading) -> list[str]:
    """Return the keys of the texts on what is assumed in this study."""
    study, several = reading.study, len(reading.study.regions) > 1
    keys = []
    if several and all(row.region is None for row in study.specialists.stock):
        keys.append(_spread_by(next(iter(study.regions.values()))))
    known_from_the_start = any(row.year == study.years[0] for row in study.posts.history)
    if study.posts.unused.value > 0 and not known_from_the_start:
        keys.append(f"unused_{study.posts.unused_treatment}")
    doctors = any(limit.counts == "doctors" for limit in reading.limits)
    keys.append("supply_doctors" if doctors else "supply")
    return [*keys, *(["regions"] if several else []), "heads"]


def _spread_by(first: Region) -> str:
    """Return the key of the text on what regions' doctors and demand are spread by.

    Weights are given in every region or in none: the `first` tells.
    """
    if first.stock_weight is None:
        return "key"
    return "key_counted" if first.demand_weight is None else "key_counted_apart"


def _values(reading: Reading, words: Words) -> dict[str, Any]:
    """Return what the sentences name."""
    number, posts = words.number, reading.study.posts
    billions = {
        "upper": "upper_bound", "lower": "lower_bound", "lp": "lp_bound",
        "rounded": "rounded_lp_cost", "shortage": "shortage_cost",
    }  # fmt: skip
    doctors = [
        words.name(name)
        for name, limit in zip(reading.names("limit"), reading.limits, strict=True)
        if limit.counts == "doctors"
    ]
    method = str(reading.attribute("sampling_method") or reading.study.sampling.method)
    return {key: number(reading.scalar(name) / 1e9, 4) for key, name in billions.items()} | {
        "failures": number(reading.scalar("concavity_failures")),
        "scenarios": number(float(reading.sampling("scenarios"))),
        "fresh": number(float(reading.sampling("fresh_scenarios"))),
        "method": words.name(method),
        "rounds": number(reading.scalar("rounds")),
        "status": words.name(str(reading.attribute("solution_status"))),
        "unused": number(posts.unused.value),
        "posts": number(float(reading.study.given_levels[:, 0].sum())),
        "year": reading.study.years[0],
        "names": words.listed(doctors),
    }


def _fresh(reading: Reading, words: Words, n: int) -> str:
    """Return a limit's risk in sample and on fresh scenarios."""
    found = {
        "risk": reading.at("risk_in_sample", plan=0, limit=n),
        "fresh": reading.at("risk_fresh", plan=0, limit=n),
        "low": reading.at("risk_fresh_low", plan=0, limit=n),
        "high": reading.at("risk_fresh_high", plan=0, limit=n),
    }
    said = {key: words.risk(value, reading.relative(n)) for key, value in found.items()}
    said["judged"] = judged_in_words(reading.limits[n], words)
    return words("quality.risk_fresh", name=words.name(reading.names("limit")[n]), **said)


def _information(reading: Reading, words: Words) -> list[str]:
    """Return what planning with scenarios and knowing the future are worth, where it is known."""
    stochastic, foresight = (
        reading.scalar(f"value_of_{key}") for key in ("stochastic_solution", "perfect_information")
    )
    said = []
    if np.isposinf(stochastic):
        said.append(words("quality.stochastic_needed"))
    elif np.isfinite(stochastic):
        said.append(words("quality.stochastic", value=words.number(stochastic / 1e9, 2)))
    if np.isfinite(foresight):
        scenarios = words.number(reading.scalar("part_scenarios"))
        part, value = (words.number(x / 1e9, 2) for x in (reading.scalar("part_cost"), foresight))
        said.append(words("quality.foresight", value=value, part=part, scenarios=scenarios))
        if reading.flag("part_limits_moved"):
            said.append(words("quality.foresight_moved"))
    return said


def _rounds(reading: Reading, words: Words) -> Table:
    """Return how the bounds closed in."""
    low, high, cuts = (
        reading.values(f"round_{key}") for key in ("lower_bound", "upper_bound", "cuts")
    )
    rows = tuple(
        (
            str(n),
            words.number(low[n - 1] / 1e9, 4),
            words.number(high[n - 1] / 1e9, 4) if np.isfinite(high[n - 1]) else MISSING,
            words.number(cuts[n - 1]),
        )
        for n in range(1, len(low) + 1)
    )
    columns = ("round", "lower_bound", "upper_bound", "cuts")
    header = tuple(words(f"quality.column_{key}") for key in columns)
    return Table(words("quality.rounds_caption"), header, rows)
