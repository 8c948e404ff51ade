"""Projection: what happens in every scenario under given paths of slots, as plain arrays.

Blocks of scenarios meet Dask here; labels come in `summary`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..compute.parts import digest
from ..compute.place import Progress, silent, split
from ..compute.workers import Workers
from ..kernels.admission import Admission
from ..kernels.admission_loops import ensemble_admitted
from ..kernels.cohorts import Rates
from ..kernels.loops import add_up_whole, ensemble_with_others
from ..kernels.loops import ensemble as run_ensemble
from ..kernels.origins import Origins
from ..kernels.others import Others, OthersFlow
from ..scenarios.draws import Draws, Figures, draw, drawn_paths, drawn_values
from ..scenarios.sampling import Sample
from ..study.study import Study
from .admission import waiting_flows
from .demand import build_demand
from .finite import require_finite
from .intake import build_origins
from .observed import drawn_to_count
from .others import POPULATIONS, build_others, head_count
from .rates import admission_of, all_levels, build_rates, tracks_under
from .sound import UnsoundError, blaming_rates, drawn_from, require_conserved

Floats = NDArray[np.float64]
Single = NDArray[np.float32]
Whole = NDArray[np.int64]
BLOCK = 1024  # benchmarks/cluster.py
UNITS = 2.0**16
"""Persons and FTE are added up in whole numbers of 1/65 536: sums of whole numbers do not depend on
how scenarios are split into blocks. Room for 2 million persons in each of 67 million scenarios."""


class Request(NamedTuple):
    """What is to be projected: every scenario of a sample under each plan."""

    study: Study
    sample: Sample
    plans: Mapping[str, Floats]  # levels [region, year]
    ensemble: bool = False  # also keep every flow of every scenario under the first plan

    @property
    def level(self) -> Floats:
        """Return the levels of all plans, [plan, region, year]."""
        return np.stack(list(self.plans.values()))

    @property
    def sha256(self) -> str:
        """Return what this stands for in a checkpoint."""
        return digest(self.study, self.sample, self.level, self.ensemble)


class Projection(NamedTuple):
    """Every scenario under every plan: what quantiles are taken of, and sums of the rest.

    Supply and demand are kept in single precision; a million scenarios must fit into memory.
    """

    supply: Single  # [plan, realization, year, group, region] FTE
    demand: Single  # [realization, year, group, region] FTE
    means: dict[str, Floats]  # flow -> [plan, year, (group,) region]
    ensemble: dict[str, Single]  # flow of the first plan, or path drawn -> [realization, year, ...]
    drawn: dict[str, NDArray[np.generic]]  # key -> [realization]
    weight: Floats | None = None  # [realization] of mean one; None: all weigh the same
    counted: Single | None = None  # [plan, realization, year, population] persons; all doctors


class ProjectedBlock(NamedTuple):
    """The projection of one block of scenarios."""

    supply: Single  # [plan, n, year, group, region]
    demand: Single  # [n, year, group, region]
    sums: dict[str, Whole]  # flow -> [plan, year, (group,) region], weighted, over the scenarios
    ensemble: dict[str, Single]  # if wanted; flow or path drawn -> [n, year, ...]
    drawn: dict[str, NDArray[np.generic]]
    weight: Floats  # [n]
    counted: Single  # [plan, n, year, population] persons; no population where nobody is counted


def project_plans(
    asked: Request, workers: Workers, progress: Progress = silent, block: int = BLOCK
) -> Projection:
    """Project every scenario of a sample under each plan."""
    study, count, plans = asked.study, asked.sample.scenarios, len(asked.plans)
    grouped, populations = (count, *_cells(study)), _populations(study)
    supply = np.empty((plans, *grouped), np.float32)
    demand, weight = np.empty(grouped, np.float32), np.empty(count)
    counted = np.empty((plans, count, len(study.years), populations), np.float32)
    total, every, drawn = dict[str, Whole](), dict[str, Single](), dict[str, NDArray[np.generic]]()
    done = 0
    for (first, number), part in workers.blocks(projected_block, split(count, block), asked):
        place = slice(first, first + number)
        supply[:, place], demand[place], weight[place] = part.supply, part.demand, part.weight
        counted[:, place] = part.counted
        total = {name: values + total.get(name, 0) for name, values in part.sums.items()}
        for whole, some in ((every, part.ensemble), (drawn, part.drawn)):
            for name, values in some.items():
                if name not in whole:
                    whole[name] = np.empty((count, *values.shape[1:]), values.dtype)
                whole[name][place] = values
        done += number
        progress("projection", done, count)
    means = {name: values / (UNITS * weight.sum()) for name, values in total.items()}
    equal = bool((weight == 1.0).all())
    share = None if equal else weight / weight.mean()
    doctors = counted if populations else None
    return Projection(supply, demand, means, every, drawn, share, doctors)


def kept_of_a_plan(study: Study) -> int:
    """Return how many figures of a scenario are kept under each plan, in single precision."""
    return math.prod(_cells(study)) + len(study.years) * _populations(study)


def _cells(study: Study) -> tuple[int, int, int]:
    """Return years, groups, regions."""
    return len(study.years), len(study.groups), len(study.regions)


def _populations(study: Study) -> int:
    """Return how many populations are counted by head."""
    return 0 if study.without_speciality is None else len(POPULATIONS)


def scenario_alone(asked: Request, realization: int) -> Projection:
    """Return the projection of one scenario of the sample, as it is among all the others."""
    part = projected_block(realization, 1, asked)
    means = {name: values / UNITS for name, values in part.sums.items()}
    doctors = part.counted if part.counted.size else None
    return Projection(part.supply, part.demand, means, part.ensemble, part.drawn, counted=doctors)


def project_some(asked: Request, numbers: NDArray[np.int64]) -> Projection:
    """Project some scenarios of a sample, `numbers` [n], under each plan, in this thread."""
    draws = draw(asked.study, asked.sample, 0, int(numbers.max()) + 1).of(numbers)
    try:
        part = _projected(asked, draws, 0)
    except UnsoundError as fault:
        fault.scenario = int(numbers[fault.scenario])
        raise
    means = {name: values / (UNITS * part.weight.sum()) for name, values in part.sums.items()}
    weight = part.weight / part.weight.mean()
    return Projection(part.supply, part.demand, means, part.ensemble, part.drawn, weight)


class _Known(NamedTuple):
    """What the scenarios of a block know, and whom the study counts and lets wait."""

    rates: Rates
    origins: Origins
    others: Others | None
    admission: Admission | None
    figures: Figures


def projected_block(first: int, count: int, asked: Request) -> ProjectedBlock:
    """Return the projection of one block of scenarios under each plan."""
    study, sample = asked.study, asked.sample
    draws = drawn_to_count(study, sample, first, count)
    return _projected(asked, draws, first)


def _projected(asked: Request, draws: Draws, first: int) -> ProjectedBlock:
    """Return the projection of scenarios from number `first` on, which drew `draws`."""
    study, sample = asked.study, asked.sample
    rates, figures = build_rates(study, draws), Figures(study, draws)
    known = _Known(
        rates,
        build_origins(study, draws, rates),
        build_others(study, figures, rates),
        admission_of(study, figures),
        figures,
    )
    demand = build_demand(study, draws)
    require_finite({"demand": demand}, first)
    supply, sums, every, counted = [], [], dict[str, Single](), []
    for p, one in enumerate(asked.level):
        flows = _flows(study, known, all_levels(study, one))
        with drawn_from(sample), blaming_rates(rates, first):
            require_conserved(flows, rates, first)
        counted.append(_counted(flows, known.others))
        supply.append(flows["supply"].astype(np.float32))
        sums.append({name: _sum(values, draws.weight) for name, values in flows.items()})
        if asked.ensemble and p == 0:
            paths = flows | drawn_paths(draws)
            every = {name: values.astype(np.float32) for name, values in paths.items()}
    return ProjectedBlock(
        supply=np.stack(supply),
        demand=demand.astype(np.float32),
        sums={name: np.stack([each[name] for each in sums]) for name in sums[0]},
        ensemble=every,
        drawn=drawn_values(draws),
        weight=draws.weight,
        counted=np.stack(counted),
    )


def _run(study: Study, known: _Known, level: Floats) -> dict[str, Floats]:
    """Return what the kernel yields for a block under `level` [row, year], by name."""
    rates, origins, others = known.rates, known.origins, known.others
    tracks, rows = tracks_under(study, level), len(study.regions) + rates.trainees.size
    if known.admission is not None and study.specialist_posts is not None:
        ensemble, waiting, rest = ensemble_admitted(
            rates, origins, level[:rows], known.admission, others, tracks
        )
        posts = level[len(study.regions) : rows].reshape(*rates.trainees.shape, -1)
        flow = ensemble._asdict()
        flow |= waiting_flows(study.specialist_posts, known.figures, waiting, posts)
        return flow if others is None or rest is None else flow | _of_others(others, rest)
    lis1 = level[: len(study.regions)]
    if others is None:
        return run_ensemble(rates, origins, lis1, tracks)._asdict()
    found, rest = ensemble_with_others(rates, origins, lis1, others, tracks)
    return found._asdict() | _of_others(others, rest)


def _flows(study: Study, known: _Known, level: Floats) -> dict[str, Floats]:
    """Return every flow of a block under `level` [row, year], [n, year, (group,) region].

    Beside those of the kernel: doctors past LIS1 in FTE, exits of specialists, applicants, and the
    slots nobody is appointed to, in all and for lack of applicants; where the study has them, the
    doctors without a speciality, and who waits for LIS2/3.
    """
    rates, flow = known.rates, _run(study, known, level)
    start = np.broadcast_to(rates.specialists.sum(axis=2), flow["specialists"][:, :1].shape)
    before = np.concatenate([start, flow["specialists"][:, :-1]], axis=1)
    flow["exits"] = before + flow["qualified"] + flow["arrived"] - flow["specialists"]
    flow["doctors"] = flow["supply"] + study.trainee_fte * flow["training"]
    flow["newcomers"] = rates.newcomers[:, ::2] + rates.newcomers[:, 1::2]
    slots = level[: len(study.regions)].T[None]  # [1, year, region]
    flow["unfilled"] = _on_offer(rates, slots) - flow["appointed"]
    offers = _on_offer(rates, rates.fill_rate[:, None, :] * slots)
    flow["lacking"] = offers - flow["appointed"]
    if study.target.educated_at_home is None:
        del flow["qualified_abroad"]
    if study.lis1.half_years_to_start == 0:
        del flow["awaiting"]  # whoever is appointed begins at once
    return flow


def _on_offer(rates: Rates, slots: Floats) -> Floats:
    """Return how many `slots` [n, year, region] a year the rounds of each year offer, likewise.

    Where appointed doctors begin half a year later, the autumn round fills the next year's slots.
    """
    spring, autumn = rates.offer_share[:, ::2, None], rates.offer_share[:, 1::2, None]
    if len(rates.starting) == 0:
        return np.asarray(slots * (spring + autumn))
    following = np.concatenate([slots[:, 1:], slots[:, -1:]], axis=1)
    return np.asarray(slots * spring + following * autumn)


def _of_others(others: Others, rest: OthersFlow) -> dict[str, Floats]:
    """Return stock, entrants, exits and FTE of doctors without a speciality, [n, year, region]."""
    start = np.broadcast_to(others.stock.sum(axis=1), rest.others[:, :1].shape)
    before = np.concatenate([start, rest.others[:, :-1]], axis=1)
    left = before + rest.others_joined - rest.others
    return {**rest._asdict(), "others_left": left, "others_fte": others.fte * rest.others}


def _counted(flow: dict[str, Floats], others: Others | None) -> Single:
    """Return the head-count of a block, [n, year, population]; without others nobody is counted."""
    if others is None:
        return np.empty((*flow["lis1"].shape[:2], 0), np.float32)
    return head_count(flow).astype(np.float32)


def _sum(values: Floats, weight: Floats) -> Whole:
    """Add up scenarios [n, ...] times `weight` [n] in units of 1 / UNITS."""
    sums = np.zeros(values.shape[1:], np.int64)
    rows = np.ascontiguousarray(values).reshape(len(values), -1)
    add_up_whole(rows, weight, UNITS, sums.reshape(-1))
    return sums
