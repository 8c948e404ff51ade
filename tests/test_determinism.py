"""Same seed, same bits: threads, processes, block sizes, one scenario replayed, a run repeated."""

from __future__ import annotations

from functools import cache
from typing import Any, get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers, local_workers
from lis1plan.core.flow.intake import build_origins
from lis1plan.core.flow.projection import (
    ProjectedBlock,
    Projection,
    Request,
    project_plans,
    projected_block,
)
from lis1plan.core.flow.rates import build_rates
from lis1plan.core.kernels.loops import Ensemble, ensemble
from lis1plan.core.risk.lanes import TASK_BYTES
from lis1plan.core.risk.oracle import judged_block, prepare
from lis1plan.core.scenarios.draws import draw, sample_of
from lis1plan.core.scenarios.sampling import Sample
from lis1plan.core.study.settings import Method
from lis1plan.core.study.study import Study
from lis1plan.core.system.posts import levels
from lis1plan.optimise.search.solve import find_plan
from lis1plan.optimise.solvers.clock import Clock

from .helpers.searching import attained, searching
from .helpers.small_study import changed, one_limit, random_slots, small_study

Floats = NDArray[np.float64]
Bits = dict[str, bytes]

N = 300
METHODS: tuple[Method, ...] = get_args(Method)


@cache
def study_of(method: Method) -> Study:
    """Two groups, three regions, limits judged in different ways; N is no multiple of any block."""
    names = ["nord", "midt", "vest"]
    return changed(
        small_study(3, regions=3, groups=2, scenarios=N, applicants=1.1),
        {
            "sampling.method": method,
            "risk": {
                "country": one_limit(names, confidence=0.55),
                "sum": one_limit(names, scope="summed", measure="absolute", statistic="sum"),
                "region": one_limit(names[1:2], statistic="max", confidence=0.9),
            },
        },
    )


def plans(study: Study) -> dict[str, Floats]:
    """Levels of no slots and of a plan in fractions."""
    return {
        "none": levels(study, np.zeros((len(study.regions), len(study.decision_years)))),
        "some": levels(study, random_slots(study, 8, fractional=True)),
    }


def bits(study: Study, workers: Workers, block: int) -> Bits:
    """Everything the optimiser and the report see, as bytes."""
    projection = project_plans(
        Request(study, sample_of(study), plans(study), True), workers, block=block
    )
    parts = {name: array.tobytes() for name, (array, _) in parts_of(projection).items()}
    means = {f"mean {name}": array.tobytes() for name, array in projection.means.items()}
    return judged_bits(study, workers, block) | parts | means


def judged_bits(study: Study, workers: Workers, block: int) -> Bits:
    """Z, its slope and the concavity check, as bytes."""
    found: Bits = {}
    oracle = prepare(study, sample_of(study), workers, block=block)
    for name, level in plans(study).items():
        z = oracle.shortfall(level)
        found[f"z {name}"] = z.tobytes()
        found[f"excess {name}"] = oracle.concavity_excess(level).tobytes()
        for c, row in enumerate(z):
            found[f"slope {name} {c}"] = oracle.slope(level, c, row).tobytes()
    return found


def parts_of(projection: Projection | ProjectedBlock) -> dict[str, tuple[NDArray[Any], int]]:
    """The arrays of a projection by name, each with the number of its axis `realization`."""
    several = {"supply": (projection.supply, 1), "demand": (projection.demand, 0)}
    return several | {
        name: (array, 0) for name, array in (projection.ensemble | projection.drawn).items()
    }


@cache
def reference(method: Method) -> Bits:
    """All scenarios in one block, on one thread."""
    return bits(study_of(method), Workers(1), N)


def different(found: Bits, wanted: Bits) -> list[str]:
    return [name for name in found if found[name] != wanted[name]]


def test_the_reference_is_not_trivial() -> None:
    assert len(set(reference("sobol").values())) > 12
    assert len({reference(method)["z some"] for method in METHODS}) == 3


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("block", [97, 128])
def test_any_block_size_gives_the_same_bits(method: Method, block: int) -> None:
    assert different(bits(study_of(method), Workers(1), block), reference(method)) == []


@pytest.mark.thorough
def test_blocks_of_one_give_the_same_bits() -> None:
    """Of Z; the projection of single scenarios is replayed below. Monte Carlo draws fastest."""
    found = judged_bits(study_of("monte_carlo"), Workers(1), 1)
    assert different(found, reference("monte_carlo")) == []


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("least", [1, TASK_BYTES])
def test_two_threads_give_the_same_bits(
    monkeypatch: pytest.MonkeyPatch, method: Method, least: int
) -> None:
    """Of lanes so few are worked out in place; smaller tasks change nothing."""
    monkeypatch.setattr("lis1plan.core.risk.lanes.TASK_BYTES", least)
    workers = Workers(2)
    try:
        assert different(bits(study_of(method), workers, 97), reference(method)) == []
    finally:
        workers.close()


def test_a_cluster_of_threads_gives_the_same_bits() -> None:
    with local_workers(threads=2) as workers:
        assert different(bits(study_of("sobol"), workers, 40), reference("sobol")) == []


@pytest.mark.thorough
def test_a_cluster_of_processes_gives_the_same_bits() -> None:
    with local_workers(threads=2, processes=True) as workers:
        assert different(bits(study_of("sobol"), workers, 97), reference("sobol")) == []


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("i", [0, 63, 64, 151, N - 1])
def test_a_scenario_replayed_alone_is_that_of_the_batch(method: Method, i: int) -> None:
    study = study_of(method)
    sample = sample_of(study)
    whole, alone = judged_block(0, N, study, sample), judged_block(i, 1, study, sample)
    assert whole.weight[i] == alone.weight[0]
    for name, together in whole.lanes._asdict().items():
        assert together[i].tobytes() == getattr(alone.lanes, name)[0].tobytes(), name
    asked = Request(study, sample, plans(study), ensemble=True)
    many = projected_block(0, N, asked)
    one = projected_block(i, 1, asked)
    for name, (single, axis) in parts_of(one).items():
        together = parts_of(many)[name][0]
        assert np.take(together, i, axis).tobytes() == np.take(single, 0, axis).tobytes(), name


@pytest.mark.parametrize("method", METHODS)
def test_a_scenario_replayed_alone_is_the_same_in_double_precision(method: Method) -> None:
    """The projection above is stored in single precision, which could hide a last bit."""
    study = study_of(method)
    sample, level = sample_of(study), plans(study)["some"]
    whole = flows(study, sample, 0, N, level)
    for i in (0, 97, N - 1):
        alone = flows(study, sample, i, 1, level)
        for name, together in whole._asdict().items():
            assert together[i].tobytes() == getattr(alone, name)[0].tobytes(), name


def flows(study: Study, sample: Sample, first: int, count: int, level: Floats) -> Ensemble:
    draws = draw(study, sample, first, count)
    rates = build_rates(study, draws)
    return ensemble(rates, build_origins(study, draws, rates), level)


@pytest.mark.parametrize("method", METHODS)
def test_rates_and_draws_of_a_scenario_do_not_depend_on_the_block(method: Method) -> None:
    """Vectorised functions may treat the ends of an array otherwise: they must not show."""
    study = study_of(method)
    sample = sample_of(study)
    whole = draw(study, sample, 0, N)
    for first, count in ((0, 1), (1, 2), (5, 3), (100, 7), (290, 10)):
        part = draw(study, sample, first, count)
        for name, values in whole.figures.items():
            assert values[first : first + count].tobytes() == part.figures[name].tobytes(), name
        for name, values in whole.factors.items():
            assert values[first : first + count].tobytes() == part.factors[name].tobytes(), name
        for name in ("alternative", "normalised", "noise"):
            values = getattr(whole, name)[first : first + count]
            assert values.tobytes() == getattr(part, name).tobytes(), name


def test_another_seed_gives_other_scenarios() -> None:
    study = study_of("sobol")
    sample = sample_of(study)
    one = judged_block(0, 3, study, sample).lanes.demand
    other = judged_block(0, 3, study, sample._replace(seed=sample.seed + 1)).lanes.demand
    assert not np.any(one == other)
    fresh = sample_of(study, "fresh")
    assert isinstance(fresh, Sample)
    assert (fresh.method, fresh.seed) != (sample.method, sample.seed)


def test_the_plan_found_is_the_same_bits() -> None:
    """Fresh, one-threaded solvers: the whole search repeats, cut by cut."""
    study = small_study(3, regions=3, scenarios=60)
    found: list[tuple[bytes, Any]] = []
    for threads, block in ((1, 60), (2, 7)):
        workers = Workers(threads)
        oracle = prepare(study, sample_of(study), workers, block=block)
        attainable, pool = attained(oracle)
        limits = attainable.floors + 0.4 * (attainable.ceilings - attainable.floors)
        solution = find_plan(searching(pool, study, limits, Clock(60.0)))
        workers.close()
        cuts = b"".join(cut.slope.tobytes() for cut in pool.cuts)
        plain = (solution.slots, solution.lp_slots, solution.risk)
        found.append(
            (cuts + b"".join(a.tobytes() for a in plain), (solution.cost, solution.lower_bound))
        )
    assert found[0] == found[1]
