"""The explorer: a page on this machine to browse results and try plans by hand (extra `explore`).

It is served on 127.0.0.1 alone. Requests that name another host are refused, so that no page
elsewhere can read it through a name that points here.
"""

from __future__ import annotations

import html
import re
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

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
from ..core.system.costs import plan_cost
from ..core.system.posts import levels
from ..core.system.supervision import capacity, need
from ..core.warmup import warm_up
from ..report.blocks import Spec
from ..report.charts.lines import Line, lines
from ..report.charts.vega import CONFIG, GREY
from ..report.reading import Reading
from ..report.sections.plan import frame
from ..report.sections.supply import regional_fans
from ..report.texts.risk import as_title, judged_alike, judged_in_words
from ..report.texts.words import Words
from .supply import outlook

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
    progress: Progress = silent,
) -> Iterator[Any]:
    """Yield the server of the page, not yet started; scenarios are ready when it is yielded."""
    words, port = Words(language), _port(port)
    with local_workers(None) as workers:
        made = [(name, Reading(data)) for name, data in results]
        oracles = [_oracle(reading, workers, progress) for _, reading in made]

        def page() -> Any:
            tabs = [
                (name, _result(reading, oracle, words, workers))
                for (name, reading), oracle in zip(made, oracles, strict=True)
            ]
            title = f"# {words('explore.title')}"
            return pn.Column(title, pn.Tabs(*tabs, **WIDE), **WIDE)

        server = pn.serve(
            {"/": page},
            address=ADDRESS,
            port=port,
            websocket_origin=[f"{ADDRESS}:{port}", f"localhost:{port}"],
            title=words("explore.title"),
            show=False,
            start=False,
        )
        refuse_foreign_hosts(server._tornado, port)
        yield server
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


def refuse_foreign_hosts(application: Any, port: int) -> None:
    """Make a tornado application answer 403 to requests for any host but this machine by name."""
    allowed = {f"{name}:{port}" for name in (ADDRESS, "localhost")}
    origins = {f"http://{host}" for host in allowed}
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


def _result(reading: Reading, oracle: Oracle, words: Words, workers: Workers) -> Any:
    return pn.Tabs(
        (words("explore.try"), Trial(reading, oracle, words, workers).view()),
        (words("explore.browse"), _browser(reading, words)),
    )


class Trial:
    """A plan to try by hand: a slider for each region and decision year, and what follows."""

    def __init__(self, reading: Reading, oracle: Oracle, words: Words, workers: Workers) -> None:
        self.reading, self.oracle, self.words, self.workers = reading, oracle, words, workers
        self.study = reading.study
        first = reading.year(self.study.time.first_decision)
        decided = slice(first, first + len(self.study.decision_years))
        start = reading.slots[decided].T
        top = max(SLIDER_TOP, int(start.max()))
        self.sliders = [
            [
                pn.widgets.IntSlider(
                    label=str(year), start=0, end=top, value=int(start[r, y]), width=150
                )
                for y, year in enumerate(self.study.decision_years)
            ]
            for r in range(len(self.study.regions))
        ]
        self.told = pn.pane.Markdown(self.outcome(start), min_width=340)
        names = [words("word.country"), *map(words.name, reading.names("region"))]
        self.place = pn.widgets.Select(label=words("word.region"), options=names)
        self.drawn = pn.pane.HTML(self.chart(start))
        for slider in self._all():
            slider.param.watch(self._moved, "value_throttled")
        self.place.param.watch(self._elsewhere, "value")

    def view(self) -> Any:
        """Return the sliders by region beside what the plan leads to."""
        names = map(self.words.name, self.reading.names("region"))
        columns = [
            pn.Column(f"**{as_markdown(name)}**", *sliders)
            for name, sliders in zip(names, self.sliders, strict=True)
        ]
        beside = pn.Column(self.place, self.words("explore.supply"), self.drawn)
        return pn.Column(
            self.words("explore.lead"),
            pn.FlexBox(self.told, beside, **WIDE),
            pn.FlexBox(*columns, **WIDE),
            **WIDE,
        )

    def _all(self) -> list[Any]:
        return [slider for sliders in self.sliders for slider in sliders]

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
        self.outlook = outlook(self.oracle, levels(self.study, slots), self.workers)
        return self._picture()

    def _picture(self) -> str:
        drawn = self.outlook.lines(self.place.options.index(self.place.value), self.words)
        chart = replace(frame(self.reading, self.words, self.words("word.fte")), height=260)
        return _svg(lines(chart, drawn), self.words, 560)

    def outcome(self, slots: Floats) -> str:
        """Return posts, cost, broken limits and the risks of a plan as Markdown.

        `slots` [region, decision year].
        """
        words, level = self.words, levels(self.study, slots)
        cost = words.billion(plan_cost(self.study, slots))
        lines = [words("explore.plan", slots=words.number(float(slots.sum())), cost=cost), ""]
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
        return "\n".join([*lines, "", self._supervision(level)])

    def _supervision(self, level: Floats) -> str:
        """Return which supervision limits the plan breaks."""
        over = (need(self.study, level) > capacity(self.study) + 1e-6).any(axis=2)
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


def _browser(reading: Reading, words: Words) -> Any:
    """Return supply and demand by place, and single scenarios where the file has them."""
    fans = {fan.name: (n, fan) for n, fan in enumerate(regional_fans(reading, words))}
    place = pn.widgets.Select(label=words("word.region"), options=list(fans))

    def drawn(name: str) -> Any:
        n, fan = fans[name]
        chart = replace(frame(reading, words, words("word.fte")), height=300)
        panes = [_picture(lines(chart, fan.lines(words)), words)]
        if reading.has("ensemble_supply", "ensemble_demand"):
            panes.append(f"**{words('explore.paths', count=PATHS)}**")
            panes.append(_picture(lines(chart, _gaps(reading, n)), words))
        return pn.Column(*panes)

    return pn.Column(place, pn.bind(drawn, place))


def _gaps(reading: Reading, place: int) -> list[Line]:
    """Return demand less supply of the first scenarios; place 0 is the country."""
    parts = [reading.data[f"ensemble_{name}"].isel(realization=slice(PATHS)) for name in _TWO]
    if place:
        parts = [part.isel(region=[place - 1]) for part in parts]
    demand, supply = (part.sum(("specialty", "region")) for part in parts)
    gaps = (demand - supply).transpose("realization", "time").values
    return [Line("", np.asarray(row, dtype=float), GREY) for row in gaps]


_TWO = ("demand", "supply")


def _picture(spec: Spec, words: Words) -> Any:
    return pn.pane.HTML(_svg(spec, words, 700))


def _svg(spec: Spec, words: Words, width: int) -> str:
    sized, config = spec | {"width": width}, CONFIG | {"font": "sans-serif"}
    made = vl_convert.vegalite_to_svg(sized, config=config, format_locale=words.locale())
    return str(made).replace("<svg ", '<svg style="max-width: 95vw; height: auto" ', 1)


def explore(paths: Sequence[Path], port: int, language: str, show: bool) -> None:
    """Serve result files until interrupted; `show` opens them in a browser."""
    from ..core.files.store import open_result

    results = [(path.name, open_result(path)) for path in paths]
    with interruptible(), suppress(KeyboardInterrupt), serving(results, port, language) as server:
        if show:
            server.show("/")
        server.run_until_shutdown()
