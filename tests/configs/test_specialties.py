"""The specialty preset: norway-2027 with its hospital group split in four by one key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lis1plan.configs.loader import load_study
from lis1plan.core.errors import InputError
from lis1plan.core.study.study import Study

KEY = {"psychiatry": 1183, "medicine_surgery": 2629, "public_health": 761, "hospital": 5160}
"""Approved specialists in 2000, Tidsskriftet 2000 no. 2."""
SPLIT, WHOLE = (load_study(name) for name in ("norway-2027-specialties", "norway-2027"))


def _by_group(
    study: Study, amount: Callable[[Study], list[tuple[str, str, float]]]
) -> dict[str, dict[str, float]]:
    """What there is of each label, by group."""
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for group, label, value in amount(study):
        found[group][label] += value
    return found


AMOUNTS: dict[str, Callable[[Study], list[tuple[str, str, float]]]] = {
    "stock": lambda study: [
        (row.group, str(age), row.persons / len(row.ages))
        for row in study.specialists.stock
        for age in row.ages
    ],
    "growth": lambda study: [
        (row.group, row.alternative, row.doctors_per_year)
        for row in (study.demand.by_group.growth if study.demand.by_group else ())
    ],
    "arrivals": lambda study: [(k, "", g.foreign_share.value) for k, g in study.groups.items()],
    "direct entry": lambda study: [(k, "", g.direct_share.value) for k, g in study.groups.items()],
}


@pytest.mark.parametrize("what", AMOUNTS)
def test_the_split_adds_up_to_norway_2027_by_the_key(what: str) -> None:
    split, whole = (_by_group(study, AMOUNTS[what]) for study in (SPLIT, WHOLE))
    assert set(split) == {"general_practice", *KEY}
    assert split["general_practice"] == whole["general_practice"]
    for label, value in whole["hospital"].items():
        parts = {group: split[group][label] for group in KEY}
        assert sum(parts.values()) == pytest.approx(value, rel=1e-12)
        rounded = {"stock": 0.02, "growth": 0.2}.get(what, 0.002)
        for group, part in parts.items():
            assert part == pytest.approx(value * KEY[group] / sum(KEY.values()), abs=rounded)


def test_exits_are_those_of_all_hospital_doctors() -> None:
    split, whole = (
        {
            (row.group, age): row.yearly_share
            for row in study.specialists.retirement
            for age in row.ages
        }
        for study in (SPLIT, WHOLE)
    )
    for (group, age), share in split.items():
        assert (
            share == whole["general_practice" if group == "general_practice" else "hospital", age]
        )


def _mean(figure: Any) -> float:
    """The mean of a triangular distribution."""
    return float(figure.low + figure.mode + figure.high) / 3.0


def test_choice_follows_the_key_and_general_practice_stays() -> None:
    gp = SPLIT.groups["general_practice"]
    assert gp == WHOLE.groups["general_practice"]
    left = 1.0 - _mean(gp.choice)
    for group in ("psychiatry", "medicine_surgery", "public_health"):
        choice = _mean(SPLIT.groups[group].choice)
        assert choice == pytest.approx(left * KEY[group] / sum(KEY.values()), rel=0.01)


def test_unmet_need_adds_up_to_what_nav_counts() -> None:
    unmet: list[Any] = [SPLIT.demand.unmet[group].missing for group in KEY]
    whole: Any = WHOLE.demand.unmet["hospital"].missing
    assert sum(each.mean for each in unmet) == whole.mean
    assert sum(each.sd**2 for each in unmet) ** 0.5 == pytest.approx(whole.sd, rel=0.02)


def test_only_groups_and_what_is_asked_differ_from_norway_2027() -> None:
    rest = {"name", "title", "groups", "specialists", "demand", "risk", "cost"}
    assert SPLIT.model_dump(exclude=rest) == WHOLE.model_dump(exclude=rest)
    training = {"specialist_training"}
    assert SPLIT.cost.model_dump(exclude=training) == WHOLE.cost.model_dump(exclude=training)
    tables = {"stock", "retirement"}
    assert SPLIT.specialists.model_dump(exclude=tables) == WHOLE.specialists.model_dump(
        exclude=tables
    )
    assert SPLIT.demand.model_dump(exclude={"by_group", "unmet"}) == WHOLE.demand.model_dump(
        exclude={"by_group", "unmet"}
    )


def test_every_split_is_marked_as_assumed() -> None:
    for key, figure in SPLIT.figures():
        if any(f".{group}." in f"{key}." for group in KEY) and key.startswith(
            ("groups", "demand.unmet")
        ):
            assert figure.assumption, key


def test_a_base_may_have_a_base_but_not_itself(tmp_path: Path) -> None:
    for name, base in (("one", "two.toml"), ("two", "three.toml"), ("three", "norway-2027")):
        text = f'based_on = "{base}"\nname = "{name}"\ntitle = "{name}"\n'
        (tmp_path / f"{name}.toml").write_text(text, "utf-8")
    study = load_study(str(tmp_path / "one.toml"))
    assert study.model_dump(exclude={"name", "title"}) == WHOLE.model_dump(
        exclude={"name", "title"}
    )
    (tmp_path / "three.toml").write_text('based_on = "one.toml"\n', "utf-8")
    with pytest.raises(InputError, match=r"based_on: .* is itself based on this study"):
        load_study(str(tmp_path / "one.toml"))
