"""A campaign without Slurm: its tasks one after the other, each in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ..core.errors import InputError
from ..core.lock import locked
from ..jobs.working_folder import PREFIX
from .campaign import Campaign, Task
from .submission import Standing
from .task import outcome


def run_tasks(campaign: Campaign, tasks: Sequence[Task]) -> Iterator[str]:
    """Run tasks and yield a line about each; a failed one does not keep the others from running."""
    with _alone(campaign):
        for task in tasks:
            code = _run(campaign, task)
            said = outcome(campaign, task) or {"status": "failed"}
            line = f"task {task.number} ({task.study_name}): {said['status']}"
            yield line if code in (0, 3, 4) else f"{line}, exit {code}: {_log(campaign, task)}"


def standings(campaign: Campaign) -> dict[int, Standing]:
    """Return where every task stands."""
    busy, found = holder(campaign), dict[int, Standing]()
    for task in campaign.tasks:
        said = outcome(campaign, task)
        if said is not None:
            found[task.number] = Standing(said["status"], said.get("message", ""))
        elif any(campaign.place(task).glob(f"{PREFIX}*/manifest.json")):
            found[task.number] = Standing("running" if busy else "interrupted")
        else:
            found[task.number] = Standing("waiting" if busy else "not started")
    return found


def cancel(campaign: Campaign) -> list[str]:
    """Stop the process that runs the campaign; what is worked out is kept."""
    process = holder(campaign)
    if process is None:
        return ["no process runs this campaign"]
    os.kill(process, signal.SIGTERM)
    return [f"stopped: process {process}"]


def holder(campaign: Campaign) -> int | None:
    """Return the process that runs the campaign on this machine, None if none does."""
    try:
        with (campaign.folder / "local.lock").open("r", encoding="utf-8") as lock:
            return None if locked(lock, shared=True) else int(lock.read() or 0) or None
    except (FileNotFoundError, ValueError):
        return None


@contextmanager
def _alone(campaign: Campaign) -> Iterator[None]:
    with (campaign.folder / "local.lock").open("a+", encoding="utf-8") as lock:
        if not locked(lock):
            raise InputError(f"{campaign.folder}: another process runs this campaign")
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _run(campaign: Campaign, task: Task) -> int:
    command = [sys.executable, "-m", "lis1plan", "task"]
    command += [str(campaign.folder), str(task.number), "--quiet"]
    log = _log(campaign, task)
    with open(log, "a", encoding="utf-8") as said:  # noqa: PTH123
        child = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
        try:
            return child.wait()
        except KeyboardInterrupt:
            child.send_signal(signal.SIGTERM)
            child.wait()
            raise


def _log(campaign: Campaign, task: Task) -> str:
    return str(campaign.folder / "logs" / f"task_{task.number}.log")
