"""The console: progress while a job runs, errors in one line each, exit codes."""

from __future__ import annotations

import io
import json
import math
import os
import re
import sys
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self

import click

from ..core.errors import (
    Exit,
    InputError,
    InterruptedRunError,
    LisError,
    SystemRefusedError,
    as_own,
    shortened,
)

__all__ = ["Exit", "Reporter", "fail", "plain_errors", "print_tables", "say", "say_json"]

if TYPE_CHECKING:
    from rich.progress import TaskID


USUAL: dict[str, Any] = {"status": "done", "message": "", "problems": [], "warnings": []}
"""What every JSON object of a command says, with the values of one that has nothing to say."""


class Reporter:
    """Progress on stderr: bars on a terminal, a plain line per step or half-minute in a log."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._terminal = sys.stderr.isatty() and not quiet
        self._tasks: dict[str, TaskID] = {}
        self._last: dict[str, float] = {}
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        if self._terminal:
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                MofNCompleteColumn,
                Progress,
                TextColumn,
                TimeElapsedColumn,
            )

            self._bars = Progress(
                TextColumn("{task.description:>18}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._terminal:
            self._bars.stop()

    def __call__(self, step: str, done: int, total: int) -> None:
        """Tell that `done` of `total` units of a step are finished (total 0: unknown)."""
        if self._terminal:
            if step not in self._tasks or done <= 1:
                self._tasks[step] = self._bars.add_task(step, total=total or None)
            self._bars.update(self._tasks[step], completed=done)
        elif not self._quiet:
            now = time.monotonic()
            if done == total or now - self._last.get(step, now - 31.0) > 30.0:
                self._last[step] = now
                of = f" of {total}" if total else ""
                say(f"[{now - self._began:6.1f} s] {step}: {done}{of}", err=True)


@contextmanager
def printing() -> Iterator[None]:
    """Name standard output where what is printed inside finds no room.

    Raises
    ------
    SystemRefusedError
        If standard output takes nothing.
    """
    try:
        yield
    except OSError as error:
        raise _no_output(error) from error


def say(text: object, err: bool = False) -> None:
    """Print a line on stdout, or on stderr: control signs of names do nothing there.

    Raises
    ------
    SystemRefusedError
        If standard output takes nothing.
    """
    with printing():  # not by click: on a terminal of ASCII alone it writes UTF-8 all the same
        print(_shown(str(text)), file=sys.stderr if err else sys.stdout, flush=True)


def say_json(said: Mapping[str, Any]) -> None:
    """Print the one JSON object of a command: with the keys of `USUAL`, whatever else."""
    whole = _as_json_knows(USUAL | dict(said))
    narrow = "utf" not in (sys.stdout.encoding or "").lower()
    say(json.dumps(whole, ensure_ascii=narrow))


def print_tables(*tables: object) -> None:
    """Print rich tables on stdout; brackets in their cells are text."""
    from rich.console import Console

    console = Console(markup=False, emoji=False, highlight=False)
    with printing():
        for table in tables:
            console.print(table)


class Warned:
    """What a command warns of: told on stderr, each line once, and kept for its JSON.

    Also for that of an error which ends the work inside.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, LisError):
            error.summary = (error.summary or {}) | {"warnings": self.lines}

    def of(self, found: Iterable[str]) -> None:
        """Warn of lines."""
        for line in found:
            if line not in self.lines:
                self.lines.append(line)
                say(f"lis1plan: warning: {line}", err=True)


def fail(lines: Sequence[str], code: Exit) -> NoReturn:
    """Say what is wrong on stderr, a line each, and leave with the code."""
    for line in lines:
        say(f"lis1plan: {line}", err=True)
    sys.exit(code)


@contextmanager
def plain_errors(as_json: bool, verbose: bool) -> Iterator[None]:
    """Turn whatever goes wrong into clear lines and an exit code, the traceback if asked for."""
    try:
        yield
    except (click.exceptions.Exit, click.Abort):
        raise
    except click.ClickException as error:
        said = shortened(error.format_message())
        if as_json:
            say_json({"status": "bad_input", "message": said, "problems": [said]})
        if said == error.format_message():
            raise
        raise click.UsageError(said, getattr(error, "ctx", None)) from None
    except KeyboardInterrupt:
        _refuse(InterruptedRunError("interrupted; nothing was written"), as_json)
    except BrokenPipeError:
        raise  # the reader went away: click ends in silence
    except Exception as error:
        if verbose and not isinstance(error, LisError):  # what the program says itself is no fault
            traceback.print_exc()
        _refuse(as_own(error), as_json)


def _refuse(error: LisError, as_json: bool) -> NoReturn:
    """Say why there is no result, as JSON on stdout as well where that is asked for."""
    lines = [_shown(line) for line in error.told]
    if as_json:
        with suppress(SystemRefusedError):  # stdout may be what failed
            said = {"status": error.exit_code.name.lower(), "message": lines[0], "problems": lines}
            say_json(said | (error.summary or {}))
    fail(lines, error.exit_code)


def ready_streams() -> None:
    """Make standard streams usable: closed ones lead nowhere, narrow ones show what they can."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # else the next file opened would be standard output
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, io.TextIOWrapper(io.FileIO(os.devnull, "w")))
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def refuse_no_folder() -> None:
    """Refuse to work in a folder that is gone: no relative path leads anywhere, nor do libraries.

    Raises
    ------
    InputError
        If the working directory has been removed, or may not be entered.
    """
    try:
        Path.cwd()
    except OSError as error:
        raise InputError(
            f"the working directory cannot be used: {error.strerror}; change to one that exists"
        ) from None


def raise_no_output(error: OSError) -> NoReturn:
    """Leave with a line where standard output takes nothing more."""
    refusal = _no_output(error)
    if isinstance(refusal, LisError):
        fail(refusal.told, refusal.exit_code)
    raise refusal


def _no_output(error: OSError) -> OSError | SystemRefusedError:
    """Return what to raise where standard output takes nothing more; let nothing wait there."""
    if isinstance(error, BrokenPipeError):
        return error
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return SystemRefusedError(f"standard output: cannot be written to: {error.strerror}")


def _shown(text: str) -> str:
    """Return a text with its control signs, and those that turn writing round, in letters."""
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], text)


def _as_json_knows(value: object) -> object:
    """Return plain values without numbers that are none: JSON has no NaN."""
    if isinstance(value, dict):
        return {key: _as_json_knows(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json_knows(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
