"""Named scenarios from one table: each row a run, each column a key."""

from __future__ import annotations

import csv
import doctest
import re
from pathlib import Path

import pytest

from lis1plan.batch import cases
from lis1plan.batch.campaign import Runs, new_campaign
from lis1plan.batch.cases import cases_of
from lis1plan.batch.table import rows_of, write_tables
from lis1plan.configs.loader import load_study
from lis1plan.core.compute.profile import Profile
from lis1plan.core.errors import InputError

TABLE = "scenario,risk.country.limit,sampling.seed\nas it is,,\nstricter,0.05,\nother,,9\n"
DOCS = Path(__file__).resolve().parents[2] / "docs"


def written(folder: Path, text: str) -> Path:
    path = folder / "cases.csv"
    path.write_text(text, "utf-8")
    return path


def test_each_row_is_a_run_with_its_values(tmp_path: Path) -> None:
    small = ["sampling.scenarios=16"]
    runs = Runs(["tutorial"], (), small, written(tmp_path, TABLE))
    made = new_campaign(tmp_path / "a", runs, "local", Profile())
    assert [task.swept for task in made.tasks] == [
        {"scenario": "as it is"},
        {"scenario": "stricter", "risk.country.limit": "0.05"},
        {"scenario": "other", "sampling.seed": "9"},
    ]
    assert [row["scenario"] for row in rows_of(made)] == ["as it is", "stricter", "other"]
    studies = [load_study("tutorial", [*small, *cases.overrides_of(t.swept)]) for t in made.tasks]
    assert [
        study.sha256[:12] in task.study_file
        for study, task in zip(studies, made.tasks, strict=True)
    ] == [True] * 3
    assert len({study.sha256 for study in studies}) == 3


def test_cases_are_combined_with_sweeps(tmp_path: Path) -> None:
    ways = Runs(["a"], ["sampling.seed=1,2"], (), written(tmp_path, TABLE)).ways()
    assert [(way["scenario"], way["sampling.seed"]) for way in ways] == [
        (name, seed) for name in ("as it is", "stricter", "other") for seed in ("1", "2")
    ]
    assert Runs(["a"]).ways() == [{}]


def test_the_name_of_scenarios_is_no_key_to_sweep(tmp_path: Path) -> None:
    for table in (None, written(tmp_path, TABLE)):
        with pytest.raises(InputError, match="--sweep scenario=1,2: 'scenario' is no key"):
            Runs(["tutorial"], ["scenario=1,2"], (), table).ways()


def test_a_norwegian_table_is_read_as_well(tmp_path: Path) -> None:
    path = tmp_path / "n.csv"
    path.write_bytes("scenario;risk.country.limit\nlav;0,05\nhøy;0,10\n".encode("cp1252"))
    assert cases_of(path) == [
        {"scenario": "lav", "risk.country.limit": "0.05"},
        {"scenario": "høy", "risk.country.limit": "0.10"},
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,sampling.seed\na,1\n", ":1: no column 'scenario'"),
        ("scenario\na\n", ":1: no key; give one"),
        ("scenario,sampling.seed\n", ":1: no row; give one"),
        ("scenario,sampling.seed\na,1\na,2\n", ":3: 'a' stands in line 2, too"),
        ("scenario,sampling.seed\n,1\n", ":2: no name in 'scenario'"),
        ("scenario,sampling.seed,sampling.seed\na,1,2\n", ":1: a column stands there twice"),
    ],
)
def test_a_table_that_is_wrong_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(InputError) as caught:
        cases_of(path)
    assert any(each.startswith(f"{path}{said}") for each in caught.value.problems)


def test_a_spreadsheet_takes_no_name_for_a_formula(tmp_path: Path) -> None:
    text = "scenario,queue.leakage\n=HYPERLINK(1),0.1\n-1,0.2\n@x,0.3\n"
    runs = Runs(["tutorial"], (), (), written(tmp_path, text))
    table, _ = write_tables(new_campaign(tmp_path / "a", runs, "local", Profile()))
    with table.open(encoding="utf-8", newline="") as file:
        names = [row["scenario"] for row in csv.DictReader(file)]
    assert names == ["'=HYPERLINK(1)", "-1", "'@x"]


def test_a_key_that_is_none_is_named(tmp_path: Path) -> None:
    runs = Runs(["tutorial"], (), (), written(tmp_path, "scenario,queue.leakge\na,0.1\n"))
    with pytest.raises(InputError, match=r"unknown key 'queue\.leakge'"):
        new_campaign(tmp_path / "a", runs, "local", Profile())
    assert not (tmp_path / "a").exists()


def test_the_table_of_the_page_is_taken(tmp_path: Path) -> None:
    (table,) = re.findall(r"(?ms)^```csv\n(.*?)^```$", (DOCS / "studies.md").read_text("utf-8"))
    for case in cases_of(written(tmp_path, table)):
        load_study("tutorial", cases.overrides_of(case))


def test_examples_are_true() -> None:
    assert doctest.testmod(cases).failed == 0
