"""The house keeps its own rules: packages, docstrings, sizes, nothing of one machine."""

from __future__ import annotations

import ast
import os
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOT_PACKAGED = {"tests", "benchmarks", "docs"}
NOT_SOURCE = {"build", "outputs", "__pycache__"}
LONGEST_FILE, LONGEST_LINE = 400, 100
LONGEST_FUNCTION, LONGEST_KERNEL = 40, 60
MOST_MODULES = 20
"""In one room."""
MOST_OF_STUDY = 40
"""Fewer modules know the whole study: the others are handed what they need of it."""


def _files(folder: Path = ROOT) -> Iterator[Path]:
    """Yield what belongs to the project: no environments, caches or results."""
    for entry in sorted(folder.iterdir()):
        skipped = entry.name in NOT_SOURCE or entry.name.endswith(".egg-info")
        if skipped or (entry.name.startswith(".") and entry.name not in {".ci", ".gitignore"}):
            continue
        if entry.is_dir():
            yield from _files(entry)
        else:
            yield entry


FILES = [file.relative_to(ROOT) for file in _files()]
MODULES = [file for file in FILES if file.suffix == ".py"]
PACKAGED = [file for file in MODULES if file.parts[0] not in NOT_PACKAGED]


def test_packages_are_the_folders_of_code() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    folders = [file.parent for file in PACKAGED if file.name == "__init__.py"]
    found = {".".join(("lis1plan", *folder.parts)) for folder in folders}
    assert found == set(project["tool"]["setuptools"]["packages"])


def test_code_lies_only_in_packages() -> None:
    """A module in a folder without __init__.py would be missing from the installed package."""
    assert [
        str(file) for file in PACKAGED if not (ROOT / file.parent / "__init__.py").exists()
    ] == []


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_module_says_what_it_is_for(module: Path) -> None:
    text = (ROOT / module).read_text(encoding="utf-8")
    if module.parts[0] in NOT_PACKAGED and not text.strip():
        return  # the empty __init__.py of the tests
    first = (ast.get_docstring(ast.parse(text)) or "no docstring").splitlines()[0]
    assert first.endswith(".")
    assert len(first) <= LONGEST_LINE


@pytest.mark.parametrize("module", PACKAGED, ids=str)
def test_module_is_short(module: Path) -> None:
    assert len((ROOT / module).read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("module", PACKAGED, ids=str)
def test_functions_are_short(module: Path) -> None:
    """Lines of a function, its docstring apart; ruff counts arguments and branches."""
    for node in ast.walk(ast.parse((ROOT / module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            said = ast.get_docstring(node, clean=False) or ""
            lines = (node.end_lineno or 0) - node.lineno + 1 - len(said.splitlines())
            compiled = any("compiled" in ast.unparse(each) for each in node.decorator_list)
            most = LONGEST_KERNEL if compiled else LONGEST_FUNCTION
            assert lines <= most, f"{module}:{node.lineno} {node.name}: {lines} lines"


def test_no_room_is_too_full() -> None:
    rooms = Counter(file.parent for file in PACKAGED if file.name != "__init__.py")
    assert [str(room) for room, count in rooms.items() if count > MOST_MODULES] == []


def test_nothing_names_a_registry_or_a_machine() -> None:
    """Neither a host that packages come from nor a path that exists on one machine only."""
    hosts = r"(?:pypi|pythonhosted|anaconda|npmjs|crates|docker)\.(?:org|com|io)\b|index[-_]url"
    folders = r"(?<![\w.])/(?:work|home|root|tmp|Users)/\w|\b[A-Z]:\\Users"
    pattern = re.compile(f"{hosts}|{folders}")
    found = []
    for file in FILES:
        try:
            text = (ROOT / file).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # an image or another binary file
        for number, line in enumerate(text.splitlines(), start=1):
            if pattern.search(line):
                found.append(f"{file}:{number}: {line.strip()[:80]}")
    assert found == []


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CITATION.cff",
        "Makefile",
        "py.typed",
        "docs/model.md",
    ],
)
def test_house_file_exists(name: str) -> None:
    assert (ROOT / name).is_file()


def test_every_wall_that_is_promised_is_guarded() -> None:
    """What CONTRIBUTING says a room must not import, a contract of import-linter forbids it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    guarded = {
        (room, wall.removeprefix("lis1plan."))
        for contract in contracts
        if contract["type"] == "forbidden"
        for room in contract["source_modules"]
        for wall in contract["forbidden_modules"]
    }
    layers = contracts[0]["layers"]
    for place, layer in enumerate(layers):
        for lower in layers[place + 1 :]:
            for room in lower.split(" | "):
                guarded |= {(room, w.removeprefix("lis1plan.")) for w in layer.split(" | ")}
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^\| `(\w+)/` \|[^|]*\| ([^|]+) \|$", page)
    assert len(rows) > 4
    for room, walls in rows:
        for wall in walls.replace("`", "").lower().split(", "):
            assert (f"lis1plan.{room}", wall) in guarded, f"{room} may import {wall}"


def test_ci_can_be_run() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_few_modules_know_the_whole_study() -> None:
    knowing = [
        module
        for module in PACKAGED
        for node in ast.walk(ast.parse((ROOT / module).read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and any(each.name == "Study" for each in node.names)
    ]
    assert len(set(knowing)) < MOST_OF_STUDY, sorted(map(str, set(knowing)))
