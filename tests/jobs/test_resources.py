"""What a run needs is foretold within the factor it states."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from click.testing import CliRunner

from lis1plan.cli import main
from lis1plan.configs.loader import load_study
from lis1plan.core.compute.place import silent
from lis1plan.core.compute.profile import Profile, as_memory, as_walltime, megabytes, minutes
from lis1plan.core.compute.workers import workers_at
from lis1plan.core.risk import evaluation
from lis1plan.core.risk.oracle import Oracle
from lis1plan.core.system.posts import no_slots
from lis1plan.jobs import resources
from lis1plan.jobs.options import ExtrasOptions, ReplicateOptions, SensitivityOptions
from lis1plan.jobs.replication import replications
from lis1plan.jobs.request import PLAN, JobRequest
from lis1plan.jobs.resources import START_SECONDS, needed
from lis1plan.jobs.sensitivity import sensitivities
from lis1plan.optimise import job
from lis1plan.optimise.analysis import frontier, weight_tables
from lis1plan.optimise.job import run_study

pytestmark = pytest.mark.thorough


def test_the_time_is_right_within_a_factor_of_three() -> None:
    study = load_study("tutorial", ["solve.frontier_points=2"])
    expected = needed(study, 1).seconds - START_SECONDS
    began = time.perf_counter()
    with workers_at(1) as workers:
        run_study(study, workers)
    taken = time.perf_counter() - began
    print(f"foretold {expected:.1f} s, took {taken:.1f} s")
    assert 1 / 3 < expected / taken < 3


def test_what_a_run_does_is_counted_rightly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Searches one by one; plans evaluated and bounds taken, in scenarios, within their scatter."""
    study, counted = load_study("tutorial"), Counter[str]()
    for module in (job, frontier, weight_tables):
        _counting(monkeypatch, module, "find_plan", lambda _: counted.update(searches=1))
    judging, sloping = Oracle.shortfall_by, Oracle.bounds_by

    def asked_for(self: Oracle, level: Any, limits: Sequence[int]) -> Any:
        counted.update(shortfall=self.scenarios)
        return judging(self, level, limits)

    def sloped(self: Oracle, level: Any, limits: Sequence[int], weights: Any) -> Any:
        counted.update(bound=self.scenarios * len(limits))
        return sloping(self, level, limits, weights)

    monkeypatch.setattr(Oracle, "shortfall_by", asked_for)
    monkeypatch.setattr(Oracle, "bounds_by", sloped)
    judged = evaluation.judgements_block

    def noted(first: int, count: int, *asked: Any) -> Any:
        counted.update(shortfall=count * len(asked[-1]), passing=count)
        return judged(first, count, *asked)

    monkeypatch.setattr(evaluation, "judgements_block", noted)
    with workers_at(1) as workers:
        run_study(study, workers)
    does = resources._run(study, 3 + len(study.comparison))
    assert does.searched == counted["searches"] * study.sampling.scenarios
    assert does.passing == counted["passing"]
    print(does, counted)
    asked = does.searched * resources.ASKED + does.asked
    assert 2 / 3 < asked / counted["shortfall"] < 3 / 2
    assert 1 / 2 < does.searched * resources.LEARNED / counted["bound"] < 2


def _counting(
    patch: pytest.MonkeyPatch, where: Any, name: str, note: Callable[[Any], object]
) -> None:
    """Note every call of a function, by its first argument."""
    function = getattr(where, name)

    def noted(first: Any, *more: Any) -> Any:
        note(first)
        return function(first, *more)

    patch.setattr(where, name, noted)


@pytest.mark.parametrize("extra", ["sensitivity", "replicate"])
def test_what_else_is_asked_for_is_foretold_within_the_same_factor(
    extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = load_study("tutorial", ["solve.frontier_points=1"])
    timed = resources.calibrate(study, sensitivity=True)
    monkeypatch.setattr(resources, "calibrate", lambda *_: timed)
    alone = needed(study, 1).seconds
    asked = {"sensitivity": True} if extra == "sensitivity" else {"replicate": 4}
    expected = needed(study, 1, ExtrasOptions(**asked)).seconds - alone
    began = time.perf_counter()
    if extra == "sensitivity":
        sensitivities(JobRequest(study, SensitivityOptions(), {PLAN: no_slots(study)}), 1, silent)
    else:
        replications(JobRequest(study, ReplicateOptions(seeds=4)), 1, silent)
    taken = time.perf_counter() - began
    print(f"{extra}: foretold {expected:.1f} s, took {taken:.1f} s")
    assert 1 / 3 < expected / taken < 3


def test_what_else_is_asked_for_needs_room() -> None:
    study = load_study("tutorial", ["sampling.scenarios=200000"])
    plain, more = needed(study, 1), needed(study, 1, ExtrasOptions(sensitivity=True, replicate=8))
    assert plain.disk_mb < more.disk_mb < 2 * plain.disk_mb  # of eight draws one at a time
    assert more.memory_mb > plain.memory_mb


def test_more_scenarios_need_more() -> None:
    few = needed(load_study("tutorial", ["sampling.scenarios=1000"]), 1)
    many = needed(load_study("tutorial", ["sampling.scenarios=1000000"]), 1)
    assert many.seconds > 20 * few.seconds
    assert many.memory_mb > 2 * few.memory_mb
    assert many.disk_mb > 100 * few.disk_mb


def test_the_request_is_one_slurm_understands() -> None:
    said = CliRunner().invoke(
        main, ["resources", "tutorial", "--json", "--workers", "2", "--replicate", "2"]
    )
    assert said.exit_code == 0, said.output
    request = json.loads(said.stdout)["request"]
    assert request["--cpus-per-task"] == "2"
    assert re.fullmatch(r"\d+M", request["--mem"])
    assert minutes(request["--time"]) >= 10


@pytest.mark.parametrize(
    ("text", "number"),
    [("90", 90), ("01:30:00", 90), ("1-00:00:00", 1440), ("0-01:00", 60), ("5:30", 6)],
)
def test_walltimes_are_read(text: str, number: int) -> None:
    assert minutes(text) == number
    assert minutes(as_walltime(number)) == number


@pytest.mark.parametrize(("text", "number"), [("2G", 2048), ("512M", 512), ("1TB", 1048576)])
def test_memories_are_read(text: str, number: int) -> None:
    assert megabytes(text) == number
    assert megabytes(as_memory(number)) == number


def test_a_profile_without_keys_is_usable() -> None:
    assert minutes(Profile().slurm.walltime) == 60
