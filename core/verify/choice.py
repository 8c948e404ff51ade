"""Measures chosen: portfolios are all there are, and nothing costs less than its bound."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np

from ..study.measures.choice import by_columns, chosen, portfolios
from ..system.costs import measure_price, whole_prices
from .evidence import Evidence, NotHeldError, differ

NOK, CLOSE = 1.0, 1e-6


def portfolios_of_measures(evidence: Evidence) -> Iterator[str]:
    """Portfolios are all that may be in force together; none costs less than its bound."""
    asked, price = evidence.left_open, whole_prices(evidence.left_open)
    holds = evidence.values("portfolio_measure")
    names, every = np.array(evidence.labels("measure")), set(portfolios(asked))
    stated = [tuple(names[row == 1.0].tolist()) for row in holds]
    if set(stated) != every or len(stated) != len(every):
        yield "portfolio_measure: not the portfolios of the measures left open"
        return
    paid = [sum(price.get(name, 0.0) for name in one) for one in stated]
    if differ(evidence.values("portfolio_paid"), np.array(paid), CLOSE, NOK):
        yield "portfolio_paid is not what its measures cost"
    bound, cost = evidence.values("portfolio_bound"), evidence.values("portfolio_cost")
    known = np.isfinite(cost) & np.isfinite(bound)
    if (cost[known] < bound[known] * (1.0 - CLOSE) - NOK).any():
        yield "portfolio_cost lies below portfolio_bound"
    least = min([*bound[np.isfinite(bound)], *cost[np.isfinite(cost)]])
    if differ(np.array(evidence.data.attrs["choice_lower_bound"]), np.array(least), CLOSE, NOK):
        yield "choice_lower_bound is not the least of the portfolios"
    best = float(evidence.data.attrs["choice_cost"])
    if differ(np.array(best), np.array(np.nanmin(cost)), CLOSE, NOK):
        yield "choice_cost is not that of the cheapest portfolio"


def measures_chosen(evidence: Evidence) -> Iterator[str]:
    """What was chosen is in the study; with the slots it costs no less than the bound."""
    written, asked, said = evidence.written, evidence.left_open, evidence.data.attrs
    names = evidence.labels("measure")
    if set(chosen(asked)) != set(json.loads(str(said["chosen_measures"]))):
        yield "chosen_measures: not the measures that the study leaves open"
    used = [written.measure[name].units > 0.0 and name in chosen(asked) for name in names]
    if not np.array_equal(evidence.data["measure_chosen"], used):
        yield "measure_chosen does not follow from the study"
    if not np.array_equal(
        evidence.data["measure_by_year"], [by_columns(asked, name) for name in names]
    ):
        yield "measure_by_year does not follow from the levers"
    paid = sum(measure_price(written, name) for name, u in zip(names, used, strict=True) if u)
    if paid + float(said["upper_bound"]) < float(said["choice_lower_bound"]) * (1 - CLOSE) - NOK:
        yield "slots and chosen measures cost less than choice_lower_bound"


def targets_kept(evidence: Evidence) -> Iterator[str]:
    """No more specialists arrive from abroad than the target allows."""
    target = evidence.study.target.from_abroad
    if target is None:
        raise NotHeldError("the study sets no target on them")
    since = max(target.from_year, evidence.study.time.first_decision)
    arrived = evidence.values("arrived_mean").sum(axis=2)
    arrived = arrived[np.array(evidence.study.years) >= since]
    if (arrived > target.persons * (1.0 + 1e-5) + 1e-3).any():
        most = float(arrived.max())
        yield f"{most:.1f} specialists from abroad in a year, {target.persons:g} allowed"


CHOICE = (portfolios_of_measures, measures_chosen)
