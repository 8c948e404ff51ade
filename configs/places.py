"""Places: where the keys of a study stand, so that every problem names a line to mend."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ..core.errors import cut
from .tables import Table

KEY_WIDTH = 400
"""Characters of a line in which its key stands."""
_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-\".]+)\s*=")
_ROW = re.compile(r"\b([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*)\.(\d+)\b")


class _Line(NamedTuple):
    """Where a key stands in a file; a header opens a section and gives no value."""

    number: int
    header: bool


class Places:
    """Lines of a study's files, the one laid over the other first, and of tables; overrides."""

    def __init__(
        self,
        texts: Mapping[str, str],
        overrides: Iterable[str] = (),
        tables: Mapping[str, Table] | None = None,
    ) -> None:
        self._lines = {name: _line_numbers(text) for name, text in texts.items()}
        self._overrides = {item.partition("=")[0].strip(): item for item in overrides}
        self._tables = {} if tables is None else tables

    def in_layer(self, name: str, key: str) -> str:
        """Return `file:line` of a key, or of the longest part of it, in a file; or the override."""
        line = _longest(key, self._lines.get(name, {}))[1]
        return name if line is None else f"{name}:{line.number}"

    def of(self, key: str) -> str:
        """Return the override, or `file:line` of the longest part of the key in a file.

        What stands at no part of the key, as it is missing, is named by the file's first line.
        """
        for overridden, item in self._overrides.items():
            if f"{key}.".startswith(f"{overridden}.") or f"{overridden}.".startswith(f"{key}."):
                return f"--set {cut(item)}"
        known = key.partition(".*")[0]
        deepest = ("", 0, 0)
        for name, lines in self._lines.items():
            depth, line = _longest(known, lines)
            if line is not None and not line.header:
                return f"{name}:{line.number}"
            if line is not None and depth > deepest[1]:
                deepest = name, depth, line.number
        if deepest[0]:
            return f"{deepest[0]}:{deepest[2]}"
        return self._first_below(known)

    def placed(self, problem: str) -> str:
        """Return a problem, `key: what is wrong`, with the place of its key before it.

        What is wrong with a row of a table file stands there, not in the study.
        """
        key, _, said = problem.partition(": ")
        said = _ROW.sub(lambda found: self._row(found[1], int(found[2])) or found[0], said)
        parts = key.split(".")
        for depth, part in enumerate(parts):
            table = self._tables.get(".".join(parts[:depth]))
            if table is not None and part.isdecimal():
                field = parts[depth + 1 : depth + 2]
                key = ".".join(parts[:depth] + field)
                column = table.columns.get(field[0], "") if field else ""
                named = f" (column '{column}')" if column else ""
                return f"{table.name}:{table.lines[int(part)]}: {key}{named}: {said}"
        return f"{self.of(key)}: {key}: {said}" if said else f"{self.of(key)}: {problem}"

    def _row(self, key: str, index: int) -> str:
        """Return `file:line` of a row of a table; nothing where there is none."""
        if key in self._tables and index < len(self._tables[key].lines):
            return f"{self._tables[key].name}:{self._tables[key].lines[index]}"
        found = [
            f"{name}:{lines[f'{key}.{index}'].number}"
            for name, lines in self._lines.items()
            if f"{key}.{index}" in lines
        ]
        return found[0] if found else ""

    def _first_below(self, key: str) -> str:
        """Return the first line of what stands below a key; the first of all where nothing does."""
        for name, lines in self._lines.items():
            for known, line in lines.items():
                if known.startswith(f"{key}."):
                    return f"{name}:{line.number}"
        name = next(iter(self._lines))
        return f"{name}:1" if self._lines[name] else name


def _longest(key: str, lines: Mapping[str, _Line]) -> tuple[int, _Line | None]:
    """Return the longest part of a key that stands in a file, in parts, and its line."""
    parts = key.split(".")
    for depth in range(len(parts), 0, -1):
        line = lines.get(".".join(parts[:depth]))
        if line is not None:
            return depth, line
    return 0, None


def _line_numbers(text: str) -> dict[str, _Line]:
    """Map dotted keys to the line where they stand (enough of TOML for our own layout).

    The entries of `[[a.b]]` are `a.b.0`, `a.b.1` and so on.
    """
    lines: dict[str, _Line] = {}
    section, entries = "", dict[str, int]()
    for number, whole in enumerate(text.splitlines(), start=1):
        line = whole[:KEY_WIDTH]
        if header := _HEADER.match(line):
            section = header[2].replace('"', "")
            lines.setdefault(section, _Line(number, True))
            if header[1] == "[[":
                entries[section] = entries.get(section, -1) + 1
                section = f"{section}.{entries[section]}"
                lines.setdefault(section, _Line(number, True))
        elif key := _KEY.match(line):
            named = key[1].replace('"', "")
            lines.setdefault(f"{section}.{named}" if section else named, _Line(number, False))
    return lines
