"""Rounds and the intakes they fill: spring rounds start in autumn, where a study says so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.configs.loader import load_study
from lis1plan.core.flow.others import counted_at_start
from lis1plan.core.flow.projection import Request, projected_block
from lis1plan.core.flow.rates import build_rates
from lis1plan.core.kernels import cohorts as kernel
from lis1plan.core.scenarios.draws import Figures, draw, sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.posts import levels, offered_in_rounds
from lis1plan.core.verify.conservation import all_doctors, people_appointed, people_waiting
from lis1plan.core.verify.evidence import Evidence

from ...helpers.rates_of import projected
from ...helpers.small_study import AUTUMN_STARTS, changed, random_slots, small_study
from .test_others import of_plans, with_others

Floats = NDArray[np.float64]


def rates_of(study: Study, scenarios: int = 2) -> kernel.Rates:
    return build_rates(study, draw(study, sample_of(study), 0, scenarios))


@pytest.mark.parametrize("preset", ["norway-2019", "norway-2027"])
def test_norway_in_lis1_at_the_end_of_2017(preset: str) -> None:
    """Helsedirektoratet 2019, app. 6: 463 + 450 + 457 in LIS1, 441 begin in March 2018."""
    rates = rates_of(load_study(preset, ["sampling.scenarios=2"]))
    assert rates.occupants.sum(axis=1) == pytest.approx([463.0, 450.0, 457.0])
    assert rates.starting.sum(axis=1) == pytest.approx([441.0])


@pytest.mark.parametrize(
    ("preset", "counted"),
    [("norway-2019", 12525 + 11128), ("norway-2010", 23722)],
)
def test_all_at_the_start_are_those_counted(preset: str, counted: float) -> None:
    """App. 16 and 3: who was appointed and has yet to begin waits, and is counted once."""
    study = load_study(preset)
    assert study.without_speciality is not None
    assert counted_at_start(study, study.without_speciality)[-1] == pytest.approx(counted, abs=1)


def test_who_is_appointed_begins_half_a_year_later() -> None:
    """In LIS1's first stage: those of before at h = 0, then round by round; nobody leaves twice."""
    study = small_study(3, regions=3, changes=AUTUMN_STARTS)
    rates = rates_of(study)
    for i in range(2):
        flow = projected(kernel, rates, i, levels(study, random_slots(study, 1)).tolist())
        first = np.concatenate([rates.occupants[None, 0], flow["occupants"][:, 0]])
        repeating = (1.0 - rates.drop_out[i]) * rates.leave[i, 0] * first[:-1]
        begun = first[1:] - repeating
        assert begun[0] == pytest.approx(rates.starting[0])
        assert begun[1:] == pytest.approx(flow["appointed"][:-1])
        waiting = (1.0 - rates.leakage[i]) * rates.unplaced[i] + rates.newcomers[i, 0]
        assert flow["queue"][0] == pytest.approx(waiting)


def test_a_post_is_first_filled_by_the_round_before_it_opens() -> None:
    study = small_study(3, regions=2, applicants=2.0, changes=AUTUMN_STARTS)
    slots = np.zeros_like(random_slots(study, 1))
    slots[0, 0] = 5.0
    rates, opens = rates_of(study), 2 * study.first
    none, plan = (
        projected(kernel, rates, 0, levels(study, each).tolist()) for each in (0.0 * slots, slots)
    )
    more = (plan["appointed"] - none["appointed"])[:, 0]
    assert not more[: opens - 1].any()
    assert (more[opens - 1 :] > 0.0).all()
    assert not (plan["occupants"] - none["occupants"])[:opens].any()
    share, spring = rates.fill_rate[0, 0], study.posts.spring_share.value
    assert more[opens - 1] == pytest.approx(share * spring * 5.0)
    assert more[opens] == pytest.approx(share * (1.0 - spring) * 5.0)


def test_everybody_is_somewhere_while_they_wait_to_begin() -> None:
    study = with_others(small_study(4, regions=2, groups=2, changes=AUTUMN_STARTS))
    asked = Request(study, sample_of(study), {"plan": study.given_levels}, ensemble=True)
    flows = {
        name: values.astype(float).sum(axis=tuple(range(2, values.ndim)))
        for name, values in projected_block(0, 8, asked).ensemble.items()
    }
    draws = draw(study, asked.sample, 0, 8)
    direct = build_rates(study, draws).direct_entry.sum(axis=(2, 3)).reshape(8, -1, 2).sum(axis=2)
    stocks = sum(flows[name] for name in ("unplaced", "awaiting", "lis1", "training"))
    came = flows["newcomers"] + direct
    came += Figures(study, draws)["without_speciality.arrivals_per_year"][:, None]
    gone = flows["qualified"] + flows["others_joined"]
    assert np.diff(stocks, axis=1) == pytest.approx((came - gone)[:, 1:], abs=2e-4)
    start = study.queue.unplaced_at_start.value + study.training.trainees_at_start.value
    start += sum(study.lis1.appointed_before_start)
    assert stocks[:, 0] - start == pytest.approx((came - gone)[:, 0], abs=2e-4)


def test_the_file_tells_who_has_yet_to_begin_and_is_verified() -> None:
    study = with_others(small_study(2, regions=2, groups=2, changes=AUTUMN_STARTS))
    data = of_plans(study)
    for law in (all_doctors, people_appointed, people_waiting):
        assert list(law(Evidence(data))) == []
    spoiled = data.assign(awaiting_mean=data["awaiting_mean"] + 1.0)
    assert list(all_doctors(Evidence(spoiled)))
    assert list(people_appointed(Evidence(data.assign(level=data["level"].shift(time=1)))))
    assert "awaiting_mean" not in of_plans(small_study(2))


def test_rounds_of_a_year_offer_its_autumn_and_the_next_spring() -> None:
    study = small_study(2, changes=AUTUMN_STARTS)
    spring = study.posts.spring_share.value
    offered = offered_in_rounds(study, np.array([[10.0, 20.0, 40.0]]))
    assert offered[0] == pytest.approx([10.0 + spring * 10.0, 20.0 + spring * 20.0, 40.0])
    level = np.array([[10.0, 20.0]])
    assert offered_in_rounds(small_study(2), level) is level


def test_without_the_key_appointed_begin_at_once() -> None:
    plain = load_study("tutorial")
    assert plain.lis1.half_years_to_start == 0
    assert rates_of(plain).starting.shape == (0, len(plain.regions))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"lis1.half_years_to_start": 2}, "half_years_to_start"),
        ({"lis1.half_years_to_start": 1}, "3 values for 3 stages .* and 1 for those who have yet"),
    ],
)
def test_rounds_before_the_start_must_be_as_many(changes: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        changed(small_study(1), changes)
