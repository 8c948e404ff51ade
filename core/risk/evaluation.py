"""Evaluation: the risk of given plans on fresh scenarios, and how sure a risk in sample is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..compute.place import Progress, silent, split
from ..compute.workers import Workers
from ..discovery.box import Seen
from ..flow.demand import build_demand
from ..flow.sound import drawn_from
from ..scenarios.draws import draw, sample_of
from ..scenarios.factors import conditions, conditions_drawn
from ..scenarios.sampling import Sample
from ..study.study import Study
from .oracle import Oracle, block_of, lanes_block, shortfall_of
from .weight import require_weight

Floats = NDArray[np.float64]
REPLICATES = 8


class Judgements(NamedTuple):
    """Z of some plans in some scenarios, and what these weigh (None: all the same)."""

    z: Floats  # [plan, limit, realization]
    weight: Floats | None  # [realization]


def judge_plans(
    study: Study,
    sample: Sample,
    level: Sequence[Floats],
    workers: Workers,
    progress: Progress = silent,
) -> Judgements:
    """Return Z under each plan's levels [region, year] in any number of scenarios.

    A task makes the lanes of a block and lets go of them: neither memory nor the folder of the run
    holds more of them than the blocks under way.
    """
    scenarios, done = sample.scenarios, 0
    z, weight = np.empty((len(level), len(study.risk), scenarios)), np.empty(scenarios)
    asked = study, sample, np.stack(level)
    for (first, count), found in workers.blocks(
        judgements_block, split(scenarios, block_of(study)), *asked
    ):
        place = slice(first, first + count)
        z[:, :, place], weight[place] = found.z, found.weight
        done += count
        progress("scenarios", done, scenarios)
    require_weight(sample, weight, study.drawn_and_counted_by)
    equal = bool((weight == 1.0).all())
    return Judgements(z, None if equal else weight / weight.mean())


def judgements_block(
    first: int, count: int, study: Study, sample: Sample, level: Floats
) -> Judgements:
    """Return Z of some scenarios under every plan's `level` [plan, row, year]; weights as drawn."""
    judged = lanes_block(first, count, study, sample)
    with drawn_from(sample):
        z = [shortfall_of(study, judged.lanes, (first, count), one) for one in level]
    return Judgements(np.stack(z), judged.weight)


def seen_under(study: Study, level: Floats, workers: Workers, progress: Progress = silent) -> Seen:
    """Return the fresh scenarios: what each drew, and whether a plan's `level` fails in it.

    It fails where Z exceeds the limit of the study's frontier: the national one on shortage.
    """
    sample, axis = sample_of(study, "fresh"), study.frontier_axis
    assert axis is not None
    count, done = sample.scenarios, 0
    values = np.empty((count, len(conditions(study))))
    z, weight = np.empty(count), np.empty(count)
    ranges = split(count, block_of(study))
    for (first, n), found in workers.blocks(conditions_block, ranges, study, sample, level):
        place = slice(first, first + n)
        values[place], z[place], weight[place] = found.values, found.z[axis], found.weight
        done += n
        progress("scenarios", done, count)
    require_weight(sample, weight, study.drawn_and_counted_by)
    return Seen(values, z > study.risk_at_most[axis], weight)


class UnderConditions(NamedTuple):
    """What some scenarios drew, and Z of each limit in them."""

    values: Floats  # [realization, condition]
    z: Floats  # [limit, realization]
    weight: Floats  # [realization]


def conditions_block(
    first: int, count: int, study: Study, sample: Sample, level: Floats
) -> UnderConditions:
    """Return conditions, and Z under a plan's `level` [row, year], of some scenarios."""
    judged = lanes_block(first, count, study, sample)
    with drawn_from(sample):
        z = shortfall_of(study, judged.lanes, (first, count), level)
        draws = draw(study, sample, first, count)
        wanted = build_demand(study, draws).sum(axis=(2, 3))
        years = study.time.window[1] - study.time.first_year
        growth = (wanted[:, years] - wanted[:, 0]) / years
        return UnderConditions(conditions_drawn(study, draws, growth), z, judged.weight)


def risks(study: Study, judged: Judgements) -> Floats:
    """Return the risk of every plan and limit, [plan, limit]."""
    rules = [limit.risk_rule for limit in study.risk.values()]
    return np.array(
        [[rule.risk(z[c], judged.weight) for c, rule in enumerate(rules)] for z in judged.z]
    )


def intervals(study: Study, judged: Judgements) -> tuple[Floats, Floats]:
    """Return the ends of each risk's 95 % interval, scenarios independent, [plan, limit]."""
    rules = [limit.risk_rule for limit in study.risk.values()]
    ends = np.array(
        [[rule.interval(z[c], judged.weight) for c, rule in enumerate(rules)] for z in judged.z]
    )
    return ends[..., 0], ends[..., 1]


def in_sample_error(
    study: Study,
    sample: Sample,
    oracle: Oracle,
    level: Sequence[Floats],
    workers: Workers,
) -> Floats:
    """Return the standard error of the risk in sample, [plan, limit].

    Monte Carlo scenarios are independent: from the usual formula. Points of Sobol and Latin
    hypercube are not: eight samples of an eighth of the size, each scrambled anew, are judged
    instead; the error is that of their mean. Too few scenarios, or a worst case: not a number.
    """
    rules = [limit.risk_rule for limit in study.risk.values()]
    if sample.method == "monte_carlo":
        z = np.stack([oracle.shortfall(one) for one in level])
        low, high = intervals(study, Judgements(z, oracle.weight))
        error = (high - low) / (2.0 * 1.959963984540054)
    elif sample.scenarios < 2 * REPLICATES:
        error = np.full((len(level), len(rules)), np.nan)
    else:
        found = np.stack(
            [risks(study, judge_plans(study, each, level, workers)) for each in replicates(sample)]
        )
        error = np.std(found, axis=0, ddof=1) / REPLICATES**0.5
    error[:, [not rule.error_known for rule in rules]] = np.nan
    return error


def replicates(sample: Sample) -> list[Sample]:
    """Return independent samples of the same method, together as large."""
    seeds = [
        int(
            np.random.SeedSequence([sample.seed, 2, n]).generate_state(1, np.uint64)[0]
            >> np.uint64(1)
        )
        for n in range(REPLICATES)
    ]
    return [Sample(sample.method, seed, sample.scenarios // REPLICATES) for seed in seeds]
