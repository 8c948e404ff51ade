"""What the desk says of plan A beside plan B: cards, warnings, comparison, limits and the chart.

All numbers leave here as texts in the page's language; the page only puts them in their places.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.system.arrays import system_of
from ..core.system.limit import SystemLimit
from ..report.reading import Reading
from ..report.texts.calendar import spans
from ..report.texts.risk import is_kept, judged_in_words, judged_title
from ..report.texts.words import MISSING, Words
from .figures import difference, money
from .parts import Part
from .supply import PATHS, SHARES
from .verdict import Scene, Tightest, Verdict

Floats = NDArray[np.float64]
Told = dict[str, Any]


class Telling:
    """Two plans judged, and the words in which they are told."""

    def __init__(self, reading: Reading, words: Words, parts: list[Part]) -> None:
        self.reading, self.words, self.parts = reading, words, parts
        self.regions = [words.name(name) for name in reading.names("region")]
        self.watched = system_of(reading.study).watched_years
        self.last = reading.study.time.window[1]

    def cards(self, a: Verdict, b: Verdict) -> list[Told]:
        """Return the four figures of plan A, each with what B makes different."""
        return [self._cost(a, b), self._chance(a, b), self._unmet(a, b), self._breaches(a, b)]

    def _cost(self, a: Verdict, b: Verdict) -> Told:
        words, dearer = self.words, a.cost - b.cost
        key = "desk.dearer" if dearer > 0.0 else "desk.cheaper"
        number, unit = money(a.cost, words)
        posts = words.number(b.opened)
        return {
            "title": words("desk.cost", posts=words.number(a.opened)),
            "number": number,
            "unit": unit,
            "delta": words(key, value=words.money(abs(dearer))) if dearer else "",
            "tone": "",
            "b": words("desk.b_cost", cost=words.money(b.cost), posts=posts),
        }

    def _chance(self, a: Verdict, b: Verdict) -> Told:
        words = self.words
        number = words.number(100.0 * a.chance)
        points = round(100.0 * a.chance) - round(100.0 * b.chance)
        return {
            "title": words("desk.chance", year=self.last),
            "number": number,
            "unit": words("desk.percent"),
            "delta": self._changed("points", float(points)),
            "tone": _tone(points),
            "b": words("desk.b", value=words.percent(b.chance, 0)),
        }

    def _unmet(self, a: Verdict, b: Verdict) -> Told:
        words = self.words
        number, other = (words.about(each.unmet) for each in (a, b))
        more = a.unmet - b.unmet
        return {
            "title": words("desk.unmet", year=self.last),
            "number": number,
            "unit": words("word.fte"),
            "delta": self._changed("fte", more) if number != other else "",
            "tone": _tone(more),
            "b": words("desk.b", value=f"{other} {words('word.fte')}"),
        }

    def _changed(self, what: str, more: float) -> str:
        """Return by how much more or fewer; nothing where it is the same."""
        if not more:
            return ""
        key = f"desk.{what}_{'more' if more > 0.0 else 'fewer'}"
        return self.words(key, value=self.words.about(abs(more)))

    def _breaches(self, a: Verdict, b: Verdict) -> Told:
        words, years = self.words, self._years_over(a)
        units = [
            words("desk.breach" if n == 1 else "desk.breaches") for n in (a.breaches, b.breaches)
        ]
        other = f"{words.number(b.breaches)} {units[1]}" if b.breaches else words("desk.no_breach")
        span = words("desk.where", years=spans(years)) if years else words("desk.where_none")
        return {
            "title": words("desk.capacity"),
            "number": words.number(a.breaches),
            "unit": units[0],
            "delta": span,
            "tone": "bad" if a.breaches else "good",
            "b": words("desk.b", value=other),
        }

    def _years_over(self, verdict: Verdict) -> list[int]:
        cells = zip(*verdict.use, strict=True)
        years = zip(self.watched, cells, strict=True)
        return [year for year, row in years if any(cell.broken for cell in row)]

    def warning(self, scene: Scene, a: Verdict) -> Told:
        """Return what plan A breaks, in sentences; that it keeps everything where it does."""
        branch = bool(scene.sample.only)  # limits on risk are asked of all futures together
        over_risk = [] if branch else self._over_risk(scene, a)
        lines = [*self._over_capacity(a), *self._over_limits(a), *over_risk]
        kept = self.words("desk.all_kept_in_branch" if branch else "desk.all_kept")
        return {"broken": bool(lines), "lines": lines or [kept]}

    def _over_capacity(self, a: Verdict) -> list[str]:
        words = self.words
        over = [
            (cell.share, region, year)
            for region, row in zip(self.regions, a.use, strict=True)
            for year, cell in zip(self.watched, row, strict=True)
            if cell.broken
        ]
        if not over:
            return []
        regions = list(dict.fromkeys(region for _, region, _ in over))
        share, where, year = max(over, key=lambda each: each[0])
        said = words.listed(regions)
        if len(regions) == len(self.regions) > 1:
            said = words("desk.all_regions", count=len(regions))
        if not np.isfinite(share):
            return [words("desk.over_nothing", where=said, region=where, year=year)]
        by = words.percent(share - 1.0, 0 if share >= 1.01 else 1)
        return [words("desk.over", where=said, region=where, year=year, by=by)]

    def _over_limits(self, a: Verdict) -> list[str]:
        if not a.broken:
            return []
        each = [
            f"{self.limit_name(limit)} ({spans(years)})" if years else self.limit_name(limit)
            for limit, years in a.broken
        ]
        return [self.words("desk.limits_broken", names="; ".join(each))]

    def limit_name(self, limit: SystemLimit) -> str:
        """Return the name of a limit of the system."""
        key = f"limits.{limit.kind}"
        if not self.words.has(key):
            return str(limit.title)
        return self.words(key, name=self.words.name(limit.subject))

    def _over_risk(self, scene: Scene, a: Verdict) -> list[str]:
        words, lines = self.words, []
        for n, name in enumerate(self.reading.names("limit")):
            most = scene.oracle.limits[n].at_most
            if not is_kept(a.risk[n], most):
                said = {
                    "name": words.name(name),
                    "judged": judged_in_words(self.reading.limits[n], words),
                    "risk": self._risk(a.risk[n], n),
                    "most": self._risk(most, n),
                }
                lines.append(words("desk.risk_broken", **said))
        return lines

    def _risk(self, value: float, limit: int) -> str:
        if not np.isfinite(value):
            return self.words("desk.no_limit")
        relative = self.reading.relative(limit)
        return self.words.percent(value, 1) if relative else self.words.number(value)

    def limits(self, scene: Scene, a: Verdict, b: Verdict) -> list[list[str]]:
        """Return each limit on risk: name, allowed, under A, under B, and whether A keeps it.

        A plan judged in the futures of a branch alone neither keeps nor breaks it.
        """
        rows = []
        for n, name in enumerate(self.reading.names("limit")):
            most = scene.oracle.limits[n].at_most
            judged = judged_title(self.reading.limits[n], self.words)
            cells = [self._risk(value, n) for value in (most, float(a.risk[n]), float(b.risk[n]))]
            kept = MISSING if scene.sample.only else self.words.yes(is_kept(a.risk[n], most))
            rows.append([f"{self.words.name(name)}: {judged}", *cells, kept])
        return rows

    def comparison(self, a: Verdict, b: Verdict) -> list[list[str]]:
        """Return the rows of the table of both plans: what, A, B, A less B."""
        words, study = self.words, self.reading.study
        year = study.time.window[0]
        t, n = year - study.time.first_year, self.reading.national
        judged = judged_title(self.reading.limits[n], words)
        scale, digits = (100.0, 1) if self.reading.relative(n) else (1.0, 0)
        percent = words("desk.in_percent") if self.reading.relative(n) else words("word.fte")
        first = study.time.first_decision
        rows = [
            (words("desk.posts"), a.opened, b.opened, 0),
            (words("desk.cost_in", year=year), a.yearly[t] / 1e6, b.yearly[t] / 1e6, 0),
            (f"{judged}, {percent}", scale * a.risk[n], scale * b.risk[n], digits),
            (words("desk.unmet_in", year=self.last), a.unmet, b.unmet, 0),
            (words("desk.chance_in", year=self.last), 100.0 * a.chance, 100.0 * b.chance, 0),
            (
                words("desk.lacking", first=first, last=self.last),
                100.0 * a.lacking,
                100.0 * b.lacking,
                1,
            ),
        ]
        if len(self.parts) > 1:
            rows.insert(1, (words("desk.posts_beside"), a.beside, b.beside, 0))
        if a.closed or b.closed:
            rows.insert(2, (words("desk.posts_closed"), a.closed, b.closed, 0))
        return [
            [
                name,
                words.number(one, digits),
                words.number(other, digits),
                difference(one, other, digits, words),
            ]
            for name, one, other, digits in rows
        ]

    def cells(self, a: Verdict) -> Told:
        """Return how much of its capacity each region uses by year, and which limits rows break."""
        text = [[self._use(cell) for cell in row] for row in a.use]
        short = [[self._short(cell) for cell in row] for row in a.use]
        over = [[cell.broken for cell in row] for row in a.use]
        rows: dict[str, list[str]] = {}
        for limit, years in a.broken:
            family = _family_of(limit.kind)
            for year in years:
                rows.setdefault(f"{family} {year}", []).append(self.limit_name(limit))
        said = {key: "; ".join(names) for key, names in rows.items()}
        sums = {key: self.words("desk.sum_over", names=names) for key, names in said.items()}
        return {"text": text, "short": short, "over": over, "sums": sums}

    def _use(self, cell: Tightest) -> str:
        if not cell.name:
            return ""
        name = self.words.name(self.reading.study.capacity[cell.name].name)
        if not np.isfinite(cell.share):
            return self.words("desk.use_nothing", name=name)
        return self.words("desk.use", share=self.words.percent(cell.share, 0), name=name)

    def _short(self, cell: Tightest) -> str:
        return self.words.number(100.0 * cell.share) if np.isfinite(cell.share) else "∞"

    def waiting(self, a: Verdict, plan: Floats) -> list[list[str]]:
        """Return new posts by part and who waits for one; nothing where LIS1 is all there is."""
        if len(self.parts) == 1:
            return []
        study, words = self.reading.study, self.words
        first, last = (year - study.time.first_year for year in study.time.window)
        window = slice(first, last + 1)
        return [
            [
                part.name,
                words.number(float(plan[part.rows].sum()), 0 if part.family.whole else 1),
                words.number(part.waiting(a.outlook.means, window)),
            ]
            for part in self.parts
        ]

    def chart(self, a: Verdict, b: Verdict, where: tuple[int, int]) -> Told:
        """Return need, both plans' supply and single scenarios of a group and place, and in words.

        Quantiles are those of `SHARES`, [quantile][year]; single scenarios need less supply.
        """
        words, seen = self.words, a.outlook
        need, supply = (seen.band(values, where).T for values in (seen.demand, seen.supply))
        other = b.outlook.band(b.outlook.supply, where).T
        middle = SHARES.index(0.5)
        t = self.last - self.reading.study.time.first_year
        at = {"need": need, "supply": supply, "other": other}
        said = {key: words.number(values[middle][t]) for key, values in at.items()}
        place = words("word.country") if where[1] == 0 else self.regions[where[1] - 1]
        return {
            "need": _rounded(need),
            "supply": _rounded(supply),
            "other": _rounded(other[middle]),
            "paths": _rounded(seen.gap(where)[:PATHS]),
            "said": words("desk.chart_said", place=place, year=self.last, **said),
        }


def _family_of(kind: str) -> str:
    """Return in which family's grid a limit of a kind is marked, on the sum of the year."""
    if kind.startswith("specialist"):
        return "posts"
    return "tracks" if kind.startswith(("track", "earmarked", "newcomers")) else "slots"


def _rounded(values: Floats) -> Any:
    return np.round(values).tolist()


def _tone(more: float) -> str:
    """Return how a change of what should be small is shown."""
    return "" if not more else "bad" if more > 0 else "good"
