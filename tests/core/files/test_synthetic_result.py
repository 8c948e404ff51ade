"""The made-up result of the tests holds what a real run writes: no more, no less, no otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest
import xarray as xr
from click.testing import CliRunner

from lis1plan.cli import main
from lis1plan.configs.loader import study_from_text
from lis1plan.core.files.store import open_result

from ...helpers.synthetic_result import synthetic_result

Shapes = dict[str, tuple[str, ...]]


def _shapes(result: xr.Dataset) -> Shapes:
    """Every variable with its dimensions but what scenarios drew, which no reader looks at."""
    shapes = {str(n): tuple(map(str, v.dims)) for n, v in result.variables.items()}
    return {n: dims for n, dims in shapes.items() if not n.startswith(("input_", "path_"))}


def _compare(real: xr.Dataset, made: xr.Dataset) -> None:
    there, here = _shapes(real), _shapes(made)
    assert sorted(there.keys() ^ here.keys()) == []
    assert here == there
    assert sorted(set(real.attrs) ^ set(made.attrs)) == []
    kinds = {n: (real[n].dtype.kind, made[n].dtype.kind) for n in here}
    texts = {n: both for n, both in kinds.items() if "U" in both or "O" in both}
    assert {n: both for n, both in texts.items() if not set(both) <= {"U", "O"}} == {}


def test_synthetic_result_is_shaped_like_that_of_a_run(small_result: Path) -> None:
    real = open_result(small_result)
    made = synthetic_result(study_from_text(real.attrs["study_json"]))
    made = made.drop_dims(["size", "replication"])
    for name in [n for n in made.attrs if "replication" in str(n)]:
        del made.attrs[name]
    _compare(real, made)


@pytest.mark.thorough
def test_with_replications_too(tmp_path: Path) -> None:
    small = ["--scenarios", "16", "--quiet", "--set", "sampling.fresh_scenarios=16"]
    asked = ["run", "tutorial", "--replicate", "2", *small, "--out", str(tmp_path)]
    assert CliRunner().invoke(main, asked).exit_code == 0
    (path,) = tmp_path.glob("*.nc")
    real = open_result(path)
    _compare(real, synthetic_result(study_from_text(real.attrs["study_json"])))
