"""Mutated inputs end in plain lines: no traceback, no hang, the right place named, nothing left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from lis1plan.core.files.store import open_result

from .helpers import absurd, campaigns, damage, mutations
from .helpers.amount import amount
from .helpers.forks import HUNG, RAISED, Ended, Forks
from .helpers.mutations import Case

JUDGING = ("verify", "rerun", "collect", "diff")
"""Commands that end with 1 where a file is not right or another, or a task is not done."""
LINES, WIDTH = 100, 2_000
"""Most lines, and characters of a line, in which anybody would read what is wrong."""


def faults(case: Case, ended: Ended, folder: Path) -> list[str]:
    """Return which laws a command broke."""
    if ended.code == HUNG:
        return ["hang"]
    if ended.code < 0:
        return [f"signal {-ended.code}"]
    if ended.code == RAISED or "Traceback" in ended.err:
        return ["traceback"]
    lines = [line for line in ended.err.splitlines() if not line.startswith("[")]
    return [
        name
        for name, broken in {
            f"code {ended.code}": not _right_code(case, ended.code),
            "silent": ended.code not in (0, 1) and not lines,
            "blames another": ended.code == 2 and not _blamed(case, ended.err),
            "too much said": len(lines) > LINES or any(len(line) > WIDTH for line in lines),
            "escape sequence": _escapes(ended.out + ended.err),
            "not JSON": "--json" in case.command and not _is_json(ended),
            "half-written": not _whole(case, folder, ended.code),
        }.items()
        if broken
    ]


def _right_code(case: Case, code: int) -> bool:
    if case.command[0] in JUDGING or "--cluster" in case.command:  # where nobody may answer
        return code in (0, 1, 2)
    return code in (0, 2, 3, 4)


def _blamed(case: Case, said: str) -> bool:
    return any(name in said for name in case.blamed)


def _escapes(said: str) -> bool:
    return any((ord(sign) < 32 and sign not in "\n\t") or 127 <= ord(sign) < 160 for sign in said)


def _is_json(ended: Ended) -> bool:
    try:
        return isinstance(json.loads(ended.out), dict)
    except ValueError:
        return False


def _whole(case: Case, folder: Path, code: int) -> bool:
    """Tell whether what was written is whole, and nothing is left of what was not."""
    for path in folder.rglob("*"):
        if str(path.relative_to(folder)) in case.files:
            continue
        if path.suffix == ".part" or (code == 0 and path.name.startswith(".lis1plan-")):
            return False
    for path in (folder / "out").glob("*.nc"):
        open_result(path)
    return code in (0, 3, 4) or not list((folder / "out").glob("*.html"))


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    with Forks(tmp_path_factory.mktemp("forks")) as asked:
        yield asked


@pytest.fixture(scope="module")
def made(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Iterator[Case]]:
    """Every kind of case, without end."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "results").mkdir()
    (folder / "campaign").mkdir()
    whole = damage.whole_results(forks, folder / "results")
    return {
        "studies": mutations.studies(1),
        "tables": mutations.tables(2),
        "plans": mutations.plans(3),
        "folders": damage.folders(4, damage.whole_folders(forks, folder / "folders")),
        "results": damage.results(5, whole, folder),
        "campaigns": campaigns.campaigns(6, campaigns.whole_campaign(forks, folder / "campaign")),
        "options": iter(absurd.options(7)),
    }


SHARES = {  # 3 000 in all
    "studies": 1_250,
    "tables": 550,
    "plans": 200,
    "folders": 250,
    "results": 400,
    "campaigns": 100,
    "options": 250,
}


@pytest.mark.thorough
@pytest.mark.random
@pytest.mark.parametrize("kind", SHARES)
def test_what_nobody_should_write_is_refused_in_plain_lines(
    kind: str, made: dict[str, Iterator[Case]], forks: Forks, tmp_path: Path
) -> None:
    fallen = []
    for number, case in enumerate(islice(made[kind], amount(SHARES[kind]))):
        folder = tmp_path / str(number)
        folder.mkdir()
        case.write(folder)
        ended = forks.run(*case.command, folder=folder)
        if broken := faults(case, ended, folder):
            said = ended.err.strip()[-300:]
            fallen.append(f"{', '.join(broken)}: {case.name}: {' '.join(case.command)}: {said}")
    assert not fallen, f"{len(fallen)}:\n" + "\n".join(fallen)
