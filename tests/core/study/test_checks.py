"""Checks across a study: what does not fit is one line: key, what was found, what may be."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from lis1plan.core.files.labels import PLAN_NAMES
from lis1plan.core.study.settings import NO_POSTS, OWN_PLANS
from lis1plan.core.study.specialists import RetirementRow, age_or_band
from lis1plan.core.study.study import Study

from ...helpers.small_study import WHY, Data, between, fixed, small_study


@pytest.fixture
def data() -> Data:
    study = small_study(1, groups=2).model_dump()
    study["correlation"] = ()
    return study


def problems(data: Data) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        Study.model_validate(data)
    (error,) = caught.value.errors()
    context: Any = error.get("ctx", {})
    return str(context.get("error", error["msg"])).split("\n")


def put(data: Data, key: str, value: Any) -> Data:
    """The content with one dotted key changed; rows of tables by their index."""
    *parents, last = key.split(".")
    place: Any = data
    for parent in parents:
        if isinstance(place, tuple):
            place = place[int(parent)]
        else:
            if isinstance(place[parent], tuple):
                place[parent] = tuple(
                    dict(row) if isinstance(row, dict) else row for row in place[parent]
                )
            place = place[parent]
    place[last] = value
    return data


def history(year: int = 2018, region: str = "nord") -> Data:
    return {"year": year, "region": region, "posts": 50, "assumption": WHY}


def model(name: str = "a", weight: float = 1.0) -> Data:
    return {"id": name, "name": name, "per_year": 9.0, "weight": weight, "assumption": WHY}


def weight(alternative: str) -> Data:
    return {"table": "even", "alternative": alternative, "weight": 1.0, "assumption": WHY}


def need(**given: Any) -> Data:
    return {"models": (model(),), "used": True, "replaced_per_year": fixed(5.0)} | given


ALTERNATIVES = {
    row.id: row.doctors_per_year for row in small_study(1, groups=2).demand.alternatives
}


HALF = 0.5 * ALTERNATIVES["path_2"]


def growth(alternative: str, group: str, doctors: float = 1.0) -> Data:
    row: Data = {"alternative": alternative, "group": group, "doctors_per_year": doctors}
    return row | {"assumption": WHY}


def by_group(*more: Data, dropped: int = -1, **given: Any) -> Data:
    """A table that fits but for one row dropped and `more` rows."""
    rows = [
        growth(name, group, 0.5 * doctors)
        for name, doctors in ALTERNATIVES.items()
        for group in ("hospital", "general_practice")
    ]
    kept = tuple(row for n, row in enumerate(rows) if n != dropped)
    return {"growth": (*kept, *more), "used": True} | given


def stock(age: int | str, region: str | None = None, group: str = "hospital") -> Data:
    return {"group": group, "age": age, "region": region, "persons": 1.0, "assumption": WHY}


def plan(*years: int) -> Data:
    slots = {str(year): 5 for year in years}
    return {"name": "x", "slots_per_year": slots, "within_capacity": False, "assumption": WHY}


BOTH = (stock(45), stock("46-58", group="general_practice"), stock("50-58"))

LINES: list[tuple[dict[str, Any], str]] = [
    ({"posts.history": (history(2020),)}, "posts.history.0: a row for 2020; history is from 2018"),
    ({"posts.history": (history(), history(region="west"))}, "posts.history.1: unknown label 'wes"),
    ({"posts.history": (history(), history())}, "posts.history.1: two rows for region 'nord', yea"),
    ({"lis1.late_withdrawal": {"clinic": fixed(0.1)}}, "lis1.late_withdrawal: unknown label 'clin"),
    ({"lis1.late_withdrawal": {"hospital": between(0.5, 1.5)}}, "lis1.late_withdrawal.hospital: r"),
    ({"applicants.norway.added_from": {"soon": 1.0}}, "applicants.norway.added_from: key 'soon';"),
    ({"applicants.norway.added_from": {"²": 1.0}}, "applicants.norway.added_from: key '²'; keys a"),
    ({"applicants.norway.added_from": {"2020": -1e6}}, "applicants.norway.added_from: takes 1e+06"),
    ({"applicants.norway.propensity": between(0.0, 1.0)}, "applicants.norway.propensity: can be 0"),
    ({"composition.lis1_abroad": fixed(1.2)}, "composition.lis1_abroad: is 1.2; must lie within"),
    ({"demand.need": {"surgery": need()}}, "demand.need: unknown label 'surgery'; known: general_"),
    ({"demand.need": {"hospital": need(models=(model(weight=0.0),))}}, "demand.need.hospital.mode"),
    ({"demand.need": {"hospital": need(models=(model(), model()))}}, "demand.need.hospital.models"),
    (
        {"demand.by_group": by_group(growth("path_9", "hospital"))},
        "demand.by_group.growth.6: unknown label 'path_9'; known: path_0",
    ),
    (
        {"demand.by_group": by_group(growth("path_0", "surgery", 0.0))},
        "demand.by_group.growth.6: unknown label 'surgery'; known: general_",
    ),
    (
        {"demand.by_group": by_group(growth("path_2", "general_practice", HALF))},
        "demand.by_group.growth.6: two rows for alternative 'path_2', group 'general_practice'",
    ),
    (
        {"demand.by_group": by_group(dropped=5)},
        "demand.by_group.growth: 'path_2': no row for general_practice; give one for every group",
    ),
    (
        {"demand.by_group": by_group(growth("path_2", "general_practice", 1e6), dropped=5)},
        "demand.by_group.growth: 'path_2': groups add up to 1.00002e+06 doctors a year; must be",
    ),
    (
        {"demand.by_group": by_group(specialist_share={"surgery": fixed(0.5)})},
        "demand.by_group.specialist_share: unknown label 'surgery'; known: general_practice",
    ),
    (
        {"demand.by_group": by_group(specialist_share={"hospital": fixed(1.5)})},
        "demand.by_group.specialist_share.hospital: is 1.5; must lie within 0 to 1",
    ),
    ({"demand.alternatives.1.method": "activity"}, "demand.alternatives: 'path_1' follows activit"),
    (
        {
            "demand.alternatives.1.id": "path_0",
            "demand.weights": (weight("path_0"), weight("path_2")),
        },
        "demand.alternatives.1: two rows for alternative 'path_0'",
    ),
    ({"demand.weights.0.alternative": "path_9"}, "demand.weights.0: unknown label 'path_9'; known"),
    ({"demand.weight_table": "none"}, "demand.weight_table: no weights in table 'none'; tables: ["),
    ({"specialists.stock.3.group": "surgery"}, "specialists.stock.3: unknown label 'surgery'; kno"),
    ({"specialists.stock": (*BOTH, stock("55-56"))}, "specialists.stock.3: two rows for group 'ho"),
    ({"specialists.stock": (*BOTH, stock(47, "west"))}, "specialists.stock.3: unknown label 'west"),
    ({"specialists.stock": (*BOTH, stock(45, "nord"))}, "specialists.stock.0: group 'hospital', a"),
    ({"specialists.stock": (stock("45-58"),)}, "specialists.stock: group 'general_practice' is mi"),
    ({"specialists.other_exits_below_age": 45}, "specialists.other_exits_below_age: 45; must lie"),
    ({"training.longest_years": fixed(2.0)}, "training.longest_years: 2; must not lie below train"),
    ({"training.historic_until": 2020}, "training.historic_until: 2020 is so late that doctors ap"),
    ({"lis1.appointed_before_start": (1.0, 2.0)}, "lis1.appointed_before_start: 2 values for 3 st"),
    ({"capacity.municipal_places.arena": "clinic"}, "capacity.*.arena: unknown label 'clinic'; kn"),
    ({"cost.components.3.timing": "stay:clinic"}, "cost.components: unknown label 'clinic'; known"),
    *(
        ({f"comparison.{name}": plan()}, f"comparison.{name}: the program has a plan of that name")
        for name in OWN_PLANS
    ),
    ({"comparison.none": plan(2020)}, "comparison.none.slots_per_year: opens slots; 'none' is the"),
    ({"groups.hospital.choice": fixed(0.5)}, "groups: exactly one group must leave out `choice` a"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "said"), LINES, ids=[said.split(":")[0] for _, said in LINES])
def test_what_does_not_fit_is_one_clear_line(
    data: Data, changes: dict[str, Any], said: str
) -> None:
    for key, value in changes.items():
        put(data, key, value)
    lines = problems(data)
    assert [line for line in lines if line.startswith(said)], lines
    assert len(lines) == 1, lines


def test_no_plan_the_program_names_in_words_is_free_for_others() -> None:
    assert {NO_POSTS, *OWN_PLANS} == set(PLAN_NAMES)


def exits(age: int | str, group: str = "hospital") -> Data:
    return {"group": group, "age": age, "yearly_share": 0.1, "assumption": WHY}


ALL_AGES = exits("45-58", "general_practice")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((), "no row at all, so that none of it would ever retire; give its exits up to 58, the"),
        (
            (exits("50-55"),),
            "no exits at age 56-58; give a row for every age from 50 to 58, the ol",
        ),
        ((exits("50-51"), exits("54-56"), exits(58)), "no exits at age 52-53, 57; give a row for"),
        ((exits("57-70"),), "no exits at age 54-56; give a row for every age from 54 to 58, the o"),
    ],
)
def test_every_age_that_others_do_not_leave_at_has_exits(
    data: Data, rows: tuple[Data, ...], said: str
) -> None:
    data["specialists"]["retirement"] = (ALL_AGES, *rows)
    (line,) = problems(data)
    assert line.startswith(f"specialists.retirement: group 'hospital': {said}")


@pytest.mark.parametrize("age", ["54-58", "30-120", "50-58"])
def test_exits_may_begin_where_others_end_or_before(data: Data, age: str) -> None:
    data["specialists"]["retirement"] = (ALL_AGES, exits(age))
    assert len(Study.model_validate(data).specialists.retirement) == 2


def test_every_band_has_its_use_by_every_group(data: Data) -> None:
    """Those whose demand follows their training need are not asked for it."""
    told = [("hospital", "old"), ("general_practice", "young"), ("general_practice", "old")]
    data["demand"]["activity"] = {
        "use": tuple(
            {"group": group, "ages": ages, "fte_per_1000": 1.0, "assumption": WHY}
            for group, ages in told
        ),
        "population": tuple(
            {"region": region, "ages": ages, "year": year, "persons": 9.0, "assumption": WHY}
            for region in data["regions"]
            for ages in ("young", "old", "oldest")
            for year in (2017, data["time"]["last_year"])
        ),
    }
    hospital, practice = sorted(problems(data), reverse=True)
    assert hospital.startswith("demand.activity.use: group 'hospital': no row for ages 'young', 'o")
    assert practice.startswith("demand.activity.use: group 'general_practice': no row for ages 'ol")
    data["demand"]["need"] = {"hospital": need()}
    assert problems(data) == [practice]


def test_the_shortest_training_is_named_by_its_key_where_others_do_not_fit_it(data: Data) -> None:
    data["training"]["shortest_years"] = fixed(1e5)
    with pytest.raises(
        ValueError, match=r"yields a specialist \(.*training\.shortest_years\)"
    ) as error:
        Study.model_validate(data)
    assert "must not fall below training.shortest_years = 100000" in str(error.value)


@pytest.mark.parametrize(
    ("years", "trainees", "said"),
    [
        (0.0, 0.0, "training.longest_years: 0; at least 0.5, one half-year"),
        (0.5, 10.0, "training.trainees_at_start: 10; must be 0 where training takes one half-year"),
    ],
)
def test_shortest_training(data: Data, years: float, trainees: float, said: str) -> None:
    data["training"] |= {
        **{f"{name}_years": fixed(years) for name in ("shortest", "mean", "longest")},
        "trainees_at_start": fixed(trainees),
    }
    (line,) = problems(data)
    assert line.startswith(said)


@pytest.mark.parametrize("months", [(3, 8), (9, 3), (0, 6), (7, 13), (3, 3)])
def test_intakes_are_half_a_year_apart(data: Data, months: tuple[int, int]) -> None:
    data["posts"]["intake_months"] = months
    (line,) = problems(data)
    assert line == (
        f"found {months[0]} and {months[1]}; give a month from 1 to 6 and the one six months on"
    )


@pytest.mark.parametrize(
    "timing", ["hospital_stay", "stay", "stay:", "stay:Hospital", "start:hospital", "start ", ""]
)
def test_timing_is_one_of_four(data: Data, timing: str) -> None:
    put(data, "cost.components.0.timing", timing)
    (line,) = problems(data)
    assert line == (
        f"found '{timing}'; give start, stay:ARENA, stay_start:ARENA or autumn_after:ARENA"
    )


@pytest.mark.parametrize(
    ("value", "read"),
    [(45, 45), ("45", 45), ("45-49", "45-49"), (" 45 - 49 ", "45-49"), ("45-45", 45), (0, 0)],
)
def test_ages_and_bands(value: Any, read: int | str) -> None:
    assert age_or_band(value) == read


@pytest.mark.parametrize(
    "value", ["", "x", "45-", "-45", "49-45", "45-47-49", "121", 4.5, True, None]
)
def test_what_is_no_age_is_said(value: Any) -> None:
    with pytest.raises(ValueError, match=rf"^found '{value}'; "):
        age_or_band(value)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"share": 0.5},
        {"over_years": 5},
        {"yearly_share": 0.1, "share": 0.5, "over_years": 5},
        {"yearly_share": 0.1, "over_years": 5},
        {"yearly_share": "", "share": "", "over_years": ""},
    ],
)
def test_exits_are_said_in_one_way(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="give either yearly_share, or share with over_years"):
        RetirementRow.model_validate({"group": "a", "age": 60, "assumption": WHY} | given)


def test_empty_cells_are_left_out() -> None:
    row = {"group": "a", "age": "60", "assumption": WHY, "share": "0.75", "over_years": "2"}
    assert RetirementRow.model_validate(row | {"yearly_share": ""}).leaving == 0.5
