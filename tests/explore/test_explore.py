"""The explorer: plans tried by hand are judged as the optimiser judges, for this machine alone."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse

from lis1plan.cli import main
from lis1plan.configs.loader import load_study
from lis1plan.configs.plan_file import plan_in
from lis1plan.core.compute.place import silent
from lis1plan.core.compute.workers import local_workers
from lis1plan.core.errors import InputError
from lis1plan.core.system.posts import levels
from lis1plan.explore import page as explore
from lis1plan.explore.desk import Desk
from lis1plan.explore.figures import difference, money
from lis1plan.explore.handlers import ASSETS, COLOURS, MOST_BYTES, POLICY
from lis1plan.explore.supply import SHARES, Outlook
from lis1plan.jobs.options import ProjectOptions
from lis1plan.jobs.project import projected
from lis1plan.jobs.request import PLAN, JobRequest
from lis1plan.report import look
from lis1plan.report.reading import Reading
from lis1plan.report.texts.calendar import spans
from lis1plan.report.texts.words import LANGUAGES, Words, read_texts

from ..helpers.browser import Tab, browser
from ..helpers.reviewed import study_of, twice
from ..helpers.synthetic_result import synthetic_result, synthetic_study

WORDS = Words("en")
ROOT = Path(explore.__file__).parent / "assets"


@pytest.fixture(scope="module")
def result() -> xr.Dataset:
    sampling = json.loads(load_study("norway-2019").canonical_text)["sampling"]
    return synthetic_result(synthetic_study(sampling=sampling | {"scenarios": 128}))


@pytest.fixture(scope="module")
def desk(result: xr.Dataset) -> Iterator[Desk]:
    with local_workers(1) as workers:
        made = Desk("made up.nc", Reading(result), "en", workers)
        made.prepare(silent)
        yield made


def asked(a: Any, b: Any = None, **more: int) -> dict[str, Any]:
    """A question of the page: plan A, beside B or no new posts."""
    b = np.zeros(np.shape(a)) if b is None else b
    return {"a": {"plan": np.array(a).tolist()}, "b": {"plan": np.array(b).tolist()}} | more


def none_of(desk: Desk) -> Any:
    return desk.system.no_slots


def test_a_plan_tried_by_hand_is_judged_as_the_optimiser_judges(desk: Desk) -> None:
    many = none_of(desk)
    many[:, 0] = 100.0
    said = desk.answer(asked(many))
    study = desk.first_scene.oracle.study
    risk = desk.first_scene.oracle.risk(levels(study, many))
    before = desk.first_scene.oracle.risk(levels(study, none_of(desk)))
    for n, (row, limit) in enumerate(zip(said["limits"], study.risk.values(), strict=True)):
        assert row[0].startswith(limit.name)
        shown = [WORDS.percent(x, 1) for x in (limit.at_most, risk[n], before[n])]
        assert row[1:] == [*shown, WORDS.yes(risk[n] <= limit.at_most)]
    assert said["comparison"][0] == ["New LIS1 posts", "400", "0", "+400"]
    cost = desk.system.prices.plan(many)
    assert said["cards"][0]["number"] == money(cost, WORDS)[0]


def test_cells_beyond_capacity_are_those_of_the_system(desk: Desk) -> None:
    """A region and year is marked where any capacity does not suffice, years without posts too."""
    many = none_of(desk)
    many[1, 1] = 90.0
    said, system = desk.answer(asked(many)), desk.system
    level = system.levels(many)
    over = (system.need(level) > system.capacity * (1 + 1e-6)).any(axis=0)[:, system.first :]
    assert np.array(said["cells"]["over"]).tolist() == over.tolist()
    assert over[1, 2]
    assert not many[1, 2]
    assert said["cards"][3]["number"] == str(int(over.sum()))
    assert said["warning"]["broken"]
    assert "exceeds capacity in Helse Midt-Norge, most in Helse Midt-Norge" in " ".join(
        said["warning"]["lines"]
    )
    year = system.decision_years[1]
    assert f"slots {year}" in said["cells"]["sums"]  # the pace, too
    kept = desk.answer(asked(none_of(desk)))
    assert not np.array(kept["cells"]["over"]).any()
    assert kept["cells"]["sums"] == {}


def test_what_follows_is_what_project_says(desk: Desk) -> None:
    """Every place has the quantiles of its projection; shortage and unmet need are its own."""
    study = desk.first_scene.oracle.study
    slots = none_of(desk)
    slots[1, 0] = 20.0
    options = ProjectOptions(ensemble=True)
    whole = projected(JobRequest(study, options, {PLAN: slots}), 1, silent)
    for place in range(1 + len(study.regions)):
        where = slice(None) if place == 0 else slice(place - 1, place)
        chart = desk.answer(asked(slots, place=place))["chart"]
        for name, drawn in (("demand", chart["need"]), ("supply", chart["supply"])):
            there = whole[f"ensemble_{name}"].isel(region=where).sum(("specialty", "region"))
            wanted = there.astype(float).quantile(SHARES, "realization")
            wanted = wanted.transpose("quantile", "time").values
            assert np.allclose(drawn, wanted, atol=0.6)
    gap = (whole["ensemble_demand"] - whole["ensemble_supply"]).astype(float)
    gap = gap.sum(("specialty", "region")).isel(time=study.time.window[1] - study.time.first_year)
    cards = desk.answer(asked(slots))["cards"]
    assert cards[1]["number"] == WORDS.number(100.0 * float((gap > 0).mean()))
    assert cards[2]["number"] == WORDS.about(float(gap.clip(0).mean()))


def test_cards_say_what_plan_b_makes_different(desk: Desk) -> None:
    some, none = none_of(desk), none_of(desk)
    some[0, 0] = 30.0
    dearer, cheaper = (
        desk.answer(asked(*pair))["cards"][0] for pair in ((some, none), (none, some))
    )
    assert dearer["delta"].endswith(" dearer")
    assert cheaper["delta"].endswith(" cheaper")
    same = desk.answer(asked(some, some))
    assert [card["delta"] for card in same["cards"][:3]] == ["", "", ""]
    assert {row[3] for row in same["comparison"]} <= {"0", "0.0"}
    assert "in 2040" in same["chart"]["said"]


@pytest.fixture(scope="module")
def reviewed_desk() -> Iterator[Desk]:
    said = {"study_json": study_of(2, 2028, 2030).canonical_text, "result_kind": "run"}
    with local_workers(1) as workers:
        made = Desk("reviewed.nc", Reading(twice().assign_attrs(said)), "en", workers)
        made.prepare(silent)
        yield made


def test_branches_are_presets_judged_in_their_own_futures(reviewed_desk: Desk) -> None:
    """Each has the plan and the risk that the run says of it; the limits are asked of all."""
    start, run = reviewed_desk.start(), twice()
    branches = [each for each in start["presets"] if each["futures"]]
    assert [each["futures"] for each in branches] == [1, 2, 3, 4]
    assert len(start["futures"]) == 5
    first = study_of(2, 2028).first
    for preset in branches:
        b = preset["futures"] - 1
        plan = np.array(preset["plan"])
        decided = slice(first, first + plan.shape[1])
        assert (plan == run["branch_slots"].values[decided, b].T).all()
        answer = reviewed_desk.answer(asked(plan, futures=preset["futures"]))
        for row, risk in zip(answer["limits"], run["branch_risk"].values[b], strict=True):
            assert row[2] == WORDS.percent(float(risk), 1)
            assert row[4] == "–"
        assert not any("risk limit" in line for line in answer["warning"]["lines"])


def test_the_same_plan_is_judged_anew_in_other_futures(reviewed_desk: Desk) -> None:
    none = none_of(reviewed_desk)
    inside, every = (reviewed_desk.answer(asked(none, futures=n)) for n in (4, 0))
    assert inside["limits"][0][2] != every["limits"][0][2]
    with pytest.raises(InputError, match="futures: allowed: 0 to 4"):
        reviewed_desk.answer(asked(none, futures=5))


def test_without_reviews_there_are_no_futures_to_choose(desk: Desk) -> None:
    start = desk.start()
    assert start["futures"] == []
    assert {preset["futures"] for preset in start["presets"]} == {0}


def test_an_unchanged_plan_is_not_worked_out_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = desk.answer(asked(none_of(desk)))
    monkeypatch.setattr("lis1plan.explore.verdict.outlook", None)
    assert desk.answer(asked(none_of(desk))) == first


def test_presets_are_the_plans_of_the_result(desk: Desk, result: xr.Dataset) -> None:
    presets = desk.start()["presets"]
    assert [each["key"] for each in presets][: result.sizes["plan"]] == result[
        "plan_id"
    ].values.tolist()
    chosen = np.array(presets[0]["plan"])
    decided = slice(desk.system.first, desk.system.first + chosen.shape[1])
    assert (chosen == np.round(result["slots"].isel(plan=0).values[decided].T)).all()
    assert {each["key"] for each in presets} >= {"none", *desk.reading.study.comparison}


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ([], "expected a question"),
        ({}, "expected a plan"),
        (asked([[1.0]]), "plan: expected 4 rows of 16 numbers"),
        ({"a": {"plan": "many"}, "b": {}}, "plan: expected 4 rows"),
        (asked(np.full((4, 16), 1e9)), "plan: expected numbers from -1,000,000"),
        ({"a": {"plan": [[10**400]]}, "b": {}}, "plan: expected 4 rows"),
        (asked(np.zeros((4, 16)), place=9), "place: allowed: 0 to 4"),
        (asked(np.zeros((4, 16)), group=True), "group: allowed: 0 to 2"),
        (
            {"a": {"plan": np.zeros((4, 16)).tolist(), "units": {"nothing": 1}}},
            "unknown measure 'nothing'",
        ),
    ],
)
def test_what_is_no_question_is_refused(desk: Desk, question: Any, said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        desk.answer(question)


def test_a_plan_saved_is_read_again(desk: Desk) -> None:
    plan = none_of(desk)
    plan[0, 0], plan[3, 15] = 7.0, 11.0
    text = desk.csv({"plan": plan.tolist()})
    assert text.splitlines()[0] == "year,region,slots"
    assert len(text.splitlines()) == 3
    assert (plan_in(Path("plan.csv"), text.encode(), desk.reading.study).slots == plan).all()
    assert desk.opened("plan.csv", text.encode()) == plan.tolist()
    assert (
        desk.opened("plan.csv", desk.csv({"plan": none_of(desk).tolist()}).encode())
        == none_of(desk).tolist()
    )
    with pytest.raises(InputError, match=r"plan\.csv:2: region 'west'"):
        desk.opened("plan.csv", b"year,region,slots\n2020,west,3\n")
    plan[0, 0] = 0.5
    with pytest.raises(InputError, match="whole numbers alone"):
        desk.csv({"plan": plan.tolist()})


def test_weighted_scenarios_weigh_in_band_and_shortage() -> None:
    supply = np.arange(5.0, dtype=np.float32)[:, None, None, None] * np.ones((5, 3, 1, 1), "f4")
    weight = np.array([0.1, 0.1, 4.6, 0.1, 0.1])
    band = Outlook(supply, supply, weight, {}).band(supply, (0, 0))
    assert band.tolist() == [[2.0] * len(SHARES)] * 3
    chance, unmet = Outlook(supply, 0 * supply + 2.5, weight, {}).shortage(0)
    assert chance == pytest.approx(4.8 / 5)
    assert unmet == pytest.approx((0.1 * 2.5 + 0.1 * 1.5 + 4.6 * 0.5) / 5)


def test_figures_have_as_many_digits_as_they_are_worth() -> None:
    assert money(3.68e9, Words("nb")) == ("3,7", "mrd. kr")
    assert money(12.3e9, Words("nb")) == ("12", "mrd. kr")
    assert money(464.6e6, Words("nb")) == ("465", "mill. kr")
    assert money(999.7e6, Words("nb")) == ("1,0", "mrd. kr")
    assert difference(9.94, 12.46, 1, Words("nb")) == "−2,6"
    assert difference(2.4, 2.2, 0, WORDS) == "0"
    assert spans([2020, 2021, 2022, 2025]) == "2020–2022, 2025"


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_of_the_page_are_those_there_are(language: str) -> None:
    """Scripts and page name no text that is missing, and no text is told by nobody."""
    page = "\n".join(file.read_text("utf-8") for file in ROOT.iterdir())
    whole = "\n".join([page, *(file.read_text("utf-8") for file in ROOT.parent.glob("*.py"))])
    there = {key for key in read_texts(language) if key.startswith("desk.")}
    named = {f"desk.{key}" for key in re.findall(r"\b(?:say|texts)\.(\w+)", page)}
    assert named <= there
    made = r"desk\.(family_|points_|fte_|paste_)"
    told = set(re.findall(r"\"(desk\.\w+)\"", whole)) | named
    assert {key for key in there - told if not re.match(made, key)} == set()


def test_colours_are_those_of_the_report() -> None:
    """No file names a colour of its own, and every name of one is in the report's table."""
    for file in ROOT.iterdir():
        text = file.read_text("utf-8")
        assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?!\w)", text) == []
        named = set(re.findall(r"var\(--([a-z-]+)\)", text))
        assert named <= {*look.COLOURS, "sans", "serif", "half", "outer", "supply-band"}


@pytest.mark.parametrize("origin", ["*", "http://localhost:9000", "a/b", "", "a b", "x:123456"])
def test_an_origin_is_a_host_and_a_port(origin: str, tmp_path: Path) -> None:
    """What would let everybody in, or nobody, is refused before any work."""
    given = ["explore", str(tmp_path / "some.nc"), "--allow-origin", origin]
    with pytest.raises(InputError, match="name the host and port"):
        explore.named_origin(origin)
    (tmp_path / "some.nc").write_bytes(b"")
    assert CliRunner().invoke(main, given).exit_code == 2


async def _got(port: int, path: str = "", body: str | None = None, **headers: str) -> HTTPResponse:
    request = HTTPRequest(
        f"http://127.0.0.1:{port}/{path}",
        method="GET" if body is None else "POST",
        body=body,
        headers=headers,
    )
    return await AsyncHTTPClient().fetch(request, raise_error=False)


async def _served(result: xr.Dataset) -> None:
    how = explore.How(origins=["Tunnel.example:9000"])
    with explore.serving([("made up.nc", result), ("other.nc", result)], how) as page:
        page.start()
        port = page.port
        for path in ("", "start.json?result=1", COLOURS, *ASSETS):
            found = await _got(port, path)
            assert found.code == 200, path
            assert found.headers["Content-Security-Policy"] == POLICY
        statuses = [
            ({"Host": f"localhost:{port}"}, 200),
            ({"Host": "elsewhere.example"}, 403),
            ({"Host": f"elsewhere.example:{port}"}, 403),
            ({"Origin": "http://elsewhere.example"}, 403),
            ({"Host": "tunnel.example:9000", "Origin": "https://tunnel.example:9000"}, 200),
            ({"Host": "tunnel.example:9001"}, 403),
        ]
        for headers, status in statuses:
            assert (await _got(port, **headers)).code == status, headers
            assert (await _got(port, "answer", "{}", **headers)).code == (
                400 if status == 200 else 403
            )
        numbers = ("2", "-1", "x", "00", "9" * 5_000)
        for path in (*(f"?result={each}" for each in numbers), "nothing.js", "../page.py"):
            assert (await _got(port, path)).code == 404, path
        for body in ("{", "[" * 200_000):
            assert (await _got(port, "answer", body)).code == 400
        for length, read in ((MOST_BYTES, True), (MOST_BYTES + 1, False)):
            found = await _got(port, "answer", '"' + "x" * (length - 2) + '"')
            assert (found.code, b"expected a question" in found.body) == (400, read)
        refused = await _got(port, "answer", "[]")
        assert json.loads(refused.body)["problems"][0].startswith("expected a question")


def test_the_page_is_served_to_this_machine_alone(result: xr.Dataset) -> None:
    asyncio.run(_served(result))


def test_a_page_asked_for_works_nothing_out(
    result: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All it shows first is there before it is served."""

    async def got(port: int) -> Any:
        return json.loads((await _got(port, "start.json")).body)

    async def begun() -> Any:
        with explore.serving([("made up.nc", result)]) as page:
            monkeypatch.setattr("lis1plan.explore.verdict.outlook", None)
            monkeypatch.setattr(Desk, "start", None)
            page.start()
            assert (await _got(page.port)).code == 200
            return await got(page.port)

    start = asyncio.run(begun())
    assert start["answer"]["cards"][0]["title"].startswith("Cost, present value (230")
    assert start["presets"][0]["key"] == "chosen"


_CELL = "document.querySelectorAll('#grid input')[{n}]"
_STEADY = "document.getElementById('status').textContent === 'up to date'"
_VALUES = "[...document.querySelectorAll('#grid input')].map(e => Number(e.value))"
_CARD = "document.querySelectorAll('.cards .number')[0].textContent"


async def _typed(tab: Tab) -> None:
    """Reach the grid by Tab, type, and move on: numbers, sums and cards follow."""
    before = await tab.evaluate(_VALUES)
    card = await tab.evaluate(_CARD)
    for _ in range(30):
        await tab.press("Tab")
        if await tab.evaluate("document.activeElement === " + _CELL.format(n=0)):
            break
    await tab.press("9", "9", "7", "ArrowRight", "Delete", "Enter", "5", "Escape", "x", "Tab")
    await tab.until(_STEADY)
    values = await tab.evaluate(_VALUES)
    assert values[:2] == [997, 0]
    assert values[2:] == before[2:]
    note = await tab.evaluate("document.getElementById('note').textContent")
    assert "“x” is not a whole number from 0" in note
    await tab.until(f"{_CARD} !== {card!r}")
    assert await tab.evaluate(_CELL.format(n=0) + ".parentElement.className") == "changed over"
    for _ in range(2):
        await tab.press("Control+z")
    assert await tab.evaluate(_VALUES) == before
    await tab.press("Control+y")
    assert (await tab.evaluate(_VALUES))[0] == 997
    await tab.until(_STEADY)


async def _pasted(tab: Tab) -> None:
    """Paste with headings and without: one step each; what does not fit changes nothing."""
    begun = await tab.evaluate(_VALUES)
    paste = """((text) => { const data = new DataTransfer(); data.setData('text/plain', text);
      document.activeElement.dispatchEvent(new ClipboardEvent('paste',
        {clipboardData: data, bubbles: true, cancelable: true})); })"""
    await tab.evaluate(_CELL.format(n=8) + ".focus()")
    headed = "Year\tNord\tHelse Vest\tSum\n2021\t3\t4\t7\n2023\t5\t\t5\nSum\t8\t4\t12"
    await tab.evaluate(f"{paste}({json.dumps(headed)})")
    values = await tab.evaluate(_VALUES)
    assert (values[4], values[6], values[12], values[14]) == (3, 4, 5, 0)
    await tab.press("Control+z")
    assert await tab.evaluate(_VALUES) == begun
    await tab.evaluate(f"{paste}('1;2\\n3;4')")
    assert (await tab.evaluate(_VALUES))[8:14] == [1, 2, *begun[10:12], 3, 4]
    kept = await tab.evaluate(_VALUES)
    for bad in ("1\t2\t3\t4\t5", "1\t2,5", "none"):
        await tab.evaluate(f"{paste}({json.dumps(bad)})")
        assert await tab.evaluate(_VALUES) == kept
        assert await tab.evaluate("document.getElementById('note').className") == "note bad"
    await tab.until(_STEADY)


async def _compared(tab: Tab) -> None:
    """Keep plan A as B: nothing differs; then a number, and it does."""
    await tab.evaluate("document.getElementById('keep').focus()")
    await tab.press("Enter")
    rows = "[...document.querySelectorAll('#both tbody tr')].map(e => e.lastChild.textContent)"
    await tab.until(f"{_STEADY} && {rows}.every(each => Number(each) === 0)")
    await tab.evaluate(_CELL.format(n=0) + ".focus()")
    await tab.press("9", "9", "9", "Enter")
    await tab.until(f"{_STEADY} && {rows}[0] === '+2'")


async def _saved(tab: Tab, folder: Path) -> str:
    """Save by keyboard, and return the file."""
    await tab.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    await tab.evaluate("document.getElementById('save').focus()")
    await tab.press("Enter")
    await tab.until("document.getElementById('status').textContent === 'saved'")
    for _ in range(100):
        if (folder / "plan.csv").exists():
            break
        await asyncio.sleep(0.1)
    return (folder / "plan.csv").read_text("utf-8")


async def _looked_at(tab: Tab, folder: Path) -> None:
    """Read the chart year by year by keyboard, and take it along in three forms."""
    await tab.evaluate("document.querySelector('svg.fan').focus()")
    await tab.press("ArrowLeft")
    tip = await tab.evaluate("document.querySelector('.tip').innerText")
    assert re.match(r"2039\s+Need \d", tip)
    await tab.evaluate("document.getElementById('paths').click()")
    assert await tab.evaluate("document.querySelectorAll('.fan .path').length") == 40
    await tab.evaluate("document.getElementById('paths').click()")
    begins = {"svg": b"<svg", "png": b"\x89PNG", "csv": b"\xef\xbb\xbfYear,Need"}
    for kind, first in begins.items():
        await tab.evaluate(f"document.querySelector('[data-take={kind}]').focus()")
        await tab.press("Enter")
        file = folder / f"chart.{kind}"
        for _ in range(100):
            if file.exists():
                break
            await asyncio.sleep(0.1)
        assert file.read_bytes().startswith(first)
    assert "var(" not in (folder / "chart.svg").read_text("utf-8")


async def _drive(result: xr.Dataset, program: str, folder: Path) -> None:
    with explore.serving([("made up", result)]) as page:
        page.start()
        async with browser(program) as tab:
            await tab.visit(page.address)
            await tab.until("document.documentElement?.dataset.ready")
            await tab.focused()
            await _typed(tab)
            await _pasted(tab)
            await _compared(tab)
            text = await _saved(tab, folder)
            await _looked_at(tab, folder)
            slots = plan_in(Path("plan.csv"), text.encode(), Reading(result).study).slots
            assert slots.T.ravel().tolist() == await tab.evaluate(_VALUES)
            chart = "document.querySelector('svg.fan')"
            alone = await tab.evaluate(f"{chart}.querySelector('desc').textContent")
            assert re.search(r"in 2040 need is \d", alone)
            for width in (1280, 400):
                size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
                await tab.send("Emulation.setDeviceMetricsOverride", **size)
                await tab.until(f"{chart}.viewBox.baseVal.width <= {width}")
                wide = await tab.evaluate("document.documentElement.scrollWidth")
                assert wide == width
            here = (page.address, "data:", f"blob:{page.address}")
            assert [url for url in tab.requests if not url.startswith(here)] == []
            assert tab.complaints == []


@pytest.mark.tools
def test_the_desk_by_keyboard_alone(
    result: xr.Dataset, tool: Callable[[str], str], tmp_path: Path
) -> None:
    """Edit, refuse, undo, paste, compare and save; nothing is asked of any other machine."""
    asyncio.run(_drive(result, tool("chromium"), tmp_path))


async def _followed(program: str) -> None:
    """Choose a branch, undo, and look at other futures: the page says in which ones it judges."""
    said = {"study_json": study_of(2, 2028, 2030).canonical_text, "result_kind": "run"}
    futures = "document.getElementById('futures')"
    with explore.serving([("reviewed", twice().assign_attrs(said))]) as page:
        page.start()
        async with browser(program) as tab:
            await tab.visit(page.address)
            await tab.until("document.documentElement?.dataset.ready")
            chosen = "[...document.querySelectorAll('#preset option')]"
            number = await tab.evaluate(
                f"{chosen}.find(e => /^Branch 4/.test(e.textContent)).value"
            )
            change = "dispatchEvent(new Event('change', {bubbles: true}))"
            preset = f"document.getElementById('preset').value = {number!r}"
            await tab.evaluate(f"{preset}; document.getElementById('preset').{change}")
            assert await tab.evaluate(f"{futures}.value") == "4"
            assert "2028 saw above" in await tab.evaluate(f"{futures}.selectedOptions[0].text")
            warning = "document.getElementById('warning').textContent"
            await tab.until(f"{_STEADY} && /not of those of a branch/.test({warning})")
            await tab.evaluate(f"{futures}.value = '0'; {futures}.{change}")
            await tab.until(f"{_STEADY} && !/not of those of a branch/.test({warning})")
            await tab.press("Control+z", "Control+z")
            assert await tab.evaluate(f"{futures}.value") == "0"
            wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            assert await tab.evaluate(wide)
            assert tab.complaints == []


@pytest.mark.tools
def test_a_branch_is_followed_in_the_browser(tool: Callable[[str], str]) -> None:
    asyncio.run(_followed(tool("chromium")))
