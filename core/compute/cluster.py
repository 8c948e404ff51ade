"""The cluster: blocks of scenarios on Dask workers elsewhere, watched so that nothing ever hangs.

Every wait is bounded. Lost workers are replaced and their blocks worked out again by others; what
cannot be helped ends in one clear line.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

from ..errors import LisError
from .graph import WINDOW, Graph, Key
from .versions import mismatch, versions

POLL_SECONDS = 0.5
ASK_SECONDS = 10.0


class ClusterError(LisError):
    """The cluster cannot be used, or stopped working; the message says which."""


class Patience(NamedTuple):
    """How long to wait, in seconds."""

    start: float = 600.0  # for a first worker, and for any after the last was lost
    block: float = 900.0  # for any block to finish


class Cluster:
    """Workers behind a Dask client: a scheduler of graphs. Not safe for several threads."""

    shares_memory = False

    def __init__(self, client: Any, patience: Patience) -> None:
        self.client = client
        self._patience = patience
        self._here = versions()
        self._threads = 1
        self._seen = self._asked = time.monotonic()

    def check(self) -> None:
        """Wait for a worker and compare its versions with those here.

        Raises
        ------
        ClusterError
            If none comes in time, or versions differ.
        """
        end = time.monotonic() + self._patience.start
        while self._ask_threads() == 0:
            if time.monotonic() > end:
                said = f"no worker came within {self._patience.start:.0f} s"
                raise ClusterError(f"{self._where()}: {said}; are its jobs waiting in a queue?")
            time.sleep(POLL_SECONDS)
        there = self._call(self.client.run, _versions_there(), on_error="return")
        for worker, found in there.items():
            if not isinstance(found, dict):
                raise ClusterError(f"worker {worker}: {type(found).__name__}: {found}")
            if said := mismatch(self._here, found):
                raise ClusterError(f"worker {worker}: other versions: {said}; install the same")

    @property
    def threads(self) -> int:
        """Return how many blocks the workers do at a time, as last heard."""
        return max(1, self._threads)

    def results(self, graph: Graph) -> Iterator[tuple[Key, Any]]:
        """Yield every task's key and result as they come, a window of tasks under way.

        Tasks on what the workers hold go to whoever holds it, so all of them are handed out.
        """
        waiting = iter(graph.items())
        held = any(len(task) > 1 for task in graph.values())
        place: dict[Any, Key] = {}

        def fill() -> None:
            room = len(graph) if held else WINDOW * self.threads - len(place)
            window = dict(islice(waiting, max(room, 0)))
            if window:
                place.update(zip(self.hold(window), window, strict=True))

        fill()
        try:
            while place:
                for future in self.finished(list(place)):
                    yield place.pop(future), self._result(future)
                    future.release()
                fill()
        finally:
            for future in place:
                with suppress(Exception):
                    future.cancel()

    def hold(self, graph: Graph) -> list[Any]:
        """Start all tasks and return a future of each: the results stay with the workers.

        A worker first compares its versions with ours.
        """
        here = {
            key: (partial(checked, self._here, function), *on)
            for key, (function, *on) in graph.items()
        }
        try:
            return list(self.client.get(here, list(here), sync=False))
        except Exception as error:
            raise self._broken(error) from None

    def finished(self, futures: Sequence[Any]) -> list[Any]:
        """Wait until some of the futures are finished and return those.

        Raises
        ------
        ClusterError
            If none finishes, no worker is left, or the scheduler is gone, for too long.
        """
        from distributed import wait

        began = self._seen = time.monotonic()
        while True:
            try:
                with self.client.as_current():
                    wait(futures, timeout=POLL_SECONDS, return_when="FIRST_COMPLETED")
            except TimeoutError:
                self._watch(began)
                continue
            except Exception as error:
                raise self._broken(error) from None
            done = [future for future in futures if future.done()]
            if done:
                return done
            self._watch(began)

    def _result(self, future: Any) -> Any:
        """Return the result of a finished future."""
        if future.status == "cancelled":
            raise ClusterError(f"{self._where()}: the scheduler went away")
        try:
            return future.result(timeout=self._patience.block)
        except VersionError as error:
            raise ClusterError(str(error)) from None
        except TimeoutError:
            # Finished, and then its worker fell silent before it sent what it had.
            raise self._late() from None
        except Exception as error:
            raise self._broken(error) from None

    def _watch(self, began: float) -> None:
        now = time.monotonic()
        if self.client.status not in ("running", "connecting"):
            raise ClusterError(f"{self._where()}: the scheduler went away")
        if now - self._asked > 2.0:
            if self._ask_threads() > 0:
                self._seen = time.monotonic()
            elif now - self._seen > self._patience.start:
                raise ClusterError(
                    f"{self._where()}: no worker left for {self._patience.start:.0f} s"
                )
        if now - began > self._patience.block:
            raise self._late()

    def _late(self) -> ClusterError:
        return ClusterError(
            f"{self._where()}: no block finished within {self._patience.block:.0f} s on "
            f"{self._threads} threads of workers; is one of them stuck?"
        )

    def _ask_threads(self) -> int:
        """Return how many threads the workers have in all."""
        ask = self.client.scheduler.ncores
        found = self._call(self.client.sync, ask, workers=None, callback_timeout=ASK_SECONDS)
        self._threads = sum(found.values())
        self._asked = time.monotonic()
        return self._threads

    def _call(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except Exception as error:
            raise self._broken(error) from None

    def _broken(self, error: Exception) -> Exception:
        """Return an error of the cluster in its own words; errors of our own tasks as they are."""
        kind = type(error).__name__
        if kind == "KilledWorker":
            return ClusterError(
                f"{self._where()}: a block brought down several workers in turn, most likely for "
                "lack of memory; ask for more memory per worker"
            )
        module = type(error).__module__
        lost = isinstance(error, OSError | TimeoutError) or "Cancelled" in kind
        if lost or module.startswith(("distributed", "tornado", "asyncio", "concurrent")):
            return ClusterError(f"{self._where()}: the connection broke ({kind}: {error})")
        return error

    def _where(self) -> str:
        return f"cluster {self.client.scheduler.address if self.client.scheduler else ''}".strip()


class VersionError(Exception):
    """A worker has other versions than whoever asked it."""


def checked(here: dict[str, str], task: Callable[..., Any], *args: Any) -> Any:
    """Run a task on a worker of the same versions; workers join late, too."""
    if said := mismatch(here, versions()):
        raise VersionError(f"a worker has other versions: {said}; install the same")
    return task(*args)


def _versions_there() -> Callable[[], dict[str, str]]:
    """Return a function that travels as code: a worker without lis1plan can say so, too."""

    def found() -> dict[str, str]:
        from importlib import import_module

        try:
            return dict(import_module("lis1plan.core.compute.versions").versions())
        except ImportError as error:
            raise RuntimeError(f"lis1plan cannot be imported there: {error}") from None

    return found
