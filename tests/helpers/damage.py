"""Working folders and result files as crashes, disks and other programs leave them, by seed.

The whole ones are made by the program itself; each case damages a copy in one place. A result file
whose checksums no longer hold is refused as such, so most are signed anew after the change: what
is tried is not the checksum.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from lis1plan.core.files.store import read_result, write_result

from .forks import Forks
from .mutations import BYTES, ESCAPES, MARKUP, Case, base_files

Files = dict[str, bytes | None]
MADE = {
    "run": ("run", "study.toml"),
    "projection": ("project", "study.toml", "--plan", "plan.csv", "--ensemble"),
    "scenario": ("project", "study.toml", "--realization", "0"),
    "sensitivity": ("sensitivity", "study.toml", "--samples", "8"),
    "frontier": ("frontier", "study.toml", "--over", "risk.country.limit", "--points", "2"),
    "replication": ("replicate", "study.toml", "--seeds", "2"),
    "infeasible": ("run", "study.toml", "--set", "risk.coast.limit=0.0001"),
}
"""How a result of each kind is made."""
PLAN = b"year,region,slots\n2026,city,2\n"
READERS: tuple[tuple[str, ...], ...] = (
    ("report", "result.nc", "--out", "page.html"),
    ("diff", "result.nc", "whole.nc"),
    ("diff", "whole.nc", "result.nc", "--json"),
    ("export", "result.nc", "--format", "csv", "--out", "tables"),
    ("export", "result.nc", "--format", "xlsx", "--out", "tables", "--locale", "nb"),
    ("verify", "result.nc"),
    ("report", "result.nc", "whole.nc", "--out", "page.html"),
    ("rerun", "result.nc", "--workers", "1"),
    ("report", "result.nc", "--static", "--out", "figures"),
    ("export", "result.nc", "--format", "parquet", "--out", "tables"),
)
"""What reads a result file."""


def whole_results(forks: Forks, folder: Path) -> dict[str, Path]:
    """Make a result of each kind; return the files."""
    made = {}
    for kind, command in MADE.items():
        place = folder / kind
        Case("", base_files() | {"plan.csv": PLAN}, (), ()).write(place)
        ended = forks.run(*command, "--out", "out", "--workers", "1", "--quiet", folder=place)
        assert ended.code in (0, 3), ended.err
        (made[kind],) = (place / "out").glob("*.nc")
    return made


def whole_folders(forks: Forks, folder: Path) -> dict[str, Files]:
    """Make working folders as killed commands leave them; return their files."""
    left = {}
    for kind in ("run", "projection", "frontier"):
        place = folder / kind
        Case("", base_files() | {"plan.csv": PLAN}, (), ()).write(place)
        command = (*MADE[kind], "--out", "out", "--workers", "1", "--quiet")
        ended = forks.run(*command, folder=place, until="out/.lis1plan-*/parts/*.npz")
        assert ended.code < 0, ended.err
        files = [each for each in (place / "out").rglob("*") if each.is_file()]
        left[kind] = {str(each.relative_to(place)): each.read_bytes() for each in files}
    return left


# ------------------------------------------------------------------------ working folders

WRONG = (None, True, -1, 10**30, 1e308, float("nan"), "many", "", MARKUP, [], [[]], {}, {"a": 1})
"""What may stand in JSON where something else was."""


def folders(seed: int, whole: dict[str, Files]) -> Iterator[Case]:
    """Yield working folders with one thing wrong, without end."""
    choose = random.Random(seed)
    while True:
        kind = choose.choice(list(whole))
        files = dict(whole[kind])
        name = choose.choice([n for n in files if "manifest" in n or choose.random() < 0.4])
        content = files[name] or b""
        if name.endswith(".json") and choose.random() < 0.8:
            files[name], how = _manifest(choose, json.loads(content))
        else:
            how = choose.choice([*BYTES, "gone"])
            if how == "gone" or not content:
                del files[name]
            else:
                files[name] = BYTES[how](choose, content)
        command = ("resume", "out", "--workers", "1", *["--quiet"] * choose.choice([0, 1]))
        short = Path(name).name
        yield Case(f"folder: {kind}: {short}: {how}", files, command, (name, "out/", "out:"))


def _manifest(choose: random.Random, found: dict[str, Any]) -> tuple[bytes, str]:
    """Return a manifest with another value somewhere, in the study within it as well."""
    if choose.random() < 0.5:
        study = json.loads(found["study_json"])
        how = "study " + changed(choose, study)
        found["study_json"] = json.dumps(study)
    else:
        how = changed(choose, found)
    return json.dumps(found).encode(), how


def changed(choose: random.Random, place: Any) -> str:
    """Change one value somewhere below; return which and how."""
    said = []
    while True:
        key = choose.choice(list(place) if isinstance(place, dict) else range(len(place)))
        said.append(str(key))
        below = place[key]
        if not isinstance(below, dict | list) or not below or choose.random() < 0.2:
            break
        place = below
    how = choose.choice(["gone", "wrong", "wrong", "renamed"])
    if how == "wrong" or isinstance(place, list):
        place[key] = choose.choice(WRONG)
    else:
        value = place.pop(key)
        if how == "renamed":
            place[f"{key}s"] = value
    return f"{'.'.join(said)} {how}"


# ------------------------------------------------------------------------ result files


def results(seed: int, whole: dict[str, Path], folder: Path) -> Iterator[Case]:
    """Yield result files with one thing wrong, without end; `folder` is for work."""
    choose, count = random.Random(seed), 0
    while True:
        count += 1
        kind = choose.choice([*whole, "run", "projection"])
        original = whole[kind].read_bytes()
        if choose.random() < 0.15:
            how = choose.choice(list(BYTES))
            content = BYTES[how](choose, original)
        else:
            data = read_result(whole[kind])
            name, how = choose.choice(CHANGES)
            how = f"{name} {how(choose, data)}"
            content = _written(data, folder / "changed.nc")
            if content is None:
                continue  # no NetCDF file says so
        command = READERS[count % len(READERS)]
        files: Files = {"result.nc": content, "whole.nc": original}
        yield Case(f"result: {kind}: {how}", files, command, ("result.nc", "whole.nc"))


def _written(data: xr.Dataset, path: Path) -> bytes | None:
    try:
        write_result(data, path, data.attrs)
    except (TypeError, ValueError, RuntimeError, AttributeError, KeyError, OverflowError):
        return None
    return path.read_bytes()


def _attribute(choose: random.Random, data: xr.Dataset) -> str:
    name = choose.choice([n for n in data.attrs if not n.startswith(("variable", "data_sha"))])
    value = choose.choice(["", "many", -1, 10**15, float("nan"), MARKUP, ESCAPES, "[]", "{}", None])
    if value is None:
        del data.attrs[name]
    else:
        data.attrs[name] = value
    return f"{name} = {value!r}"


def _study(choose: random.Random, data: xr.Dataset) -> str:
    study = json.loads(data.attrs["study_json"])
    how = changed(choose, study)
    data.attrs["study_json"] = json.dumps(study)
    return how


def _variable(choose: random.Random, data: xr.Dataset) -> str:
    return str(choose.choice([name for name in data.variables if name not in data.dims]))


def _dropped(choose: random.Random, data: xr.Dataset) -> str:
    name = _variable(choose, data)
    del data[name]
    return name


def _renamed(choose: random.Random, data: xr.Dataset) -> str:
    name = _variable(choose, data)
    data[f"{name}_other"] = data[name].variable
    del data[name]
    return name


def _other_type(choose: random.Random, data: xr.Dataset) -> str:
    name = _variable(choose, data)
    found = data[name]
    text = np.full(found.shape, "text")
    kinds = [text, np.zeros(found.shape, np.int32), np.ones(found.shape, np.float32)]
    values = choose.choice(kinds)
    data[name] = (found.dims, values)
    return f"{name} {values.dtype}"


def _other_values(choose: random.Random, data: xr.Dataset) -> str:
    name = _variable(choose, data)
    found = data[name]
    if found.dtype.kind not in "if":
        values: Any = np.full(found.shape, choose.choice([MARKUP, ESCAPES, "", "x" * 500]))
    else:
        number = choose.choice([np.nan, np.inf, -1.0, 0.0, 1e308, -1e308, 7.0])
        values = np.array(found.values, dtype=np.float64)
        some = np.random.default_rng(choose.randrange(99)).random(found.shape) < choose.random()
        values = np.where(some, number, values)
    data[name] = (found.dims, values)
    return f"{name} {np.ravel(values)[:1]}"


def _shorter(choose: random.Random, data: xr.Dataset) -> str:
    dim = choose.choice(list(data.dims))
    size = choose.choice([0, 1, max(1, data.sizes[dim] - 1)])
    fewer = data.isel({dim: slice(size)})
    for name in list(data.variables):
        if dim in data[name].dims:
            del data[name]
    for name in fewer.variables:
        if name not in data.variables:
            data[name] = fewer[name].variable
    return f"{dim} {size}"


CHANGES: list[tuple[str, Callable[[random.Random, xr.Dataset], str]]] = [
    ("attribute", _attribute), ("attribute", _attribute), ("study", _study),
    ("without", _dropped), ("without", _dropped), ("renamed", _renamed),
    ("other type", _other_type), ("other values", _other_values), ("shorter", _shorter),
]  # fmt: skip
"""What is done to what a result file holds; each returns what it chose."""
