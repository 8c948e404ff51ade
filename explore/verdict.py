"""What follows from a plan tried by hand, in numbers: cost, shortage, risk and what it breaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..core.compute.place import Progress
from ..core.compute.workers import Workers
from ..core.risk.oracle import Oracle, prepare
from ..core.scenarios.draws import sample_of
from ..core.scenarios.followed import FollowedBranch
from ..core.scenarios.sampling import Sample
from ..core.system.arrays import System, system_of
from ..core.system.costs import discounted, measure_cost
from ..core.system.limit import SystemLimit
from ..core.system.limits import Capacity
from ..core.warmup import warm_up
from ..report.reading import Reading
from .supply import Outlook, outlook

Floats = NDArray[np.float64]
Units = Mapping[str, float]
"""Measure -> units in force."""
SCENARIOS = 2000


class Tightest(NamedTuple):
    """The capacity a region uses most of in a year, and the share of it that is used."""

    name: str
    share: float  # infinite where there is none and some is needed
    broken: bool


class Verdict(NamedTuple):
    """What follows from a plan."""

    cost: float  # NOK, discounted, measures with it
    yearly: Floats  # [year] NOK, measures with it
    opened: float  # LIS1 posts
    beside: float  # other posts opened
    closed: float  # posts closed, as a positive number
    risk: Floats  # [limit]
    chance: float  # that there is a shortage in the last year judged
    unmet: float  # FTE in that year, mean over the scenarios
    lacking: float  # share of the places on offer that no applicant fills, first to last judged
    use: tuple[tuple[Tightest, ...], ...]  # [region][year from the first decision on]
    broken: tuple[tuple[SystemLimit, tuple[int, ...]], ...]  # other limits, with calendar years
    outlook: Outlook

    @property
    def breaches(self) -> int:
        """Regions and years in which some capacity does not suffice."""
        return sum(cell.broken for row in self.use for cell in row)


@dataclass(frozen=True, eq=False)
class Scene:
    """A study with some measures in force, and its scenarios, ready to judge plans."""

    oracle: Oracle  # of the ordinary study that the measures leave
    sample: Sample  # its scenarios; those of a branch alone count where one is followed
    workers: Workers
    measures_cost: float  # NOK, discounted
    measures_yearly: Floats  # [year] NOK

    @property
    def system(self) -> System:
        """The system of that study."""
        return system_of(self.oracle.study)

    def judge(self, plan: Floats) -> Verdict:
        """Return what follows from a plan [row, decision year]."""
        system, study = self.system, self.oracle.study
        level = system.levels(plan)
        seen = outlook(self.oracle, self.sample, level, self.workers)
        chance, unmet = seen.shortage(study.time.window[1] - study.time.first_year)
        lis1 = plan[system.families[0].rows]
        others = plan[len(system.regions) :]
        cost, yearly = self._cost(plan, level)
        return Verdict(
            cost,
            yearly,
            opened=float(np.maximum(lis1, 0.0).sum()),
            beside=float(np.maximum(others, 0.0).sum()),
            closed=float(-np.minimum(plan, 0.0).sum()),
            risk=self.oracle.risk(level),
            chance=chance,
            unmet=unmet,
            lacking=self._lacking(seen, level),
            use=tuple(self._use(plan, region) for region in system.regions),
            broken=tuple(self._broken(plan)),
            outlook=seen,
        )

    def _cost(self, plan: Floats, level: Floats) -> tuple[float, Floats]:
        """Return the discounted cost, and that of each projected year, NOK: basis of the study."""
        system, study = self.system, self.oracle.study
        years = len(study.years)
        basis = "report" if study.cost.basis == "report" else "all"
        paid = system.prices.yearly(level - system.given_levels)
        yearly, cost = system.prices.paid_by(basis, paid)[:years].copy(), system.prices.plan(plan)
        cost += self.measures_cost
        yearly += self.measures_yearly
        return cost, yearly

    def _lacking(self, seen: Outlook, level: Floats) -> float:
        """Return the share of LIS1 places without an applicant, first decision to last judged."""
        time = self.oracle.study.time
        last = time.window[1] - time.first_year + 1
        years = slice(self.system.first, last)
        offered = level[: len(self.system.regions), years].sum()
        return float(seen.means["lacking"][years].sum() / offered) if offered else 0.0

    def _use(self, plan: Floats, region: str) -> tuple[Tightest, ...]:
        """Return what a region uses most of, by year from the first decision on."""
        limits = [each for each in self.system.of_kind(Capacity) if each.region == region]
        found = []
        uses = [(each, each.used(plan), each.keeps(plan)) for each in limits]
        for y in range(len(self.system.watched_years)):
            cells = [
                Tightest(each.name, _share(used[y], each.room[y]), not kept[y])
                for each, used, kept in uses
            ]
            cells.append(Tightest("", 0.0, False))  # of a region without any capacity
            found.append(max(cells, key=lambda cell: (cell.broken, cell.share)))
        return tuple(found)

    def _broken(self, plan: Floats) -> list[tuple[SystemLimit, tuple[int, ...]]]:
        """Return the limits besides capacity that a plan breaks, with the years, if any."""
        found, years = list[tuple[SystemLimit, tuple[int, ...]]](), self.system.watched_years
        for limit in self.system.limits:
            kept = limit.keeps(plan)
            if isinstance(limit, Capacity) or kept.all():
                continue
            when = np.flatnonzero(~kept) if len(kept) > 1 else ()
            found.append((limit, tuple(years[int(y)] for y in when)))
        return found


def _share(used: float, room: float) -> float:
    if room > 0.0:
        return float(used / room)
    return float("inf") if used > 0.0 else 0.0


def scene_of(
    reading: Reading,
    units: Units,
    workers: Workers,
    progress: Progress,
    branch: FollowedBranch | None = None,
) -> Scene:
    """Return the scenarios of a result's study with measures in force, ready to judge plans.

    At most `SCENARIOS` of them; where a branch is followed, of each branch on average.
    """
    written = reading.written.with_units(units)
    study = written.in_force
    most = SCENARIOS if branch is None else SCENARIOS * reading.data.sizes["branch"]
    count = min(most, study.sampling.scenarios)
    fewer = study.sampling.model_copy(update={"scenarios": count})
    study = study.model_copy(update={"sampling": fewer})
    cost, yearly = 0.0, np.zeros(len(study.years))
    for name, measure in written.measure.items():
        if measure.units > 0.0:
            each = measure_cost(written, name)
            yearly += each.sum(axis=0)[: len(yearly)]
            cost += float(discounted(written, each).sum())
    warm_up(study, progress)
    sample = sample_of(study) if branch is None else branch.of(sample_of(study))
    oracle = prepare(study, sample, workers, progress)
    return Scene(oracle, sample, workers, cost, yearly)
