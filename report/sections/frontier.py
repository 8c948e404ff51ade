"""The section on the frontier: what a stricter limit costs, with a slider over the plans."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...core.study.risk_limit import ShortageLimit
from ..blocks import Block, Details, Figure, Panel, Paragraph, Section, Table
from ..charts.frontier import Axes, Curve, Mark
from ..charts.frontier import frontier as frontier_chart
from ..charts.planned import Planned, grouped, planned
from ..reading import Floats, Reading
from ..texts.risk import judged_in_words, judged_title, worst_in_words
from ..texts.words import MISSING, Words, short_names
from .first.notes import neighbours
from .first.pictures import columns_of

MOST_ROWS = 7
FREE = 0.065
"""Share of the dearest plan's cost that two labels need between them."""


def told(reading: Reading) -> bool:
    """Tell whether there is a frontier: a limit on shortage to run along."""
    return reading.axis is not None


def frontier(reading: Reading, words: Words) -> Section:
    """Return cost against one limit, the frontier's axis, with a slider over the plans."""
    figures = _frontier_figure(reading, words)
    lead = Paragraph(_lead(reading, words, figures), "lede")
    blocks: tuple[Block, ...] = (
        lead,
        *figures,
        *_frontier_table(reading, words),
        *_plans(reading, words),
    )
    return Section("frontier", _title(reading, words), blocks, words("frontier.title"))


def _axis(reading: Reading) -> int:
    """Return the limit the frontier runs along; without one there is no section."""
    if reading.axis is None:
        raise ValueError("the study has prices of shortage alone: there is no frontier")
    return reading.axis


def _title(reading: Reading, words: Words) -> str:
    """Return what the next stricter limit costs more, or what the next milder saves."""
    own, relative = reading.at("plan_cost", plan=0), reading.relative(_axis(reading))
    digits = _decimals(reading, words)
    if reading.priced:
        return words("frontier.title")
    stricter, milder = neighbours(reading)
    for key, point in (("stricter", stricter), ("milder", milder)):
        if point is None:
            continue
        step = reading.at("frontier_cost", frontier=point) - own
        if abs(step) > 0.005 * own and (step > 0) == (key == "stricter"):
            limit = words.risk(reading.at("frontier_limit", frontier=point), relative, digits)
            return words(f"frontier.title_{key}", limit=limit, cost=words.money(abs(step)))
    return words("frontier.title")


def _lead(reading: Reading, words: Words, figures: Sequence[Figure]) -> str:
    """Return what the section shows: the limit moved, and what moves along."""
    on_shortage = [
        x for x in reading.limits if isinstance(x, ShortageLimit) and x.limit is not None
    ]
    keys = ["lead", "others" if len(on_shortage) > 1 else "alone", *["slide"] * bool(figures)]
    judged = judged_in_words(reading.limits[_axis(reading)], words)
    return " ".join(
        words(f"frontier.{key}", name=_name(reading, words), judged=judged) for key in keys
    )


def _name(reading: Reading, words: Words) -> str:
    return words.name(reading.names("limit")[_axis(reading)])


def frontier_of(reading: Reading) -> dict[str, Floats]:
    """Return the points: limit, cost, total and risk [point], slots [time, point, region].

    At the study's own limit stands the plan itself. The search along the frontier may end there
    with another plan that costs as much within the gap.
    """
    axis = _axis(reading)
    found = {
        k: reading.values(f"frontier_{k}") for k in ("limit", "cost", "total", "risk", "slots")
    }
    own = reading.at("plan_cost", plan=0)
    alike = np.abs(found["cost"] - own) <= 2.0 * max(reading.study.solve.relative_gap, 1e-9) * own
    here = alike & (np.abs(found["limit"] - reading.at("risk_limit", limit=axis)) < 1e-12)
    if reading.priced or not here.any():
        return found
    found["cost"][here], found["total"][here] = own, reading.slots.sum()
    found["risk"][here] = reading.at("risk_in_sample", plan=0, limit=axis)
    found["slots"][:, here] = reading.slots[:, None]
    return found


def _decimals(reading: Reading, words: Words) -> int:
    return words.decimals(reading.at("risk_limit", limit=_axis(reading)))


def _solved(reading: Reading) -> NDArray[np.intp]:
    return np.flatnonzero(np.isfinite(reading.values("frontier_cost")))


def _frontier_figure(reading: Reading, words: Words) -> list[Figure]:
    """Return the curve and the plan of one point, which a slider chooses; none if no point is."""
    solved = _solved(reading)
    if not len(solved):
        return []
    points = frontier_of(reading)
    found = {key: points[key][solved] for key in ("limit", "cost", "total", "risk")}
    stops = tuple(_stop(reading, words, found, n) for n in range(len(solved)))
    own = reading.at("risk_limit", limit=_axis(reading))
    start = int(np.argmin(np.abs(found["limit"] - own)))
    name, axes = _name(reading, words), _axes(reading, words)
    labels = _labels(reading, words, solved, start)
    alone = [label.replace(", ", "\n", 1) * (n == start) for n, label in enumerate(labels)]
    wide, narrow = (
        frontier_chart(
            Curve(found["risk"], found["cost"], said, narrow),
            marks_beside(reading, words),
            axes,
            start,
        )
        for said, narrow in ((labels, False), (alone, True))
    )
    message = words("frontier.message", first=stops[0], last=stops[-1])
    shown = _shown(reading, words, solved)
    panels = (
        Panel(words("frontier.curve", name=name), message, wide, narrow),
        Panel(
            words("frontier.slots"), words("frontier.slots_alt"),
            planned(shown, stop=start), planned(shown, narrow=True, stop=start),
        ),
    )  # fmt: skip
    caption, note = words("frontier.caption_figure"), words("frontier.marks")
    slider = words("frontier.slider")
    return [Figure("frontier", caption, panels, "half", (), slider, (), stops, start, note=note)]


def _axes(reading: Reading, words: Words) -> Axes:
    return Axes(
        words("frontier.axis_risk", name=_name(reading, words)),
        words(f"frontier.axis_cost{_priced(reading)}"),
        ".1%" if reading.relative(_axis(reading)) else ",.0f",
    )


def _shown(reading: Reading, words: Words, solved: NDArray[np.intp]) -> Planned:
    """Return the plans of the points solved, by region and the years in which any opens posts."""
    regions = [words.name(name) for name in reading.names("region")]
    slots = frontier_of(reading)["slots"][:, solved]
    moved = [reading.years[int(t)] for t in np.flatnonzero(np.abs(slots).sum(axis=(1, 2)) > 0)]
    years = columns_of(moved or [reading.study.time.first_decision])
    labels, posts = grouped(years, np.moveaxis(slots[[reading.year(y) for y in years]], 0, 1))
    titles = (words("word.region"), words("word.year"), words("plan.unit"))
    return Planned(regions, labels, posts, words("word.total"), short_names(regions), titles)


def _labels(reading: Reading, words: Words, solved: NDArray[np.intp], start: int) -> list[str]:
    """Return posts and cost of the study's own point, the next stricter and the next milder.

    A neighbour so near that its label would lie over another's has none.
    """
    points = frontier_of(reading)
    cost = points["cost"]
    own, apart = int(solved[start]), FREE * float(np.nanmax(cost))
    named = {own}
    for point in neighbours(reading):
        if point is not None and abs(cost[point] - cost[own]) >= apart:
            named.add(point)
    return [
        words(
            "frontier.label",
            slots=words.number(float(points["total"][p])),
            cost=words.money(float(cost[p])),
        )
        if int(p) in named
        else ""
        for p in solved
    ]


def _stop(reading: Reading, words: Words, found: dict[str, Floats], n: int) -> str:
    """Return a point in one line."""
    return words(
        "frontier.stop",
        limit=words.risk(
            found["limit"][n], reading.relative(_axis(reading)), _decimals(reading, words)
        ),
        slots=words.number(found["total"][n]),
        cost=words.money(found["cost"][n]),
    )


def marks_beside(reading: Reading, words: Words) -> list[Mark]:
    """Return the plans beside the chosen one, which lies on the curve; of the same risk."""
    costs = reading.values("plan_cost")
    risks = reading.values("risk_in_sample", limit=_axis(reading))
    return [
        Mark(words.name(name), float(risks[p]), float(costs[p]) + reading.shortage_cost(p))
        for p, name in enumerate(reading.names("plan"))
        if p
    ]


def _priced(reading: Reading) -> str:
    """Return the end of the key of texts on cost, which counts the price of shortage if any."""
    return "_priced" if reading.priced else ""


def _plans(reading: Reading, words: Words) -> list[Details]:
    """Return the plan of every point by year and region, folded; years without posts left out."""
    relative = reading.relative(_axis(reading))
    found = frontier_of(reading)
    limits, slots = found["limit"], found["slots"]
    decided = reading.study.decision_years
    rows = [
        (words.risk(limits[p], relative), str(year), *map(words.number, (*opened, opened.sum())))
        for p in _solved(reading)
        for year, opened in ((y, slots[reading.year(y), p]) for y in decided)
        if opened.any()
    ]
    if not rows:
        return []
    regions = short_names([words.name(name) for name in reading.names("region")])
    header = (words("frontier.column_limit"), words("word.year"), *regions, words("word.total"))
    table = Table(words("frontier.plans"), header, tuple(rows), texts=2)
    return [Details(words("frontier.plans_summary"), (table,), printed=False)]


def _frontier_table(reading: Reading, words: Words) -> list[Table | Details]:
    """Return the points, at most `MOST_ROWS` open; all of them folded where there are more."""
    relative = reading.relative(_axis(reading))
    columns = ("limit", "total", "cost", "lower_bound", "risk", "risk_90")
    values = {key: reading.values(f"frontier_{key}") for key in columns} | frontier_of(reading)
    rows = []
    for n, status in enumerate(reading.values("frontier_status")):
        limit = words.risk(values["limit"][n], relative)
        if np.isfinite(values["cost"][n]):
            cells = (
                words.number(values["total"][n]),
                *(words.number(values[key][n] / 1e9, 2) for key in ("cost", "lower_bound")),
                *(words.risk(values[key][n], relative) for key in ("risk", "risk_90")),
            )
            rows.append((limit, outcome(status, words), *cells))
        else:
            rows.append((limit, outcome(status, words), *(MISSING,) * 5))
    keys = ("limit", "status", "total", f"cost{_priced(reading)}", "lower_bound", "risk", "risk_90")
    said = {
        "judged": judged_title(reading.limits[_axis(reading)], words),
        "futures": worst_in_words(0.1, words),
    }
    named = tuple(words(f"frontier.column_{key}", **said) for key in keys)
    whole = Table(words("frontier.caption"), named, tuple(rows), texts=2)
    if len(rows) <= MOST_ROWS:
        return [whole]
    kept = np.unique(np.linspace(0, len(rows) - 1, MOST_ROWS).round().astype(int))
    few = Table(words("frontier.caption"), named, tuple(rows[n] for n in kept), texts=2)
    return [few, Details(words("frontier.all"), (whole,), printed=False)]


def outcome(status: float, words: Words) -> str:
    """Return how a solve ended in words: infeasible, solved to the gap, or stopped at a limit."""
    return words(("word.infeasible", "word.solved", "word.stopped")[int(status)])
