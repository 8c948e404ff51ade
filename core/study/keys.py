"""The keys of a study and what stands at each: read off the annotations of its own classes."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from .distributions import Figure, Uniform
from .meaning import Meaning
from .unchecked import UncheckedStudy


@dataclass(frozen=True)
class Key:
    """A key that may stand in a study, with what its field tells of it."""

    pattern: str
    """Dotted, `*` for an identifier of the study: `regions.*.retention`."""
    meaning: Meaning
    description: str
    sourced: bool
    """Whether it must name its source or an assumption itself."""
    drawn: bool
    """Whether a distribution may stand there."""

    def identifiers_in(self, key: str) -> list[str]:
        """Return what stands for the `*` of the pattern in a key of the study."""
        both = zip(self.pattern.split("."), key.split("."), strict=True)
        return [part for wanted, part in both if wanted == "*"]


@cache
def meaning_of(key: str) -> Key:
    """Return what stands at a dotted key of a study.

    >>> meaning_of("queue.leakage").meaning.kind.unit
    'share'
    >>> meaning_of("regions.north.retention").pattern
    'regions.*.retention'

    Raises
    ------
    KeyError
        If no figure can stand there.
    """
    for pattern, known in known_keys().items():
        if fits(pattern, key):
            return known
    raise KeyError(key)


def fits(pattern: str, key: str) -> bool:
    """Tell whether a key is one of a pattern's.

    >>> fits("regions.*.retention", "regions.north.retention"), fits("regions.*", "regions")
    (True, False)
    """
    wanted, parts = pattern.split("."), key.split(".")
    return len(wanted) == len(parts) and all(
        part in ("*", found) for part, found in zip(wanted, parts, strict=True)
    )


@cache
def known_keys() -> dict[str, Key]:
    """Return every key whose field says what it means, by pattern, in the order of the study."""
    return {each.pattern: each for each in _keys_of("", UncheckedStudy)}


def _keys_of(prefix: str, section: type[BaseModel]) -> Iterator[Key]:
    for name, field in section.model_fields.items():
        kind = plain_type(field.annotation)
        several = get_origin(kind) is dict
        held = plain_type(get_args(kind)[1]) if several else kind
        pattern = f"{prefix}{name}" + (".*" if several else "")
        yield from _key_at(pattern, field, held)
        if _is_section(held):
            yield from _keys_of(f"{pattern}.", held)


def _key_at(pattern: str, field: FieldInfo, held: object) -> Iterator[Key]:
    for about in field.metadata:
        if isinstance(about, Meaning):
            sourced = inspect.isclass(held) and issubclass(held, Figure)
            uncertain = Uniform in _members(field.annotation)
            yield Key(pattern, about, field.description or "", sourced, uncertain)


def _members(kind: object) -> set[object]:
    """Return all that a type is made of: members of unions, entries of dictionaries."""
    return {kind}.union(*map(_members, get_args(kind)))


def _is_section(held: object) -> bool:
    return inspect.isclass(held) and issubclass(held, BaseModel) and not issubclass(held, Figure)


def plain_type(kind: Any) -> Any:  # noqa: ANN401
    """Return a type without `Annotated` and without the other members of a union."""
    while get_origin(kind) in (Annotated, Union, types.UnionType):
        kind = next(arg for arg in get_args(kind) if arg is not type(None))
    return kind
