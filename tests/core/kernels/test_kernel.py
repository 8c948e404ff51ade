"""The kernel equals the naive oracle, whatever the sizes, and keeps the model's laws."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lis1plan.core.kernels import cohorts as kernel
from lis1plan.core.kernels.training import respond_in_training

from ...helpers.naive import flow, response
from ...helpers.naive_rates import permuted, small_level, small_rates
from ...helpers.rates_of import (
    by_region,
    close,
    differences,
    expected_response,
    level_of,
    projected,
    rates_of,
    responded,
    room_for,
    small_batch,
)

SIZES: dict[str, dict[str, Any]] = {
    "as in the oracle's own tests": {},
    "one of each": {"groups": 1, "regions": 1, "stages": 1, "ages": 1, "longest": 4},
    "one region": {"regions": 1, "ages": 7},
    "one group, two regions": {"groups": 1, "regions": 2, "ages": 9},
    "four regions": {"regions": 4, "ages": 10, "half_years": 30},
    "five regions": {"groups": 3, "regions": 5, "ages": 13, "half_years": 20},
    "nine regions": {"groups": 2, "regions": 9, "ages": 5, "half_years": 16},
    "whole fours of ages": {"regions": 4, "ages": 16, "stages": 2},
    "as many ages as in earnest": {"groups": 1, "regions": 4, "ages": 49, "half_years": 18},
    "three ages": {"ages": 3, "stages": 5},
    "sixteen ages and one": {"groups": 1, "ages": 17, "half_years": 6},
    "a block of ages": {"groups": 1, "regions": 2, "ages": 64, "half_years": 8},
    "three blocks of ages": {"groups": 2, "regions": 5, "ages": 130, "half_years": 8},
    "training longer than the horizon": {"longest": 31, "half_years": 12},
    "one year": {"half_years": 2},
    "spring rounds start in autumn": {"to_start": 1, "historic_until": 4},
    "one year, begun later": {"half_years": 2, "to_start": 1, "regions": 2},
    "immediate outcomes": {"longest": 3, "first_outcome": 1},
    "the old rules end at once": {"historic_until": 0},
    "the old rules end late": {"historic_until": 11},
    "the old rules never end": {"historic_until": 99},
}
LINEAR = [name for name, size in SIZES.items() if size.get("historic_until", 0) == 0]
TOLERANCE = 1e-9

some_sizes = st.fixed_dictionaries(
    {
        "groups": st.integers(1, 3),
        "regions": st.integers(1, 6),
        "stages": st.integers(1, 4),
        "ages": st.integers(1, 11),
        "longest": st.integers(4, 16),
        "half_years": st.integers(1, 9).map(lambda years: 2 * years),
        "to_start": st.integers(0, 1),
    }
)
laws = settings(derandomize=True, deadline=None, max_examples=40)
seeds = st.integers(0, 10**6)


# --- kernel and oracle ---------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("size", SIZES)
def test_flow_with_a_plan_is_the_oracles(size: str, seed: int) -> None:
    scenario = small_rates(seed, **SIZES[size])
    level = small_level(seed, scenario)
    assert differences(kernel, scenario, level, flow(scenario, level)) == []


@pytest.mark.parametrize("size", SIZES)
def test_baseline_is_the_oracles(size: str) -> None:
    scenario = small_rates(3, **SIZES[size])
    assert differences(kernel, scenario, None, flow(scenario, None)) == []
    baseline = projected(kernel, rates_of(kernel, [scenario]), 0, None)
    assert not baseline["queue"].any()
    assert not baseline["appointed"].any()


@pytest.mark.parametrize("size", LINEAR)
def test_response_is_the_oracles(size: str) -> None:
    scenario = small_rates(4, **SIZES[size])
    half_years = len(scenario["newcomers"])
    entered = len(scenario["starting"]) + len(scenario["occupants"])
    scenario["historic_until"] = min(scenario["historic_until"], entered)
    wanted = response(scenario, half_years)
    rates, groups = rates_of(kernel, [scenario]), len(scenario["trainees"])
    assert close(responded(kernel, rates, 0, half_years, groups), expected_response(wanted))
    summed = expected_response(wanted, one_room=True)
    assert close(responded(kernel, rates, 0, half_years, 1), summed)


@laws
@given(seed=seeds, sizes=some_sizes, until=st.integers(0, 6))
def test_flow_of_any_size_is_the_oracles(seed: int, sizes: dict[str, int], until: int) -> None:
    scenario = small_rates(seed, **sizes, historic_until=until)
    level = small_level(seed, scenario)
    assert differences(kernel, scenario, level, flow(scenario, level)) == []


@pytest.mark.parametrize("length", [1, 2, 3, 7, 23])
def test_a_shorter_response_is_the_beginning_of_a_longer_one(length: int) -> None:
    rates = rates_of(kernel, [small_rates(5)])
    longer = responded(kernel, rates, 0, 24, 2)
    assert np.array_equal(responded(kernel, rates, 0, length, 2), longer[:, :length])


@pytest.mark.parametrize("size", LINEAR)
def test_baseline_and_response_add_up_to_the_flow(size: str) -> None:
    scenario = small_rates(6, **SIZES[size])
    rates, half_years = rates_of(kernel, [scenario]), len(scenario["newcomers"])
    whole = projected(kernel, rates, 0, small_level(6, scenario))
    answer = responded(kernel, rates, 0, half_years, len(scenario["trainees"]))
    supply = projected(kernel, rates, 0, None)["supply"]
    for y in range(half_years // 2):
        for h in range(2 * y + 2):
            supply[y] += np.einsum("krt,r->kt", answer[:, 2 * y + 1 - h], whole["appointed"][h])
    assert close(supply, whole["supply"])


@pytest.mark.parametrize("size", LINEAR)
def test_those_in_training_are_those_without_a_plan_and_the_response(size: str) -> None:
    scenario = small_rates(8, **SIZES[size])
    rates, half_years = rates_of(kernel, [scenario]), len(scenario["newcomers"])
    whole = projected(kernel, rates, 0, small_level(8, scenario))
    trainees = projected(kernel, rates, 0, None)["trainees"]
    groups = len(trainees)
    for k in range(groups):
        found = np.zeros((2, half_years))
        respond_in_training(rates, 0, np.eye(groups)[k], 1.0, found)
        answer = by_region(found, rates.choice[0], rates.landing)
        for h in range(half_years):
            for since in range(h + 1):
                trainees[k, :, h] += whole["appointed"][h - since] @ answer[since]
    assert close(trainees, whole["trainees"])


def test_appoint_alone_is_what_the_flow_appoints() -> None:
    scenario = small_rates(7, regions=5)
    rates, level = rates_of(kernel, [scenario]), small_level(7, scenario)
    whole = projected(kernel, rates, 0, level)
    queue, appointed = np.full((2, 24, 5), np.nan)
    kernel.appoint(rates, 0, level_of(level, 5), queue, appointed)
    assert np.array_equal(queue, whole["queue"])
    assert np.array_equal(appointed, whole["appointed"])


# --- one scenario and the others -----------------------------------------------------------


@pytest.mark.parametrize("size", ["four regions", "five regions"])
def test_a_scenario_is_the_same_alone_and_in_a_batch(size: str) -> None:
    batch = small_batch(8, 4, **SIZES[size])
    together, level = rates_of(kernel, batch), small_level(8, batch[0])
    groups = len(batch[0]["trainees"])
    for i, scenario in enumerate(batch):
        alone = rates_of(kernel, [scenario])
        for plan in (level, None):
            pairs = zip(
                projected(kernel, together, i, plan).values(),
                projected(kernel, alone, 0, plan).values(),
                strict=True,
            )
            assert all(np.array_equal(one, other) for one, other in pairs)
        for rooms in (1, groups):
            one = responded(kernel, together, i, 20, rooms)
            assert np.array_equal(one, responded(kernel, alone, 0, 20, rooms))


def test_room_can_be_used_again() -> None:
    batch = small_batch(9, 2)
    rates, level = rates_of(kernel, batch), level_of(small_level(9, batch[0]), 3)
    used, fresh = room_for(kernel, rates), room_for(kernel, rates)
    kernel.project(rates, 0, level, used)
    kernel.project(rates, 1, level, used)
    kernel.project(rates, 1, level, fresh)
    assert all(np.array_equal(one, other) for one, other in zip(used, fresh, strict=True))


def test_the_rates_are_left_as_they_were() -> None:
    scenario = small_rates(10)
    rates = rates_of(kernel, [scenario])
    projected(kernel, rates, 0, small_level(10, scenario))
    responded(kernel, rates, 0, 24, 2)
    for name, before in rates_of(kernel, [scenario])._asdict().items():
        assert np.array_equal(getattr(rates, name), before)


# --- the model's laws ----------------------------------------------------------------------


def run(seed: int, sizes: dict[str, int]) -> tuple[dict[str, Any], dict[str, Any]]:
    """One scenario's rates as arrays, and its flow under a plan."""
    scenario = small_rates(seed, **sizes)
    arrays = {name: np.array(value) for name, value in scenario.items()}
    return arrays, projected(kernel, rates_of(kernel, [scenario]), 0, small_level(seed, scenario))


@laws
@given(seed=seeds, sizes=some_sizes)
def test_nobody_is_lost_in_the_queue(seed: int, sizes: dict[str, int]) -> None:
    rates, got = run(seed, sizes)
    unplaced = np.vstack([rates["unplaced"], got["queue"] - got["appointed"]])
    assert (unplaced >= 0.0).all()
    left = rates["leakage"] * unplaced[:-1]
    assert close(unplaced[1:] - unplaced[:-1], rates["newcomers"] - left - got["appointed"])


@laws
@given(seed=seeds, sizes=some_sizes)
def test_nobody_is_lost_in_training(seed: int, sizes: dict[str, int]) -> None:
    rates, got = run(seed, sizes)
    old = np.concatenate([rates["occupants"][None], got["occupants"]])
    stay = 1.0 - rates["drop_out"]
    completers = stay * (1.0 - rates["leave"][-1]) * old[:-1, -1]
    dropped = rates["drop_out"] * old[:-1].sum(axis=1)
    starting = np.concatenate([rates["starting"].reshape(-1, old.shape[2]), got["appointed"]])
    begun = starting[: len(got["appointed"])]
    assert close(np.diff(old.sum(axis=1), axis=0), begun - completers - dropped)
    entry = got["entry"].sum(axis=(0, 1))
    assert close(entry, completers.sum(axis=1) + rates["direct_entry"].sum(axis=(1, 2)))
    stock = np.concatenate([rates["trainees"][:, :, None], got["trainees"]], axis=2)
    assert (stock >= -TOLERANCE).all()
    gone = got["qualified"] + got["left_training"]
    assert close(np.diff(stock, axis=2), got["entry"] - gone)


@laws
@given(seed=seeds, sizes=some_sizes)
def test_nobody_is_lost_among_the_specialists(seed: int, sizes: dict[str, int]) -> None:
    """Everybody in the country together, by age: moving between regions loses nobody."""
    rates, got = run(seed, sizes)
    people = rates["specialists"].sum(axis=1)  # [group, age]
    qualified, foreign = got["qualified"].sum(axis=1), rates["foreign"].sum(axis=2)
    for y in range(len(got["persons"])):
        for h in (2 * y, 2 * y + 1):
            joined = qualified[:, h, None] * rates["entry_age"]
            joined += foreign[h, :, None] * rates["foreign_age"]
            people = rates["survival"] * people + joined
        assert close(got["persons"][y].sum(axis=1), people.sum(axis=1))
        weighted = (rates["fte"] * people).sum(axis=1)
        assert close(got["supply"][y].sum(axis=1), weighted)
        people = np.concatenate([np.zeros((len(people), 1)), people[:, :-1]], axis=1)
    assert close(got["ages"].sum(axis=1), people)


@laws
@given(seed=seeds, sizes=some_sizes, more=st.integers(1, 50), data=st.data())
def test_more_slots_never_hurt(
    seed: int, sizes: dict[str, int], more: int, data: st.DataObject
) -> None:
    scenario = small_rates(seed, **sizes)
    rates, level = rates_of(kernel, [scenario]), small_level(seed, scenario)
    before = projected(kernel, rates, 0, level)["supply"]
    r = data.draw(st.integers(0, sizes["regions"] - 1))
    y = data.draw(st.integers(0, sizes["half_years"] // 2 - 1))
    for later in range(y, sizes["half_years"] // 2):  # as in section 6: a slot once there stays
        level[r][later] += more
    after = projected(kernel, rates, 0, level)["supply"]
    assert (after >= before - TOLERANCE).all()
    assert np.array_equal(after[:y], before[:y])


@laws
@given(seed=seeds, sizes=some_sizes)
def test_no_effect_before_the_shortest_training_is_over(seed: int, sizes: dict[str, int]) -> None:
    scenario = small_rates(seed, **sizes)  # nobody ends LIS2/3 before the fourth half-year
    rates, stages = rates_of(kernel, [scenario]), sizes["stages"]
    answer = responded(kernel, rates, 0, stages + 20, sizes["groups"])
    # half-years after that of appointment at whose end she qualifies
    shortest = sizes["to_start"] + stages + 4 - 1
    assert not answer[:, :shortest].any()
    assert (answer[:, shortest] > 0.0).all()
    level = small_level(seed, scenario)
    planned, baseline = (projected(kernel, rates, 0, plan)["supply"] for plan in (level, None))
    years = shortest // 2  # those appointed at once count in the autumn of year y from 2y + 1 on
    assert np.array_equal(planned[:years], baseline[:years])
    assert (planned[years:] > baseline[years:]).all()


@laws
@given(seed=seeds, sizes=some_sizes, data=st.data())
def test_the_order_of_regions_does_not_matter(
    seed: int, sizes: dict[str, int], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(sizes["regions"])))
    scenario = small_rates(seed, **sizes)
    level = small_level(seed, scenario)
    rates, renamed = rates_of(kernel, [scenario]), rates_of(kernel, [permuted(scenario, order)])
    got = projected(kernel, rates, 0, level)
    other = projected(kernel, renamed, 0, [level[r] for r in order])
    axis = {"queue": 1, "appointed": 1, "occupants": 2, "supply": 2, "persons": 2}
    for name, value in got.items():
        assert close(np.take(value, order, axis=axis.get(name, 1)), other[name]), name
    answer = responded(kernel, rates, 0, 20, 1)[:, :, order][:, :, :, order]
    assert close(answer, responded(kernel, renamed, 0, 20, 1))


@laws
@given(seed=seeds, sizes=some_sizes)
def test_without_inflow_specialists_leave_at_the_survival_rates(
    seed: int, sizes: dict[str, int]
) -> None:
    scenario = small_rates(seed, **sizes)
    rates = rates_of(kernel, [scenario])
    for name in ("occupants", "starting", "trainees", "direct_entry", "foreign"):
        getattr(rates, name)[:] = 0.0
    got = projected(kernel, rates, 0, None)
    age = np.arange(sizes["ages"])
    people, survival = rates.specialists.sum(axis=1), rates.survival[0]
    for y in range(sizes["half_years"] // 2):
        alive = people * survival**2
        assert close(got["persons"][y].sum(axis=1), alive.sum(axis=1))
        people = np.where(age > 0, np.roll(alive, 1, axis=1), 0.0)
    assert not got["qualified"].any()
    assert not got["trainees"].any()


# --- without numba -------------------------------------------------------------------------


@pytest.mark.skipif("NUMBA_DISABLE_JIT" in os.environ, reason="this is the run without numba")
def test_the_kernel_runs_without_numba() -> None:
    """The smallest size in a process of its own, where every line of the kernel can be stepped."""
    only = ["-p", "no:cacheprovider", "-k", "oracles and each"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *only, __file__],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout
