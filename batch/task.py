"""One task of a campaign: what its scripts call. Doing it again once it is done does nothing."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from ..configs.loader import study_from_text
from ..core.compute.place import Progress, Where
from ..core.files.checksums import file_sha256
from .campaign import Campaign, Task, read_note, write_json

DONE = ("optimal", "stopped", "infeasible")
"""Ways a task ends that doing it again would not change."""


def outcome(campaign: Campaign, task: Task) -> dict[str, Any] | None:
    """Return how a task ended, or None if it has not; a damaged or lost result counts as not."""
    found = read_note(campaign.place(task) / "task.json")
    if not isinstance(found, dict) or found.get("run_id") != task.run_id:
        return None
    if found.get("status") in ("optimal", "stopped"):
        file = campaign.folder / str(found["result"])
        if not file.is_file() or file_sha256(file) != found["file_sha256"]:
            return None
    return found


def done(campaign: Campaign, task: Task) -> bool:
    """Return whether a task needs no more work."""
    found = outcome(campaign, task)
    return found is not None and found["status"] in DONE


def run_task(campaign: Campaign, task: Task, where: Where, progress: Progress) -> dict[str, Any]:
    """Do one task and write down how it ended; what an earlier attempt left is gone on with."""
    from ..core.errors import InterruptedRunError, as_own
    from ..jobs.options import RunOptions
    from ..jobs.outcome import summary_of
    from ..jobs.request import JobRequest, Setting
    from ..jobs.run import JOB
    from ..optimise.job import InfeasibleError

    if done(campaign, task):
        return outcome(campaign, task) or {}
    began, place = time.perf_counter(), campaign.place(task)
    (place / "task.json").unlink(missing_ok=True)  # of an attempt that failed
    said: dict[str, Any] = {"run_id": task.run_id, "status": "failed"}
    try:
        study = study_from_text((campaign.folder / task.study_file).read_text("utf-8"))
        result, (path, *_) = JOB.do(
            JobRequest(study, RunOptions()), Setting(place, where, progress)
        )
        file = {"result": str(path.relative_to(campaign.folder)), "file_sha256": file_sha256(path)}
        said |= summary_of(result) | file
    except InfeasibleError as error:
        said |= {"status": "infeasible", "message": str(error)}
    except MemoryError:
        said |= {"message": "out of memory", "cause": "memory"}
    except InterruptedRunError:
        raise  # it has not ended
    except Exception as error:
        said |= {"message": "; ".join(as_own(error).told)}
        _note(place, said, began)
        raise
    _note(place, said, began)
    return said


def _note(place: Path, said: dict[str, Any], began: float) -> None:
    said["seconds"] = time.perf_counter() - began
    write_json(place / "task.json", said)
