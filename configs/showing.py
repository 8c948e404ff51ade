"""Showing: the study as it is asked, laid together, with the layer that said each key.

What is shown is TOML again. Keys that no layer says have their defaults and are not shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .layers import at, leaves
from .loader import Layered, presets

_BARE = re.compile(r"[A-Za-z0-9_-]+")


class Shown(NamedTuple):
    """A key, what stands there as TOML writes it, and where that was said."""

    key: str
    value: str
    place: str
    """`file:line`, or the override."""
    rows: int | None
    """Of a table file."""


def shown(loaded: Layered) -> list[Shown]:
    """Return every key that a layer says, in the order of the study laid together."""
    found = []
    for key, value in leaves(loaded.laid.data):
        rows = len(loaded.tables[key].rows) if key in loaded.tables else None
        place = _place(loaded, key)
        found.append(Shown(key, _as_toml(value), place, rows))
    return found


def layers_of(loaded: Layered) -> list[str]:
    """Return what was laid over what, the base first, each with what it is."""
    names = [*reversed(loaded.places.files), *loaded.places.overrides]
    return [_named(name) for name in names]


def as_toml(loaded: Layered) -> Iterator[str]:
    """Yield the study as lines of TOML, with the place of each key behind it."""
    yield "# Layers, the last says it where several do:"
    yield from (f"#   {layer}" for layer in layers_of(loaded))
    every = shown(loaded)
    top = [each for each in every if "." not in each.key]
    yield from _lines("", top)
    tables: dict[str, list[Shown]] = {}
    for each in every:
        if "." in each.key:
            tables.setdefault(each.key.rpartition(".")[0], []).append(each)
    for table, those in tables.items():
        yield ""
        yield from _lines(table, those)


def _lines(table: str, those: list[Shown]) -> Iterator[str]:
    if table:
        yield f"[{'.'.join(map(_quoted, table.split('.')))}]"
    for each in those:
        rows = "" if each.rows is None else f"{each.rows} rows, "
        yield f"{_quoted(each.key.rpartition('.')[2])} = {each.value}  # {rows}{each.place}"


def _place(loaded: Layered, key: str) -> str:
    """Return where a key was said: of a figure laid over in parts, by the last layer."""
    said = at(loaded.laid.origins, key)
    while isinstance(said, Mapping):
        said = list(said.values())[-1]
    name = str(said)
    return loaded.places.line_in(name, key) if name in loaded.places.files else name


def _named(name: str) -> str:
    """Return a layer's name with what it is."""
    preset = name.removesuffix(".toml")
    return f"{name} (preset)" if preset in presets() and name == f"{preset}.toml" else name


def _as_toml(value: Any) -> str:  # noqa: ANN401
    """Return a value as TOML writes it in one line.

    >>> _as_toml({"value": 0.1, "source": 'p. "3"', "of": [1, True]})
    '{ value = 0.1, source = "p. \\\\"3\\\\"", of = [1, true] }'
    """
    if isinstance(value, dict):
        inside = ", ".join(f"{_quoted(key)} = {_as_toml(item)}" for key, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if hasattr(value, "folder"):  # the file of a table, with the folder it is looked for in
        return _as_toml(value.name)
    if isinstance(value, list):
        return f"[{', '.join(map(_as_toml, value))}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)
