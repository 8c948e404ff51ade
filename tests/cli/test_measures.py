"""The command `measures` in a process of its own, and measures by hand before any other command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lis1plan.configs.loader import load, load_study
from lis1plan.core.errors import InputError

from ..helpers.result_files import MEASURES, SMALL, command

TABLE = """\
measure,name,unit,most,first_year,lever,key,low,mode,high,payer,nok,specialists,assumption
leave,Less leave,all of it,1,2026,factor,lis1.leave,0.4,,0.8,hospital,1000000,pos,made up
leave,,,,,add,specialists.retirement_shift_years,,0.1,,,,,made up
posts,More posts,starts a year,4,2026,posts,,,1,,,,,made up
"""


def study_in(folder: Path, table: str = TABLE, more: str = "") -> Path:
    (folder / "m.csv").write_text(table, "utf-8")
    path = folder / "mine.toml"
    said = f'[measure]\ntable = "m.csv"\n{more}'
    head = 'based_on = "tutorial"\nname = "mine"\ntitle = "Mine"\nknown_as_of = "2026"\n'
    path.write_text(head + said, "utf-8")
    return path


def test_a_table_is_folded_by_measure(tmp_path: Path) -> None:
    study = load_study(str(study_in(tmp_path)))
    assert list(study.measure) == ["leave", "posts"]
    leave = study.measure["leave"]
    assert [each.key for each in leave.effects] == [
        "lis1.leave",
        "specialists.retirement_shift_years",
    ]
    assert [each.amount.bounds for each in leave.effects if each.amount] == [(0.4, 0.8), (0.1, 0.1)]
    assert (leave.prices[0].payer, leave.prices[0].nok) == ("hospital", 1e6)
    assert leave.ratings == {"specialists": "pos"}
    assert study.in_force.measure == {}


def test_entries_and_overrides_are_laid_over_the_table(tmp_path: Path) -> None:
    path = str(study_in(tmp_path, more='[measure.leave]\ndecision = "on"\n'))
    study = load_study(path, ["measure.posts.use=3"])
    assert study.measure["leave"].units == 1.0
    assert study.measure["posts"].units == 3.0
    assert study.in_force.given_levels[:, -1].sum() - study.given_levels[:, -1].sum() == 3.0


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (TABLE.replace("0.4,,0.8", "0.4,,"), "measure.leave.effects.0.amount.uniform.high"),
        (
            TABLE.replace("More posts", "More posts").replace(",4,2026,posts", ",x,2026,posts"),
            "m.csv:4",
        ),
        (TABLE + "leave,Other,,,,,,,,,,,,made up\n", "m.csv:5: measure.leave: name: found 'Other'"),
        (TABLE.replace("factor,lis1.leave", "multiply,lis1.leave"), "found 'multiply'; give"),
        (TABLE.replace("made up\nposts", "\nposts"), "names neither source nor assumption"),
    ],
)
def test_what_is_wrong_in_a_table_is_named(table: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        load(str(study_in(tmp_path, table)))
    assert told.split(".uniform")[0] in str(refused.value)


def test_a_mistaken_name_is_named_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"unknown measure; the table has: leave, posts\. Did you"):
        load_study(str(study_in(tmp_path)), ["measure.post.use=3"])


def test_choose_counts_as_off_and_validate_says_so(tmp_path: Path) -> None:
    path = study_in(tmp_path, more='[measure.posts]\ndecision = "choose"\n')
    said = command("validate", path, *SMALL)
    assert said.code == 0, said
    assert any("measure.posts.decision: 'choose' counts as off" in line for line in said.errors)


def test_a_study_without_measures_is_refused(tmp_path: Path) -> None:
    said = command("measures", "tutorial", *SMALL, "--out", tmp_path)
    assert said.code == 2
    assert "describes no measures" in " ".join(said.errors)


def test_in_a_process_of_its_own_file_and_rerun(tmp_path: Path) -> None:
    """The command, its JSON, and that the file alone gives the same again."""
    more = ["--scenarios", "16", "--quiet", "--set", MEASURES, "--out", str(tmp_path)]
    program = [sys.executable, "-P", "-m", "lis1plan"]
    done = subprocess.run(
        [*program, "measures", "tutorial", *more, "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert [row["id"] for row in said["measures"]] == ["leave"]
    assert Path(said["report"]).is_file()
    again = command("rerun", said["netcdf"])
    assert again.code == 0, again
    assert "identical" in " ".join(again.out)


def test_a_projection_by_hand_is_made_again_from_its_file(tmp_path: Path) -> None:
    used = ["--set", MEASURES, "--set", "measure.leave.use=1"]
    done = command("project", "tutorial", *SMALL, *used, "--out", tmp_path)
    assert done.code == 0, done
    (path,) = tmp_path.glob("*.nc")
    again = command("rerun", path)
    assert "identical" in " ".join(again.out), again
    checked = command("verify", path)
    assert checked.code == 0, checked
