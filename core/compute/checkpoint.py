"""What a run has worked out so far, kept in a folder: an interrupted run takes it from there.

Everything costly is a pure function of plain values: a block of scenarios, the shortfall under a
plan, the answer of a master problem. Each answer is kept under a name made of what it was asked.
A run that starts again asks the same questions in the same order and gets the same bits, from
the folder or anew; nothing ever has to be put back into the middle of an algorithm.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, TypeVar

from .parts import PartError, digest, packed, read_part, write_packed

T = TypeVar("T")
LOG = logging.getLogger("lis1plan")
WORTH_SECONDS = 0.02
"""An answer found sooner is found again as soon as it is read: it is not kept."""
AT_ONCE = 4
"""Answers waiting for the disk: it is slow to confirm, and nobody waits for that."""


class Checkpoint:
    """Answers in a folder, or with None nowhere."""

    def __init__(self, folder: Path | None = None, worth_seconds: float | None = None) -> None:
        self._folder = folder
        said = os.environ.get("LIS1PLAN_KEEP_SECONDS", WORTH_SECONDS)
        self._worth = float(said) if worth_seconds is None else worth_seconds
        self.read, self.written = 0, 0
        self._writer = ThreadPoolExecutor(1, "checkpoint") if folder is not None else None
        self._room = BoundedSemaphore(AT_ONCE)
        self._kept = list[Path]()  # by this process, in order; without what was removed again

    def __bool__(self) -> bool:
        return self._folder is not None

    def answer(
        self,
        name: str,
        asked: tuple[Any, ...],
        find: Callable[[], T],
        lasts: Callable[[T], bool] = lambda _: True,
    ) -> T:
        """Return what `find()` returns: from the folder if it was asked before, else found now.

        An answer that does not last, as one the clock cut short, is not kept.
        """
        if self._folder is None:
            return find()
        key = self.key(name, *asked)
        known, value = self.look_up(key)
        if known:
            return value  # type: ignore[no-any-return]
        began = time.perf_counter()
        found = find()
        if lasts(found):
            self.keep(key, found, time.perf_counter() - began)
        return found

    def summed_up(
        self,
        name: str,
        asked: tuple[Any, ...],
        find: Callable[[], T],
        lasts: Callable[[T], bool] = lambda _: True,
    ) -> T:
        """Return what `answer` does; what was kept on the way to it goes once it is on the disk.

        What was there before stays: others may ask for it, too.
        """
        before = len(self._kept)
        found = self.answer(name, asked, find, lasts)
        if len(self._kept) > before and self._kept[-1].stem == self.key(name, *asked):
            *on_the_way, whole = self._kept[before:]
            self._kept[before:] = [whole]
            passed = set(on_the_way).difference(self._kept)  # not what others asked for before
            assert self._writer is not None
            self._writer.submit(self._remove, passed)  # after the answer: one thing at a time
        return found

    def key(self, name: str, *asked: object) -> str:
        """Return the name under which an answer is kept."""
        return f"{name}-{digest(*asked)}"

    def look_up(self, key: str) -> tuple[bool, Any]:
        """Return whether there is an answer, and the answer; a damaged one counts as none."""
        if self._folder is None:
            return False, None
        path = self._folder / f"{key}.npz"
        try:
            value = read_part(path)
        except FileNotFoundError:
            return False, None
        except (PartError, OSError) as error:
            LOG.warning("%s; it is worked out anew", error)
            path.unlink(missing_ok=True)
            return False, None
        self.read += 1
        return True, value

    def keep(self, key: str, value: object, seconds: float) -> None:
        """Keep an answer that took so many seconds; where there is no room, go on without."""
        if self._folder is None or seconds < self._worth:
            return
        content = packed(value)  # now: whoever asked may change it
        self._room.acquire()
        assert self._writer is not None
        path = self._folder / f"{key}.npz"
        self._kept.append(path)
        self._writer.submit(self._write, path, content)

    def close(self) -> None:
        """Wait until all is written."""
        if self._writer is not None:
            self._writer.shutdown(wait=True)

    def _write(self, path: Path, content: memoryview) -> None:
        try:
            if self._worth < float("inf"):
                write_packed(path, content)
                self.written += 1
        except FileNotFoundError:
            self._worth = float("inf")  # the run was stopped, and its folder is cleared away
        except OSError as error:
            self._worth = float("inf")
            LOG.warning(
                "%s: %s; going on, but if interrupted this run starts from what is kept so far",
                self._folder,
                error.strerror or error,
            )
        finally:
            self._room.release()

    def _remove(self, paths: set[Path]) -> None:
        """Remove answers that another stands for; where that could not be written, they stay."""
        if self._worth < float("inf"):
            for path in paths:
                path.unlink(missing_ok=True)


NOWHERE = Checkpoint()
