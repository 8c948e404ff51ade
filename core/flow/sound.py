"""Sound figures: what kernels return is checked before anyone judges it.

Finite, not negative, nobody appearing or vanishing. The least and the largest value show the first
two in one pass: comparisons with what is no number are false.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from ..errors import FaultError
from ..kernels.cohorts import Rates
from ..scenarios.sampling import Sample
from .finite import NotFiniteError, require_finite

Floats = NDArray[np.float64]
FINE = 1e-9
"""Of the largest figure of its kind, or of one person: what sums are off by rounding."""
MOVES = "exits"
"""Specialists leaving a region: below zero where more move in."""


class UnsoundError(FaultError):
    """A kernel returned what cannot be: the program is at fault, and nothing is said of the study.

    Parameters
    ----------
    scenario
        Its number in the sample.
    said
        Which figure it is, and what is wrong with it.
    """

    final = True
    sample: Sample | None = None

    def __init__(self, scenario: int, said: str) -> None:
        super().__init__(scenario, said)
        self.scenario, self.said = scenario, said

    def __str__(self) -> str:
        where = "" if self.sample is None else f" of seed {self.sample.seed}"
        return (
            f"scenario {self.scenario}{where}: {self.said}: the program's kernel is at fault, not "
            "the study, and nothing is told of it; please report it. The same study, seed and "
            f"scenarios show it again, `lis1plan project STUDY --realization {self.scenario}` that "
            "scenario alone"
        )


@contextmanager
def drawn_from(sample: Sample) -> Iterator[None]:
    """Let what is raised inside say from which sample its scenario was drawn."""
    try:
        yield
    except UnsoundError as fault:
        fault.sample = sample
        raise


def require_sound(
    figures: Mapping[str, Floats], first: int, least: float = 0.0, most: float = math.inf
) -> None:
    """Refuse figures [n, ...] of scenarios first, first + 1, ... beyond bounds or no numbers.

    Raises
    ------
    UnsoundError
        With the first figure that is, and its first scenario.
    """
    for name, values in figures.items():
        if not values.size:
            continue
        low, high = float(values.min()), float(values.max())
        fine = FINE * max(1.0, high)
        inside = low >= least - fine and high <= most + fine
        if not (inside and math.isfinite(low) and math.isfinite(high)):
            kept = (values >= least - fine) & (values <= most + fine) & np.isfinite(values)
            number, worst = _first_broken(values, ~kept)
            raise UnsoundError(first + number, f"{name} is {worst:g}")


def require_conserved(flows: Mapping[str, Floats], rates: Rates, first: int) -> None:
    """Refuse a block's flows [n, year, (group,) region] in which people appear or vanish.

    Raises
    ------
    UnsoundError
        With who does, and the first scenario.
    """
    stays = {name: values for name, values in flows.items() if name != MOVES}
    require_sound(stays, first)
    require_sound({MOVES: flows[MOVES]}, first, least=-math.inf)
    in_training = flows["entered"] - flows["qualified"] - flows["left"]
    in_training += _before(flows["training"], rates.trainees) - flows["training"]
    _require_none(in_training, flows["training"], first, "doctors in LIS2/3 appear or vanish")
    if "waiting_training" in flows:
        waiting = flows["waiting_training"]  # of the first year nobody tells where they came from
        change = flows["wanting"] - flows["entered"] - flows["left_waiting"]
        lost = change[:, 1:] - np.diff(waiting, axis=1)
        _require_none(lost, waiting, first, "doctors who wait for LIS2/3 appear or vanish")
    left_queue = _before(flows["unplaced"], rates.unplaced) - flows["unplaced"]
    left_queue += flows["newcomers"] - flows["appointed"]
    at_least = {
        "applicants who wait appear": -left_queue,
        "specialists appear": -flows[MOVES].sum(axis=-1),
        "more are appointed from abroad than in all": flows["appointed_abroad"]
        - flows["appointed"],
        "more specialists are from abroad than in all": flows["abroad"] - flows["specialists"],
    }
    for said, values in at_least.items():
        stock = flows["specialists" if "specialists" in said else "unplaced"]
        _require_none(np.maximum(values, 0.0), stock, first, said)


@contextmanager
def blaming_rates(rates: Rates, first: int) -> Iterator[None]:
    """Blame what scenarios drew where that made the figures unsound that are looked at inside.

    Raises
    ------
    NotFiniteError
        If a rate is infinite, below zero or not a number.
    """
    try:
        yield
    except UnsoundError:
        _require_possible(
            {n: np.asarray(v) for n, v in rates._asdict().items() if np.ndim(v)}, first
        )
        raise


def _require_possible(arrays: Mapping[str, Floats], first: int) -> None:
    require_finite(arrays, first)
    for name, values in arrays.items():
        if (values < -FINE).any():
            raise NotFiniteError(
                first + _first_broken(values, values < -FINE)[0], name, "below zero"
            )


def _before(stock: Floats, start: Floats) -> Floats:
    """Return the stock at the end of the year before, [n, year, ...]; `start` is the first."""
    begin = np.broadcast_to(start, stock[:, 0].shape)[:, None]
    return np.concatenate([begin, stock[:, :-1]], axis=1)


def _require_none(amount: Floats, stock: Floats, first: int, said: str) -> None:
    broken = ~(np.abs(amount) <= 1e3 * FINE * max(1.0, float(stock.max())))
    if broken.any():
        number, worst = _first_broken(amount, broken)
        raise UnsoundError(first + number, f"{said}: {worst:.3g}")


def _first_broken(values: Floats, broken: NDArray[np.bool_]) -> tuple[int, float]:
    """Return the first scenario in which something is broken, and the first such value."""
    place = tuple(np.argwhere(broken)[0])
    return int(place[0]), float(values[place])
