"""The report: whole, in two languages, asking the network for nothing, true to the result."""

from __future__ import annotations

import asyncio
import html
import io
import re
import string
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from rich.console import Console

from lis1plan.configs.loader import load_study
from lis1plan.report.html import render_report, write_report
from lis1plan.report.reading import Reading
from lis1plan.report.source_sections import value_in_words
from lis1plan.report.terminal import plan_table, risk_table
from lis1plan.report.words import LANGUAGES, Words, read_texts

from .browser import browser
from .synthetic_result import TOTALS, synthetic_result, synthetic_study

HOSTILE = "</title><script>alert(1)</script><img src=x onerror=alert(2)> {{ 7*7 }} {total} &amp;"


@pytest.fixture(scope="module")
def result() -> xr.Dataset:
    return synthetic_result()


@pytest.fixture(scope="module")
def page(result: xr.Dataset) -> str:
    return render_report(result)


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_texts() -> None:
    english, norwegian = (read_texts(language) for language in LANGUAGES)
    assert list(english) == list(norwegian)
    for key, text in english.items():
        assert _placeholders(text) == _placeholders(norwegian[key]), key


def test_names_of_the_study_are_norwegian() -> None:
    study, words = load_study("norway-2019"), Words("nb")
    names = [study.title, *(x.name for x in study.demand.alternatives)]
    names += [x.name for x in [*study.comparison.values(), *study.capacity.values()]]
    names += [x.assumption for x in study.demand.weights]
    assert [name for name in names if words.name(name) == name] == []


class _Outside(HTMLParser):
    """Collects what a page would fetch, and tags that open and close."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.tags: list[str] = []
        self.languages: list[str] = []
        self.missing: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        for name in ("src", "href", "srcset", "action", "data", "poster"):
            if name in given and not str(given[name]).startswith("#"):
                self.fetched.append(f"{tag} {name}={given[name]}")
        if tag == "main":
            self.languages.append(str(given["lang"]))
        if given.get("role") == "img" and not given.get("aria-label"):
            self.missing.append("a chart without words in its stead")
        if tag == "th" and given.get("scope") not in {"col", "row"}:
            self.missing.append("a table heading without scope")


def _parsed(page: str) -> _Outside:
    parser = _Outside()
    parser.feed(page)
    return parser


def test_page_fetches_nothing(page: str) -> None:
    assert _parsed(page).fetched == []
    without_script = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert "http://" not in without_script
    assert "https://" not in without_script


def test_policy_forbids_requests_and_eval(page: str) -> None:
    policy = html.unescape(
        re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[0]
    )
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert re.fullmatch(r"('sha256-[A-Za-z0-9+/]{43}='\s?){2}", rules["script-src"])
    assert set(rules) == {
        "default-src", "script-src", "style-src", "img-src", "base-uri", "form-action"
    }  # fmt: skip
    assert page.index("Content-Security-Policy") < page.index("<style")


def test_page_is_small_and_whole(page: str) -> None:
    parsed = _parsed(page)
    assert len(page.encode()) < 2_000_000
    assert parsed.languages == list(LANGUAGES)
    assert parsed.missing == []
    assert {"h1", "h2", "h3", "figcaption", "caption", "details"} <= set(parsed.tags)
    assert page.rstrip().endswith("</html>")


def test_hostile_names_stay_text() -> None:
    study = synthetic_study()
    region = next(iter(study.regions.values())).model_copy(update={"name": HOSTILE})
    hostile = study.model_copy(
        update={"title": HOSTILE, "regions": study.regions | {next(iter(study.regions)): region}}
    )
    page = render_report(synthetic_result(hostile))
    assert "<script>alert" not in page
    assert "img" not in _parsed(page).tags
    assert html.escape(HOSTILE).replace("&#x27;", "&#39;") in page
    assert _parsed(page).tags.count("script") == 3


def test_page_tells_the_numbers_of_the_plan(result: xr.Dataset, page: str) -> None:
    english, norwegian = page.split("<main")[1:3]
    total, cost = sum(TOTALS), float(result["plan_cost"][0]) / 1e9
    assert f"opens {total} new posts" in english
    assert f"oppretter {total} nye stillinger" in norwegian
    assert f"NOK {cost:.2f} billion" in english
    assert f"{cost:.2f} milliarder kroner".replace(".", ",") in norwegian
    fresh = 100 * float(result["risk_fresh"][0, 0])
    assert f"{fresh:.2f}%" in english
    assert f"{fresh:.2f}\u00a0%".replace(".", ",") in norwegian
    slots = result["slots"].isel(plan=0)
    year = slots[slots.sum("region").argmax("time")]
    cells = "".join(f'<td class="number">{int(n)}</td>' for n in year.values)
    assert cells in english
    assert cells in norwegian
    assert "NaN" not in re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)


@pytest.mark.parametrize(("regions", "infeasible"), [(1, 0), (2, 7), (6, 2)])
def test_other_sizes(regions: int, infeasible: int) -> None:
    result = synthetic_result(synthetic_study(regions), infeasible)
    page = render_report(result)
    assert len(page.encode()) < 2_500_000
    rows = page.split('id="en-table-frontier-')[1].split("</table>")[0]
    assert rows.count("no plan can") == infeasible


def test_plan_without_slots_and_uncertain_bound() -> None:
    result = synthetic_result()
    result["slots"][:] = 0.0
    result["risk_binding"][:] = 0
    result.attrs["bound_certified"] = "false"
    result.attrs["solution_status"] = "time_limit"
    page = render_report(result)
    assert "No new posts are needed" in page
    assert "No limit binds" in page
    assert "could not be certified" in page
    assert "stopped before it was done (time limit)" in page


def test_absolute_limit_is_told_in_persons() -> None:
    study = synthetic_study()
    limit = study.risk["national"].model_copy(update={"measure": "absolute", "limit": 2500.0})
    page = render_report(synthetic_result(study.model_copy(update={"risk": {"national": limit}})))
    assert "the shortfall of specialists in FTE" in page
    assert "2,500 is allowed" in page


def test_names_as_read_from_a_file(result: xr.Dataset, page: str) -> None:
    """Names come back as objects: the page is the same."""
    read = result.copy()
    for name in read.variables:
        if read[name].dtype.kind == "U":
            read[name] = read[name].astype(object)
    assert render_report(read) == page


def test_report_is_written_whole_or_not_at_all(
    tmp_path: Path, result: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.html"
    assert write_report(result, path) == path
    first = path.read_bytes()
    monkeypatch.setattr("os.fsync", _disk_full)
    with pytest.raises(OSError, match="no space"):
        write_report(result, path)
    assert path.read_bytes() == first
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


def _disk_full(_: int) -> None:
    raise OSError("no space left")


def test_numbers_of_each_language() -> None:
    english, norwegian = Words("en"), Words("nb")
    assert english.number(-1234567.891, 2) == "−1,234,567.89"
    assert norwegian.number(-1234567.891, 2) == "−1\u202f234\u202f567,89"
    assert english.number(-0.001) == "0"
    assert english.percent(float("nan")) == "–"
    assert norwegian.percent(0.125) == "12,5\u00a0%"
    assert norwegian.compact(0.005) == "0,005"
    assert english.listed(["a"]) == "a"
    assert norwegian.listed(["a", "b", "c"]) == "a, b og c"


def test_every_figure_of_the_study_has_words() -> None:
    study = load_study("norway-2019")
    for language in LANGUAGES:
        for key, figure in study.figures():
            if hasattr(figure, "central"):
                words = value_in_words(figure, Words(language))  # type: ignore[arg-type]
                assert words, key
                assert "None" not in words, key


def _printed(*tables: object) -> str:
    console = Console(width=140, record=True, file=io.StringIO())
    for table in tables:
        console.print(table)
    return console.export_text()


def test_terminal_tables(result: xr.Dataset) -> None:
    text = _printed(plan_table(result), risk_table(result))
    assert "Helse Sør-Øst" in text
    assert str(sum(TOTALS)) in text
    years = [line for line in text.splitlines() if re.match(r"^│ 20\d\d ", line)]
    assert len(years) == len(TOTALS)
    assert f"{100 * float(result['risk_fresh'][0, 0]):.2f}%" in text


def test_what_binds_is_found_from_the_arrays(result: xr.Dataset) -> None:
    tight = result.copy(deep=True)
    need = tight["supervision_need"].isel(plan=0)
    at = {"time": int(np.flatnonzero(tight["year"] == 2021)[0]), "capacity": 1, "region": 2}
    tight["supervision_capacity"][at] = need[at] + 1.0
    assert Reading(tight).full_capacities == [(1, 2, 2021)]
    assert Reading(result).full_capacities == []


def _charts(result: xr.Dataset) -> int:
    regions, limits = result.sizes["region"], result.sizes["capacity"]
    return 1 + 2 * (1 + regions) + 2 + 1 + limits * regions + (1 + regions)


def _paths(region: str) -> str:
    return (
        f"[...document.querySelectorAll('{region} .chart svg path')]"
        ".map(p => p.getAttribute('d')).join()"
    )


async def _drive(program: str, path: Path, result: xr.Dataset) -> list[str]:
    problems: list[str] = []
    async with browser(program) as tab:
        await tab.open(path, width=1280, anchor="en")
        drawn = await tab.evaluate("document.querySelectorAll('main#en .chart svg').length")
        problems += [f"{drawn} charts"] if drawn != _charts(result) else []
        before = await tab.evaluate(_paths("#en-frontier-figure"))
        await tab.evaluate(
            "(() => { const s = document.getElementById('en-frontier-slider');"
            " s.value = Number(s.value) ? 0 : s.max; s.dispatchEvent(new Event('input')); })()"
        )
        await tab.until(f"{_paths('#en-frontier-figure')} !== {before!r}")
        await tab.evaluate("document.querySelector('[data-language=nb]').click()")
        await tab.until(f"document.documentElement.dataset.drawn == {2 * drawn}")
        shown = await tab.evaluate(
            "[document.documentElement.lang, document.getElementById('en').hidden,"
            " document.getElementById('nb').hidden, document.title]"
        )
        problems += [] if shown[:3] == ["nb", True, False] else [str(shown)]
        problems += [] if shown[3].startswith("LIS1-stillinger") else [str(shown)]
        await tab.open(path, width=400, anchor="nb")
        wide = await tab.evaluate("document.documentElement.scrollWidth")
        problems += [f"{wide} pixels wide on a screen of 400"] if wide > 400 else []
        outside = [url for url in tab.requests if not url.startswith(("file:", "data:"))]
        problems += outside + tab.complaints
    return problems


@pytest.mark.tools
def test_page_in_a_browser(tmp_path: Path, result: xr.Dataset, tool: Callable[[str], str]) -> None:
    """Charts drawn, slider and languages work, nothing asked for, nothing complained about."""
    path = write_report(result, tmp_path / "report.html")
    assert asyncio.run(_drive(tool("chromium"), path, result)) == []
