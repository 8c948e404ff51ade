"""The clock: how much of the time a run may take is left."""

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
