"""Scenarios: what scenario i of a study draws. A pure function of (study, sample, i)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from ..study.demand import GroupNeed
from ..study.distributions import choose
from ..study.measures.change import of_key
from ..study.processes import ALTERNATIVE, autoregression, copula_factor, coupled
from ..study.study import Study
from .columns import in_table_order, stream
from .sampling import Sample, uniforms

Floats = NDArray[np.float64]


NORMALISED = "demand.normalised"
"""Whether a scenario brings working hours to normal."""


class Draws(NamedTuple):
    """What a block of scenarios drew, a row per scenario."""

    figures: dict[str, Floats]  # dotted key of the study -> [n]
    alternative: NDArray[np.int64]  # [n] index into demand.alternatives
    need: dict[str, NDArray[np.int64]]  # group -> [n] index into its need models
    normalised: NDArray[np.bool_]  # [n] are working hours brought to normal?
    noise: Floats  # [n, year] doctors FTE, added to the yearly growth of demand
    factors: dict[str, Floats]  # dotted key of a process -> [n, year]
    weight: Floats  # [n] probability / probability drawn with; one without a proposal

    def of(self, numbers: NDArray[np.int64]) -> Draws:
        """Return what some of the scenarios drew, in the order of their numbers [n]."""
        return Draws(
            figures={key: values[numbers] for key, values in self.figures.items()},
            alternative=self.alternative[numbers],
            need={key: values[numbers] for key, values in self.need.items()},
            normalised=self.normalised[numbers],
            noise=self.noise[numbers],
            factors={key: values[numbers] for key, values in self.factors.items()},
            weight=self.weight[numbers],
        )


def sample_of(study: Study, purpose: Literal["plan", "fresh"] = "plan") -> Sample:
    """Return the sample a plan is optimised on, or an independent one to judge it by.

    Fresh scenarios are plain Monte Carlo whatever the study's method, so that the usual
    confidence intervals hold for them.
    """
    sampling = study.sampling
    if purpose == "plan":
        return Sample(sampling.method, sampling.seed, sampling.scenarios)
    state = np.random.SeedSequence([sampling.seed, 1]).generate_state(1, np.uint64)
    return Sample("monte_carlo", int(state[0] >> np.uint64(1)), sampling.fresh_scenarios)


def drawn_values(draws: Draws) -> dict[str, NDArray[np.generic]]:
    """Return what scenarios drew once for all years, key -> [n]; choices count from 1."""
    return {
        ALTERNATIVE: draws.alternative + 1,
        **{f"demand.need.{group}": index + 1 for group, index in draws.need.items()},
        NORMALISED: draws.normalised.astype(np.int64),
        **draws.figures,
    }


def drawn_paths(draws: Draws) -> dict[str, Floats]:
    """Return what scenarios drew year by year, key -> [n, year]."""
    return {"demand.noise": draws.noise, **draws.factors}


def keys_drawn(study: Study) -> tuple[list[str], list[str]]:
    """Return the keys of `drawn_values` and of `drawn_paths`."""
    needs = [f"demand.need.{group}" for group in study.demand.need]
    once = [ALTERNATIVE, *needs, NORMALISED, *study.uncertain]
    return once, ["demand.noise", *study.processes]


def dimensions(study: Study) -> list[str]:
    """Return what each of a scenario's uniform numbers decides: names of streams.

    Their order decides nothing. A fixed figure that correlations name is drawn like any other and
    then not used, so that whatever goes together with it stays what it was.
    """
    named = {key for pair in study.correlation for key in pair.keys}
    return [
        *study.uncertain,
        ALTERNATIVE,
        "demand.normalisation",
        *(f"demand.need.{group}" for group in study.demand.need),
        *_by_year(study, "demand.noise"),
        *(name for key in study.processes for name in _by_year(study, key)),
        *sorted(named - {*study.uncertain, ALTERNATIVE}),
    ]


def _by_year(study: Study, key: str) -> list[str]:
    return [f"{key}.{year}" for year in study.years]


def draw(study: Study, sample: Sample, first: int, count: int) -> Draws:
    """Draw scenarios `first` to `first + count - 1` by inverse CDF."""
    streams = [stream(name) for name in dimensions(study)]
    return draws_of(study, uniforms(sample, streams, first, count))


def draws_of(study: Study, u: Floats) -> Draws:
    """Return what scenarios draw with the uniform numbers `u` [n, dimension], see `dimensions`."""
    place = {name: n for n, name in enumerate(dimensions(study))}
    u = _correlated(study, u, place)
    demand = study.demand
    alternative = _by_growth(study, u[:, place[ALTERNATIVE]])

    def years(key: str) -> Floats:
        return u[:, [place[name] for name in _by_year(study, key)]]

    return Draws(
        figures={key: each.quantile(u[:, place[key]]) for key, each in study.uncertain.items()},
        alternative=alternative,
        need={
            group: _by_need(need, u[:, place[f"demand.need.{group}"]])
            for group, need in demand.need.items()
        },
        normalised=u[:, place["demand.normalisation"]] < demand.normalisation_probability.value,
        noise=autoregression(
            ndtri(years("demand.noise")), demand.noise_sd.value, demand.noise_correlation.value
        ),
        factors={key: process.factors(years(key)) for key, process in study.processes.items()},
        weight=likelihood_ratio(study)[alternative],
    )


def weight_table(study: Study, name: str | None = None) -> list[float]:
    """Return the weight of each demand alternative in a table, else the study's, in their order."""
    wanted = study.demand.weight_table if name is None else name
    table = {row.alternative: row.weight for row in study.demand.weights if row.table == wanted}
    return [table.get(alternative.id, 0.0) for alternative in study.demand.alternatives]


def _by_growth(study: Study, u: Floats) -> NDArray[np.int64]:
    """Return the alternative of each scenario: the higher `u`, the stronger its growth."""
    rows = [(each.doctors_per_year, each.id) for each in study.demand.alternatives]
    return _ascending(u, rows, weight_table(study, study.sampling.proposal_table))


def _by_need(need: GroupNeed, u: Floats) -> NDArray[np.int64]:
    """Return the model of each scenario: the higher `u`, the greater the need."""
    rows = [(each.per_year, each.id) for each in need.models]
    return _ascending(u, rows, [each.weight for each in need.models])


def _ascending(
    u: Floats, rows: list[tuple[float, str]], weights: Sequence[float]
) -> NDArray[np.int64]:
    """Return the index of the row each `u` falls on, rows by value, not by place in the file."""
    order = np.array(sorted(range(len(rows)), key=rows.__getitem__))
    return order[choose(u, np.array(weights)[order])]


def likelihood_ratio(study: Study) -> Floats:
    """Return probability / probability drawn with of each alternative; one without a proposal."""
    target = np.array(weight_table(study))
    drawn_from = np.array(weight_table(study, study.sampling.proposal_table))
    if (target == drawn_from).all():
        return np.ones(len(target))
    target, drawn_from = target / target.sum(), drawn_from / drawn_from.sum()
    ratio = np.divide(target, drawn_from, out=np.zeros(len(target)), where=drawn_from > 0.0)
    return np.asarray(ratio)


def _correlated(study: Study, u: Floats, place: dict[str, int]) -> Floats:
    """Return `u` with the study's rank correlations between figures (Gaussian copula).

    Factored in the order of the table of columns: a new key changes nothing before it.
    """
    if not study.correlation:
        return u
    keys = in_table_order({key for pair in study.correlation for key in pair.keys})
    columns = [place[key] for key in keys]
    result = u.copy()
    result[:, columns] = coupled(u[:, columns], copula_factor(keys, study.correlation))
    return result


class Figures:
    """What the study's figures are in each scenario of a block, with what changes them."""

    def __init__(self, study: Study, draws: Draws) -> None:
        self._drawn, self._known = draws.figures, study.quantities
        self._factors, self._years = draws.factors, study.years
        self._changes = study.change
        self.count = len(draws.alternative)

    def __getitem__(self, key: str) -> Floats:
        """Return the figure with this dotted key, [n]: as drawn, and moved where it is changed."""
        value = self._as_drawn(key)
        for amount, change in of_key(self._changes, key, by_year=False):
            value = change.moved(value, self._as_drawn(amount), change.units)
        return value

    def added(self, key: str) -> Floats | None:
        """Return persons added to the flow with this dotted key, [n, year]; None where none are."""
        total = None
        for amount, change in of_key(self._changes, key, by_year=True):
            units = np.array(change.units_in(self._years))
            more = self._as_drawn(amount)[:, None] * units
            total = more if total is None else total + more
        return total

    def _as_drawn(self, key: str) -> Floats:
        if key in self._drawn:
            return self._drawn[key]
        return np.full(self.count, self._known[key].central)

    def factor(self, key: str) -> Floats:
        """Return the yearly factor of the process with this dotted key, [n, year]; 1 without."""
        return self._factors.get(key, np.ones((self.count, len(self._years))))


def added_up(values: Floats) -> Floats:
    """Add up the last axis from first to last: the same bits on every numpy."""
    total: Floats = values[..., 0].copy()
    for i in range(1, values.shape[-1]):
        total += values[..., i]
    return total
