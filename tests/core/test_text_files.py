"""Files read for programs: size, digits and nesting are bounded before any work is done on them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lis1plan.batch.campaign import read_campaign
from lis1plan.core import text_files
from lis1plan.core.compute.profile import read_profile
from lis1plan.core.errors import LisError
from lis1plan.jobs.working_folder import read_manifest

READERS: dict[str, Callable[[Path], object]] = {
    "campaign.json": lambda path: read_campaign(path.parent),
    "manifest.json": lambda path: read_manifest(path.parent),
    "profile.toml": read_profile,
}
OPEN, SHUT = {"json": "[", "toml": "x = ["}, {"json": "]", "toml": "]"}


def refused(name: str, folder: Path) -> str:
    """The one line with which a file is refused, naming it."""
    with pytest.raises(LisError) as caught:
        READERS[name](folder / name)
    (line,) = caught.value.told
    assert str(folder / name) in line
    assert len(line) < 1_000
    return line


@pytest.mark.parametrize("name", READERS)
def test_a_file_beyond_all_sizes_is_refused_unread(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).touch()
    os.truncate(tmp_path / name, 10**12)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("read"))
    assert f"larger than {text_files.MOST_BYTES // 10**6} MB" in refused(name, tmp_path)


@pytest.mark.parametrize("name", READERS)
def test_a_pipe_is_refused_and_not_waited_for(name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / name)
    assert "is a pipe or a device" in refused(name, tmp_path)


@pytest.mark.parametrize("name", READERS)
def test_deep_nesting_is_said_to_be_that(name: str, tmp_path: Path) -> None:
    kind = name.partition(".")[2]
    (tmp_path / name).write_text(OPEN[kind] + "[" * 100_000 + "]" * 100_000 + SHUT[kind], "utf-8")
    assert "nested too deeply" in refused(name, tmp_path)


@pytest.mark.parametrize("name", READERS)
def test_numbers_of_many_digits_are_said_to_be_that(name: str, tmp_path: Path) -> None:
    kind = name.partition(".")[2]
    (tmp_path / name).write_text(OPEN[kind] + "9" * 5_000 + SHUT[kind], "utf-8")
    assert "a number of more than 400 digits" in refused(name, tmp_path)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("content", [b"\xff\xfe", b"{", b'"text"', b"null", b"3"], ids=repr)
def test_what_is_something_else_is_one_line(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    refused(name, tmp_path)
