"""A result file of every kind, made as a user makes it, and the commands that read one."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import xarray as xr
from click.testing import CliRunner
from numpy.typing import NDArray

from lis1plan.cli import main
from lis1plan.core.files.checksums import data_sha256, variable_sha256
from lis1plan.core.files.store import read_result, write_result

SMALL = ["--scenarios", "16", "--quiet", "--set", "sampling.fresh_scenarios=16"]
_EFFECT = '{ lever = "factor", key = "lis1.leave", amount = { value = 0.5, assumption = "x" } }'
MEASURES = (
    'measure.leave={ name = "Less leave", unit = "all of it", most = 1.0, first_year = 2026, '
    'assumption = "x", ratings = { specialists = "pos", economy = "neutral" }, '
    f'effects = [{_EFFECT}], prices = [{{ payer = "hospital", nok = 1e6 }}] }}'
)
"""A measure, as `--set` takes it."""
COMMANDS = {
    "run": ["run", "--set", "solve.frontier_points=1", "--replicate", "2"],
    "projection": ["project", "--ensemble"],
    "scenario": ["project", "--realization", "3"],
    "frontier": ["frontier", "--over", "risk.country.limit", "--points", "3"],
    "replication": ["replicate", "--seeds", "2"],
    "infeasible": ["run", "--set", "risk.country.limit=0.02"],
    "sensitivity": ["sensitivity", "--method", "morris", "--samples", "4"],
    "measures": ["measures", "--set", MEASURES],
    "backtest": ["backtest"],
}
COUNTED = "series,year,value,source\nappointed,2026,20,a register\nappointed,2027,21,\n"
KINDS = list(COMMANDS)


class Said(NamedTuple):
    """What a command answered."""

    code: int
    out: list[str]
    errors: list[str]


def command(*arguments: object) -> Said:
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return Said(done.exit_code, done.stdout.splitlines(), done.stderr.splitlines())


def make(kind: str, seed: int, folder: Path, *more: str) -> Path:
    """The file of a kind, made as a user makes it; `more` options."""
    name, *options = COMMANDS[kind]
    if kind == "backtest":
        (folder / "counted.csv").write_text(COUNTED, "utf-8")
        options += ["--observed", str(folder / "counted.csv")]
    said = command(name, "tutorial", *options, *SMALL, "--seed", seed, "--out", folder, *more)
    assert said.code == (3 if kind == "infeasible" else 0), said
    (path,) = folder.glob("*.nc")
    return path


def read_back(result: xr.Dataset, folder: Path) -> xr.Dataset:
    """A result as it is read from its file."""
    return read_result(write_result(result, folder / "result.nc", result.attrs))


def forged(data: xr.Dataset, name: str, values: NDArray[np.generic]) -> xr.Dataset:
    """A result read from a file, with other values of one variable and every checksum renewed."""
    data = data.assign({name: data[name].copy(data=values)})
    data[name].attrs["sha256"] = variable_sha256(data[name])
    return data.assign_attrs(data_sha256=data_sha256(data, data.attrs))
