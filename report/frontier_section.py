"""The section on the frontier: what less risk costs, with a slider over the plans."""

from __future__ import annotations

from string import ascii_uppercase

import numpy as np

from .bar_charts import Stack, bars, legend_of
from .blocks import Block, Facts, Figure, Panel, Paragraph, Section, Table
from .charts import VERMILION
from .frontier_chart import Axes, Curve, Mark
from .frontier_chart import frontier as frontier_chart
from .reading import Floats, Reading
from .words import MISSING, Words


def frontier(reading: Reading, words: Words) -> Section:
    """Return cost against the national limit, with a slider over the plans."""
    blocks: list[Block] = [Paragraph(words("frontier.lead")), *_frontier_figure(reading, words)]
    return Section("frontier", words("frontier.title"), (*blocks, _frontier_table(reading, words)))


def _frontier_figure(reading: Reading, words: Words) -> list[Figure]:
    """Return the curve and the plan of one point, which a slider chooses; none if no point is."""
    solved = np.flatnonzero(np.isfinite(reading.values("frontier_cost")))
    if not len(solved):
        return []
    columns = ("limit", "cost", "total", "risk", "risk_90", "lower_bound")
    found = {key: reading.values(f"frontier_{key}")[solved] for key in columns}
    stops = tuple(_stop(reading, words, found, n) for n in range(len(solved)))
    start = int(
        np.argmin(np.abs(found["limit"] - reading.at("risk_limit", limit=reading.national)))
    )
    decided = reading.study.decision_years
    regions = [words.name(name) for name in reading.names("region")]
    since = [reading.year(year) for year in decided]
    slots = np.moveaxis(reading.values("frontier_slots")[since][:, solved], 0, 1)
    stack = Stack(decided, regions, slots, words("plan.unit"), words("word.year"))
    message = words("frontier.message", first=stops[0], last=stops[-1])
    form = ".1%" if reading.relative(reading.national) else ",.0f"
    axes = Axes(words("frontier.axis_risk"), words("frontier.axis_cost"), form)
    marks = _marks(reading, words)
    curve = frontier_chart(_curves(reading, words, found), marks, axes, start)
    key = tuple((mark.letter, mark.name) for mark in marks)
    panels = (
        Panel(words("frontier.curve"), message, curve, key),
        Panel(words("frontier.slots"), words("frontier.slots_alt"), bars(stack, stop=start)),
    )
    figure = Figure(
        "frontier",
        message,
        panels,
        "half",
        legend_of(regions),
        slider=words("frontier.slider"),
        stops=stops,
        start=start,
        facts=tuple(_point(reading, words, found, slots, n) for n in range(len(solved))),
        numbers=(
            *_marks_table(reading, words, marks),
            _plans_table(reading, words, found["limit"], slots),
        ),
        printed=True,
    )
    return [figure]


def _stop(reading: Reading, words: Words, found: dict[str, Floats], n: int) -> str:
    """Return a point in one line."""
    return words(
        "frontier.stop",
        limit=words.risk(found["limit"][n], reading.relative(reading.national)),
        slots=words.number(found["total"][n]),
        cost=words.billion(found["cost"][n]),
    )


def _curves(reading: Reading, words: Words, found: dict[str, Floats]) -> list[Curve]:
    """Return cost over the study's own risk and over that of the worst tenth of futures."""
    share = _share_of(reading, words)
    tenth = words.percent(0.1, 0)
    own = Curve(words("frontier.worst", share=share), found["risk"], found["cost"])
    if share == tenth:
        return [own]
    label = words("frontier.worst", share=tenth)
    return [own, Curve(label, found["risk_90"], found["cost"], VERMILION, (5, 4))]


def _marks(reading: Reading, words: Words) -> list[Mark]:
    """Return the plans beside the chosen one, which lies on the curve; of the same risk."""
    names = reading.names("plan")[1:]
    costs = reading.values("plan_cost")[1:]
    risks = reading.values("risk_in_sample", limit=0)[1:]
    return [
        Mark(letter, words.name(name), float(risk), float(cost))
        for letter, name, risk, cost in zip(_letters(len(names)), names, risks, costs, strict=True)
    ]


def _letters(count: int) -> list[str]:
    """Return A to Z, then A1 to Z1 and so on."""
    return [ascii_uppercase[n % 26] + str(n // 26 or "") for n in range(count)]


def _marks_table(reading: Reading, words: Words, marks: list[Mark]) -> list[Table]:
    """Return risk and cost of the marked plans."""
    if not marks:
        return []
    relative = reading.relative(reading.national)
    rows = [
        (m.letter, m.name, words.risk(m.risk, relative), words.number(m.cost / 1e9, 2))
        for m in marks
    ]
    share = _share_of(reading, words)
    keys = ("mark", "plan", "risk", "cost")
    header = tuple(words(f"frontier.column_{key}", share=share) for key in keys)
    return [Table(words("frontier.marks"), header, tuple(rows), texts=2)]


def _share_of(reading: Reading, words: Words) -> str:
    """Return the worst share of futures that the national limit judges."""
    return words.percent(1 - reading.at("risk_confidence", limit=reading.national), 0)


def _point(
    reading: Reading, words: Words, found: dict[str, Floats], slots: Floats, n: int
) -> Facts:
    """Return the numbers of one point: posts, cost, risk, and posts by region."""
    relative = reading.relative(reading.national)
    regions = zip(reading.names("region"), slots[n].sum(axis=0), strict=True)
    by_region = words.listed(f"{words.name(name)} {words.number(value)}" for name, value in regions)
    risks = [words.risk(found[key][n], relative) for key in ("risk", "risk_90")]
    rows = (
        (by_region, words("frontier.posts", slots=words.number(found["total"][n]))),
        (words("answer.key_cost"), words.billion(found["cost"][n])),
        (words("frontier.column_risk", share=_share_of(reading, words)), risks[0]),
        (words("frontier.column_risk_90"), risks[1]),
    )
    return Facts(rows, kind="key_figures")


def _plans_table(reading: Reading, words: Words, limits: Floats, slots: Floats) -> Table:
    """Return the plan of every point by year and region; years without new posts are left out."""
    relative = reading.relative(reading.national)
    rows = [
        (words.risk(limits[n], relative), str(year), *map(words.number, (*opened, opened.sum())))
        for n, plan in enumerate(slots)
        for year, opened in zip(reading.study.decision_years, plan, strict=True)
        if opened.any()
    ]
    regions = [words.name(name) for name in reading.names("region")]
    header = (words("frontier.column_limit"), words("word.year"), *regions, words("word.total"))
    return Table(words("frontier.plans"), header, tuple(rows), texts=2)


def _frontier_table(reading: Reading, words: Words) -> Table:
    relative = reading.relative(reading.national)
    columns = ("limit", "total", "cost", "lower_bound", "risk", "risk_90")
    values = {key: reading.values(f"frontier_{key}") for key in columns}
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
    header = ("limit", "status", "total", "cost", "lower_bound", "risk", "risk_90")
    share = _share_of(reading, words)
    named = tuple(words(f"frontier.column_{key}", share=share) for key in header)
    return Table(words("frontier.caption"), named, tuple(rows), texts=2)


def outcome(status: float, words: Words) -> str:
    """Return how a solve ended in words: infeasible, solved to the gap, or stopped by the clock."""
    return words(("word.infeasible", "word.solved", "word.stopped")[int(status)])
