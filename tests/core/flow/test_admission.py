"""LIS2/3 posts: the queue is the naive one, nobody is lost, and without limit nothing changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from lis1plan.core.compute.workers import Workers
from lis1plan.core.errors import InputError
from lis1plan.core.files.summary import told_of
from lis1plan.core.flow.intake import build_origins
from lis1plan.core.flow.others import build_others
from lis1plan.core.flow.projection import Request, project_plans, projected_block
from lis1plan.core.flow.rates import admission_of, all_levels, build_rates, training_exits
from lis1plan.core.kernels.admission_loops import ensemble_admitted
from lis1plan.core.scenarios.draws import Figures, draw, sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.posts import levels
from lis1plan.core.verify.conservation import all_doctors, people_waiting_for_training
from lis1plan.core.verify.evidence import Evidence, NotHeldError
from lis1plan.optimise.result.run import describe_plans

from ...helpers.limited_training import limited_study, naive_admission, with_posts
from ...helpers.naive import flow, without_speciality
from ...helpers.small_study import (
    AUTUMN_STARTS,
    WHY,
    between,
    changed,
    fixed,
    naive_scenarios,
    random_slots,
    small_study,
)
from .test_others import with_others

Floats = NDArray[np.float64]
WAITING = ("wanting", "waiting_training", "left_waiting", "vacant", "locums")
PLENTY = ({"year": 2018, "group": "hospital", "posts": 1e7, "assumption": WHY},)


def by_year(record: dict[str, Any], name: str) -> Floats:
    """A flow [year, group, region], from its half-years."""
    values = np.array(record[name])
    return np.asarray(values[::2] + values[1::2])


@pytest.mark.parametrize("seed", range(6))
def test_flow_is_the_naive_one(seed: int) -> None:
    study = limited_study(seed, regions=1 + seed % 3, groups=1 + seed % 2)
    study = with_others(changed(study, AUTUMN_STARTS if seed > 2 else {}))
    sample = sample_of(study)._replace(scenarios=3)
    draws = draw(study, sample, 0, 3)
    rates, figures = build_rates(study, draws), Figures(study, draws)
    admission, others = admission_of(study, figures), build_others(study, figures, rates)
    assert admission is not None
    assert others is not None
    level = levels(study, random_slots(study, seed))
    origins = build_origins(study, draws, rates)
    found, waiting, rest = ensemble_admitted(
        rates, origins, all_levels(study, level), admission, others
    )
    assert rest is not None
    short = 0
    for i, one in enumerate(naive_scenarios(study, sample)[0]):
        exits = float(training_exits(study, figures)[i])
        record = flow(one, level.tolist(), admission=naive_admission(study, draws, i, exits))
        left = by_year(record, "gave_up_waiting") + by_year(record, "left_work_waiting")
        for values, wanted in (
            (found.supply[i], record["supply"]),
            (found.training[i], record["training"]),
            (found.entered[i], by_year(record, "entry")),
            (waiting.wanting[i], by_year(record, "wanting")),
            (waiting.waiting_training[i], record["waiting_training"][1::2]),
            (waiting.left_waiting[i], left),
            (waiting.vacant[i], 0.5 * by_year(record, "vacant")),
        ):
            assert values == pytest.approx(np.array(wanted), abs=1e-9)
        short += int((waiting.waiting_training[i] > 0.1).any())
        known = {
            "stock": others.stock.tolist(),
            "share": others.share.tolist(),
            "entry_age": others.entry_age.tolist(),
            "arrivals": float(others.arrivals[i]),
            "survival": others.survival[i].tolist(),
            "exits": exits,
            "trainees": one["trainees"],
        }
        for name, counted in without_speciality(known, record).items():
            assert getattr(rest, name)[i] == pytest.approx(np.array(counted), abs=1e-9), name
    assert short > 0  # posts bind


def block(study: Study, level: Floats | None = None) -> Any:
    plans = {"plan": study.given_levels if level is None else level}
    return projected_block(0, 16, Request(study, sample_of(study), plans, ensemble=True))


@pytest.mark.parametrize("exits", ["none", "specialists"])
def test_posts_without_limit_change_nothing_by_a_bit(exits: str) -> None:
    until: dict[str, Any] = {"training.historic_until": 2018}
    study = with_others(small_study(3, changes=until | {"training.exits": exits}))
    plenty = with_posts(study, waiting=0.0, exits=exits, posts=PLENTY)
    one, other = block(study), block(plenty)
    assert np.array_equal(one.supply, other.supply)
    assert np.array_equal(one.counted, other.counted)
    for name, values in one.ensemble.items():
        assert np.array_equal(values, other.ensemble[name]), name
    assert sorted(set(other.ensemble) - set(one.ensemble)) == sorted(WAITING)


def test_a_scenario_is_the_same_alone() -> None:
    study = with_others(limited_study(3))
    asked = Request(study, sample_of(study), {"plan": study.given_levels}, ensemble=True)
    alone, among = projected_block(5, 1, asked).ensemble, block(study).ensemble
    for name, values in alone.items():
        assert np.array_equal(values[0], among[name][5]), name


def test_without_the_section_nobody_waits() -> None:
    study = small_study(3)
    assert "specialist_posts" not in study.canonical_text
    assert study.specialist_posts is None
    assert not set(WAITING) & set(block(study).ensemble)
    assert not training_exits(study, Figures(study, draw(study, sample_of(study), 0, 2))).any()


def test_those_who_wait_leave_work_like_specialists_unless_told() -> None:
    study = limited_study(1)
    draws = draw(study, sample_of(study), 0, 4)
    assert (training_exits(study, Figures(study, draws)) > 0.0).all()
    none = limited_study(1, exits="none")
    assert not training_exits(none, Figures(none, draws)).any()


@pytest.mark.thorough
def test_posts_are_never_overfull_and_none_is_vacant_while_doctors_wait() -> None:
    study = limited_study(5)
    found = block(study).ensemble
    posts = all_levels(study, study.given_levels)[2:].reshape(2, 2, -1)
    assert (found["training"] <= np.moveaxis(posts, -1, 0) + 1e-3).all()
    sample = draw(study, sample_of(study), 0, 1)
    record = flow(
        naive_scenarios(study, sample_of(study)._replace(scenarios=1))[0][0],
        study.given_levels.tolist(),
        admission=naive_admission(study, sample, 0, 0.0),
    )
    both = np.minimum(np.array(record["vacant"]), np.array(record["waiting_training"]))
    assert both.max() == 0.0


def test_if_all_are_educated_abroad_all_who_begin_are() -> None:
    study = limited_study(2)
    data = study.model_dump()
    for origin in data["applicants"].values():
        origin["abroad"] = True
    data["composition"] = {key: fixed(1.0) for key in data["composition"]}
    found = block(Study.model_validate(data)).ensemble
    assert found["waiting_training"].max() > 1.0
    assert found["abroad"] == pytest.approx(found["specialists"], rel=1e-6)


def test_fewer_are_abroad_than_in_all() -> None:
    found = block(limited_study(2)).ensemble
    assert (found["abroad"] < found["specialists"]).all()
    assert (found["abroad"] > 0.0).all()


def test_everybody_is_somewhere() -> None:
    study = with_others(limited_study(4, room=0.0, growth=0.0))
    study = changed(study, {"training.exits": "none"})
    rates = build_rates(study, draw(study, sample_of(study), 0, 16))
    flows = {
        name: values.astype(float).sum(axis=tuple(range(2, values.ndim)))
        for name, values in block(study).ensemble.items()
    }
    figures = Figures(study, draw(study, sample_of(study), 0, 16))
    direct = rates.direct_entry.sum(axis=(2, 3)).reshape(16, -1, 2).sum(axis=2)
    arrivals = figures["without_speciality.arrivals_per_year"][:, None]
    stocks = sum(flows[name] for name in ("unplaced", "lis1", "waiting_training", "training"))
    gone = flows["qualified"] + flows["others_joined"]
    came = flows["newcomers"] + direct + arrivals
    assert np.diff(stocks, axis=1) == pytest.approx((came - gone)[:, 1:], abs=2e-4)
    assert flows["waiting_training"].max() > 5.0


def of_plans(study: Study) -> Any:
    """What a projection writes of no new posts."""
    slots = {"none": np.zeros((len(study.regions), len(study.decision_years)))}
    plans = {"none": study.given_levels}
    projection = project_plans(Request(study, sample_of(study), plans), Workers(1))
    data = describe_plans(study, slots, told_of(projection))
    return data.assign_attrs(study_json=study.canonical_text)


def test_the_file_tells_who_waits_and_is_checked() -> None:
    data = of_plans(with_others(limited_study(1)))
    assert {f"{name}_group_mean" for name in WAITING} <= set(data)
    evidence = Evidence(data)
    assert list(people_waiting_for_training(evidence)) == []
    assert list(all_doctors(evidence)) == []
    spoiled = data.assign(waiting_training_mean=data["waiting_training_mean"] * 1.01)
    assert len(list(people_waiting_for_training(Evidence(spoiled)))) == 1
    assert len(list(all_doctors(Evidence(spoiled)))) == 1
    with pytest.raises(NotHeldError, match="does not limit LIS2/3"):
        list(people_waiting_for_training(Evidence(of_plans(small_study(1)))))


def test_more_posts_of_a_kind_let_more_begin_by_any_year() -> None:
    """Filling places at once maximises cumulative entries, and more places never lower them."""
    study = limited_study(6, room=0.0)
    level = all_levels(study, study.given_levels)
    more = level.copy()
    more[2:, 4:] += 7.0
    one, other = block(study, level).ensemble, block(study, more).ensemble
    grown = np.cumsum(other["entered"] - one["entered"], axis=1)
    assert (grown >= -1e-3).all()
    assert grown.max() > 3.0


def row(**given: Any) -> dict[str, Any]:
    return {"year": 2018, "group": "hospital", "posts": 900.0, "assumption": WHY} | given


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"posts": ()}, "posts: group 'hospital': no row for 2018, the first projected year"),
        ({"posts": (row(year=2019),)}, "group 'hospital': no row for 2018"),
        ({"posts": (row(region="nord"),)}, "group 'hospital', region 'midt': no row for 2018"),
        ({"posts": (row(region="nord"), row())}, "rows with and without a region"),
        ({"posts": (row(group="eyes"),)}, "specialist_posts.posts.0: unknown label 'eyes'"),
        ({"posts": (row(), row())}, "specialist_posts.posts.1: two rows for group 'hospital'"),
        ({"posts": (row(), row(year=2031))}, "a row for 2031; the projection ends in 2030"),
        (
            {"posts": (row(), row(year=2022, posts=899.0))},
            "posts fall from 900 to 899 in 2022; they must not fall",
        ),
        ({"giving_up_per_year": between(0.0, 0.5)}, "giving_up_per_year: up to 0.5; with those"),
        ({"giving_up_per_year": fixed(1.0)}, "must lie below 1"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError, match=expected):
        with_posts(small_study(1), **given)


def test_stock_of_trainees_is_not_limited_twice() -> None:
    trainees = {"all": {"name": "A", "regions": ("nord",), "most": 9.0, "assumption": WHY}}
    study = limited_study(1).model_dump()
    study["limits"]["trainees"] = trainees
    with pytest.raises(ValidationError, match=r"limits\.trainees: cannot stand beside"):
        Study.model_validate(study)


def test_who_begins_in_the_projection_follows_the_present_share() -> None:
    with pytest.raises(
        ValidationError, match=r"historic_until: 2019; with \[specialist_posts\] at"
    ):
        changed(limited_study(1), {"training.historic_until": 2019})


def test_each_doctor_in_training_at_the_start_holds_a_post() -> None:
    study = limited_study(1, room=-0.01)
    with pytest.raises(InputError, match=r"group 'hospital', region 'nord': \S+ posts at the st"):
        block(study)
