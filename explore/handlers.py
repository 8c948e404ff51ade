"""What the server answers: the page and its parts, and what follows from plans that it sends.

Every answer forbids the page to ask anybody else for anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from importlib import resources
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from tornado.ioloop import IOLoop
from tornado.web import Application, ErrorHandler, HTTPError, RequestHandler

from ..core.errors import LisError
from ..report.look import BANDS, css
from .desk import Desk
from .telling import Told

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content security policy: scripts and styles are files of this server, and so is all it asks."""
ASSETS = {
    "desk.js": "text/javascript",
    "grid.js": "text/javascript",
    "chart.js": "text/javascript",
    "paste.js": "text/javascript",
    "desk.css": "text/css",
}
COLOURS = "colours.css"
MOST_BYTES = 4_000_000
"""Of a request: a plan of a hundred regions and years takes a hundredth of it."""


class Served(NamedTuple):
    """A desk, and what its page begins with."""

    desk: Desk
    begin: Told


@dataclass(frozen=True)
class _Room:
    """What all handlers share."""

    desks: Sequence[Served]
    alone: Executor  # one thread: plans are judged one after another, by all cores


class _Answering(RequestHandler):
    """A handler that says on every answer what its page may ask for."""

    room: _Room

    def initialize(self, room: _Room) -> None:
        """Take what all handlers share."""
        self.room = room

    def set_default_headers(self) -> None:
        """Forbid the page every request elsewhere."""
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")

    @property
    def number(self) -> int:
        """Return which of the results a request is about."""
        known = [str(number) for number in range(len(self.room.desks))]
        number = self.get_query_argument("result", "0")
        if number not in known:
            raise HTTPError(404)
        return int(number)

    @property
    def served(self) -> Served:
        """Return the desk that a request is about."""
        return self.room.desks[self.number]

    def say(self, what: Told) -> None:
        """Answer in JSON, which knows neither infinity nor what is no number."""
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(json.dumps(what, ensure_ascii=False, allow_nan=False))

    async def told(self, work: Callable[[], Told]) -> None:
        """Answer what a piece of work finds, or in lines why it cannot be done."""
        try:
            found = await IOLoop.current().run_in_executor(self.room.alone, work)
        except LisError as error:
            self.set_status(400)
            found = {"problems": error.told}
        self.say(found)

    def data_received(self, chunk: bytes) -> None:
        """Requests come whole."""
        raise NotImplementedError


class _Start(_Answering):
    def get(self) -> None:
        """Answer the page."""
        begin = self.served.begin
        environment = Environment(
            loader=PackageLoader("lis1plan.explore", "assets"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.finish(
            environment.get_template("desk.html").render(
                say=begin["texts"],
                desk=begin,
                results=[each.desk.name for each in self.room.desks],
                number=self.number,
            )
        )


class _Begin(_Answering):
    def get(self) -> None:
        """Answer what the page is made of, and what it shows first."""
        self.say(self.served.begin)


class _Asset(_Answering):
    def get(self, name: str) -> None:
        """Answer a script or style of the page."""
        if name == COLOURS:
            self.set_header("Content-Type", "text/css; charset=utf-8")
            self.finish(_colours())
            return
        if name not in ASSETS:
            raise HTTPError(404)
        self.set_header("Content-Type", f"{ASSETS[name]}; charset=utf-8")
        self.finish((resources.files(__package__) / "assets" / name).read_bytes())


def _colours() -> str:
    """Return the report's colours, and how strong bands are, as custom properties."""
    half, outer, supply = BANDS
    return css() + f":root{{--half:{half};--outer:{outer};--supply-band:{supply}}}"


class _Question(_Answering):
    def asked(self) -> Any:
        """Return the question of a request, in JSON."""
        try:
            return json.loads(self.request.body)
        except (ValueError, RecursionError):  # no JSON, or nested beyond what can be read
            raise HTTPError(400) from None

    async def post(self) -> None:
        """Answer what follows from plans."""
        desk, asked = self.served.desk, self.asked()
        await self.told(lambda: desk.answer(asked))


class _File(_Question):
    async def post(self) -> None:
        """Answer a plan as the text of a file."""
        desk, asked = self.served.desk, self.asked()
        await self.told(lambda: {"text": desk.csv(asked)})


class _Opened(_Answering):
    async def post(self) -> None:
        """Answer the plan that a file holds."""
        desk, body = self.served.desk, self.request.body
        name = self.get_query_argument("name", "plan.csv")
        await self.told(lambda: {"plan": desk.opened(name, body)})


class _OwnHosts(Application):
    """An application that answers 403 to requests which name any other host, or come from one."""

    hosts: frozenset[str] = frozenset()

    def find_handler(self, request: Any, **given: Any) -> Any:
        """Return what answers a request."""
        origin = request.headers.get("Origin")
        own = {f"{scheme}://{host}" for host in self.hosts for scheme in ("http", "https")}
        if request.host in self.hosts and (origin is None or origin in own):
            return super().find_handler(request, **given)
        return self.get_handler_delegate(request, ErrorHandler, {"status_code": 403})


def application(desks: Sequence[Served], hosts: Sequence[str], alone: Executor) -> Application:
    """Return what answers requests that name one of some hosts."""
    room = {"room": _Room(desks, alone)}
    made = _OwnHosts(
        [
            (r"/", _Start, room),
            (r"/start\.json", _Begin, room),
            (r"/answer", _Question, room),
            (r"/plan\.csv", _File, room),
            (r"/open", _Opened, room),
            (r"/([a-z]+\.(?:js|css))", _Asset, room),
        ],
        compress_response=True,
    )
    made.hosts = frozenset(hosts)
    return made
