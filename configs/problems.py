"""Problems: what pydantic and the checks found, said in one line each with the place to mend."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import ValidationError

from ..core.study.distributions import KINDS
from ..core.study.risk_limit import TAGS
from .errors import MOST_TOLD
from .guesses import cut, meant, short
from .schema import fields_at
from .tables import Table

_TAGS = {*KINDS, *TAGS, "autoregressive", "regimes"}  # of unions: no part of a key
KEY_WIDTH = 400
"""Characters of a line in which its key stands."""
_HEADER = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-\".]+)\s*=")


class Places:
    """Where the keys of a study stand: lines of its file or tables, overrides of the command."""

    def __init__(
        self, name: str, text: str, overrides: Sequence[str], tables: dict[str, Table]
    ) -> None:
        self._name, self.tables = name, tables
        self._lines = _line_numbers(text)
        self._overrides = {item.partition("=")[0].strip(): item for item in overrides}

    def of(self, key: str) -> str:
        """Return the override, or `file:line` of the longest part of the key in the file."""
        for overridden, item in self._overrides.items():
            if f"{key}.".startswith(f"{overridden}.") or f"{overridden}.".startswith(f"{key}."):
                return f"--set {cut(item)}"
        parts = key.split(".")
        for depth in range(len(parts), 0, -1):
            if ".".join(parts[:depth]) in self._lines:
                return f"{self._name}:{self._lines['.'.join(parts[:depth])]}"
        return self._name

    def placed(self, problem: str) -> str:
        """Return a problem, `key: what is wrong`, with the place of its key before it.

        What is wrong with a row of a table file stands there, not in the study.
        """
        key, _, said = problem.partition(": ")
        parts = key.split(".")
        for depth, part in enumerate(parts):
            table = self.tables.get(".".join(parts[:depth]))
            if table is not None and part.isdecimal():
                field = parts[depth + 1 : depth + 2]
                key = ".".join(parts[:depth] + field)
                column = table.columns.get(field[0], "") if field else ""
                named = f" (column '{column}')" if column else ""
                return f"{table.name}:{table.lines[int(part)]}: {key}{named}: {said}"
        return f"{self.of(key)}: {problem}"


def problem_lines(error: ValidationError, places: Places) -> list[str]:
    """Return one line per problem: place, key, what was found and what is allowed."""
    lines = list[str]()
    errors = error.errors(include_url=False)
    above = {item["loc"][:depth] for item in errors for depth in range(len(item["loc"]))}
    for item in errors:
        if item["type"] == "too_short" and item["loc"] in above:
            continue  # rows there are, each with its own problem
        parts = [str(part) for part in item["loc"] if str(part) not in _TAGS]
        match item["type"]:
            case "value_error":
                said = str(item["ctx"]["error"]).split("\n")
            case "extra_forbidden":
                known = fields_at(parts[:-1]) if len(lines) < MOST_TOLD else []
                said = [f"unknown key.{meant(parts[-1], known)}"]
            case "missing":
                said = ["missing; a study must give it"]
            case "union_tag_invalid":
                found = str(item["ctx"]["tag"])
                allowed = f"known: {', '.join(KINDS[1:])}.{meant(found, KINDS[1:])}"
                said = [f"found distribution {short(found)}; {allowed}"]
            case _:
                said = [f"found {short(item['input'])}; {item['msg'].lower()}"]
        key = cut(".".join(parts))
        lines += [places.placed(f"{key}: {message}" if key else message) for message in said]
    return lines


def _line_numbers(text: str) -> dict[str, int]:
    """Map dotted keys to the line where they stand (enough of TOML for our own layout)."""
    lines: dict[str, int] = {}
    section = ""
    for number, whole in enumerate(text.splitlines(), start=1):
        line = whole[:KEY_WIDTH]
        if header := _HEADER.match(line):
            section = header[1].replace('"', "")
            lines.setdefault(section, number)
        elif key := _KEY.match(line):
            lines.setdefault(f"{section}.{key[1]}" if section else key[1], number)
    return lines
