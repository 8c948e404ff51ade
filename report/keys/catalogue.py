"""Catalogue: every key that may stand in a study, with what its field tells of it.

A key is named by its pattern: dotted, `*` for an identifier of the study. Columns of tables are
keys, too: `specialists.stock.age`. What may stand in many places has a pattern that begins with
FIGURE, PROCESS or TABLE.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from types import NoneType
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ...configs.schema import BASED_ON, REMOVE
from ...configs.tables import KEYS as TABLE_KEYS
from ...core.study.distributions import QUANTITIES, Figure
from ...core.study.keys import fits, plain_type
from ...core.study.meaning import Meaning
from ...core.study.processes import Autoregressive, Regimes
from ...core.study.unchecked import UncheckedStudy
from ...core.study.world import Row
from .holding import in_words, is_rows, models_in

FIGURE, PROCESS, TABLE = "FIGURE", "PROCESS", "TABLE"
"""What the key stands beside: the parts of a figure, of a yearly process, of a table file."""
IN_A_FILE = {
    BASED_ON: (
        "text",
        "a preset, or a file beside this one; what stands here is laid over it",
    ),
    REMOVE: (
        "a list of texts",
        "dotted keys of the base to leave out; * stands for any letters of one part",
    ),
}
"""Keys of a study file that are gone when it is read: what they hold, and what they are."""
_OF_A_TABLE = {
    "table": ("text", "a CSV file in data/ beside the study, or beside the study itself"),
    "columns": ("a table", "field of the row -> column of the file"),
    "labels": ("a table", 'field -> label of the file -> label of the study; "" leaves rows out'),
    "thousands": ('one of ".", ",", ""', "what parts thousands beside a space"),
    "youngest_age": ("whole number", "lower end of a band open downwards"),
    "oldest_age": ("whole number", "upper end of an open band of ages"),
}


@dataclass(frozen=True)
class Entry:
    """A key, and what its field tells of it."""

    pattern: str
    holds: str
    """What may stand there, in words."""
    description: str = ""
    meaning: Meaning | None = None
    default: str = ""
    """What holds where the key is left out; empty where it must be given or may be absent."""
    required: bool = False
    """In its table; a study laid over another gives what differs alone."""
    column: bool = False
    """Whether it is a column of a table."""

    @property
    def name(self) -> str:
        """The last part that is no identifier."""
        return next(part for part in reversed(self.pattern.split(".")) if part != "*")

    @property
    def section(self) -> str:
        """The first part: which table of the study it belongs to."""
        return self.pattern.partition(".")[0]

    @property
    def anywhere(self) -> bool:
        """Whether it is no key of the study read, but one of its file, of figures or of tables."""
        return self.section.isupper() or self.pattern in IN_A_FILE

    def is_at(self, key: str) -> bool:
        """Tell whether a key of a study, or a pattern, is this one."""
        return fits(self.pattern, key)


@cache
def entries() -> dict[str, Entry]:
    """Return every key by pattern, in the order of the study; what stands anywhere last."""
    found = [*_of_section("", (UncheckedStudy,)), *_anywhere()]
    return {each.pattern: each for each in found}


def _anywhere() -> Iterator[Entry]:
    """Yield what may stand in many places, each name once."""
    for key, (holds, description) in IN_A_FILE.items():
        yield Entry(key, holds, description)
    for owner, classes in ((FIGURE, QUANTITIES), (PROCESS, (Autoregressive, Regimes))):
        told: set[str] = set()
        for each in classes:
            for name, field in each.model_fields.items():
                origin = name in Figure.model_fields
                if name not in told and not (origin and owner == PROCESS):
                    yield _entry(f"{owner}.{name}", field, field.annotation)
                told.add(name)
    for key in TABLE_KEYS:
        if key not in Figure.model_fields:
            yield Entry(f"{TABLE}.{key}", *_OF_A_TABLE[key])


def _of_section(
    prefix: str, classes: tuple[type[BaseModel], ...], rows: bool = False
) -> Iterator[Entry]:
    """Yield the keys of a section; of alternatives such as limits on risk, each key once."""
    fields: dict[str, FieldInfo] = {}
    for each in classes:
        for name, field in each.model_fields.items():
            if plain_type(field.annotation) is not NoneType:
                fields.setdefault(name, field)
    origins = all(issubclass(each, Row | Figure) for each in classes)
    for name, field in fields.items():
        if origins and name in Figure.model_fields:
            continue  # FIGURE.source tells of all of them
        everywhere = all(
            name in each.model_fields and each.model_fields[name].is_required() for each in classes
        )
        for n, entry in enumerate(_at(f"{prefix}{name}", field, rows)):
            yield entry if n > 0 or everywhere else replace(entry, required=False)


def _at(key: str, field: FieldInfo, column: bool) -> Iterator[Entry]:
    """Yield a key and what stands below it."""
    kind = plain_type(field.annotation)
    several = get_origin(kind) is dict
    held: Any = get_args(kind)[1] if several else field.annotation
    pattern = f"{key}.*" if several else key
    yield _entry(pattern, field, held, column)
    if is_rows(held):
        yield from _of_section(f"{pattern}.", models_in(get_args(plain_type(held))[0]), True)
        return
    below = models_in(held)
    if below and not _is_leaf(below):
        yield from _of_section(f"{pattern}.", below)


def _entry(pattern: str, field: FieldInfo, held: Any, column: bool = False) -> Entry:  # noqa: ANN401
    meaning = next((each for each in field.metadata if isinstance(each, Meaning)), None)
    default = field.get_default(call_default_factory=False)
    return Entry(
        pattern,
        in_words(held, field.metadata),
        field.description or "",
        meaning,
        "" if field.is_required() else _shown(default),
        field.is_required(),
        column,
    )


def _is_leaf(classes: tuple[type[BaseModel], ...]) -> bool:
    """Tell whether it is a figure or a process: told of once, under FIGURE and PROCESS."""
    return all(each in (*QUANTITIES, Autoregressive, Regimes) for each in classes)


def _shown(default: object) -> str:
    """Return a default as TOML writes it; nothing for what is empty or absent."""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, str):
        return f'"{default}"' if default else ""
    if isinstance(default, tuple) and default:
        return str(list(default))
    return str(default) if isinstance(default, int | float) else ""
