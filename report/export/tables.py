"""Tables of a result: every variable in one long table with its labels, and what the file says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ...core.files.comparison import FINDINGS
from ...core.system.families import AXES, LEVELS
from ..reading import Reading
from ..texts.risk import judged_in_words
from ..texts.words import Words

Column = NDArray[Any]
Dims = tuple[str, ...]

NAMES: dict[Dims, str] = {
    ("plan",): "plans",
    ("time", "plan"): "years",
    ("time", "plan", "region"): "years_by_region",
    ("time", "plan", "specialty", "region"): "years_by_group",
    ("time", "plan", "track", "region"): "years_by_track",
    ("time", "plan", "quantile"): "quantiles",
    ("time", "plan", "quantile", "region"): "quantiles_by_region",
    ("time", "plan", "quantile", "specialty"): "national_quantiles_by_group",
    ("time", "quantile", "specialty", "region"): "quantiles_by_group",
    ("time", "plan", "payer"): "cost_by_payer",
    ("time", "plan", "population"): "all_doctors_by_year",
    ("population",): "all_doctors_at_start",
    ("time", "plan", "capacity", "region"): "supervision",
    ("capacity",): "supervision_units",
    ("plan", "limit"): "risk",
    ("realization", "plan", "limit"): "shortfall",
    ("realization",): "inputs",
    ("time", "realization"): "paths",
    ("time", "realization", "region"): "ensemble_by_region",
    ("time", "realization", "specialty", "region"): "ensemble",
    ("frontier",): "frontier",
    ("time", "frontier", "region"): "frontier_plans",
    ("weight_table",): "weight_tables",
    ("weight_table", "limit"): "weight_tables_risk",
}
"""Table of the variables with these dimensions; others are named after their dimensions."""

GROUPS = {"specialty": "group", "specialty_name": "group_name"}
LONGEST = 31  # characters that the name of a sheet can have

PLAN = ("slots", "level")
"""The decision has a table of its own, the first."""
COUNTED = {"posts": "LIS2/3 posts", "tracks": "those of them earmarked"}
"""What lines with group or track count."""


class Table(NamedTuple):
    """Columns of equal length, labels first; `units` of those that have one."""

    name: str
    columns: dict[str, Column]
    units: dict[str, str]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(next(iter(self.columns.values())))


def tables_of(result: xr.Dataset, words: Words) -> list[Table]:
    """Return all tables of a result: the plan, bounds, every variable, and its provenance."""
    groups: dict[Dims, list[str]] = {}
    shapes = {str(n): tuple(map(str, v.dims)) for n, v in result.data_vars.items()}
    held = set(shapes.values())
    for name, dims in shapes.items():
        if name not in LEVELS and name not in LEVELS.values():
            groups.setdefault(_home(held, dims), []).append(name)
    others = [
        _long(result, NAMES.get(dims, "by_" + "_".join(dims))[:LONGEST], dims, names, words)
        for dims, names in groups.items()
    ]
    order = list(NAMES.values())
    others.sort(key=lambda table: order.index(table.name) if table.name in order else len(order))
    first = [*_plan(result, words), *_branches(result, words)]
    findings = {key: result.attrs[key] for key in FINDINGS if key in result.attrs}
    rest = {key: value for key, value in result.attrs.items() if key not in findings}
    return [
        *first,
        *([_pairs("bounds", findings)] if findings else []),
        *others,
        _dictionary([*first, *others], result),
        _pairs("provenance", rest),
    ]


def _plan(result: xr.Dataset, words: Words) -> Iterator[Table]:
    """Yield the decision as `lis1plan project` reads it: slots, then posts with group or track."""
    kept = [name for name in PLAN if name in result.data_vars]
    if not kept:
        return
    table = _long(result, "plan", ("time", "plan", "region"), kept, words)
    held = {name: axis for name, axis in AXES.items() if name in result.data_vars}
    for name, axis in held.items():
        own = result.drop_vars(PLAN).rename({name: "slots", LEVELS[name]: "level"})
        dims = "time", "plan", axis, "region"
        table = _below(table, _long(own, "plan", dims, list(PLAN), words))
    if held:
        said = [f"with a {GROUPS.get(axis, axis)} {COUNTED[name]}" for name, axis in held.items()]
        units = dict.fromkeys(PLAN, "; ".join(["LIS1 starts a year", *said]))
        table = table._replace(units=units)
    yield table


def _branches(result: xr.Dataset, words: Words) -> Iterator[Table]:
    """Yield the plan of each end branch by itself, as `lis1plan project --plan` reads it."""
    if "branch_slots" not in result:
        return
    held = {name: axis for name, axis in AXES.items() if f"branch_{name}" in result.data_vars}
    for b in range(result.sizes["branch"]):
        name, branch = f"plan_branch_{b + 1}", result.isel(branch=b).drop_vars("slots")
        table = _long(
            branch.rename(branch_slots="slots"), name, ("time", "region"), ["slots"], words
        )
        for other, axis in held.items():
            own = branch.rename({f"branch_{other}": "slots"})
            table = _below(table, _long(own, name, ("time", axis, "region"), ["slots"], words))
        yield table


def _below(above: Table, more: Table) -> Table:
    """Return both tables in one; a column that either lacks is empty there, and stands early."""
    columns = {GROUPS.get(key, key): column for key, column in more.columns.items()}
    first = [key for key in columns if key not in above.columns]
    place = list(above.columns).index("region")
    order = [*list(above.columns)[:place], *first, *list(above.columns)[place:]]
    lacking = [np.full(table.rows, "", dtype=object) for table in (above, more)]
    return above._replace(
        columns={
            key: np.concatenate([above.columns.get(key, lacking[0]), columns.get(key, lacking[1])])
            for key in order
        }
    )


def _home(held: set[Dims], dims: Dims) -> Dims:
    """Return the dimensions of a variable's table: what holds for all plans stands with each."""
    place = 1 if dims[:1] == ("time",) else 0
    with_plan = (*dims[:place], "plan", *dims[place:])
    return with_plan if "plan" not in dims and dims != () and with_plan in held else dims


def _long(result: xr.Dataset, name: str, dims: Dims, names: list[str], words: Words) -> Table:
    """Return variables as one long table with a row for each combination of labels."""
    shape = tuple(result.sizes[dim] for dim in dims)
    columns: dict[str, Column] = {}
    for axis, dim in enumerate(dims):
        for key, labels in _labels(result, dim, words):
            along = labels.reshape([-1 if d == axis else 1 for d in range(len(dims))])
            columns[key] = np.broadcast_to(along, shape).ravel()
    for variable in names:
        values = result[variable]
        kept = [dim for dim in dims if dim in values.dims]
        place = tuple(slice(None) if dim in kept else None for dim in dims)
        spread = np.broadcast_to(values.transpose(*kept).values[place], shape).ravel()
        columns[variable] = spread.astype(object) if spread.dtype.kind == "U" else spread
    return Table(name, columns, {v: str(result[v].attrs.get("counts", "")) for v in names})


def _labels(result: xr.Dataset, dim: str, words: Words) -> Iterator[tuple[str, Column]]:
    """Yield the columns that say where along a dimension a row lies."""
    if dim == "time":
        yield "year", result["year"].values
    elif f"{dim}_id" in result.variables:
        yield dim, result[f"{dim}_id"].values.astype(object)
        said = [words.name(str(text)) for text in result[f"{dim}_name"].values]
        yield f"{dim}_name", np.array(said, dtype=object)
        if dim == "limit":
            judged = [judged_in_words(limit, words) for limit in Reading(result).limits]
            yield "limit_judged", np.array(judged, dtype=object)
    elif dim in result.variables:
        yield dim, result[dim].values
    else:
        yield dim, np.arange(1, result.sizes[dim] + 1)


def _pairs(name: str, values: dict[str, Any]) -> Table:
    """Return attributes as a table of two columns; the second holds numbers and texts."""
    said = [value.item() if isinstance(value, np.generic) else value for value in values.values()]
    heads = {"what": list(values), "value": said}
    return Table(name, {head: np.array(part, dtype=object) for head, part in heads.items()}, {})


def _dictionary(tables: list[Table], result: xr.Dataset) -> Table:
    """Return what every variable means, what it counts and in which table it stands."""
    rows = [
        (name, str(result[name].attrs.get("long_name", name)), unit, table.name)
        for table in tables
        for name, unit in table.units.items()
    ]
    parts = zip(*rows, strict=True)
    heads = ("variable", "meaning", "counts", "table")
    return Table(
        "variables",
        {head: np.array(part, dtype=object) for head, part in zip(heads, parts, strict=True)},
        {},
    )
