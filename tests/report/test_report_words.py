"""What the report says holds for the study it tells of, in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from lis1plan.configs.loader import load_study, study_from_text
from lis1plan.core.scenarios.factors import factors
from lis1plan.core.study.risk_rules import RULES
from lis1plan.core.study.study import Study
from lis1plan.report.blocks import (
    Block,
    Cards,
    Details,
    Facts,
    Figure,
    Front,
    Glossary,
    Headline,
    Note,
    Pair,
    Paragraph,
    Section,
    Table,
)
from lis1plan.report.pages.compare import comparison_pages
from lis1plan.report.pages.html import report_pages
from lis1plan.report.pages.terminal import cost_in_words
from lis1plan.report.reading import Reading
from lis1plan.report.sections import cost as cost_sections
from lis1plan.report.sections import flow as flow_sections
from lis1plan.report.sections.alternatives import comparisons
from lis1plan.report.sections.answer import answer
from lis1plan.report.sections.frontier import frontier, marks_beside
from lis1plan.report.sections.parts.values import value_in_words
from lis1plan.report.sections.plan import plan
from lis1plan.report.sections.quality import quality
from lis1plan.report.sections.risk import risk
from lis1plan.report.sections.sources import behind, sources
from lis1plan.report.texts.risk import worst_in_words
from lis1plan.report.texts.words import LANGUAGES, Words, read_texts

from ..helpers.limited_training import with_posts
from ..helpers.synthetic_result import synthetic_result, synthetic_study

Make = Callable[[Reading, Words], Section]
PRICED = {"rule": "price", "measure": "absolute", "statistic": "sum", "price": 1e6,
          "limit": None, "confidence": None}  # fmt: skip


@pytest.fixture(scope="module")
def study() -> Study:
    return synthetic_study()


def changed(study: Study, change: Callable[[dict[str, Any]], Any]) -> Study:
    """The study with its content changed in place."""
    data = study.model_dump(mode="json")
    change(data)
    return Study.model_validate_json(json.dumps(data))


def priced_result(study: Study) -> xr.Dataset:
    """A result of a study that gives the national shortage a price and limits the regions'."""
    result = synthetic_result(changed(study, lambda data: data["risk"]["national"].update(PRICED)))
    result["risk_in_sample"][:, 0] = 2380.0
    cost = float(result["plan_cost"][0]) + 2.38e9
    result.attrs |= {"upper_bound": cost, "lower_bound": 0.9995 * cost, "shortage_cost": 2.38e9}
    return result


def strings(block: Block) -> list[str]:
    if isinstance(block, Paragraph | Headline):
        return [block.text]
    if isinstance(block, Cards):
        return [x for card in block.rows for x in (card.label, card.number, card.unit, card.text)]
    if isinstance(block, Note):
        return [block.title, block.text]
    if isinstance(block, Glossary):
        return [text for row in block.rows for text in row]
    if isinstance(block, Pair):
        return [x for column in block.blocks for each in column for x in strings(each)]
    if isinstance(block, Facts):
        return [text for row in block.rows for text in row]
    if isinstance(block, Table):
        return [block.caption, *block.header, *(x for row in block.rows for x in row), block.note]
    if isinstance(block, Front):
        return [text for each in block.blocks for text in strings(each)]
    if isinstance(block, Details):
        return [block.summary, *(text for each in block.blocks for text in strings(each))]
    assert isinstance(block, Figure)
    inner = [text for each in (*block.facts, *block.numbers) for text in strings(each)]
    said = [text for panel in block.panels for text in (panel.title, panel.alternative)]
    return [block.caption, block.subtitle, block.note, *block.stops, *inner, *said]


def said(make: Make, result: xr.Dataset, language: str) -> str:
    """Everything a section says."""
    blocks = make(Reading(result), Words(language)).blocks
    return "\n".join(text for block in blocks for text in strings(block))


def holds(text: str, key: str, language: str) -> bool:
    """Whether the text of a key stands there, with whatever values."""
    parts = re.split(r"\{\w+\}", read_texts(language)[key])
    return re.search(".*?".join(map(re.escape, parts)), text) is not None


# --- what is proved ------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("failures", [0, 3])
def test_a_bound_is_stated_as_proved_and_how_close_it_comes(
    study: Study, failures: int, language: str
) -> None:
    result = synthetic_result(study)
    result.attrs["concavity_failures"] = failures
    for make, key in (
        (quality, "answer.gap"),
        (quality, "quality.bound"),
        (comparisons, "comparison.cheaper"),
    ):
        assert holds(said(make, result, language), key, language), key
    text = said(quality, result, language)
    assert holds(text, "quality.concavity_holds", language) == (failures == 0)
    assert holds(text, "quality.concavity_fails", language) == (failures > 0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_condition_is_said_to_hold_that_was_not_asked(study: Study, language: str) -> None:
    """Where LIS2/3 posts are limited the condition of the first queue is not asked."""
    result = synthetic_result(study)
    result.attrs["study_json"] = with_posts(study).model_dump_json()
    del result.attrs["concavity_failures"], result.attrs["concavity_largest_excess_fte"]
    text = said(quality, result, language)
    assert holds(text, "quality.bound_of_posts", language)
    assert not holds(text, "quality.concavity_holds", language)
    assert "nan" not in text.lower().replace("finan", "")


def test_terminal_says_of_what_the_bound_holds(study: Study) -> None:
    assert "on these scenarios" in cost_in_words(synthetic_result(study))


def millions(text: str) -> list[float]:
    return [float(x.replace(",", "")) for x in re.findall(r"([\d,.]+) million", text)]


def test_a_bound_stands_beside_the_cost_it_bounds(study: Study) -> None:
    """With a price of shortage the bound is one of slots and shortage together."""
    result = priced_result(study)
    slots, whole, bound = millions(cost_in_words(result))
    assert slots < bound <= whole
    assert len(millions(cost_in_words(synthetic_result(study)))) == 2
    upper = f"NOK {result.attrs['upper_bound'] / 1e9:.2f} billion"
    text = said(answer, result, "en")
    assert upper in text
    assert "price of the shortage" in text
    for language in LANGUAGES:
        assert holds(said(quality, result, language), "quality.cost_priced", language)
        assert holds(said(answer, result, language), "answer.priced", language)
        assert not holds(said(comparisons, result, language), "comparison.cheaper", language)
        plain = said(answer, synthetic_result(study), language)
        assert not holds(plain, "answer.priced", language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("another", ["true", "false"])
def test_another_plan_of_the_same_cost_is_told_of(language: str, another: str) -> None:
    """Which of equals is found is no finding: another version of the solver may find another."""
    result = synthetic_result().assign_attrs(another_costs_the_same=another)
    sentence = Words(language)("answer.another")
    assert (sentence in said(answer, result, language)) == (another == "true")


def test_comparison_shows_the_cost_that_the_bound_bounds(study: Study) -> None:
    given_results = [("a.nc", priced_result(study)), ("b.nc", synthetic_result(study))]
    outcome = comparison_pages(given_results)[0].sections[2]
    (table,) = (block for block in outcome.blocks if isinstance(block, Table))
    rows = {row[0]: row[1:] for row in table.rows}
    whole, bound = (rows[Words("en")(f"compare.{key}")] for key in ("priced", "lower_bound"))
    assert all(float(x) >= float(y) for x, y in zip(whole, bound, strict=True))


def test_regret_with_prices_says_that_they_are_left_out(study: Study) -> None:
    results = [synthetic_result(study), priced_result(study)]
    for result in results:
        result["plan_regret"][-2] = -3e6
    for language in LANGUAGES:
        plain, priced = (said(comparisons, result, language) for result in results)
        assert not holds(plain, "comparison.regret_note_priced", language)
        assert holds(priced, "comparison.regret_note_priced", language)


# --- what holds for some studies only ------------------------------------------------------


def _stock_by_region(data: dict[str, Any]) -> None:
    rows, regions = data["specialists"]["stock"], list(data["regions"])
    data["specialists"]["stock"] = [
        row | {"region": region, "persons": row["persons"] / len(regions)}
        for row in rows
        for region in regions
    ]


def _doctors(data: dict[str, Any]) -> None:
    data["risk"]["national"]["counts"] = "doctors"


def _closing(data: dict[str, Any]) -> None:
    fixed = {"value": 5, "assumption": "made up"}
    data["limits"]["closing"] = {
        "most_per_year": {"nord": fixed},
        "saved_share": fixed | {"value": 0.5},
    }


def _january(data: dict[str, Any]) -> None:
    data["posts"]["intake_months"] = [1, 7]


def _october(data: dict[str, Any]) -> None:
    data["posts"]["intake_months"] = [4, 10]


def _own_costs(data: dict[str, Any]) -> None:
    for row in data["cost"]["components"]:
        row |= {"source": "", "assumption": "made up"}


def _none_unused(data: dict[str, Any]) -> None:
    data["posts"]["unused"]["value"] = 0


def _unweighed(data: dict[str, Any]) -> None:
    for region in data["regions"].values():
        region["stock_weight"] = None


def _demand_apart(data: dict[str, Any]) -> None:
    for region in data["regions"].values():
        region["demand_weight"] = region["stock_weight"]


def _same(data: dict[str, Any]) -> None:
    """The Norwegian study itself."""


SENTENCES: list[tuple[Make, str, Callable[[dict[str, Any]], None], bool]] = [
    (quality, "quality.key", _unweighed, True),
    (quality, "quality.key", _same, False),
    (quality, "quality.key_counted", _same, True),
    (quality, "quality.key_counted", _stock_by_region, False),
    (quality, "quality.key_counted", _demand_apart, False),
    (quality, "quality.key_counted_apart", _demand_apart, True),
    (quality, "quality.supply", _same, True),
    (quality, "quality.supply", _doctors, False),
    (quality, "quality.supply_doctors", _doctors, True),
    (quality, "quality.unused_offered", _same, True),
    (quality, "quality.unused_offered", _none_unused, False),
    (plan, "plan.lead", _same, True),
    (plan, "plan.lead", _closing, False),
    (plan, "plan.lead_closing", _closing, True),
    (risk, "word.after_year", _same, True),
    (risk, "word.after_year", _january, False),
    (risk, "word.year_end", _january, True),
    (flow_sections.flow, "word.after_year", _same, True),
    (flow_sections.flow, "word.year_end", _january, True),
    (answer, "answer.basis_directorate", _same, True),
    (answer, "answer.basis_directorate", _own_costs, False),
    (answer, "answer.basis_report", _own_costs, True),
    (cost_sections.cost, "cost.left_out_directorate", _same, True),
    (cost_sections.cost, "cost.left_out_directorate", _own_costs, False),
    (cost_sections.cost, "cost.left_out_study", _own_costs, True),
    (risk, "risk.lead_each", _same, False),
    (risk, "risk.lead_each", _doctors, True),
]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("make", "key", "change", "told"), SENTENCES)
def test_a_sentence_stands_where_it_is_true(
    study: Study,
    make: Make,
    key: str,
    change: Callable[[dict[str, Any]], None],
    told: bool,
    language: str,
) -> None:
    text = said(make, synthetic_result(changed(study, change)), language)
    assert holds(text, key, language) == told


@pytest.mark.parametrize(("language", "month"), [("en", "March"), ("nb", "mars")])
def test_months_are_those_of_the_intakes(study: Study, language: str, month: str) -> None:
    result = synthetic_result(changed(study, _october))
    assert month in said(risk, result, language)
    assert Words(language)("month.04") in said(plan, result, language)


def test_one_region_has_no_key_and_no_borders() -> None:
    text = said(quality, synthetic_result(synthetic_study(1)), "en")
    assert not holds(text, "quality.key", "en")
    assert not holds(text, "quality.regions", "en")


def test_posts_at_the_start_are_those_of_the_first_year() -> None:
    """In norway-2027 the posts of the start, 950, are not those before the first decision."""
    study = load_study("norway-2027")
    assert study.level0.sum() == 1185
    result = synthetic_result()
    result.attrs["study_json"] = study.canonical_text
    (line,) = (x for x in said(quality, result, "en").splitlines() if "counted as offered" in x)
    assert "10 approved posts" in line
    assert "950 posts are on offer in 2018" in line
    assert "1,185" not in line


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_year_is_no_span_of_years(study: Study, language: str) -> None:
    result = synthetic_result(study)
    result["slots"][study.time.first_decision + 1 - study.years[0] :] = 0.0
    title = plan(Reading(result), Words(language)).title
    assert holds(title, "plan.title_once", language)
    assert not holds(title, "plan.title_neutral", language)


# --- limits by their rule ------------------------------------------------------------------


def _by_rule(rule: str, confidence: float = 0.95) -> dict[str, Any]:
    if rule == "price":
        return PRICED
    return {"rule": rule, "confidence": confidence if rule in ("cvar", "chance") else None}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", RULES)
def test_sources_tell_each_limit_by_its_rule(study: Study, rule: str, language: str) -> None:
    made = changed(study, lambda data: data["risk"]["national"].update(_by_rule(rule)))
    words = Words(language)
    value = value_in_words(made.risk["national"], words)
    key = {"cvar": "worst", "mean": "all", "worst": "worst_case", "chance": "chance"}.get(rule)
    numbers = {"share": words.share(0.05), "futures": worst_in_words(0.05, words)}
    if key is None:
        assert value == words("value.price", price=words.number(1e6))
        return
    assert value == words(
        "value.risk",
        limit=words.share(study.risk["national"].at_most),
        futures=words(f"risk.{key}", **numbers),
    )
    assert value in said(sources, synthetic_result(made), language)
    result = synthetic_result(made)
    judged = words(f"judged.{key}", what=words("judged.shortage"), **numbers)
    assert judged in said(risk, result, language)


@given(st.integers(1, 99_999))
def test_shares_have_as_many_decimals_as_given(thousandths: int) -> None:
    """0.975 leaves the worst 2.5% and 0.995 the worst 0.5%, neither 3% nor 1%."""
    confidence = 1 - thousandths / 1e5
    text = Words("en").share(1 - confidence)
    assert text == f"{thousandths / 1e3:.3f}".rstrip("0").rstrip(".") + "%"
    assert Words("nb").share(1 - confidence) == text.replace(".", ",").replace("%", "\u00a0%")


@pytest.mark.parametrize(("language", "told"), [("en", "2.5%"), ("nb", "2,5\u00a0%")])
def test_the_answer_rounds_nothing_that_was_given(study: Study, language: str, told: str) -> None:
    def finer(data: dict[str, Any]) -> None:
        data["cost"]["discount_rate"]["value"] = 0.025
        data["risk"]["national"]["confidence"] = 0.975

    text = said(answer, synthetic_result(changed(study, finer)), language)
    assert len(re.findall(rf"(?<![\d.,]){re.escape(told)}", text)) == 3


# --- the frontier --------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_frontier_bears_the_name_of_the_limit_it_runs_along(study: Study, language: str) -> None:
    result = synthetic_result(study)
    result.attrs["frontier_axis"] = "vest"
    axis = list(study.risk).index("vest")
    result["risk_in_sample"][:, axis] += 0.01
    section = frontier(Reading(result), Words(language))
    text = said(frontier, result, language)
    assert "national" not in text.lower()
    assert "nasjonal" not in text.lower()
    (figure,) = (block for block in section.blocks if isinstance(block, Figure))
    assert "Helse Vest" in figure.panels[0].title
    marked = [mark.risk for mark in marks_beside(Reading(result), Words(language))]
    assert np.allclose(marked, result["risk_in_sample"].values[1:, axis], rtol=1e-3)
    assert "Helse Vest" in said(quality, result, language)


def test_frontier_of_prices_alone_is_not_told(study: Study) -> None:
    made = changed(
        study,
        lambda data: data.update(risk={"national": data["risk"]["national"] | PRICED}),
    )
    result = synthetic_result(made)
    result.attrs["frontier_axis"] = ""
    for page in report_pages(result):
        assert "frontier" not in [section.key for section in page.sections]


def test_marks_cost_what_the_frontier_counts(study: Study) -> None:
    result = priced_result(study)
    result.attrs["frontier_axis"] = "nord"
    (figure,) = (b for b in frontier(Reading(result), Words("en")).blocks if isinstance(b, Figure))
    marked = [mark.cost / 1e9 for mark in marks_beside(Reading(result), Words("en"))]
    assert np.allclose(marked, result["plan_cost"].values[1:] / 1e9 + 2.38, rtol=1e-3)
    (axis,) = {
        str(each["encoding"]["y"].get("title")) for each in figure.panels[0].spec["layer"][:1]
    }
    assert "with the price of the shortage" in axis


# --- the rest ------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_partly_assumed_is_marked(language: str) -> None:
    words = Words(language)
    given = [
        ({"source": "a book", "assumption": ""}, ""),
        ({"source": "", "assumption": "a guess"}, words("sources.assumed")),
        ({"source": "a book", "assumption": "a guess"}, words("sources.assumed_partly")),
    ]
    for origin, mark in given:

        def with_origin(data: dict[str, Any], origin: dict[str, str] = origin) -> None:
            data["posts"]["unused"] |= origin
            for row in data["cost"]["components"]:
                row |= origin

        result = synthetic_result(changed(synthetic_study(), with_origin))
        section = sources(Reading(result), words)
        (details,) = (block for block in section.blocks if isinstance(block, Details))
        tables = [block for block in details.blocks if isinstance(block, Table)]
        rows = {row[0]: row for table in tables for row in table.rows}
        assert rows[words.title("posts.unused")][2] == mark
        assert rows[words("sources.table.cost_components")][2] == mark


@pytest.mark.parametrize("preset", ["tutorial", "norway-2019", "norway-2027-specialties"])
def test_all_that_is_drawn_says_what_it_rests_on(preset: str) -> None:
    study = load_study(preset)
    for each in factors(study):
        quotes = behind(study.figures(), each.key)
        assert any(quote.source or quote.assumption for quote in quotes), each.key


@pytest.mark.parametrize("language", LANGUAGES)
def test_foresight_is_told_beside_the_cost_it_is_measured_against(
    study: Study, language: str
) -> None:
    result, words = synthetic_result(study), Words(language)
    wanted = words("quality.foresight", scenarios="32", part=words.number(2.3, 2),
                   value=words.number(0.9, 2))  # fmt: skip
    assert wanted in said(quality, result, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_run_stopped_at_a_limit_is_told_so_in_each_language(study: Study, language: str) -> None:
    """The clock is but one of the limits a search stops at."""
    result, words = synthetic_result(study), Words(language)
    result.attrs["solution_status"] = "stopped"
    result["frontier_status"][:] = 2
    stopped = words("word.stopped")
    assert stopped == words.name("stopped")
    for make in (quality, frontier):
        assert stopped in said(make, result, language)
    assert "stopped" not in said(quality, result, "nb")
    assert "clock" not in stopped


def test_what_a_step_saves_is_told_as_far_as_it_is_proved(study: Study) -> None:
    """Under a chance limit there are no marginal values; a step may not be solved again."""
    result = synthetic_result(study)
    result["shadow_dual"][:] = np.nan
    result["shadow_saved"][1:] = np.nan
    text = said(quality, result, "en")
    assert "Limit on shortage, Norway" in text
    assert "nan" not in text.lower()
    result["shadow_saved"][:] = np.nan
    text = said(quality, result, "en")
    assert not holds(text, "limits.worth_nothing", "en")
    assert study_from_text(result.attrs["study_json"]) == study
