"""Composition: where the doctors of a scenario were educated. Never changes how many there are."""

from __future__ import annotations

import numpy as np

from .composition_kernel import Origins
from .figures import Figures, added_up
from .intake_rates import newcomers_by_origin
from .kernel import Rates
from .scenarios import Draws
from .study import Study


def build_origins(study: Study, draws: Draws, rates: Rates) -> Origins:
    """Return what the scenarios of a block know about origins; `rates` are those of everybody."""
    figures, shares = Figures(study, draws), study.composition
    newcomers, names = newcomers_by_origin(study, figures), list(study.applicants)
    abroad = rates._replace(
        occupants=rates.occupants * shares.lis1_abroad.value,
        direct_entry=rates.direct_entry * shares.direct_entry_abroad.value,
        trainees=rates.trainees * shares.trainees_abroad.value,
        specialists=rates.specialists * shares.specialists_abroad.value,
    )
    total = added_up(newcomers)[:, :, None]
    return Origins(
        newcomers=np.divide(newcomers, total, out=np.zeros_like(newcomers), where=total > 0),
        unplaced=np.array([o.unplaced_share.value for o in study.applicants.values()]),
        propensity=np.stack([figures[f"applicants.{name}.propensity"] for name in names], axis=1),
        abroad=np.array([float(o.abroad) for o in study.applicants.values()]),
        rates=abroad,
    )
