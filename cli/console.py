"""The console: progress while a job runs, errors in one line each, exit codes."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

from ..core.errors import Exit, LisError

__all__ = ["Exit", "Reporter", "fail", "plain_errors", "print_tables"]

if TYPE_CHECKING:
    from rich.progress import TaskID


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
                click.echo(f"[{now - self._began:6.1f} s] {step}: {done}{of}", err=True)


def fail(lines: Sequence[str], code: Exit) -> None:
    """Say what is wrong on stderr, a line each, and leave with the code."""
    for line in lines:
        click.echo(f"lis1plan: {line}", err=True)
    sys.exit(code)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn every mistake a user can make into clear lines and an exit code, without a traceback."""
    try:
        yield
    except LisError as error:
        fail(error.told, error.exit_code)
    except KeyboardInterrupt:
        fail(["interrupted; nothing was written"], Exit.OTHER)


def print_tables(*tables: object) -> None:
    """Print rich tables on stdout."""
    from rich.console import Console

    console = Console()
    for table in tables:
        console.print(table)


@contextmanager
def refusals_as_json(wanted: bool) -> Iterator[None]:
    """Print as JSON on stdout why there is no plan, before the lines on stderr and exit code 3."""
    try:
        yield
    except LisError as error:
        if wanted and error.summary is not None:
            click.echo(json.dumps(error.summary, ensure_ascii=False))
        raise
