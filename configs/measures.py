"""Measures from a table: rows of effects and prices folded into entries by name.

A study writes `measure = { table = "measures.csv" }`; what it says of a measure beside the table,
under `[measure.NAME]` or by `--set measure.NAME.use=1`, is laid over what the table says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from ..core.errors import InputError
from ..core.study.measures.measure import RATED, MeasureRow
from ..core.study.wording import in_words
from .guesses import meant
from .tables import KEYS, StudyError, Table

Data = dict[str, Any]
OF_THE_MEASURE = (
    *("name", "unit", "decision", "use", "most", "most_per_year", "first_year", "years_to_full"),
    *("regulation", "lead_years", "delay_years", "source", "assumption"),
)
OF_AN_EFFECT = ("lever", "key", "region", "stages", "low", "mode", "high")
OF_A_PRICE = ("payer", "nok", "nok_once", "years")


def without_entries(value: Mapping[str, Any]) -> tuple[Data, Data]:
    """Return what names the table, and the entries that stand beside it, by name."""
    entries = {
        name: item for name, item in value.items() if name not in KEYS and isinstance(item, dict)
    }
    return {name: item for name, item in value.items() if name not in entries}, entries


def laid_over(measures: Data, entries: Mapping[str, Data]) -> Data:
    """Return measures with what entries say of them in place of what the table says.

    An entry that the table does not know is a measure of its own, if it says what it does.

    Raises
    ------
    StudyError
        If it does not: its name is mistaken.
    """
    unknown = [name for name in entries if name not in measures and "effects" not in entries[name]]
    if unknown:
        known = ", ".join(measures)
        raise StudyError(
            [
                f"measure.{name}: unknown measure; the table has: {known}.{meant(name, measures)}"
                for name in unknown
            ]
        )
    return measures | {name: measures.get(name, {}) | entry for name, entry in entries.items()}


def folded(table: Table) -> Data:
    """Return the measures of a table, name -> what stands in the study.

    Raises
    ------
    InputError
        Naming every cell that cannot be, by file and line.
    """
    measures, problems = dict[str, Data](), list[str]()
    for cells, line in zip(table.rows, table.lines, strict=True):
        where = f"{table.name}:{line}: measure"
        try:
            row = MeasureRow.model_validate(cells)
        except ValidationError as error:
            for item in error.errors(include_url=False):
                field = ".".join(map(str, item["loc"]))
                said = in_words(str(item["type"]), item.get("ctx", {}))
                problems.append(f"{where}.{field}: {said}" if field else f"{where}: {said}")
            continue
        known = measures.setdefault(row.measure, {"effects": [], "prices": [], "ratings": {}})
        problems += [f"{where}.{row.measure}: {said}" for said in _fold(known, row)]
    if problems:
        raise InputError(problems)
    return {name: _entry(found) for name, found in measures.items()}


def _fold(known: Data, row: MeasureRow) -> Iterator[str]:
    """Add a row to what is known of its measure; yield what contradicts an earlier row."""
    given = {field: getattr(row, field) for field in MeasureRow.model_fields}
    for field in OF_THE_MEASURE:
        value = given[field]
        if value in ("", None):
            continue
        if field not in known:
            known[field] = value
        elif known[field] != value and field not in ("source", "assumption"):
            yield f"{field}: found '{value}', in an earlier row '{known[field]}'; leave one out"
    known["ratings"] |= {column: given[column] for column in RATED if given[column]}
    if any(given[field] not in ("", None) for field in OF_AN_EFFECT):
        known["effects"].append(_effect(row))
    if any(given[field] not in ("", None) for field in OF_A_PRICE):
        price = {field: given[field] for field in OF_A_PRICE}
        known["prices"].append({f: value for f, value in price.items() if value is not None})


def _effect(row: MeasureRow) -> Data:
    """Return the effect that a row tells; whether it can be is asked of the study."""
    effect: Data = {"lever": row.lever, "key": row.key}
    if row.region:
        effect["region"] = row.region
    if row.stages:
        effect["stages"] = tuple(row.stages.split())
    amount = _amount(row)
    return effect if amount is None else effect | {"amount": amount}


def _amount(row: MeasureRow) -> Data | None:
    """Return the amount of a row: certain by mode alone, else uniform or triangular; None: none."""
    origin = {"source": row.source, "assumption": row.assumption}
    ends = {name: getattr(row, name) for name in ("low", "mode", "high")}
    given = {name: value for name, value in ends.items() if value is not None}
    if not given:
        return None
    if list(given) == ["mode"]:
        return {"value": row.mode} | origin
    kind = "triangular" if "mode" in given else "uniform"
    return {"distribution": kind} | given | origin


def _entry(found: Data) -> Data:
    """Return a measure as a study has it: without lists of nothing."""
    return {name: value for name, value in found.items() if value not in ([], {})}
