"""The checksums of the code: whatever calculates or solves counts, wherever it stands."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from lis1plan.core.compute.versions import ROOT, code_of, modules_of, solving_versions, versions
from lis1plan.core.files.provenance import git_commit

CHECKOUT = Path(__file__).resolve().parents[3]
FOLDERS = ("core", "optimise")


def all_modules(folder: Path) -> set[Path]:
    """What Python could import from below a folder, found in another way."""
    walk = [(Path(place), names) for place, _, names in os.walk(folder)]
    return {place / name for place, names in walk for name in names if name.endswith(".py")}


@pytest.fixture(params=FOLDERS)
def code(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of a folder of code, with a package in a package."""
    copy = tmp_path / request.param
    shutil.copytree(CHECKOUT / request.param, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "room" / "inner").mkdir(parents=True)
    (copy / "room" / "inner" / "module.py").write_text("x = 1\n", "utf-8")
    return copy


def test_the_folders_are_those_of_the_package() -> None:
    assert ROOT.resolve() == CHECKOUT
    assert versions()["code"] == code_of(CHECKOUT / "core")
    assert solving_versions()["optimise"] == code_of(CHECKOUT / "optimise")
    assert versions().items() <= solving_versions().items()


def test_all_modules_count_and_nothing_else(code: Path) -> None:
    before = code_of(code)
    found = modules_of(code)
    assert len(found) > 30
    assert sorted(found) == sorted(all_modules(code))
    cache = code / "__pycache__"
    cache.mkdir()
    (cache / "kernel.cpython-311.pyc").write_bytes(b"compiled")
    assert modules_of(code) == found
    assert code_of(code) == before


def test_a_changed_byte_in_any_module_changes_the_checksum(code: Path) -> None:
    seen = {code_of(code)}
    for file in all_modules(code):
        file.write_bytes(file.read_bytes() + b"\n")
        seen.add(code_of(code))
    assert len(seen) == len(all_modules(code)) + 1


def test_a_module_that_moves_changes_the_checksum(code: Path) -> None:
    before = code_of(code)
    (code / "room" / "inner" / "module.py").rename(code / "room" / "module.py")
    moved = code_of(code)
    (code / "room" / "module.py").rename(code / "module.py")
    assert len({before, moved, code_of(code)}) == 3


def test_the_checksum_does_not_depend_on_where_the_package_is(code: Path, tmp_path: Path) -> None:
    elsewhere = shutil.copytree(code, tmp_path / "elsewhere" / "deeper")
    assert code_of(elsewhere) == code_of(code)


@pytest.mark.skipif(not (CHECKOUT / ".git").exists(), reason="no checkout")
@pytest.mark.skipif(not (CHECKOUT / ".git").exists(), reason="no checkout")
def test_a_checkout_knows_its_commit() -> None:
    assert git_commit() != "installed package"
