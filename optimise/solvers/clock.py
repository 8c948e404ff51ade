"""The clock: how much of the time a run may take is left, and where the time went."""

from __future__ import annotations

import time


class Clock:
    """The time a run may take."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Return the seconds left, never below zero."""
        return max(0.0, self._end - time.monotonic())

    def part(self, share: float) -> Clock:
        """Return a clock for a share of the time left, from now on."""
        return Clock(share * self.left)


class Watch:
    """The seconds each step of a run took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._began = time.perf_counter()

    def lap(self, step: str) -> None:
        """Note that a step ends now."""
        now = time.perf_counter()
        self.seconds[step] = now - self._began
        self._began = now
