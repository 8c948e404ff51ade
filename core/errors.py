"""User-facing errors: plain lines and an exit code, also for what libraries and systems say."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Any


class Exit(IntEnum):
    """How a command ends."""

    SOLVED = 0
    OTHER = 1
    BAD_INPUT = 2
    INFEASIBLE = 3
    STOPPED = 4
    SYSTEM = 5
    FAULT = 70
    INTERRUPTED = 130


NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""How the system says that a disk, a quota or a limit is full."""
WRONG_PLACE = (errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.ELOOP)
"""How the system says that something else stands, or nothing can stand, at a place."""
MOST_TOLD = 60
"""Problems told; of more the number is given."""
LONGEST_LINE = 1_000
"""Characters of a problem told: nobody reads more."""
WIDTH = 60
"""Characters shown of what was found; in longer words nobody meant another."""


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


class InputError(LisError):
    """Bad input. `problems` holds one line each: where, what was found, what is allowed."""

    exit_code = Exit.BAD_INPUT
    final = True

    def __init__(self, problems: str | Sequence[str]) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.told))

    @property
    def told(self) -> list[str]:
        """Return the problems, of very many the first; one may hold a line break of its own."""
        more = len(self.problems) - MOST_TOLD
        told = [shortened(each) for each in self.problems[:MOST_TOLD]]
        return told + [f"and {more:,} problems more"] * (more > 0)


class InputWarning(UserWarning):
    """What a study or a plan says but can hardly mean."""


class SystemRefusedError(LisError):
    """The machine would not: no memory, no room, no permission."""

    exit_code = Exit.SYSTEM


class InterruptedRunError(LisError):
    """The command was stopped from outside; the line says what was kept, and how to go on."""

    exit_code = Exit.INTERRUPTED


class FaultError(LisError):
    """Something nobody foresaw: the program is at fault, or what it was given is beyond it."""

    exit_code = Exit.FAULT


def as_own(error: Exception) -> LisError:
    """Return the program's own error for whatever a library or the system raised."""
    match error:
        case LisError():
            return error
        case MemoryError():
            return SystemRefusedError(
                "not enough memory; ask for fewer scenarios (--scenarios) or regions; "
                "`lis1plan resources` says what a study needs"
            )
        case OSError() if error.errno is not None:
            where = cut(str(error.filename or "the system"))
            if error.errno in WRONG_PLACE:
                return InputError(f"{where}: {error.strerror}; remove it, or name another")
            more = "; make room and give the same command again" * (error.errno in NO_ROOM)
            return SystemRefusedError(f"{where}: {error.strerror}{more}")
        case RuntimeError() if str(error).startswith("cannot cache function"):
            return SystemRefusedError(
                "no folder for the compiled kernels can be written to; name one in the environment "
                "variable NUMBA_CACHE_DIR"
            )
    return FaultError(
        f"this should not have happened: {in_a_line(error)}; please report it, with the traceback "
        "(`lis1plan --verbose COMMAND …` shows it)"
    )


def in_a_line(error: BaseException) -> str:
    """Return kind and first line of an error, cut where it is long."""
    said = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {said[:200]}" if said else type(error).__name__


@contextmanager
def own_errors() -> Iterator[None]:
    """Raise the program's own error for whatever a library or the system raises inside."""
    try:
        yield
    except Warning:
        raise  # a filter of the user's made an error of it
    except Exception as error:
        own = as_own(error)
        if own is error:
            raise
        raise own from error


@contextmanager
def writing_to(place: Path, advice: str = "") -> Iterator[None]:
    """Name a place that the user chose and that cannot be written to.

    Raises
    ------
    SystemRefusedError
        If there is no room: the place may be right.
    InputError
        If it cannot be written to for any other reason.
    """
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            error.filename = str(place)
            raise as_own(error) from None
        raise InputError(
            f"{cut(str(place))}: cannot be written to: {error.strerror}{advice}"
        ) from None


def cut(text: str) -> str:
    """Return what was found as part of a line: without line breaks, its middle left out if long."""
    return shortened(text.replace("\n", " "), 3 * WIDTH)


def shortened(text: str, most: int = LONGEST_LINE) -> str:
    """Return a text of so many characters at most, its middle left out where it is longer."""
    return text if len(text) <= most else f"{text[: 2 * most // 3]}…{text[-most // 3 :]}"
