"""Kernels compiled by a second process: numba compiles one at a time in each.

It writes into numba's cache, where whoever asked finds them, and says nothing. It is help, not a
part of the work: whatever becomes of it, what is missing is compiled where it is called.
"""

from __future__ import annotations

import gc
import os
import pickle
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from subprocess import DEVNULL, PIPE, Popen
from typing import Any

from .compiled import Signature, compile_one

STDIN = 0


@contextmanager
def compiled_beside(calls: Sequence[tuple[Any, Signature]]) -> Iterator[Callable[[], object]]:
    """Have a second process compile kernels for calls from Python; yield what waits for it.

    No process is started for no calls. What is unfinished as the block ends is given up.
    """
    process = _started([(k.__module__, k.__name__, signature) for k, signature in calls])
    if process is None:
        yield lambda: None
        return
    with process:  # waits for it, and closes its standard input
        try:
            yield process.wait
        finally:
            process.kill()


def _started(asked: list[tuple[str, str, Signature]]) -> Popen[bytes] | None:
    """Start the process and tell it what to compile; None where there is nothing, or no room."""
    if not asked:
        return None
    # As this process finds modules: a script may have changed the path since it began.
    program = f"import sys; sys.path[:] = {sys.path!r}; from {__name__} import main; main()"
    try:
        process = Popen(
            [sys.executable, "-c", program], stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, bufsize=0
        )
    except OSError:  # as many processes as one may have: this one compiles all of it
        return None
    assert process.stdin is not None
    with suppress(BrokenPipeError):  # it ended at once
        process.stdin.write(pickle.dumps(asked))
    return process


def main() -> None:
    """Be the second process: compile what is read from standard input."""
    asked = pickle.load(sys.stdin.buffer)
    threading.Thread(target=_end_with_the_first, daemon=True).start()
    gc.disable()
    for module, name, signature in asked:
        compile_one(getattr(import_module(module), name), signature)


def _end_with_the_first() -> None:
    """Leave as soon as standard input ends: the process that asked is gone."""
    os.read(STDIN, 1)
    os._exit(1)
