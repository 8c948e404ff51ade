"""The oracle: Z of every scenario is the naive one, and its slope a bound on every other plan."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.configs.loader import load_study
from lis1plan.core.compute.checkpoint import Checkpoint
from lis1plan.core.compute.workers import Workers
from lis1plan.core.flow.rates import all_levels
from lis1plan.core.kernels.shortage import shortage
from lis1plan.core.kernels.state import LANES
from lis1plan.core.risk.oracle import Oracle, prepare
from lis1plan.core.risk.streams import judgement_of, shortest_delay
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.scenarios.sampling import Sample
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.posts import levels
from lis1plan.optimise.cuts.certificate import highest_levels
from lis1plan.optimise.cuts.pool import CutPool, InvalidCutError

from ...helpers import naive
from ...helpers.naive_decision import concavity_excess, world
from ...helpers.small_study import (
    AUTUMN_STARTS,
    between,
    changed,
    naive_scenarios,
    one_limit,
    random_slots,
    small_study,
)

Floats = NDArray[np.float64]

NAMES = ["nord", "midt", "vest"]
EVERY_WAY: dict[str, Any] = {
    f"{scope}_{measure}_{statistic}": one_limit(
        NAMES[:2] if statistic == "mean" else NAMES,
        scope=scope,
        measure=measure,
        statistic=statistic,
        confidence=0.6,
    )
    for scope in ("pooled", "summed", "summed_over_groups", "summed_over_both")
    for measure in ("relative", "absolute")
    for statistic in ("mean", "max", "sum")
}
"""All ways to judge, over two regions or all three."""
ONE_GROUP = {name: way for name, way in EVERY_WAY.items() if "summed_over" not in name}
"""Those that differ where there is one group."""

KINDS = ("queue binds", "queue never binds", "two groups", "one region", "autumn starts")


@cache
def study_of(kind: str) -> Study:
    if kind == "one region":
        return small_study(4, regions=1, scenarios=20, applicants=1.0)
    return small_study(
        KINDS.index(kind),
        regions=3,
        groups=2 if kind == "two groups" else 1,
        scenarios=20,
        applicants={"queue never binds": 3.0, "two groups": 1.2}.get(kind, 1.0),
        changes={"risk": EVERY_WAY if kind == "two groups" else ONE_GROUP}
        | (AUTUMN_STARTS if kind == "autumn starts" else {}),
    )


@cache
def oracle_of(kind: str) -> Oracle:
    study = study_of(kind)
    return prepare(study, sample_of(study), Workers(1))


def plans(study: Study) -> list[Floats]:
    """Nothing, two plans in whole slots, two in fractions, and one far beyond all limits."""
    nothing = np.zeros((len(study.regions), len(study.decision_years)))
    whole = [random_slots(study, seed) for seed in (1, 2)]
    parts = [random_slots(study, seed, fractional=True) for seed in (3, 4)]
    return [nothing, *whole, *parts, nothing + 50.0]


def naive_z(study: Study, sample: Sample, level: Floats) -> Floats:
    """Z [limit, realization] from the naive flow under a plan's levels, never from a response."""
    years = [study.years.index(year) for year in study.window_years]
    members = [
        [r for r, name in enumerate(study.regions) if name in limit.regions]
        for limit in study.risk.values()
    ]
    z = np.empty((len(members), sample.scenarios))
    for i, (rates, demand) in enumerate(zip(*naive_scenarios(study, sample), strict=True)):
        supply = naive.flow(rates, level.tolist())["supply"]
        for c, limit in enumerate(study.risk.values()):
            how = limit.scope, limit.measure, limit.statistic
            z[c, i] = naive.shortfall(supply, demand, members[c], years, *how)
    return z


# --- the value -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_shortfall_is_the_naive_flows(kind: str) -> None:
    study, oracle = study_of(kind), oracle_of(kind)
    short = 0.0
    for slots in plans(study):
        level = levels(study, slots)
        wanted = naive_z(study, sample_of(study), level)
        got = oracle.shortfall(level)
        assert got.shape == wanted.shape
        assert np.allclose(got, wanted, rtol=1e-9, atol=1e-9)
        short += (wanted > 0.0).mean() / 6
        risk = [naive.cvar(row, a) for row, a in zip(wanted, oracle.confidence, strict=True)]
        assert oracle.risk(level) == pytest.approx(risk, rel=1e-9, abs=1e-9)
    assert short > 0.05  # the comparison is not one of zeros


def test_shortfall_of_the_built_in_study_is_the_naive_flows() -> None:
    """Two scenarios in full size: four regions, all single ages, 28 years."""
    study = load_study("norway-2019", ["sampling.scenarios=2"])
    oracle = prepare(study, sample_of(study), Workers(1))
    level = levels(study, random_slots(study, 9))
    wanted = naive_z(study, sample_of(study), level)
    assert wanted.max() > 0.01
    assert np.allclose(oracle.shortfall(level), wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("starts", [{}, AUTUMN_STARTS], ids=["at once", "autumn"])
@pytest.mark.parametrize("shortest", [0.0, 1.6, 2.0, 2.25, 2.4])
def test_nothing_is_lost_by_the_delay(shortest: float, starts: dict[str, Any]) -> None:
    """The response before the shortest training is left out: it must be zero there."""
    changes = starts | {"training.shortest_years.value": shortest}
    study = small_study(6, scenarios=4, changes=changes)
    rates, _ = naive_scenarios(study, sample_of(study))
    for one in rates:
        response = np.array(naive.response(one, 26))
        half_years = response.sum(axis=(0, 3, 4))  # [parity, years since]
        lag = 2 * np.arange(13) + 1 - np.arange(2)[:, None]
        assert not half_years[lag < shortest_delay(study)].any()
    level = levels(study, random_slots(study, 1))
    wanted = naive_z(study, sample_of(study), level)
    got = prepare(study, sample_of(study), Workers(1)).shortfall(level)
    assert np.allclose(got, wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("scenarios", [1, 63, 64, 65, 130])
def test_unused_lanes_carry_no_weight(scenarios: int) -> None:
    study = small_study(2, scenarios=scenarios)
    oracle = prepare(study, sample_of(study), Workers(1))
    level = levels(study, random_slots(study, 2))
    z = oracle.shortfall(level)
    assert z.shape == (2, scenarios)
    assert np.isfinite(z).all()
    assert np.isfinite(oracle.slope(level, 0, z[0])).all()
    assert oracle.concavity_excess(level).shape == (scenarios,)


def test_a_window_may_begin_before_slots_can_matter() -> None:
    """Its early years add a floor no plan lifts; the last decisions come too late to matter.

    Of years before the first decision, which no plan changes, no slope is worked out.
    """
    study = small_study(1, scenarios=5, changes={"time.window": (2018, 2023)})
    oracle = prepare(study, sample_of(study), Workers(1))
    level = levels(study, random_slots(study, 1))
    z = oracle.shortfall(level)
    assert np.allclose(z, naive_z(study, sample_of(study), level), rtol=1e-9, atol=1e-9)
    slope = oracle.slope(level, 0, z[0])
    assert study.first == 2
    assert slope[:, 2].all()
    assert not slope[:, :2].any()
    assert not slope[:, 3:].any()


def test_a_window_may_not_end_before_the_first_specialist() -> None:
    with pytest.raises(ValueError, match=r"time\.window: .* must end in 2023 or later"):
        small_study(1, changes={"time.window": (2018, 2022)})


def test_judgement_holds_every_region_and_way() -> None:
    judged = judgement_of(study_of("two groups"))
    assert judged.member.sum(axis=1).tolist() == [2, 3, 3] * 8
    assert judged.summed.tolist() == ([False] * 6 + [True] * 6) * 2
    assert judged.relative.tolist() == ([True] * 3 + [False] * 3) * 4
    # both groups together, then each
    assert judged.counted.tolist() == [[True, False, False]] * 12 + [[False, True, True]] * 12


# --- the slope -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_slope_is_that_of_finite_differences(kind: str) -> None:
    """Away from kinks: where steps up and down agree, the slope is theirs."""
    study, oracle = study_of(kind), oracle_of(kind)
    compared = 0
    for seed in (1, 2, 3):
        slots = random_slots(study, seed, fractional=True) + 0.1234
        level = levels(study, slots)
        z = oracle.shortfall(level)
        slopes = [oracle.slope(level, c, z[c]) for c in range(len(z))]
        for r in range(level.shape[0]):
            for y in range(2, 9):
                step = np.zeros_like(level)
                step[r, y] = 1e-4
                up, down, here = (oracle.risk(level + way * step) for way in (1, -1, 0))
                scale = 1.0 + np.abs(here)
                smooth = np.abs(up + down - 2 * here) < 1e-12 * scale
                got, wanted = np.array([slope[r, y] for slope in slopes]), (up - down) / 2e-4
                assert (np.abs(got - wanted) < 2e-8 * scale)[smooth].all()
                compared += int(smooth.sum())
                # at a kink the slope still lies between those of both sides
                assert (got <= (up - here) / 1e-4 + 1e-7 * scale).all()
                assert (got >= (here - down) / 1e-4 - 1e-7 * scale).all()
    assert compared > 30


@pytest.mark.parametrize("kind", KINDS)
def test_limits_asked_together_get_what_each_gets_alone(kind: str) -> None:
    """But for the order of sums: scenarios that count for any of them lie side by side."""
    study, oracle = study_of(kind), oracle_of(kind)
    asked = [*range(len(study.risk))][::-2]
    for slots in plans(study):
        level = levels(study, slots)
        z = oracle.shortfall(level)
        for c, found in zip(asked, oracle.bounds(level, asked, z), strict=True):
            alone = oracle.bound(level, c, z[c])
            scale = 1e-12 * np.abs(alone.slope).max()
            assert found.slope == pytest.approx(alone.slope, rel=1e-12, abs=scale)
            assert found.drop == pytest.approx(alone.drop, rel=1e-12, abs=1e-15)
    assert oracle.bounds(level, [], z) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("last", [2024, 2027, 2030])
def test_levels_of_later_years_than_count_change_no_bit(kind: str, last: int) -> None:
    """And those of the last year that counts do: the number is no larger than need be."""
    study = changed(study_of(kind), {"time.window": (2024, last)})
    oracle = prepare(study, sample_of(study), Workers(1))
    level = levels(study, random_slots(study, 1))
    found, later = oracle.shortfall(level), oracle.years_that_count
    changes = level.copy()
    changes[:, later:] += np.random.default_rng(1).integers(1, 9, changes[:, later:].shape)
    assert oracle.shortfall(changes).tobytes() == found.tobytes()
    asked = range(len(found))
    for one, other in zip(
        oracle.bounds(level, asked, found), oracle.bounds(changes, asked, found), strict=True
    ):
        assert one.slope.tobytes() == other.slope.tobytes()
        assert not one.slope[:, later:].any()
    changes = np.zeros_like(level)
    none = oracle.shortfall(changes)
    changes[:, later - 1] = 1.0
    assert (oracle.shortfall(changes) != none).any()


@pytest.mark.parametrize("kind", KINDS)
def test_cuts_bound_every_other_plan_and_risk_is_convex(kind: str) -> None:
    study, oracle = study_of(kind), oracle_of(kind)
    pool = CutPool(oracle)
    some = [random_slots(study, seed, fractional=seed % 2 == 0) for seed in range(16)]
    everything = levels(study, np.full_like(some[0], max(slots.max() for slots in some)))
    assert oracle.concavity_excess(everything).max() == 0.0
    risks = []
    for slots in some:
        risk, z = pool.evaluate(slots)
        pool.learn(slots, list(range(len(risk))), risk, z)
        risks.append(risk)
    for cut in pool.cuts:
        for slots, risk in zip(some, risks, strict=True):
            assert cut.at(slots) <= risk[cut.limit] * (1.0 + 1e-12) + 1e-12
    for i in range(0, 16, 2):
        for part in (0.25, 0.6):
            between_them = part * some[i] + (1.0 - part) * some[i + 1]
            risk = oracle.risk(levels(study, between_them))
            chord = part * risks[i] + (1.0 - part) * risks[i + 1]
            assert (risk <= chord * (1.0 + 1e-12) + 1e-12).all()


def test_the_finer_shortages_are_told_apart_the_more_is_missing() -> None:
    """Pooled <= summed over either <= over both; in studies where each differs from the next."""
    study, oracle = study_of("two groups"), oracle_of("two groups")
    names, apart = list(EVERY_WAY), np.zeros(4)
    for slots in plans(study):
        z = dict(zip(names, oracle.shortfall(levels(study, slots)), strict=True))
        for way in (f"{m}_{s}" for m in ("relative", "absolute") for s in ("mean", "max", "sum")):
            pooled, regions, groups, both = (
                z[f"{scope}_{way}"]
                for scope in ("pooled", "summed", "summed_over_groups", "summed_over_both")
            )
            for n, (less, more) in enumerate(
                ((pooled, regions), (pooled, groups), (regions, both), (groups, both))
            ):
                assert (less <= more * (1.0 + 1e-12) + 1e-12).all()
                apart[n] = max(apart[n], (more - less).max())
    assert (apart > 1e-3).all()


def test_of_one_group_a_sum_over_groups_is_the_pooled_shortage_to_the_bit() -> None:
    study = small_study(3, regions=2, groups=1, scenarios=20, applicants=1.0)
    level, found = levels(study, random_slots(study, 1)), []
    for coarse, fine in (("pooled", "summed_over_groups"), ("summed", "summed_over_both")):
        for scope in (coarse, fine):
            judged = changed(study, {"risk": {"country": one_limit(NAMES[:2], scope=scope)}})
            oracle = prepare(judged, sample_of(judged), Workers(1))
            z = oracle.shortfall(level)
            found.append((z.tobytes(), oracle.slope(level, 0, z[0]).tobytes()))
    assert found[0] == found[1] != found[2] == found[3]


@pytest.mark.parametrize("kind", KINDS)
def test_more_slots_never_raise_a_shortfall(kind: str) -> None:
    study, oracle = study_of(kind), oracle_of(kind)
    slots = random_slots(study, 7, fractional=True)
    before = oracle.shortfall(levels(study, slots))
    for seed in range(5):
        more = slots + random_slots(study, 20 + seed)
        assert (oracle.shortfall(levels(study, more)) <= before * (1 + 1e-12) + 1e-12).all()


# --- the concavity condition ---------------------------------------------------------------


def excesses(study: Study) -> tuple[Floats, Floats]:
    """The program's and the naive excess of every scenario, [realization]."""
    highest = highest_levels(system_of(study))
    got = prepare(study, sample_of(study), Workers(1)).concavity_excess(highest)
    pairs = zip(*naive_scenarios(study, sample_of(study)), strict=True)
    worlds = [world(study, rates, demand) for rates, demand in pairs]
    return got, np.array([concavity_excess(study, one, highest.tolist()) for one in worlds])


HARMLESS: dict[str, Any] = {"applicants": 1.0}
FEW_LEAVE_THE_QUEUE: dict[str, Any] = {
    "applicants": 0.9,
    "leakage": (0.001, 0.01),
    "changes": {"specialists.other_exits_per_year": between(40.0, 60.0)},
}
MANY_MOVE: dict[str, Any] = {
    "applicants": 0.9,
    "leakage": (0.01, 0.03),
    "changes": {"specialists.mobility_per_year": between(0.05, 0.25)},
}


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(
    ("kind", "fails"),
    [(HARMLESS, False), (FEW_LEAVE_THE_QUEUE, True), (MANY_MOVE, True)],
    ids=["harmless", "few leave the queue", "many move"],
)
@pytest.mark.parametrize("starts", [{}, AUTUMN_STARTS], ids=["at once", "autumn"])
def test_concavity_excess_is_the_naive_one(
    starts: dict[str, Any], kind: dict[str, Any], fails: bool, seed: int
) -> None:
    kind = kind | {"changes": kind.get("changes", {}) | starts}
    got, wanted = excesses(small_study(seed, regions=2 + seed, scenarios=12, **kind))
    assert np.allclose(got, wanted, rtol=0.0, atol=1e-12)
    assert bool((wanted > 1e-3).any()) == fails


@pytest.mark.parametrize("scope", ["summed_over_groups", "summed_over_both"])
def test_limits_summed_over_groups_ask_for_concavity_of_every_group(scope: str) -> None:
    study = small_study(5, groups=2, scenarios=12, **MANY_MOVE | {"leakage": (0.02, 0.05)})
    limit = one_limit(NAMES[:2], scope=scope)
    got, wanted = excesses(changed(study, {"risk": {"country": limit}}))
    assert np.allclose(got, wanted, rtol=0.0, atol=1e-12)


@pytest.mark.parametrize("seed", [0, 1])
def test_summed_limits_ask_for_concavity_of_every_region(seed: int) -> None:
    """Moving does no harm to the country's supply, but to that of the region which loses people."""
    study = small_study(seed, scenarios=12, **MANY_MOVE | {"leakage": (0.03, 0.04)})
    found = []
    for scope in ("pooled", "summed"):
        limit = one_limit(NAMES[:2], scope=scope)
        got, wanted = excesses(changed(study, {"risk": {"country": limit}}))
        assert np.allclose(got, wanted, rtol=0.0, atol=1e-12)
        found.append(wanted.max())
    assert found[0] < 1e-9 < 0.003 < found[1]


def test_where_the_condition_fails_a_tangent_can_be_false_and_a_cut_is_not() -> None:
    """Clipping is not an idle thing: without it such a study does break a cut."""
    study = small_study(0, scenarios=30, **FEW_LEAVE_THE_QUEUE)
    pool = CutPool(prepare(study, sample_of(study), Workers(1)))
    assert pool.certificate.failures

    def evaluate_many() -> None:
        for seed in range(40):
            slots = random_slots(study, seed)
            risk, z = pool.evaluate(slots)
            pool.learn(slots, [0, 1], risk, z)

    evaluate_many()
    assert pool.largest_violation <= 1e-9
    pool.cuts[:] = [cut.tangent for cut in pool.cuts]
    with pytest.raises(InvalidCutError, match="exceeds the risk of a plan by"):
        evaluate_many()


def test_what_a_folder_keeps_is_filled_in(tmp_path: Path) -> None:
    """Whoever asks the same again gets it from there, in the room that waits for it."""
    study, found = study_of("one region"), []
    for _ in range(2):
        workers = Workers(1, checkpoint=Checkpoint(tmp_path, 0.0))
        oracle = prepare(study, sample_of(study), workers)
        z = np.full((len(oracle.limits), oracle.held.blocks, LANES), np.nan)
        whole = all_levels(study, study.given_levels)
        oracle.held.fill(shortage, (oracle.judgement, whole), z, axis=1)
        workers.close()
        found.append(z)
    assert workers.checkpoint.written == 0
    assert workers.checkpoint.read > 1
    assert np.isfinite(found[0]).all()
    assert np.array_equal(found[0], found[1])
