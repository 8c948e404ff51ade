"""The door to the explorer: results and plans by hand in a browser on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from .console import plain_errors

FILE = click.Path(path_type=Path)


@click.command()
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="By default a free one.")
@click.option("--locale", type=click.Choice(["en", "nb"]), default="en", show_default=True)
@click.option("--no-browser", is_flag=True, help="Only serve; open the address yourself.")
def explore(files: tuple[Path, ...], port: int, locale: str, no_browser: bool) -> None:
    """Browse results and try plans by hand, on a page served to this machine alone.

    Needs `pip install "lis1plan[explore]"`. Ends with Ctrl-C.
    """
    with plain_errors():
        from ..configs.errors import InputError

        try:
            from ..explore.page import explore as serve
        except ModuleNotFoundError as error:
            raise InputError(
                f'{error.name} is not installed; pip install "lis1plan[explore]"'
            ) from None
        serve(files, port, locale, not no_browser)
