"""The result file: written so that every reader opens it and nothing half-written ever stands."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

SCHEMA_VERSION = 1
FILL = 9.969209968386869e36


class ResultFileError(Exception):
    """A result file that cannot be used; the message says which, why and what to do."""


def write_result(dataset: xr.Dataset, path: Path, attributes: Mapping[str, Any]) -> Path:
    """Write a dataset as NetCDF: aside in the same folder, flushed to disk, then renamed.

    Raises
    ------
    ResultFileError
        If the folder cannot be written to.
    """
    prepared = _encoded(dataset)
    stated = {key: _attribute(value) for key, value in attributes.items()} | {
        "Conventions": "CF-1.11, ACDD-1.3",
        "standard_name_vocabulary": "CF Standard Name Table v93",
        "lis1plan_schema": np.int32(SCHEMA_VERSION),
        "complete": "true",
    }
    stated.pop("data_sha256", None)
    prepared.attrs = stated | {"data_sha256": data_sha256(dataset, stated)}
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise ResultFileError(f"{path.parent}: cannot be written to: {error.strerror}") from None
    os.close(handle)
    try:
        prepared.to_netcdf(
            aside, format="NETCDF4_CLASSIC", engine="netcdf4", encoding=_encoding(prepared)
        )
        _flush(Path(aside))
        Path(aside).chmod(0o644)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    _flush(path.parent)
    return path


def open_result(path: Path) -> xr.Dataset:
    """Read a result file into memory, checked: complete and unchanged since it was written.

    Raises
    ------
    ResultFileError
        If it is missing, not a NetCDF file, truncated, not ours, incomplete or changed.
    """
    if not path.is_file():
        raise ResultFileError(f"{path}: no such file")
    try:
        with xr.open_dataset(path, engine="netcdf4", decode_times=False) as file:
            dataset = file.load()
        for name in dataset.variables:
            if dataset[name].dtype.kind in "SO":
                text = _text(dataset[name].values)
                dataset[name] = (dataset[name].dims, text, dataset[name].attrs)
    except Exception as error:  # damage makes the readers fail in many ways, AttributeError too
        raise ResultFileError(
            f"{path}: cannot be read as NetCDF; it is truncated, damaged or another kind of file "
            f"({type(error).__name__}); run lis1plan again or fetch the file anew"
        ) from None
    dataset = dataset.set_coords([name for name in dataset.variables if _is_label(str(name))])
    if dataset.attrs.get("lis1plan_schema") != SCHEMA_VERSION:
        raise ResultFileError(
            f"{path}: not a lis1plan result of schema {SCHEMA_VERSION} "
            f"(found {dataset.attrs.get('lis1plan_schema', 'none')})"
        )
    if dataset.attrs.get("complete") != "true":
        raise ResultFileError(f"{path}: not complete: its writing was interrupted; run again")
    if dataset.attrs.get("data_sha256") != data_sha256(dataset, dataset.attrs):
        raise ResultFileError(
            f"{path}: its content does not match its checksum; the file was changed"
        )
    return dataset


def data_sha256(dataset: xr.Dataset, attributes: Mapping[str, Any]) -> str:
    """Return the hash over all variables (names, dimensions, values) and the file's attributes.

    Both in alphabetical order; the attribute that holds the hash is left out.
    """
    digest = hashlib.sha256()
    for key in sorted(set(attributes) - {"data_sha256"}):
        value = attributes[key]
        content = value.encode() if isinstance(value, str) else np.asarray(value).tobytes()
        digest.update(key.encode() + b"=" + content)
    for name in sorted(str(name) for name in dataset.variables):
        variable = dataset[name]
        digest.update(f"{name}{variable.dims}".encode())
        values = np.asarray(variable.values)
        if values.dtype.kind in "USO":
            digest.update("\x00".join(_text(values).ravel().tolist()).encode())
        else:
            digest.update(np.ascontiguousarray(values, dtype=_stored(values.dtype)).tobytes())
    return digest.hexdigest()


def _is_label(name: str) -> bool:
    return name in ("year", "time_bounds") or name.endswith(("_id", "_name"))


def _text(values: Any) -> Any:
    """Return an array of text from text, UTF-8 bytes or objects."""
    return np.char.decode(values, "utf-8") if values.dtype.kind == "S" else values.astype(str)


def _stored(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the type a value has in the file: the classic model knows neither int64 nor bool."""
    return np.dtype(np.int32) if dtype.kind in "biu" else dtype


def _encoded(dataset: xr.Dataset) -> xr.Dataset:
    """Return the dataset with integers narrowed and names as UTF-8 bytes, padded.

    Names and years become plain variables: as auxiliary coordinates of text they would make CDO
    skip the variables they are attached to.
    """
    bare = dataset.drop_encoding()
    result = bare.reset_coords([name for name in dataset.coords if name not in dataset.dims])
    for name in dataset.variables:
        values = dataset[name].values
        attributes = dataset[name].attrs
        if values.dtype.kind == "U":
            encoded = np.char.encode(values, "utf-8")
            result[name] = (dataset[name].dims, encoded, attributes | {"_Encoding": "utf-8"})
        elif values.dtype.kind in "biu":
            result[name] = (dataset[name].dims, values.astype(np.int32), attributes)
    return result


def _encoding(dataset: xr.Dataset) -> dict[str, dict[str, Any]]:
    """Return compression for all with axes, chunks for ensembles, a fill value on data only."""
    encoding: dict[str, dict[str, Any]] = {}
    for name, variable in dataset.variables.items():
        how: dict[str, Any] = {}
        if variable.dtype.kind == "S":
            how["char_dim_name"] = f"{name}_strlen"
        elif variable.dims:
            how |= {"zlib": True, "complevel": 1, "shuffle": True}
            if "realization" in variable.dims:
                how["chunksizes"] = tuple(
                    min(500, size) if dim == "realization" else size
                    for dim, size in zip(variable.dims, variable.shape, strict=True)
                )
        if variable.dtype.kind == "f":
            label = name in dataset.dims or _is_label(str(name))
            how["_FillValue"] = None if label else FILL
        encoding[str(name)] = how
    return encoding


def _attribute(value: Any) -> Any:
    """Return a value the classic model can hold as an attribute."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | np.integer):
        return np.int32(value) if -(2**31) <= value < 2**31 else str(value)
    if isinstance(value, float):
        return np.float64(value)
    return str(value)


def _flush(path: Path) -> None:
    """Force a file's or folder's content to disk."""
    if os.name == "nt" and path.is_dir():
        return  # Windows flushes folders itself and refuses to open them
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
