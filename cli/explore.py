"""The command `explore`: plans tried by hand in a browser on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from ..jobs.options import Option
from .console import say
from .options import Argument, command


@dataclass(frozen=True, kw_only=True)
class Explore:
    """What `explore` is asked."""

    files: Annotated[tuple[Path, ...], Argument("FILE...")]
    port: Annotated[int, Option("By default a free one.", least=0, most=65535, shown=False)] = 0
    locale: Annotated[Literal["en", "nb"], Option("Language of the page.")] = "en"
    origins: Annotated[
        tuple[str, ...],
        Option(
            "Host and port in the browser's address at the other end of a tunnel.",
            name="--allow-origin",
            metavar="HOST:PORT",
        ),
    ] = ()
    no_browser: Annotated[bool, Option("Only serve; open the address yourself.")] = False


@command(Explore)
def explore(asked: Explore) -> None:
    """Try plans by hand at a planning desk, on a page served to this machine alone.

    Ends with Ctrl-C. Through a tunnel, such as `ssh -L 9000:localhost:8765 HOST`: --port 8765
    --allow-origin localhost:9000 --no-browser.
    """
    from ..explore.page import How
    from ..explore.page import explore as serve

    serve(asked.files, How(asked.port, asked.locale, asked.origins, not asked.no_browser), say)
