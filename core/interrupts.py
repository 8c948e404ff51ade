"""Ctrl-C and SIGTERM while something is written: an exception, so that nothing half-written stays.

Before and between, a signal ends the program at once (`lis1plan.__main__`).
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass
class Interruption:
    """Whether one has come: a library may turn the exception into one of its own."""

    came: bool = False
    number: int = 0

    def note(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Note a signal and go on."""
        self.came, self.number = True, number

    def arrive(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Handle a signal."""
        self.came = True
        raise KeyboardInterrupt


@contextmanager
def _handled(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> Iterator[None]:
    """Handle both signals so inside; only the main thread hears signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {each: signal.signal(each, handler) for each in SIGNALS}
    try:
        yield
    finally:
        for each, former in before.items():
            signal.signal(each, former)


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Let both signals raise KeyboardInterrupt inside."""
    found = Interruption()
    with _handled(found.arrive):
        yield found


@contextmanager
def postponed() -> Iterator[Interruption]:
    """Only note a signal inside, and handle it at the end: compiled code bears no exception.

    Whoever works inside asks `came` now and then, and ends soon once it is so.
    """
    found = Interruption()
    try:
        with _handled(found.note):
            yield found
    finally:
        if found.came:
            signal.raise_signal(found.number)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let no signal in while a few files are cleared away."""
    with _handled(signal.SIG_IGN):
        yield
