"""Cuts: what each evaluated plan teaches about the risk of every other plan."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.risk.lanes import Bound
from ...core.risk.oracle import ByLimit, Oracle
from ...core.study.risk_limit import RiskLimit
from ...core.study.study import Study
from ...core.system.arrays import System, system_of
from .certificate import Certificate, certify, highest_levels

Floats = NDArray[np.float64]
LOG = logging.getLogger("lis1plan")
SLACK = 1e-9
"""Risk units by which a cut may exceed the risk it bounds: rounding of a million-term sum."""
REMEMBERED = 4
"""Plans whose Z is kept: the least risks of several limits lie at the same plan. Of a million
scenarios and five limits a plan's takes 40 MB."""


class Cut(NamedTuple):
    """Risk of limit `limit` under any slots x is at least `constant + sum(slope * x)`."""

    limit: int
    constant: float
    slope: Floats  # [region, decision year] per slot
    drop: float = 0.0  # by how much it lies below the risk of the plan it was learned at

    @property
    def tangent(self) -> Cut:
        """Return the cut that meets the risk of its own plan: a guide, and no bound."""
        return self._replace(constant=self.constant + self.drop)

    def at(self, slots: Floats) -> float:
        """Return the bound under `slots` [region, decision year]."""
        return self.constant + float((self.slope * slots).sum())


class Seen(NamedTuple):
    """A plan that was evaluated: what it says of risk is true, whatever cuts say."""

    slots: Floats  # [region, decision year]
    risk: Floats  # [limit]


class InvalidCutError(RuntimeError):
    """A stored cut exceeds the risk of an evaluated plan: a defect of the program."""


class CutPool:
    """The oracle's answers so far: cuts in their order, all asserted at every plan evaluated.

    The `certificate` is worked out if not given: it says where cuts may be loose, never false.
    """

    def __init__(self, oracle: Oracle, certificate: Certificate | None = None) -> None:
        self.oracle = oracle
        self.cuts: list[Cut] = []
        self.seen: list[Seen] = []
        self.rounds: list[Round] = []
        self.evaluations = 0
        self.certificate = certificate or certify(oracle, highest_levels(self.system))
        self.largest_violation = 0.0
        self._tails: CutPool | None = None
        self._clipped = set[bytes]()  # plans below whose own risk a cut of theirs lies
        self._judged = dict[bytes, Floats]()  # Z of the last plans by `_key`, the newest last
        self._risk = dict[bytes, Floats]()  # of them by this study's rules
        self._taught = dict[tuple[bytes, int], Bound]()  # by `_key` and limit

    @cached_property
    def system(self) -> System:
        """Return what is certain of the study asked."""
        return system_of(self.oracle.study)

    @property
    def risk(self) -> tuple[RiskLimit, ...]:
        """Return the limits on risk asked for."""
        return self.oracle.limits

    @property
    def convex(self) -> NDArray[np.bool_]:
        """Return which limits on risk have a convex rule, bounded by cuts, [limit]."""
        return self.oracle.study.convex

    @property
    def on_shortage(self) -> NDArray[np.bool_]:
        """Return which limits on risk are on shortage, not on supervision, [limit]."""
        return self.oracle.study.on_shortage

    def note(self, found: Round) -> None:
        """Keep what a round of the solution came to, and log it."""
        self.rounds.append(found)
        kind = "whole" if found.whole else "fractions"
        LOG.info("%s: %.0f to %.0f NOK, %d cuts", kind, found.lower, found.upper, found.cuts)

    def under(self, study: Study) -> CutPool:
        """Return the same cuts for a study that differs in the limits of the system alone."""
        if study is self.oracle.study:
            return self
        other = CutPool(self.oracle.judged_by(study), self.certificate)
        other.cuts = self.cuts
        other.seen = self.seen
        other._clipped, other._judged, other._taught = self._clipped, self._judged, self._taught
        return other

    def tails(self) -> CutPool:
        """Return a pool of the same scenarios in which chance limits are judged by their CVaR.

        Wherever a CVaR is within a limit, so is the quantile: what is found there is safe.
        """
        if self.convex.all():
            return self
        if self._tails is None:
            tails = judged_by_tails(self.oracle.study)
            self._tails = CutPool(self.oracle.judged_by(tails), self.certificate)
            self._tails._judged = self._judged
        return self._tails

    def evaluate(self, slots: Floats) -> tuple[Floats, Floats]:
        """Return risk [limit] and Z [limit, realization] under `slots` [region, decision year].

        Raises
        ------
        InvalidCutError
            If a stored cut is violated.
        ValueError
            If a slot is not a finite number: what solvers return where they found nothing.
        """
        if not np.isfinite(slots).all():
            raise ValueError("a plan with slots that are not finite has no risk")
        level = self.system.levels(slots)
        z = self._shortfall(level)
        risk = self._risk_of(self._key(level), z)
        self.evaluations += 1
        self.seen.append(Seen(slots.copy(), risk))
        self._require_below(slots, dict(enumerate(risk.tolist())))
        return risk, z

    def evaluate_one(self, slots: Floats, limit: int) -> tuple[dict[int, float], dict[int, Floats]]:
        """Return the same of one limit, by its number: of one region it takes half of the time.

        The plan is not among those `seen`, whose every risk is known.

        Raises
        ------
        InvalidCutError
            If a stored cut of the limit is violated.
        """
        z = self.oracle.shortfall_by(self.system.levels(slots), [limit])[0]
        risk = self.oracle.risk_of_one(limit, z)
        self.evaluations += 1
        self._require_below(slots, {limit: risk})
        return {limit: risk}, {limit: z}

    def _require_below(self, slots: Floats, risk: Mapping[int, float]) -> None:
        """Check that no stored cut exceeds the risk of a plan, as far as that is known."""
        for number, cut in enumerate(self.cuts if self.system.bounded(slots) else ()):
            if cut.limit not in risk:
                continue
            above = cut.at(slots) - risk[cut.limit]
            self.largest_violation = max(self.largest_violation, above)
            if above > SLACK * max(1.0, abs(risk[cut.limit])):
                raise InvalidCutError(
                    f"cut {number} of limit {cut.limit} exceeds the risk of a plan by {above:.3g}"
                )

    def _shortfall(self, level: Floats) -> Floats:
        """Return Z [limit, realization] of a plan's levels; of the last ones it is at hand."""
        key = self._key(level)
        z = self._judged.pop(key, None)
        if z is None:
            z = self.oracle.shortfall(level)
            z.flags.writeable = False
        self._judged[key] = z
        if len(self._judged) > REMEMBERED:
            del self._judged[next(iter(self._judged))]
        return z

    def _risk_of(self, key: bytes, z: Floats) -> Floats:
        """Return the risk [limit] of a plan whose Z is at hand; ranking a million takes time."""
        if key not in self._risk:
            known = {other: risk for other, risk in self._risk.items() if other in self._judged}
            self._risk = known | {key: self.oracle.risk_of(z)}
        return self._risk[key].copy()

    def _key(self, level: Floats) -> bytes:
        """Return what of a plan's levels [row, year] scenarios see: plans alike in it are one.

        The least risk asks for all posts early, and leaves those open that come too late to count.
        """
        return level[:, : self.oracle.years_that_count].tobytes()

    def at_hand(self, slots: Floats) -> bool:
        """Return whether Z of a plan need not be worked out."""
        return self._key(self.system.levels(slots)) in self._judged

    def slope(self, slots: Floats, limit: int, z: Floats) -> Floats:
        """Return the slope of one limit's risk at an evaluated plan, [region, decision year]."""
        return self._in_slots(self._teach(slots, [limit], z)[0].slope, slots)

    def _in_slots(self, by_level: Floats, slots: Floats) -> Floats:
        """Return slopes in slots, [region, decision year], from those in levels [row, year]."""
        first = self.system.first
        return per_slot(by_level)[:, first : first + slots.shape[1]].copy()

    def _teach(
        self, slots: Floats, limits: Sequence[int], z: ByLimit[Floats], likely: Sequence[int] = ()
    ) -> list[Bound]:
        """Return what an evaluated plan teaches about some limits, all in one pass.

        Where there is one to make, it is made for those `likely` to be asked about next as well.
        """
        level = self.system.levels(slots)
        key, known = self._key(level), self._taught
        if any((key, limit) not in known for limit in limits):
            asked = dict.fromkeys([*limits, *likely])
            new = [limit for limit in asked if (key, limit) not in known]
            for limit, bound in zip(new, self.oracle.bounds(level, new, z), strict=True):
                known[key, limit] = bound
        return [known[key, limit] for limit in limits]

    def learn(
        self,
        slots: Floats,
        limits: list[int],
        risk: ByLimit[float],
        z: ByLimit[Floats],
        likely: Sequence[int] = (),
    ) -> None:
        """Add one cut per limit at an evaluated plan; chance limits, not convex, have none.

        Nor has a plan in which more posts are earmarked than newcomers fill: none would hold. Of
        limits `likely` to be asked about at this plan next, cuts are prepared in the same pass.
        """
        if not self.system.bounded(slots):
            return
        convex = self.convex
        asked, likely = ([c for c in some if convex[c]] for some in (limits, likely))
        for limit, bound in zip(asked, self._teach(slots, asked, z, likely), strict=True):
            slope, drop = self._in_slots(bound.slope, slots), bound.drop
            if drop > SLACK * max(1.0, abs(float(risk[limit]))):
                self._clipped.add((slots + 0.0).tobytes())
            constant = float(risk[limit]) - drop - float((slope * slots).sum())
            self.cuts.append(Cut(limit, constant, slope, drop))

    def stuck(self, slots: Floats) -> bool:
        """Return whether nothing more can be learned at a plan, though its cut may not exclude it.

        A cut that was clipped lies below the risk of its own plan: valid, and not tight. A master
        that comes back with that plan would come back with it for ever.
        """
        return (slots + 0.0).tobytes() in self._clipped


def per_slot(by_level: Floats) -> Floats:
    """Return slopes in slots from those in levels, [..., year]: a slot stays in all later years."""
    return np.asarray(np.cumsum(by_level[..., ::-1], axis=-1)[..., ::-1])


def judged_by_tails(study: Study) -> Study:
    """Return the study with every chance limit replaced by a CVaR of the same confidence."""
    risk = {name: limit.in_tails for name, limit in study.risk.items()}
    return study.model_copy(update={"risk": risk})


class Round(NamedTuple):
    """What is known after one round. Costs in NOK; `upper` is infinite without a plan."""

    lower: float
    upper: float
    cuts: int
    whole: bool  # whole slots, or fractions
