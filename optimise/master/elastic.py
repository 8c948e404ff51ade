"""The elastic master: chosen limits may give way, each by a share of itself in all its years.

    use[g, t] <= room[g, t] + scale[g, t] x give[g],   give[g] >= 0

One `give` per limit, so that a limit watched in forty years does not count forty times. `scale` is
the room itself, and one slot, place, doctor or million where the room is smaller than that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from ...core.study.risk_limit import RiskLimit
from ...core.system.arrays import System
from ...core.system.limit import Limit, SystemLimit
from ...core.system.limits import RegionalRamp
from ...core.system.plan_form import ConstantAfter
from ..system.blocks import opened, opens_only, rows_of
from ..system.decision_blocks import multiples_within_runs
from .build import build_master

Floats = NDArray[np.float64]
NO_RAMP = 1e4
"""Slots a region could open in a year if its ramp gave way altogether."""
RISK_STEP, FTE_STEP, OF_THE_LIMIT = 0.001, 10.0, 0.1
"""Steps of shadow prices, and what share of a limit they may be at most: more would void it."""


@dataclass(frozen=True, eq=False)
class RiskBound(Limit):
    """A limit on risk, beside those of the system."""

    kind = "risk"
    name: str
    asked: RiskLimit
    number: int  # among the limits on risk
    most: float

    @property
    def identifier(self) -> str:
        """The name in result files."""
        return f"{self.kind}.{self.name}"

    @property
    def title(self) -> str:  # type: ignore[override]
        """The name in words."""
        return f"risk: {self.asked.name}"

    @property
    def subject(self) -> str:  # type: ignore[override]
        """What it is on."""
        return self.asked.name

    @property
    def unit(self) -> str:  # type: ignore[override]
        """The unit in which the limit stands."""
        return "share" if self.asked.is_share else "as the limit"

    @property
    def step(self) -> float:
        """One step of the shadow price: 0.1 percentage point, or ten FTE; less of small limits."""
        step = FTE_STEP if self.asked.measure == "absolute" else RISK_STEP
        return min(step, OF_THE_LIMIT * self.most) if self.most > 0.0 else step

    @property
    def scale(self) -> Floats:
        """What a give of one means, a single entry."""
        return np.array([self.asked.share_of(self.most)])


def risk_bounds(risk: Mapping[str, RiskLimit], limits: Floats) -> list[RiskBound]:
    """Return every limit on risk (prices limit nothing) with what is asked of it, [limit]."""
    return [
        RiskBound(name, limit, c, float(limits[c]))
        for c, (name, limit) in enumerate(risk.items())
        if limit.limit is not None
    ]


def elastic_master(system: System, free: Sequence[Limit], most: float) -> pyo.ConcreteModel:
    """Return the master in which each limit of `free` may give way by up to so much; no objective.

    `model.give[n]` belongs to the n-th of them. What a limit on risk gives, its cuts have to say.
    """
    model = build_master(system)
    model.give = pyo.Var(range(len(free)), domain=pyo.NonNegativeReals)
    if any(isinstance(limit, ConstantAfter) for limit in free):
        multiples_within_runs(model, system)
    for n, limit in enumerate(free):
        model.give[n].setub(None if np.isinf(most) else most)
        if isinstance(limit, RegionalRamp):
            _ramp_as_rows(model, limit, system.lead_time[limit.place[0]])
        if isinstance(limit, SystemLimit):
            scale = limit.scale / limit.per_row
            for row, year in rows_of(model, limit):
                share = float(scale[year] if len(scale) > 1 else scale[0])
                row.set_value((None, row.body - share * model.give[n], pyo.value(row.upper)))
    return model


def _ramp_as_rows(model: pyo.ConcreteModel, ramp: RegionalRamp, lead: int) -> None:
    """Turn a region's ramp from bounds into rows, in the years after its lead time."""
    (r,) = ramp.place
    if model.find_component(ramp.kind) is None:
        model.add_component(ramp.kind, pyo.Constraint(pyo.Any))
    block = model.find_component(ramp.kind)
    for y in model.years:
        if y >= lead:
            for variable in (model.slots[r, y], opened(model, r, y)):
                variable.setub(NO_RAMP)
            block[r, y] = opened(model, r, y) <= float(np.floor(ramp.most[y]))
            if model.find_component("opens_only") is not None and (r, y) in model.opens_only:
                model.opens_only[r, y].set_value(opens_only(model, r, y, NO_RAMP))
