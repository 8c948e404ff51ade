"""Published calculations as told: records, CSV, JSON and tables for the terminal."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ...core.published.row import Outcome

if TYPE_CHECKING:
    from rich.table import Table

MOST_SHOWN = 5  # values a table shows of one row; CSV and JSON hold all
LISTS = ("published", "computed", "difference")


def record(outcome: Outcome) -> dict[str, Any]:
    """Return a row with its values and verdict; lists hold one entry per printed value."""
    row = outcome.row
    return {
        "row": row.id,
        "section": row.section,
        "what": row.what,
        "published": list(row.printed),
        "computed": list(outcome.computed),
        "difference": list(outcome.differences),
        "document": row.document,
        "place": row.place,
        "status": outcome.status,
        "remark": row.remark,
    }


def counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Return how many rows there are of each status."""
    found = Counter(outcome.status for outcome in outcomes)
    return {
        "calculations": len(outcomes),
        "agree": found["agrees"],
        "source_inconsistent": found["source inconsistent"],
        "differ": found["differs"],
    }


def closing_line(outcomes: Sequence[Outcome]) -> str:
    """Return the counts in words."""
    found = counts(outcomes)
    differ = f", {found['differ']} differ" if found["differ"] else ""
    return (
        f"{found['calculations']} calculations: {found['agree']} agree, "
        f"{found['source_inconsistent']} source inconsistent{differ}"
    )


def as_json(outcomes: Sequence[Outcome]) -> str:
    """Return counts and records as one JSON object."""
    records = [record(outcome) for outcome in outcomes]
    return json.dumps(counts(outcomes) | {"rows": records}, ensure_ascii=False, indent=1)


def as_csv(outcomes: Sequence[Outcome]) -> str:
    """Return the records as CSV; several values of one row are parted by semicolons."""
    records = [record(outcome) for outcome in outcomes]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(records[0]), lineterminator="\n")
    writer.writeheader()
    for line in records:
        writer.writerow(line | {name: ";".join(map(repr, line[name])) for name in LISTS})
    return text.getvalue()


def as_tables(outcomes: Sequence[Outcome], remarks: bool) -> list[Table]:
    """Return a table per section; remarks on rows that agree only if asked for."""
    return [
        _table(section, list(rows), remarks)
        for section, rows in groupby(outcomes, key=lambda outcome: outcome.row.section)
    ]


def _table(section: str, outcomes: Sequence[Outcome], remarks: bool) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(
        title=section,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        expand=True,
        pad_edge=False,
        collapse_padding=True,
    )
    table.add_column("Row", width=4, no_wrap=True)
    table.add_column("What, and where it is printed", ratio=1)
    for name, width in (("Published", 9), ("Computed", 9), ("Difference", 10)):
        table.add_column(name, width=width, no_wrap=True, justify="right")
    table.add_column("Status", width=12)
    for outcome in outcomes:
        table.add_row(*_cells(outcome, remarks))
    return table


def _cells(outcome: Outcome, remarks: bool) -> list[Any]:
    from rich.text import Text

    row, shown = outcome.row, _shown(outcome)
    what = Text(row.what)
    what.append(f"\n{row.document}, {row.place}", style="dim")
    if row.remark and (remarks or outcome.status != "agrees"):
        what.append(f"\n{row.remark}", style="italic")
    style = {"agrees": "green", "source inconsistent": "yellow", "differs": "bold red"}
    status = Text(outcome.status, style=style[outcome.status])
    if len(shown) < len(row.printed):
        status.append(f"\n{len(shown)} shown of {len(row.printed)} values", style="dim")
    columns = (row.printed, outcome.computed, outcome.differences)
    values = ["\n".join(number(column[i]) for i in shown) for column in columns]
    return [row.id, what, *values, status]


def _shown(outcome: Outcome) -> list[int]:
    """Return which values to show: of many, those that were missed, or else the first."""
    count = min(len(outcome.row.printed), len(outcome.computed))
    if count <= MOST_SHOWN:
        return list(range(count))
    return list(outcome.missed or range(count))[:MOST_SHOWN]


def number(value: float) -> str:
    """Return a value with three decimals, from a thousand on with one, without zeros at the end."""
    text = f"{value:.{3 if abs(value) < 1000.0 else 1}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
