"""Checksums: of each variable, of all a result says, and of the file as `sha256sum` does it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ..atomic import written_aside

OWN = {"sha256", "bounds_sha256", "cdi", "_FillValue", "_Encoding"}
"""Attributes of a variable that belong to the file, not to what the variable says."""


def variable_sha256(variable: xr.DataArray) -> str:
    """Return the hash of a variable: type, dimensions, lengths and values as the file holds them.

    Numbers are little-endian in C order, missing values one and the same NaN; texts are UTF-8,
    each ended by a zero byte.
    """
    values = np.asarray(variable.values)
    if values.dtype.kind in "USO":
        kind = "text"
        content = "".join(f"{each}\x00" for each in as_text(values).ravel().tolist()).encode()
    else:
        dtype = stored(values.dtype).newbyteorder("<")
        kind, values = dtype.str, np.array(values, dtype=dtype, order="C")
        if dtype.kind == "f":
            values[np.isnan(values)] = np.nan
        content = values.tobytes()
    shape = " ".join(f"{dim}={size}" for dim, size in zip(variable.dims, values.shape, strict=True))
    return hashlib.sha256(f"{kind}({shape})\n".encode() + content).hexdigest()


def data_sha256(dataset: xr.Dataset, attributes: Mapping[str, Any]) -> str:
    """Return the hash over all variables with their attributes, and the file's attributes.

    All in alphabetical order; the attributes that hold hashes are left out.
    """
    digest = hashlib.sha256()
    for key in sorted(set(attributes) - {"data_sha256"}):
        digest.update(f"{key}=".encode() + _said(attributes[key]))
    for name in sorted(str(name) for name in dataset.variables):
        variable = dataset[name]
        digest.update(f"{name}={variable_sha256(variable)}".encode())
        for key in sorted(set(variable.attrs) - OWN):
            digest.update(f"{name}:{key}=".encode() + _said(variable.attrs[key]))
    return digest.hexdigest()


def changed_variables(dataset: xr.Dataset) -> list[str]:
    """Return the variables whose values are not those their attribute `sha256` was made of."""
    stated = {name: dataset[name].attrs.get("sha256") for name in dataset.variables}
    if "time_bounds" in stated and "time" in stated:
        stated["time_bounds"] = dataset["time"].attrs.get("bounds_sha256")
    return [
        str(name) for name, hashed in stated.items() if hashed != variable_sha256(dataset[name])
    ]


def other_variables(dataset: xr.Dataset) -> tuple[list[str], list[str]]:
    """Return the variables that the file lists and lacks, and those it holds and does not list."""
    listed = str(dataset.attrs.get("variable_names", "")).split()
    held = [str(name) for name in dataset.variables]
    return [n for n in listed if n not in held], [n for n in held if n not in listed]


def sidecar_of(path: Path) -> Path:
    """Return the name of the file beside a result that holds its checksum."""
    return path.with_name(f"{path.name}.sha256")


def write_sidecar(path: Path) -> Path:
    """Write `FILE.sha256` beside a file, as `sha256sum FILE` prints it."""
    with written_aside(sidecar_of(path)) as aside:
        aside.write_bytes(f"{file_sha256(path)}  {path.name}\n".encode())
    return sidecar_of(path)


def file_sha256(path: Path) -> str:
    """Return the hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def as_text(values: Any) -> Any:
    """Return an array of text from text, UTF-8 bytes or objects."""
    return np.char.decode(values, "utf-8") if values.dtype.kind == "S" else values.astype(str)


def stored(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the type a value has in the file: the classic model knows neither int64 nor bool."""
    return np.dtype(np.int32) if dtype.kind in "biu" else dtype


def as_attribute(value: object) -> str | np.generic:
    """Return a value the classic model can hold as an attribute."""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, int | np.integer):
        return np.int32(value) if -(2**31) <= value < 2**31 else str(value)
    if isinstance(value, float | np.floating):
        return np.float64(value)
    return str(value)


def _said(value: object) -> bytes:
    held = as_attribute(value)
    content: bytes = held.encode() if isinstance(held, str) else held.tobytes()
    return content
