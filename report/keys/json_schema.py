"""JSON Schema of study files, for editors: what may stand where, with titles, units and ranges.

Made of pydantic's schema of the study read. A file may say less, as it may be laid over another,
and more: tables may be CSV files. What holds across keys `validate` alone can tell.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from ...configs.schema import BASED_ON
from ...core.study.distributions import QUANTITIES, Fixed
from ...core.study.meaning import Kind
from ...core.study.processes import Autoregressive, Regimes
from ...core.study.unchecked import UncheckedStudy
from .catalogue import IN_A_FILE, Entry, entries
from .names import names_of
from .telling import counted_in

Schema = dict[str, Any]
DIALECT = "http://json-schema.org/draft-07/schema#"
"""The one that editors of TOML know; beside `$ref` it reads nothing, hence `allOf`."""
_DEFINED, _FIGURE, _FILE = "#/$defs/", "Figure", "TableFile"
_VALUES = ("value", "low", "mode", "high", "values")
"""Parts of a figure that are values of it, whatever its distribution."""
_NAMED_FIGURES = {each.__name__ for each in (*QUANTITIES, Autoregressive, Regimes)}


def json_schema() -> Schema:
    """Return the schema of a study file."""
    whole: Schema = _for_toml(UncheckedStudy.model_json_schema())
    defined: Schema = whole["$defs"]
    needed = whole.pop("required")
    for name, each in defined.items():
        if name in _NAMED_FIGURES:
            each["anyOf"] = [{"required": ["source"]}, {"required": ["assumption"]}]
        elif not name.endswith("Row"):
            each.pop("required", None)  # a study laid over another gives what differs alone
    defined[_FIGURE] = {"anyOf": [_ref(each.__name__) for each in QUANTITIES]}
    defined[_FILE] = _table_file()
    _tell(whole, "", defined)
    whole["properties"] |= {key: _of_a_file(key) for key in IN_A_FILE}
    without_base: Schema = {"if": {"not": {"required": [BASED_ON]}}, "then": {"required": needed}}
    heading: Schema = {"$schema": DIALECT, "title": "A study of lis1plan"}
    return heading | whole | without_base


def _for_toml(value: Any) -> Any:  # noqa: ANN401
    """Return a schema without what TOML cannot say (null), and without pydantic's own titles."""
    if isinstance(value, list):
        return [_for_toml(each) for each in value]
    if not isinstance(value, dict):
        return value
    members = value.get("anyOf")
    if members and {"type": "null"} in members:
        (kept,) = [each for each in members if each != {"type": "null"}]
        return _for_toml({k: v for k, v in value.items() if k not in ("anyOf", "default")} | kept)
    found = {
        "anyOf" if key == "oneOf" else key: _for_toml(each)
        for key, each in value.items()
        if key != "discriminator" and not (key == "title" and isinstance(each, str))
    }
    if "properties" in found:
        never = [k for k, each in found["properties"].items() if each.get("type") == "null"]
        for key in never:  # a key of another kind of limit
            del found["properties"][key]
    if "patternProperties" in found:
        found["additionalProperties"] = False
    return found


def _tell(section: Schema, prefix: str, defined: Schema) -> None:
    """Put what the catalogue tells in place of what pydantic does, here and below."""
    for name, held in section["properties"].items():
        pattern = f"{prefix}{name}"
        several = f"{pattern}.*" in entries()
        entry = entries().get(f"{pattern}.*" if several else pattern)
        if entry is None:
            continue  # source and assumption, told of once
        inside = _inside(held) if several else held
        for below in _sections_in(inside, defined):
            _tell(below, f"{entry.pattern}.", defined)
        section["properties"][name] = _told(entry, held, inside, several)


def _told(entry: Entry, held: Schema, inside: Schema, several: bool) -> Schema:
    """Return the schema of a key: what may stand there, its title, and what it means."""
    told = inside
    if entry.meaning is not None and not _is_section(inside):
        told = _figure(inside, entry.meaning.kind)
    elif entry.holds == "rows, or the CSV file of a table":
        told = {"anyOf": [inside, _ref(_FILE)]}
    elif "$ref" in inside:
        told = {"allOf": [{"$ref": inside["$ref"]}]}
    if several:
        told = _around(held, told)
    if entry.pattern == "measure.*":
        told = {"anyOf": [told, _beside_a_table(inside)]}
    return {k: v for k, v in told.items() if k != "description"} | _words(entry)


def _words(entry: Entry) -> Schema:
    """Return title and description as editors show them."""
    names = names_of(entry.pattern)
    unit = counted_in(entry)
    said = [entry.description, f"Unit: {unit}." if unit else "", f"Norsk: {names.nb}."]
    return {"title": names.en, "description": "\n\n".join(filter(None, said))}


def _figure(held: Schema, kind: Kind) -> Schema:
    """Return the schema of a figure whose values stay within the range of its kind."""
    kinds = [str(each.get("$ref", "")).removeprefix(_DEFINED) for each in _members(held)]
    base = _ref(Fixed.__name__) if kinds == [Fixed.__name__] else _ref(_FIGURE)
    if kinds[0] == Autoregressive.__name__:
        return held
    if held.get("type") == "number":
        return held | _range(kind)
    values = {
        part: {"items": _range(kind)} if part == "values" else _range(kind) for part in _VALUES
    }
    return {"allOf": [base, {"properties": values}]} if _range(kind) else {"allOf": [base]}


def _range(kind: Kind) -> Schema:
    """Return the range of a kind of figure; distributions may come near an open end."""
    found: Schema = {}
    if math.isfinite(kind.low):
        found["minimum"] = kind.low
    if math.isfinite(kind.high):
        found["exclusiveMaximum" if kind.below else "maximum"] = kind.high
    return found


def _table_file() -> Schema:
    """Return the schema of a table that is a CSV file."""
    known = {each.name: each for each in entries().values() if each.section == "TABLE"}
    properties: Schema = {name: _words(each) for name, each in known.items()}
    for name in properties:
        numbers, tables = name.endswith("_age"), ("columns", "labels")
        kind = "integer" if numbers else "object" if name in tables else "string"
        properties[name] = {"type": kind} | properties[name]
    properties |= {"source": {"type": "string"}, "assumption": {"type": "string"}}
    return {
        "type": "object",
        "properties": properties,
        "required": ["table"],
        "additionalProperties": False,
    }


def _beside_a_table(entry: Schema) -> Schema:
    """Return the schema of a table file with entries by name beside it."""
    return _table_file() | {"additionalProperties": entry}


def _of_a_file(key: str) -> Schema:
    held: Schema = {"type": "string"}
    if entries()[key].holds.startswith("a list"):
        held = {"type": "array", "items": {"type": "string"}}
    return held | _words(entries()[key])


def _inside(held: Schema) -> Schema:
    """Return the schema of the entries by name."""
    patterns = held.get("patternProperties")
    found: Schema = next(iter(patterns.values())) if patterns else held["additionalProperties"]
    return found


def _around(held: Schema, told: Schema) -> Schema:
    """Return the schema of entries by name with another one for each."""
    if "patternProperties" in held:
        return held | {"patternProperties": dict.fromkeys(held["patternProperties"], told)}
    return held | {"additionalProperties": told}


def _sections_in(held: Schema, defined: Schema) -> Iterator[Schema]:
    """Yield the sections and rows that stand there."""
    for each in _members(held.get("items", held)):
        name = str(each.get("$ref", "")).removeprefix(_DEFINED)
        if name in defined and name not in (*_NAMED_FIGURES, _FIGURE):
            yield defined[name]


def _is_section(held: Schema) -> bool:
    names = [str(each.get("$ref", "")).removeprefix(_DEFINED) for each in _members(held)]
    return bool(names[0]) and names[0] not in _NAMED_FIGURES


def _members(held: Schema) -> list[Schema]:
    members: list[Schema] = held.get("anyOf", [held])
    return members


def _ref(name: str) -> Schema:
    return {"$ref": f"{_DEFINED}{name}"}
