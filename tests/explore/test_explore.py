"""The explorer: plans tried by hand are judged as the optimiser judges, for this machine alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner

from lis1plan.cli import main
from lis1plan.configs.loader import load_study
from lis1plan.core.compute.workers import local_workers
from lis1plan.core.errors import InputError
from lis1plan.core.system.posts import levels
from lis1plan.jobs.options import ProjectOptions
from lis1plan.jobs.project import projected
from lis1plan.jobs.request import PLAN, JobRequest
from lis1plan.report.reading import Reading
from lis1plan.report.texts.words import Words

from ..helpers.browser import DEEP, Tab, browser
from ..helpers.synthetic_result import synthetic_result, synthetic_study

pytest.importorskip("panel")

from lis1plan.explore import page as explore
from lis1plan.explore import pictures
from lis1plan.explore import trial as trials
from lis1plan.explore.supply import Outlook

WORDS = Words("en")


@pytest.fixture(scope="module")
def result() -> xr.Dataset:
    sampling = json.loads(load_study("norway-2019").canonical_text)["sampling"]
    return synthetic_result(synthetic_study(sampling=sampling | {"scenarios": 128}))


@pytest.fixture(scope="module")
def trial(result: xr.Dataset) -> Iterator[explore.Trial]:
    reading = Reading(result)
    with local_workers(1) as workers:
        oracle = explore._oracle(reading, workers, explore.silent)
        yield explore.Trial(explore.Question(reading, oracle, WORDS, workers))


def test_a_plan_tried_by_hand_is_judged(trial: explore.Trial) -> None:
    study = trial.study
    none = np.zeros((4, len(study.decision_years)))
    said = trial.outcome(none)
    many = none.copy()
    many[:, 0] = 100.0
    crowded = trial.outcome(many)
    risk = trial.oracle.risk(levels(study, none))[0]
    allowed = study.risk["national"].at_most
    assert f"| Norway | {100 * risk:.2f}% | {100 * allowed:.2f}% | no |" in said
    assert "Every supervision limit is kept." in said
    assert "**400 new posts**" in crowded
    assert "Supervision lacks room: Hospital supervision (Helse Nord)" in crowded


def test_supply_under_a_plan_tried_is_that_of_its_projection(trial: explore.Trial) -> None:
    """Every place has the quantiles of the scenarios by which the plan is judged."""
    study = trial.oracle.study
    slots = np.zeros((4, len(study.decision_years)))
    slots[1, 0] = 20.0
    trial.chart(slots)
    whole = projected(
        JobRequest(study, ProjectOptions(ensemble=True), {PLAN: slots}), 1, explore.silent
    )
    for place in range(1 + len(study.regions)):
        where = slice(None) if place == 0 else slice(place - 1, place)
        for name, line in zip(
            ("demand", "supply"), trial.outlook.lines((0, place), WORDS), strict=True
        ):
            there = whole[f"ensemble_{name}"].isel(region=where).sum(("specialty", "region"))
            wanted = there.astype(float).quantile((0.1, 0.5, 0.9), "realization")
            low, middle, high = wanted.transpose("quantile", "time").values
            assert line.bands is not None
            assert np.allclose(line.values, middle, rtol=1e-6)
            assert np.allclose(line.bands.T, [low, low, high, high], rtol=1e-6)


def test_chart_follows_plan_and_place(trial: explore.Trial) -> None:
    none = np.zeros((4, len(trial.study.decision_years)))
    more = none.copy()
    more[0, 0] = 40.0
    drawn = [trial.chart(none), trial.chart(more)]
    for option in (trial.place.options[1], trial.place.options[0]):
        trial.place.value = option
        drawn.append(trial.drawn.object)
    assert len(set(drawn)) == 3
    assert drawn[1] == drawn[3]
    assert all("Supply" in each and "Demand" in each for each in drawn)


def test_weighted_scenarios_weigh_in_the_band() -> None:
    supply = np.arange(5.0, dtype=np.float32)[:, None, None, None] * np.ones((5, 3, 1, 1), "f4")
    weight = np.array([0.1, 0.1, 4.6, 0.1, 0.1])
    band = Outlook(supply, supply, weight, {}).band(supply, (0, 0))
    assert band.tolist() == [[2.0, 2.0, 2.0]] * 3


def test_browsing_shows_single_scenarios(result: xr.Dataset) -> None:
    shape = {"time": result.sizes["time"], "realization": 5, "specialty": 2, "region": 4}
    values = np.arange(np.prod(list(shape.values())), dtype=float).reshape(tuple(shape.values()))
    named = {
        f"ensemble_{name}": (tuple(shape), values * n) for n, name in ((2, "demand"), (1, "supply"))
    }
    small = result.drop_dims("realization").assign(named)
    gaps = pictures._gaps(Reading(small), 0)
    assert len(gaps) == 5
    assert gaps[1].values[0] == values[0, 1].sum()
    assert pictures._gaps(Reading(small), 3)[1].values[0] == values[0, 1, :, 2].sum()


def test_missing_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "lis1plan.explore.page", None)
    done = CliRunner().invoke(main, ["explore", "some.nc"])
    assert done.exit_code == 2
    assert "pip install '.[explore]'" in done.output


@pytest.mark.parametrize("origin", ["*", "http://localhost:9000", "a/b", "", "a b", "x:123456"])
def test_an_origin_is_a_host_and_a_port(origin: str, tmp_path: Path) -> None:
    """What would let everybody in, or nobody, is refused before any work."""
    asked = ["explore", str(tmp_path / "some.nc"), "--allow-origin", origin]
    with pytest.raises(InputError, match="name the host and port"):
        explore.named_origin(origin)
    (tmp_path / "some.nc").write_bytes(b"")
    assert CliRunner().invoke(main, asked).exit_code == 2


def test_a_page_asked_for_makes_no_picture_and_projects_nothing(
    result: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All it shows first is there before it is served; sliders follow when it is there."""
    with explore.serving([("made up", result)]) as server:
        (page,) = [each for path, each in server._tornado._applications.items() if path == "/"]
        begun: list[Callable[[], None]] = []
        monkeypatch.setattr(explore.pn.state, "onload", begun.append)
        for room, slow in ((trials, "outlook"), (trials, "svg"), (pictures, "svg")):
            monkeypatch.setattr(room, slow, None)
        document = page.application.create_document()
        sliders = [m for m in document.models if type(m).__name__ == "IntSlider"]
        assert sliders == []
        assert len(begun) == 1


async def _status(port: int, **headers: str) -> int:
    from tornado.httpclient import AsyncHTTPClient, HTTPRequest

    asked = HTTPRequest(f"http://127.0.0.1:{port}/", headers=headers)
    return int((await AsyncHTTPClient().fetch(asked, raise_error=False)).code)


_DRAWN = f"{DEEP}.filter(e => e.localName === 'path').map(e => e.getAttribute('d')).join()"


async def _tried(tab: Tab, port: int) -> None:
    """Move the first slider by keyboard; the sum of posts follows."""
    await tab.visit(f"http://127.0.0.1:{port}/")
    await tab.until(f"{DEEP}.some(e => e.textContent.includes('230 new posts'))")
    await tab.until(f"{DEEP}.some(e => e.classList.contains('noUi-handle'))")
    await tab.evaluate(f"{DEEP}.find(e => e.classList.contains('noUi-handle')).focus()")
    before = await tab.evaluate(_DRAWN)
    assert before
    await tab.press("ArrowRight")
    await tab.until(f"{DEEP}.some(e => e.textContent.includes('231 new posts'))")
    await tab.until(f"{_DRAWN} !== {before!r}")


async def _drive(result: xr.Dataset, program: str) -> list[str]:
    with explore.serving([("made up", result)], origins=["Tunnel.example:9000"]) as server:
        server.start()
        port = server.port
        assert await _status(port) == 200
        assert await _status(port, Host=f"localhost:{port}") == 200
        assert await _status(port, Host="elsewhere.example") == 403
        assert await _status(port, Host=f"elsewhere.example:{port}") == 403
        assert await _status(port, Origin="http://elsewhere.example") == 403
        assert await _status(port, Host="tunnel.example:9000") == 200
        through = {"Host": "tunnel.example:9000", "Origin": "https://tunnel.example:9000"}
        assert await _status(port, **through) == 200
        assert await _status(port, Host="tunnel.example:9001") == 403
        async with browser(program) as tab:
            await _tried(tab, port)
            here = (f"http://127.0.0.1:{port}/", f"ws://127.0.0.1:{port}/", "data:", "blob:")
            return [url for url in tab.requests if not url.startswith(here)]


@pytest.mark.tools
def test_explorer_in_a_browser(result: xr.Dataset, tool: Callable[[str], str]) -> None:
    """A slider moves the outcome; nothing is asked of the network; foreign hosts are refused."""
    assert asyncio.run(_drive(result, tool("chromium"))) == []
