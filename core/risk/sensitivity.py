"""Sensitivity: how much of the uncertainty of the shortage each uncertain thing is behind.

Every factor of `factors.factors` is moved through its whole distribution, by the inverse CDFs the
scenarios are drawn with. The factors are independent here: the study's rank correlations are left
out, so that an index is the factor's own whatever it may go together with (docs/sensitivity.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..compute.parts import digest
from ..compute.place import Progress, silent, split
from ..compute.workers import Workers
from ..scenarios.columns import COLUMNS, Stream
from ..scenarios.draws import dimensions, draws_of
from ..scenarios.factors import factors, of_purchases, outcomes
from ..scenarios.sampling import Sample, uniforms
from ..study.study import Study
from ..system.arrays import system_of
from ..system.supervision import use_at_start
from .buying import Wanted, bought_and_lacking
from .oracle import judged_part, shortfall_of
from .streams import in_lanes, years_held

Floats = NDArray[np.float64]
Method = Literal["sobol", "morris"]
SAMPLES: dict[Method, int] = {"sobol": 4096, "morris": 256}
"""By default; Norway: 143 000 evaluations in half a minute, 8 700 in two seconds, on two cores."""
LEVELS = 64
"""Steps of the Morris grid: so many that rare events (a jump in 3 % of years) are met."""
EVALUATIONS = 512  # a block
RESAMPLES = 100  # of the bootstrap behind the intervals
TINY = 1e-12


class Design(NamedTuple):
    """Which points are evaluated; `owner` [dimension] is the factor a uniform number belongs to."""

    method: Method
    seed: int
    samples: int  # Sobol: base points; Morris: trajectories
    owner: NDArray[np.int64]  # -1: of no factor
    factors: int  # how many there are

    @property
    def rows(self) -> int:
        """Points per sample: A, A with each factor of B, B; or the stops of a trajectory."""
        return self.factors + (2 if self.method == "sobol" else 1)


class Views(NamedTuple):
    """A study as sensitivity sees it."""

    study: Study  # to draw from and to judge by
    at_end: Study  # the same, judged in the last year alone

    @property
    def sha256(self) -> str:
        """Return the name of both in a checkpoint."""
        return digest(self.study, self.at_end)


class Sensitivity(NamedTuple):
    """Mean and s.d. of every outcome, [outcome], and indices, name -> [outcome, factor]."""

    mean: Floats
    sd: Floats
    indices: dict[str, Floats]


def design_of(study: Study, method: Method, samples: int) -> Design:
    """Return the design for a study; its seed follows from the study's."""
    state = np.random.SeedSequence([study.sampling.seed, 2]).generate_state(1, np.uint32)
    found = factors(study)
    owner = np.full(len(dimensions(study)) + len(of_purchases(study)), -1, dtype=np.int64)
    for number, factor in enumerate(found):
        owner[list(factor.columns)] = number
    return Design(method, int(state[0] >> 1) + 1, samples, owner, len(found))


def points(design: Design, first: int, count: int) -> Floats:
    """Return the points of samples `first` to `first + count - 1`, [n, row, dimension].

    Uniform numbers strictly inside (0, 1); a pure function of its arguments.
    """
    if design.method == "morris":
        return np.stack([_trajectory(design, i) for i in range(first, first + count)])
    width = len(design.owner)
    # the first columns of the sequence, not the factors' own: A and B must be told apart
    streams = [Stream(f"point {n}", n if n < COLUMNS else None) for n in range(2 * width)]
    base = uniforms(Sample("sobol", design.seed, design.samples), streams, first, count)
    a, b = base[:, :width], base[:, width:]
    u = np.repeat(a[:, None, :], design.rows, axis=1)
    for factor in range(design.factors):
        moved = design.owner == factor
        u[:, factor + 1, moved] = b[:, moved]
    u[:, -1] = b
    return u


def _trajectory(design: Design, number: int) -> Floats:
    """Return one Morris trajectory, [row, dimension]; numbers of no factor stay in the middle."""
    from SALib.sample import morris

    rng = np.random.default_rng([design.seed, number])
    u = np.full((design.rows, len(design.owner)), 0.5)
    u[:, design.owner >= 0] = morris.sample(morris_problem(design), 1, LEVELS, seed=rng)
    return u


def morris_problem(design: Design) -> dict[str, Any]:
    """Return the design as SALib wants it: a variable per number, in groups by factor."""
    owned = design.owner[design.owner >= 0]
    inside = 0.5 / LEVELS  # the grid lies in the middle of equally likely intervals
    return {
        "num_vars": len(owned),
        "names": [f"number_{n}" for n in range(len(owned))],
        "groups": [f"factor_{factor}" for factor in owned],
        "bounds": [[inside, 1.0 - inside]] * len(owned),
    }


def analyse(
    study: Study,
    level: Floats,
    design: Design,
    workers: Workers,
    progress: Progress = silent,
) -> Sensitivity:
    """Return what drives each outcome under a plan's levels [region, year]."""
    block = max(1, EVALUATIONS // design.rows)
    y = np.empty((len(outcomes(study)), design.samples, design.rows))
    done = 0
    for (first, count), part in workers.blocks(
        outcome_block, split(design.samples, block), views(study), design, level
    ):
        y[:, first : first + count] = part
        done += count * design.rows
        progress("sensitivity", done, design.samples * design.rows)
    found = []
    for number, each in enumerate(y, start=1):
        found.append(indices_of(design, each))
        progress("indices", number, len(y))
    drawn = y[:, :, [0, -1]] if design.method == "sobol" else y  # A and B; all stops
    return Sensitivity(
        mean=drawn.mean(axis=(1, 2)),
        sd=drawn.std(axis=(1, 2)),
        indices={name: np.stack([each[name] for each in found]) for name in found[0]},
    )


def views(study: Study) -> Views:
    """Return both views of a study.

    Without correlations and without a proposal to draw from; the country is the last limit of both.
    """
    data, last = study.model_dump(), study.time.window[1]
    country = {
        "name": "All regions together",
        "rule": "mean",
        "regions": tuple(study.regions),
        "limit": 0.0,
        "assumption": "pooled relative shortage",
    }
    risk = data["risk"] | {"_".join(["country", *study.risk]): country}
    sampling = data["sampling"] | {"proposal_table": None}
    whole = data | {"correlation": (), "sampling": sampling, "risk": risk}
    at_end = whole | {"time": data["time"] | {"window": (last, last)}}
    return Views(Study.model_validate(whole), Study.model_validate(at_end))


def outcome_block(first: int, count: int, seen: Views, design: Design, level: Floats) -> Floats:
    """Return every outcome of the samples of a block, [outcome, n, row]."""
    study, at_end = seen.study, seen.at_end
    u = points(design, first, count).reshape(-1, len(design.owner))
    width = len(dimensions(study))  # by scenarios; what is behind moves purchases alone
    lanes = judged_part(study, draws_of(study, u[:, :width])).lanes
    begin, (first_kept, last_kept) = years_held(study)[0], years_held(at_end)
    kept = slice(first_kept - begin, last_kept - begin + 1)
    last = lanes._replace(baseline=lanes.baseline[:, :, kept], demand=lanes.demand[:, :, kept])
    drawn = 0, len(u)
    z = shortfall_of(study, in_lanes(study, lanes), drawn, level)
    z[-1] = shortfall_of(at_end, in_lanes(at_end, last), drawn, level)[-1]
    if of_purchases(study):
        bought = bought_and_lacking(wanted_under(study, level), *_terms(study, u[:, width:]))
        z = np.concatenate([z, bought])
    return z.reshape(len(z), count, design.rows)


def wanted_under(study: Study, level: Floats) -> Wanted:
    """Return what `level` [region, year] needs beyond the free room, from the first decision on."""
    prices, since = system_of(study).prices, slice(study.first, len(study.years))
    worth = (prices.factor[: since.stop] * prices.purchases.discount)[since]
    return Wanted(prices.purchases.lacking(level)[:, :, since], use_at_start(study), worth)


def _terms(study: Study, u: Floats) -> tuple[Floats, Floats]:
    """Return price and maximum of every capacity at uniform numbers `u` [n, key], [n, capacity].

    What is not for sale has maximum 0, what ends nowhere an infinite one.
    """
    place = {key: n for n, key in enumerate(of_purchases(study))}
    terms = np.zeros((2, len(u), len(study.capacity)))
    for c, (name, limit) in enumerate(study.capacity.items()):
        if limit.purchase is not None:
            terms[1, :, c] = np.inf
            for part, key in enumerate(("price", "at_most")):
                figure, column = getattr(limit.purchase, key), f"capacity.{name}.purchase.{key}"
                if column in place:
                    terms[part, :, c] = figure.quantile(u[:, place[column]])
                elif figure is not None:
                    terms[part, :, c] = figure.expected
    return terms[0], terms[1]


def indices_of(design: Design, y: Floats) -> dict[str, Floats]:
    """Return the indices of one outcome [sample, row], name -> [factor]; zero if it never moves.

    Intervals are half the width of the 95 % interval, by bootstrap.
    """
    constant = bool(np.ptp(y[:, [0, -1]]) < TINY) or len(y) < 2
    if design.method == "morris":
        return _morris(design, y)
    names = ("sensitivity_first", "sensitivity_total")
    if constant:
        zero = np.zeros(design.factors)
        return {f"{name}{end}": zero for name in names for end in ("", "_error")}
    from SALib.analyze import sobol

    problem = {
        "num_vars": design.factors,
        "names": [f"factor_{factor}" for factor in range(design.factors)],
        "bounds": [[0.0, 1.0]] * design.factors,
    }
    found = sobol.analyze(
        problem, y.ravel(), calc_second_order=False, num_resamples=RESAMPLES, seed=design.seed
    )
    return _taken(found, dict(zip(names, ("S1", "ST"), strict=True)))


def _morris(design: Design, y: Floats) -> dict[str, Floats]:
    """Return mean absolute elementary effect and s.d.; no s.d. (NaN) of a factor of many years."""
    from SALib.analyze import morris

    u = points(design, 0, design.samples)[:, :, design.owner >= 0]
    found = morris.analyze(
        morris_problem(design),
        u.reshape(-1, u.shape[-1]),
        y.ravel(),
        num_levels=LEVELS,
        num_resamples=RESAMPLES,
        seed=design.seed,
    )
    order = [list(found["names"]).index(f"factor_{n}") for n in range(design.factors)]
    result = _taken(found, {"sensitivity_mu_star": "mu_star"})
    result["sensitivity_sigma"] = np.ma.filled(np.ma.asarray(found["sigma"], float), np.nan)
    return {name: values[order] for name, values in result.items()}


def _taken(found: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Floats]:
    """Return SALib's indices under our names, with their intervals."""
    return {
        f"{name}{end}": np.asarray(found[f"{key}{conf}"], dtype=np.float64)
        for name, key in names.items()
        for end, conf in (("", ""), ("_error", "_conf"))
    }


def described(found: Sensitivity, design: Design) -> tuple[dict[str, Floats], dict[str, Any]]:
    """Return arrays by variable of the file and the attributes that say how they were made."""
    data = {**found.indices, "sensitivity_mean": found.mean, "sensitivity_sd": found.sd}
    return data, {
        "sensitivity_method": design.method,
        "sensitivity_samples": design.samples,
        "sensitivity_evaluations": design.samples * design.rows,
        "sensitivity_correlations": "left out: the factors are independent",
    }
