"""The section on the frontier: what less risk costs, with a slider over the plans."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase

import numpy as np
from numpy.typing import NDArray

from ...core.study.risk_limit import ShortageLimit
from ...core.study.risk_rules import Cvar
from ..blocks import Block, Facts, Figure, Panel, Paragraph, Section, Table
from ..charts.bars import Stack, bars, legend_of
from ..charts.frontier import Axes, Curve, Mark
from ..charts.frontier import frontier as frontier_chart
from ..charts.lines import VERMILION
from ..reading import Floats, Reading
from ..texts.risk import judged_in_words, judged_title, worst_in_words
from ..texts.words import MISSING, Words


def told(reading: Reading) -> bool:
    """Tell whether there is a frontier: a limit on shortage to run along."""
    return reading.axis is not None


def frontier(reading: Reading, words: Words) -> Section:
    """Return cost against one limit, the frontier's axis, with a slider over the plans."""
    figures = _frontier_figure(reading, words)
    lead = Paragraph(_lead(reading, words, figures))
    blocks: tuple[Block, ...] = (lead, *figures, _frontier_table(reading, words))
    return Section("frontier", words("frontier.title"), blocks)


def _axis(reading: Reading) -> int:
    """Return the limit the frontier runs along; without one there is no section."""
    if reading.axis is None:
        raise ValueError("the study has prices of shortage alone: there is no frontier")
    return reading.axis


def _lead(reading: Reading, words: Words, figures: Sequence[Figure]) -> str:
    """Return what the section shows: the limit moved, what moves along, curves, marks."""
    on_shortage = [
        x for x in reading.limits if isinstance(x, ShortageLimit) and x.limit is not None
    ]
    keys = ["lead", "others" if len(on_shortage) > 1 else "alone"]
    if figures:
        keys += ["second"] * _has_second(reading)
        keys += ["marked"] * bool(figures[0].panels[0].marks) + ["slide"]
    judged = judged_in_words(reading.limits[_axis(reading)], words)
    said = {"name": _name(reading, words), "judged": judged, "futures": worst_in_words(0.1, words)}
    return " ".join(words(f"frontier.{key}", **said) for key in keys)


def _name(reading: Reading, words: Words) -> str:
    return words.name(reading.names("limit")[_axis(reading)])


def _has_second(reading: Reading) -> bool:
    """Tell whether the worst tenth of futures is another measure than the limit's own."""
    return reading.limits[_axis(reading)].risk_rule != Cvar(0.9)


def _frontier_figure(reading: Reading, words: Words) -> list[Figure]:
    """Return the curve and the plan of one point, which a slider chooses; none if no point is."""
    axis, name = _axis(reading), _name(reading, words)
    solved = np.flatnonzero(np.isfinite(reading.values("frontier_cost")))
    if not len(solved):
        return []
    columns = ("limit", "cost", "total", "risk", "risk_90", "lower_bound")
    found = {key: reading.values(f"frontier_{key}")[solved] for key in columns}
    stops = tuple(_stop(reading, words, found, n) for n in range(len(solved)))
    start = int(np.argmin(np.abs(found["limit"] - reading.at("risk_limit", limit=axis))))
    stack = _stack(reading, words, solved)
    message = words("frontier.message", first=stops[0], last=stops[-1])
    form = ".1%" if reading.relative(axis) else ",.0f"
    cost = words(f"frontier.axis_cost{_priced(reading)}")
    axes = Axes(words("frontier.axis_risk", name=name), cost, form)
    marks = _marks(reading, words)
    curve = frontier_chart(_curves(reading, words, found), marks, axes, start)
    key = tuple((mark.letter, mark.name) for mark in marks)
    panels = (
        Panel(words("frontier.curve", name=name), message, curve, key),
        Panel(words("frontier.slots"), words("frontier.slots_alt"), bars(stack, stop=start)),
    )
    figure = Figure(
        "frontier",
        message,
        panels,
        "half",
        legend_of(stack.parts),
        slider=words("frontier.slider"),
        stops=stops,
        start=start,
        facts=tuple(_point(reading, words, found, stack.values, n) for n in range(len(solved))),
        numbers=(
            *_marks_table(reading, words, marks),
            _plans_table(reading, words, found["limit"], stack.values),
        ),
        printed=True,
    )
    return [figure]


def _stack(reading: Reading, words: Words, solved: NDArray[np.intp]) -> Stack:
    """Return the plans of the points solved as bars by decision year and region."""
    decided = reading.study.decision_years
    regions = [words.name(name) for name in reading.names("region")]
    since = [reading.year(year) for year in decided]
    slots = np.moveaxis(reading.values("frontier_slots")[since][:, solved], 0, 1)
    return Stack(decided, regions, slots, words("plan.unit"), words("word.year"))


def _stop(reading: Reading, words: Words, found: dict[str, Floats], n: int) -> str:
    """Return a point in one line."""
    return words(
        "frontier.stop",
        limit=words.risk(found["limit"][n], reading.relative(_axis(reading))),
        slots=words.number(found["total"][n]),
        cost=words.billion(found["cost"][n]),
    )


def _curves(reading: Reading, words: Words, found: dict[str, Floats]) -> list[Curve]:
    """Return cost over the study's own risk and over that of the worst tenth of futures."""
    judged = judged_in_words(reading.limits[_axis(reading)], words)
    own = Curve(judged, found["risk"], found["cost"])
    if not _has_second(reading):
        return [own]
    label = worst_in_words(0.1, words)
    return [own, Curve(label, found["risk_90"], found["cost"], VERMILION, (5, 4))]


def _marks(reading: Reading, words: Words) -> list[Mark]:
    """Return the plans beside the chosen one, which lies on the curve; of the same risk."""
    names = [words.name(name) for name in reading.names("plan")[1:]]
    costs = reading.values("plan_cost")
    risks = reading.values("risk_in_sample", limit=_axis(reading))
    return [
        Mark(letter, name, float(risks[p]), float(costs[p]) + reading.shortage_cost(p))
        for p, (letter, name) in enumerate(zip(_letters(len(names)), names, strict=True), start=1)
    ]


def _letters(count: int) -> list[str]:
    """Return A to Z, then A1 to Z1 and so on."""
    return [ascii_uppercase[n % 26] + str(n // 26 or "") for n in range(count)]


def _marks_table(reading: Reading, words: Words, marks: list[Mark]) -> list[Table]:
    """Return risk and cost of the marked plans."""
    if not marks:
        return []
    relative = reading.relative(_axis(reading))
    rows = [
        (m.letter, m.name, words.risk(m.risk, relative), words.number(m.cost / 1e9, 2))
        for m in marks
    ]
    keys = ("mark", "plan", "risk", f"cost{_priced(reading)}")
    header = _header(reading, words, keys)
    return [Table(words("frontier.marks"), header, tuple(rows), texts=2)]


def _priced(reading: Reading) -> str:
    """Return the end of the key of texts on cost, which counts the price of shortage if any."""
    return "_priced" if reading.priced else ""


def _header(reading: Reading, words: Words, keys: Sequence[str]) -> tuple[str, ...]:
    said = {
        "judged": judged_title(reading.limits[_axis(reading)], words),
        "futures": worst_in_words(0.1, words),
    }
    return tuple(words(f"frontier.column_{key}", **said) for key in keys)


def _point(
    reading: Reading, words: Words, found: dict[str, Floats], slots: Floats, n: int
) -> Facts:
    """Return the numbers of one point: posts, cost, risk, and posts by region."""
    relative = reading.relative(_axis(reading))
    regions = zip(reading.names("region"), slots[n].sum(axis=0), strict=True)
    by_region = words.listed(f"{words.name(name)} {words.number(value)}" for name, value in regions)
    risks = [words.risk(found[key][n], relative) for key in ("risk", "risk_90")]
    risk, risk_90 = _header(reading, words, ("risk", "risk_90"))
    rows = (
        (by_region, words("frontier.posts", slots=words.number(found["total"][n]))),
        (words(f"frontier.key_cost{_priced(reading)}"), words.billion(found["cost"][n])),
        (risk, risks[0]),
        (risk_90, risks[1]),
    )
    return Facts(rows, kind="key_figures")


def _plans_table(reading: Reading, words: Words, limits: Floats, slots: Floats) -> Table:
    """Return the plan of every point by year and region; years without new posts are left out."""
    relative = reading.relative(_axis(reading))
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
    relative = reading.relative(_axis(reading))
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
    cost = f"cost{_priced(reading)}"
    keys = ("limit", "status", "total", cost, "lower_bound", "risk", "risk_90")
    named = _header(reading, words, keys)
    return Table(words("frontier.caption"), named, tuple(rows), texts=2)


def outcome(status: float, words: Words) -> str:
    """Return how a solve ended in words: infeasible, solved to the gap, or stopped at a limit."""
    return words(("word.infeasible", "word.solved", "word.stopped")[int(status)])
