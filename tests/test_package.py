"""What a user gets: built, installed where nothing else is, run in an empty folder; its licences.

The container's own commands do the installing. Packages come from the registry that pip knows.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from .conftest import missing_tool

pytestmark = pytest.mark.tools
ROOT = Path(__file__).resolve().parents[1]
CONTAINER = ROOT / "container"
LICENCES = re.compile(
    r"(The )?(MIT|BSD|ISC|Apache|Python Software Foundation|PSF|MPL|Mozilla|0BSD|HPND|Zlib|CC0)\b"
)
"""Of libraries that a program under the MIT licence may need: none asks for its source."""
RUN = ["run", "tutorial", "--scenarios", "64", "--set", "sampling.fresh_scenarios=64", "--quiet"]
RUN += ["--set", "solve.time_limit_seconds=900"]  # however busy the machine


class Built(NamedTuple):
    """The files that are handed on."""

    wheel: Path
    source: Path


def gate(name: str) -> Path:
    """Return a program of the extra `gates`."""
    program = Path(sys.executable).parent / name
    if not program.exists():
        missing_tool(f"{name} is not installed: make .venv/installed-gates")
    return program


def ended(*command: object, folder: Path, **environment: str) -> tuple[str, str]:
    """Give a command in a bare environment: neither this tree nor this one's variables."""
    kept = {k: v for k, v in os.environ.items() if k.startswith(("PIP_", "HOME", "SSL_", "LANG"))}
    done = subprocess.run(
        [str(each) for each in command], cwd=folder, env=kept | environment, text=True,
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout[-2_000:]}\n{done.stderr[-2_000:]}"
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The source distribution of a copy of this tree, and the wheel that is built from it."""
    copy = tmp_path_factory.mktemp("built") / "lis1plan"
    left_out = shutil.ignore_patterns(".git", ".venv", "build", "dist", "*.egg-info", "__pycache__")
    shutil.copytree(ROOT, copy, ignore=left_out)
    subprocess.run([gate("pyproject-build"), "--outdir", "dist", "."], cwd=copy, check=True)
    (wheel,), (source,) = (copy / "dist").glob("*.whl"), (copy / "dist").glob("*.tar.gz")
    return Built(wheel, source)


def instructions(file: Path) -> Iterator[tuple[str, str]]:
    """Yield the instructions of a Containerfile."""
    lines = [line for line in file.read_text("utf-8").splitlines() if not line.startswith("#")]
    for line in re.sub(r"\\\n", " ", "\n".join(lines)).splitlines():
        name, _, rest = line.partition(" ")
        yield name, rest


class Place(NamedTuple):
    """Where the container's commands were carried out."""

    root: Path
    path: str
    program: list[str]

    def run(self, *arguments: object) -> str:
        """Call the program in the container's working folder."""
        asked = [*self.program, *arguments]
        return ended(*asked, folder=self.root / "outputs", PATH=self.path)[0]


@pytest.fixture(scope="module")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """What the Containerfile makes, below a folder in place of the root of the file system."""
    root, python = tmp_path_factory.mktemp("root"), tmp_path_factory.mktemp("bin")
    (python / "python").symlink_to(shutil.which("python3") or sys.executable)
    path, program = f"{python}:/usr/bin:/bin", list[str]()

    def there(text: str) -> str:
        return re.sub(r"(?<![\w.])/(opt|outputs)", rf"{root}/\1", text)

    for name, rest in instructions(CONTAINER / "Containerfile"):
        match name:
            case "COPY":
                pattern, place = there(rest).split()
                Path(place).mkdir(parents=True)
                for file in built.wheel.parent.parent.glob(pattern):
                    shutil.copy(file, place)
            case "RUN":
                ended("sh", "-euc", there(rest), folder=root, PATH=path)
            case "ENV":
                _, _, value = there(rest).partition("PATH=")
                path = value.strip('"').replace("$PATH", path)
            case "WORKDIR":
                Path(there(rest)).mkdir()
            case "ENTRYPOINT":
                program = json.loads(rest)
            case _:
                assert name in ("FROM", "CMD", "")
    found = shutil.which(program[0], path=path)
    assert found is not None
    return Place(root, path, [found])


def test_what_is_handed_on_is_whole(built: Built) -> None:
    """All modules and what they read, the licence, and nothing of tests, caches or results."""
    with zipfile.ZipFile(built.wheel) as file:
        there = {name for name in file.namelist() if name.startswith("lis1plan/")}
        more = {name for name in file.namelist() if not name.startswith("lis1plan/")}
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    left_out = ("tests/", "benchmarks/", "docs/", ".", "container/", "outputs/")
    kinds = (".py", ".toml", ".csv", ".txt", ".html", ".css", ".js", ".typed")
    wanted = {f"lis1plan/{n}" for n in listed if n.endswith(kinds) and not n.startswith(left_out)}
    assert there == wanted - {"lis1plan/pyproject.toml", "lis1plan/core/kernels/ruff.toml"}
    assert any(name.endswith("/licenses/LICENSE") for name in more)
    with tarfile.open(built.source) as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    assert {name.removeprefix("lis1plan/") for name in there} <= names


def test_the_container_runs_what_its_page_says(installed: Place) -> None:
    """Installed by the container's own commands, called in an empty folder, checked there."""
    assert "\ntutorial " in installed.run("presets")
    installed.run(*RUN, "--out", ".")
    (result,) = (installed.root / "outputs").glob("*.nc")
    assert list((installed.root / "outputs").glob("*.html"))
    installed.run("verify", result.name)
    (package,) = (installed.root / "opt").rglob("site-packages/lis1plan/__init__.py")
    assert not (package.parent / "tests").exists()


def test_the_source_distribution_installs_alike(built: Built, installed: Place) -> None:
    pip = installed.root / "opt" / "lis1plan" / "bin" / "pip"
    ended(pip, "uninstall", "--quiet", "--yes", "lis1plan", folder=installed.root)
    ended(pip, "install", "--quiet", "--no-deps", built.source, folder=installed.root)
    assert "[regions.coast]" in installed.run("validate", "tutorial", "--show")
    ended(pip, "check", folder=installed.root)


def test_apptainer_does_what_the_containerfile_does() -> None:
    text = (CONTAINER / "lis1plan.def").read_text("utf-8")
    parts = dict(re.findall(r"(?ms)^%(\w+)\n(.*?)(?=^%|\Z)", text))
    done = dict(instructions(CONTAINER / "Containerfile"))
    assert f"From: {done['FROM']}" in text
    assert parts["files"].split() == done["COPY"].split()
    steps = [" ".join(line.split()) for line in parts["post"].strip().splitlines()]
    assert steps == [" ".join(step.split()) for step in done["RUN"].split("&&")]
    assert f"export {done['ENV']}" in parts["environment"]
    (program,) = json.loads(done["ENTRYPOINT"])
    assert parts["runscript"].strip() == f'exec {program} "$@"'


def test_the_containerfile_is_clean() -> None:
    """As hadolint sees it, the shell commands within included."""
    subprocess.run([gate("hadolint"), CONTAINER / "Containerfile"], check=True)


def test_every_library_has_a_licence_that_fits(installed: Place) -> None:
    python = installed.root / "opt" / "lis1plan" / "bin" / "python"
    asked = [gate("pip-licenses"), f"--python={python}", "--format=json", "--from=mixed"]
    told = json.loads(ended(*asked, folder=installed.root, PATH=installed.path)[0])
    assert len(told) > 30
    odd = {e["Name"]: e["License"] for e in told if not LICENCES.match(e["License"])}
    assert odd == {}


def test_no_library_was_withdrawn(installed: Place) -> None:
    """What pip would install is neither taken back by its makers nor at odds with another.

    Advisories are asked for by `make audit`: no package registry alone answers that.
    """
    pip = installed.root / "opt" / "lis1plan" / "bin" / "pip"
    frozen, _ = ended(pip, "freeze", "--exclude", "lis1plan", folder=installed.root)
    (installed.root / "frozen.txt").write_text(frozen, "utf-8")
    asked = "install --dry-run --no-deps --ignore-installed --report told.json -r frozen.txt"
    _, warned = ended(pip, *shlex.split(asked), folder=installed.root)
    told = json.loads((installed.root / "told.json").read_text("utf-8"))["install"]
    assert len(told) == len(frozen.split())
    assert "yanked" not in warned


def test_what_is_committed_is_looked_at_first() -> None:
    """The hooks of pre-commit are there, need nothing fetched, and find nothing here."""
    assert "repo: local" in (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    done = subprocess.run(
        [gate("pre-commit"), "run", "--all-files"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3_000:]
