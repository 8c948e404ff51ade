"""Headings that say a finding: each where the data show it, a neutral one where none does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from lis1plan.report.blocks import Cards, Figure, Front, Headline, Note, Pair, Paragraph, walked
from lis1plan.report.charts.planned import Planned, grouped, planned
from lis1plan.report.look import CHART_TEXT
from lis1plan.report.pages.html import report_pages
from lis1plan.report.reading import Reading
from lis1plan.report.sections.answer import answer, given
from lis1plan.report.sections.cost import cost
from lis1plan.report.sections.first.headline import headline
from lis1plan.report.sections.first.notes import notes
from lis1plan.report.sections.first.pictures import lead, nice_range, plan_finding
from lis1plan.report.sections.flow import flow
from lis1plan.report.sections.frontier import frontier, frontier_of
from lis1plan.report.sections.parts.frames import furthest_apart
from lis1plan.report.sections.parts.moving import between_groups, moved_most
from lis1plan.report.sections.parts.room import alike
from lis1plan.report.sections.plan import plan
from lis1plan.report.sections.quality import quality
from lis1plan.report.sections.risk import risk
from lis1plan.report.sections.weights import weights
from lis1plan.report.texts.words import LANGUAGES, Words, read_texts

from ..helpers.synthetic_result import synthetic_result
from .test_report_words import holds

Change = Callable[[xr.Dataset], None]


def read(change: Change) -> Reading:
    result = synthetic_result()
    change(result)
    return Reading(result)


def same(_: xr.Dataset) -> None:
    """The made-up result itself."""


def no_posts(result: xr.Dataset) -> None:
    result["slots"][:] = 0.0


def stopped(result: xr.Dataset) -> None:
    result.attrs["solution_status"] = "stopped"


def both(*changes: Change) -> Change:
    def change(result: xr.Dataset) -> None:
        for each in changes:
            each(result)

    return change


def unmet(with_plan: float, without: float) -> Change:
    def change(result: xr.Dataset) -> None:
        result["national_missing_mean"][:] = without
        result["national_missing_mean"][:, 0] = with_plan

    return change


def chance(with_plan: float) -> Change:
    def change(result: xr.Dataset) -> None:
        result["national_shortage_probability"][:, 0] = with_plan

    return change


def only(year: int, posts: float = 40.0, more: dict[int, float] | None = None) -> Change:
    def change(result: xr.Dataset) -> None:
        result["slots"][:] = 0.0
        for at, count in {year: posts, **(more or {})}.items():
            result["slots"][at - int(result["year"][0]), 0, 0] = count

    return change


_SAME = ("effect_same", "effect_alone")  # the words of one hold those of the other
HEADLINES: list[tuple[Change, list[str]]] = [
    (both(unmet(1071, 2039), chance(0.64)), ["plan", "posts", "effect_lower", "chance_still"]),
    (both(unmet(300, 2039), chance(0.3)), ["plan", "effect_lower", "chance_now"]),
    (both(unmet(2030, 2039), chance(0.7)), ["plan", *_SAME, "chance_now"]),
    (both(no_posts, unmet(9, 9), chance(0.2)), ["none", "effect_alone", "chance_now"]),
    (both(stopped, unmet(1, 9)), ["stopped", "effect_lower", "chance_now"]),
    (both(stopped, no_posts), ["stopped_none", "effect_alone", "chance_now"]),
    (both(only(2020, 1.0), unmet(1, 9)), ["plan_one", "posts_one", "effect_lower", "chance_now"]),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("change", "keys"), HEADLINES)
def test_the_headline_says_what_the_data_show(
    change: Change, keys: list[str], language: str
) -> None:
    said = headline(read(change), Words(language))
    for key in read_texts(language):
        group, _, name = key.partition(".")
        if group == "headline" and name.startswith(("effect", "chance")):
            assert holds(said, key, language) == (name in keys), key
    for name in keys:
        assert holds(said, f"headline.{name}", language), name
    assert len(said.split()) <= 45


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("units", "key"), [([1], "measures_one"), ([1, 1], "measures")])
def test_measures_that_were_chosen_stand_in_the_headline(
    units: list[int], key: str, language: str
) -> None:
    """One post and a measure are more than one thing."""

    def chosen(result: xr.Dataset) -> None:
        result["portfolio_status"] = ("portfolio", [4])
        result["measure_chosen"] = ("measure", [0, *units])

    none, said = (
        headline(read(both(only(2020, 1.0), *more)), Words(language)) for more in ([], [chosen])
    )
    assert holds(said, f"headline.{key}", language)
    assert holds(said, "headline.plan", language)
    assert not holds(none, f"headline.{key}", language)
    assert said.split()[:3] == none.split()[:3]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_given_plan_is_not_called_the_cheapest(language: str) -> None:
    def projected(result: xr.Dataset) -> None:
        del result.attrs["solution_status"]

    said = headline(read(projected), Words(language))
    assert holds(said, "headline.given", language)
    assert not {"cheapest", "billigste"} & set(said.split())
    bare = headline(read(both(projected, no_posts)), Words(language))
    assert holds(bare, "headline.given_none", language)


def test_unmet_need_is_the_mean_not_the_difference_of_medians() -> None:
    reading, words = read(both(unmet(1234.4, 2039.0), chance(0.64))), Words("nb")
    said = headline(reading, words)
    assert "1\u202f230" in said
    assert "2\u202f040" in said
    (cards,) = (each for each in answer(reading, words).blocks if isinstance(each, Cards))
    assert len(cards.rows) == 4
    assert cards.rows[2].number == "1\u202f230"
    assert [bar.share for bar in cards.rows[2].bars] == [pytest.approx(1234.4 / 2039), 1.0]
    assert cards.rows[3].number == "64\u00a0%"


PROBABILITIES = {
    0.95: "very", 0.9: "very", 0.7: "likely", 0.6: "more", 0.5: "even", 0.46: "even",
    0.4: "less", 0.2: "unlikely", 0.05: "hardly", 0.0: "hardly",
}  # fmt: skip


@pytest.mark.parametrize("share", PROBABILITIES)
def test_words_for_a_probability_are_fixed(share: float) -> None:
    for language in LANGUAGES:
        words = Words(language)
        assert words.likely(share) == words(f"likely.{PROBABILITIES[share]}")


def test_money_and_rough_numbers() -> None:
    words = Words("nb")
    assert words.money(245.4e6) == "245 mill. kr"
    assert words.money(3.71e9) == "3,7 mrd. kr"
    assert words.money(37.1e9) == "37 mrd. kr"
    assert words.about(2039) == "2\u202f040"
    assert Words("en").money(999.8e6) == "NOK 1.0 billion"


# --- sections ------------------------------------------------------------------------------

FINDINGS: list[tuple[Callable[[Reading, Words], str], Change, str]] = [
    (plan_finding, only(2020), "front.plan_once"),
    (plan_finding, only(2020, 40.0, {2021: 9.0}), "front.plan_first"),
    (plan_finding, only(2020, 9.0, {2021: 9.0, 2022: 8.0}), "front.plan_even"),
    (plan_finding, only(2020, 9.0, {2021: 40.0}), "front.plan_neutral"),
    (plan_finding, only(2020, 90.0, {2021: -9.0}), "front.plan_neutral"),
]


def titled(make: Callable[[Reading, Words], object]) -> Callable[[Reading, Words], str]:
    return lambda reading, words: str(make(reading, words).title)  # type: ignore[attr-defined]


def _risen(result: xr.Dataset) -> None:
    """Supply above need from 2030 on."""
    result["national_supply_quantile"][12:] = 40000.0


def _always(result: xr.Dataset) -> None:
    result["national_supply_quantile"][:] = 40000.0


def _steep(result: xr.Dataset) -> None:
    """Need that grows faster than any supply."""
    years = np.arange(result.sizes["time"])
    result["national_demand_quantile"][:] += 600.0 * years[:, None]


def _narrow(result: xr.Dataset) -> None:
    middle = result["national_demand_quantile"].values[:, 3:4]
    result["national_demand_quantile"][:] = middle


def _shrinking(result: xr.Dataset) -> None:
    """Need above supply, but ever less."""
    result["national_demand_quantile"][:] = 30000.0
    years = np.arange(result.sizes["time"])
    result["national_supply_quantile"][:] = (20000.0 + 100.0 * years)[:, None, None]


def _dear(result: xr.Dataset) -> None:
    result["cost_payer"][:] = 1.0
    result["cost_payer"][:, 0, 0] = 50.0


def _shared(result: xr.Dataset) -> None:
    result["cost_payer"][:] = 1.0


def _full(result: xr.Dataset) -> None:
    at = {"time": slice(2, 5), "capacity": 0, "region": 0}
    result["supervision_capacity"][at] = result["supervision_need"].isel(plan=0, **at)
    result["supervision_most_bought"][at] = 0.0


def _one_region_at_its_pace(result: xr.Dataset) -> None:
    """The first region opens all it may, the country could open more."""
    pace = Reading(result).study.ramp
    most = next(iter(pace.regional.values())).value
    assert most < pace.national.value - 1
    only(2020, most, {2022: 1.0})(result)


def _fresh(low: float, high: float) -> Change:
    def change(result: xr.Dataset) -> None:
        limit = float(result["risk_limit"][0])
        result["risk_fresh_low"][0, 0], result["risk_fresh_high"][0, 0] = low * limit, high * limit

    return change


def _tables(totals: list[float], status: list[int]) -> Change:
    def change(result: xr.Dataset) -> None:
        result["table_same_total"][:] = totals
        result["table_same_status"][:] = status

    return change


def _lacking(result: xr.Dataset) -> None:
    result["lacking_mean"][10:, 0] = 30.0


def _enough_applicants(result: xr.Dataset) -> None:
    result["lacking_mean"][:] = 0.0


NAN = float("nan")
FINDINGS += [
    (lambda r, w: lead(r, w).caption, _steep, "front.outgrown_unsure"),
    (lambda r, w: lead(r, w).caption, both(_steep, _narrow), "front.outgrown"),
    (lambda r, w: lead(r, w).caption, _risen, "front.met"),
    (lambda r, w: lead(r, w).caption, _always, "front.met_always"),
    (lambda r, w: lead(r, w).caption, _shrinking, "front.lead"),
    (titled(plan), no_posts, "plan.title_none"),
    (titled(plan), only(2020, 10.0), "plan.title_once"),
    (titled(plan), only(2020, 10.0, {2022: 10.0}), "plan.title_neutral"),
    (titled(plan), only(2020, 400.0, {2022: 1.0}), "plan.title_ramp"),
    (titled(plan), _one_region_at_its_pace, "plan.title_neutral"),
    (titled(plan), both(_full, only(2020, 40.0, {2022: 1.0})), "plan.title_room"),
    (titled(risk), both(no_posts, unmet(900, 900)), "risk.title_none"),
    (titled(risk), both(no_posts, unmet(1, 1)), "risk.title_no_gap"),
    (titled(risk), unmet(1, 900), "risk.title_closed"),
    (titled(risk), unmet(500, 900), "risk.title_narrowed"),
    (titled(risk), unmet(900, 900), "risk.title"),
    (titled(cost), _dear, "cost.title_most"),
    (titled(cost), _shared, "cost.title"),
    (titled(cost), lambda r: r["cost_payer"].__setitem__(slice(None), 0.0), "cost.title_none"),
    (titled(quality), _fresh(0.9, 0.99), "quality.title_kept"),
    (titled(quality), _fresh(0.9, 1.1), "quality.title_near"),
    (titled(quality), _fresh(1.1, 1.2), "quality.title_broken"),
    (titled(weights), _tables([100, NAN, 30, NAN], [1, 0, 1, 0]), "weights.title_none"),
    (titled(weights), _tables([100, NAN, NAN, NAN], [1, 0, 0, 0]), "weights.title_all"),
    (titled(weights), _tables([100, 10, 20, 30], [1, 1, 1, 1]), "weights.title_span"),
    (titled(weights), _tables([100, NAN, 20, 30], [1, 2, 1, 1]), "weights.title"),
    (titled(flow), _lacking, "flow.title_empty"),
    (titled(flow), _enough_applicants, "flow.title_filled"),
]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("told", "change", "key"), FINDINGS)
def test_a_heading_says_what_the_data_show(
    told: Callable[[Reading, Words], str], change: Change, key: str, language: str
) -> None:
    text = read_texts(language)[key]
    said = told(read(change), Words(language))
    assert holds(said, key, language), said
    start = text.partition("{")[0]
    assert said.startswith(start)


def test_years_share_four_columns_where_they_are_many() -> None:
    labels, posts = grouped(list(range(2027, 2041)), np.ones((14, 2)))
    assert labels == ["2027–30", "2031–34", "2035–38", "2039–40"]
    assert posts.tolist() == [[4.0, 4.0, 4.0, 2.0]] * 2
    assert grouped(list(range(2027, 2033)), np.ones((6, 2)))[0][-1] == "2032"


@pytest.mark.parametrize(
    ("limit", "digits"), [(0.125, 1), (0.13, 1), (0.1275, 2), (0.05505, 2), (float("nan"), 1)]
)
def test_a_limit_and_what_stands_beside_it_have_its_decimals(limit: float, digits: int) -> None:
    assert Words("en").decimals(limit) == digits


def test_the_frontier_shows_the_plan_itself_at_the_studys_own_limit() -> None:
    """The search along the frontier may end there with another plan of the same cost."""
    result = synthetic_result()
    reading = Reading(result)
    own, axis = float(result["plan_cost"][0]), reading.axis
    result["frontier_limit"][1] = float(result["risk_limit"][axis])
    result["frontier_cost"][1] = own * (1.0 + 0.5 * reading.study.solve.relative_gap)
    result["frontier_slots"][:, 1] = 0.0
    found = frontier_of(Reading(result))
    assert (found["slots"][:, 1] == reading.slots).all()
    assert found["total"][1] == reading.slots.sum()
    assert found["cost"][1] == own
    result["frontier_cost"][1] = 1.5 * own  # no plan of the same cost: it stands as it is
    assert not frontier_of(Reading(result))["slots"][:, 1].any()


def test_the_next_limit_is_priced_in_the_heading() -> None:
    def step(result: xr.Dataset) -> None:
        result["frontier_limit"][:] = np.linspace(0.16, 0.08, result.sizes["frontier"])
        cost = np.linspace(1e9, 9e9, result.sizes["frontier"])
        result["frontier_cost"][:] = cost
        result["plan_cost"][0] = float(np.interp(-0.125, -result["frontier_limit"].values, cost))

    assert holds(frontier(read(step), Words("en")).title, "frontier.title_stricter", "en")

    def flat(result: xr.Dataset) -> None:
        step(result)
        result["frontier_cost"][:] = float(result["plan_cost"][0])

    assert frontier(read(flat), Words("en")).title == Words("en")("frontier.title")


def test_views_are_told_by_what_became_of_them() -> None:
    reading = read(_tables([100, NAN, 0, NAN], [1, 0, 1, 2]))
    _, (sure,) = notes(reading, Words("en")).blocks
    assert isinstance(sure, Note)
    said = sure.text
    assert "no plan keeps" in said
    assert "none needed" in said
    assert "not settled" in said


# --- what the sections rest on -------------------------------------------------------------


def test_places_that_hardly_differ_are_told_together() -> None:
    path = np.linspace(100.0, 200.0, 5)
    assert furthest_apart([path, 3 * path]) == pytest.approx(0.0)
    assert furthest_apart([path, path + np.array([0, 0, 0, 5, 0])]) == pytest.approx(0.05)
    use = np.array([[0.5, 0.52, 0.9], [0.6, 0.61, 0.9]])
    assert alike(use) == [[0, 1], [2]]


def test_the_share_of_spread_is_that_between_groups() -> None:
    rng = np.random.default_rng(1)
    value, noise = rng.uniform(size=4000), rng.normal(size=4000)
    assert between_groups(value, 2 * value) > 0.98
    assert between_groups(value, noise) < 0.01
    wanted = (1 / 12) / (1 / 12 + 0.25)
    assert between_groups(value, value + 0.5 * noise) == pytest.approx(wanted, abs=0.04)
    assert between_groups(np.zeros(50), noise[:50]) == 0.0
    few = [between_groups(rng.uniform(size=60), rng.normal(size=60)) for _ in range(40)]
    assert np.mean(few) < 0.1  # unadjusted 0.19: eleven of 59 degrees of freedom
    assert moved_most(Reading(synthetic_result())) == []  # it holds no draws


def test_axis_ends_stand_at_round_numbers_around_the_data() -> None:
    low, high = nice_range(np.array([12800.0, 28700.0]))
    assert (low, high) == (10000.0, 30000.0)
    low, high = nice_range(np.array([1.0, 100.0]))
    assert low == 0.0
    assert high >= 100.0


def test_running_cost_starts_where_the_steady_path_is_reached() -> None:
    def paid(result: xr.Dataset) -> None:
        years = np.arange(result.sizes["time"])
        path = 200e6 * 1.01**years * np.clip((years - 2) / 4, 0, 1)
        result["cost_report"][:, 0] = path

    reading = read(paid)
    found = reading.running_cost
    assert found is not None
    assert found[0] == reading.years[6]
    assert read(lambda r: r["cost_report"].__setitem__(slice(None), 0.0)).running_cost is None


def test_the_largest_number_of_the_plan_stands_under_the_years() -> None:
    """Both are as high as the type: of four rows the first has the tallest bar."""
    posts = np.array([[19.0, 2.0], [3.0, 0.0], [0.0, 1.0], [5.0, 5.0]])
    spec = planned(Planned(["A", "B", "C", "D"], ["2027", "2028"], posts, "All"))
    tallest = min(spec["datasets"]["rows"], key=lambda row: row["top"])
    bars = next(each for each in spec["layer"] if each["mark"]["type"] == "bar")
    bottom, top = bars["encoding"]["y"]["scale"]["domain"]
    place = (spec["height"] - 6) * (tallest["top"] - top) / (bottom - top)  # 6: padding
    assert tallest["said"] == "19"
    assert place >= 2 * CHART_TEXT + 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_page_of_both_kinds(language: str) -> None:
    words, reading = Words(language), Reading(synthetic_result())
    kinds = [type(each) for each in answer(reading, words).blocks]
    assert kinds[0] is Headline
    assert kinds.index(Cards) == 1
    (front,) = (each for each in answer(reading, words).blocks if isinstance(each, Front))
    assert [each.shape for each in front.blocks if isinstance(each, Pair)] == ["lead", "notes"]
    told = [x.text for x in given(reading, words).blocks if isinstance(x, Paragraph)]
    assert holds(told[0], "given.broken", language)
    assert words("given.room") in told[0]


def test_every_chart_by_year_has_a_narrow_version_and_a_table_of_columns() -> None:
    for page in report_pages(synthetic_result()):
        for section in page.sections:
            for figure in (each for each in walked(section.blocks) if isinstance(each, Figure)):
                for panel in figure.panels:
                    told = panel.spec["usermeta"]
                    fields = [field for field, *_ in told["columns"]]
                    assert set(fields) <= set(panel.spec["datasets"][told["data"]][0]), figure.key
                    if told["byYear"]:
                        assert panel.narrow is not None, figure.key
