"""Problems: what pydantic and the checks found, said in one line each with the place to mend."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from ..core.distributions import KINDS
from ..core.study import Study

_TAGS = {*KINDS, "autoregressive", "regimes"}  # of unions: no part of a key
_HEADER = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-\".]+)\s*=")


class Places:
    """Where the keys of a study stand: lines of its file, or overrides of the command line."""

    def __init__(self, name: str, text: str, overrides: Sequence[str]) -> None:
        self._name = name
        self._lines = _line_numbers(text)
        self._overrides = {item.partition("=")[0].strip(): item for item in overrides}

    def of(self, key: str) -> str:
        """Return the override, or `file:line` of the longest part of the key in the file."""
        for overridden, item in self._overrides.items():
            if f"{key}.".startswith(f"{overridden}.") or f"{overridden}.".startswith(f"{key}."):
                return f"--set {item}"
        parts = key.split(".")
        for depth in range(len(parts), 0, -1):
            if ".".join(parts[:depth]) in self._lines:
                return f"{self._name}:{self._lines['.'.join(parts[:depth])]}"
        return self._name


def problem_lines(error: ValidationError, places: Places) -> list[str]:
    """Return one line per problem: place, key, what was found and what is allowed."""
    lines = []
    for item in error.errors(include_url=False):
        parts = [str(part) for part in item["loc"] if str(part) not in _TAGS]
        key = ".".join(parts)
        row = _table_row(parts)
        match item["type"]:
            case "value_error":
                said = str(item["ctx"]["error"]).split("\n")
            case "extra_forbidden":
                said = [f"unknown key.{_suggestion(parts)}"]
            case "missing":
                said = ["missing; a study must give it"]
            case "union_tag_invalid":
                found = str(item["ctx"]["tag"])
                close = difflib.get_close_matches(found, KINDS[1:], n=1)
                hint = f" Did you mean '{close[0]}'?" if close else ""
                said = [f"found distribution '{found}'; known: {', '.join(KINDS[1:])}.{hint}"]
            case _:
                said = [f"found {_short(item['input'])}; {item['msg'].lower()}"]
        for message in said:
            where = key or message.split(":")[0]
            lines.append(f"{places.of(where)}: {f'{key}: ' if key else ''}{message}{row}")
    return lines


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _table_row(parts: Sequence[str]) -> str:
    """Return a description if the key runs through rows that came from a table."""
    for depth, part in enumerate(parts):
        if part.isdigit():
            return f" (table of {'.'.join(parts[:depth])}, data row {int(part) + 1})"
    return ""


def _suggestion(parts: Sequence[str]) -> str:
    """Return a guess at what an unknown key was meant to be, from the model's own field names."""
    model: Any = Study
    for part in parts[:-1]:
        fields = getattr(model, "model_fields", {})
        if part not in fields:
            return ""
        annotation = fields[part].annotation
        model = annotation
    close = difflib.get_close_matches(parts[-1], getattr(model, "model_fields", {}), n=1)
    return f" Did you mean '{close[0]}'?" if close else ""


def _line_numbers(text: str) -> dict[str, int]:
    """Map dotted keys to the line where they stand (enough of TOML for our own layout)."""
    lines: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            section = header[1].replace('"', "")
            lines.setdefault(section, number)
        elif key := _KEY.match(line):
            lines.setdefault(f"{section}.{key[1]}" if section else key[1], number)
    return lines
