"""Ctrl-C and SIGTERM while something is written: an exception, so that nothing half-written stays.

Before and between, a signal ends the program at once (`lis1plan.__main__`).
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
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
def interruptible() -> Iterator[Interruption]:
    """Let both signals raise KeyboardInterrupt inside; only the main thread hears signals."""
    found = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield found
        return
    before = {each: signal.signal(each, found.arrive) for each in SIGNALS}
    try:
        yield found
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def postponed() -> Iterator[Interruption]:
    """Only note a signal inside, and handle it at the end: compiled code bears no exception.

    Whoever works inside asks `came` now and then, and ends soon once it is so.
    """
    found = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield found
        return
    before = {each: signal.signal(each, found.note) for each in SIGNALS}
    try:
        yield found
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        if found.came:
            signal.raise_signal(found.number)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let no signal in while a few files are cleared away."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {each: signal.signal(each, signal.SIG_IGN) for each in SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
