"""Changes: what measures move in the flow, by hand, by the naive model, and on the same futures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lis1plan.core.flow.rates import build_rates
from lis1plan.core.kernels import cohorts
from lis1plan.core.scenarios.draws import Figures, draw, drawn_values, keys_drawn
from lis1plan.core.scenarios.sampling import Sample
from lis1plan.core.study.study import Study

from ...helpers import naive
from ...helpers.rates_of import close, expected, projected
from ...helpers.small_study import between, changed, naive_scenarios, small_study
from ..study.test_measures import effect, measure, study_with

SAMPLE = Sample("monte_carlo", 5, 6)
FLOWS = (
    "applicants.norway.net_per_year",
    "direct_entry.per_year_after",
    "specialists.foreign_per_year",
)


def rates_of(study: Study) -> cohorts.Rates:
    return build_rates(study, draw(study, SAMPLE, 0, SAMPLE.scenarios))


def brought(key: str, amount: Any = 2.0, **said: Any) -> Study:
    known = {"most": 10.0, "use": 10.0, "first_year": 2021, "delay_years": 2, "years_to_full": 2}
    return study_with(m=measure(effect("arrivals", key, amount), **(known | said)))


@pytest.mark.parametrize("key", FLOWS)
def test_persons_come_to_the_flow_they_are_added_to_from_their_year_on(key: str) -> None:
    """10 units of 2 persons: half of them from 2023, all from 2024 on; nothing else moves.

    Applicants come from the autumn round on: the spring round has those of the year before.
    """
    before, after = rates_of(small_study(3, groups=2)), rates_of(brought(key).in_force)
    yearly = np.array([0.0] * 5 + [10.0] + [20.0] * 7)
    name = {"applicants": "newcomers", "direct_entry": "direct_entry", "specialists": "foreign"}
    moved = name[key.partition(".")[0]]
    for field in cohorts.Rates._fields:
        old, new = (np.asarray(getattr(each, field)) for each in (before, after))
        if field != moved:
            assert np.array_equal(old, new), field
    more = (getattr(after, moved) - getattr(before, moved)).reshape(6, 26, -1).sum(axis=2)
    spring, autumn = 0.5 * yearly, 0.5 * yearly
    if moved == "newcomers":
        share = small_study(3, groups=2).applicants["norway"].spring_share.value
        spring = share * np.concatenate([[0.0], yearly[:-1]])
        autumn = (1.0 - share) * yearly
    assert np.allclose(more[:, ::2], spring, atol=1e-9)
    assert np.allclose(more[:, 1::2], autumn, atol=1e-9)


@pytest.mark.parametrize("key", FLOWS)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_naive_model_agrees_under_measures(key: str, seed: int) -> None:
    rates = effect("factor", "lis1.leave", between(0.3, 0.9))
    later = effect("add", "specialists.retirement_shift_years", between(-0.4, 0.6))
    study = brought(key, between(0.5, 3.0)).model_dump()
    study["measure"]["rates"] = measure(rates, later, name="Rates", decision="on")
    found = Study.model_validate(study).in_force
    scenarios, _ = naive_scenarios(found, Sample("monte_carlo", seed, 2))
    built = build_rates(found, draw(found, Sample("monte_carlo", seed, 2), 0, 2))
    for i, one in enumerate(scenarios):
        record = naive.flow(one, found.given_levels.tolist())
        got = projected(cohorts, built, i, found.given_levels.tolist())
        wanted = expected(record, list(got))
        assert [name for name in got if not close(got[name], wanted[name])] == []


def test_a_rate_moves_as_it_is_drawn() -> None:
    moving = effect("factor", "lis1.leave", between(0.3, 0.9))
    study = study_with(m=measure(moving, most=1.0, use=0.5)).in_force
    draws = draw(study, SAMPLE, 0, 6)
    figures, amount = Figures(study, draws), draws.figures["change.m_lis1_leave.amount"]
    assert (np.diff(np.sort(amount)) > 0.0).all()
    by_hand = draws.figures["lis1.leave"] * (1.0 + 0.5 * (amount - 1.0))
    assert np.array_equal(figures["lis1.leave"], by_hand)


def test_all_other_draws_stay_what_they_were() -> None:
    """The amount is drawn by its own name: the same futures with and without the measure."""
    bare = small_study(3, groups=2)
    found = brought(FLOWS[0], between(0.5, 3.0)).in_force
    before, after = (drawn_values(draw(each, SAMPLE, 0, 6)) for each in (bare, found))
    assert after.keys() - before.keys() == {"change.m_applicants_norway_net_per_year.amount"}
    assert set(after) == set(keys_drawn(found)[0])
    for key, values in before.items():
        assert np.array_equal(values, after[key]), key


@pytest.mark.parametrize(
    "said",
    [
        effect("factor", "lis1.leave", 1.0),
        effect("add", "specialists.retirement_shift_years", 0.0),
        effect("arrivals", "specialists.foreign_per_year", 0.0),
    ],
)
def test_what_moves_nothing_changes_no_bit(said: dict[str, Any]) -> None:
    before = rates_of(small_study(3, groups=2))
    after = rates_of(study_with(m=measure(said, decision="on")).in_force)
    for field in cohorts.Rates._fields:
        assert np.array_equal(getattr(before, field), getattr(after, field)), field


def test_a_change_of_choice_leaves_who_is_in_training_at_the_start() -> None:
    more = effect("add", "groups.general_practice.choice", 0.05)
    before = rates_of(small_study(3, groups=2))
    after = rates_of(study_with(m=measure(more, decision="on")).in_force)
    assert np.array_equal(before.trainees, after.trainees)
    grown = after.group_share - before.group_share
    assert np.allclose(grown, [-0.05, 0.05], atol=1e-12)


def test_study_places_act_no_earlier_than_six_years_later() -> None:
    """Graduates come after six years, specialists after LIS1 and LIS2/3 on top: y + 13 at best."""
    from lis1plan.configs.loader import load_study

    written = load_study("norway-2019")
    bare = written.with_alone()
    sample = Sample("sobol", 1, 2)
    found = written.with_alone("study_places_uio")
    first = written.measure["study_places_uio"].first_year
    plan = found.given_levels + 300.0  # so many posts that newcomers are who is lacking
    supply = []
    for study in (bare, found):
        rates = build_rates(study, draw(study, sample, 0, 2))
        groups, regions, ages = rates.specialists.shape
        flow = cohorts.new_flow(2 * len(study.years), 3, groups, regions, ages)
        cohorts.project(rates, 0, plan, flow)
        supply.append(flow.supply.sum(axis=(1, 2)))
    more = supply[1] - supply[0]
    years = np.array(written.years)
    assert np.abs(more[years < first + 13]).max() == 0.0
    assert more[years >= first + 16].min() > 0.0


def test_changes_may_be_stated_without_measures() -> None:
    said = {
        "later": {
            "name": "Later",
            "key": "lis1.leave",
            "how": "factor",
            "amount": {"value": 0.5, "assumption": "x"},
        }
    }
    study = changed(small_study(3, groups=2), {"change": said})
    assert np.allclose(
        Figures(study, draw(study, SAMPLE, 0, 6))["lis1.leave"],
        0.5 * draw(study, SAMPLE, 0, 6).figures["lis1.leave"],
    )
