"""A plan tried by hand: sliders for each region and decision year, and what follows from them."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import panel as pn
from numpy.typing import NDArray

from ..core.compute.workers import Workers
from ..core.risk.oracle import Oracle
from ..core.system.arrays import system_of
from ..core.system.limits import Capacity
from ..report.charts.lines import lines
from ..report.reading import Reading
from ..report.sections.parts.frames import frame
from ..report.texts.risk import as_title, judged_alike, judged_in_words
from ..report.texts.words import Words
from .parts import Part, parts_of, plan_of
from .pictures import svg
from .supply import Outlook, outlook

Floats = NDArray[np.float64]
WIDE = {"sizing_mode": "stretch_width"}  # as wide as the window, so that what stands beside wraps


class Question(NamedTuple):
    """What plans are tried on."""

    reading: Reading
    oracle: Oracle
    words: Words
    workers: Workers


class Trial:
    """A plan [row, decision year] to try by hand, and what follows.

    Where a study decides on more than LIS1, one part of the plan is moved at a time: a choice says
    which has the sliders. What follows from the result's own plan is taken from another trial of
    the same question.
    """

    outlook: Outlook

    def __init__(self, asked: Question, first: Trial | None = None) -> None:
        self.asked = asked
        self.reading, self.oracle, self.words, self.workers = asked
        reading, words = self.reading, self.words
        self.study = reading.study
        self.system = system_of(self.study)
        self.plan = plan_of(reading)
        self.parts = parts_of(reading, self.plan, words)
        shown = [part.name for part in self.parts]
        self.shown = pn.widgets.Select(label=words("explore.part"), options=shown, width=460)
        names = [words("word.country"), *map(words.name, reading.names("region"))]
        self.place = pn.widgets.Select(label=words("word.region"), options=names)
        groups = [words("explore.every_group"), *map(words.name, reading.names("specialty"))]
        self.group = pn.widgets.Select(label=words("posts.label"), options=groups)
        if first is not None:
            self.outlook = first.outlook
        said = self._said(self.plan) if first is None else [each.object for each in first.panes]
        self.told, self.opened = (pn.pane.Markdown(text, min_width=340) for text in said[:2])
        self.drawn = pn.pane.HTML(said[2])
        self.sliders = pn.FlexBox(**WIDE)
        self.shown.param.watch(self._other_part, "value")
        for chosen in (self.place, self.group):
            chosen.param.watch(self._elsewhere, "value")

    @property
    def panes(self) -> tuple[Any, Any, Any]:
        """Return where outcome, posts and chart stand."""
        return self.told, self.opened, self.drawn

    @property
    def several(self) -> bool:
        """Tell whether the study decides on more than LIS1."""
        return len(self.system.families) > 1

    def view(self) -> Any:
        """Return the sliders by region beside what the plan leads to.

        The sliders follow once the page is there: they take most of its time.
        """
        words = self.words
        pn.state.onload(lambda: self._other_part(None))
        places = pn.Row(self.place, self.group) if self.several else self.place
        beside = pn.Column(places, words("explore.supply"), self.drawn)
        above = pn.FlexBox(self.told, beside, **WIDE)
        if not self.several:
            return pn.Column(words("explore.lead"), above, self.sliders, **WIDE)
        lead = words("explore.lead_parts")
        return pn.Column(lead, above, self.opened, self.shown, self.sliders, **WIDE)

    def _other_part(self, _: Any) -> None:
        """Show the sliders of the part that is chosen."""
        part = next(each for each in self.parts if each.name == self.shown.value)
        self.sliders.objects = self._columns(part)

    def _columns(self, part: Part) -> list[Any]:
        """Return a column of sliders for each region, one for each decision year."""
        columns, numbers = [], range(part.rows.start, part.rows.stop)
        for name, row in zip(self.reading.names("region"), numbers, strict=True):
            sliders = [self._slider(part, row, y) for y in range(self.plan.shape[1])]
            columns.append(pn.Column(f"**{as_markdown(self.words.name(name))}**", *sliders))
        return columns

    def _slider(self, part: Part, row: int, y: int) -> Any:
        """Return the slider of one cell of the plan."""
        now, whole = float(self.plan[row, y]), part.family.whole
        least = float(self.system.least_slots[row, y])  # below zero: may be closed
        ends = {"start": min(0.0, now, np.ceil(least) if whole else least)}
        ends |= {"end": part.top, "value": now}
        label, width = str(self.system.decision_years[y]), 150
        if whole:
            kept = {key: int(value) for key, value in ends.items()}
            slider = pn.widgets.IntSlider(label=label, width=width, **kept)
        else:
            slider = pn.widgets.FloatSlider(label=label, width=width, step=0.1, **ends)
        slider.param.watch(partial(self._moved, row, y), "value_throttled")
        return slider

    def _moved(self, row: int, y: int, event: Any) -> None:
        self.plan[row, y] = event.new
        for pane, said in zip(self.panes, self._said(self.plan), strict=True):
            pane.object = said

    def _elsewhere(self, _: Any) -> None:
        self.drawn.object = self._picture()

    def _said(self, plan: Floats) -> list[str]:
        """Return outcome, posts and chart of a plan."""
        drawn = self.chart(plan)
        return [self.outcome(plan), self.posts(plan), drawn]

    def chart(self, plan: Floats) -> str:
        """Return supply against demand in the place chosen, under `plan` [row, decision year].

        The scenarios are those by which the plan is judged.
        """
        self.outlook = outlook(self.oracle, self.system.levels(plan), self.workers)
        return self._picture()

    def _picture(self) -> str:
        place, group = (each.options.index(each.value) for each in (self.place, self.group))
        drawn = self.outlook.lines((group, place), self.words)
        chart = replace(frame(self.reading, self.words, self.words("word.fte")), height=260)
        return svg(lines(chart, drawn), self.words, 560)

    def outcome(self, plan: Floats) -> str:
        """Return posts, cost, broken limits and the risks of a plan as Markdown.

        `plan` [row, decision year].
        """
        words, level = self.words, self.system.levels(plan)
        lines = [self._opened(plan), ""]
        alike = judged_alike(self.reading.limits, words)
        judged = as_title(alike) or words("explore.judged")
        keys = ("limit", "risk", "allowed", "kept", "chance")
        heads = [words(f"explore.{key}", judged=judged) for key in keys]
        lines += [f"| {' | '.join(heads)} |", "|---|---:|---:|---|---:|"]
        z = self.oracle.shortfall(level)
        risks = self.oracle.risk_of(z)
        chances = np.average(z > 0.0, axis=1, weights=self.oracle.weight)
        for n, (risk, name) in enumerate(zip(risks, self.reading.names("limit"), strict=True)):
            most, relative = self.oracle.limits[n].at_most, self.reading.relative(n)
            said = (words.risk(float(risk), relative), words.risk(most, relative))
            kept = words.yes(risk <= most + 1e-12)
            named = words.name(name)
            if not alike:
                named += f" ({judged_in_words(self.reading.limits[n], words)})"
            chance = words.percent(float(chances[n]), 0)
            lines.append(f"| {as_markdown(named)} | {said[0]} | {said[1]} | {kept} | {chance} |")
        return "\n".join([*lines, "", *self._broken(plan), self._supervision(level)])

    def _opened(self, plan: Floats) -> str:
        """Return how many posts a plan opens, and what it costs."""
        words, (lis1, *others) = self.words, self.system.families
        slots, cost = words.number(float(plan[lis1.rows].sum())), self.system.prices.plan(plan)
        if not others:
            return words("explore.plan", slots=slots, cost=words.billion(cost))
        every = np.concatenate([plan[each.rows] for each in others])
        opened, closed = (float(np.maximum(sign * every, 0.0).sum()) for sign in (1.0, -1.0))
        told = {"slots": slots, "others": words.number(opened), "cost": words.billion(cost)}
        if closed:
            return words("explore.plan_parts_closed", **told, closed=words.number(closed))
        return words("explore.plan_parts", **told)

    def posts(self, plan: Floats) -> str:
        """Return new posts by part and region, and who waits for one, as Markdown.

        Who waits is counted under the plan of the last chart. Nothing where a study decides on LIS1
        alone.
        """
        if not self.several:
            return ""
        words, (first, last) = self.words, self.study.time.window
        regions = [as_markdown(words.name(name)) for name in self.reading.names("region")]
        waiting = words("explore.waiting", first=first, last=last)
        heads = [words("explore.opened"), *regions, words("word.total"), waiting]
        rows = [f"| {' | '.join(heads)} |", f"|---{'|---:' * (len(heads) - 1)}|"]
        window = slice(self.reading.year(first), self.reading.year(last) + 1)
        for part in self.parts:
            opened = plan[part.rows].sum(axis=1)
            digits = 0 if part.family.whole else 1
            cells = [words.number(float(x), digits) for x in (*opened, opened.sum())]
            cells.append(words.number(part.waiting(self.outlook.means, window)))
            rows.append(f"| {as_markdown(part.name)} | {' | '.join(cells)} |")
        return "\n".join(rows)

    def _broken(self, plan: Floats) -> list[str]:
        """Return which limits besides supervision a plan breaks, where it is more than LIS1."""
        if not self.several:
            return []
        words, where = self.words, list[str]()
        for limit in self.system.limits:
            if isinstance(limit, Capacity) or limit.keeps(plan).all():
                continue
            key = f"limits.{limit.kind}"
            name = words(key, name=words.name(limit.subject)) if words.has(key) else limit.title
            where.append(as_markdown(name))
        if not where:
            return [words("explore.within"), ""]
        return [words("explore.beyond", where=words.listed(where)), ""]

    def _supervision(self, level: Floats) -> str:
        """Return which supervision limits the plan breaks, `level` [row, year]."""
        most = self.system.capacity
        over = (self.system.need(level) > most + 1e-6).any(axis=2)
        limits, regions = self.reading.names("capacity"), self.reading.names("region")
        broken = [
            as_markdown(f"{self.words.name(limits[c])} ({self.words.name(regions[r])})")
            for c, r in np.argwhere(over)
        ]
        if not broken:
            return self.words("explore.room")
        return self.words("explore.no_room", where=self.words.listed(broken))


def as_markdown(name: str) -> str:
    """Return a name as Markdown that shows it as it is: no image, no link, no emphasis.

    >>> as_markdown("![x](y) <b>")
    '\\\\!\\\\[x\\\\](y) &lt;b&gt;'
    """
    return re.sub(r"([\\`*_\[\]|!~])", r"\\\1", html.escape(name, quote=False))
