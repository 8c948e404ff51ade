"""The explorer: a page on this machine to browse results and try plans by hand (extra `explore`).

It is served on 127.0.0.1 alone. Requests that name another host are refused, so that no page
elsewhere can read it through a name that points here; a tunnel's end is named by who opens it.

The page comes at once: what it shows first is worked out before it is served, sliders follow when
it is there, and what lies under other tabs when it is looked at.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import panel as pn
import xarray as xr
from tornado.web import ErrorHandler

from ..core.compute.place import Progress, silent
from ..core.compute.workers import Workers, local_workers
from ..core.errors import InputError
from ..core.interrupts import interruptible
from ..core.risk.oracle import Oracle, prepare
from ..core.scenarios.draws import sample_of
from ..core.warmup import warm_up
from ..report.reading import Reading
from ..report.texts.words import Words
from .pictures import browser, pictures_of
from .trial import WIDE, Question, Trial

ADDRESS = "127.0.0.1"
SCENARIOS = 2000


@contextmanager
def serving(
    results: Sequence[tuple[str, xr.Dataset]],
    port: int = 0,
    language: str = "en",
    origins: Sequence[str] = (),
    progress: Progress = silent,
) -> Iterator[Any]:
    """Yield the server of the page, not yet started; scenarios are ready when it is yielded."""
    words, away = Words(language), [named_origin(each) for each in origins]
    port = _port(port)
    hosts = [f"{ADDRESS}:{port}", f"localhost:{port}", *away]
    with local_workers(None) as workers:
        made = [
            (name, Trial(_question(Reading(data), words, workers, progress)))
            for name, data in results
        ]
        browsed = [pictures_of(first.reading, words) for _, first in made]
        for places, pictures in browsed:
            pictures(places[0])

        def page() -> Any:
            tabs = [
                (name, _result(Trial(first.asked, first), browser(*given, words)))
                for (name, first), given in zip(made, browsed, strict=True)
            ]
            title = f"# {words('explore.title')}"
            return pn.Column(title, pn.Tabs(*tabs, dynamic=True, **WIDE), **WIDE)

        server = pn.serve(
            {"/": page},
            address=ADDRESS,
            port=port,
            websocket_origin=hosts,
            title=words("explore.title"),
            show=False,
            start=False,
        )
        refuse_foreign_hosts(server._tornado, hosts)
        yield server
        if not server._stopped:  # a signal has stopped it
            server.stop()


def _port(wanted: int) -> int:
    """Return the port asked for, or a free one for 0; refuse a busy one before any work."""
    with socket.socket() as found:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
        try:
            found.bind((ADDRESS, wanted))
        except OSError as error:
            raise InputError(
                f"--port {wanted}: cannot be used: {error.strerror}; by default a free one is taken"
            ) from None
        return int(found.getsockname()[1])


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


def refuse_foreign_hosts(application: Any, hosts: Sequence[str]) -> None:
    """Make a tornado application answer 403 to requests that name any other host."""
    allowed = set(hosts)
    origins = {f"{scheme}://{host}" for host in allowed for scheme in ("http", "https")}
    find: Callable[..., Any] = application.find_handler

    def find_handler(request: Any, **given: Any) -> Any:
        origin = request.headers.get("Origin")
        if request.host in allowed and (origin is None or origin in origins):
            return find(request, **given)
        return application.get_handler_delegate(request, ErrorHandler, {"status_code": 403})

    application.find_handler = find_handler


def _oracle(reading: Reading, workers: Workers, progress: Progress) -> Oracle:
    """Return the scenarios of a result's study, ready to judge plans: at most `SCENARIOS`."""
    study = reading.study
    count = min(SCENARIOS, study.sampling.scenarios)
    fewer = study.sampling.model_copy(update={"scenarios": count})
    study = study.model_copy(update={"sampling": fewer})
    warm_up(study, progress)
    return prepare(study, sample_of(study), workers, progress)


def _question(reading: Reading, words: Words, workers: Workers, progress: Progress) -> Question:
    return Question(reading, _oracle(reading, workers, progress), words, workers)


def _result(trial: Trial, browsed: Any) -> Any:
    words = trial.words
    view, browse = trial.view(), words("explore.browse")
    return pn.Tabs((words("explore.try"), view), (browse, browsed), dynamic=True)


class Served(NamedTuple):
    """How a page is served: where, in which language, and to whom besides this machine."""

    port: int = 0
    language: str = "en"
    origins: Sequence[str] = ()
    show: bool = False


def explore(paths: Sequence[Path], how: Served) -> None:
    """Serve result files until interrupted."""
    from ..core.files.store import open_result

    results = [(path.name, open_result(path)) for path in paths]
    page = serving(results, how.port, how.language, how.origins)
    with interruptible(), suppress(KeyboardInterrupt), page as server:
        if how.show:
            server.show("/")
        server.run_until_shutdown()
