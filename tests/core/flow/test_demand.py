"""Demand: the published growth, the activity of a population, the training need of one group."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from lis1plan.core.flow.demand import (
    activity_growth,
    base_doctors,
    base_supply,
    build_demand,
    build_doctors_demand,
)
from lis1plan.core.flow.rates import fte_by_age, initial_specialists
from lis1plan.core.flow.regions import regional_key
from lis1plan.core.scenarios.draws import Draws, draw, sample_of
from lis1plan.core.scenarios.factors import factors
from lis1plan.core.scenarios.sampling import Sample
from lis1plan.core.study.study import Study

from ...helpers import naive_demand
from ...helpers.small_study import WHY, between, changed, fixed, small_study
from ...helpers.strategies import random_study

Floats = NDArray[np.float64]
COUNT = 400

QUIET = {
    "demand.noise_sd": fixed(0.0),
    "demand.normalisation_probability": fixed(0.0),
    "demand.growth_error": fixed(0.0),
    "demand.unmet": {},
    "correlation": (),
}
"""A study that grows by its alternatives alone."""


def drawn(study: Study) -> Draws:
    return draw(study, Sample("monte_carlo", 3, COUNT), 0, COUNT)


def quiet(regions: int = 2, groups: int = 2, **changes: Any) -> Study:
    return changed(small_study(5, regions=regions, groups=groups), QUIET | changes)


def nationally(demand: Floats) -> Floats:
    """[n, year, group] of [n, year, group, region]."""
    return np.asarray(demand.sum(axis=3))


# --- published growth -----------------------------------------------------------------------


def test_demand_grows_by_the_alternative_drawn() -> None:
    """Doctors a year times the share who must be specialists, spread like the supply."""
    study = quiet()
    draws = drawn(study)
    demand, base = build_demand(study, draws), base_supply(study)
    assert set(draws.alternative) == {0, 1, 2}
    for i in range(0, COUNT, 20):
        alternative = study.demand.alternatives[draws.alternative[i]]
        share = draws.figures["demand.specialist_share"][i]
        for y in range(len(study.years)):
            grown = base + (y + 1) * alternative.doctors_per_year * share * base / base.sum()
            assert nationally(demand)[i, y].tolist() == pytest.approx(grown.tolist(), rel=1e-9)
    assert demand == pytest.approx(
        nationally(demand)[..., None] * regional_key(study.regions, study.posts_at_start)
    )


def test_vacancies_stand_at_the_start_and_stay() -> None:
    """Missing doctors enter with the share of them that must be specialists."""
    unmet = {
        "hospital": {"missing": fixed(30.0), "counts": "specialists"},
        "general_practice": {"missing": fixed(20.0), "counts": "doctors"},
    }
    plain, short = quiet(), quiet(**{"demand.unmet": unmet})
    added = nationally(build_demand(short, drawn(short)) - build_demand(plain, drawn(plain)))
    share = drawn(plain).figures["demand.specialist_share"]
    names = list(plain.groups)
    assert added[:, :, names.index("hospital")] == pytest.approx(30.0)
    missing = added[:, :, names.index("general_practice")]
    assert missing == pytest.approx(np.tile(20.0 * share[:, None], (1, len(plain.years))))


def test_working_hours_are_normalised_until_the_year_given() -> None:
    both = {
        "demand.normalisation_probability": fixed(0.5),
        "demand.normalisation_per_year": fixed(12.0),
    }
    normal = quiet(**both)
    draws = drawn(normal)
    plain = draws._replace(normalised=np.zeros(COUNT, dtype=np.bool_))
    added = build_demand(normal, draws) - build_demand(normal, plain)
    share = draws.figures["demand.specialist_share"]
    steps = np.minimum(np.array(normal.years), normal.demand.normalisation_until) - 2017
    wanted = np.where(draws.normalised, 12.0 * share, 0.0)[:, None] * steps
    assert nationally(added).sum(axis=2) == pytest.approx(wanted, abs=1e-8)
    assert 0.4 < draws.normalised.mean() < 0.6


def test_demand_is_never_negative() -> None:
    study = quiet(**{"demand.noise_sd": fixed(1e6)})
    demand = build_demand(study, drawn(study))
    assert demand.min() == 0.0
    assert np.isfinite(demand).all()


# --- growth by group ------------------------------------------------------------------------


def by_group(study: Study, practice: float = 0.9, **more: Any) -> dict[str, Any]:
    """A table that gives general practice a share of its own of every alternative."""
    parts = {"general_practice": practice, "hospital": 1.0 - practice}
    rows = tuple(
        {
            "alternative": row.id,
            "group": group,
            "doctors_per_year": part * row.doctors_per_year,
            "assumption": WHY,
        }
        for row in study.demand.alternatives
        for group, part in parts.items()
    )
    return {"demand.by_group": {"growth": rows, "used": True, **more}}


def test_growth_by_group_follows_its_table_whatever_the_supply() -> None:
    study = quiet(**by_group(quiet(), practice=0.9))
    draws = drawn(study)
    grown = nationally(build_demand(study, draws)) - base_supply(study)
    total = np.array([row.doctors_per_year for row in study.demand.alternatives])[draws.alternative]
    counted = total * draws.figures["demand.specialist_share"]
    steps = np.arange(1.0, len(study.years) + 1.0)
    for name, part in (("general_practice", 0.9), ("hospital", 0.1)):
        wanted = part * counted[:, None] * steps
        assert grown[:, :, list(study.groups).index(name)] == pytest.approx(wanted)


def test_growth_by_group_adds_up_to_the_alternative() -> None:
    """Where groups follow the one share, a table moves demand between them and adds none."""
    for seed in range(20):
        split = random_study(seed, regions=2, groups=3, extras=["by_group"], scenarios=30)
        assert split.demand.by_group is not None
        table = split.demand.by_group.model_copy(update={"specialist_share": {}})
        split = split.model_copy(
            update={"demand": split.demand.model_copy(update={"by_group": table})}
        )
        draws = draw(split, sample_of(split), 0, 30)
        plain = changed(split, {"demand.by_group": None})
        for build in (build_demand, build_doctors_demand):
            one, other = (nationally(build(each, draws)) for each in (split, plain))
            above = (build(split, draws).min(axis=(2, 3)) > 0) & (
                build(plain, draws).min((2, 3)) > 0
            )
            assert above.any()
            assert one.sum(axis=2)[above] == pytest.approx(other.sum(axis=2)[above])


def test_a_table_that_is_not_used_changes_no_bit_and_is_no_factor() -> None:
    share = {"general_practice": between(0.5, 0.8)}
    told = quiet(**by_group(quiet(), used=False, specialist_share=share))
    plain, draws = quiet(), drawn(told)
    assert np.array_equal(build_demand(told, draws), build_demand(plain, draws))
    assert np.array_equal(build_demand(plain, drawn(plain)), build_demand(plain, draws))
    used = quiet(**by_group(quiet(), specialist_share=share))
    key = "demand.by_group.specialist_share.general_practice"
    assert [key in [each.key for each in factors(one)] for one in (told, used)] == [False, True]


def test_a_share_of_a_group_touches_its_growth_alone() -> None:
    """Not what is missing at the start, nor noise and working hours."""
    noisy = {"demand.noise_sd": fixed(9.0), "demand.normalisation_probability": fixed(0.5)}
    unmet = {"general_practice": {"missing": fixed(20.0), "counts": "doctors"}}
    share = {"general_practice": between(0.6, 0.9)}
    changes = {**noisy, "demand.unmet": unmet}
    own = quiet(**changes, **by_group(quiet(), specialist_share=share))
    same = quiet(**changes, **by_group(quiet()))
    draws = drawn(own)
    k = list(own.groups).index("general_practice")
    more = draws.figures["demand.by_group.specialist_share.general_practice"]
    more = more - draws.figures["demand.specialist_share"]
    total = np.array([row.doctors_per_year for row in own.demand.alternatives])[draws.alternative]
    added = nationally(build_demand(own, draws) - build_demand(same, draws))
    steps = np.arange(1.0, len(own.years) + 1.0)
    assert added[:, :, k] == pytest.approx((0.9 * total * more)[:, None] * steps, abs=1e-8)
    assert added[:, :, 1 - k] == pytest.approx(0.0, abs=1e-8)


def test_growth_that_holds_normal_hours_gets_none_on_top() -> None:
    both = {
        "demand.normalisation_probability": fixed(1.0),
        "demand.normalisation_per_year": fixed(12.0),
    }
    plain = quiet(**both)
    rows = tuple(
        row.model_copy(update={"hours_on_top": row.id != "path_1"})
        for row in plain.demand.alternatives
    )
    held = plain.model_copy(
        update={"demand": plain.demand.model_copy(update={"alternatives": rows})}
    )
    draws = drawn(plain)
    one, other = (build_demand(each, draws) for each in (held, plain))
    none = build_demand(plain, draws._replace(normalised=np.zeros(COUNT, dtype=np.bool_)))
    spared = draws.alternative == 1
    assert np.array_equal(one[spared], none[spared])
    assert np.array_equal(one[~spared], other[~spared])
    assert not np.isclose(other[spared], none[spared]).any()


@pytest.mark.parametrize("seed", range(12))
def test_demand_is_the_naive_models(seed: int) -> None:
    """With and without a table by group, its own shares, unmet need, noise and normal hours."""
    extras = ["by_group"] if seed % 3 else []
    study = random_study(
        seed, regions=1 + seed % 3, groups=1 + seed % 4, extras=extras, scenarios=6
    )
    draws = draw(study, sample_of(study), 0, 6)
    found = build_demand(study, draws)
    for i in range(6):
        assert found[i] == pytest.approx(np.array(naive_demand.demand(one(study, draws, i))))


def one(study: Study, draws: Draws, i: int) -> naive_demand.Scenario:
    """What the naive model is told of scenario i."""
    demand, table = study.demand, study.demand.by_group
    drew = {key: float(values[i]) for key, values in draws.figures.items()}
    known = {key: each.central for key, each in study.quantities.items()} | drew
    share, base = known["demand.specialist_share"], base_supply(study)
    start = dict(zip(study.groups, base.tolist(), strict=True))
    for group, unmet in demand.unmet.items():
        part = share if unmet.counts == "doctors" else 1.0
        start[group] += part * known[f"demand.unmet.{group}.missing"]
    own = {} if table is None else table.specialist_share
    until = [year <= demand.normalisation_until for year in study.years]
    return naive_demand.Scenario(
        start=start,
        part=dict(zip(study.groups, (base / base.sum()).tolist(), strict=True)),
        key=regional_key(study.regions, study.posts_at_start).tolist(),
        alternative=demand.alternatives[draws.alternative[i]].model_dump(),
        growth_error=known["demand.growth_error"],
        noise=draws.noise[i].tolist(),
        normalised=bool(draws.normalised[i]),
        normal_hours=known["demand.normalisation_per_year"],
        until=sum(until),
        share=share,
        own_share={group: known[f"demand.by_group.specialist_share.{group}"] for group in own},
        by_group=None
        if table is None
        else {(row.alternative, row.group): row.doctors_per_year for row in table.growth},
    )


# --- training need of a group ---------------------------------------------------------------


NEED = {
    "general_practice": {
        "models": (
            {"id": "low", "name": "Low", "per_year": 10.0, "weight": 1.0, "assumption": WHY},
            {"id": "never", "name": "Never", "per_year": 99.0, "weight": 0.0, "assumption": WHY},
            {"id": "high", "name": "High", "per_year": 16.0, "weight": 3.0, "assumption": WHY},
        ),
        "used": True,
        "replaced_per_year": between(6.0, 8.0),
    }
}


def test_a_group_grows_by_its_need_beyond_replacement() -> None:
    study, without = quiet(**{"demand.need": NEED}), quiet(**{"demand.need": {}})
    draws = drawn(study)
    group = list(study.groups).index("general_practice")
    asked = np.array([10.0, 99.0, 16.0])[draws.need["general_practice"]]
    growth = asked - draws.figures["demand.need.general_practice.replaced_per_year"]
    found = nationally(build_demand(study, draws))[:, :, group]
    steps = np.arange(1, len(study.years) + 1)
    assert found == pytest.approx(base_supply(study)[group] + growth[:, None] * steps)
    shares = np.bincount(draws.need["general_practice"], minlength=3) / COUNT
    assert shares == pytest.approx([0.25, 0.0, 0.75], abs=0.08)
    other = 1 - group  # the other group grows by its part of the alternative, as without models
    plain = drawn(without)._replace(
        alternative=draws.alternative, figures=draws.figures, normalised=draws.normalised
    )
    before = nationally(build_demand(without, plain))[:, :, other]
    assert nationally(build_demand(study, draws))[:, :, other] == pytest.approx(before)


def test_unused_need_models_change_no_demand() -> None:
    unused = copy.deepcopy(NEED)
    unused["general_practice"]["used"] = False
    study = quiet(**{"demand.need": unused})
    draws, without = drawn(study), quiet(**{"demand.need": {}})
    assert np.array_equal(build_demand(study, draws), build_demand(without, draws))


# --- activity -------------------------------------------------------------------------------


def tables(study: Study, persons: dict[tuple[str, str, int], float]) -> dict[str, Any]:
    """Activity tables: (region, band, year) -> persons; both groups use, each in its own way."""
    use = {
        ("hospital", "young"): 1.0,
        ("hospital", "old"): 4.0,
        ("general_practice", "young"): 0.0,
        ("general_practice", "old"): 0.5,
    }
    return {
        "use": tuple(
            {"group": g, "ages": b, "fte_per_1000": n, "assumption": WHY}
            for (g, b), n in use.items()
        ),
        "population": tuple(
            {"region": r, "ages": b, "year": y, "persons": n, "assumption": WHY}
            for (r, b, y), n in persons.items()
        ),
    }


def following_activity(study: Study, persons: dict[tuple[str, str, int], float]) -> Study:
    """Every alternative follows activity."""
    data = study.model_dump()
    for alternative in data["demand"]["alternatives"]:
        alternative["method"] = "activity"
    data["demand"]["activity"] = tables(study, persons)
    return Study.model_validate(data)


def people(study: Study) -> dict[tuple[str, str, int], float]:
    """The first region ages, the second stands still; a table every so many years."""
    first, second = study.regions
    return {
        (first, "young", 2017): 1000.0,
        (first, "young", 2030): 870.0,
        (first, "old", 2017): 200.0,
        (first, "old", 2021): 240.0,
        (first, "old", 2031): 540.0,
        (second, "young", 2010): 3000.0,
        (second, "young", 2040): 3000.0,
        (second, "old", 2017): 500.0,
        (second, "old", 2030): 500.0,
    }


def test_activity_is_use_times_population_by_region() -> None:
    study = quiet()
    study = following_activity(study, people(study))
    assert study.demand.activity is not None
    growth = activity_growth(study, study.demand.activity)
    assert growth[:, :, 1] == pytest.approx(0.0)
    hospital, practice = (
        list(study.groups).index(name) for name in ("hospital", "general_practice")
    )
    for y, year in enumerate(study.years):
        young = 1000.0 - 10.0 * (year - 2017)  # 870 in 2030
        old = 200.0 + 10.0 * (year - 2017) if year <= 2021 else 240.0 + 30.0 * (year - 2021)
        used = (1.0 * young + 4.0 * old) / (1000.0 + 4.0 * 200.0)
        assert growth[y, hospital, 0] == pytest.approx(used - 1.0)
        assert growth[y, practice, 0] == pytest.approx(old / 200.0 - 1.0)


def test_demand_follows_activity_region_by_region() -> None:
    study = following_activity(quiet(), people(quiet()))
    assert study.demand.activity is not None
    demand, key = (
        build_demand(study, drawn(study)),
        regional_key(study.regions, study.posts_at_start),
    )
    start = base_supply(study)[:, None] * key
    wanted = start * (1.0 + activity_growth(study, study.demand.activity))
    assert demand == pytest.approx(np.broadcast_to(wanted, demand.shape))
    noisy = changed(study, {"demand.growth_error": between(-0.4, 0.4)})
    draws = drawn(noisy)
    error = 1.0 + draws.figures["demand.growth_error"][:, None, None, None]
    assert build_demand(noisy, draws) - start == pytest.approx(error * (wanted - start), abs=1e-8)


def test_only_scenarios_that_drew_it_follow_activity() -> None:
    study = following_activity(quiet(), people(quiet()))
    data = study.model_dump()
    for n in (0, 2):
        data["demand"]["alternatives"][n]["method"] = "growth"
    mixed = Study.model_validate(data)
    draws, plain = drawn(mixed), quiet()
    by_activity = draws.alternative == 1
    found = build_demand(mixed, draws)
    assert np.array_equal(found[by_activity], build_demand(study, draws)[by_activity])
    assert np.array_equal(found[~by_activity], build_demand(plain, draws)[~by_activity])
    assert 0.2 < by_activity.mean() < 0.5


def test_a_group_with_need_models_does_not_follow_activity_too() -> None:
    study = quiet(**{"demand.need": NEED})
    active = following_activity(study, people(study))
    draws = drawn(study)
    group = list(study.groups).index("general_practice")
    one, other = (build_demand(each, draws)[:, :, group] for each in (study, active))
    assert np.array_equal(one, other)
    assert not np.array_equal(build_demand(study, draws), build_demand(active, draws))


def test_a_group_nobody_uses_does_not_grow() -> None:
    study = following_activity(quiet(), people(quiet()))
    data = study.model_dump()
    data["demand"]["activity"]["use"] = tuple(
        use if use["group"] == "hospital" else use | {"fte_per_1000": 0.0}
        for use in data["demand"]["activity"]["use"]
    )
    without = Study.model_validate(data)
    assert without.demand.activity is not None
    group = list(study.groups).index("general_practice")
    assert not activity_growth(without, without.demand.activity)[:, group].any()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {("nord", "old", 2031): None},
            "region 'nord', ages 'old': 2017 to 2021; must reach from 2017",
        ),
        ({("nord", "old", 2017): None}, "region 'nord', ages 'old': 2021 to 2031; must reach"),
        (
            {("nord", "young", 2017): None, ("nord", "young", 2030): None},
            "region 'nord', ages 'young': no row; must reach",
        ),
        ({("west", "old", 2017): 1.0}, "unknown label 'west'; known: midt, nord"),
    ],
)
def test_population_that_does_not_fit_is_one_clear_line(
    change: dict[tuple[str, str, int], float | None], said: str
) -> None:
    study = quiet()
    given = {key: n for key, n in (people(study) | change).items() if n is not None}
    with pytest.raises(ValidationError) as caught:
        following_activity(study, given)  # type: ignore[arg-type]
    (line,) = str(caught.value.errors()[0]["ctx"]["error"]).split("\n")  # type: ignore[typeddict-item]
    assert line.startswith("demand.activity.population")
    assert said in line


def test_activity_leaves_no_room_for_growth_by_group() -> None:
    study = quiet()
    split = changed(study, by_group(study))
    with pytest.raises(
        ValidationError, match="'path_2' follows activity, which tells groups apart"
    ):
        following_activity(split, people(study))


def test_activity_without_tables_is_one_clear_line() -> None:
    data = quiet().model_dump()
    data["demand"]["alternatives"][1]["method"] = "activity"
    with pytest.raises(ValidationError, match="'path_1' follows activity, but "):
        Study.model_validate(data)


def test_demand_starts_where_the_doctors_are() -> None:
    """With a stock by region nobody is short at first just because the key says otherwise."""
    study = small_study(7, regions=2)
    region, other = study.regions
    rows = [
        row.model_dump() | {"region": where, "persons": part * row.persons}
        for row in study.specialists.stock
        for where, part in ((region, 0.9), (other, 0.1))
    ]
    moved = changed(
        study, {"specialists.stock": tuple(rows), "demand.unmet": {}, "correlation": ()}
    )
    draws = draw(moved, sample_of(moved), 0, 5)
    demand = build_demand(moved, draws)
    supply = (initial_specialists(moved) * fte_by_age(moved)[:, None, :]).sum(axis=2)
    growth = demand - supply[None, None]
    key = regional_key(moved.regions, moved.posts_at_start)
    national = growth.sum(axis=3, keepdims=True)
    assert np.allclose(growth, national * key, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("trainees", [0.0, 300.0, 1e6])
def test_growth_of_doctors_counts_those_past_lis1_as_at_the_start(trainees: float) -> None:
    plain = changed(
        small_study(3, scenarios=30, changes={"demand.unmet": {}, "correlation": ()}),
        {"training.trainees_at_start": fixed(trainees)},
    )
    draws = drawn(plain)
    specialists, doctors = build_demand(plain, draws), build_doctors_demand(plain, draws)
    start = base_supply(plain).sum(), base_doctors(plain).sum()
    share = draws.figures["demand.specialist_share"]
    ratio = np.minimum(share * start[1] / start[0], 1.0) / share
    grown = [
        values.sum(axis=(2, 3)) - at
        for values, at in zip((specialists, doctors), start, strict=True)
    ]
    assert (grown[0] > 0.0).any()
    assert grown[1] == pytest.approx(ratio[:, None] * grown[0], rel=1e-9, abs=1e-6)
