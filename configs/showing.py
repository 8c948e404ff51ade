"""Showing: the study as it is asked, laid together, with the layer that said each key.

What is shown is TOML again. Keys that no layer says have their defaults and are not shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .layers import at, leaves
from .loader import Loaded, TableFile

_BARE = re.compile(r"[A-Za-z0-9_-]+")


class Shown(NamedTuple):
    """A key, what stands there as TOML writes it, and where that was said."""

    key: str
    value: str
    place: str
    """`file:line`, or the override."""
    rows: int | None
    """Of a table file."""


def shown(loaded: Loaded) -> list[Shown]:
    """Return every key that a layer says, in the order of the study laid together."""
    found = []
    for key, value in leaves(loaded.laid.data):
        rows = len(loaded.tables[key].rows) if key in loaded.tables else None
        found.append(Shown(key, _as_toml(value), _place(loaded, key), rows))
    return found


def layers_of(loaded: Loaded) -> list[str]:
    """Return what was laid over what, the base first, each with what it is."""
    return [f"{each.name}{' (preset)' if each.preset else ''}" for each in loaded.laid.layers]


def as_toml(loaded: Loaded) -> Iterator[str]:
    """Yield the study as lines of TOML, with the place of each key behind it."""
    yield "# Layers, the last says it where several do:"
    yield from (f"#   {layer}" for layer in layers_of(loaded))
    tables: dict[str, list[Shown]] = {"": []}  # keys without a table stand first, as TOML asks
    for each in shown(loaded):
        tables.setdefault(each.key.rpartition(".")[0], []).append(each)
    for table, those in tables.items():
        yield from _lines(table, those)


def _lines(table: str, those: list[Shown]) -> Iterator[str]:
    if table:
        yield ""
        yield f"[{'.'.join(map(_quoted, table.split('.')))}]"
    for each in those:
        rows = "" if each.rows is None else f"{each.rows} rows, "
        yield f"{_quoted(each.key.rpartition('.')[2])} = {each.value}  # {rows}{each.place}"


def _place(loaded: Loaded, key: str) -> str:
    """Return where a key was said: of a figure laid over in parts, by the last layer."""
    said = at(loaded.laid.origins, key)
    while isinstance(said, Mapping):
        said = list(said.values())[-1]
    return loaded.places.in_layer(said, key)


def _as_toml(value: Any) -> str:  # noqa: ANN401
    """Return a value as TOML writes it in one line.

    >>> _as_toml({"value": 0.1, "source": 'p. "3"', "of": [1, True]})
    '{ value = 0.1, source = "p. \\\\"3\\\\"", of = [1, true] }'
    """
    if isinstance(value, dict):
        inside = ", ".join(f"{_quoted(key)} = {_as_toml(item)}" for key, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, TableFile):
        return _as_toml(value.name)
    if isinstance(value, list):
        return f"[{', '.join(map(_as_toml, value))}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)
