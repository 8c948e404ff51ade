"""The Python interface: light to import, clear about mistakes; its tutorial runs as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import lis1plan
from lis1plan import api
from lis1plan.configs.loader import load_study
from lis1plan.core.errors import InputError
from lis1plan.core.study.study import Study

pytestmark = pytest.mark.thorough

PAGE = Path(__file__).resolve().parents[1] / "docs" / "python.md"
HEAVY = ("numba", "dask", "distributed", "pyomo", "highspy", "altair")


@pytest.fixture(scope="module")
def study() -> Study:
    return lis1plan.load_study("norway-2019")


def test_tutorial_runs_from_top_to_bottom(tmp_path: Path) -> None:
    """In a process of its own, compiled even where the suite does without."""
    blocks = re.findall(r"(?s)```python\n(.*?)```", PAGE.read_text("utf-8"))
    assert len(blocks) > 5
    script = "\n".join([*blocks, "print(result.attrs['command_line'])"])
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if k != "NUMBA_DISABLE_JIT"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert "Did you mean 'limit'?" in done.stdout
    assert "35.0" in said
    assert said[-1] == "lis1plan.plan(study)"
    assert {"small.nc", "small.nc.sha256", "small.html", "small-plan.csv"} <= {
        file.name for file in tmp_path.iterdir()
    }


def test_package_imports_nothing_until_it_is_used() -> None:
    code = (
        "import sys, lis1plan; assert 'numpy' not in sys.modules; lis1plan.open_result; "
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_functions_are_those_of_the_interface() -> None:
    for name in lis1plan.__all__:
        assert name in dir(lis1plan)
        if not name.endswith(("Error", "Warning")):
            assert getattr(lis1plan, name) is getattr(api, name)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = lis1plan.nothing


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sampling.scenarios", 77),
        ("sampling.scenarios", np.int64(77)),
        ("risk.national.limit", 0.125),
        ("title", 'with "quotes" and = signs'),
        ("time.window", [2030, 2035]),
        ("cost.discount_rate", 0.03),
        ("cost.discount_rate", {"value": 0.03, "assumption": "ours"}),
    ],
)
def test_overrides_are_those_of_the_command(key: str, value: Any) -> None:
    found: Any = lis1plan.load_study("norway-2019", {key: value})
    for part in key.split("."):
        found = found[part] if isinstance(found, dict) else getattr(found, part)
    if key == "cost.discount_rate":
        assert found.value == 0.03
    else:
        assert (list(found) if isinstance(found, tuple) else found) == value


def test_texts_are_overrides_too() -> None:
    one = lis1plan.load_study("norway-2019", ["sampling.seed=5"])
    assert one == load_study("norway-2019", ["sampling.seed=5"])


@pytest.mark.parametrize(
    ("slots", "said"),
    [
        ({1999: {"vest": 1}}, "slots: year 1999; allowed: "),
        ({2020: {"west": 1}}, "slots: region 'west'; allowed: "),
        ({2020: {"vest": 0.5}}, "slots: whole numbers from 0 expected"),
        ({2020: {"vest": -1}}, "slots: whole numbers from 0 expected"),
        (np.zeros((2, 2)), r"slots: shape \(2, 2\); expected"),
        (float("nan"), r"slots: shape \(\); expected"),
    ],
)
def test_plan_that_cannot_be_is_refused(study: Study, slots: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        lis1plan.project(study, slots)


def test_plan_by_names_is_the_plan_by_numbers(study: Study) -> None:
    by_number = np.zeros((len(study.regions), len(study.decision_years)))
    by_number[list(study.regions).index("vest"), 0] = 4.0
    by_name = {study.decision_years[0]: {"vest": 4}}
    assert np.array_equal(api._slots(study, by_name), api._slots(study, by_number))
    assert not api._slots(study, None).any()


def test_report_needs_a_run(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match="needs a result of plan or project; this one holds neither"
    ):
        lis1plan.write_report(xr.Dataset(), tmp_path / "page.html")


ERRORS = [name for name in lis1plan.__all__ if name.endswith("Error")]


@pytest.mark.parametrize("name", ERRORS)
def test_errors_have_public_names(name: str) -> None:
    error = getattr(lis1plan, name)
    assert issubclass(error, lis1plan.LisError)
    assert error.__name__ == name
    assert f"`lis1plan.{name}`" in PAGE.read_text("utf-8")


def test_errors_are_those_that_are_raised(tmp_path: Path) -> None:
    with pytest.raises(lis1plan.InputError, match="no such preset"):
        lis1plan.load_study("nowhere")
    with pytest.raises(lis1plan.ResultFileError, match="no such file"):
        lis1plan.open_result(tmp_path / "none.nc")
