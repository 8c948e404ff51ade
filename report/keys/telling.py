"""Telling: one key in full, in lines for people and as an object for programs."""

from __future__ import annotations

from collections.abc import Iterator

from .catalogue import FIGURE, PROCESS, TABLE, Entry, entries
from .names import names_of

_STANDS = {
    FIGURE: "a part of every figure",
    PROCESS: "a part of every yearly process",
    TABLE: "beside the file of every table",
}


def in_full(entry: Entry) -> Iterator[str]:
    """Yield the lines that tell all of a key."""
    names = names_of(entry.pattern)
    yield entry.pattern
    yield f"  {names.en}"
    yield f"  {names.nb}"
    told = {
        "stands": stands_in(entry),
        "holds": entry.holds,
        "columns": ", ".join(columns_of(entry)),
        "unit": unit_of(entry),
        "allowed": allowed_of(entry),
        "meaning": entry.description,
        "left out": left_out(entry),
        "also called": ", ".join(names.words),
    }
    for heading, said in told.items():
        if said:
            yield f"  {heading:12} {said}"


def for_programs(entry: Entry) -> dict[str, object]:
    """Return all that is told of a key, as JSON has it."""
    names = names_of(entry.pattern)
    return {
        "key": entry.pattern,
        "title": names.en,
        "title_nb": names.nb,
        "stands": stands_in(entry),
        "holds": entry.holds,
        "columns": columns_of(entry),
        "unit": unit_of(entry),
        "allowed": allowed_of(entry),
        "meaning": entry.description,
        "required": entry.required,
        "default": entry.default,
        "words": list(names.words_en),
        "words_nb": list(names.words_nb),
    }


def columns_of(entry: Entry) -> list[str]:
    """Return the columns of a table, without those that say where a row comes from."""
    below = f"{entry.pattern}."
    columns = [each for each in entries().values() if each.column]
    return [each.name for each in columns if each.pattern.startswith(below)]


def stands_in(entry: Entry) -> str:
    """Return where in a study a key stands: a table of TOML, a column, or anywhere."""
    above, _, last = entry.pattern.removesuffix(".*").rpartition(".")
    if entry.section in _STANDS:
        return f"`{last}`, {_STANDS[entry.section]}"
    if entry.column:
        return f"column `{last}` of {above}"
    named = above.replace("*", "NAME")
    return f"`{last}` in [{named}]" if above else f"`{last}` at the top of the file"


def unit_of(entry: Entry) -> str:
    """Return the unit of a figure; nothing of what is none."""
    return "" if entry.meaning is None else entry.meaning.kind.unit


def allowed_of(entry: Entry) -> str:
    """Return the range of a figure in words, and why its ends are forbidden, where not plain."""
    if entry.meaning is None:
        return ""
    kind, why = entry.meaning.kind, entry.meaning.why
    return f"{kind.allowed} ({why})" if why else kind.allowed


def counted_in(entry: Entry) -> str:
    """Return unit and range of a figure; nothing of what is none."""
    return ", ".join(filter(None, (unit_of(entry), allowed_of(entry))))


def left_out(entry: Entry) -> str:
    """Return what holds where a key is left out."""
    return "never" if entry.required and not entry.anywhere else entry.default
