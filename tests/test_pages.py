"""The pages for users: commands stand there as they are taken, examples as they are read."""

from __future__ import annotations

import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

import click
import pytest

from lis1plan.cli.commands import COMMANDS, main
from lis1plan.configs.loader import load_study
from lis1plan.configs.plan_file import read_plan, read_plans
from lis1plan.core.errors import InputError
from lis1plan.core.study.settings import OWN_PLANS

from .helpers.amount import amount

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXTS = {page.name: page.read_text("utf-8") for page in PAGES}
TUTORIAL = TEXTS["tutorial.md"]


def _commands(text: str) -> list[str]:
    """The commands in the blocks of a page, without comments and what a shell does to them."""
    fenced = re.findall(r"(?ms)^```\w*$(.*?)^```$", text)
    indented = re.findall(r"(?m)^ {4}(.*)$", text)
    joined = "\n".join([*fenced, *indented]).replace("\\\n", " ")
    return re.findall(r"(?m)^(lis1plan [a-z][^#\n>|]*)", joined)


SHOWN = [(name, command) for name, text in TEXTS.items() for command in _commands(text)]


@pytest.mark.parametrize(("page", "command"), SHOWN)
def test_commands_are_shown_as_they_are_taken(page: str, command: str) -> None:
    """Names of options, their values and how many arguments; nothing is run."""
    name, *arguments = shlex.split(command)[1:]
    found = main.get_command(click.Context(main), name)
    assert found is not None
    found.make_context(name, arguments)


def test_every_command_and_option_is_described() -> None:
    everything = "\n".join(TEXTS.values())
    lacking = []
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        assert command is not None
        words = [each.opts[0] for each in command.params if isinstance(each, click.Option)]
        lacking += [f"{name} {w}" for w in words if not re.search(rf"{w}\b", everything)]
        lacking += [name] * (not re.search(rf"`(lis1plan )?{name}\b", TEXTS["README.md"]))
    assert lacking == ["task"]  # what scripts call: for no reader


def _blocks() -> list[str]:
    """The indented blocks of the tutorial, without their indentation."""
    found = re.findall(r"(?m)(?:^ {4}.*\n)+", TUTORIAL)
    return [re.sub(r"(?m)^ {4}", "", block) for block in found]


def test_the_study_of_the_tutorial_gives_more_supervision(tmp_path: Path) -> None:
    (study,) = (block for block in _blocks() if block.startswith("based_on"))
    (table,) = (block for block in _blocks() if block.startswith("limit,"))
    (tmp_path / "more.toml").write_text(study, "utf-8")
    (tmp_path / "more.csv").write_text(table, "utf-8")
    more, before = load_study(str(tmp_path / "more.toml")), load_study("tutorial")
    for row, old in zip(more.supervision, before.supervision, strict=True):
        assert (row.limit, row.region) == (old.limit, old.region)
        assert row.slack > old.slack
        assert row.growth_per_year > old.growth_per_year
    rest = {"name", "title", "supervision"}
    assert more.model_dump(exclude=rest) == before.model_dump(exclude=rest)


def test_the_plans_of_the_tutorial_are_read(tmp_path: Path) -> None:
    study = load_study("tutorial")
    for text, file in re.findall(r"(?m)^ {4}printf '(.*)' > (\w+\.csv)$", TUTORIAL):
        (tmp_path / file).write_text(text.replace("\\n", "\n"), "utf-8")
    assert read_plan(tmp_path / "mine.csv", study).slots.sum() == 3
    assert {
        name: plan.slots.sum() for name, plan in read_plans(tmp_path / "plans.csv", study).items()
    } == {
        "soon": 4,
        "later": 4,
    }


def test_plans_of_a_file_take_no_name_of_the_run(tmp_path: Path) -> None:
    study, path = load_study("tutorial"), tmp_path / "plans.csv"
    taken = [*OWN_PLANS, "none", "five"]
    rows = [f"{name},2026,city,1" for name in [*taken, "mine"]]
    path.write_text("\n".join(["plan,year,region,slots", *rows]), "utf-8")
    with pytest.raises(InputError) as caught:
        read_plans(path, study)
    assert caught.value.problems == [
        f"{path}:{line}: plan '{name}': the run has one of that name; give another than "
        f"{', '.join(taken)}"
        for line, name in enumerate(taken, start=2)
    ]


def test_the_site_has_every_page_once_in_four_parts() -> None:
    index = TEXTS["index.md"]
    parts = re.findall(r"(?ms)^```\{toctree\}\n:caption: ([\w ]+)\n.*?\n\n(.*?)```$", index)
    assert [caption for caption, _ in parts] == ["Tutorial", "How to", "Reference", "Explanation"]
    listed = [page for _, pages in parts for page in pages.split()]
    wanted = {page.stem for page in (ROOT / "docs").glob("*.md")} - {"index"}
    assert sorted(listed) == sorted(wanted)


def test_every_link_between_pages_leads_somewhere() -> None:
    """`make site` says so of links within docs/; this knows README and its pictures, too."""
    lost = []
    for page in [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"]:
        text = re.sub(r"(?ms)^```.*?^```$", "", page.read_text("utf-8"))
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
            if "://" not in target and not (page.parent / target).exists():
                lost.append(f"{page.name}: {target}")
    assert lost == []


def test_blocks_of_toml_are_toml() -> None:
    for name, text in TEXTS.items():
        for block in re.findall(r"(?ms)^```toml$(.*?)^```$", text):
            assert tomllib.loads(block) is not None, name


def test_the_citation_is_of_this_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    cited = (ROOT / "CITATION.cff").read_text("utf-8")
    assert f"version: {project['version']}\n" in cited
    assert f"license: {project['license']}\n" in cited


def test_the_gallery_shows_every_picture_that_is_drawn() -> None:
    drawn = runpy.run_path(str(ROOT / "docs" / "draw_gallery.py"))
    shown = re.findall(r"!\[[^\]]{20,}\]\(images/gallery/(.*?)\.svg\)", TEXTS["gallery.md"])
    assert sorted(shown) == sorted(drawn["PICTURES"])
    assert {each.stem for each in drawn["FOLDER"].iterdir()} == set(shown)
    assert f"lis1plan {' '.join(drawn['RUN'])}" in TEXTS["gallery.md"]


@pytest.mark.thorough
def test_the_gallery_is_drawn(tmp_path: Path) -> None:
    drawn = runpy.run_path(str(ROOT / "docs" / "draw_gallery.py"))
    for picture in drawn["draw"](tmp_path / "new", "sampling.scenarios=64"):
        assert picture.read_text("utf-8").startswith("<svg")


def test_the_page_on_data_names_every_table() -> None:
    named = re.findall(r"`([a-z0-9_*]+\.csv)`", TEXTS["data.md"])
    tables = [path.name for path in (ROOT / "configs" / "data").glob("*.csv")]
    assert [each for each in tables if not any(fnmatch(each, name) for name in named)] == []
    assert [name for name in named if not any(fnmatch(each, name) for each in tables)] == []


SERVED = "explore"
"""The command that goes on until it is stopped: tests/explore runs it."""
INFEASIBLE = "lis1plan run tutorial --set risk.country.limit=0.01"
"""Shown for what it says where no plan keeps the limit."""
ELSEWHERE = ("cluster.md", "review-years.md")
"""Their commands need a scheduler or branches: tests/batch and tests/jobs run them."""
FEW = (
    *("sampling.scenarios=32", "sampling.fresh_scenarios=32"),
    *("solve.frontier_points=2", "solve.time_limit_seconds=15"),
)


LONG = {
    "before-or-after.md",
    "general-practice.md",
    "sensitivity.md",
    "discovery.md",
    "measures.md",
}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the pages take for given."""
    folder = tmp_path_factory.mktemp("reader")
    for each in (ROOT / "docs").iterdir():
        if each.is_dir() and each.name != "images":
            shutil.copytree(each, folder / "docs" / each.name)
    for text, file in re.findall(r"(?m)^ {4}printf '(.*)' > (\w+\.csv)$", TUTORIAL):
        (folder / file).write_text(text.replace("\\n", "\n"), "utf-8")
    (table,) = re.findall(r"(?ms)^```csv\n(.*?)^```$", TEXTS["studies.md"])
    (folder / "scenarios.csv").write_text(table, "utf-8")
    (folder / "plan.csv").write_text("year,region,slots\n2020,nord,1\n", "utf-8")
    (folder / "my_study.toml").write_text('based_on = "norway-2010"\nname = "my-study"\n', "utf-8")
    counted = ROOT / "configs" / "data" / "observed_2010_2017.csv"
    shutil.copyfile(counted, folder / "counted.csv")
    settings = [part for each in FEW for part in ("--set", each)]
    _run(folder, ["run", "tutorial", *settings, "--seed", "5"])
    (made,) = (folder / "outputs").glob("*.nc")
    for name in ("result", "RESULT", "A", "B", "C"):
        shutil.copyfile(made, folder / f"{name}.nc")
    return folder


def _run(folder: Path, arguments: Sequence[str]) -> int:
    command = [sys.executable, "-m", "lis1plan", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert done.returncode in {0, 3, 4}, done.stderr.decode()  # 4: the clock ended a search
    return done.returncode


@pytest.mark.thorough
@pytest.mark.parametrize(("page", "command"), [each for each in SHOWN if each[0] not in ELSEWHERE])
def test_commands_run_as_they_are_shown(page: str, command: str, reader: Path) -> None:
    """With few scenarios, which may have no plan that keeps the limits (exit code 3)."""
    name, *arguments = shlex.split(command)[1:]
    if name == SERVED:
        pytest.skip("serves until it is stopped: tests/explore")
    if page in LONG and amount(10) < 10:
        pytest.skip("takes half a minute or more: make nightly")
    found = main.get_command(click.Context(main), name)
    assert found is not None
    if any("--set" in each.opts for each in found.params):
        few = FEW[1:] if "--realization" in arguments else FEW
        arguments += [part for each in few for part in ("--set", each)]
    if name == "run" and "--scenarios" in arguments:
        at = arguments.index("--scenarios")
        del arguments[at : at + 2]
    if name == "init":
        shutil.rmtree(reader / arguments[0], ignore_errors=True)
    if name == "frontier":
        arguments[arguments.index("--points") + 1] = "2"
    code = _run(reader, [name, *arguments])
    if command.strip() == INFEASIBLE:
        assert code == 3
    elif page in {"tutorial.md", "studies.md", "recipes.md", "report.md"}:
        assert code == 0


@pytest.mark.thorough
def test_the_page_on_studies_can_be_followed(tmp_path: Path) -> None:
    """Its commands run one after the other, with the files that it shows."""
    page = TEXTS["studies.md"]
    (table,) = re.findall(r"(?ms)^```csv\n(.*?)^```$", page)
    (tmp_path / "scenarios.csv").write_text(table, "utf-8")
    shutil.copytree(ROOT / "docs" / "over-norway", tmp_path / "docs" / "over-norway")
    for language, block in re.findall(r"(?ms)^```(\w*)\n(.*?)^```$", page):
        for line in [] if language else block.splitlines():
            program, *arguments = shlex.split(line.partition(" > ")[0])
            assert program == "lis1plan"
            if arguments[0] == "submit":
                arguments += ["--set", "sampling.scenarios=16"]
                arguments += ["--set", "sampling.fresh_scenarios=16"]
            command = [sys.executable, "-m", "lis1plan", *arguments]
            done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
            assert done.returncode == 0, done.stderr.decode()
    with (tmp_path / "scenarios" / "campaign.csv").open(encoding="utf-8") as file:
        assert file.read().count("optimal") == 4
