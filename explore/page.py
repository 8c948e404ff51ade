"""The explorer: a page on this machine to try plans by hand, the planning desk.

It is served on 127.0.0.1 alone. Requests that name another host are refused, so that no page
elsewhere can read it through a name that points here; a tunnel's end is named by who opens it.

What the page shows first is worked out before it is served; every plan it sends is then answered
with what follows from it.
"""

from __future__ import annotations

import asyncio
import re
import socket
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import xarray as xr
from tornado.httpserver import HTTPServer

from ..core.compute.place import Progress, silent
from ..core.compute.workers import local_workers
from ..core.errors import InputError
from ..core.interrupts import interruptible
from ..report.reading import Reading
from .desk import Desk
from .handlers import MOST_BYTES, Served, application

ADDRESS = "127.0.0.1"


class How(NamedTuple):
    """How a page is served: where, in which language, and to whom besides this machine."""

    port: int = 0
    language: str = "en"
    origins: Sequence[str] = ()
    show: bool = False


class Page(NamedTuple):
    """A page whose scenarios are ready, and where it will be found."""

    server: HTTPServer
    held: socket.socket  # bound, not yet listening
    port: int

    def start(self) -> None:
        """Answer from now on, in the loop that runs."""
        self.held.listen()
        self.held.setblocking(False)
        self.server.add_socket(self.held)

    @property
    def address(self) -> str:
        """Return what a browser on this machine asks for."""
        return f"http://{ADDRESS}:{self.port}/"


@contextmanager
def serving(
    results: Sequence[tuple[str, xr.Dataset]], how: How | None = None, progress: Progress = silent
) -> Iterator[Page]:
    """Yield the page, not yet started; the scenarios of all results are ready then."""
    how = how or How()
    away = [named_origin(each) for each in how.origins]
    with _port(how.port) as held, local_workers(None) as workers, ThreadPoolExecutor(1) as alone:
        port = int(held.getsockname()[1])
        desks = []
        for name, data in results:
            desk = Desk(name, Reading(data), how.language, workers)
            desks.append(Served(desk, desk.prepare(progress)))
        hosts = [f"{ADDRESS}:{port}", f"localhost:{port}", *away]
        server = HTTPServer(application(desks, hosts, alone), max_body_size=MOST_BYTES)
        page = Page(server, held, port)
        yield page
        page.server.stop()


@contextmanager
def _port(wanted: int) -> Iterator[socket.socket]:
    """Hold the port asked for, or a free one for 0; refuse a busy one before any work."""
    with socket.socket() as found:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((ADDRESS, wanted))
        except OSError as error:
            raise InputError(
                f"--port {wanted}: cannot be used: {error.strerror}; by default a free one is taken"
            ) from None
        yield found


def named_origin(given: str) -> str:
    """Return the host and port by which a browser at the other end of a tunnel asks for the page.

    Raises
    ------
    InputError
        If it is anything else: an address with a scheme or path, or one that allows all.
    """
    if not re.fullmatch(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?", given):
        raise InputError(
            f"--allow-origin {given}: name the host and port in the browser's address, without "
            "http:// and path, for example localhost:9000"
        )
    return given.lower()


async def _answering(page: Page, how: How) -> None:
    """Answer until a signal ends it."""
    page.start()
    if how.show:
        webbrowser.open(page.address)
    await asyncio.Event().wait()


def explore(paths: Sequence[Path], how: How, say: Callable[[str], None]) -> None:
    """Serve result files until interrupted; `say` is told the address."""
    from ..core.files.store import open_result

    results = [(path.name, open_result(path)) for path in paths]
    with interruptible(), suppress(KeyboardInterrupt), serving(results, how) as page:
        say(page.address)
        asyncio.run(_answering(page, how))
