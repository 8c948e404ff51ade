"""Where a command calculates: the options `--workers` and `--cluster`, as one value, checked."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from ..console import plain_errors

Command = Callable[..., Any]


def place_options(command: Command) -> Command:
    """Add the options; the command gets both as `workers`, a `core.compute.Place`."""

    @wraps(command)
    def placed(*args: Any, workers: int | None, cluster: str, **options: Any) -> Any:
        from ..core.compute import Place

        if cluster != "threads":
            with plain_errors():
                _known(cluster)
        return command(*args, workers=Place(workers, cluster), **options)

    for option in (
        click.option(
            "--workers",
            type=click.IntRange(min=1),
            help="Threads, processes or jobs; by default all cores, or what the profile says.",
        ),
        click.option(
            "--cluster",
            default="threads",
            show_default=True,
            metavar="WHERE",
            help="threads, local (processes), tcp://HOST:PORT (Dask), slurm, or a FILE.toml.",
        ),
    ):
        placed = option(placed)
    return placed


def _known(cluster: str) -> None:
    """Refuse what names no cluster, and a profile that cannot be used, before any work."""
    from ..configs.errors import InputError
    from ..core.cluster import ClusterError
    from ..core.cluster_kinds import profile_of

    try:
        profile_of(cluster)
    except ClusterError as error:
        raise InputError(str(error)) from None
