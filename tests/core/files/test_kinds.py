"""The table of kinds of result: every entry is whole, checked, repeatable and described."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
import xarray as xr

from lis1plan.cli.commands import COMMANDS
from lis1plan.core.files.kinds import KINDS, held_by, is_projected, is_run, kind_of
from lis1plan.core.verify.laws import GROUPS
from lis1plan.jobs import options
from lis1plan.jobs.job import Job, job_of

PAGE = Path(__file__).resolve().parents[3] / "docs" / "file-format.md"


def of_kind(name: str) -> xr.Dataset:
    return xr.Dataset(attrs={"result_kind": name})


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_made_by_a_command_and_described(name: str) -> None:
    kind = KINDS[name]
    assert kind.name == name
    command = kind.command.split()[0]
    assert command in COMMANDS
    ending = f"`{kind.ending}` " * bool(kind.ending)
    assert f"| `{name}` | {kind.holds} | `{kind.command}` | {ending}|" in PAGE.read_text("utf-8")


@pytest.mark.parametrize("name", [kind.name for kind in KINDS.values() if kind.job])
def test_what_can_be_repeated_has_a_job_with_its_options(name: str) -> None:
    job = job_of(name)
    assert isinstance(job, Job)
    assert issubclass(job.options, options.Options)
    made = KINDS[job.options.kind]
    assert made.job == KINDS[name].job
    assert made.name == name or made.command == KINDS[name].command  # what a run ends in, too


def test_every_job_with_options_has_a_kind() -> None:
    own = [each for _, each in inspect.getmembers(options, inspect.isclass)]
    kinds = {each.kind for each in own if issubclass(each, options.Options) and each.kind}
    assert kinds == {kind.name for kind in KINDS.values() if kind.job} - {"infeasible"}


def test_every_group_of_laws_is_kept_by_a_kind() -> None:
    assert {group for kind in KINDS.values() for group in kind.laws} == set(GROUPS)


def test_names_of_files_differ() -> None:
    endings = [kind.ending for kind in KINDS.values() if kind.job]
    assert len(set(endings)) == len(endings)


def test_a_file_is_what_it_says() -> None:
    assert [name for name in KINDS if is_run(of_kind(name))] == ["run"]
    assert [name for name in KINDS if is_projected(of_kind(name))] == ["run", "projection"]
    assert all(held_by(of_kind(name)) == KINDS[name].holds for name in KINDS)


def test_what_says_nothing_or_something_else_is_no_result_of_ours() -> None:
    assert kind_of(xr.Dataset()) is None
    assert held_by(xr.Dataset()) == "neither a plan nor a projection"
    assert held_by(of_kind("other")) == "a result of another kind, 'other'"
