"""Killed at any moment, a run goes on from its folder and ends with the very same data."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from lis1plan.configs.loader import load_study
from lis1plan.core.compute.checkpoint import NOWHERE, Checkpoint
from lis1plan.core.compute.parts import read_part
from lis1plan.core.compute.place import Progress, silent
from lis1plan.core.compute.workers import Workers
from lis1plan.core.errors import InputError
from lis1plan.core.files.comparison import differences
from lis1plan.core.files.store import open_result
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.jobs.options import Options, RunOptions
from lis1plan.jobs.request import JobRequest, Setting
from lis1plan.jobs.resume import interrupted_runs, resume_run
from lis1plan.jobs.working_folder import (
    InterruptedRunError,
    folder_of,
    read_manifest,
    working_folder,
)
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.job import attain
from lis1plan.optimise.search.solve import Solution, find_plan
from lis1plan.optimise.search.value import Search
from lis1plan.optimise.solvers.clock import Clock

from ..helpers.small_study import one_limit, small_study

PROGRAM = [sys.executable, "-c", "from lis1plan.cli import main; main()"]
STUDY = ["tutorial", "--scenarios", "16", "--workers", "2"]
STUDY += ["--set", "sampling.fresh_scenarios=16", "--set", "solve.frontier_points=1"]
STUDY += ["--set", "time.last_decision=2029", "--set", "time.last_year=2040"]
STUDY += ["--set", "time.window=[2034,2038]"]
"""The tutorial, shorter: what is tried here has nothing to do with size."""
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "NUMBA_DISABLE_JIT"}
ENVIRONMENT |= {"LIS1PLAN_KEEP_SECONDS": "0"}
STEPS = ["draw", "LP rounds", "integer rounds", "evaluate", "project", "write", "worth", "report"]
MOMENTS = 20
"""Spread evenly over the steps and, with some chance, over the time each takes."""
COMMANDS = {
    "sensitivity": (["--samples", "512"], "indices"),
    "frontier": (["--over", "risk.country.limit", "--points", "3"], "points"),
    "replicate": (["--seeds", "2"], "replications"),
    "run": (["--replicate", "2"], "replications"),
}
"""What else can go on: options, and the step in which it is killed."""


class Fallen(NamedTuple):
    """How a command ended, see `killing.run`."""

    code: int
    within: list[str]
    seconds: dict[str, float]
    said: str


class Killer:
    """Runs commands one after the other, and kills them where it is told to."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process, self._log = process, log

    def run(
        self, *command: str, step: str | None = None, delay: float = 0.0, how: int = signal.SIGKILL
    ) -> Fallen:
        """Run a command to its end, or to some seconds after a step began."""
        asked = {"command": command, "out": str(self._log), "step": step, "delay": delay}
        asked |= {"how": int(how)}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return Fallen(**json.loads(self._process.stdout.readline()))

    def kill(self, step: str, delay: float, *command: str, out: Path) -> Fallen:
        """Kill a command within a step; where it was over already, begin anew and kill sooner."""
        for share in (1.0, 0.5, 0.2, 0.0):
            fallen = self.run(*command, "--out", str(out), step=step, delay=share * delay)
            print(f"asked for {step} + {share * delay:.3f} s, hit {fallen.within or 'no step'}")
            if step in fallen.within:
                assert fallen.code == -signal.SIGKILL
                return fallen
            shutil.rmtree(out)
        raise AssertionError(f"{step}: over before it could be killed")


@pytest.fixture(scope="module")
def killer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killer]:
    folder = tmp_path_factory.mktemp("killer")
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).resolve().parents[1] / "helpers" / "killing.py")],
        cwd=folder, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield Killer(process, folder / "said")
    finally:
        process.kill()
        process.communicate()  # and close its pipes


class Undisturbed(NamedTuple):
    """A run to its end: its folder and the seconds each step took."""

    out: Path
    seconds: dict[str, float]


def to_the_end(killer: Killer, out: Path, *command: str) -> Undisturbed:
    done = killer.run(*command, "--out", str(out), "--quiet")
    assert done.code == 0, done.said
    return Undisturbed(out, done.seconds)


@pytest.fixture(scope="module")
def undisturbed(killer: Killer, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    return to_the_end(killer, tmp_path_factory.mktemp("undisturbed") / "out", "run", *STUDY)


def parts_kept(out: Path) -> int:
    """How many answers a killed command left, each of them whole."""
    parts = list(out.glob(".lis1plan-*/parts/*.npz"))
    for part in parts:
        read_part(part)
    return len(parts)


def same(out: Path, undisturbed: Path) -> None:
    """The same files with the same data, and nothing else."""
    assert sorted(p.name for p in out.iterdir()) == sorted(p.name for p in undisturbed.iterdir())
    (one,), (other,) = out.glob("*.nc"), undisturbed.glob("*.nc")
    left, right = open_result(one), open_result(other)
    assert differences(left, right) == []
    assert list(left.variables) == list(right.variables)
    for name in left.variables:
        assert left[name].values.tolist() == right[name].values.tolist() or (
            left[name].values.tobytes() == right[name].values.tobytes()
        )


@pytest.mark.thorough
def test_a_run_killed_again_and_again_ends_the_same(
    killer: Killer, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    """Each time by another process; the last is begun from a shell."""
    out, kept = tmp_path / "out", [0]
    for step in ("draw", "LP rounds", "worth", "project"):
        command = ["resume", str(out)] if kept[-1] else ["run", *STUDY, "--out", str(out)]
        fallen = killer.run(*command, step=step, delay=0.5 * undisturbed.seconds[step])
        assert fallen.code == -signal.SIGKILL
        kept.append(parts_kept(out))
    assert kept == sorted(kept)
    done = subprocess.run(
        [*PROGRAM, "resume", str(out)], env=ENVIRONMENT, capture_output=True, text=True,
        timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert f"kept from before: {kept[-1]} of {kept[-1]}" in done.stderr
    same(out, undisturbed.out)


@pytest.mark.parametrize(
    "moment",
    [pytest.param(n, marks=pytest.mark.thorough) for n in range(MOMENTS)],
)
def test_a_run_killed_at_any_moment_ends_the_same(
    moment: int, killer: Killer, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    """The same command goes on by itself, or `resume` does; every answer kept is used."""
    step, out = STEPS[moment % len(STEPS)], tmp_path / "out"
    rounds = -(-MOMENTS // len(STEPS))
    share = (moment // len(STEPS) + random.Random(moment).random()) / rounds
    killer.kill(step, share * undisturbed.seconds[step], "run", *STUDY, out=out)
    kept = parts_kept(out)
    command = ["run", *STUDY, "--out", str(out)] if moment % 2 else ["resume", str(out)]
    done = killer.run(*command)
    assert done.code == 0, done.said
    assert not kept or f"kept from before: {kept} of {kept}" in done.said
    assert kept > 0 or step == "draw"
    same(out, undisturbed.out)


@pytest.mark.thorough
@pytest.mark.parametrize("kind", COMMANDS)
def test_other_commands_go_on_as_well(kind: str, killer: Killer, tmp_path: Path) -> None:
    options, step = COMMANDS[kind]
    command = [kind, *STUDY, *options]
    whole = to_the_end(killer, tmp_path / "whole", *command)
    out = tmp_path / "out"
    killer.kill(step, 0.5 * whole.seconds[step], *command, out=out)
    kept = parts_kept(out)
    assert kept > 0
    done = killer.run("resume", str(out))
    assert done.code == 0, done.said
    assert f"kept from before: {kept} of {kept}" in done.said
    same(out, whole.out)


# ------------------------------------------------------------------------ answers of the optimiser


def solved(rule: str, kept: Checkpoint) -> Solution:
    """The cheapest plan of a small study under one risk limit, with what a folder keeps."""
    limit = one_limit(["nord", "midt"]) | {"rule": rule, "confidence": 0.75}
    study = small_study(5, scenarios=24, changes={"risk": {"both": limit}})
    pool = CutPool(prepare(study, sample_of(study), Workers(1, checkpoint=kept)))
    search = Search.of(pool, Clock(600.0), checkpoint=kept)
    attainable = attain(search)
    limits = 0.6 * attainable.floors + 0.4 * attainable.ceilings
    solution = find_plan(search.with_limits(limits))
    kept.close()
    assert solution.status == "optimal"
    return solution


@pytest.mark.parametrize("rule", ["cvar", "chance"])
def test_masters_are_read_and_not_solved_again(rule: str, tmp_path: Path) -> None:
    before, first = solved(rule, NOWHERE), Checkpoint(tmp_path, 0.0)
    np.testing.assert_equal(solved(rule, first), before)
    assert list(tmp_path.glob("master-*.npz"))
    again = Checkpoint(tmp_path, 0.0)
    np.testing.assert_equal(solved(rule, again), before)
    assert (again.read, again.written) == (first.read + first.written, 0)


def test_an_answer_the_clock_cut_short_is_not_kept(tmp_path: Path) -> None:
    kept = Checkpoint(tmp_path, 0.0)
    for _ in range(2):
        assert kept.answer("master", (1,), lambda: "stopped", lambda said: said != "stopped")
    kept.close()
    assert (kept.read, kept.written) == (0, 0)
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------------ the working folder


def asked() -> JobRequest[Options]:
    return JobRequest(load_study("tutorial"), RunOptions())


def at(out: Path, progress: Progress = silent) -> Setting:
    return Setting(out, 1, progress)


def stop_by(error: BaseException, out: Path) -> None:
    """Begin a run that keeps one part and then stops."""
    with working_folder(asked(), at(out)) as working:
        (working.parts / "x.npz").write_bytes(b"x")
        raise error


def test_the_folder_goes_when_the_result_stands(tmp_path: Path) -> None:
    with working_folder(asked(), at(tmp_path)) as working:
        (working.parts / "x.npz").write_bytes(b"x")
        working.progress("frontier", 1, 2)
        assert (working.folder / "phase").read_text("utf-8") == "frontier"
        assert read_manifest(working.folder).kind == "run"
        assert interrupted_runs(tmp_path) == [working.folder]
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_run_says_how_to_go_on(tmp_path: Path) -> None:
    with pytest.raises(InterruptedRunError, match="go on with: lis1plan resume"):
        stop_by(KeyboardInterrupt(), tmp_path)
    assert (folder_of(asked(), tmp_path) / "parts" / "x.npz").is_file()
    told = []
    with working_folder(asked(), at(tmp_path, lambda *step: told.append(step))) as working:
        assert (working.parts / "x.npz").is_file()
    assert told == [("kept from before", 1, 1)]


def test_two_runs_of_the_same_are_told_apart(tmp_path: Path) -> None:
    refused = pytest.raises(InputError, match="is at this run")
    with working_folder(asked(), at(tmp_path)), refused, working_folder(asked(), at(tmp_path)):
        pass


@pytest.mark.parametrize("name", ["numpy", "highspy", "code", "optimise"])
def test_what_other_versions_worked_out_is_dropped(name: str, tmp_path: Path) -> None:
    folder = folder_of(asked(), tmp_path)
    with pytest.raises(OSError, match="broken"):
        stop_by(OSError("broken"), tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["versions"][name] = "1.0"
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    with working_folder(asked(), at(tmp_path)) as working:
        assert list(working.parts.iterdir()) == []


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        interrupted_runs(tmp_path / "none")
    with pytest.raises(InputError, match="holds no interrupted run"):
        interrupted_runs(tmp_path)
    (tmp_path / "manifest.json").write_text("{", "utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("name", ["lock", "phase"])
def test_a_pipe_in_place_of_a_small_file_is_not_waited_for(name: str, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="broken"):
        stop_by(OSError("broken"), tmp_path)
    folder = folder_of(asked(), tmp_path)
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    refused = pytest.raises(InputError, match=rf"{folder / name}: is a pipe or a device; remove it")
    with refused, working_folder(asked(), at(tmp_path)):
        pass
    assert (folder / "parts" / "x.npz").is_file()


def test_a_folder_begun_for_another_study_is_refused(tmp_path: Path) -> None:
    """Going on would write under another name and leave the folder as it is."""
    with pytest.raises(OSError, match="broken"):
        stop_by(OSError("broken"), tmp_path)
    folder = folder_of(asked(), tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    study = json.loads(manifest["study_json"])
    study["sampling"]["seed"] += 1
    (folder / "manifest.json").write_text(
        json.dumps(manifest | {"study_json": json.dumps(study)}), "utf-8"
    )
    with pytest.raises(InputError, match=r"its manifest\.json was changed"):
        resume_run(folder, 1, silent)
    assert (folder / "parts" / "x.npz").is_file()


def test_options_of_another_program_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="broken"):
        stop_by(OSError("broken"), tmp_path)
    folder = folder_of(asked(), tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["options"]["colour"] = "red"
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(InputError, match=r"options of another lis1plan: .*colour.*; run the study"):
        resume_run(folder, 1, silent)
