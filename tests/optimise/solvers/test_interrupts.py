"""A signal while HiGHS solves ends it soon, whatever is left of the solve."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import highspy
import numpy as np
import pytest

from lis1plan.core.interrupts import SIGNALS, interruptible
from lis1plan.optimise.solvers import highs as highs_room
from lis1plan.optimise.solvers.highs import HeldProgram, SilentHighs

from .test_answers import stored

LONG = 30.0
"""Seconds after which HiGHS ends by itself, where it hears no signal."""


def long_integer_program() -> SilentHighs:
    """A knapsack of many rows: hours of branching."""
    choose = np.random.default_rng(1)
    return program(choose.integers(1, 100, (60, 150)) * 1.0, share=0.33, whole=True)


def long_program_in_fractions() -> SilentHighs:
    """Seconds of simplex iterations."""
    choose = np.random.default_rng(1)
    return program(choose.random((1_000, 1_600)), share=0.2, whole=False)


def program(rows: np.ndarray, share: float, whole: bool) -> SilentHighs:
    highs, count = SilentHighs(), rows.shape[1]
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("presolve", "off")
    highs.setOptionValue("time_limit", LONG)
    gains = np.random.default_rng(2).random(count)
    kind = highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous
    for gain in gains:
        highs.addVariable(0.0, 1.0, -gain, type=kind)
    for row in rows:
        highs.addRow(-np.inf, share * row.sum(), count, np.arange(count, dtype=np.int32), row)
    return highs


@contextmanager
def sent(how: signal.Signals) -> Iterator[list[float]]:
    """Send a signal once HiGHS has worked for a moment; yield the time it was sent."""
    at, over = list[float](), threading.Event()

    def send() -> None:
        if not over.wait(0.3):
            at.append(time.monotonic())
            os.kill(os.getpid(), how)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield at
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize("how", SIGNALS, ids=lambda each: each.name)
@pytest.mark.parametrize("make", [long_integer_program, long_program_in_fractions])
def test_a_signal_ends_a_long_solve(make: type[SilentHighs], how: signal.Signals) -> None:
    highs = make()
    with pytest.raises(KeyboardInterrupt), interruptible(), sent(how) as at:  # noqa: PT012
        highs.run()
        pytest.fail(f"HiGHS went on to its end: {highs.getModelStatus()}")
    assert highs.getModelStatus() == highspy.HighsModelStatus.kInterrupt
    assert at


OVER = threading.Event()
"""Ends what works on whatever its time, as HiGHS was seen to in a heuristic's presolve."""


@pytest.fixture
def deaf(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(highs_room, "GRACE", 0.2)
    monkeypatch.setattr(highs_room, "LOOK", 0.05)
    monkeypatch.setattr(highspy.Highs, "run", lambda _: OVER.wait(LONG))
    yield
    OVER.set()
    OVER.clear()


@pytest.mark.usefixtures("deaf")
def test_a_solver_that_does_not_come_back_is_left_behind() -> None:
    began = time.monotonic()
    held = HeldProgram(stored("unknown.lp"))
    assert held.solve(seconds=0.1).status == "stopped"
    assert time.monotonic() - began < LONG / 2
    held.minimise(np.ones(len(held.program.cost)))
    held.drop(1)
    again = held.solve(seconds=0.1)  # asks nothing of what is still at work
    assert (again.status, again.bound) == ("stopped", -np.inf)


@pytest.mark.usefixtures("deaf")
@pytest.mark.parametrize("how", SIGNALS, ids=lambda each: each.name)
def test_a_signal_is_handled_even_if_the_solver_is_deaf(how: signal.Signals) -> None:
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), interruptible(), sent(how):
        HeldProgram(stored("unknown.lp")).solve(seconds=2 * LONG)
    assert time.monotonic() - began < LONG / 2


def test_handlers_are_as_they_were_after_a_solve() -> None:
    before = [signal.getsignal(each) for each in SIGNALS]
    highs = program(np.ones((1, 3)), 0.5, whole=True)
    highs.run()
    assert [signal.getsignal(each) for each in SIGNALS] == before
    assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal


def test_what_the_solver_raises_is_raised_where_it_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_: highspy.Highs) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(highspy.Highs, "run", fail)
    with pytest.raises(MemoryError, match="no room"):
        HeldProgram(stored("unknown.lp")).solve(seconds=1.0)
