"""Overrides: `KEY=VALUE` of the command line, set in what a study file says."""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Iterable, Sequence
from typing import Any, get_origin

from ..core.errors import cut
from ..core.study.distributions import ON_COMMAND_LINE, Figure
from ..core.text_files import read_toml
from .guesses import meant
from .schema import fields_at, kind_at, row_at
from .tables import KEYS

NAMED = ("regions", "groups", "applicants", "capacity", "risk", "comparison")
"""Sections of entries named by the study: given anew, they replace those of its base as a whole."""

SAYS_NOTHING = ("name", "source", "assumption")
"""Keys of a limit on risk that do not change what it asks for."""


def override(data: dict[str, Any], item: str, problems: list[str]) -> None:
    """Set one dotted key that stands in the study or may stand there: no typo adds one."""
    key, equals, value = item.partition("=")
    if not equals:
        example = "for example risk.national.limit=0.1"
        problems.append(f"--set {cut(item)}: expected KEY=VALUE, {example}")
        return
    if "\n" in value or "\r" in value:
        first = cut(item.splitlines()[0])
        problems.append(f"--set {first}: a value is one line; give --set once for every key")
        return
    parts = key.strip().split(".")
    place = _place(data, parts, item, problems)
    if place is None:
        return
    try:
        parsed = read_toml(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        parsed = value.strip()
    except ValueError as error:
        problems.append(f"--set {cut(item)}: {error}")
        return
    if not _may_stand(parts, place, isinstance(parsed, dict)):
        problems.append(_unknown(item, key.strip(), parts[-1], _known(parts[:-1], place)))
        return
    if len(parts) == 3 and parts[0] == "risk" and parts[-1] not in SAYS_NOTHING:
        place.pop("source", None)  # of another limit than this one
        place["assumption"] = _by_command(item)
    place[parts[-1]] = _as_figure(parts, place.get(parts[-1]), parsed, item)


def _place(
    data: dict[str, Any], parts: Sequence[str], item: str, problems: list[str]
) -> dict[str, Any] | None:
    """Return the section of a key; one the study lacks but may have is made."""
    place = data
    for depth, part in enumerate(parts[:-1], start=1):
        if part not in place and _may_stand(parts[:depth], place, False):
            place[part] = {}
        if not isinstance(place.get(part), dict):
            known = _known(parts[: depth - 1], place)
            problems.append(_unknown(item, ".".join(parts[:depth]), part, known))
            return None
        place = place[part]
    return place


def _may_stand(parts: Sequence[str], place: dict[str, Any], whole: bool) -> bool:
    """Tell whether a key may be set: known there, or a label of the study's.

    An entry of a NAMED section can be added as a whole alone.
    """
    *above, last = parts
    if last in _known(above, place):
        return True
    named = len(above) == 1 and above[0] in NAMED
    return last != "" and get_origin(kind_at(above)) is dict and (whole or not named)


def _known(above: Sequence[str], place: dict[str, Any]) -> list[str]:
    """Return the keys that stand in a section or are known there."""
    of_a_table = KEYS if row_at(above) is not None else ()
    return list(dict.fromkeys([*place, *fields_at(above), *of_a_table]))


def _as_figure(parts: Sequence[str], old: object, parsed: object, item: str) -> object:
    """Return a value; a number in the place of a figure as a figure set on the command line."""
    kind = kind_at(parts)
    figure = inspect.isclass(kind) and issubclass(kind, Figure) and "value" in kind.model_fields
    was_figure = isinstance(old, dict) and bool({"value", "distribution"} & set(old))
    number = isinstance(parsed, int | float) and not isinstance(parsed, bool)
    if number and (was_figure or (old is None and figure)):
        return {"value": parsed, "assumption": _by_command(item)}
    return parsed


def _by_command(item: str) -> str:
    return f"{ON_COMMAND_LINE} (--set {cut(item)})"


def _unknown(item: str, key: str, part: str, known: Iterable[str]) -> str:
    return (
        f"--set {cut(item)}: unknown key '{cut(key)}'; known here: {', '.join(known)}."
        f"{meant(part, known)}"
    )
