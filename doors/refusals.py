"""What the doors say when no plan keeps all limits, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import click

from ..core.errors import LisError


@contextmanager
def refusals_as_json(wanted: bool) -> Iterator[None]:
    """Print as JSON on stdout why there is no plan, before the lines on stderr and exit code 3."""
    try:
        yield
    except LisError as error:
        if wanted and error.summary is not None:
            click.echo(json.dumps(error.summary, ensure_ascii=False))
        raise
