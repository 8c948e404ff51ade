"""What the doors say when no plan keeps all limits, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import click


@contextmanager
def refusals_as_json(wanted: bool) -> Iterator[None]:
    """Print as JSON on stdout why there is no plan, before the lines on stderr and exit code 3."""
    try:
        yield
    except Exception as error:
        summary = getattr(error, "summary", None)
        if wanted and summary is not None:
            click.echo(json.dumps(summary, ensure_ascii=False))
        raise
