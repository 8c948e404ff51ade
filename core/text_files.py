"""Reading files the user named: what cannot be read, or has no end, is refused in a line.

Size, digits and nesting are bounded before any work is done on them.
"""

from __future__ import annotations

import json
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from .errors import InputError, cut

MOST_BYTES = 50_000_000
"""Of any file."""
MOST_DIGITS = 400
"""Of a number: no float has more before its point."""
_DIGITS = re.compile(rf"[0-9_]{{{MOST_DIGITS}}}")


def read_text(path: Path) -> str:
    """Return the text of a file the user named, or raise InputError saying why not."""
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: not a text file in UTF-8 (byte {error.start}); save it as UTF-8 text"
        ) from None


def read_bytes(path: Path) -> bytes:
    """Return the content of a file the user named, or raise InputError saying why not.

    A pipe that nobody writes into would be waited for without end, and so would a device.
    """
    try:
        if what := no_file(path):
            raise InputError(f"{path}: is {what}; name a file")
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path}: larger than {MOST_BYTES // 10**6} MB; none is")
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (OSError, ValueError) as error:  # of a name that no file can have
        said = getattr(error, "strerror", None) or error
        raise InputError(f"{cut(str(path))}: cannot be read: {said}") from None


def no_file(path: Path) -> str:
    """Return what stands in place of a file, in words; nothing for a file."""
    mode = path.stat().st_mode
    if stat.S_ISREG(mode):
        return ""
    return "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"


def read_toml(text: str) -> dict[str, Any]:
    """Return what TOML says.

    Raises
    ------
    ValueError
        Naming the line, also of numbers of too many digits and of what is nested too deeply.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        if _DIGITS.search(line):
            raise ValueError(f"a number of more than {MOST_DIGITS} digits (at line {number}, )")
    try:
        return tomllib.loads(text)
    except RecursionError:
        lines = text.splitlines()
        deepest = max(range(len(lines)), key=lambda n: lines[n].count("[") + lines[n].count("{"))
        raise ValueError(f"nested too deeply (at line {deepest + 1}, )") from None


def read_json(path: Path) -> Any:  # noqa: ANN401
    """Return what a JSON file the user named says, or raise InputError saying why not."""
    text = read_text(path)
    if _DIGITS.search(text):
        raise InputError(f"{path}: cannot be read: a number of more than {MOST_DIGITS} digits")
    try:
        return json.loads(text)
    except RecursionError:
        raise InputError(f"{path}: cannot be read: nested too deeply") from None
    except ValueError as error:
        raise InputError(f"{path}: cannot be read: not valid JSON: {error}") from None
