"""The result file: written so that every reader opens it and nothing half-written ever stands."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from xarray.backends import NetCDF4DataStore
from xarray.backends.netCDF4_ import NETCDF4_PYTHON_LOCK

from ..atomic import written_aside
from ..errors import Exit, LisError, cut
from ..interrupts import postponed
from ..text_files import no_file
from .checksums import (
    OWN,
    as_attribute,
    as_text,
    changed_variables,
    data_sha256,
    other_variables,
    sidecar_of,
    variable_sha256,
    write_sidecar,
)
from .rounding import rounded

SCHEMA = (1, 0)
"""Major: an older program would misread the file. Minor: it merely would not know all of it."""
REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)
FILL = 9.969209968386869e36
NO_RESULTS = {
    b"<!doctype html": "an HTML page, as reports are: name the .nc file beside it",
    b"<html": "an HTML page, as reports are: name the .nc file beside it",
    b"pk\x03\x04": "a workbook or another zip archive",
    b"par1": "a table in Parquet",
}
"""What other files begin with, in small letters, and what they are."""
TEXTS = {
    ".toml": "a text, as studies are: `lis1plan validate` checks studies",
    ".csv": "a text, as tables and plans are",
    ".json": "a text in JSON",
    ".sha256": "the checksum of a result: name the .nc file beside it",
}
"""Texts by the ending of their name."""


class ResultFileError(LisError):
    """A result file that cannot be used; the message says which, why and what to do."""

    exit_code = Exit.BAD_INPUT


def write_result(dataset: xr.Dataset, path: Path, attributes: Mapping[str, Any]) -> Path:
    """Write a dataset as NetCDF and its checksum beside it; both aside first, then renamed.

    An attribute `significant_digits` rounds the ensemble to so many; all else is kept as it is.

    Raises
    ------
    ResultFileError
        If the folder cannot be written to.
    """
    digits = attributes.get("significant_digits")
    if digits is not None:
        dataset = rounded(dataset, int(digits))
    prepared = _encoded(dataset)
    stated = {key: as_attribute(value) for key, value in attributes.items()} | {
        "Conventions": "CF-1.11, ACDD-1.3",
        "standard_name_vocabulary": "CF Standard Name Table v93",
        "lis1plan_schema": ".".join(map(str, SCHEMA)),
        "variable_names": " ".join(sorted(str(name) for name in dataset.variables)),
        "complete": "true",
    }
    stated.pop("data_sha256", None)
    prepared.attrs = stated | {"data_sha256": data_sha256(dataset, stated)}
    try:
        with written_aside(path) as aside:
            with postponed():
                _write(prepared, aside)
            sidecar_of(path).unlink(missing_ok=True)  # the earlier file's: never beside this one
        write_sidecar(path)
    except OSError as error:
        if error.errno not in REFUSED:
            raise
        raise ResultFileError(f"{path.parent}: cannot be written to: {error.strerror}") from None
    return path


def _write(prepared: xr.Dataset, path: Path) -> None:
    """Build the file in memory and write it in one go.

    A disk that fills up while netCDF-C builds a file on it crashes the process; one that fills up
    at the end is an error, of which it does not say the reason. The lock is the one xarray takes
    for threads: left to choose, it would import Dask's client to ask for one of a cluster. A signal
    waits: raised while xarray takes its locks it would leave one taken, and closing wait for ever.
    """
    path.touch()  # whoever may not write here is told so now
    try:
        store = NetCDF4DataStore.open(  # type: ignore[no-untyped-call]
            str(path),
            mode="w",
            format="NETCDF4_CLASSIC",
            diskless=True,
            persist=True,
            lock=NETCDF4_PYTHON_LOCK,
        )
    except PermissionError:  # netCDF-C's word for a disk without room for the first pages
        raise _full(path) from None
    try:
        prepared.dump_to_store(store, encoding=_encoding(prepared))
    finally:
        try:
            store.close()  # only now is the disk met
        except RuntimeError:
            raise _full(path) from None


def _full(path: Path) -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


def open_result(path: Path) -> xr.Dataset:
    """Read a result file into memory, checked: complete and unchanged since it was written.

    Raises
    ------
    ResultFileError
        If it is missing, not a NetCDF file, truncated, not ours, incomplete or changed.
    """
    dataset = read_result(path)
    if dataset.attrs.get("complete") != "true":
        raise ResultFileError(f"{path}: not complete: its writing was interrupted; run again")
    lost, unknown = other_variables(dataset)
    if lost or unknown:
        said = [f"{', '.join(lost)} missing"] * bool(lost)
        said += [f"{', '.join(unknown)} unknown"] * bool(unknown)
        raise ResultFileError(
            f"{path}: its content does not match its checksum: {'; '.join(said)}; the file was "
            "changed"
        )
    if dataset.attrs.get("data_sha256") != data_sha256(dataset, dataset.attrs):
        what = ", ".join(changed_variables(dataset)) or "attributes"
        raise ResultFileError(
            f"{path}: its content does not match its checksum ({what}); the file was changed"
        )
    return dataset


def read_result(path: Path) -> xr.Dataset:
    """Read a result file into memory as it is, changed or not.

    Raises
    ------
    ResultFileError
        If it is missing, not a NetCDF file, truncated, not ours or of another schema.
    """
    try:
        what = no_file(path)
    except FileNotFoundError:
        raise ResultFileError(f"{path}: no such file") from None
    except (OSError, ValueError) as error:  # of a name that no file can have
        said = getattr(error, "strerror", None) or error
        raise ResultFileError(f"{cut(str(path))}: cannot be read: {said}") from None
    if what:
        raise ResultFileError(f"{path}: is {what}; name a file")
    try:
        with postponed(), xr.open_dataset(path, engine="netcdf4", decode_times=False) as file:
            dataset = file.load()
        texts = {n: v for n, v in dataset.variables.items() if v.dtype.kind in "SO"}
        dataset = dataset.assign(
            {name: (v.dims, as_text(v.values), v.attrs) for name, v in texts.items()}
        )
    except Exception as error:  # damage makes the readers fail in many ways, AttributeError too
        raise ResultFileError(
            f"{path}: cannot be read as NetCDF; {_what_else(path)} ({type(error).__name__}); run "
            "lis1plan again or fetch the file anew"
        ) from None
    _same_schema(path, dataset.attrs.get("lis1plan_schema"))
    return dataset.set_coords([name for name in dataset.variables if _is_label(str(name))])


def _what_else(path: Path) -> str:
    """Return what a file that is no NetCDF looks like, by its first bytes."""
    try:
        with path.open("rb") as file:
            begin = file.read(64)
    except OSError:
        begin = b""
    for sign, what in NO_RESULTS.items():
        if begin.lstrip().lower().startswith(sign):
            return f"it is {what}"
    text = begin.isascii() and b"\x00" not in begin
    if begin and text and path.suffix.lower() in TEXTS:
        return f"it is {TEXTS[path.suffix.lower()]}"
    return "it is truncated, damaged or another kind of file"


def _same_schema(path: Path, found: object) -> None:
    """Refuse a file that is not ours or that this program would misread."""
    major = str(found).partition(".")[0]
    if found is None or not major.isdecimal():
        raise ResultFileError(
            f"{path}: not a lis1plan result: it names no schema (attribute lis1plan_schema)"
        )
    if int(major) > SCHEMA[0]:
        raise ResultFileError(
            f"{path}: written by a newer lis1plan (schema {found}, this one reads {SCHEMA[0]}); "
            "update lis1plan"
        )
    if int(major) < SCHEMA[0]:
        raise ResultFileError(
            f"{path}: written by an older lis1plan (schema {found}, this one reads {SCHEMA[0]}); "
            "run the study again"
        )


def _is_label(name: str) -> bool:
    return name in ("year", "time_bounds") or name.endswith(("_id", "_name"))


def _encoded(dataset: xr.Dataset) -> xr.Dataset:
    """Return the dataset with integers narrowed, names as UTF-8 bytes, padded, and checksums.

    Names and years become plain variables: as auxiliary coordinates of text they would make CDO
    skip the variables they are attached to. `cdi = "ignore"` tells it to pass over the names
    themselves, which it cannot read, without a warning.
    """
    bare = dataset.drop_encoding()
    result = bare.reset_coords([name for name in dataset.coords if name not in dataset.dims])
    prepared: dict[Any, Any] = {}
    for name in dataset.variables:
        values = dataset[name].values
        attributes = {k: v for k, v in dataset[name].attrs.items() if k not in OWN}
        attributes = {key: as_attribute(value) for key, value in attributes.items()}
        if name != "time_bounds":  # CF wants its attributes to be those of time
            attributes["sha256"] = variable_sha256(dataset[name])
        if values.dtype.kind == "U":
            values = np.char.encode(values, "utf-8")
            attributes |= {"_Encoding": "utf-8", "cdi": "ignore"}
        elif values.dtype.kind in "biu":
            values = values.astype(np.int32)
        prepared[name] = (dataset[name].dims, values, attributes)
    result = result.assign(prepared)
    if "time_bounds" in dataset.variables:
        result["time"].attrs["bounds_sha256"] = variable_sha256(dataset["time_bounds"])
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
