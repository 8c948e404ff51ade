"""Layers: a study laid over another, what it leaves out of it, and which of them said what.

Keys replace those of the base one by one; lists, figures and the NAMED sections as a whole.
`remove` takes keys out of the base first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from ..core.errors import cut
from .guesses import meant, short
from .overrides import NAMED
from .schema import MEASURE, REMOVE
from .tables import is_table

Data = dict[str, Any]
_WHOLE = {"value", "distribution", "table", "process"}
"""A table of TOML with one of these is a figure, a process or a table file: replaced whole."""


class Layer(NamedTuple):
    """What is laid over others: a study's file, or an override."""

    name: str
    preset: bool = False


class Laid(NamedTuple):
    """Studies laid over each other."""

    data: Data
    origins: Data
    """The same keys, and at each the name of the layer that said it."""
    layers: tuple[Layer, ...]
    """The base first."""


def first_layer(layer: Layer, data: Data) -> Laid:
    """Return the study at the bottom, with the months its costs are for."""
    whole = _with_stays(data)
    return Laid(whole, _marked(whole, layer.name), (layer,))


def over(base: Laid, layer: Layer, data: Data, remove: object, problems: list[str]) -> Laid:
    """Return a study laid over a base from which `remove` was taken out.

    `problems` gets what is wrong with `remove`, each beginning with its key.
    """
    keys = _keys_to_remove(base.data, remove, problems)
    left, origins = _without(base.data, keys), _without(base.origins, keys)
    marked = _marked(data, layer.name)
    return Laid(_laid_over(left, data), _laid_over(origins, marked), (*base.layers, layer))


def changed_since(before: Mapping[str, Any], laid: Laid, override: str) -> Laid:
    """Return what was laid with an override's name at all that differs from `before`."""
    old = dict(leaves(before))
    origins = laid.origins
    for key, value in leaves(laid.data):
        if key not in old or old[key] != value:
            origins = _with_mark(origins, key.split("."), _marked(value, override))
    return Laid(laid.data, origins, (*laid.layers, Layer(override)))


def leaves(data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what was said by dotted key: numbers, texts, lists, and figures and tables whole.

    >>> list(leaves({"a": {"b": 1, "c": {"value": 2}}}))
    [('a.b', 1), ('a.c', {'value': 2})]
    """
    for name, value in data.items():
        if isinstance(value, dict) and value and not _is_whole(value):
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def at(data: Mapping[str, Any], key: str) -> Any:  # noqa: ANN401
    """Return what stands at a dotted key; None if nothing does."""
    found: Any = data
    for part in key.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _is_whole(value: Mapping[str, Any]) -> bool:
    return bool(_WHOLE & set(value))


def _marked(value: Any, name: str) -> Any:  # noqa: ANN401
    """Return a value with a layer's name in place of all that it says."""
    if isinstance(value, dict) and value:
        return {key: _marked(item, name) for key, item in value.items()}
    return name


def _with_mark(origins: Data, parts: Sequence[str], mark: Any) -> Data:  # noqa: ANN401
    first, *rest = parts
    below = origins.get(first)
    inside = below if isinstance(below, dict) else {}
    return origins | {first: _with_mark(inside, rest, mark) if rest else mark}


def _laid_over(base: Data, data: Data, top: bool = True) -> Data:
    result = dict(base)
    for key, value in data.items():
        old = base.get(key)
        replaced = top and key in NAMED
        beside = isinstance(value, dict) and value and not is_table(value)
        if top and key == MEASURE and is_table(old) and beside:
            result[key] = old | value  # entries over the table of the base; {}: no measures
            continue
        if (
            isinstance(old, dict)
            and isinstance(value, dict)
            and not (replaced or _is_whole(old) or _is_whole(value))
        ):
            result[key] = _laid_over(old, value, top=False)
        else:
            result[key] = value
    return result


def _with_stays(data: Data) -> Data:
    """Return a study with the months its costs are for: where it says none, of its own stages.

    What is laid over it, or set on the command line, may change the stages and not the costs.
    """
    posts, cost = data.get("posts"), data.get("cost")
    stages = posts.get("stages") if isinstance(posts, dict) else None
    if not isinstance(cost, dict) or "stay_months" in cost or not isinstance(stages, list):
        return data
    if not all(isinstance(arena, str) for arena in stages):
        return data
    months = {arena: 6 * stages.count(arena) for arena in stages}
    return data | {"cost": cost | {"stay_months": months}}


# ------------------------------------------------------------------------------------- remove


def _keys_to_remove(base: Data, remove: object, problems: list[str]) -> list[list[str]]:
    """Return the keys to take out of a base, each in parts; what is not there is a problem."""
    if not isinstance(remove, list) or not all(isinstance(each, str) for each in remove):
        problems.append(f'{REMOVE}: found {short(remove)}; give a list of keys, ["regions.*"]')
        return []
    keys: list[list[str]] = []
    for wanted in remove:
        found = list(_matching(base, wanted.split(".")))
        if not found:
            problems.append(_not_there(base, wanted))
        keys += found
    return keys


def _matching(data: Any, pattern: Sequence[str]) -> Iterator[list[str]]:  # noqa: ANN401
    """Yield the keys of a study that fit a pattern, in parts."""
    first, *rest = pattern
    if not isinstance(data, dict):
        return
    for name, value in data.items():
        if fnmatchcase(name, first):
            if not rest:
                yield [name]
            yield from ([name, *below] for below in (_matching(value, rest) if rest else ()))


def _not_there(base: Data, wanted: str) -> str:
    """Return what is wrong with a key to remove: where it leaves what the base has."""
    places, above = [base], list[str]()
    for part in wanted.split("."):
        known = list(dict.fromkeys(name for each in places for name in each))
        found = [each[name] for each in places for name in each if fnmatchcase(name, part)]
        places = [each for each in found if isinstance(each, dict)]
        if not found:
            break
        above.append(part)
    where = ".".join(above) or "the study"
    listed = f"; there: {cut(', '.join(known))}" if known else ""
    said = f"'{cut(wanted)}' is not in the base: no '{cut(part)}' in {where}{listed}"
    return f"{REMOVE}: {said}.{meant(part, known)}"


def _without(data: Data, keys: Sequence[Sequence[str]]) -> Data:
    """Return a study without some keys."""
    result = dict(data)
    for name in {key[0] for key in keys}:
        below = [key[1:] for key in keys if key[0] == name]
        if [] in below:
            del result[name]
        else:
            result[name] = _without(result[name], below)
    return result
