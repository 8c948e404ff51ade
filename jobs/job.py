"""A job: how a request becomes a dataset, and the dataset a file; each module of a job has one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Generic, NamedTuple, Protocol, TypeVar

import xarray as xr

from ..core.compute.place import Progress, Where
from ..core.errors import InputError
from ..core.files.kinds import KINDS
from ..core.files.store import write_result
from ..optimise.job import InfeasibleError
from .infeasible import refused, summary_of_refusal, write_ways_out
from .options import Options
from .request import JobRequest, Manifest, Setting
from .working_folder import Working, folder_of, room_on_disk, working_folder

O = TypeVar("O", bound=Options)  # noqa: E741 - the options of a job


class Done(NamedTuple):
    """What a job leads to."""

    dataset: xr.Dataset
    files: list[Path]  # the result first


def write_dataset(dataset: xr.Dataset, working: Working) -> list[Path]:
    """Write a result and nothing beside it."""
    return [write_result(dataset, working.result, dataset.attrs)]


def write_with_report(dataset: xr.Dataset, working: Working) -> list[Path]:
    """Write a result and its report."""
    from ..report.pages.html import write_report

    working.progress("write", 0, 2)
    path = write_result(dataset, working.result, dataset.attrs)
    working.progress("write", 1, 2)
    page = write_report(dataset, path.with_suffix(".html"))
    working.progress("write", 2, 2)
    return [path, page]


def _anything(request: JobRequest[Options]) -> None:
    """Accept every request."""


@dataclass(frozen=True)
class Job(Generic[O]):
    """How one kind of request is checked, made and written."""

    options: type[O]
    make: Callable[[JobRequest[O], Where, Progress], xr.Dataset]
    check: Callable[[JobRequest[O]], None] = _anything
    """Refuses a request (InputError) before anything is written."""
    write: Callable[[xr.Dataset, Working], list[Path]] = write_dataset

    def do(self, request: JobRequest[O], setting: Setting) -> Done:
        """Make and write what is asked for, going on with what was interrupted.

        Raises
        ------
        InfeasibleError
            If no plan keeps all limits; what would have to give is written first.
        """
        self.check(request)
        with working_folder(request, setting) as working:
            began = time.perf_counter()
            try:
                dataset = self.make(request, working.place, working.progress)
            except InfeasibleError as refusal:
                refusal.path = write_ways_out(request, refusal, setting.out, began)
                refusal.summary = summary_of_refusal(request, refusal)
                raise
            with room_on_disk(working.folder):
                return Done(dataset, self.write(dataset, working))

    def resume(self, manifest: Manifest, folder: Path, setting: Setting) -> Done:
        """Go on with what a working folder was begun for.

        Raises
        ------
        InputError
            If the folder was begun for something else than it says now.
        """
        request = self._request(manifest)
        if folder_of(request, folder.parent).name != folder.name:
            raise InputError(
                f"{folder}: its manifest.json was changed, or the folder renamed; run the study "
                "again"
            )
        return self.do(request, setting)

    def make_again(self, manifest: Manifest, where: Where, progress: Progress) -> xr.Dataset:
        """Return what was asked for once more: a plan, or what would have to give."""
        began, request = time.perf_counter(), self._request(manifest)
        try:
            return self.make(request, where, progress)
        except InfeasibleError as refusal:
            ways_out = refused(request, refusal, began)
            if ways_out is None:
                raise
            return ways_out

    def _request(self, manifest: Manifest) -> JobRequest[O]:
        options = self.options.from_data(manifest.options)
        return JobRequest(manifest.study, options, manifest.plans)


class Repeatable(Protocol):
    """A job of whatever options, as resume and rerun see it."""

    def resume(self, manifest: Manifest, folder: Path, setting: Setting) -> Done:
        """Go on with what a working folder was begun for."""

    def make_again(self, manifest: Manifest, where: Where, progress: Progress) -> xr.Dataset:
        """Return what was asked for once more."""


def job_of(kind: str) -> Repeatable:
    """Return the job that makes a kind of result (`core.files.kinds`)."""
    job: Repeatable = import_module(f"{__package__}.{KINDS[kind].job}").JOB
    return job
