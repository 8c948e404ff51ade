"""Priced risk in the master problem; limits on risk are cuts, rows of their own (`rows.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pyomo.environ as pyo

from ...core.system.limits import MILLION


class Price(NamedTuple):
    """A limit that is a price of its shortage."""

    limit: int
    nok: float  # per missing FTE-year


def add_shortage_cost(model: pyo.ConcreteModel, prices: Sequence[Price]) -> None:
    """Add priced shortage to the objective: sum price[c] missing[c], missing[c] >= its cuts.

    missing[c] is the expected number of missing FTE-years in the window; the price is in million
    NOK and not discounted: what is priced is Z as the study defines it. Cuts come as rows.
    """
    if not prices:
        return
    model.missing = pyo.Var([price.limit for price in prices], domain=pyo.NonNegativeReals)
    priced = sum(price.nok / MILLION * model.missing[price.limit] for price in prices)
    model.objective.set_value(model.objective.expr + priced)
