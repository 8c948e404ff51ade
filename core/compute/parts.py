"""Part files: plain values (numbers, texts, arrays, named tuples of ours) kept with a checksum.

A part is an uncompressed `.npz`: arrays by number, the member `tree` saying in JSON how they hang
together, the member `sha256` over all of it. It is read without pickle, hence without running code.
"""

from __future__ import annotations

import hashlib
import io
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..atomic import written_aside
from ..errors import Exit, LisError, in_a_line
from ..text_files import no_file

PACKAGE = __name__.split(".", 1)[0]
Arrays = list[NDArray[Any]]
MADE_UP = (
    ArithmeticError, AttributeError, ImportError, LookupError, RecursionError, TypeError, ValueError
)  # fmt: skip
"""How a tree fails that hangs together in no way: anybody can write a checksum that is right."""


class PartError(Exception):
    """A part that is damaged, cut short or not ours."""


class NoPartError(LisError):
    """What stands in place of a part is no file: whoever put it there has to remove it."""

    exit_code = Exit.BAD_INPUT


def write_part(path: Path, value: object) -> None:
    """Write a value aside, flush it and rename it to `path`.

    Raises
    ------
    TypeError
        If the value holds anything but plain values.
    OSError
        If it cannot be written.
    """
    write_packed(path, packed(value))


def write_packed(path: Path, content: memoryview) -> None:
    """Write what `packed` returned aside, flush it, rename it to `path`; its folder is there."""
    with written_aside(path, make_folder=False) as aside:
        aside.write_bytes(content)


def packed(value: object) -> memoryview:
    """Return the content of the part of a value, a copy."""
    arrays: Arrays = []
    tree = json.dumps(_taken_apart(value, arrays))
    members = {str(number): array for number, array in enumerate(arrays)}
    members["tree"] = np.frombuffer(tree.encode(), np.uint8)
    members["sha256"] = np.frombuffer(_checksum(tree, arrays), np.uint8)
    held = io.BytesIO()
    np.savez(held, **members)  # type: ignore[arg-type]
    return held.getbuffer()


def read_part(path: Path) -> Any:
    """Return the value in a part.

    Raises
    ------
    FileNotFoundError
        If there is none.
    PartError
        If it is not what was written.
    NoPartError
        If a folder, a pipe or a device stands in its place.
    """
    if path.exists() and (what := no_file(path)):
        raise NoPartError(f"{path}: is {what}, not a kept answer; remove it and go on")
    try:
        with np.load(path, allow_pickle=False) as file:
            tree = file["tree"].tobytes().decode()
            arrays = [file[str(number)] for number in range(len(file.files) - 2)]
            stated = file["sha256"].tobytes()
    except FileNotFoundError:
        raise
    except Exception as error:  # a damaged zip fails in many ways
        raise PartError(f"{path}: cannot be read ({type(error).__name__})") from None
    if stated != _checksum(tree, arrays):
        raise PartError(f"{path}: does not match its checksum")
    try:
        return _put_together(json.loads(tree), arrays)
    except MADE_UP as error:
        raise PartError(f"{path}: holds no value ({in_a_line(error)})") from None


def digest(*values: object) -> str:
    """Return a short name of plain values: equal values have equal names.

    A value with a `sha256` of its own, such as a study, stands for itself by that.
    """
    arrays: Arrays = []
    tree = json.dumps([_taken_apart(getattr(v, "sha256", v), arrays) for v in values])
    return _checksum(tree, arrays).hex()[:24]


def _checksum(tree: str, arrays: Arrays) -> bytes:
    found = hashlib.sha256(tree.encode())
    for array in arrays:
        found.update(f"{array.dtype.str}{array.shape}".encode())
        found.update(np.ascontiguousarray(array).view(np.uint8).data if array.size else b"")
    return found.digest()


def _taken_apart(value: object, arrays: Arrays) -> object:
    """Return a value as JSON with its arrays put aside."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject:
            raise TypeError("an array of objects cannot be kept")
        arrays.append(np.atleast_1d(value))
        return {"array": len(arrays) - 1, "shape": list(value.shape)}
    if isinstance(value, np.generic):
        arrays.append(np.atleast_1d(np.asarray(value)))
        return {"scalar": len(arrays) - 1}
    if isinstance(value, dict):
        pairs = [[_taken_apart(k, arrays), _taken_apart(v, arrays)] for k, v in value.items()]
        return {"dict": pairs}
    if isinstance(value, list | tuple):
        kind = type(value)
        items = [_taken_apart(each, arrays) for each in value]
        if kind in (list, tuple):
            return {kind.__name__: items}
        if hasattr(kind, "_fields") and kind.__module__.startswith(f"{PACKAGE}."):
            return {"named": [kind.__module__, kind.__qualname__], "items": items}
    raise TypeError(f"a {type(value).__name__} cannot be kept")


def _put_together(tree: Any, arrays: Arrays) -> Any:
    """Return the value a tree and its arrays were taken apart from."""
    if not isinstance(tree, dict):
        return tree
    if "array" in tree:
        return arrays[tree["array"]].reshape(tree["shape"])
    if "scalar" in tree:
        return arrays[tree["scalar"]][0]
    if "dict" in tree:
        return {_put_together(k, arrays): _put_together(v, arrays) for k, v in tree["dict"]}
    if "named" in tree:
        kind = _named_tuple(*tree["named"])
        return kind._make(_put_together(each, arrays) for each in tree["items"])
    if "list" in tree:
        return [_put_together(each, arrays) for each in tree["list"]]
    return tuple(_put_together(each, arrays) for each in tree["tuple"])


def _named_tuple(module: str, name: str) -> Any:
    """Return a named tuple of this package; no other class is ever looked up."""
    if not module.startswith(f"{PACKAGE}."):
        raise ValueError(f"{module}.{name}: not of this package")
    kind = getattr(import_module(module), name, None)
    if not (isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_make")):
        raise ValueError(f"{module}.{name}: not a named tuple")
    return kind
