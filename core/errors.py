"""User-facing errors: plain lines and an exit code."""

from __future__ import annotations

from enum import IntEnum
from typing import Any


class Exit(IntEnum):
    """How a command ends."""

    SOLVED = 0
    OTHER = 1
    BAD_INPUT = 2
    INFEASIBLE = 3
    STOPPED = 4


class LisError(Exception):
    """The base of all errors that reach the user as plain lines, without a traceback."""

    exit_code = Exit.OTHER
    final = False
    """Whether doing the same again would only end the same way."""
    summary: dict[str, Any] | None = None
    """What to say to programs beside the lines, if anything."""

    @property
    def told(self) -> list[str]:
        """Return the lines to say, one problem each."""
        return str(self).split("\n")
