"""Risk in the master problem: cuts as limits, or as a priced shortage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from ...core.study.risk_limit import RiskLimit
from ...core.study.study import Study
from ..cuts.pool import Cut
from ..system.blocks import MILLION

Floats = NDArray[np.float64]
LEAST = -1e6
"""Below any risk that has no least value of its own: supervision beyond what slots need."""


def limit_risk(
    model: pyo.ConcreteModel, cuts: Sequence[Cut], limits: Floats, scale: Floats | None = None
) -> None:
    """Add the risk limits by their cuts: constant + slope . x <= limit (+ scale * relaxation).

    With `scale` [limit], one relaxation per limit is added. An infinite limit (a price) limits
    nothing.
    """
    model.cuts = pyo.ConstraintList()
    if scale is not None:
        model.relaxation = pyo.Var(range(len(limits)), domain=pyo.NonNegativeReals)
    for cut in cuts:
        limit = float(limits[cut.limit])
        if np.isfinite(limit):
            extra = 0.0 if scale is None else float(scale[cut.limit]) * model.relaxation[cut.limit]
            _add_cut(model, cut, limit, extra)


def add_shortage_cost(model: pyo.ConcreteModel, study: Study, cuts: Sequence[Cut]) -> None:
    """Add priced shortage to the objective: sum price[c] missing[c], missing[c] >= its cuts.

    missing[c] is the expected number of missing FTE-years in the window; the price is in million
    NOK and not discounted: what is priced is Z as the study defines it.
    """
    prices = {c: limit.price for c, limit in enumerate(study.risk.values()) if limit.price}
    if not prices:
        return
    model.missing = pyo.Var(list(prices), domain=pyo.NonNegativeReals)
    model.shortage_cuts = pyo.ConstraintList()
    for cut in cuts:
        if cut.limit in prices:
            _add_cut(model, cut, 0.0, model.missing[cut.limit], model.shortage_cuts)
    priced = sum(price / MILLION * model.missing[c] for c, price in prices.items())
    model.objective.set_value(model.objective.expr + priced)


def least_risk(limit: RiskLimit) -> float:
    """Return a finite value no risk of the limit is below."""
    return max(limit.least, LEAST)


def _add_cut(
    model: pyo.ConcreteModel,
    cut: Cut,
    limit: float,
    extra: object,
    rows: pyo.ConstraintList | None = None,
) -> None:
    """Add constant + slope . x <= limit + extra, scaled to a largest coefficient of one.

    HiGHS drops coefficients up to 1e-9: such terms are replaced by their bound, which only loosens
    the cut.
    """
    rows = model.cuts if rows is None else rows
    scale = max(float(np.abs(cut.slope).max()), 1e-12)
    terms, dropped = [], 0.0
    for r in model.regions:
        for y in model.years:
            weight = cut.slope[r, y] / scale
            if abs(weight) > 1e-8:
                terms.append(weight * model.slots[r, y])
            else:
                dropped += min(weight * model.slots[r, y].ub, weight * model.slots[r, y].lb, 0.0)
    left = sum(terms) + (cut.constant / scale + dropped)
    if terms or not isinstance(extra, float):
        rows.add(left <= limit / scale + extra / scale)  # type: ignore[operator]
    elif cut.constant > limit:
        rows.add(model.slots[0, 0] <= model.slots[0, 0].lb - 1.0)  # nothing lowers it: infeasible
