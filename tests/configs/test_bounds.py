"""What is too large, too deep, too long or has no end is refused in a line, before any work."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lis1plan.configs.loader import load_study
from lis1plan.configs.plan_file import read_plan
from lis1plan.core.errors import MOST_TOLD, InputError

from ..helpers.presets import preset_in

MANY = 25_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The tutorial, to edit."""
    return preset_in(tmp_path)


def refused(study: Path, *overrides: str) -> list[str]:
    """The lines with which a study is refused."""
    with pytest.raises(InputError) as caught:
        load_study(str(study), overrides)
    return caught.value.told


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("9" * 5_000, "a number of more than 400 digits (at line 4, )"),
        ("[" * 3_000 + "]" * 3_000, "nested too deeply (at line 4, )"),
        ("{a=" * 1_500 + "1" + "}" * 1_500, "nested too deeply (at line 4, )"),
    ],
    ids=["digits", "lists", "tables"],
)
def test_digits_and_nesting_are_bounded(value: str, said: str, folder: Path) -> None:
    study = folder / "tutorial.toml"
    text = study.read_text("utf-8").replace("schema_version = 1", f"schema_version = {value}")
    study.write_text(text, "utf-8")
    assert refused(study) == [f"{study}: not valid TOML: {said}"]
    (line,) = refused(folder / "tutorial.toml", f"risk.coast.limit={value}")[:1]
    assert len(line) < 400


def test_of_very_many_problems_the_first_are_told(folder: Path) -> None:
    """In linear time: to look at all pairs of them took minutes."""
    study = folder / "tutorial.toml"
    text = "".join(f"unknown_{n} = 1\n" for n in range(MANY)) + study.read_text("utf-8")
    study.write_text(text, "utf-8")
    lines = refused(study)
    assert len(lines) == MOST_TOLD + 1
    assert lines[0].startswith(f"{study}:1: unknown_0: unknown key.")
    assert lines[-1] == f"and {MANY - MOST_TOLD:,} problems more"


@pytest.mark.parametrize("name", ["tutorial.toml", "data/tutorial_cost.csv", "plan.csv"])
def test_a_pipe_is_refused_and_not_waited_for(name: str, folder: Path) -> None:
    path = folder / name
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    with pytest.raises(InputError, match=r"is a pipe or a device; name a file") as caught:
        read_plan(path, load_study(str(folder / "tutorial.toml")))
    assert path.name in str(caught.value)


def test_a_device_is_refused() -> None:
    assert refused(Path("/dev/zero")) == ["/dev/zero: is a pipe or a device; name a file"]


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("training.longest_years=100000", "training.longest_years: 100000; at most 100 years"),
        ("ramp.national.value=1e300", "ramp.national.value: 1e+300; at most 1e+15 in size"),
        ('title="a\\u001b[31m"', "title: holds the sign '\\x1b'"),
        ('risk.coast.name="a\\u202eb"', "risk.coast.name: holds the sign '\\u202e'"),
        (f'risk.coast.name="{"x" * 200}"', "risk.coast.name: a text of 200 characters"),
        ("posts.stages=[" + '"hospital",' * 101 + "]", "posts.stages: 101 entries"),
    ],
    ids=lambda value: value[:20],
)
def test_sizes_and_names_are_bounded(override: str, said: str, folder: Path) -> None:
    (line,) = refused(folder / "tutorial.toml", override)
    assert said in line


@pytest.mark.parametrize("name", ["plan.csv", "data/tutorial_specialists.csv"])
def test_a_cell_without_end_is_no_csv(name: str, folder: Path) -> None:
    path = folder / name
    text = path.read_text("utf-8") if path.exists() else "year,region,slots\n"
    path.write_text(text + "x" * 200_000 + ",1,1\n", "utf-8")
    with pytest.raises(InputError, match=rf"{path.name}:\d+: not CSV: field larger than"):
        read_plan(folder / "plan.csv", load_study(str(folder / "tutorial.toml")))


@pytest.mark.parametrize("slots", ["9" * 5_000, "1000001", "-1", "1e3"])
def test_slots_of_a_plan_are_bounded(slots: str, folder: Path) -> None:
    plan = folder / "plan.csv"
    plan.write_text(f"year,region,slots\n2026,city,{slots}\n", "utf-8")
    with pytest.raises(InputError, match=r"plan.csv:2: slots .* allowed: a whole number, 0 to 1"):
        read_plan(plan, load_study("tutorial"))


def test_a_label_named_without_end_is_told_in_linear_time(folder: Path) -> None:
    """Counting each of a hundred thousand among all of them took hours."""
    many = ", ".join(['"city"'] * 100_000)
    (line,) = refused(folder / "tutorial.toml", f"risk.country.regions=[{many}]")
    assert "risk.country.regions: 'city' stands there twice" in line


@pytest.mark.parametrize("given", ["3", '["a", "b"]', "{}", str(["x" * 300] * 9)])
def test_a_table_that_is_no_name_is_told_by_its_key(given: str, folder: Path) -> None:
    study = folder / "tutorial.toml"
    (old,) = [x for x in study.read_text("utf-8").splitlines() if x.startswith("components = {")]
    number = study.read_text("utf-8").splitlines().index(old) + 1
    new = f"components = {{ table = {given} }}"
    study.write_text(study.read_text("utf-8").replace(old, new), "utf-8")
    (line,) = refused(study)
    assert line.startswith(f"{study}:{number}: cost.components: table: found ")
