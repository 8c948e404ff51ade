"""Memory of a job: what its scenarios hold, and whether this machine has as much."""

from __future__ import annotations

import os

from ..core.compute.place import Place, Where
from ..core.errors import InputError
from ..core.kernels.shortage import LANES
from ..core.risk.streams import empty_lanes
from ..core.study.study import Study

BASE_MB = 450.0
"""Libraries, kernels from the cache and the report."""


def lane_mb(study: Study) -> float:
    """Return what the oracle holds of a scenario, MB."""
    return sum(array.nbytes for array in empty_lanes(study, LANES)) / LANES / 1e6


def scenario_mb(study: Study) -> float:
    """Return what a run holds of a scenario, MB."""
    plans = 3 + len(study.comparison)
    path = 4e-6 * len(study.years) * len(study.groups) * len(study.regions)
    return 1.3 * lane_mb(study) + 3.0 * (plans + 1) * path + 20.0 * 8e-6 * len(study.risk)


def refuse_too_many(study: Study, where: Where) -> None:
    """Refuse scenarios that this machine has no memory for, before any work.

    Raises
    ------
    InputError
        Saying how many it has memory for.
    """
    if isinstance(where, Place) and where.cluster not in ("threads", "local"):
        return  # the scenarios lie on other machines
    sampling, present = study.sampling, memory_of_machine_mb()
    each = {
        "sampling.scenarios": (sampling.scenarios, scenario_mb(study)),
        "sampling.fresh_scenarios": (sampling.fresh_scenarios, 16e-6 * len(study.risk)),
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
