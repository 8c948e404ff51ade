"""A real Slurm of two nodes: campaigns and workers lose jobs and end with the very same data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lis1plan.core.files.comparison import differences
from lis1plan.core.files.store import open_result

from ..helpers.slurm import running, said, wait_until

pytestmark = pytest.mark.tools
PROGRAM = [sys.executable, "-c", "from lis1plan.cli import main; main()"]
SMALL = ["--set", "sampling.scenarios=1000", "--set", "sampling.fresh_scenarios=10000"]
SMALL += ["--set", "solve.frontier_points=4"]
"""Not so small that a run ends while somebody is about to cancel it."""
SECONDS = 900.0
TINY = ["--set", "sampling.scenarios=32", "--set", "sampling.fresh_scenarios=32"]
TINY += ["--set", "solve.frontier_points=1"]
Environment = dict[str, str]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """The environment of a running Slurm; its nodes share one cache of compiled kernels."""
    folder = tmp_path_factory.mktemp("slurm")
    usual = {k: v for k, v in os.environ.items() if k != "NUMBA_DISABLE_JIT"}
    with running(folder / "s") as environment:
        yield (
            usual
            | environment
            | {
                "NUMBA_CACHE_DIR": str(folder / "numba"),
                "LIS1PLAN_KEEP_SECONDS": "0",
            }
        )


@pytest.fixture(autouse=True)
def programs(tool: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:/usr/sbin:/sbin")
    for name in ("munged", "slurmctld", "slurmd", "sbatch"):
        tool(name)


def call(environment: Environment, *arguments: object, code: int = 0) -> str:
    """Run lis1plan; return all it prints."""
    done = subprocess.run(
        [*PROGRAM, *map(str, arguments)], env=environment, text=True, timeout=SECONDS, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == code, done.stdout
    return done.stdout


def empty_queue(environment: Environment) -> bool:
    return not said(environment, "squeue", "-h")


def under_way(folder: Path, task: int) -> bool:
    """Whether a task has worked something out already."""
    parts = (folder / "runs" / f"{task:04}").glob(".lis1plan-*/parts/*.npz")
    return next(parts, None) is not None


def same_as_local(environment: Environment, campaign: Path, out: Path) -> None:
    """Every run of a campaign is that of `lis1plan run`, bit for bit."""
    manifest = json.loads((campaign / "campaign.json").read_text("utf-8"))
    for task in manifest["tasks"]:
        sets = [f"{key}={value}" for key, value in task["swept"].items()]
        where = out / str(task["number"])
        options = [each for value in sets for each in ("--set", value)]
        call(environment, "run", task["study_name"], *SMALL, *options, "--out", where, "--quiet")
        place = campaign / "runs" / f"{task['number']:04}"
        (one,), (other,) = place.glob("*.nc"), where.glob("*.nc")
        assert differences(open_result(one), open_result(other)) == []
        assert sorted(p.name for p in place.iterdir() if p.name != "task.json") == sorted(
            p.name for p in where.iterdir()
        )


def test_a_campaign_loses_tasks_and_ends_the_same(cluster: Environment, tmp_path: Path) -> None:
    """One task is cancelled while it runs, one put back into the queue, one fails."""
    folder = tmp_path / "campaign"
    broken = cluster | {"BASH_ENV": str(tmp_path / "fail.sh")}
    (tmp_path / "fail.sh").write_text(
        f'[ "${{SLURM_ARRAY_TASK_ID:-}}" = 2 ] && [ ! -e {tmp_path}/failed ] '
        f"&& touch {tmp_path}/failed && exit 9\ntrue\n",
        "utf-8",
    )
    told = call(
        broken, "submit", "tutorial", "--sweep", "sampling.seed=1,2,3", *SMALL, "--out", folder
    )
    job = told.split("job ")[1].split(":")[0]
    wait_until(lambda: under_way(folder, 0), 600, "task 0 to be at work")
    subprocess.run(["scancel", f"{job}_0"], env=cluster, check=True)
    wait_until(lambda: under_way(folder, 1), 600, "task 1 to be at work")
    subprocess.run(["scontrol", "requeue", f"{job}_1"], env=cluster, check=True)
    wait_until(lambda: empty_queue(cluster), SECONDS, "the queue to run empty")
    assert (tmp_path / "failed").exists()
    told = call(cluster, "status", folder)
    assert "3 tasks: " in told
    assert "1 optimal" in told
    assert told.count(": lost ") == 2
    assert call(cluster, "collect", folder, code=1).count("not done: task 0, 2") == 1

    told = call(cluster, "resume", folder)
    assert ": 2 tasks, " in told
    wait_until(lambda: empty_queue(cluster), SECONDS, "the queue to run empty")
    assert "3 tasks: 3 optimal" in call(cluster, "status", folder)
    call(cluster, "collect", folder)
    assert "nothing to do" in call(cluster, "resume", folder)
    same_as_local(cluster, folder, tmp_path / "local")


def test_a_job_that_would_wait_for_ever_is_named(cluster: Environment, tmp_path: Path) -> None:
    profile = tmp_path / "large.toml"
    profile.write_text("[slurm]\ncpus = 9\n", "utf-8")
    folder = tmp_path / "campaign"
    told = call(cluster, "submit", "tutorial", *SMALL, "--profile", profile, "--out", folder)
    wait_until(lambda: "stuck" in call(cluster, "status", folder), 60, "the reason to be known")
    assert "the partition has no node" in told + call(cluster, "status", folder)
    assert "cancelled: job" in call(cluster, "cancel", folder)
    wait_until(lambda: empty_queue(cluster), 60, "the queue to run empty")


def test_a_campaign_in_a_folder_with_blanks(cluster: Environment, tmp_path: Path) -> None:
    """It asks for what a run needs, logs where it should, and is collected."""
    folder = tmp_path / "med mellomrom, 100% æ"
    told = call(cluster, "submit", "tutorial", *TINY, "--out", folder)
    assert "measure what a run needs: 1 of 1" in told
    wait_until(lambda: empty_queue(cluster), SECONDS, "the queue to run empty")
    log = next((folder / "logs").glob("*_0.log"), None)
    assert log is not None, [*tmp_path.iterdir()]
    told = call(cluster, "status", folder)
    assert told.startswith("1 tasks: 1 optimal"), log.read_text("utf-8")
    assert (folder / "campaign.csv").is_file()
    assert (folder / "logs" / "collect.log").is_file()


def test_workers_of_slurm_lose_one_and_end_the_same(cluster: Environment, tmp_path: Path) -> None:
    profile = tmp_path / "two.toml"
    profile.write_text(
        '[cluster]\nkind = "slurm"\nworkers = 2\n[slurm]\nmemory = "800M"\ninterface = "lo"\n',
        "utf-8",
    )
    command = ["run", "tutorial", *SMALL, "--quiet", "--out"]
    process = subprocess.Popen(
        [*PROGRAM, *command, str(tmp_path / "out"), "--cluster", str(profile)],
        env=cluster, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    parts = lambda: list((tmp_path / "out").glob(".lis1plan-*/parts/*.npz"))  # noqa: E731
    wait_until(lambda: len(parts()) > 5 or process.poll() is not None, 600, "answers of workers")
    assert process.poll() is None, process.communicate()[0]
    jobs = said(cluster, "squeue", "-h", "-o", "%i").split()
    assert jobs
    subprocess.run(["scancel", jobs[0]], env=cluster, check=True)
    output, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, output
    wait_until(lambda: empty_queue(cluster), 60, "its jobs to be gone")
    call(cluster, *command, tmp_path / "local")
    (one,), (other,) = (tmp_path / "out").glob("*.nc"), (tmp_path / "local").glob("*.nc")
    assert differences(open_result(one), open_result(other)) == []


def test_no_answering_controller_is_one_clear_line(cluster: Environment, tmp_path: Path) -> None:
    conf = tmp_path / "slurm.conf"
    text = Path(cluster["SLURM_CONF"]).read_text("utf-8")
    conf.write_text(text.replace("SlurmctldPort=", "SlurmctldPort=1"), "utf-8")
    began = time.monotonic()
    told = call(
        cluster | {"SLURM_CONF": str(conf)}, "submit", "tutorial", "--out", tmp_path / "c", code=1
    )
    assert told.startswith("lis1plan: ")
    assert len(told.splitlines()) == 1
    assert time.monotonic() - began < 60
