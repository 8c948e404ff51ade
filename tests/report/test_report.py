"""The report: whole, in two languages, asking the network for nothing, true to the result."""

from __future__ import annotations

import asyncio
import html
import io
import json
import re
import string
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner, Result
from rich.console import Console

from lis1plan.cli import main
from lis1plan.configs.loader import load_study
from lis1plan.report.blocks import Details, Figure, Table, walked
from lis1plan.report.pages.compare import comparison_pages, write_comparison
from lis1plan.report.pages.difference import study_changes
from lis1plan.report.pages.html import render_pages, render_report, report_pages, write_report
from lis1plan.report.pages.static import write_figures
from lis1plan.report.pages.terminal import plan_table, risk_table
from lis1plan.report.reading import Reading
from lis1plan.report.sections.parts.values import value_in_words
from lis1plan.report.texts.words import LANGUAGES, Words, read_texts

from ..helpers.browser import Tab, browser
from ..helpers.synthetic_result import TOTALS, synthetic_result, synthetic_study

ROOT = Path(__file__).resolve().parents[2]
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
    """Collects what a page would fetch, and tags that close what is not open."""

    VOID = frozenset({"meta", "input", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.tags: list[str] = []
        self.languages: list[str] = []
        self.missing: list[str] = []
        self.open: list[str] = []
        self.astray: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        for name in ("src", "href", "srcset", "action", "data", "poster"):
            if name in given and not str(given[name]).startswith("#"):
                self.fetched.append(f"{tag} {name}={given[name]}")
        if given.get("class") == "page":
            self.languages.append(str(given["lang"]))
        if given.get("role") == "img" and not given.get("aria-label"):
            self.missing.append("a chart without words in its stead")
        if tag == "th" and given.get("scope") not in {"col", "row"}:
            self.missing.append("a table heading without scope")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open[-1:] == [tag]:
            self.open.pop()
        else:
            self.astray.append(f"</{tag}> inside {self.open[-3:]}, line {self.getpos()[0]}")


def plain(page: str) -> str:
    """The page without the marks of terms."""
    return re.sub(r'<span class="term"[^>]*>([^<]*)</span>', r"\1", page)


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
    english, norwegian = page.split('<div class="page"')[1:3]
    total, cost = sum(TOTALS), float(result["plan_cost"][0]) / 1e9
    assert f"{total} new LIS1 posts in" in english
    assert f"{total} nye LIS1-stillinger i" in norwegian
    assert f"NOK {cost:.2f} billion" in english
    assert f"{cost:.2f} milliarder kroner".replace(".", ",") in norwegian
    fresh = 100 * float(result["risk_fresh"][0, 0])
    assert f"{fresh:.2f}%" in english
    assert f"{fresh:.2f}\u00a0%".replace(".", ",") in norwegian
    slots = result["slots"].isel(plan=0)
    year = slots[slots.sum("region").argmax("time")]
    cells = "".join(f"<td>{int(n)}</td>" for n in year.values)
    assert cells in english
    assert cells in norwegian
    assert "NaN" not in re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)


@pytest.mark.parametrize(("regions", "infeasible"), [(1, 0), (2, 7), (6, 2)])
def test_other_sizes(regions: int, infeasible: int) -> None:
    result = synthetic_result(synthetic_study(regions), infeasible)
    page = render_report(result)
    assert len(page.encode()) < 2_500_000
    (section,) = re.findall(r'<section id="en-frontier".*?</section>', page, flags=re.DOTALL)
    assert section.count("no plan can") == infeasible


def test_plan_without_slots_and_stopped_search() -> None:
    result = synthetic_result()
    result["slots"][:] = 0.0
    result["risk_binding"][:] = 0
    result.attrs["solution_status"] = "stopped"
    page = plain(render_report(result))
    assert (_parsed(page).astray, _parsed(page).open) == ([], [])
    assert "No new LIS1 posts: the cheapest found before the search was stopped" in page
    assert "No limit binds" in page
    assert "the optimiser was stopped at a limit" in page
    assert "Optimeringen ble stanset ved en grense" in page


def test_absolute_limit_is_told_in_persons() -> None:
    study = synthetic_study()
    limit = study.risk["national"].model_copy(update={"measure": "absolute", "limit": 2500.0})
    page = plain(
        render_report(synthetic_result(study.model_copy(update={"risk": {"national": limit}})))
    )
    assert "the shortfall of specialists in FTE" in page
    assert "may be at most 2,500" in page


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
    assert Reading(tight).full_capacities == []  # more can be bought
    tight["supervision_most_bought"][at] = 0.0
    assert Reading(tight).full_capacities == [(1, 2, 2021)]
    assert Reading(result).full_capacities == []


def test_charts_are_valid_vega_lite(result: xr.Dataset) -> None:
    """Altair holds the schema; the report itself does without, for speed."""
    alt = pytest.importorskip("altair")
    seen = set()
    for figure in report_pages(result)[0].figures():
        for panel in figure.panels:
            for version in filter(None, (panel.spec, panel.narrow)):
                spec = version | {"datasets": {name: [] for name in version["datasets"]}}
                if str(spec) not in seen:
                    alt.LayerChart.from_dict(spec, validate=True)
                seen.add(str(spec))
    assert len(seen) > 5


def test_every_chart_has_words_and_a_table(result: xr.Dataset) -> None:
    for page in report_pages(result):
        for section in page.sections:
            blocks = list(walked(section.blocks))
            for figure in [block for block in blocks if isinstance(block, Figure)]:
                assert all(panel.alternative for panel in figure.panels), figure.key
                beside = [block for block in blocks if isinstance(block, Table)]
                assert figure.numbers or beside or figure.key == "plan-picture", figure.key
                if figure.selectors:
                    assert len(figure.numbers) == len(figure.stops), figure.key


def test_headings_and_landmarks(page: str) -> None:
    assert (_parsed(page).astray, _parsed(page).open) == ([], [])
    for language in page.split('<div class="page"')[1:]:
        levels = [int(n) for n in re.findall(r"<h([1-6])", language.split("</main>")[0])]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = re.findall(r' id="([^"]+)"', page.split("<script")[0])
    assert len(ids) == len(set(ids))
    named = re.findall(r'aria-labelledby="([^"]+)"| for="([^"]+)"', page.split("<script")[0])
    assert {one or other for one, other in named} <= set(ids)


def test_older_results_lack_sections_not_reports(result: xr.Dataset) -> None:
    """What a result does not hold is left out."""
    older = result.drop_dims(["constraint", "round"])
    names = [
        n for n in older.data_vars if re.match(r"plan_(regret|cheap|keeps)|.*_group_q", str(n))
    ]
    names += ["waiting_time", "newcomers_mean", "national_abroad_share"]
    names += ["replication_cost"]
    page = render_report(older.drop_vars(names))
    assert 'id="en-enough"' not in page
    assert "Cheapest with as little shortage" not in page
    assert "en-supply-choice" not in page
    assert 'id="en-flow-figure"' in page


def test_worth_of_limits_is_told(page: str) -> None:
    (section,) = re.findall(r'<section id="en-quality".*?</section>', page, flags=re.DOTALL)
    assert (
        '<th scope="row">Limit on shortage, Norway</th><td class="words">0.1 percentage point'
        in section
    )
    assert "<td>90.0</td><td>85.5</td>" in section
    assert "a limit nobody foresaw" in section
    assert "Pace of new posts, the whole country" not in section


def test_whether_there_are_scenarios_enough_is_told(result: xr.Dataset, page: str) -> None:
    english, norwegian = (
        re.findall(rf'<section id="{language}-enough".*?</section>', plain(page), flags=re.DOTALL)[
            0
        ]
        for language in LANGUAGES
    )
    assert "Are 4,096 scenarios enough?" in english
    assert "No, 4,096 scenarios are not enough; the recommended number is 8,192." in english
    assert "Nei, 4\u202f096 scenarioer er ikke nok; anbefalt antall er 8\u202f192." in norwegian
    assert "NOK 4,650–4,800 million on 4,096 scenarios" in english
    for section in (english, norwegian):
        assert section.count("<tr") == (1 + 2) + (1 + 6)  # headings, sizes, draws
    assert "<td>2 of 3</td><td>10.40%</td>" in english
    assert "0,10 prosentpoeng" in norwegian
    seed = result.attrs["seed"] + 1
    assert f'>{seed}</td><td>no plan can</td><td class="zero">–</td>' in english
    assert f">{seed}</td><td>4,650</td><td>4,648</td><td>{sum(TOTALS)}</td>" in english


@pytest.mark.parametrize(
    ("enough", "recommended", "said"),
    [("true", 2048, "Yes, 4,096 scenarios are enough"), ("false", 0, "cannot be said, because")],
)
def test_verdict_on_the_sample_has_words(enough: str, recommended: int, said: str) -> None:
    result = synthetic_result()
    result["replication_cost"][:] = np.nan
    result.attrs["replication_enough"] = enough
    result.attrs["replication_recommended_scenarios"] = recommended
    page = plain(render_report(result))
    assert said in page
    assert 'id="en-enough-figure"' not in page


@pytest.mark.parametrize("rule", ["worst", "chance", "mean", "price"])
def test_every_rule_has_words(rule: str) -> None:
    study = synthetic_study()
    changes: dict[str, object] = {"rule": rule}
    if rule != "chance":
        changes["confidence"] = None
    if rule == "price":
        changes |= {"limit": None, "price": 1e6, "measure": "absolute", "statistic": "sum"}
    limit = study.risk["national"].model_copy(update=changes)
    made = study.model_copy(update={"risk": study.risk | {"national": limit}})
    result = synthetic_result()
    result.attrs["study_json"] = made.canonical_text
    page = plain(render_report(result))
    said = {
        "worst": "in the very worst future",
        "chance": "exceeded in at most 50% of futures",
        "mean": "as a mean of all futures",
        "price": "the shortfall of specialists",
    }
    assert said[rule] in page


@pytest.mark.thorough
def test_figures_as_files(tmp_path: Path) -> None:
    files = write_figures(synthetic_result(synthetic_study(2)), tmp_path, "svg", "nb")
    assert sorted(files) == sorted(tmp_path.iterdir())
    names = {file.name for file in files}
    assert {"plan-picture-nb.svg", "supply-hele-landet-nb.svg", "cost-nb.svg"} <= names
    for file in files:
        text = file.read_text("utf-8")
        assert text.startswith("<svg")
        assert "http://www.w3.org/2000/svg" in text
        assert "NaN" not in text
        assert "var(--" not in text
    assert "Nord" in (tmp_path / "plan-picture-nb.svg").read_text("utf-8")


def test_comparison_of_results(result: xr.Dataset, tmp_path: Path) -> None:
    other = synthetic_result(synthetic_study(2))
    other.attrs |= {"seed": 7, "study_sha256": "other"}
    projection = result.drop_vars([n for n in result.data_vars if str(n).startswith("risk_f")])
    projection.attrs = dict(result.attrs)
    for name in ("solution_status", "lower_bound", "relative_gap", "bound_certified"):
        del projection.attrs[name]
    path = tmp_path / "page.html"
    given = [("first.nc", result), ("second.nc", other), (HOSTILE, projection)]
    assert write_comparison(given, path) == path
    page = path.read_text("utf-8")
    assert _parsed(page).fetched == []
    assert _parsed(page).missing == []
    assert _parsed(page).tags.count("script") == 3
    assert "The studies differ" in page
    assert "risk.national.regions" in page
    assert "Only regions that all results have are shown." in page
    alike = comparison_pages([("a.nc", result), ("b.nc", result)])
    (lines,) = (each for each in alike[0].figures() if each.key == "supply")
    assert len({colour for _, colour in lines.legend}) == len(lines.legend) == 3
    same = render_pages(alike)
    assert "The studies are the same in every figure." in same


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_comparison_says_between_what_the_plans_lie(result: xr.Dataset, language: str) -> None:
    """Posts and cost of the least and the most; where all open as many, how many that are."""
    words, other = Words(language), result.copy(deep=True)
    at = LANGUAGES.index(language)
    posts = float(result["slots"].isel(plan=0).sum())
    given = [("a.nc", other), ("b.nc", result)]
    same = comparison_pages(given)[at].sections[0].title
    assert same == words("compare.found_same", posts=words.number(posts))
    other["slots"][:, 0] *= 2.0
    other["plan_cost"][0] *= 2.0
    cost = float(result["plan_cost"][0])
    assert comparison_pages(given)[at].sections[0].title == words(
        "compare.found",
        low=words.number(posts),
        high=words.number(2.0 * posts),
        cheapest=words.money(cost),
        dearest=words.money(2.0 * cost),
    )


def test_many_keys_that_differ_are_folded(result: xr.Dataset) -> None:
    """A table longer than a page is not open on paper."""
    study = json.loads(result.attrs["study_json"])
    study["risk"]["national"]["limit"] = 0.2
    for other, many in (
        (result.assign_attrs(study_json=json.dumps(study)), False),
        (synthetic_result(synthetic_study(2)), True),
    ):
        count = len(study_changes(result, other))
        (*_, block) = comparison_pages([("a.nc", result), ("b.nc", other)])[0].sections[-1].blocks
        table = block.blocks[0] if isinstance(block, Details) else block
        assert isinstance(table, Table)
        assert len(table.rows) == count
        assert (count > 30, isinstance(block, Details)) == (many, many)
        if isinstance(block, Details):
            assert block.summary == Words("en")("compare.differences_all", count=count)


def _call(monkeypatch: pytest.MonkeyPatch, result: xr.Dataset, *words: object) -> Result:
    monkeypatch.setattr("lis1plan.core.files.store.open_result", lambda _: result)
    return CliRunner().invoke(main, ["report", *map(str, words)])


@pytest.mark.thorough
def test_command_compares_and_writes_figures(
    tmp_path: Path, result: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, page = tmp_path / "one.nc", tmp_path / "other.nc", tmp_path / "comparison.html"
    done = _call(monkeypatch, result, one, other)
    assert done.stdout == f"Comparison: {page}\n"
    assert "one.nc" in page.read_text("utf-8")
    assert _call(monkeypatch, result, *[one] * 9).exit_code == 2
    assert "one result at a time" in _call(monkeypatch, result, one, other, "--static").output
    few = synthetic_result(synthetic_study(1))
    done = _call(monkeypatch, few, one, "--static", "--format", "png", "--locale", "nb")
    files = sorted((tmp_path / "one-figures").iterdir())
    assert done.stdout == f"{len(files)} figures: {tmp_path / 'one-figures'}\n"
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in files)
    assert all(file.stem.endswith("-nb") for file in files)


def _charts(result: xr.Dataset) -> int:
    return sum(len(figure.panels) for figure in report_pages(result)[0].figures())


def _paths(region: str) -> str:
    return (
        f"[...document.querySelectorAll('{region} .chart svg path')]"
        ".map(p => p.getAttribute('d')).join()"
    )


async def _drive(program: str, path: Path, result: xr.Dataset) -> list[str]:
    problems: list[str] = []
    async with browser(program) as tab:
        await tab.open(path, width=1280, anchor="en")
        await _unfold(tab, "en", _charts(result))
        drawn = await tab.evaluate("document.querySelectorAll('#en .chart svg').length")
        problems += [f"{drawn} charts"] if drawn != _charts(result) else []
        await _slide(tab)
        await _select(tab)
        await tab.evaluate("document.querySelector('[data-language=nb]').click()")
        await _unfold(tab, "nb", 2 * drawn)
        shown = await tab.evaluate(
            "[document.documentElement.lang, document.getElementById('en').hidden,"
            " document.getElementById('nb').hidden, document.title]"
        )
        problems += [] if shown[:3] == ["nb", True, False] else [str(shown)]
        problems += [] if shown[3].startswith("LIS1-stillinger") else [str(shown)]
        problems += await _narrow(tab, path)
        outside = [url for url in tab.requests if not url.startswith(("file:", "data:"))]
        problems += outside + tab.complaints
    return problems


async def _unfold(tab: Tab, language: str, charts: int) -> None:
    """Open what is folded: its charts are drawn then."""
    folded = f"document.querySelectorAll('#{language} details')"
    await tab.evaluate(f"{folded}.forEach(each => {{ each.open = true; }})")
    await tab.until(f"document.documentElement.dataset.drawn == {charts}")


async def _slide(tab: Tab) -> None:
    """Move the slider by keyboard: charts, text and numbers follow."""
    figure = "document.getElementById('en-frontier-figure')"
    paths = _paths("#en-frontier-figure")
    before = await tab.evaluate(paths)
    await tab.evaluate("document.getElementById('en-frontier-slider').focus()")
    await tab.press("ArrowRight" if await tab.evaluate(f"{_SLIDER}.value == 0") else "ArrowLeft")
    await tab.until(f"{paths} !== {before!r}")
    text = await tab.evaluate(f"{figure}.querySelector('output').textContent")
    assert await tab.evaluate(f"{_SLIDER}.getAttribute('aria-valuetext')") == text


_SLIDER = "document.getElementById('en-frontier-slider')"


async def _select(tab: Tab) -> None:
    """Choose a region and a specialty group: the fan chart, its words and its table follow."""
    figure = "document.getElementById('en-supply-choice-figure')"
    paths = _paths("#en-supply-choice-figure")
    for key in ("region", "group"):
        before = await tab.evaluate(paths)
        await tab.evaluate(f"document.getElementById('en-supply-choice-{key}').focus()")
        await tab.press("ArrowDown")
        await tab.until(f"{paths} !== {before!r}")
    shown = f"[...{figure}.querySelectorAll('.scroll')].filter(d => !d.hidden).length"
    assert await tab.evaluate(shown) == 1
    said = await tab.evaluate(f"{figure}.querySelector('figcaption').textContent")
    assert said.startswith("Helse Nord, General practice: in ")
    assert await tab.evaluate(f"{figure}.querySelector('.chart').ariaLabel") == said


async def _narrow(tab: Tab, path: Path) -> list[str]:
    """Open at 400 pixels in both languages; nothing may scroll sideways but tables inside."""
    problems = []
    for language in LANGUAGES:
        await tab.open(path, width=400, anchor=language)
        wide = await tab.evaluate("document.documentElement.scrollWidth")
        problems += [f"{wide} pixels wide on a screen of 400"] if wide > 400 else []
        charts = f"[...document.querySelectorAll('#{language} .chart')].filter(e => e.clientWidth)"
        await tab.until(f"{charts}.length && {charts}.every(e => e.querySelector('svg'))")
        empty = "e.clientHeight - e.querySelector('svg').clientHeight"
        below = await tab.evaluate(f"{charts}.map(e => {empty})")
        problems += [f"empty below charts: {below}"] if max(below) > 8 else []
    return problems


@pytest.mark.tools
def test_page_in_a_browser(tmp_path: Path, result: xr.Dataset, tool: Callable[[str], str]) -> None:
    """Charts drawn, slider and languages work, nothing asked for, nothing complained about."""
    path = write_report(result, tmp_path / "report.html")
    assert asyncio.run(_drive(tool("chromium"), path, result)) == []


def test_what_the_file_tells_year_by_year_is_not_printed(result: xr.Dataset) -> None:
    """Paper holds the sources; a page that is a table of the file in small only grows."""
    page = report_pages(result)[0]
    words = page.words
    folded = re.findall(r'<details( class="printed")?><summary>([^<]*)', render_report(result))
    printed = {summary for marked, summary in folded if marked}
    screen = {summary for marked, summary in folded if not marked}
    assert words("supply.numbers") in printed
    folded_away = ("groups.summary", "weights.summary", "sources.summary", "quality.proof")
    assert {words(key) for key in folded_away} <= screen


async def _print(program: str, path: Path, paper: Path) -> list[object]:
    async with browser(program) as tab:
        await tab.open(path, width=1280, anchor="en")
        width = "document.querySelector('#en-lead-figure svg').clientWidth"
        before = await tab.evaluate(width)
        await tab.printed(paper)
        await tab.until(f"{width} == {before}")
        folded = await tab.evaluate("document.querySelectorAll('main details[open]').length")
        return [folded, *tab.complaints]


async def _use(program: str, path: Path) -> list[str]:
    """Values by arrow keys, terms, downloads, filter, dark: all work, nothing is asked for."""
    problems = []
    async with browser(program) as tab:
        await tab.open(path, width=1280, anchor="en")
        lead = "document.querySelector('[data-chart=en-lead-1]')"
        await tab.evaluate(f"{lead}.scrollIntoView()")
        await tab.evaluate(f"{lead}.focus()")
        await tab.press("ArrowRight")
        await tab.press("ArrowRight")
        said = await tab.evaluate(f"{lead}.querySelector('.tip').innerText")
        problems += [] if said.startswith("2019") and said.count("\n") >= 3 else [said]
        await tab.evaluate("document.querySelector('#en .term').focus()")
        await tab.until("!document.getElementById('term').hidden")
        shown = await tab.evaluate(
            "[document.getElementById('term').hidden, document.getElementById('term').textContent]"
        )
        problems += [] if shown[0] is False and len(shown[1]) > 20 else [str(shown)]
        await tab.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape'}))")
        problems += (
            ["term stays"]
            if not await tab.evaluate("document.getElementById('term').hidden")
            else []
        )
        for form in ("csv", "svg", "png"):
            await tab.evaluate(
                f"document.querySelector('#en-lead-figure [data-save={form}]').click()"
            )
            await tab.until(
                f"document.documentElement.dataset.saved?.startsWith('en-lead-1.{form} ')"
            )
            size = int((await tab.evaluate("document.documentElement.dataset.saved")).split()[1])
            problems += [f"{form}: {size} bytes"] if size < 900 else []
        field = "document.querySelector('#en [data-filter]')"
        table = f"document.getElementById({field}.dataset.filter).closest('table').tBodies[0].rows"
        await tab.evaluate(f"{field}.value = 'leave'; {field}.dispatchEvent(new Event('input'))")
        left = await tab.evaluate(
            f"[...{table}].filter(row => !row.hidden).map(row => row.textContent.toLowerCase())"
        )
        problems += [] if left and all("leave" in row for row in left) else [f"filter: {len(left)}"]
        await tab.send(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": "dark"}],
        )
        ground = await tab.evaluate("getComputedStyle(document.body).backgroundColor")
        problems += [] if ground == "rgb(18, 24, 31)" else [ground]
        problems += [url for url in tab.requests if not url.startswith(("file:", "data:", "blob:"))]
        problems += tab.complaints
    return problems


@pytest.mark.tools
def test_page_in_use(tmp_path: Path, result: xr.Dataset, tool: Callable[[str], str]) -> None:
    path = write_report(result, tmp_path / "report.html")
    assert asyncio.run(_use(tool("chromium"), path)) == []


_SHEET = 994
"""Pixels between the margins of a page of A4, 263 mm; it is 665 wide."""


async def _answer(program: str, path: Path, language: str) -> int:
    """Return how far down the answer reaches when the page is laid out for paper."""
    async with browser(program) as tab:
        await tab.open(path, width=1280, anchor=language)
        await tab.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        await tab.send(
            "Emulation.setDeviceMetricsOverride",
            width=665, height=_SHEET, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        await tab.send("Emulation.setEmulatedMedia", media="print")
        first = f"document.querySelector('#{language} section.first').getBoundingClientRect()"
        await tab.until(f"{first}.width <= 665")
        return int(await tab.evaluate(f"Math.ceil({first}.bottom)"))


@pytest.mark.tools
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answer_is_one_page_of_paper(
    tmp_path: Path, result: xr.Dataset, language: str, tool: Callable[[str], str]
) -> None:
    path = write_report(result, tmp_path / "report.html")
    assert 0 < asyncio.run(_answer(tool("chromium"), path, language)) <= _SHEET


@pytest.mark.tools
def test_page_on_paper(tmp_path: Path, result: xr.Dataset, tool: Callable[[str], str]) -> None:
    path, paper = write_report(result, tmp_path / "report.html"), tmp_path / "report.pdf"
    assert asyncio.run(_print(tool("chromium"), path, paper)) == [0]
    content = paper.read_bytes()
    assert content.startswith(b"%PDF")
    pages = len(re.findall(rb"/Type\s*/Page\b", content))
    assert 5 < pages <= 20


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_of_risks_fits_a_terminal(result: xr.Dataset, language: str) -> None:
    """Eighty columns hold every heading and every figure whole."""
    said = io.StringIO()
    Console(file=said, width=80).print(risk_table(result, language))
    lines, words = said.getvalue().splitlines(), Words(language)
    keys = ("limit_name", "limit", "none", "plan", "fresh", "interval")
    heads = [words(f"terminal.column_{key}") for key in keys] + [words("terminal.chance")]
    assert all(part in said.getvalue() for head in heads for part in head.split())
    rows = [line for line in lines if "→" in line and "%" in line]
    assert len(rows) == result.sizes["limit"]
