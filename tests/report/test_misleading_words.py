"""Words that mislead: what a limit judges is named for what it is, in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner

from lis1plan.cli import main
from lis1plan.configs.loader import load_study
from lis1plan.core.files.decision_variables import DECISION_VARIABLES
from lis1plan.core.study.study import Study
from lis1plan.jobs.outcome import summary_of
from lis1plan.report.blocks import Section, Table, walked
from lis1plan.report.export.tables import tables_of
from lis1plan.report.pages.html import report_pages
from lis1plan.report.pages.terminal import risk_table
from lis1plan.report.reading import Reading
from lis1plan.report.sections.alternatives import comparisons
from lis1plan.report.sections.answer import answer
from lis1plan.report.sections.cost import cost
from lis1plan.report.sections.quality import quality
from lis1plan.report.sections.risk import risk
from lis1plan.report.sections.weights import weights
from lis1plan.report.texts.risk import chooser_in_words, judged_in_words
from lis1plan.report.texts.words import LANGUAGES, Words, read_texts

from ..helpers.synthetic_result import synthetic_result, synthetic_study
from ..test_house import ROOT
from .test_report_words import PRICED, changed, holds, said

MISLEADING = {
    "en": (
        r"\brisk (is |of )?\d", r"\brisk, \{name\}", r"risk of shortage", r"takes too little",
        r"Input should be", r"[Rr]eport's sum", r"the report's way", r"worst \{share\}$",
        r"worst 50", r"mean future", r"All years", r"CVaR",
    ),
    "nb": (
        r"\brisiko(en)? (er |på )?\d", r"\b[Rr]isiko, \{name\}", r"risiko(en)? for mangel",
        r"tar for lite", r"Input should be", r"Rapportens sum", r"rapportens måte",
        r"verste \{share\}$", r"verste 50", r"gjennomsnittsframtiden", r"Alle år", r"CVaR",
    ),
}  # fmt: skip
"""What no text may say: a mean shortfall is no risk in per cent, a law is none where it fails."""

TERMS = {
    "en": ("shortage in the worse half of futures", "any shortage"),
    "nb": ("underdekning i den verste halvdelen av scenarioene", "noen underdekning"),
}


@pytest.fixture(scope="module")
def study() -> Study:
    return synthetic_study()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_misleads(language: str) -> None:
    for key, text in read_texts(language).items():
        found = [each for each in MISLEADING[language] if re.search(each, text)]
        assert found == [], f"{key}: {text}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_misleads_and_every_page_holds_the_terms(study: Study, language: str) -> None:
    result = synthetic_result(study)
    (page,) = (page for page in report_pages(result) if page.language == language)
    sections = {each.key: each for each in page.sections}
    for key, section in sections.items():
        if key == "sources":  # quotes the study
            continue
        text = said(lambda *_, made=section: made, result, language)
        assert [each for each in MISLEADING[language] if re.search(each, text)] == [], key
        if key in ("answer", "risk", "comparison"):
            assert all(term in text.lower() for term in TERMS[language]), key


@pytest.mark.parametrize(
    "page", ["README.md", *(f"docs/{each.name}" for each in (ROOT / "docs").glob("*.md"))]
)
def test_no_document_misleads(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    assert not re.search(r"takes too little|[Rr]isk (is |of )?\(?\d|national risk is", text)


JUDGED: list[tuple[dict[str, Any], str, str]] = [
    ({"confidence": 0.5}, "shortage in the worse half of futures",
     "underdekning i den verste halvdelen av scenarioene"),
    ({"confidence": 0.9}, "shortage in the worst tenth of futures",
     "underdekning i den verste tidelen av scenarioene"),
    ({"confidence": 0.85}, "shortage in the worst 15% of futures",
     "underdekning i de verste 15\u00a0% av scenarioene"),
    ({"confidence": 0.0}, "mean shortage of all futures",
     "gjennomsnittlig underdekning i alle scenarioer"),
    ({"rule": "mean", "confidence": None}, "mean shortage of all futures",
     "gjennomsnittlig underdekning i alle scenarioer"),
    ({"rule": "worst", "confidence": None}, "shortage in the very worst future",
     "underdekning i det aller verste scenarioet"),
    ({"rule": "chance", "confidence": 0.9}, "shortage exceeded with a probability of at most 10%",
     "underdekning som overskrides med høyst 10\u00a0% sannsynlighet"),
    ({"scope": "summed"}, "shortage region by region in the worse half of futures",
     "underdekning region for region i den verste halvdelen av scenarioene"),
    ({"scope": "summed_over_groups"}, "shortage group by group in the worse half of futures",
     "underdekning gruppe for gruppe i den verste halvdelen av scenarioene"),
    ({"scope": "summed_over_both"},
     "shortage group by group and region by region in the worse half of futures",
     "underdekning gruppe for gruppe og region for region i den verste halvdelen av scenarioene"),
    (PRICED, "mean shortage of all futures", "gjennomsnittlig underdekning i alle scenarioer"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "english", "norwegian"), JUDGED)
def test_what_a_limit_judges_follows_from_its_rule(
    study: Study, change: dict[str, Any], english: str, norwegian: str
) -> None:
    made = changed(study, lambda data: data["risk"]["national"].update(change))
    limit = made.risk["national"]
    assert judged_in_words(limit, Words("en")) == english
    assert judged_in_words(limit, Words("nb")) == norwegian
    result = synthetic_result(made)
    for language, name in (("en", english), ("nb", norwegian)):
        for make in (answer, risk):
            assert name in said(make, result, language)


def test_lack_of_supervision_is_no_shortage_of_specialists() -> None:
    data = json.loads(load_study("norway-2019").canonical_text)
    limit = data["risk"]["vest"] | {"supervises": next(iter(data["capacity"])), "limit": 0.0}

    def watches(data: Any) -> None:
        data["risk"]["vest"] = limit
        data["capacity"][limit["supervises"]]["purchase"] = None

    made = changed(synthetic_study(), watches)
    words = judged_in_words(made.risk["vest"], Words("en"))
    assert words == "lack of supervision in the worse half of futures"


@pytest.mark.parametrize("weighted", [False, True])
def test_the_probability_is_the_share_of_scenarios_with_any_shortage(
    study: Study, weighted: bool
) -> None:
    result = synthetic_result(study)
    z = result["shortfall_z"].values
    weight = np.linspace(0.5, 1.5, len(z)) if weighted else np.ones(len(z))
    if weighted:
        result["weight"] = ("realization", weight)
    reading = Reading(result)
    wanted = float(((z[:, 0, 0] > 0) * weight).sum() / weight.sum())
    assert reading.probability(0, 0) == pytest.approx(wanted)
    assert 0.5 < wanted < 1.0
    shown = Words("en").percent(wanted, 0)
    assert f"{shown} with the plan" in said(answer, result, "en")
    assert summary_of(_solved(result))["risk"]["national"]["probability_in_sample"] == (
        pytest.approx(wanted)
    )


def _solved(result: xr.Dataset) -> xr.Dataset:
    """The made-up result with what the summary for programs asks of a run."""
    return result.assign_attrs(
        {key: result.attrs.get(key, 0.0) for key in ("upper_bound", "lower_bound", "relative_gap")}
    )


CHOSEN = [
    ({"assumption": "policy choice", "source": ""}, "chosen by the authors of the study"),
    ({"assumption": "", "source": "the law, s. 3"}, "a limit after the law, s. 3"),
    ({"assumption": "set on the command line (--set x)", "source": ""}, "on the command line"),
]


@pytest.mark.parametrize(("origin", "told"), CHOSEN)
def test_who_chose_the_limit_stands_beside_it(
    study: Study, origin: dict[str, str], told: str
) -> None:
    made = changed(study, lambda data: data["risk"]["national"].update(origin))
    result = synthetic_result(made)
    assert told in chooser_in_words(made.risk["national"], Words("en"))
    assert told.lower() in said(answer, result, "en").lower()
    text = said(risk, result, "en")
    assert told in text
    assert (origin["assumption"] or origin["source"]) in text


def test_a_limit_set_on_the_command_line_is_not_the_studys() -> None:
    """The study's reason names its own figure, which then is another."""
    study = load_study("norway-2019", ["risk.national.limit=0.12"])
    assert study.risk["national"].assumption.startswith("set on the command line (--set risk.nat")
    assert "policy choice" not in study.risk["national"].assumption
    named = load_study("norway-2019", ["risk.national.name=Norge"])
    assert named.risk["national"].assumption.startswith("policy choice")


def test_terminal_names_what_it_shows(study: Study) -> None:
    table = risk_table(synthetic_result(study))
    assert str(table.title) == "Shortage in the worse half of futures, by limit"
    assert "chosen by the authors of the study" in str(table.caption)
    heads = [str(column.header) for column in table.columns]
    assert "Any shortage" in heads
    assert "Any shortage: its probability" in str(table.caption)
    other = changed(study, lambda data: data["risk"]["nord"].update(rule="mean", confidence=None))
    cells = [str(cell) for cell in risk_table(synthetic_result(other)).columns[0].cells]
    assert cells[1] == "Helse Nord: mean shortage of all futures"


@pytest.mark.thorough
def test_commands_name_what_they_show(small_study_file: Path, tmp_path: Path) -> None:
    few = ("--scenarios", "32", "--quiet")
    for command in (["validate"], ["project", "--out", str(tmp_path)]):
        name, *others = command
        asked = [name, str(small_study_file), *others]
        printed = CliRunner().invoke(main, [*asked, *few[:2]]).stdout
        assert "shortage in the worse half of futures:" in printed
        assert "probability: of any such shortage" in printed
        assert "chosen by the authors of the study" in printed
        assert not re.search(r"\brisk\b", printed)
        rows = json.loads(CliRunner().invoke(main, [*asked, *few, "--json"]).stdout)["risk"]
        assert {row["judged"] for row in rows} == {"shortage in the worse half of futures"}
        assert all(row["chosen_by"] and row["chosen_why"] for row in rows)
        chances = [v for row in rows for k, v in row.items() if k.startswith("probability")]
        assert len(chances) == len(rows)
        assert all(0.0 <= chance <= 1.0 for chance in chances)


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_for_other_programs_name_what_a_limit_judges(study: Study, language: str) -> None:
    tables = {t.name: t for t in tables_of(synthetic_result(study), Words(language))}
    judged = tables["risk"].columns["limit_judged"]
    assert set(judged) == {TERMS[language][0]}
    assert len(judged) == tables["risk"].rows


def test_no_variable_is_called_a_risk_alone() -> None:
    for variable in DECISION_VARIABLES:
        assert not re.search(r"\brisk\b(?! window)", variable.long_name), variable.name


# --- sentences only where they hold ----------------------------------------------------------


def _table(section: Section, caption: str) -> Table:
    tables = (b for b in walked(section.blocks) if isinstance(b, Table))
    (found,) = (b for b in tables if b.caption.startswith(caption))
    return found


NOTES: list[tuple[float, int, str]] = [
    (0.0, 1, ""),
    (-4e5, 1, ""),  # told as 0
    (-3e6, 0, "comparison.regret_note"),
    (-3e6, 1, "comparison.regret_note_gap"),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("regret", "keeps", "note"), NOTES)
def test_below_zero_is_explained_where_something_is(
    study: Study, regret: float, keeps: int, note: str, language: str
) -> None:
    result = synthetic_result(study)
    result["plan_regret"][1], result["plan_keeps_limits"][1] = regret, keeps
    text = said(comparisons, result, language)
    for key in ("comparison.regret_note", "comparison.regret_note_gap"):
        assert holds(text, key, language) == (key == note)


def test_a_sum_over_all_years_says_which(study: Study) -> None:
    """It stands under rows of chosen years, whose sum it is not."""
    result = synthetic_result(study)
    table = _table(cost(Reading(result), Words("en")), "Cost by payer")
    years = [int(year) for year in result["year"].values]
    assert table.rows[-1][0] == f"{years[0]}–{years[-1]}, all years"
    assert len(table.rows) - 1 < len(years)


def test_steps_along_the_frontier_add_up(study: Study) -> None:
    """A point close to another is passed over; what it saves is not lost."""
    result = synthetic_result(study)
    limit = result["frontier_limit"].values
    limit[2] = limit[1] * 0.999
    table = _table(quality(Reading(result), Words("en")), "What easing")
    cost_of = result["frontier_cost"].values[np.isfinite(result["frontier_cost"].values)] / 1e6
    saved = [float(row[1].replace(",", "")) for row in table.rows]
    assert sum(saved) == pytest.approx(cost_of.max() - cost_of.min(), abs=len(saved))
    ends = [row[0].removeprefix("from ").split(" to ") for row in table.rows]
    assert all(a[1] == b[0] for a, b in pairwise(ends))


def test_tables_of_weights_answer_at_the_same_limit_first(study: Study) -> None:
    result = synthetic_result(study)
    result["table_same_status"][:] = [1, 0, 1, 0]
    result["table_same_total"][:] = [230.0, np.nan, 8.0, np.nan]
    result["table_same_cost"][:] = [4.7e9, np.nan, 3e8, np.nan]
    table = _table(weights(Reading(result), Words("en")), "The answer")
    heads, rows = table.header, {row[0]: row for row in table.rows}
    allowed = Words("en").risk(study.risk["national"].at_most, digits=1)
    assert heads[1] == f"Limit {allowed}: posts"
    assert heads[4].startswith("Limit at the same place (")
    assert rows["The Directorate"][1:3] == ("8", "0.30")
    floor = Words("en").risk(float(result["table_floor"][1, 0]), digits=1)
    assert rows["Equal weights"][1:3] == (f"no plan; at least {floor}", "–")
    assert rows["Equal weights"][5] != "no plan can"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plan_for_mean_figures_has_one_name(language: str) -> None:
    words = Words(language)
    name = words.name("The plan for mean figures")
    for key in ("quality.stochastic", "quality.stochastic_needed"):
        assert name.lower() in read_texts(language)[key].lower()
    result = synthetic_result()
    assert holds(said(quality, result, language), "quality.stochastic", language) or (
        holds(said(quality, result, language), "quality.stochastic_needed", language)
    )


Make = Callable[[Reading, Words], Section]
