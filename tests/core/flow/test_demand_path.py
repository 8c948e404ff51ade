"""Demand along a table of one's own, by year, region and group."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from lis1plan.configs.loader import load_study
from lis1plan.core.flow import demand
from lis1plan.core.flow.demand import Floats, activity, base_supply, build_demand, path_growth
from lis1plan.core.flow.regions import regional_key
from lis1plan.core.study.study import Study

from ...helpers.small_study import WHY
from .test_demand import NEED, between, changed, drawn, following_activity, people, quiet

Levels = dict[tuple[str, str, str, int], float]


def path_rows(levels: Levels) -> tuple[dict[str, Any], ...]:
    """Rows of (alternative, region, group, year) -> FTE."""
    return tuple(
        {"alternative": a, "region": r, "group": g, "year": y, "fte": fte, "assumption": WHY}
        for (a, r, g, y), fte in levels.items()
    )


def following_paths(study: Study, levels: Levels) -> Study:
    """The alternatives named follow their paths."""
    data = study.model_dump()
    for alternative in data["demand"]["alternatives"]:
        if alternative["id"] in {name for name, *_ in levels}:
            alternative["method"] = "path"
    data["demand"]["path"] = path_rows(levels)
    return Study.model_validate(data)


def straight(study: Study, name: str, growth: float = 0.5) -> Levels:
    """One group of one region grows evenly by a share in all, all else stands still."""
    first, last = study.time.first_year - 1, study.time.last_year
    grows = (next(iter(study.regions)), "hospital")
    return {
        (name, region, group, year): 200.0 * (1.0 + growth * ((region, group) == grows and n))
        for region in study.regions
        for group in study.groups
        for n, year in enumerate((first, last))
    }


def names(study: Study) -> list[str]:
    return [each.id for each in study.demand.alternatives]


def test_path_is_linear_between_its_years_and_relative_to_the_base_year() -> None:
    study = quiet()
    (one, *_) = names(study)
    growth = path_growth(following_paths(study, straight(study, one)), one)
    hospital = list(study.groups).index("hospital")
    years = len(study.years)
    assert growth[:, hospital, 0] == pytest.approx(0.5 * np.arange(1, years + 1) / years)
    growth[:, hospital, 0] = 0.0
    assert not growth.any()


def test_path_of_what_a_population_uses_is_its_activity() -> None:
    """Two ways to tell the same growth: the same demand in every scenario."""
    study = following_activity(quiet(), people(quiet()))
    assert study.demand.activity is not None
    years = [study.time.first_year - 1, *study.years]
    used = activity(study, study.demand.activity, np.array(years, dtype=float))
    levels = {
        (name, region, group, year): float(used[y, k, r])
        for name in names(study)
        for r, region in enumerate(study.regions)
        for k, group in enumerate(study.groups)
        for y, year in enumerate(years)
    }
    along = following_paths(quiet(), levels)
    wanted = build_demand(study, drawn(study))
    assert build_demand(along, drawn(along)) == pytest.approx(wanted, rel=1e-12)


def test_growth_error_makes_a_path_uncertain() -> None:
    study = quiet()
    levels = {k: v for name in names(study) for k, v in straight(study, name).items()}
    noisy = changed(following_paths(study, levels), {"demand.growth_error": between(-0.4, 0.4)})
    draws = drawn(noisy)
    start = base_supply(study)[:, None] * regional_key(study.regions, study.posts_at_start)
    error = 1.0 + draws.figures["demand.growth_error"][:, None, None, None]
    grown = error * start * path_growth(noisy, names(study)[0])
    assert build_demand(noisy, draws) - start == pytest.approx(grown, abs=1e-8)


def test_each_scenario_follows_the_path_it_drew() -> None:
    study = quiet()
    one, other, third = names(study)
    both = following_paths(study, straight(study, one, 0.5) | straight(study, other, -0.25))
    draws, plain = drawn(both), build_demand(study, drawn(study))
    found = build_demand(both, draws)
    start = base_supply(study)[:, None] * regional_key(study.regions, study.posts_at_start)
    for n, name in enumerate((one, other)):
        wanted = start * (1.0 + path_growth(both, name))
        drew = draws.alternative == n
        assert drew.any()
        assert found[drew] == pytest.approx(np.broadcast_to(wanted, found[drew].shape))
    rest = draws.alternative == names(study).index(third)
    assert np.array_equal(found[rest], plain[rest])


def test_paths_are_worked_out_once_for_all_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counted(study: Study, alternative: str) -> Floats:
        asked.append(alternative)
        return path_growth(study, alternative)

    monkeypatch.setattr(demand, "path_growth", counted)
    study = quiet()
    one, other, _ = names(study)
    both = straight(study, one, 0.125) | straight(study, other, 0.375)
    blocks = [following_paths(study, both) for _ in range(3)]  # equal, as processes get them
    found = [build_demand(block, drawn(block)) for block in blocks]
    assert asked == [one, other]
    assert all(np.array_equal(found[0], each) for each in found[1:])


def test_a_group_with_a_training_need_does_not_follow_the_path_too() -> None:
    study = quiet(**{"demand.need": NEED})
    levels = {k: v for name in names(study) for k, v in straight(study, name).items()}
    along = following_paths(study, levels)
    for group in NEED:
        k = list(study.groups).index(group)
        still = following_paths(study, dict.fromkeys(levels, 200.0))
        assert np.array_equal(
            build_demand(along, drawn(along))[:, :, k], build_demand(still, drawn(still))[:, :, k]
        )


def test_a_study_without_paths_says_nothing_of_them() -> None:
    assert '"path"' not in quiet().canonical_text
    along = following_paths(quiet(), straight(quiet(), names(quiet())[0]))
    assert '"path":[' in along.canonical_text


def lacking(levels: Levels, **wanted: Any) -> Levels:
    """The levels without what has these labels."""
    parts = ("alternative", "region", "group", "year")
    return {
        key: fte
        for key, fte in levels.items()
        if not all(key[parts.index(part)] == label for part, label in wanted.items())
    }


def test_paths_that_lack_something_are_refused() -> None:
    study = quiet()
    (one, *_) = names(study)
    whole, first, last = straight(study, one), study.time.first_year - 1, study.time.last_year
    region = next(iter(study.regions))
    wrong = {
        "no row; must reach from": lacking(whole, region=region, group="hospital"),
        f"{last} to {last}; must reach from {first}": lacking(whole, year=first),
        f"{first} to {first}; must reach from": lacking(whole, year=last),
        "unknown label 'elsewhere'": whole | {(one, "elsewhere", "hospital", first): 1.0},
        f"0 in {first}, from which": whole | {(one, region, "hospital", first): 0.0},
    }
    for said, levels in wrong.items():
        with pytest.raises(ValidationError, match=said):
            following_paths(study, levels)
    data = following_paths(study, whole).model_dump()
    data["demand"]["path"] += data["demand"]["path"][:1]
    with pytest.raises(ValidationError, match="two rows for alternative"):
        Study.model_validate(data)
    data["demand"]["path"] = data["demand"]["path"][:-1]
    data["demand"]["alternatives"][0]["method"] = "growth"
    with pytest.raises(ValidationError, match="follows another method"):
        Study.model_validate(data)


def test_a_path_of_zeros_stands_still() -> None:
    study = quiet()
    (one, *_) = names(study)
    nothing = following_paths(study, dict.fromkeys(straight(study, one), 0.0))
    assert not path_growth(nothing, one).any()


def test_paths_come_from_a_table_file(tmp_path: Path) -> None:
    rows = [
        f"mine,{year},{region},{group},{fte},own forecast"
        for region in ("city", "coast")
        for group in ("general_practice", "hospital")
        for year, fte in ((2024, 100), (2035, 130), (2045, 140))
    ]
    (tmp_path / "path.csv").write_text(
        "\n".join(["alternative,year,region,group,fte,assumption", *rows]), "utf-8"
    )
    (tmp_path / "weights.csv").write_text("table,alternative,weight,source\na,mine,1,x\n", "utf-8")
    (tmp_path / "ways.csv").write_text(
        "id,name,method,doctors_per_year,population,unit,source\n"
        "mine,My forecast,path,0,specialists,FTE,x\n",
        "utf-8",
    )
    (tmp_path / "mine.toml").write_text(
        'based_on = "tutorial"\nname = "mine"\n[demand]\nalternatives = { table = "ways.csv" }\n'
        'weights = { table = "weights.csv" }\nweight_table = "a"\npath = { table = "path.csv" }\n',
        "utf-8",
    )
    study = load_study(str(tmp_path / "mine.toml"))
    growth = path_growth(study, "mine")
    assert growth[study.years.index(2035)] == pytest.approx(0.30)
    assert growth[-1] == pytest.approx(0.40)
