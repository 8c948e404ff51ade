"""Sheets of a result with plans: names and headings in one language, yes and no in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core.study.world import Row
from ...core.system.families import AXES, LEVELS
from ..reading import Floats, Reading
from ..sections.sources import figure_value
from ..texts.figures import figure_name, source_in_words
from ..texts.risk import is_kept, judged_title
from ..texts.words import Words
from .sheets import Column, Sheet


def sheets_of(reading: Reading, words: Words) -> list[Sheet]:
    """Return the sheets between the answer and what stands about them."""
    made = [_plans(reading, words), _balance(reading, words), _regions(reading, words)]
    if reading.has("supply_group_median"):
        made.append(_groups(reading, words))
    made += [_capacity(reading, words), _cost(reading, words), _limits(reading, words)]
    made.append(_beside(reading, words))
    if reading.has("frontier_cost"):
        made.append(_frontier(reading, words))
    made.append(_figures(reading, words))
    return made


def _names(reading: Reading, dim: str, words: Words) -> list[str]:
    return [words.name(name) for name in reading.names(dim)]


def _long(*labels: Sequence[Any]) -> list[list[Any]]:
    """Return labels of every combination, the last varying fastest."""
    grids = np.meshgrid(*(np.arange(len(each)) for each in labels), indexing="ij")
    return [
        [each[i] for i in grid.ravel().tolist()] for each, grid in zip(labels, grids, strict=True)
    ]


def _plans(reading: Reading, words: Words) -> Sheet:
    """Return new posts of every plan by decision year and region; groups and tracks below."""
    decided = [reading.year(year) for year in reading.study.decision_years]
    years, regions = list(reading.study.decision_years), _names(reading, "region", words)
    rows = list[tuple[object, ...]]()
    for name, levels in LEVELS.items():
        if not reading.has(name):
            continue
        axis, kind = AXES.get(name), words(f"workbook.kind_{name}")
        parts = [""] if axis is None else _names(reading, axis, words)
        labels = _long(_names(reading, "plan", words), years, parts, regions)
        cells = [reading.values(each)[decided].swapaxes(0, 1).ravel() for each in (name, levels)]
        for plan, year, part, region, opened, level in zip(*labels, *cells, strict=True):
            rows.append((plan, year, kind, part, region, opened, level))
    heads = ("plan", "year", "kind", "part", "region", "opened", "in_all")
    forms = ("text", "year", "text", "text", "text", "whole", "whole")
    every = [list(column) for column in zip(*rows, strict=True)]
    return Sheet(words("workbook.plans"), _columns(heads, every, forms, words))


def _columns(
    heads: Sequence[str], cells: Sequence[Sequence[Any]], forms: Sequence[str], words: Words
) -> list[Column]:
    return [
        Column(words(f"workbook.{head}"), column, form)
        for head, column, form in zip(heads, cells, forms, strict=True)
    ]


_NEED = ("need", "need_low", "need_high")
_SUPPLY = ("with", "with_low", "with_high", "without")
_SHORT = ("chance_with", "chance_without", "unmet_with", "unmet_without")


def _balance(reading: Reading, words: Words) -> Sheet:
    """Return need and supply of the country by year, with the plan and without new posts."""
    need, m = reading.values("national_demand_quantile"), reading.median
    plan, none = (reading.values("national_supply_quantile", plan=p) for p in (0, reading.none))
    chance, unmet = (
        [reading.values(f"national_{name}", plan=p) for p in (0, reading.none)]
        for name in ("shortage_probability", "missing_mean")
    )
    cells = [need[:, m], need[:, 0], need[:, -1], plan[:, m], plan[:, 0], plan[:, -1], none[:, m]]
    heads = ("year", *_NEED, *_SUPPLY, *_SHORT)
    forms = ("year", *["whole"] * 7, "share", "share", "whole", "whole")
    every: list[Sequence[Any]] = [reading.years]
    every += [each.tolist() for each in (*cells, *chance, *unmet)]
    return Sheet(words("workbook.balance"), _columns(heads, every, forms, words))


def _regions(reading: Reading, words: Words) -> Sheet:
    """Return need, supply and shortage by year and region."""
    labels = _long(list(reading.years), _names(reading, "region", words))
    need, m = reading.values("demand_quantile")[:, reading.median], reading.median
    cells: list[Floats] = [need]
    cells += [reading.values("supply_quantile", plan=p)[:, m] for p in (0, reading.none)]
    for name in ("shortage_probability", "shortfall_mean"):
        cells += [reading.values(name, plan=p) for p in (0, reading.none)]
    heads = ["year", "region", "need", "with", "without", "chance_with", "chance_without"]
    heads += ["shortfall_with", "shortfall_without"]
    forms = ("year", "text", *["whole"] * 3, *["share"] * 4)
    every = [*labels, *(each.ravel().tolist() for each in cells)]
    return Sheet(words("workbook.regions"), _columns(heads, every, forms, words))


def _groups(reading: Reading, words: Words) -> Sheet:
    """Return need and supply by year, specialty group and region, medians."""
    groups, regions = (_names(reading, dim, words) for dim in ("specialty", "region"))
    labels = _long(list(reading.years), groups, regions)
    cells = [reading.values("demand_group_quantile")[:, reading.median]]
    cells += [reading.values("supply_group_median", plan=p) for p in (0, reading.none)]
    heads = ("year", "group", "region", "need", "with", "without")
    forms = ("year", "text", "text", "whole", "whole", "whole")
    every = [*labels, *(each.ravel().tolist() for each in cells)]
    return Sheet(words("workbook.groups"), _columns(heads, every, forms, words))


def _capacity(reading: Reading, words: Words) -> Sheet:
    """Return what the plan needs of every capacity by year and region."""
    names, regions = (_names(reading, dim, words) for dim in ("capacity", "region"))
    labels = _long(list(reading.years), names, regions)
    units = [str(unit) for unit in reading.data["supervision_unit"].values]
    units = _long(list(reading.years), units, regions)[1]
    need, room = reading.values("supervision_need", plan=0), reading.walls
    used = np.divide(need, room, out=np.full(need.shape, np.nan), where=room > 0.0)
    heads = ("year", "capacity", "region", "unit", "needed", "room", "used")
    forms = ("year", "text", "text", "text", "whole", "whole", "share")
    every = [*labels, units, *(each.ravel().tolist() for each in (need, room, used))]
    return Sheet(words("workbook.capacities"), _columns(heads, every, forms, words))


def _cost(reading: Reading, words: Words) -> Sheet:
    """Return the yearly cost of the plan by payer, NOK of the price year."""
    cost, payers = reading.values("cost_payer", plan=0), _names(reading, "payer", words)
    columns = [Column(words("workbook.year"), reading.years, "year")]
    columns += [Column(name, cost[:, n].tolist(), "whole") for n, name in enumerate(payers)]
    for name in ("cost_gross", "cost_report"):
        columns.append(Column(words(f"workbook.{name}"), reading.values(name, plan=0), "whole"))
    year = reading.study.cost.price_year
    return Sheet(words("workbook.cost", year=year), columns)


def _limits(reading: Reading, words: Words) -> Sheet:
    """Return every limit on risk under every plan."""
    plans, names = (_names(reading, dim, words) for dim in ("plan", "limit"))
    labels, limits = _long(plans, names), reading.limits
    judged = _long(plans, [judged_title(limit, words) for limit in limits])[1]
    risk = reading.values("risk_in_sample")
    allowed = np.broadcast_to(reading.values("risk_limit"), risk.shape)
    kept = [
        "" if np.isnan(most) else words.yes(is_kept(value, most))
        for value, most in zip(risk.ravel(), allowed.ravel(), strict=True)
    ]
    heads: tuple[str, ...] = ("plan", "limit", "judged", "allowed", "risk", "kept")
    forms: tuple[str, ...] = ("text", "text", "text", "limit", "limit", "text")
    every = [*labels, judged, allowed.ravel().tolist(), risk.ravel().tolist(), kept]
    if reading.searched:
        heads, forms = (*heads, "fresh"), (*forms, "limit")
        every.append(reading.values("risk_fresh").ravel().tolist())
    return Sheet(words("workbook.limits"), _columns(heads, every, forms, words))


def _beside(reading: Reading, words: Words) -> Sheet:
    """Return the plans side by side in the last year judged."""
    year = reading.study.time.window[1]
    t = reading.year(year)
    columns = [
        Column(words("workbook.plan"), _names(reading, "plan", words)),
        Column(words("workbook.opened"), reading.values("slots").sum(axis=(0, 2)), "whole"),
        Column(words("workbook.present"), reading.values("plan_cost") / 1e9, "billion"),
        Column(
            words("workbook.chance", year=year),
            reading.values("national_shortage_probability", time=t),
            "share",
        ),
        Column(
            words("workbook.unmet", year=year),
            reading.values("national_missing_mean", time=t),
            "whole",
        ),
    ]
    for name in ("plan_keeps_limits", "plan_breaks_supervision"):
        if reading.has(name):
            said = [words.yes(value > 0.0) for value in reading.values(name)]
            columns.append(Column(words(f"workbook.{name}"), said))
    return Sheet(words("workbook.beside"), columns)


def _frontier(reading: Reading, words: Words) -> Sheet:
    """Return what a stricter limit costs; where there is no plan, cells are empty."""
    said = {0: "word.infeasible", 1: "word.solved", 2: "word.stopped"}
    status = [words(said[int(each)]) for each in reading.values("frontier_status")]
    columns = [
        Column(words("workbook.limit"), reading.values("frontier_limit"), "limit"),
        Column(words("workbook.status"), status),
        Column(words("workbook.opened"), reading.values("frontier_total"), "whole"),
        Column(words("workbook.present"), reading.values("frontier_cost") / 1e9, "billion"),
    ]
    return Sheet(words("workbook.frontier"), columns)


def _figures(reading: Reading, words: Words) -> Sheet:
    """Return every figure of the study with its source or the assumption behind it."""
    rows = [
        (
            figure_name(reading, key, figure, words),
            figure_value(reading, figure, words),
            words.yes(not figure.source),
            source_in_words(figure.source, words),
            figure.assumption,
        )
        for key, figure in reading.study.figures()
        if not isinstance(figure, Row)
    ]
    cells = [list(column) for column in zip(*rows, strict=True)]
    heads = ("figure", "value", "assumed", "source", "assumption")
    return Sheet(words("workbook.figures"), _columns(heads, cells, ("text",) * 5, words))
