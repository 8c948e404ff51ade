"""What can be done with a campaign, whatever runs it: start, watch, go on, stop, collect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from . import local, submission
from .campaign import Campaign, read_campaign
from .submission import Standing, unfinished
from .task import done


def start(campaign: Campaign) -> Iterator[str]:
    """Start what is missing or failed; yield what happens."""
    tasks = unfinished(campaign)
    if not tasks:
        yield f"nothing to do: all {len(campaign.tasks)} tasks are done or under way"
    elif campaign.scheduler == "slurm":
        yield from submission.submit(campaign, tasks)
    else:
        yield from local.run_tasks(campaign, tasks)
        yield from collect(campaign)


def status(campaign: Campaign) -> dict[int, Standing]:
    """Return where every task stands."""
    return _runner(campaign).standings(campaign)


def cancel(folder: Path) -> list[str]:
    """Stop what is under way; what is done stays."""
    campaign = read_campaign(folder)
    return _runner(campaign).cancel(campaign)


def collect(campaign: Campaign) -> list[str]:
    """Write the table of all runs; return what to say."""
    from .table import write_tables

    files = write_tables(campaign)
    left = sum(not done(campaign, task) for task in campaign.tasks)
    said = [f"{len(campaign.tasks) - left} of {len(campaign.tasks)} tasks done"]
    return [*said, *map(str, files)]


def in_words(campaign: Campaign, found: dict[int, Standing]) -> list[str]:
    """Return how many tasks stand where, and each that is not done with its reason."""
    counts = Counter(each.state for each in found.values())
    lines = [f"{len(found)} tasks: " + ", ".join(f"{n} {state}" for state, n in counts.items())]
    stuck: dict[str, list[int]] = {}
    for number, each in found.items():
        if each.state == "stuck":
            stuck.setdefault(each.reason, []).append(number)
        elif each.state not in ("optimal", "stopped", "waiting", "not started"):
            swept = " ".join(f"{k}={v}" for k, v in campaign.tasks[number].swept.items())
            reason = each.reason.splitlines()[0] if each.reason else ""
            parts = [f"task {number} {campaign.tasks[number].study_name}", swept]
            lines.append(" ".join(filter(None, parts)) + f": {each.state} {reason}".rstrip())
    lines += [f"task {submission.as_ranges(n)}: stuck {reason}" for reason, n in stuck.items()]
    return lines


class _Runner(Protocol):
    def standings(self, campaign: Campaign, /) -> dict[int, Standing]: ...

    def cancel(self, campaign: Campaign, /) -> list[str]: ...


def _runner(campaign: Campaign) -> _Runner:
    return submission if campaign.scheduler == "slurm" else local
