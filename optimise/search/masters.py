"""Masters of whole slots, to a part of the gap asked, and where regions are alike of their sums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from ..cuts.pool import per_slot
from ..master.exclusions import without_plans
from ..master.rows import with_cuts
from ..solvers.program import INFINITE, Plan, Program, plan_of, with_flags, with_rows
from .even import alike, even_whole_plan, look_at_even_plan
from .sums import ROOM, Row, Sums, sums_of
from .value import Search

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
STALLED = 20
"""So many rounds that raise the bound by too little are enough."""
OF_THE_GAP, OF_THE_GAP_OF_POSTS = 0.02, 0.1
"""Such a share of the gap asked is too little; repair closes more of it where LIS2/3 posts are
decided, whose plans in fractions take long."""
OF_THE_GAP_OF_MASTERS, OF_THE_GAP_OF_PURCHASES = 0.4, 0.2
"""The share of the gap asked to which masters are solved; by which an even plan may cost more, as
what regions buy depends on their levels."""
NODES = 1000
"""Nodes of a master that decides on LIS2/3 posts, or on regions that are alike, at first."""
SUMS = 200
"""Rows of sums between two rounds of cuts, at most."""
Stop = Literal["", "time", "rounds", "nodes", "cuts"]
"""What stops a search: the clock, the most rounds, the most nodes, or that no cut excludes a plan
that breaks a limit."""


def masters_of(search: Search) -> Masters:
    """Return the masters of a search."""
    groups = alike(search)
    return MastersOfSums(search, groups) if groups else Masters(search)


class Masters:
    """Masters of whole slots, to a part of the gap asked.

    Where LIS2/3 posts are decided many plans cost the same but for a thousandth, and telling them
    apart takes ten thousands of nodes: cuts and repair at the best plan seen do more. So there are
    few nodes at first, and twice as many whenever they did not do.
    """

    def __init__(self, search: Search, few: bool = False) -> None:
        self._search, self._most = search, search.solve.node_limit
        few |= search.system.decides("posts")
        few &= self._most is None or self._most > NODES
        self._nodes = NODES if few else self._most
        self._gaps = list[float]()
        self.stopped_by: Stop = ""  # what lets it not go on

    def answer(self, excluded: Sequence[Floats]) -> Plan:
        """Return the answer, kept from the plans excluded."""
        return self._solved(self._program(excluded))

    def _program(self, excluded: Sequence[Floats]) -> Program:
        """Return the program with the cuts there are, kept from the plans excluded."""
        search = self._search
        return with_cuts(without_plans(search.program, excluded), search.cuts, search.limits)

    def _solved(self, program: Program) -> Plan:
        """Return the answer of a program, and note what stops it."""
        search, nodes = self._search, self._nodes
        gap = OF_THE_GAP_OF_MASTERS * search.solve.relative_gap
        found = plan_of(program, search.answer(program, gap, whole=True, nodes=nodes))
        if found.status == "stopped":
            self.stopped_by = "nodes" if nodes == self._most else ""
            if nodes is not None and nodes != self._most:
                self._nodes = 2 * nodes if self._most is None else min(2 * nodes, self._most)
            if search.clock.left <= 0:
                self.stopped_by = "time"
        return found

    def stand_still(self, gap: float) -> bool:
        """Return whether the gap closes too little, where LIS2/3 posts are decided.

        Cuts that are clipped lie below the risk of their own plans, and there are many of these.
        """
        gaps = self._gaps
        gaps.append(gap)
        if not self._search.system.decides("posts") or len(gaps) <= STALLED:
            return False
        return gaps[-1 - STALLED] - gap <= OF_THE_GAP_OF_POSTS * gap < np.inf


class MastersOfSums(Masters):
    """Masters in which what regions that are alike open together is whole, and each one's is not.

    That leaves out what whole slots of single regions forbid beside rows of their sums (sums.py): a
    bound of all plans still, found in seconds where that of every region's own slots takes hours.
    Its plan is spread over the regions in whole slots, as evenly as can be; where there is no such
    plan masters of every region's own slots are asked from then on.
    """

    def __init__(self, search: Search, groups: Sequence[Rows]) -> None:
        super().__init__(search, few=True)
        self._groups = groups
        self._sums: list[Sums | None] = [sums_of(search.system, rows) for rows in groups]
        self._rows = list[tuple[Rows, Row]]()
        self._tight = self._own = False  # whether rows were learned; each region's slots are whole

    def answer(self, excluded: Sequence[Floats]) -> Plan:
        """Return the answer, kept from the plans excluded."""
        if not self._tight:
            self._tighten()
        if self._own:
            return self._solved(self._with_sums(self._program(excluded)))
        found = self._together(excluded)
        if np.isnan(found.objective):
            return found
        most = _dearer(found.objective, OF_THE_GAP_OF_PURCHASES * self._search.solve.relative_gap)
        even = even_whole_plan(self._search, self._program(excluded), found.slots, most)
        if even is not None:
            return found._replace(slots=even)
        self._own = True
        own = self.answer(excluded)
        return own._replace(bound=max(own.bound, found.bound))

    def _together(self, excluded: Sequence[Floats]) -> Plan:
        """Return the answer in whole sums that mixtures of paths and even plans reach."""
        for _ in range(SUMS):
            found = self._solved(self._of_sums(self._program(excluded)))
            if np.isnan(found.objective) or self._search.clock.left <= 0:
                return found
            if not self._outside(found.slots, whole=True) and not self._learned(found):
                return found
        return found

    def _learned(self, found: Plan) -> bool:
        """Return whether a cut, learned where a plan is spread evenly in fractions, excludes it."""
        search = self._search
        share = OF_THE_GAP * search.solve.relative_gap
        looked = look_at_even_plan(search, found, share, search.tolerance())
        return looked is not None and looked.excludes

    def _tighten(self) -> None:
        """Learn rows of sums and cuts of even plans until neither excludes the LP's plan."""
        search, self._tight = self._search, True
        for _ in range(SUMS):
            program = self._with_sums(self._program([]))
            found = plan_of(program, search.answer(program, 1e-9, whole=False))
            if np.isnan(found.objective) or search.clock.left <= 0:
                return
            if not self._outside(found.slots, whole=False) and not self._learned(found):
                return

    def _outside(self, slots: Floats, *, whole: bool) -> bool:
        """Return whether a plan opens more than whole paths can, of which a row was learned."""
        before = len(self._rows)
        for rows, sums in zip(self._groups, self._sums, strict=True):
            opened = np.cumsum(slots[rows].sum(axis=0))
            row = None if sums is None else sums.row(np.round(opened) if whole else opened)
            if row is not None:
                self._rows.append((rows, row))
        return len(self._rows) > before

    def _with_sums(self, program: Program) -> Program:
        """Return the program with the rows of sums, of which every whole plan keeps all."""
        if not self._rows:
            return program
        wide, most = np.zeros((len(self._rows), len(program.cost))), np.zeros(len(self._rows))
        for n, (rows, row) in enumerate(self._rows):
            each = per_slot(row.worth)
            size = np.abs(each).max()
            wide[n, program.slots[rows]] = each / size
            most[n] = (row.most + ROOM * max(1.0, abs(row.most))) / size
        return with_rows(program, csr_matrix(wide), np.full(len(most), -INFINITE), most)

    def _of_sums(self, program: Program) -> Program:
        """Return the program with rows of sums in which these are whole, and what makes them not.

        sum_r x[r, y] = together[y], of each group a column for every decision year.
        """
        years = program.slots.shape[1]
        first, count = len(program.cost), len(self._groups) * years
        wide = with_flags(self._with_sums(program), count)
        rows = np.zeros((count, len(wide.cost)))
        for n, regions in enumerate(self._groups):
            for y in range(years):
                rows[n * years + y, program.slots[regions, y]] = 1.0
        rows[np.arange(count), first + np.arange(count)] = -1.0
        ends, whole, own = wide.upper.copy(), wide.whole.copy(), np.concatenate(self._groups)
        ends[first:] = INFINITE
        whole[program.slots[own]] = False
        wide = wide._replace(upper=ends, whole=whole)
        return with_rows(wide, csr_matrix(rows), np.zeros(count), np.zeros(count))


def _dearer(cost: float, share: float) -> float:
    """Return a cost that is greater by a share."""
    return cost + share * abs(cost)
