"""Terminals, folders and homes as they are elsewhere: the work is done, or a line says why not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import lis1plan
from lis1plan.core.files.store import write_result

from .helpers.synthetic_result import synthetic_result

PROGRAM = [sys.executable, "-c", "from lis1plan.cli import main; main()"]
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "NUMBA_DISABLE_JIT"}
SMALL = ["--scenarios", "8", "--workers", "1", "--set", "sampling.fresh_scenarios=8"]
SMALL += ["--set", "solve.frontier_points=1"]
NAMED = "Bø ⟶ \N{SNOWMAN} [/x] [pilot] \N{GREEK SMALL LETTER ALPHA}"
"""A name that no narrow terminal can show, and that is no markup."""


def ended(
    *command: str, folder: Path, stdout: int | None = subprocess.PIPE,
    before: Callable[[], None] | None = None, **environment: str,
) -> subprocess.CompletedProcess[bytes]:  # fmt: skip
    """Run a command in a process of its own, at most two minutes."""
    return subprocess.run(
        [*PROGRAM, *command], cwd=folder, env=ENVIRONMENT | environment, preexec_fn=before,
        stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, timeout=240, check=False,
    )  # fmt: skip


def plain(done: subprocess.CompletedProcess[bytes]) -> str:
    """What was said on standard error; a traceback is an error of the program."""
    said = done.stderr.decode("utf-8", "replace")
    assert "Traceback" not in said
    assert "Exception ignored" not in said
    return said


@pytest.fixture(scope="module")
def result_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plausible result, without a run."""
    data = synthetic_result()
    return write_result(data, tmp_path_factory.mktemp("result") / "result.nc", data.attrs)


COMMANDS = {
    "help": ["run", "--help"],
    "published": ["published"],
    "project": ["project", "tutorial", *SMALL],
    "run": ["run", "tutorial", *SMALL, "--set", f"risk.country.name={json.dumps(NAMED)}"],
    "diff": ["diff", "RESULT", "RESULT"],
    "refused": ["project", "tutorial", "--set", f"{NAMED}=1"],
}


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("command", "encoding"),
    [*((command, "cp1252") for command in COMMANDS), ("run", "ascii"), ("refused", "ascii")],
)
def test_a_narrow_terminal_gets_what_it_can_show(
    command: str, encoding: str, result_file: Path, tmp_path: Path
) -> None:
    asked = [str(result_file) if each == "RESULT" else each for each in COMMANDS[command]]
    done = ended(*asked, folder=tmp_path, PYTHONIOENCODING=encoding)
    plain(done)
    assert done.returncode == (2 if command == "refused" else 0), done.stderr
    said = (done.stdout or b"") + done.stderr
    assert said.decode(encoding)
    if command == "run":
        assert b"[/x] [pilot]" in done.stdout


@pytest.mark.thorough
@pytest.mark.parametrize("command", ["help", "diff", "refused"])
def test_a_full_standard_output_is_said_in_a_line(
    command: str, result_file: Path, tmp_path: Path
) -> None:
    asked = [str(result_file) if each == "RESULT" else each for each in COMMANDS[command]]
    with Path("/dev/full").open("wb") as full:
        done = ended(*asked, folder=tmp_path, stdout=full.fileno())
    said = plain(done)
    if command == "refused":  # says nothing there
        assert done.returncode == 2
        return
    assert done.returncode == 5, said
    (line,) = said.splitlines()
    assert line.startswith("lis1plan: standard output: cannot be written to: No space left")


@pytest.mark.thorough
@pytest.mark.parametrize("closed", [(1,), (2,), (0, 1, 2)], ids=str)
def test_closed_streams_do_no_harm(
    closed: tuple[int, ...], result_file: Path, tmp_path: Path
) -> None:
    asked = ["diff", str(result_file), str(result_file)]
    done = ended(*asked, folder=tmp_path, before=lambda: [os.close(n) for n in closed] and None)
    plain(done)
    assert done.returncode == 0, done.stderr


@pytest.mark.thorough
def test_a_reader_that_goes_away_ends_the_command(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    done = ended("presets", folder=tmp_path, stdout=write)
    os.close(write)
    assert plain(done) == ""
    assert done.returncode != 0


@pytest.mark.thorough
@pytest.mark.parametrize(
    "command", [["presets"], ["project", "tutorial", "--json"], ["resume", "."]]
)
def test_a_working_directory_that_is_gone_is_said_to_be(command: list[str], tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    done = ended(*command, folder=gone, before=lambda: shutil.rmtree(gone))
    (line,) = plain(done).splitlines()
    assert done.returncode == 2
    assert line.startswith("lis1plan: the working directory cannot be used: ")
    if "--json" in command:
        assert json.loads(done.stdout)["status"] == "bad_input"
    assert list(tmp_path.iterdir()) == []


def without_room_for_caches(folder: Path) -> Path:
    """A copy of the program beside whose modules nothing can be written, by root neither."""
    copy = folder / "lis1plan"
    left_out = shutil.ignore_patterns(
        ".*", "__pycache__", "tests", "outputs", "*.egg-info", "build"
    )
    shutil.copytree(Path(lis1plan.__path__[0]), copy, ignore=left_out)
    for module in {path.parent for path in copy.rglob("*.py")}:
        (module / "__pycache__").touch()  # a file in place of the folder
    return folder


@pytest.mark.thorough
@pytest.mark.parametrize("command", ["project", "validate"])
def test_a_home_that_cannot_be_written_is_said_in_a_line(command: str, tmp_path: Path) -> None:
    """Numba finds no folder for the compiled kernels."""
    copy, out = without_room_for_caches(tmp_path / "copy"), tmp_path / "out"
    away = {"HOME": os.devnull, "XDG_CACHE_HOME": os.devnull, "PYTHONPATH": str(copy)}
    asked = [command, "tutorial", *SMALL, "--quiet", "--json"]
    asked += ["--out", str(out)] * (command == "project")
    done = ended(*asked, folder=tmp_path, NUMBA_CACHE_DIR="", **away)
    (line,) = plain(done).splitlines()
    assert done.returncode == 5, line
    assert "no folder for the compiled kernels can be written to" in line
    assert "NUMBA_CACHE_DIR" in line
    assert json.loads(done.stdout)["status"] == "system"
    assert not out.exists()
