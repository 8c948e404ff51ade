"""Doctors without a speciality: nobody who stops training vanishes, and without them no trace."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from pydantic import ValidationError

from lis1plan.core.compute.workers import Workers
from lis1plan.core.files.summary import told_of
from lis1plan.core.flow.intake import build_origins
from lis1plan.core.flow.others import POPULATIONS, build_others, counted_at_start
from lis1plan.core.flow.projection import Request, project_plans, projected_block
from lis1plan.core.flow.rates import build_rates
from lis1plan.core.kernels.loops import ensemble_with_others
from lis1plan.core.scenarios.draws import Figures, draw, sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.posts import levels
from lis1plan.core.verify.conservation import all_doctors
from lis1plan.core.verify.evidence import Evidence, NotHeldError
from lis1plan.optimise.result.run import describe_plans
from lis1plan.report.blocks import Details, Paragraph, Table
from lis1plan.report.reading import Reading
from lis1plan.report.sections.doctors import doctors, told
from lis1plan.report.texts.words import LANGUAGES, Words

from ...helpers.naive import flow, without_speciality
from ...helpers.small_study import WHY, between, fixed, naive_scenarios, random_slots, small_study

Floats = NDArray[np.float64]


def section(**given: Any) -> dict[str, Any]:
    rows = [("45-47", 30.0), ("50", 20.0), ("55-58", 12.0)]
    return {
        "stock": tuple({"age": age, "persons": n, "assumption": WHY} for age, n in rows),
        "arrivals_per_year": between(0.0, 9.0),
        "entry_age_mean": fixed(47.0),
        "entry_age_sd": fixed(1.5),
        "leaves_like": "hospital",
        "fte_per_head": fixed(0.9),
    } | given


def with_others(study: Study, **given: Any) -> Study:
    return Study.model_validate(study.model_dump() | {"without_speciality": section(**given)})


@pytest.mark.parametrize("seed", range(5))
def test_doctors_without_a_speciality_are_the_naive_ones(seed: int) -> None:
    study = with_others(small_study(seed, regions=1 + seed % 3, groups=1 + seed % 2))
    naive_others(study, seed)


def naive_others(study: Study, seed: int) -> None:
    """Compare those of a study and a plan with the naive ones."""
    sample = sample_of(study)._replace(scenarios=3)
    draws = draw(study, sample, 0, 3)
    rates = build_rates(study, draws)
    others = build_others(study, Figures(study, draws), rates)
    assert others is not None
    level = levels(study, random_slots(study, seed))
    _, rest = ensemble_with_others(rates, build_origins(study, draws, rates), level, others)
    nested, _ = naive_scenarios(study, sample)
    for i, one in enumerate(nested):
        known = {
            "stock": others.stock.tolist(),
            "share": others.share.tolist(),
            "entry_age": others.entry_age.tolist(),
            "arrivals": float(others.arrivals[i]),
            "survival": others.survival[i].tolist(),
            "exits": float(others.exits[i]),
            "trainees": one["trainees"],
        }
        wanted = without_speciality(known, flow(one, level.tolist()))
        for name, values in rest._asdict().items():
            assert values[i] == pytest.approx(np.array(wanted[name]), abs=1e-9), name


def test_everybody_is_somewhere() -> None:
    """Who came is waiting, in LIS1, in LIS2/3, qualified, or without a speciality: to 1e-9."""
    study = with_others(small_study(4, regions=2, groups=2))
    asked = Request(study, sample_of(study), {"plan": study.given_levels}, ensemble=True)
    found = projected_block(0, 8, asked)
    draws = draw(study, asked.sample, 0, 8)
    rates = build_rates(study, draws)
    flows = {name: values.astype(float) for name, values in found.ensemble.items()}

    def national(name: str) -> Floats:
        return flows[name].sum(axis=tuple(range(2, flows[name].ndim)))

    stocks = [national(name) for name in ("unplaced", "lis1", "training")]
    change = np.diff(sum(stocks), axis=1)
    direct = rates.direct_entry.sum(axis=(2, 3)).reshape(8, -1, 2).sum(axis=2)
    came = national("newcomers") + direct
    came += Figures(study, draws)["without_speciality.arrivals_per_year"][:, None]
    gone = national("qualified") + national("others_joined")
    assert change == pytest.approx((came - gone)[:, 1:], abs=2e-4)  # kept in single precision
    assert (national("others_left") > 0).all()


def of_plans(study: Study) -> xr.Dataset:
    """What a projection writes of a plan and of no new posts."""
    slots = {"plan": random_slots(study, 1), "none": np.zeros_like(random_slots(study, 1))}
    by_level = {name: levels(study, each) for name, each in slots.items()}
    projection = project_plans(Request(study, sample_of(study), by_level), Workers(1))
    data = describe_plans(study, slots, told_of(projection))
    return data.assign_attrs(study_json=study.canonical_text)


def test_counts_add_up_and_the_file_says_so() -> None:
    study = with_others(small_study(2, regions=2, groups=2))
    data = of_plans(study)
    assert list(data["population_id"].values) == list(POPULATIONS)
    assert list(all_doctors(Evidence(data))) == []
    low, mean, high = (data[f"counted_{part}"].values for part in ("low", "mean", "high"))
    assert (low < mean).all()
    assert (mean < high).all()
    spoiled = data.assign(others_mean=data["others_mean"] * 1.01)
    assert len(list(all_doctors(Evidence(spoiled)))) == 2
    with pytest.raises(KeyError, match="counted_mean"):
        list(all_doctors(Evidence(data.drop_vars("counted_mean"))))
    with pytest.raises(NotHeldError, match="does not count all doctors"):
        list(all_doctors(Evidence(of_plans(small_study(2)))))


def test_the_start_is_the_sum_of_its_parts() -> None:
    study = with_others(small_study(2, regions=2))
    assert study.without_speciality is not None
    lis1, training, specialists, others, whole, waiting = counted_at_start(
        study, study.without_speciality
    )
    assert others == pytest.approx(62.0)
    assert whole == pytest.approx(lis1 + training + specialists + others)
    assert waiting == pytest.approx(whole + study.queue.unplaced_at_start.value)
    assert specialists == pytest.approx(sum(row.persons for row in study.specialists.stock))


def test_counting_them_changes_nothing_else() -> None:
    study = small_study(3, regions=2, groups=2)
    more = with_others(study)
    plans = {"plan": study.given_levels}
    blocks = [
        projected_block(0, 16, Request(each, sample_of(each), plans, ensemble=True))
        for each in (study, more)
    ]
    one, other = blocks
    assert np.array_equal(one.supply, other.supply)
    assert np.array_equal(one.demand, other.demand)
    for name, values in one.ensemble.items():
        assert np.array_equal(values, other.ensemble[name]), name
    assert sorted(set(other.ensemble) - set(one.ensemble)) == [
        "others",
        "others_fte",
        "others_joined",
        "others_left",
    ]
    assert one.counted.shape[-1] == 0


def test_stock_of_a_region_stands_there() -> None:
    study = small_study(1, regions=2)
    rows = tuple({"age": 50, "region": "midt", "persons": 7.0, "assumption": WHY} for _ in "a")
    draws = draw(study, sample_of(study), 0, 1)
    placed = with_others(study, stock=rows)
    others = build_others(placed, Figures(placed, draws), build_rates(study, draws))
    assert others is not None
    assert others.stock.sum(axis=1).tolist() == [0.0, 7.0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_tells_all_doctors_folded_away(language: str) -> None:
    study = with_others(small_study(2, regions=2))
    reading, words = Reading(of_plans(study)), Words(language)
    assert told(reading)
    lead, folded = doctors(reading, words)
    assert isinstance(lead, Paragraph)
    assert isinstance(folded, Details)
    (table,) = folded.blocks
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == [str(year) for year in (2017, *study.years)]
    start, end = table.rows[0][5], table.rows[-1][5]
    assert start in lead.text
    assert end.partition(" ")[0] in lead.text
    low, high = (
        words.number(reading.at(f"counted_{part}", time=-1, plan=0, population=4))
        for part in ("low", "high")
    )
    assert end.endswith(f"({low}\u2060–\u2060{high})")
    assert not told(Reading(of_plans(small_study(2, regions=2))))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"leaves_like": "nobody"}, "without_speciality.leaves_like: unknown label 'nobody'"),
        (
            {"stock": ({"age": "57-59", "persons": 1.0, "assumption": WHY},)},
            "without_speciality.stock.0: age 57-59; must not lie above 58",
        ),
        (
            {"stock": ({"age": 50, "region": "west", "persons": 1.0, "assumption": WHY},)},
            "without_speciality.stock.0: unknown label 'west'",
        ),
        ({"entry_age_mean": fixed(20.0)}, "without_speciality.entry_age_mean: 20; must lie with"),
    ],
)
def test_what_no_doctor_can_be_is_refused(given: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError, match=expected):
        with_others(small_study(1), **given)
