"""A second opinion on infeasibility: HiGHS's irreducible set of rows that contradict each other."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import highspy
import numpy as np
from numpy.typing import NDArray

from ...core.study.study import Study
from ..cuts.pool import Cut
from ..master.build import build_master, limit_risk, minimise_cost
from ..solvers.program import SilentHighs

Floats = NDArray[np.float64]
IRREDUCIBLE_FROM_LP = 6


def irreducible(study: Study, cuts: Sequence[Cut], limits: Floats) -> list[str]:
    """Return the names of rows of the relaxed master of which none can be spared.

    The rows that merely define the levels are left out.

    Empty where plans in fractions of slots exist, or where HiGHS finds no such set.
    """
    model = build_master(study, integer=False)
    minimise_cost(model, study)
    limit_risk(model, cuts, limits)
    highs = SilentHighs()
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("iis_strategy", IRREDUCIBLE_FROM_LP)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "master.lp"
        model.write(str(path), io_options={"symbolic_solver_labels": True})
        highs.readModel(str(path))
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kInfeasible:
        return []
    status, found = highs.getIis()
    if status != highspy.HighsStatus.kOk or not found.valid_:
        return []
    names = highs.getLp().row_names_
    plain = [_plain(study, names[row]) for row in found.row_index_]
    return [name for name in plain if not name.startswith("level")]


def _plain(study: Study, name: str) -> str:
    """Return a row's name with regions and years in the place of their numbers."""
    kind, _, index = (
        name.removeprefix("c_u_").removeprefix("c_e_").removeprefix("c_l_").partition("(")
    )
    numbers = [int(part) for part in index.rstrip("_)").split("_") if part.isdigit()]
    regions, first = list(study.regions), study.time.first_decision
    match kind, numbers:
        case "capacity", (c, r, y):
            return f"capacity.{list(study.capacity)[c]} {regions[r]} {first + y}"
        case "level_balance", (r, y):
            return f"level {regions[r]} {first + y}"
        case "national_ramp", (y,):
            return f"ramp.national {first + y}"
        case "cuts", (number,):
            return f"risk: cut {number}"
        case _:
            return f"{kind} {' '.join(map(str, numbers))}".strip()
