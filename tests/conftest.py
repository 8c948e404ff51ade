"""What all tests share: programs of the system, and one small result."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Let one worker try all laws of a random study (`loadgroup`): it works it out once."""
    for item in items:
        if item.get_closest_marker("random") is not None and hasattr(item, "callspec"):
            seed = item.callspec.params.get("seed")
            if seed is not None:
                item.add_marker(pytest.mark.xdist_group(f"{item.path.stem} {seed}"))


@pytest.fixture
def tool() -> Callable[[str], str]:
    """Return a finder of a program's path; a missing one skips the test, in .ci/run fails it."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            missing_tool(f"the program {name} is not installed; .ci/run lists the packages")
        return str(path)

    return find


def missing_tool(why: str) -> None:
    """Skip the test; in .ci/run, fail it."""
    if os.environ.get("LIS1PLAN_REQUIRE_TOOLS") == "1":
        pytest.fail(why)
    pytest.skip(why)


SMALL = {
    "name": '"small"',
    "last_year": "2036",
    "last_decision": "2025",
    "window": "[2030, 2034]",
    "scenarios": "256",
    "fresh_scenarios": "500",
    "frontier_points": "3",
}
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def small_study_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built-in study cut down: fewer years, limits, weight tables, scenarios. Do not edit."""
    folder = tmp_path_factory.mktemp("small_study")
    shutil.copytree(ROOT / "configs" / "data", folder / "data")
    text = (ROOT / "configs" / "studies" / "norway-2019.toml").read_text("utf-8")
    for key, value in SMALL.items():
        text, found = re.subn(rf"(?m)^{key} = [^#\n]*", f"{key} = {value}  ", text, count=1)
        assert found == 1, key
    for risk, kept in (("national", "0.120"), ("nord", "0.132")):  # within what is attainable here
        stated = rf"(?s)(\[risk\.{risk}\].*?\nlimit = )[^\n]*"
        text, found = re.subn(stated, rf"\g<1>{kept}", text, count=1)
        assert found == 1, risk
    text = re.sub(r"(?s)\[risk\.midt\].*?(?=\[comparison\.)", "", text)
    (folder / "small.toml").write_text(text, "utf-8")
    weights = folder / "data" / "demand_weights.csv"
    rows = weights.read_text("utf-8").splitlines(keepends=True)
    kept = [row for row in rows if row.startswith(("table,", "reasoned,", "flat,"))]
    weights.write_text("".join(kept), "utf-8")
    return folder / "small.toml"


def run_small(study: Path, out: Path, before: str = "") -> str:
    """Run the small study as a user would, in a process of its own; return all it printed.

    `before` is code to run first. The kernels are compiled even where the suite does without.
    """
    code = f"{before}\nfrom lis1plan.cli import main\nmain()"
    command = [sys.executable, "-c", code, "run", str(study), "--out", str(out), "--quiet"]
    environment = {k: v for k, v in os.environ.items() if k != "NUMBA_DISABLE_JIT"}
    done = subprocess.run(
        command,
        env=environment | {"NUMBA_DEBUG_CACHE": "1"},
        cwd=out,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="session")
def small_result(small_study_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The result file of the small study, the report beside it. Shared: copy before changing."""
    out = tmp_path_factory.mktemp("small_result")
    run_small(small_study_file, out)
    (path,) = out.glob("*.nc")
    return path


@pytest.fixture(scope="session")
def second_run(
    small_result: Path, small_study_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """The same job once more, without its report: the result file and all it printed."""
    out = tmp_path_factory.mktemp("second_run")
    no_report = "import lis1plan.report.pages.html as html\n"
    no_report += "html.write_report = lambda dataset, path: path"
    said = run_small(small_study_file, out, before=no_report)
    (path,) = out.glob("*.nc")
    return path, said
