"""Warming up: every kernel compiled (or loaded from its cache) once, before the workers start.

Numba compiles one kernel at a time in a process. Where cores allow, a second process compiles what
judges plans (`shortage`, `slope`, `concavity` and what they call) while this one compiles what
projects them: the two share no kernel, and take about as long.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .compute.place import Progress, available_cores
from .compute.workers import Workers
from .errors import Exit, LisError
from .flow.projection import Request, project_plans
from .kernels.beside import compiled_beside
from .kernels.cohorts import project
from .kernels.compiled import Signature, cache_folder, is_kept, signature_of
from .risk.blocks import AnyLanes
from .risk.lanes import ByBlock, Kernel
from .risk.oracle import Oracle, prepare
from .risk.streams import empty_lanes
from .scenarios.draws import sample_of
from .study.study import Study

COMPILE, LOAD = "compile the kernels, once on a machine", "load the kernels"


class KernelCacheError(LisError):
    """The compiled kernels find no room; the message says where."""

    exit_code = Exit.SYSTEM


def warm_up(study: Study, progress: Progress, slopes: bool = True) -> None:
    """Run every kernel on one scenario: a quarter of a minute once on a machine, then a second.

    Without `slopes` only those that project and judge given plans.

    Raises
    ------
    KernelCacheError
        If there is no room for the compiled kernels.
    """
    try:
        _run_once(study, progress, slopes)
    except OSError as error:
        raise KernelCacheError(
            f"{cache_folder(project)}: no room for the compiled kernels: {error.strerror}; make "
            "room, or name another folder in the environment variable NUMBA_CACHE_DIR"
        ) from None


def _run_once(study: Study, progress: Progress, slopes: bool) -> None:
    level = study.given_levels
    missing = [call for call in judging_calls(study, slopes) if not is_kept(*call)]
    step = COMPILE if missing else LOAD
    progress(step, 0, 2)
    sample = sample_of(study)._replace(scenarios=1)
    with _uncollected(), compiled_beside(missing if available_cores() > 1 else []) as finish:
        oracle = prepare(study, sample, Workers())
        project_plans(Request(study, sample, {"given": level}), Workers())
        progress(step, 1, 2)
        finish()
        _judge(oracle, slopes)
    progress(step, 2, 2)


def _judge(oracle: Oracle, slopes: bool) -> None:
    """Ask an oracle once all that it is asked in a run."""
    level = oracle.study.given_levels
    z = oracle.shortfall(level)
    if slopes:
        oracle.slope(level, 0, z[0])
        if oracle.entries is None:
            oracle.concavity_excess(level)


def judging_calls(study: Study, slopes: bool) -> list[tuple[Any, Signature]]:
    """Return what an oracle of the study calls: kernels, and the types that they are given."""
    noted = _Noted(study)
    _judge(Oracle(study, 1, noted), slopes)
    return noted.calls


class _Noted:
    """Lanes of one scenario whose kernels are not called but noted; all they fill is zero."""

    blocks = 1

    def __init__(self, study: Study) -> None:
        self.workers = Workers()
        self.calls: list[tuple[Any, Signature]] = []
        self._lanes = empty_lanes(study, 1)

    def fill(
        self, kernel: Kernel, arguments: tuple[Any, ...], out: NDArray[np.float64], axis: int = 0
    ) -> None:
        """See HeldLanes."""
        plain = [each.values if isinstance(each, ByBlock) else each for each in arguments]
        given = (self._lanes, *plain, 0, out.shape[axis], out)
        self.calls.append((kernel, signature_of(kernel, given)))
        out[...] = 0.0

    def take(self, numbers: NDArray[np.int64]) -> AnyLanes:  # noqa: ARG002 - there is one
        """See HeldLanes."""
        return self._lanes


@contextmanager
def _uncollected() -> Iterator[None]:
    """Let nothing look for garbage: compiling makes much, and each look costs a tenth second."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
