"""A campaign: which runs were asked for, as files; what became of each is read from files, too.

DIR/
    campaign.json      the manifest: scheduler, profile, tasks
    studies/*.json     the studies as they were when the campaign was made
    task.sbatch        the job array; collect.sbatch: the job after it
    jobs.json          what was submitted when
    runs/0003/         result of task 3; its working folder while it is at work
    runs/0003/task.json  how task 3 ended
    logs/              what the tasks said
"""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from ..configs.loader import load_study
from ..core.atomic import written_aside
from ..core.compute.place import Progress
from ..core.compute.profile import Profile
from ..core.compute.versions import versions
from ..core.errors import InputError, InterruptedRunError, cut, in_a_line, shortened, writing_to
from ..core.files.provenance import run_id
from ..core.interrupts import interruptible, undisturbed
from ..core.text_files import read_json
from .asking import Hearing, warnings_in, with_request
from .cases import NAME, cases_of, overrides_of

if TYPE_CHECKING:
    from ..jobs.options import RunOptions
    from ..jobs.request import JobRequest

FORMAT = 1
MOST_TASKS = 100_000


class Task(NamedTuple):
    """One run of a campaign."""

    number: int
    study_name: str
    run_id: str
    study_file: str  # within the campaign's folder
    swept: dict[str, str]


_TASKS = TypeAdapter(tuple[Task, ...])


class Campaign(NamedTuple):
    """A campaign on disk."""

    folder: Path
    scheduler: str  # slurm or local
    profile: Profile
    tasks: tuple[Task, ...]

    def place(self, task: Task) -> Path:
        """Return the folder of a task."""
        return self.folder / "runs" / f"{task.number:04}"


class Runs(NamedTuple):
    """Which runs are asked for: each study with each case and combination of swept values."""

    studies: Sequence[str]
    sweeps: Sequence[str] = ()  # key=v1,v2
    overrides: Sequence[str] = ()  # key=value, of all runs
    cases: Path | None = None  # a table of named scenarios

    def ways(self) -> list[dict[str, str]]:
        """Return what is set in each run of a study, key -> value, and its case's name."""
        named = [{}] if self.cases is None else cases_of(self.cases)
        return [case | way for case in named for way in combinations(self.sweeps)]


def combinations(sweeps: Sequence[str]) -> list[dict[str, str]]:
    """Return every combination of swept values, each sweep a text `key=v1,v2`.

    >>> combinations(["sampling.seed=1,2"])
    [{'sampling.seed': '1'}, {'sampling.seed': '2'}]
    """
    ways, problems = list[list[tuple[str, str]]](), list[str]()
    for sweep in sweeps:
        key, equal, values = sweep.partition("=")
        each = [value.strip() for value in values.split(",") if value.strip()]
        if not equal or not key.strip() or not each:
            problems.append(f"--sweep {sweep}: expected KEY=VALUE,VALUE,…")
        if key.strip() == NAME:  # else runs of one study stood in the table as several scenarios
            problems.append(f"--sweep {sweep}: '{NAME}' is no key of a study; name runs by --cases")
        ways.append([(key.strip(), value) for value in each])
    if problems:
        raise InputError(problems)
    return [dict(each) for each in itertools.product(*ways)]


def new_campaign(
    folder: Path,
    runs: Runs,
    scheduler: str,
    profile: Profile,
    hearing: Hearing = Hearing(),  # noqa: B008 - a frozen value
) -> Campaign:
    """Check every study of a campaign and write its folder.

    What a profile leaves out of the request to Slurm is measured.

    Raises
    ------
    InputError
        If a study or value is bad, or the folder holds a campaign already.
    """
    if (folder / "campaign.json").exists():
        raise InputError(
            f"{folder}: holds a campaign already; go on with: lis1plan resume {folder}"
        )
    ways = runs.ways()
    count = len(runs.studies) * len(ways)
    if count > MOST_TASKS:
        raise InputError(f"{count} runs; at most {MOST_TASKS} in a campaign")
    from ..jobs.options import RunOptions
    from ..jobs.request import JobRequest

    tasks, asked = list[Task](), dict[str, JobRequest[RunOptions]]()
    for name, way in itertools.product(runs.studies, ways):
        loaded = load_study(name, [*runs.overrides, *overrides_of(way)])
        file = f"studies/{loaded.name}-{loaded.sha256[:12]}.json"
        asked[file] = JobRequest(loaded, RunOptions())
        tasks.append(Task(len(tasks), loaded.name, run_id(loaded), file, way))
        hearing.progress("read studies", len(tasks), count)
    hearing.warn(warnings_in(asked.values()))
    with _whole_or_gone(folder):
        with writing_to(folder):  # refused before anything is measured
            folder.mkdir(parents=True, exist_ok=True)
        if scheduler == "slurm":
            profile = with_request(profile, asked.values(), hearing)
        campaign = Campaign(folder, scheduler, profile, tuple(tasks))
        with writing_to(folder):
            _write(campaign, asked, hearing.progress)
    return campaign


def _write(
    campaign: Campaign, asked: Mapping[str, JobRequest[RunOptions]], progress: Progress
) -> None:
    """Write the studies of a campaign, its folders and, last, what makes it one."""
    folder = campaign.folder
    for number, (file, request) in enumerate(asked.items(), start=1):
        with written_aside(folder / file) as aside:
            aside.write_text(request.written.canonical_text, "utf-8")
        progress("write studies", number, len(asked))
    (folder / "runs").mkdir(exist_ok=True)
    (folder / "logs").mkdir(exist_ok=True)
    write_json(folder / "campaign.json", _manifest(campaign))


@contextmanager
def _whole_or_gone(folder: Path) -> Iterator[None]:
    """Leave no folder that was made here for a campaign which is not whole."""
    made = not folder.exists()
    with interruptible():
        try:
            yield
        except BaseException:
            if made:
                with undisturbed():
                    shutil.rmtree(folder, ignore_errors=True)
            raise


@contextmanager
def saying_how_to_go_on(campaign: Campaign) -> Iterator[None]:
    """Say how to go on where a signal stops what is done with a campaign.

    Raises
    ------
    InterruptedRunError
        If a signal comes inside.
    """
    with interruptible():
        try:
            yield
        except KeyboardInterrupt:
            raise InterruptedRunError(
                f"interrupted; go on with: lis1plan resume {campaign.folder}"
            ) from None


def read_campaign(folder: Path) -> Campaign:
    """Read a campaign from its folder.

    Raises
    ------
    InputError
        If there is none, or it is damaged.
    """
    file = folder / "campaign.json"
    try:
        if not file.exists():
            raise InputError(f"{folder}: no campaign: it holds no campaign.json")
        found = read_json(file)
        if found["format"] != FORMAT:
            written = cut(str(found["format"]))
            raise InputError(f"{file}: written by another lis1plan (format {written})")
        profile, scheduler = Profile.model_validate(found["profile"]), found["scheduler"]
        tasks = _TASKS.validate_python(found["tasks"])
        if [task.number for task in tasks] != [*range(len(tasks))]:
            raise InputError(f"{file}: its tasks are not numbered from 0 on")
        if scheduler not in ("slurm", "local"):
            raise InputError(f"{file}: found scheduler {cut(str(scheduler))!r}; slurm or local")
        return Campaign(folder, scheduler, profile, tasks)
    except ValidationError as error:
        first = error.errors()[0]
        where = cut(".".join(map(str, first["loc"])))
        raise InputError(f"{file}: {where}: {shortened(first['msg'])}; make it anew") from None
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{file}: cannot be read: {in_a_line(error)}; make it anew") from None


def write_json(path: Path, content: object) -> None:
    """Write JSON aside, flush and rename it."""
    with written_aside(path) as aside:
        aside.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


def read_note(path: Path) -> Any:  # noqa: ANN401
    """Return the content of a JSON file of the campaign, None if there is none or it is damaged."""
    try:
        return read_json(path)
    except InputError:
        return None


def _manifest(campaign: Campaign) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "scheduler": campaign.scheduler,
        "profile": campaign.profile.model_dump(),
        "versions": versions(),
        "tasks": [task._asdict() for task in campaign.tasks],
    }
