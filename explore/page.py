"""The explorer: a page on this machine to browse results and try plans by hand (extra `explore`).

It is served on 127.0.0.1 alone. Requests that name another host are refused, so that no page
elsewhere can read it through a name that points here; a tunnel's end is named by who opens it.

The page comes at once: what it shows first is worked out before it is served, sliders follow when
it is there, and what lies under other tabs when it is looked at.
"""

from __future__ import annotations

import html
import re
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import panel as pn
import vl_convert
import xarray as xr
from numpy.typing import NDArray
from tornado.web import ErrorHandler

from ..core.compute.place import Progress, silent
from ..core.compute.workers import Workers, local_workers
from ..core.errors import InputError
from ..core.interrupts import interruptible
from ..core.risk.oracle import Oracle, prepare
from ..core.scenarios.draws import sample_of
from ..core.system.arrays import system_of
from ..core.system.costs import plan_cost
from ..core.system.posts import families, levels
from ..core.system.supervision import need
from ..core.warmup import warm_up
from ..report.blocks import Spec
from ..report.charts.lines import Line, lines
from ..report.charts.vega import CONFIG, GREY
from ..report.reading import Reading
from ..report.sections.plan import frame
from ..report.sections.supply import regional_fans
from ..report.texts.risk import as_title, judged_alike, judged_in_words
from ..report.texts.words import Words
from .supply import Outlook, outlook

Floats = NDArray[np.float64]
ADDRESS = "127.0.0.1"
SCENARIOS = 2000
PATHS = 40  # single scenarios drawn over each other
SLIDER_TOP = 60
WIDE = {"sizing_mode": "stretch_width"}  # as wide as the window, so that what stands beside wraps


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
        browsed = [_pictures(first.reading, words) for _, first in made]
        for places, pictures in browsed:
            pictures(places[0])

        def page() -> Any:
            tabs = [
                (name, _result(Trial(first.asked, first), _browser(*given, words)))
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


class Question(NamedTuple):
    """What plans are tried on."""

    reading: Reading
    oracle: Oracle
    words: Words
    workers: Workers


def _question(reading: Reading, words: Words, workers: Workers, progress: Progress) -> Question:
    return Question(reading, _oracle(reading, workers, progress), words, workers)


def _result(trial: Trial, browser: Any) -> Any:
    words = trial.words
    view, browse = trial.view(), words("explore.browse")
    return pn.Tabs((words("explore.try"), view), (browse, browser), dynamic=True)


class Trial:
    """A plan to try by hand: a slider for each region and decision year, and what follows.

    What follows from the result's own plan is taken from another trial of the same question.
    """

    told: Any
    drawn: Any
    outlook: Outlook

    def __init__(self, asked: Question, first: Trial | None = None) -> None:
        self.asked = asked
        self.reading, self.oracle, self.words, self.workers = asked
        reading, words = self.reading, self.words
        self.study = reading.study
        since = reading.year(self.study.time.first_decision)
        decided = slice(since, since + len(self.study.decision_years))
        start = reading.slots[decided].T
        self.start, self.sliders = start, list[list[Any]]()
        self.beside = reading.plan[len(start) :, decided]
        told = self.outcome(start) if first is None else first.told.object
        self.told = pn.pane.Markdown(told, min_width=340)
        names = [words("word.country"), *map(words.name, reading.names("region"))]
        self.place = pn.widgets.Select(label=words("word.region"), options=names)
        drawn = self.chart(start) if first is None else first.drawn.object
        self.outlook = self.outlook if first is None else first.outlook
        self.drawn = pn.pane.HTML(drawn)
        self.place.param.watch(self._elsewhere, "value")

    def view(self) -> Any:
        """Return the sliders by region beside what the plan leads to.

        The sliders follow once the page is there: they take most of its time.
        """
        below = pn.FlexBox(**WIDE)
        pn.state.onload(lambda: below.extend(self._columns()))
        beside = pn.Column(self.place, self.words("explore.supply"), self.drawn)
        return pn.Column(
            self.words("explore.lead"),
            pn.FlexBox(self.told, beside, **WIDE),
            below,
            **WIDE,
        )

    def _columns(self) -> list[Any]:
        """Return a column of sliders for each region, one for each decision year."""
        top, columns = max(SLIDER_TOP, int(self.start.max())), []
        for name, slots in zip(self.reading.names("region"), self.start, strict=True):
            sliders = [
                pn.widgets.IntSlider(label=str(year), start=0, end=top, value=int(n), width=150)
                for year, n in zip(self.study.decision_years, slots, strict=True)
            ]
            for slider in sliders:
                slider.param.watch(self._moved, "value_throttled")
            self.sliders.append(sliders)
            columns.append(pn.Column(f"**{as_markdown(self.words.name(name))}**", *sliders))
        return columns

    def _moved(self, _: Any) -> None:
        slots = np.array([[slider.value for slider in row] for row in self.sliders], dtype=float)
        self.told.object = self.outcome(slots)
        self.drawn.object = self.chart(slots)

    def _elsewhere(self, _: Any) -> None:
        self.drawn.object = self._picture()

    def chart(self, slots: Floats) -> str:
        """Return supply against demand in the place chosen, under `slots` [region, decision year].

        The scenarios are those by which the plan is judged.
        """
        level = levels(self.study, np.vstack([slots, self.beside]))
        self.outlook = outlook(self.oracle, level, self.workers)
        return self._picture()

    def _picture(self) -> str:
        drawn = self.outlook.lines(self.place.options.index(self.place.value), self.words)
        chart = replace(frame(self.reading, self.words, self.words("word.fte")), height=260)
        return _svg(lines(chart, drawn), self.words, 560)

    def outcome(self, slots: Floats) -> str:
        """Return posts, cost, broken limits and the risks of a plan as Markdown.

        `slots` [region, decision year].
        """
        plan = np.vstack([slots, self.beside])
        words, level = self.words, levels(self.study, plan)
        cost = words.billion(plan_cost(self.study, plan))
        lines = [words("explore.plan", slots=words.number(float(slots.sum())), cost=cost), ""]
        for family in families(self.study)[1:]:
            posts = words.number(float(plan[family.rows].sum()))
            lines += [words(f"explore.{family.variable}", posts=posts), ""]
        alike = judged_alike(self.reading.limits, words)
        judged = as_title(alike) or words("explore.judged")
        keys = ("limit", "risk", "allowed", "kept", "chance")
        heads = [words(f"explore.{key}", judged=judged) for key in keys]
        lines += [f"| {' | '.join(heads)} |", "|---|---:|---:|---|---:|"]
        z = self.oracle.shortfall(level)
        risks = self.oracle.risk_of(z)
        chances = np.average(z > 0.0, axis=1, weights=self.oracle.weight)
        for n, (risk, name) in enumerate(zip(risks, self.reading.names("limit"), strict=True)):
            most, relative = self.oracle.limits[n].at_most, self.reading.relative(n)
            said = (words.risk(float(risk), relative), words.risk(most, relative))
            kept = words.yes(risk <= most + 1e-12)
            named = words.name(name)
            if not alike:
                named += f" ({judged_in_words(self.reading.limits[n], words)})"
            chance = words.percent(float(chances[n]), 0)
            lines.append(f"| {as_markdown(named)} | {said[0]} | {said[1]} | {kept} | {chance} |")
        return "\n".join([*lines, "", self._supervision(level[: len(slots)])])

    def _supervision(self, level: Floats) -> str:
        """Return which supervision limits the plan breaks."""
        most = system_of(self.study).capacity
        over = (need(self.study, level) > most + 1e-6).any(axis=2)
        limits, regions = self.reading.names("capacity"), self.reading.names("region")
        broken = [
            as_markdown(f"{self.words.name(limits[c])} ({self.words.name(regions[r])})")
            for c, r in np.argwhere(over)
        ]
        if not broken:
            return self.words("explore.room")
        return self.words("explore.no_room", where=self.words.listed(broken))


def as_markdown(name: str) -> str:
    """Return a name as Markdown that shows it as it is: no image, no link, no emphasis.

    >>> as_markdown("![x](y) <b>")
    '\\\\!\\\\[x\\\\](y) &lt;b&gt;'
    """
    return re.sub(r"([\\`*_\[\]|!~])", r"\\\1", html.escape(name, quote=False))


Pictures = Callable[[str], list[str]]


def _browser(places: Sequence[str], pictures: Pictures, words: Words) -> Any:
    """Return supply and demand by place, and single scenarios where the file has them."""
    place = pn.widgets.Select(label=words("word.region"), options=list(places))
    return pn.Column(
        place, pn.bind(lambda name: pn.Column(*map(pn.pane.HTML, pictures(name))), place)
    )


def _pictures(reading: Reading, words: Words) -> tuple[list[str], Pictures]:
    """Return the places there are and what makes the pictures of one, each once."""
    fans = {fan.name: (n, fan) for n, fan in enumerate(regional_fans(reading, words))}

    @cache
    def drawn(name: str) -> list[str]:
        n, fan = fans[name]
        chart = replace(frame(reading, words, words("word.fte")), height=300)
        made = [_svg(lines(chart, fan.lines(words)), words, 700)]
        if reading.has("ensemble_supply", "ensemble_demand"):
            made.append(f"<b>{html.escape(words('explore.paths', count=PATHS))}</b>")
            made.append(_svg(lines(chart, _gaps(reading, n)), words, 700))
        return made

    return list(fans), drawn


def _gaps(reading: Reading, place: int) -> list[Line]:
    """Return demand less supply of the first scenarios; place 0 is the country."""
    parts = [reading.data[f"ensemble_{name}"].isel(realization=slice(PATHS)) for name in _TWO]
    if place:
        parts = [part.isel(region=[place - 1]) for part in parts]
    demand, supply = (part.sum(("specialty", "region")) for part in parts)
    gaps = (demand - supply).transpose("realization", "time").values
    return [Line("", np.asarray(row, dtype=float), GREY) for row in gaps]


_TWO = ("demand", "supply")


def _svg(spec: Spec, words: Words, width: int) -> str:
    sized, config = spec | {"width": width}, CONFIG | {"font": "sans-serif"}
    made = vl_convert.vegalite_to_svg(sized, config=config, format_locale=words.locale())
    return str(made).replace("<svg ", '<svg style="max-width: 95vw; height: auto" ', 1)


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
