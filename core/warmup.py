"""Warming up: every kernel compiled (or loaded from its cache) once, before the workers start."""

from __future__ import annotations

from pathlib import Path

from numba import config

from .compute.place import Progress
from .compute.workers import Workers
from .errors import Exit, LisError
from .flow.projection import Request, project_plans
from .kernels.cohorts import project
from .kernels.shortage import shortage
from .risk.oracle import prepare
from .scenarios.sampling import Sample
from .study.study import Study

_TINY = Sample("monte_carlo", 0, 1)
COMPILE, LOAD = "compile the kernels, once on a machine", "load the kernels"


class KernelCacheError(LisError):
    """The compiled kernels find no room; the message says where."""

    exit_code = Exit.SYSTEM


def warm_up(study: Study, progress: Progress) -> None:
    """Run every kernel on one scenario: a minute once on a machine, then a second.

    Raises
    ------
    KernelCacheError
        If there is no room for the compiled kernels.
    """
    try:
        _run_once(study, progress)
    except OSError as error:
        raise KernelCacheError(
            f"{project.stats.cache_path}: no room for the compiled kernels: {error.strerror}; make "
            "room, or name another folder in the environment variable NUMBA_CACHE_DIR"
        ) from None


def _run_once(study: Study, progress: Progress) -> None:
    step = _step()
    progress(step, 0, 2)
    level = study.given_levels
    oracle = prepare(study, _TINY, Workers())
    oracle.slope(level, 0, oracle.shortfall(level)[0])
    if oracle.entries is None:
        oracle.concavity_excess(level)
    progress(step, 1, 2)
    project_plans(Request(study, _TINY, {"given": level}), Workers())
    progress(step, 2, 2)


def _step() -> str:
    """Return what is done: numba keeps what was compiled since its source was last written."""
    if config.DISABLE_JIT:  # then kernels are no dispatchers and never compiled
        return LOAD
    source = Path(shortage.py_func.__code__.co_filename)
    kept = Path(shortage.stats.cache_path).glob(f"{source.stem}.{shortage.__name__}-*.nbi")
    fresh = any(index.stat().st_mtime >= source.stat().st_mtime for index in kept)
    return LOAD if fresh else COMPILE
