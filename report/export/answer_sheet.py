"""The first sheet of a workbook: the answer on one page, and where to find the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from ...core.system.families import AXES
from ..look import COLOURS
from ..reading import Reading
from ..texts.risk import choosers_in_words, is_kept, judged_title
from ..texts.words import Words
from .sheets import Looks, Sheet, put

FIGURES, PLAN = 3, 9
"""Rows, from 0, at which the four figures and the plan begin: rows 4 and 10."""
Cell = tuple[int, int]
STEP = 5
"""Years between the columns of cost."""


class AnswerSheet:
    """The answer, from the top of a sheet downwards."""

    def __init__(self, page: Any, reading: Reading, words: Words, looks: Looks) -> None:
        self.page, self.reading, self.words, self.looks = page, reading, words, looks
        self.regions = [words.name(name) for name in reading.names("region")]

    def fill(self, others: Sequence[Sheet], balance: Sheet) -> None:
        """Write everything; `balance` holds need and supply by year, for the chart."""
        page, words, reading = self.page, self.words, self.reading
        page.set_column(0, 0, 44)
        page.set_column(1, 12, 13)
        title = self.looks.book.add_format({"bold": True, "font_size": 16})
        page.write_string(0, 0, words.name(reading.study.title), title)
        page.write_string(1, 0, self._answer())
        self._figures()
        row = self._limits(self._plan())
        row = self._cost(row)
        page.write_string(row, 0, words("workbook.chosen", by=choosers_in_words(reading, words)))
        page.write_string(row + 1, 0, words("workbook.more"), self.looks("text", "head"))
        for n, other in enumerate(others, start=row + 2):
            page.write_url(n, 0, f"internal:'{other.name}'!A1", string=other.name)
        self._chart(balance)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 1)
        page.hide_gridlines(2)

    def _answer(self) -> str:
        words, reading = self.words, self.reading
        years, total = reading.slot_years, reading.slots.sum(axis=0)
        cost = words.billion(reading.at("plan_cost", plan=0))
        if not years and not any(reading.has(name) for name in AXES):
            return words("workbook.answer_none")
        each = words.listed(
            f"{name} {words.number(float(posts))}"
            for name, posts in zip(self.regions, total, strict=True)
        )
        ends = dict.fromkeys((years[0], years[-1])) if years else ()
        span = "–".join(map(str, ends))
        slots = words.number(float(total.sum()))
        key = "workbook.answer" if years else "workbook.answer_cost"
        said = words(key, slots=slots, years=span, each=each, cost=cost)
        for name in AXES:  # the cost is for these, too
            if reading.has(name):
                posts = words.compact(round(float(reading.values(name, plan=0).sum()), 1))
                said += " " + words(f"workbook.answer_{name}", posts=posts)
        return said

    def _heads(self, row: int, heads: Sequence[str]) -> None:
        for c, head in enumerate(heads):
            put(self.page, (row, c), head, self.looks("whole" if c else "text", "head"))

    def _figures(self) -> None:
        """Write four figures, with the plan and without new posts."""
        words, reading = self.words, self.reading
        year, n = reading.study.time.window[1], reading.national
        t, both = reading.year(year), (0, reading.none)
        form = "share" if reading.relative(n) else "whole"
        rows = [
            ("present", "billion", [reading.at("plan_cost", plan=p) / 1e9 for p in both]),
            (
                "chance",
                "share",
                [reading.at("national_shortage_probability", plan=p, time=t) for p in both],
            ),
            ("unmet", "whole", [reading.at("national_missing_mean", plan=p, time=t) for p in both]),
            ("", form, [reading.at("risk_in_sample", plan=p, limit=n) for p in both]),
        ]
        self._heads(FIGURES, (words("workbook.what"), words("word.plan"), words("word.none")))
        for r, (key, look, values) in enumerate(rows, start=FIGURES + 1):
            judged = judged_title(reading.limits[n], words)
            named = f"{judged}, {words.name(reading.names('limit')[n])}"
            self.page.write_string(r, 0, words(f"workbook.{key}", year=year) if key else named)
            for c, value in enumerate(values, start=1):
                put(self.page, (r, c), value, self.looks(look))

    def _sum(self, place: Cell, of: Cell, to: Cell, value: float) -> None:
        """Write a sum as a formula, with its value for programs that work nothing out."""
        ends = (xl_rowcol_to_cell(*each) for each in (of, to))
        look = self.looks("whole", "sum")
        self.page.write_formula(*place, f"=SUM({':'.join(ends)})", look, value)

    def _plan(self) -> int:
        """Write new posts by year and region; return the row after it."""
        words, reading = self.words, self.reading
        heads = (words("workbook.plan_heading"), *self.regions, words("word.total"))
        self._heads(PLAN, heads)
        first, last = PLAN + 1, PLAN + len(reading.slot_years)
        for r, year in enumerate(reading.slot_years, start=first):
            put(self.page, (r, 0), str(year))
            opened = reading.slots[reading.year(year)]
            for c, posts in enumerate(opened, start=1):
                put(self.page, (r, c), posts, self.looks("whole"))
            end = len(self.regions)
            self._sum((r, end + 1), (r, 1), (r, end), float(opened.sum()))
        put(self.page, (last + 1, 0), words("word.total"), self.looks("text", "sum"))
        if reading.slot_years:
            totals = [*reading.slots.sum(axis=0), reading.slots.sum()]
            for c, total in enumerate(totals, start=1):
                self._sum((last + 1, c), (first, c), (last, c), float(total))
        return last + 3

    def _limits(self, row: int) -> int:
        """Write the limits on risk; return the row after them."""
        words, reading = self.words, self.reading
        keys = ("limit", "allowed", "without_plan", "with_plan", "kept")
        self._heads(row, [words(f"workbook.{key}") for key in keys])
        for n, name in enumerate(reading.names("limit")):
            r, form = row + 1 + n, "share" if reading.relative(n) else "whole"
            put(self.page, (r, 0), f"{words.name(name)}: {judged_title(reading.limits[n], words)}")
            most = reading.limits[n].at_most
            none, plan = (reading.at("risk_in_sample", plan=p, limit=n) for p in (reading.none, 0))
            for c, value in enumerate((most, none, plan), start=1):
                put(self.page, (r, c), value, self.looks(form))
            put(self.page, (r, 4), words.yes(is_kept(plan, most)))
        return row + len(reading.limits) + 2

    def _cost(self, row: int) -> int:
        """Write the cost by payer every fifth year, million NOK; return the row after it."""
        words, reading = self.words, self.reading
        first = reading.study.time.first_decision
        years = [year for year in reading.years if year >= first and (year - first) % STEP == 0]
        price = reading.study.cost.price_year
        self._heads(row, (words("workbook.by_payer", year=price), *map(str, years)))
        cost = reading.values("cost_payer", plan=0) / 1e6
        payers = [words.name(name) for name in reading.names("payer")]
        for n, name in enumerate(payers, start=1):
            put(self.page, (row + n, 0), name)
            for c, year in enumerate(years, start=1):
                put(self.page, (row + n, c), cost[reading.year(year), n - 1], self.looks("whole"))
        last = row + len(payers)
        put(self.page, (last + 1, 0), words("word.total"), self.looks("text", "sum"))
        for c, year in enumerate(years, start=1):
            total = float(cost[reading.year(year)].sum())
            self._sum((last + 1, c), (row + 1, c), (last, c), total)
        return last + 3

    def _chart(self, balance: Sheet) -> None:
        """Insert need and supply by year as a chart of the spreadsheet's own."""
        words, reading = self.words, self.reading
        chart = self.looks.book.add_chart({"type": "line"})
        last = len(reading.years)
        lines = ((1, "need", "solid"), (4, "plan", "solid"), (7, "without", "dash"))
        for c, role, dash in lines:
            chart.add_series(
                {
                    "name": [balance.name, 0, c],
                    "categories": [balance.name, 1, 0, last, 0],
                    "values": [balance.name, 1, c, last, c],
                    "line": {"color": COLOURS[role].light, "width": 2.25, "dash_type": dash},
                }
            )
        chart.set_title({"name": words("workbook.chart"), "name_font": {"size": 12}})
        chart.set_x_axis({"interval_unit": 5})
        grid = {"visible": True, "line": {"color": COLOURS["rule"].light}}
        chart.set_y_axis({"num_format": "#,##0", "major_gridlines": grid})
        chart.set_legend({"position": "bottom"})
        chart.set_size({"width": 620, "height": 300})
        year = reading.study.time.window[1]
        t, m = reading.year(year), reading.median
        need, plan = (
            words.number(float(reading.values(f"national_{name}_quantile", time=t, **at)[m]))
            for name, at in (("demand", {}), ("supply", {"plan": 0}))
        )
        said = words("workbook.chart_said", year=year, need=need, plan=plan)
        place = {"description": said, "x_offset": 12}
        self.page.insert_chart(FIGURES, len(self.regions) + 2, chart, place)
