"""Campaigns without Slurm: the manifest, the scripts, the tasks, the table."""

from __future__ import annotations

import csv
import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from lis1plan.batch import campaign as campaign_module
from lis1plan.batch import local, submission
from lis1plan.batch.asking import MOST_CPUS, Hearing, as_asked, with_request
from lis1plan.batch.campaign import Runs, Task, combinations, new_campaign, read_campaign
from lis1plan.batch.operations import in_words
from lis1plan.batch.scripts import write_scripts
from lis1plan.batch.submission import Need, Standing, as_ranges
from lis1plan.batch.task import done, outcome
from lis1plan.cli import main
from lis1plan.configs.loader import load_study
from lis1plan.core.compute import slurm
from lis1plan.core.compute.profile import Jobs, Profile
from lis1plan.core.errors import InputError
from lis1plan.core.files.store import open_result
from lis1plan.core.study.study import Study
from lis1plan.jobs.options import RunOptions
from lis1plan.jobs.request import JobRequest
from lis1plan.jobs.resources import Needed, Timed
from lis1plan.report.pages import html

pytestmark = pytest.mark.thorough

SMALL = ("sampling.scenarios=16", "sampling.fresh_scenarios=16", "solve.frontier_points=1")
SWEEP = "sampling.seed=1,2"
ASKED = Profile(slurm=Jobs(walltime="01:00:00", memory="2G", cpus=1))


def call(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_sweeps_are_combined() -> None:
    assert combinations([]) == [{}]
    assert combinations(["a=1,2", "b=x"]) == [{"a": "1", "b": "x"}, {"a": "2", "b": "x"}]
    with pytest.raises(InputError) as caught:
        combinations(["a", "b=", "=1"])
    assert len(caught.value.problems) == 3


def test_numbers_as_slurm_writes_them() -> None:
    assert as_ranges([5]) == "5"
    assert as_ranges([9, 3, 4, 5, 0]) == "0,3-5,9"


def test_a_dry_run_writes_scripts_and_submits_nothing(tmp_path: Path) -> None:
    profile = tmp_path / "site.toml"
    profile.write_text(
        '[slurm]\npartition = "long"\naccount = "u1"\nwalltime = "02:30:00"\ncpus = 3\n'
        'memory = "5G"\nmodules = ["Python/3.11"]\nbefore = ["source venv/bin/activate"]\n'
        'extra = ["--constraint=avx2"]\n',
        "utf-8",
    )
    out = tmp_path / "camp"
    options = ("--sweep", SWEEP, "--profile", profile, "--out", out, "--dry-run")
    result = call("submit", "tutorial", *options)
    assert result.exit_code == 0, result.output
    script = (out / "task.sbatch").read_text("utf-8")
    for line in (
        "#SBATCH --partition=long",
        "#SBATCH --account=u1",
        "#SBATCH --time=02:30:00",
        "#SBATCH --cpus-per-task=3",
        "#SBATCH --mem=5G",
        "#SBATCH --constraint=avx2",
        "module load Python/3.11",
        "source venv/bin/activate",
    ):
        assert line in script.splitlines()
        assert line in result.stdout
    for name in ("task.sbatch", "collect.sbatch"):
        assert subprocess.run(["bash", "-n", str(out / name)], check=False).returncode == 0
    assert not (out / "jobs.json").exists()
    campaign = read_campaign(out)
    assert [task.swept for task in campaign.tasks] == [
        {"sampling.seed": "1"},
        {"sampling.seed": "2"},
    ]
    again = call("submit", "tutorial", "--out", out, "--dry-run")
    assert again.exit_code == 2
    assert "holds a campaign already" in again.stderr


def test_a_bad_study_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    out = tmp_path / "camp"
    result = call("submit", "tutorial", "--sweep", "sampling.sede=1,2", "--out", out, "--dry-run")
    assert result.exit_code == 2
    assert "unknown key 'sampling.sede'" in result.stderr
    assert not out.exists()


def test_without_slurm_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_CONF", str(tmp_path / "none.conf"))
    result = call("submit", "tutorial", "--out", tmp_path / "camp")
    assert result.exit_code == 1
    assert result.stderr.startswith("lis1plan: scontrol: ")
    assert len(result.stderr.splitlines()) == 1
    assert "to run the tasks here, one after the other: add --scheduler local" in result.stderr
    assert not (tmp_path / "camp").exists()


NEEDED = Needed(3, 600.0, 1000.0, 1.0, Timed(*(0.0,) * 5))
"""30 minutes and 1536 MiB, with what is spared."""


def test_a_campaign_asks_for_what_its_largest_study_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[tuple[int, int]] = []

    def needed(study: Study, cores: int) -> Needed:
        measured.append((study.sampling.scenarios, cores))
        factor = study.sampling.scenarios / 16
        return NEEDED._replace(seconds=600 * factor, memory_mb=1000 * factor)

    monkeypatch.setattr("lis1plan.jobs.resources.needed", needed)
    monkeypatch.setattr("lis1plan.batch.asking.cpus_of_nodes", lambda _: 3)
    sweeps = ["sampling.seed=1,2,3", "sampling.scenarios=16,32"]
    made = new_campaign(tmp_path / "a", Runs(["tutorial"], sweeps, SMALL), "slurm", Profile())
    assert sorted(measured) == [(16, 3), (32, 3)]  # once for each size
    asked = made.profile.slurm
    assert (asked.walltime, asked.memory, asked.cpus) == ("01:00:00", "3072M", 3)
    assert read_campaign(tmp_path / "a").profile == made.profile
    own = Profile(slurm=Jobs(memory="5G", cpus=2, most_walltime="00:45:00"))
    asked = new_campaign(tmp_path / "b", Runs(["tutorial"]), "slurm", own).profile.slurm
    assert (asked.memory, asked.cpus) == ("5G", 2)
    assert asked.walltime == "00:45:00"
    assert measured[-1][1] == 2
    count = len(measured)
    new_campaign(tmp_path / "c", Runs(["tutorial"]), "local", Profile())
    whole = Profile(slurm=Jobs(memory="5G", cpus=2, walltime="00:45:00"))
    new_campaign(tmp_path / "d", Runs(["tutorial"]), "slurm", whole)
    assert len(measured) == count


@pytest.mark.parametrize(
    ("partition", "nodes", "cpus"),
    [
        ("", "small|2\nlarge*|64\nlarge*|4\n", 4),  # the smallest of the one jobs go to unasked
        ("", "large*|64\n", MOST_CPUS),
        ("small", "small|2\nsmall|128\n", 2),
        ("no-such", "", 1),
    ],
)
def test_a_task_asks_for_the_cores_that_nodes_have_there(
    partition: str, nodes: str, cpus: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A submitting machine of 64 cores asked for 64: on nodes of 32 all tasks waited for ever."""
    sinfo, warned = tmp_path / "sinfo", list[str]()
    sinfo.write_text(f"#!/bin/sh\nprintf '{nodes}'\n", "utf-8")
    sinfo.chmod(0o755)
    (tmp_path / "slurm.conf").touch()
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("SLURM_CONF", str(tmp_path / "slurm.conf"))
    profile = Profile(slurm=Jobs(partition=partition))
    request = JobRequest(load_study("tutorial", SMALL), RunOptions())
    asked = with_request(profile, [request], Hearing(warn=warned.extend))
    assert asked.slurm.cpus == cpus
    assert as_asked(asked).startswith(f"each asks for {cpus} core")
    assert warned == [
        "slurm.cpus: every task asks for 1; give more in a profile: Slurm names no node of "
        f"partition '{partition}'"
    ] * (not nodes)


def test_cores_where_no_slurm_says_them_are_one_and_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLURM_CONF", str(tmp_path / "none.conf"))
    small = [part for each in SMALL for part in ("--set", each)]
    result = call("submit", "tutorial", *small, "--out", tmp_path / "c", "--dry-run")
    assert "lis1plan: warning: slurm.cpus: every task asks for 1; give more in a" in result.stderr
    assert "#SBATCH --cpus-per-task=1\n" in result.stdout
    assert "1 tasks; each asks for 1 core, " in result.stdout


def test_a_campaign_is_warned_of_once_and_says_how_far_it_is(tmp_path: Path) -> None:
    """Many tasks of one study share its doubts."""
    told, warned = [], list[str]()
    doubtful = [*SMALL, "risk.coast.confidence=0.99"]  # a tail of less than one scenario
    runs = Runs(["tutorial"], ["sampling.seed=1,2"], doubtful)
    hearing = Hearing(lambda *step: told.append(step), warned.extend)
    new_campaign(tmp_path, runs, "local", Profile(), hearing)
    assert warned
    assert len(warned) == len(set(warned))
    assert ("read studies", 2, 2) in told
    assert ("write studies", 2, 2) in told


def test_scripts_of_a_folder_with_blanks_name_it_whole(tmp_path: Path) -> None:
    folder = tmp_path / "med mellomrom 100%"
    campaign = new_campaign(folder, Runs(["tutorial"]), "slurm", Profile(slurm=Jobs(
        walltime="01:00:00", memory="2G", cpus=1)))  # fmt: skip
    for script in write_scripts(campaign):
        lines = script.read_text("utf-8").splitlines()
        (output,) = (line for line in lines if "--output=" in line)
        whole = str(folder.resolve()).replace("%", "%%")
        assert output.startswith(f'#SBATCH --output="{whole}/logs/')
        (name,) = (line for line in lines if "--job-name=" in line)
        assert name == "#SBATCH --job-name=lis1plan-med-mellomrom-100-"
        assert subprocess.run(["bash", "-n", script], check=False).returncode == 0


def test_tasks_stuck_for_one_reason_are_one_line(tmp_path: Path) -> None:
    runs = Runs(["tutorial"], ["sampling.seed=1,2,3"])
    campaign = new_campaign(tmp_path, runs, "local", Profile())
    found = {n: Standing("stuck", "the partition is down") for n in range(3)}
    assert in_words(campaign, found)[1:] == ["task 0-2: stuck the partition is down"]


@pytest.mark.parametrize("command", ["status", "collect", "cancel"])
def test_no_campaign_is_one_clear_line(command: str, tmp_path: Path) -> None:
    result = call(command, tmp_path)
    assert result.exit_code == 2
    assert "no campaign: it holds no campaign.json" in result.stderr


def test_a_local_campaign_from_start_to_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tasks run in this process here; `tests/batch/test_slurm.py` runs them as jobs."""
    monkeypatch.setattr(html, "write_report", lambda _, path: path)
    sets = [each for value in SMALL for each in ("--set", value)]
    out = tmp_path / "camp"
    assert (
        call("submit", "tutorial", "--sweep", SWEEP, *sets, "--out", out, "--dry-run").exit_code
        == 0
    )
    manifest = json.loads((out / "campaign.json").read_text("utf-8"))
    (out / "campaign.json").write_text(json.dumps(manifest | {"scheduler": "local"}), "utf-8")

    assert call("task", out, 0, "--quiet", "--workers", 1).exit_code == 0
    assert call("task", out, 7).exit_code == 2
    partial = call("collect", out)
    assert partial.exit_code == 1
    assert "not done: task 1" in partial.stderr
    assert call("status", out).stdout.startswith("2 tasks: 1 optimal, 1 not started")
    slots = open_result(out / "campaign.nc")["slots"].values
    assert slots[0] > 0  # the tutorial needs some
    assert np.isnan(slots[1])
    with (out / "campaign.csv").open(encoding="utf-8") as file:
        assert [row["slots"] for row in csv.DictReader(file)][1] == ""

    stamp = (out / "runs" / "0000" / "task.json").stat().st_mtime_ns
    assert call("task", out, 0, "--quiet").exit_code == 0  # done: nothing happens
    assert (out / "runs" / "0000" / "task.json").stat().st_mtime_ns == stamp
    assert call("task", out, 1, "--quiet", "--workers", 1).exit_code == 0
    assert call("collect", out).exit_code == 0
    with (out / "campaign.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["sampling.seed"] for row in rows] == ["1", "2"]
    assert [row["status"] for row in rows] == ["optimal", "optimal"]
    table = open_result(out / "campaign.nc")
    assert table["cost_nok"].values.tolist() == [float(row["cost_nok"]) for row in rows]
    assert all((out / row["result"]).is_file() for row in rows)


def test_a_local_campaign_whose_tasks_fail_says_so(tmp_path: Path) -> None:
    """Of two studies one is damaged after the campaign was made: the other is run all the same."""
    campaign = new_campaign(tmp_path, Runs(["tutorial"], [SWEEP], SMALL), "local", Profile())
    (tmp_path / campaign.tasks[0].study_file).write_text("{", "utf-8")
    result = call("resume", tmp_path)
    assert result.exit_code == 1
    assert "task 0 (tutorial): failed, exit 2: " in result.stdout
    assert "task 1 (tutorial): optimal" in result.stdout
    assert result.stderr == (
        f"lis1plan: not done: task 0; go on with: lis1plan resume {tmp_path}\n"
    )
    assert call("status", tmp_path).stdout.startswith("2 tasks: 1 failed, 1 optimal\n")
    assert "the study in it: found '{'" in local.standings(campaign)[0].reason
    again = call("resume", tmp_path, "--quiet")
    assert (again.exit_code, again.stdout) == (1, "")


@pytest.mark.parametrize("windows", [False, True])
def test_a_local_campaign_needs_no_locks(
    windows: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system has none, as Windows, the campaign runs without."""
    if windows:
        monkeypatch.setitem(sys.modules, "fcntl", None)
    campaign = new_campaign(tmp_path, Runs(["tutorial"], [], SMALL), "local", Profile())
    assert local.holder(campaign) is None
    holders = []
    monkeypatch.setattr(local, "_run", lambda *_: holders.append(local.holder(campaign)) or 0)
    (line,) = local.run_tasks(campaign, campaign.tasks)
    assert line == "task 0 (tutorial): failed"
    assert holders == [None if windows else os.getpid()]
    assert local.holder(campaign) is None


def test_a_damaged_or_lost_result_counts_as_not_done(tmp_path: Path) -> None:
    campaign = new_campaign(tmp_path, Runs(["tutorial"], [], SMALL), "local", Profile())
    (task,) = campaign.tasks
    place = campaign.place(task)
    place.mkdir(parents=True)
    ending: dict[str, Any] = {
        "run_id": task.run_id,
        "status": "optimal",
        "result": "runs/0000/x.nc",
    }
    (place / "task.json").write_text(json.dumps(ending | {"file_sha256": "0"}), "utf-8")
    assert outcome(campaign, task) is None
    (place / "x.nc").write_bytes(b"other")
    assert not done(campaign, task)
    (place / "task.json").write_text("{", "utf-8")
    assert not done(campaign, task)


@pytest.mark.parametrize(
    ("ending", "needed"),
    [
        ({"JobState": "TIMEOUT"}, Need("02:00:00", "2G")),
        ({"JobState": "OUT_OF_MEMORY"}, Need("01:00:00", "4096M")),
        ({"JobState": "FAILED", "ExitCode": "0:9"}, Need("01:00:00", "4096M")),
        ({"JobState": "FAILED", "ExitCode": "1:0"}, Need("01:00:00", "2G")),
        ({}, Need("01:00:00", "2G")),
    ],
)
def test_a_task_asks_for_more_of_what_it_lacked(
    ending: dict[str, str], needed: Need, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = new_campaign(tmp_path, Runs(["tutorial"], [], SMALL), "slurm", ASKED)
    write_scripts(campaign)
    before = [{"job": "7", "offset": 0, "tasks": [0], "walltime": "01:00:00", "memory": "2G"}]
    monkeypatch.setattr(submission, "ending", lambda _: ending)
    task: Task = campaign.tasks[0]
    assert submission._need(campaign, task, before) == needed
    tight = campaign._replace(
        profile=Profile(slurm=Jobs(most_walltime="01:30:00", most_memory="3G"))
    )
    most = submission._need(tight, task, before)
    assert most.walltime in ("01:00:00", "01:30:00")
    assert most.memory in ("2G", "3072M")


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("PartitionConfig", "the partition has no node"),
        ("DependencyNeverSatisfied", "a job it waits for has failed"),
        ("AssocGrpCpuLimit", "a limit of the account"),
        ("QOSMaxJobsPerUserLimit", "a limit of the account"),
        ("ReqNodeNotAvail, UnavailableNodes:n1", "down or reserved"),
    ],
)
def test_a_job_that_waits_for_ever_is_named(reason: str, said: str) -> None:
    assert said in (slurm.stuck_for_good(reason) or "")
    for normal in ("Priority", "Resources", "None", "Dependency", "BeginTime"):
        assert slurm.stuck_for_good(normal) is None


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=lambda each: each.name)
def test_an_interrupted_campaign_says_how_to_go_on(how: signal.Signals, tmp_path: Path) -> None:
    """A terminal sends Ctrl-C to the task as well; here the campaign alone hears it."""
    out = tmp_path / "out"
    command = [sys.executable, "-m", "lis1plan", "submit", "tutorial", "--scheduler", "local"]
    for each in SMALL:
        command += ["--set", each]
    process = subprocess.Popen(
        [*command, "--out", str(out)], cwd=tmp_path, stderr=subprocess.PIPE, text=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    while not list(out.glob("runs/*/.lis1plan-*/manifest.json")) and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(how)
    _, said = process.communicate(timeout=120)
    last = said.splitlines()[-1]
    assert last == f"lis1plan: interrupted; go on with: lis1plan resume {out}"
    assert process.returncode == 130
    assert call("resume", out).exit_code == 0


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left")])
@pytest.mark.parametrize("there", [False, True])
def test_a_campaign_that_is_not_whole_leaves_no_folder(
    there: bool, error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another hand put there stays."""

    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(campaign_module, "write_json", fails)
    out = tmp_path / "out"
    if there:
        out.mkdir()
        (out / "notes.txt").write_text("mine", "utf-8")
    result = call("submit", "tutorial", "--scheduler", "local", "--out", out)
    assert result.exit_code == (130 if isinstance(error, KeyboardInterrupt) else 5)
    assert (out / "notes.txt").exists() if there else not out.exists()


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("number", "one", "0.number: "),
        ("swept", {"a": []}, "0.swept.a: "),
        ("number", 7, "not numbered from 0 on"),
    ],
)
def test_a_damaged_campaign_names_the_key(
    key: str, value: object, said: str, tmp_path: Path
) -> None:
    new_campaign(tmp_path, Runs(["tutorial"], (), SMALL), "local", Profile())
    file = tmp_path / "campaign.json"
    found = json.loads(file.read_text("utf-8"))
    found["tasks"][0][key] = value
    file.write_text(json.dumps(found), "utf-8")
    with pytest.raises(InputError, match=f"{file}: .*{said}"):
        read_campaign(tmp_path)
