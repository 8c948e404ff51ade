"""Holding: what may stand at a key, in words, read off the type of its field."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from ...core.study.distributions import QUANTITIES, Fixed
from ...core.study.keys import plain_type
from ...core.study.processes import Autoregressive
from ...core.study.world import Row

_BOUNDS = {Ge: ("ge", "{:g} or more"), Gt: ("gt", "above {:g}"), Le: ("le", "{:g} at most"),
           Lt: ("lt", "below {:g}")}  # fmt: skip
_PLAIN = {str: "text", int: "whole number", float: "number", bool: "true or false"}


def in_words(kind: Any, told: Iterable[object] = ()) -> str:  # noqa: ANN401
    """Return what may stand where a type is asked for; `told` beside the type at its field.

    >>> in_words(int), in_words(Literal["a", "b"]), in_words(tuple[str, ...])
    ('whole number', 'one of "a", "b"', 'a list of texts')
    """
    held = plain_type(kind)
    if is_rows(kind):
        several = issubclass(models_in(get_args(held)[0])[0], Row)
        return "rows, or the CSV file of a table" if several else "rows"
    models = models_in(kind)
    if models:
        return _of_models(models)
    if get_origin(held) is tuple:
        return _of_list(get_args(held))
    if get_origin(held) is Literal:
        return f"one of {', '.join(_quoted(each) for each in get_args(held))}"
    choices = [name for each in told for name in _choices(held, each)]
    if choices:
        return f"one of {', '.join(map(_quoted, choices))}"
    return ", ".join([_of_members(kind), *_bounds(kind, told)])


def models_in(kind: Any) -> tuple[type[BaseModel], ...]:  # noqa: ANN401
    """Return the classes of which a value is one; none where it is no section."""
    if inspect.isclass(kind) and get_origin(kind) is None:
        return (kind,) if issubclass(kind, BaseModel) else ()
    if get_origin(kind) in (Annotated, Union, UnionType):
        arguments = get_args(kind)
        inside = arguments[:1] if get_origin(kind) is Annotated else arguments
        return tuple(dict.fromkeys(each for part in inside for each in models_in(part)))
    return ()


def is_rows(kind: Any) -> bool:  # noqa: ANN401
    """Tell whether rows stand there: [[key]], or a table file."""
    held = plain_type(kind)
    return get_origin(held) is tuple and bool(models_in(get_args(held)[0]))


def _of_models(models: tuple[type[BaseModel], ...]) -> str:
    if models == (Fixed,):
        return "a figure that is certain, with its source"
    if models[0] in QUANTITIES:
        return "a figure with its source, certain or with a distribution"
    return "a yearly process with its source" if models[0] is Autoregressive else "a table"


def _of_list(parts: tuple[Any, ...]) -> str:
    each = in_words(parts[0]).partition(",")[0]
    plural = f"{each}s" if each in _PLAIN.values() and "or" not in each else each
    return f"a list of {plural}" if ... in parts else f"a list of {len(parts)}: {plural}"


def _of_members(kind: Any) -> str:  # noqa: ANN401
    """Return the plain types of which a value is one: an age is a whole number or a text."""
    if get_origin(kind) is Annotated:
        return _of_members(get_args(kind)[0])
    members = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    known = [_PLAIN.get(plain_type(each), "text") for each in members if each is not NoneType]
    return " or ".join(dict.fromkeys(known))


def _choices(held: Any, about: object) -> list[str]:  # noqa: ANN401
    """Return the values which a class of the field's own leaves, as the names of rules."""
    if not hasattr(about, "__get_pydantic_core_schema__"):
        return []
    return list(TypeAdapter(Annotated[held, about]).json_schema().get("enum", []))


def _bounds(kind: Any, told: Iterable[object]) -> list[str]:  # noqa: ANN401
    found = dict[str, str]()
    for each in (*told, *_told_inside(kind)):
        for bound, (name, words) in _BOUNDS.items():
            if isinstance(each, bound):
                value = getattr(each, name)
                found[name] = words.format(value) if abs(value) < 1e6 else f"below {value:.0e}"
    least, most = found.get("ge", ""), found.get("le", "")
    if least and least.partition(" ")[0] == most.partition(" ")[0]:
        return [least.partition(" ")[0]]
    return list(found.values())


def _told_inside(kind: Any) -> Iterator[object]:  # noqa: ANN401
    """Yield what `Annotated` tells inside a type and the members of a union."""
    if get_origin(kind) in (Union, UnionType):
        for part in get_args(kind):
            if part is not NoneType:
                yield from _told_inside(part)
    elif get_origin(kind) is Annotated:
        inner, *about = get_args(kind)
        for each in about:
            yield from each.metadata if isinstance(each, FieldInfo) else (each,)
        yield from _told_inside(inner)


def _quoted(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
