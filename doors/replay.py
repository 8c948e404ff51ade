"""What `project --realization` does: one scenario alone, told in tables, JSON and NetCDF."""

from __future__ import annotations

import json
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from ..console import print_tables
from ..core.study import Study


def tell_scenario(
    study: Study,
    slots: NDArray[np.float64],
    realization: int,
    out: Path,
    as_json: bool,
    quiet: bool,
) -> None:
    """Replay a scenario under `slots` [region, decision year], write and print it."""
    import time

    from ..core.provenance import provenance, run_id
    from ..core.store import write_result
    from ..jobs import ready_folder
    from ..replay import drawn_rows, replayed, yearly_rows

    ready_folder(out)
    began = time.perf_counter()
    dataset = replayed(study, slots, realization)
    drawn, yearly = drawn_rows(study, dataset), yearly_rows(dataset)
    attributes = provenance(study, time.perf_counter() - began) | {"result_kind": "scenario"}
    name = f"{study.name}-{run_id(study)}-scenario-{realization}.nc"
    path = write_result(dataset, out / name, attributes)
    if as_json:
        told = {"realization": realization, "drawn": drawn, "years": yearly, "netcdf": str(path)}
        click.echo(json.dumps(told, ensure_ascii=False))
    elif not quiet:
        print_tables(*_tables(realization, drawn, yearly))
        click.echo(f"NetCDF: {path}")


def _tables(
    realization: int, drawn: list[dict[str, object]], yearly: list[dict[str, float]]
) -> list[object]:
    from rich.table import Table

    first = Table(title=f"What scenario {realization} drew")
    for heading in ("Figure", "Drawn", "Of"):
        first.add_column(heading, justify="right" if heading == "Drawn" else "left")
    for row in drawn:
        first.add_row(str(row["key"]), f"{row['drawn']:,.4g}", str(row["meaning"]))
    second = Table(title="What happens in it (all regions and groups, FTE and persons)")
    for heading in yearly[0]:
        second.add_column(heading.replace("_", " ").capitalize(), justify="right")
    for year in yearly:
        cells = [f"{value:,.0f}" for name, value in year.items() if name != "year"]
        second.add_row(f"{year['year']:.0f}", *cells)
    return [first, second]
