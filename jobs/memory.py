"""Memory of a job: what its scenarios hold, and whether this machine has as much."""

from __future__ import annotations

import os

from ..core.compute.place import Place, Where
from ..core.errors import InputError
from ..core.study.settings import Sampling

BASE_MB = 650.0
"""Libraries, kernels from the cache, the report, and the plans projected at a time."""


def scenario_mb(lane_mb: float, cells: int, limits: int) -> float:
    """Return what a run holds of a scenario, MB.

    Parameters
    ----------
    lane_mb
        what the oracle holds of it
    cells
        years x groups x regions of supply and of demand, of one plan at a time
    limits
        limits on risk
    """
    return 1.3 * lane_mb + 3.0 * 2 * 4e-6 * cells + 20.0 * 8e-6 * limits


def refuse_too_many(sampling: Sampling, each_mb: float, limits: int, where: Where) -> None:
    """Refuse scenarios that this machine has no memory for, before any work.

    Raises
    ------
    InputError
        Saying how many it has memory for.
    """
    if isinstance(where, Place) and where.cluster not in ("threads", "local"):
        return  # the scenarios lie on other machines
    present = memory_of_machine_mb()
    each = {
        "sampling.scenarios": (sampling.scenarios, each_mb),
        "sampling.fresh_scenarios": (sampling.fresh_scenarios, 16e-6 * limits),
    }
    problems = [
        f"{key}: {count:,} scenarios need about {count * mb / 1000:,.0f} GB of memory and this "
        f"machine has {present / 1000:,.0f}; give at most {int((present - BASE_MB) / mb):,}"
        for key, (count, mb) in each.items()
        if BASE_MB + count * mb > present
    ]
    if problems:
        raise InputError(problems)


def memory_of_machine_mb() -> float:
    """Return the memory of this machine, MB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e6
