"""Errors end at one place: a line, a code of its own, JSON where asked for; names are text."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import lis1plan
from lis1plan.cli import main
from lis1plan.core.errors import Exit, FaultError, LisError, SystemRefusedError
from lis1plan.jobs import attainable

QUICK = ["--scenarios", "8", "--workers", "1", "--set", "sampling.fresh_scenarios=8"]
NAME = "[/x] [pilot] [link=http://x.invalid]y[/link] :smile:"
RAISED: list[tuple[BaseException, Exit, str]] = [
    (MemoryError(), Exit.SYSTEM, "not enough memory"),
    (OSError(errno.ENOSPC, "No space left on device", "/d/x"), Exit.SYSTEM, "/d/x: No space left"),
    (RuntimeError("cannot cache function 'x'"), Exit.SYSTEM, "NUMBA_CACHE_DIR"),
    (KeyError("risk_floor"), Exit.FAULT, "KeyError: 'risk_floor'"),
    (RecursionError("maximum"), Exit.FAULT, "RecursionError: maximum"),
    (KeyboardInterrupt(), Exit.INTERRUPTED, "interrupted; nothing was written"),
]


def call(*arguments: str) -> Result:
    result = CliRunner().invoke(main, list(arguments))
    assert isinstance(result.exception, SystemExit | None)
    return result


def raising(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(attainable, "attainable_intervals", broken)


@pytest.mark.parametrize(("error", "code", "said"), RAISED, ids=lambda each: str(each)[:20])
def test_whatever_is_raised_is_one_line_and_a_code(
    error: BaseException, code: Exit, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raising(error, monkeypatch)
    result = call("validate", "tutorial", *QUICK)
    assert result.exit_code == code
    (line,) = result.stderr.splitlines()
    assert line.startswith("lis1plan: ")
    assert said in line
    assert result.stdout == ""


def test_the_traceback_is_shown_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    raising(KeyError("x"), monkeypatch)
    result = call("--verbose", "validate", "tutorial", *QUICK)
    assert "Traceback (most recent call last)" in result.stderr
    assert result.exit_code == Exit.FAULT


@pytest.mark.parametrize(("error", "code", "said"), RAISED, ids=lambda each: str(each)[:20])
def test_json_is_one_object_whatever_is_raised(
    error: BaseException, code: Exit, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raising(error, monkeypatch)
    result = call("validate", "tutorial", *QUICK, "--json")
    told = json.loads(result.stdout)
    assert told["status"] == code.name.lower()
    assert said in told["message"]
    assert told["problems"]


@pytest.mark.parametrize(
    ("arguments", "code", "status"),
    [
        (["presets"], 0, "done"),
        (["validate", "tutorial", *QUICK, "--quiet"], 0, "done"),
        (["project", "tutorial", "--scenarios", "many"], 2, "bad_input"),
        (["project", "tutorial", "--no-such-option"], 2, "bad_input"),
        (["project", "no-such-study"], 2, "bad_input"),
        (["diff", "a.nc", "b.nc"], 2, "bad_input"),
        (["run", "tutorial", *QUICK, "--set", "risk.coast.limit=0.0001"], 3, "infeasible"),
    ],
    ids=lambda each: " ".join(each[:2]) if isinstance(each, list) else None,
)
def test_json_is_one_object_at_every_exit_code(
    arguments: list[str], code: int, status: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = call(*arguments, "--json")
    assert result.exit_code == code, result.stderr
    told = json.loads(result.stdout)
    assert told["status"] == status
    assert bool(told["message"]) == bool(code)
    assert bool(told["problems"]) == (code > 0)
    assert told["warnings"] == []


def test_what_is_wrong_is_told_in_lines_that_can_be_read(tmp_path: Path) -> None:
    """However long what was found, and whatever line breaks it holds."""
    digits = "9" * 5_000
    plan = tmp_path / "plan.csv"
    plan.write_text('year,region,slots\n2026,city,"2\n3"\n', "utf-8")
    for asked in (
        ["project", "tutorial", "--scenarios", digits],
        ["run", "tutorial", "--set", f"solve.solver={json.dumps('x' * 5_000)}"],
        ["project", "tutorial", "--plan", str(plan)],
    ):
        result = call(*asked)
        assert result.exit_code == 2
        assert max(map(len, result.stderr.splitlines())) < 1_200
    assert [line[:10] for line in result.stderr.splitlines()] == ["lis1plan: "]


def test_exit_codes_are_distinct() -> None:
    assert len(set(Exit)) == len(Exit.__members__)


def test_a_name_is_text_on_the_terminal(tmp_path: Path) -> None:
    """Neither an error of markup nor a link, and no word vanishes."""
    given = ["--set", f"risk.country.name={json.dumps(NAME)}", "--set", "solve.frontier_points=1"]
    result = call("run", "tutorial", *QUICK, *given, "--out", str(tmp_path))
    assert result.exit_code == 0, result.stderr
    shown = "".join(result.stdout.split())
    assert NAME.replace(" ", "") in shown.replace("│", "")
    assert "\x1b" not in result.stdout


def test_what_is_said_of_bad_input_holds_no_control_signs() -> None:
    result = call("project", "tutorial", "--set", "\x1b[31mred\x07=1")
    assert result.exit_code == 2
    assert "\\x1b[31mred\\x07" in result.stderr
    assert "\x1b" not in result.stderr


def test_absurd_numbers_are_refused_before_work() -> None:
    line = call("project", "tutorial", "--scenarios", str(10**15)).stderr
    assert "sampling.scenarios: 1,000,000,000,000,000 scenarios need about" in line
    assert "at most" in line
    assert call("project", "tutorial", "--workers", str(10**20)).exit_code == 2


@pytest.mark.parametrize(
    ("error", "kind"), [(MemoryError(), SystemRefusedError), (KeyError("x"), FaultError)]
)
def test_the_python_interface_raises_errors_of_its_own(
    error: Exception, kind: type[LisError], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise error

    study = lis1plan.load_study("tutorial")
    monkeypatch.setattr("lis1plan.jobs.project.projected", broken)
    with pytest.raises(kind) as caught:
        lis1plan.project(study)
    assert caught.value.__cause__ is error


def test_two_plans_of_one_study_have_two_files(tmp_path: Path) -> None:
    for name in ("one", "other"):
        slots = {"one": 1, "other": 2}[name]
        plan = tmp_path / f"{name}.csv"
        plan.write_text(f"year,region,slots\n2026,city,{slots}\n", "utf-8")
        asked = ["project", "tutorial", *QUICK, "--quiet", "--out", str(tmp_path / "out")]
        assert call(*asked, "--plan", str(plan)).exit_code == 0
        assert call(*asked).exit_code == 0
    assert len(list((tmp_path / "out").glob("*-projection*.nc"))) == 3


def test_resuming_what_is_finished_says_so(tmp_path: Path) -> None:
    asked = ["project", "tutorial", *QUICK, "--quiet", "--out", str(tmp_path)]
    assert call(*asked).exit_code == 0
    (path,) = tmp_path.glob("*.nc")
    mark = path.stem.removeprefix("tutorial-")
    for folder in (tmp_path, tmp_path / f".lis1plan-{mark}"):
        result = call("resume", str(folder))
        assert result.exit_code == 0
        assert result.stdout == f"nothing to go on with: finished already: {path}\n"
