"""Killed at any moment, a run goes on from its folder and ends with the very same data."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lis1plan.configs.errors import InputError
from lis1plan.configs.loader import load_study
from lis1plan.core.comparison import differences
from lis1plan.core.compute import silent
from lis1plan.core.parts import read_part
from lis1plan.core.store import open_result
from lis1plan.resume import interrupted_runs
from lis1plan.working import Asked, InterruptedRunError, folder_of, read_manifest, working_folder

pytestmark = pytest.mark.thorough

PROGRAM = [sys.executable, "-c", "from lis1plan.cli import main; main()"]
STUDY = ["tutorial", "--scenarios", "64", "--workers", "2"]
STUDY += ["--set", "sampling.fresh_scenarios=64", "--set", "solve.frontier_points=1"]
PHASES = ["scenarios", "LP rounds", "integer rounds", "frontier", "regret", "projection", "write"]
"""Steps as the working folder notes them: draw and project, optimise, evaluate, describe, write."""
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "NUMBA_DISABLE_JIT"}
ENVIRONMENT |= {"LIS1PLAN_KEEP_SECONDS": "0"}


def run_to_end(out: Path, *command: str) -> str:
    """Run a command to its end; return what it says on stderr."""
    done = subprocess.run(
        [*PROGRAM, *command], cwd=out.parent, env=ENVIRONMENT, capture_output=True, text=True,
        timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stderr


def kill_at(out: Path, phase: str, delay: float, *command: str) -> str:
    """Kill a command with SIGKILL some seconds after a phase began; return the phase hit."""
    noted = folder_of(Asked("run", load_study("tutorial", STUDY_SET), out, {})) / "phase"
    process = subprocess.Popen(
        [*PROGRAM, *command], cwd=out.parent, env=ENVIRONMENT, stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    end = time.monotonic() + 300
    while process.poll() is None and time.monotonic() < end:
        if noted.is_file() and noted.read_text("utf-8") == phase:
            time.sleep(delay)
            hit = noted.read_text("utf-8") if noted.is_file() else "end"
            process.kill()
            process.wait()
            return hit
        time.sleep(0.005)
    process.kill()
    process.wait()
    return "missed"


STUDY_SET = ["sampling.scenarios=64", "sampling.fresh_scenarios=64", "solve.frontier_points=1"]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    run_to_end(out, "run", *STUDY, "--out", str(out), "--quiet")
    return out


def same(out: Path, undisturbed: Path) -> None:
    """The same files with the same data, and nothing else."""
    assert sorted(p.name for p in out.iterdir()) == sorted(p.name for p in undisturbed.iterdir())
    (one,), (other,) = out.glob("*.nc"), undisturbed.glob("*.nc")
    assert differences(open_result(one), open_result(other)) == []


def test_a_run_killed_again_and_again_ends_the_same(undisturbed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    hits = [kill_at(out, "scenarios", 0.0, "run", *STUDY, "--out", str(out))]
    for phase in ("LP rounds", "regret"):
        hits.append(kill_at(out, phase, 0.05, "resume", str(out)))
    print("phases hit:", hits)
    assert "missed" not in hits
    said = run_to_end(out, "resume", str(out))
    assert "kept from before: " in said
    same(out, undisturbed)


@pytest.mark.parametrize("moment", range(20))
def test_a_run_killed_at_any_moment_ends_the_same(
    moment: int, undisturbed: Path, tmp_path: Path
) -> None:
    phase, out = PHASES[moment % len(PHASES)], tmp_path / "out"
    delay = random.Random(moment).uniform(0.0, 0.6)
    hit = kill_at(out, phase, delay, "run", *STUDY, "--out", str(out))
    print(f"moment {moment}: asked for {phase} + {delay:.2f} s, hit {hit}")
    run_to_end(out, "run", *STUDY, "--out", str(out))  # the same command goes on by itself
    same(out, undisturbed)


# ------------------------------------------------------------------------------ the working folder


def asked(out: Path) -> Asked:
    return Asked("run", load_study("tutorial"), out, {"ensemble": False})


def stop_by(error: BaseException, out: Path) -> None:
    """Begin a run that keeps one part and then stops."""
    with working_folder(asked(out), silent) as working:
        (working.parts / "x.npz").write_bytes(b"x")
        raise error


def test_the_folder_goes_when_the_result_stands(tmp_path: Path) -> None:
    with working_folder(asked(tmp_path), silent) as working:
        (working.parts / "x.npz").write_bytes(b"x")
        working.progress("frontier", 1, 2)
        assert (working.folder / "phase").read_text("utf-8") == "frontier"
        assert read_manifest(working.folder)["kind"] == "run"
        assert interrupted_runs(tmp_path) == [working.folder]
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_run_says_how_to_go_on(tmp_path: Path) -> None:
    with pytest.raises(InterruptedRunError, match="go on with: lis1plan resume"):
        stop_by(KeyboardInterrupt(), tmp_path)
    assert (folder_of(asked(tmp_path)) / "parts" / "x.npz").is_file()
    told = []
    with working_folder(asked(tmp_path), lambda *step: told.append(step)) as working:
        assert (working.parts / "x.npz").is_file()
    assert told == [("kept from before", 1, 1)]


def test_two_runs_of_the_same_are_told_apart(tmp_path: Path) -> None:
    refused = pytest.raises(InputError, match="is at this run")
    with working_folder(asked(tmp_path), silent), refused, working_folder(asked(tmp_path), silent):
        pass


def test_what_other_versions_worked_out_is_dropped(tmp_path: Path) -> None:
    folder = folder_of(asked(tmp_path))
    with pytest.raises(OSError, match="broken"):
        stop_by(OSError("broken"), tmp_path)
    manifest = read_manifest(folder)
    manifest["versions"]["numpy"] = "1.0"
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    with working_folder(asked(tmp_path), silent) as working:
        assert list(working.parts.iterdir()) == []


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        interrupted_runs(tmp_path / "none")
    with pytest.raises(InputError, match="holds no interrupted run"):
        interrupted_runs(tmp_path)
    (tmp_path / "manifest.json").write_text("{", "utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        read_manifest(tmp_path)


# ---------------------------------------------------------------------------------- a full disk


@pytest.mark.tools
def test_a_full_disk_is_one_clear_line(tmp_path: Path) -> None:
    """A few MB are room for neither parts nor result: said in a line, nothing half-written."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=900k", "tmpfs", str(small)], check=True)
    try:
        out = small / "out"
        done = subprocess.run(
            [*PROGRAM, "run", *STUDY, "--ensemble", "--out", str(out), "--quiet"],
            env=ENVIRONMENT, capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 2, done.stderr
        assert "Traceback" not in done.stderr
        assert "no room for the result" in done.stderr
        assert list(out.glob("*.nc")) == []
        for part in out.rglob("*.npz"):
            read_part(part)
    finally:
        subprocess.run(["umount", str(small)], check=True)
