"""HiGHS, embedded: rows in, answer out; the one place where it is constructed and believed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from ...core.interrupts import Interruption, postponed
from .program import (
    Found,
    Program,
    SolverError,
    Status,
    in_units,
    nothing_found,
    require_numbers,
    sound,
    unit_of,
)

Floats = NDArray[np.float64]
LOG = logging.getLogger("lis1plan")
STOPPED = (highspy.HighsModelStatus.kTimeLimit, highspy.HighsModelStatus.kSolutionLimit)
INFEASIBLE = (
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kUnboundedOrInfeasible,
)
ANSWERS = (highspy.HighsModelStatus.kOptimal, *INFEASIBLE, *STOPPED)
PRIMAL_SIMPLEX = 4
IRREDUCIBLE_FROM_LP = 6
OPTIONS: dict[str, int | float | str] = {
    "random_seed": 0,
    "mip_feasibility_tolerance": 1e-9,
    "primal_feasibility_tolerance": 1e-9,
    "presolve_rule_off": 512,
    "mip_allow_restart": False,
    "mip_root_presolve_only": True,
    "mip_heuristic_run_root_reduced_cost": False,
    "mip_heuristic_run_feasibility_jump": False,
    "mip_pscost_minreliable": 4,
}
"""Of every master. Rule 9 of presolve (doubleton equations) is off: with it HiGHS 1.15.1 calls a
plan optimal that is a fifth too dear, since levels follow slots (tests/golden/presolve.lp). Masters
are small: without restarts, one heuristic and half the strong branching they took two thirds of the
time, over 24 of them along the frontier of the built-in study; without the jump that finds a first
plan an eighth less, over all 39 of a run, with the same plans. Heuristics do not presolve their
problems: 1.16 was seen to strengthen the same row of one for ever, deaf to time and signals."""
GRACE, LOOK = 30.0, 1.0
"""Seconds past its time, or past a signal, after which HiGHS is taken not to come back; and between
looks."""


class LostError(RuntimeError):
    """HiGHS works on, deaf to time and signals; it must not be asked anything again."""


class SilentHighs(highspy.Highs):  # type: ignore[misc]  # highspy is not typed for mypy here
    """HiGHS that prints nothing on C's standard output, not even while it is constructed.

    From 1.16 on HiGHS introduces itself in two lines at the first call that finds output switched
    on, and highspy's constructor makes such a call: it enables callbacks. An option set afterwards
    comes too late, so output is switched off just before that call.
    """

    def enableCallbacks(self) -> None:  # noqa: N802
        """Switch output off, then do as highspy does."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()

    def run(self) -> None:
        """Solve; a signal ends that soon, and is then handled as anywhere else.

        HiGHS asks between nodes and iterations. Raising there would go through code that was not
        compiled for it, and the handler itself is only called when Python is. It works in a thread
        of its own, so that where it asks no more it can be left behind.

        Raises
        ------
        LostError
            If it does not come back within a grace past its time limit, or past a signal.
        """
        with postponed() as interruption:

            def stop(event: highspy.HighsCallbackEvent) -> None:
                event.interrupt(interruption.came)

            asked = (self.cbMipInterrupt, self.cbSimplexInterrupt)
            for each in asked:
                each.subscribe(stop)
            self._wait_for(super().run, interruption)
            for each in asked:
                each.unsubscribe(stop)

    def _wait_for(self, run: Callable[[], object], interruption: Interruption) -> None:
        """Call HiGHS in a thread and wait for its end, but not for ever."""
        end = time.monotonic() + self.getOptionValue("time_limit")[1] - self.getRunTime() + GRACE
        heard, raised = np.inf, list[Exception]()

        def work() -> None:
            try:
                run()
            except Exception as error:  # is raised again below, where it is waited for
                raised.append(error)

        working = threading.Thread(target=work, daemon=True)
        working.start()
        while working.is_alive():
            now = time.monotonic()
            if interruption.came:
                heard = min(heard, now)
            if now > min(end, heard + GRACE):
                raise LostError
            working.join(LOOK)
        if raised:
            raise raised[0]


class HeldProgram:
    """HiGHS holding one program; rows come and go, objectives change, the basis stays."""

    def __init__(self, program: Program, whole: bool = False) -> None:
        self.program = program
        self._whole = whole and bool(program.whole.any())  # else HiGHS tells no bound of a tree
        self._unit = unit_of(program.cost)
        self._highs = _ready(_in_own_unit(program, self._unit), self._whole)
        self._lost = False  # HiGHS did not come back: the program is stopped for good

    def add(self, rows: csr_matrix, lower: Floats, upper: Floats) -> None:
        """Add rows over the first columns."""
        require_numbers(rows.data, lower, upper)
        if self._lost:
            return
        _believed(
            self._highs.addRows(
                rows.shape[0],
                lower,
                upper,
                rows.nnz,
                rows.indptr[:-1].astype(np.int32),
                rows.indices.astype(np.int32),
                rows.data,
            )
        )

    def drop(self, count: int) -> None:
        """Drop the last rows."""
        if count and not self._lost:
            last = self._highs.getNumRow()
            self._highs.deleteRows(count, np.arange(last - count, last, dtype=np.int32))

    def minimise(self, cost: Floats) -> None:
        """Set another objective, [column]."""
        require_numbers(cost)
        self._unit = unit_of(cost)
        if self._lost:
            return
        offset = self.program.offset / self._unit
        _believed(self._highs.changeObjectiveOffset(offset))
        columns = np.arange(len(cost), dtype=np.int32)
        _believed(self._highs.changeColsCost(len(cost), columns, np.asarray(cost) / self._unit))

    def solve(self, gap: float = 0.0, seconds: float = 60.0, nodes: int | None = None) -> Found:
        """Solve to a relative gap, within a time and a number of nodes.

        "Infeasible" is believed only without presolve: HiGHS 1.15's presolve was seen to call
        whole-number masters infeasible whose capacity can be met exactly. Without it the dual
        simplex of 1.16 was seen to end in no answer at all, having lost its way among costs of
        1e-7 (tests/golden/unknown.lp); the primal simplex is then asked. So are both where
        "optimal" comes without a number. Where it does not come back at all, it is left behind.

        Raises
        ------
        SolverError
            If HiGHS ends in any other way than optimal, infeasible or stopped by one of the two.
        """
        if not self._lost:
            try:
                self._run(gap, seconds, nodes)
            except LostError:
                LOG.warning("HiGHS did not come back within its time: left behind")
                self._lost = True
        stopped = nothing_found(self.program, "stopped", -np.inf)
        return stopped if self._lost else sound(self.program, self._told())

    def _run(self, gap: float, seconds: float, nodes: int | None) -> None:
        """Let HiGHS solve, in other ways where it ends in no answer that is believed."""
        if nodes is not None:
            self._highs.setOptionValue("mip_max_nodes", nodes)
        self._highs.setOptionValue("mip_rel_gap", gap)
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + max(seconds, 0.1))
        self._highs.run()
        if self._status not in (highspy.HighsModelStatus.kOptimal, *STOPPED) or self._numberless:
            self._run_with(presolve="off")
        if self._status not in ANSWERS or self._numberless:
            self._run_with(presolve="off", simplex_strategy=PRIMAL_SIMPLEX)

    @property
    def _status(self) -> highspy.HighsModelStatus:
        status: highspy.HighsModelStatus = self._highs.getModelStatus()
        return status

    @property
    def _numberless(self) -> bool:
        """Return whether HiGHS says it has the optimum, but not what it is."""
        said = self._highs.getInfo().objective_function_value
        return self._status == highspy.HighsModelStatus.kOptimal and not np.isfinite(said)

    def _told(self) -> Found:
        """Return the answer as HiGHS tells it."""
        status, info = self._status, self._highs.getInfo()
        if status in INFEASIBLE:
            return nothing_found(self.program, "infeasible", np.inf)
        stopped = status in STOPPED
        if status != highspy.HighsModelStatus.kOptimal and not stopped:
            raise SolverError(f"HiGHS ended with {status}")
        if stopped and not self._whole:
            return nothing_found(self.program, "stopped", -np.inf)
        said: Status = "stopped" if stopped else "optimal"
        bound = info.mip_dual_bound if self._whole else info.objective_function_value
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return nothing_found(self.program, said, bound * self._unit)
        solution, none = self._highs.getSolution(), np.zeros(0)
        duals = none if self._whole else np.array(solution.row_dual)
        reduced = none if self._whole else np.array(solution.col_dual)
        values = np.array(solution.col_value)
        found = Found(said, values, info.objective_function_value, bound, duals, reduced)
        return in_units(found, self._unit)

    def _run_with(self, **options: str | int) -> None:
        """Solve from nothing with other options, which then are as they were."""
        before = {name: self._highs.getOptionValue(name)[1] for name in options}
        for name, value in options.items():
            self._highs.setOptionValue(name, value)
        self._highs.clearSolver()
        self._highs.run()
        for name, value in before.items():
            self._highs.setOptionValue(name, value)


def _ready(program: Program, whole: bool) -> SilentHighs:
    """Return HiGHS, fresh and in one thread, so that equal programs give equal answers."""
    highs = SilentHighs()
    for name, value in (("threads", 1), *OPTIONS.items()):
        highs.setOptionValue(name, value)
    ends = program.lower, program.upper, program.row_lower, program.row_upper
    require_numbers(program.cost, program.offset, program.rows.data, *ends)
    _believed(highs.passModel(_lp(program, whole)))
    return highs


def _believed(said: highspy.HighsStatus) -> None:
    """Ask whether HiGHS took what it was passed: it solves an empty model where it did not.

    Raises
    ------
    SolverError
        If it refused, as it does coefficients of 1e15.
    """
    if said == highspy.HighsStatus.kError:
        raise SolverError("HiGHS refused the rows, bounds or prices it was passed")


def _in_own_unit(program: Program, unit: float) -> Program:
    return program._replace(cost=program.cost / unit, offset=program.offset / unit)


def _lp(program: Program, whole: bool) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(program.cost), program.rows.shape[0]
    lp.col_cost_, lp.offset_ = program.cost, program.offset
    lp.col_lower_, lp.col_upper_ = program.lower, program.upper
    lp.row_lower_, lp.row_upper_ = program.row_lower, program.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = program.rows.indptr
    lp.a_matrix_.index_ = program.rows.indices
    lp.a_matrix_.value_ = program.rows.data
    if whole:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(each)] for each in program.whole]
    return lp


def irreducible_rows(program: Program) -> list[int]:
    """Return rows that contradict each other, of which none can be spared.

    Of the program in fractions. Empty where it has a solution, or where HiGHS finds no such rows.
    """
    highs = _ready(program, whole=False)
    highs.setOptionValue("iis_strategy", IRREDUCIBLE_FROM_LP)
    highs.run()
    if highs.getModelStatus() not in INFEASIBLE:
        return []
    # No callback is asked here, so that a signal waits: 0.13 s at most for masters of norway-2019
    # (up to 939 rows), 0.3 s for one of seventeen counties (1672 rows).
    status, found = highs.getIis()
    if status != highspy.HighsStatus.kOk or not found.valid_:
        return []
    return [int(row) for row in found.row_index_]
