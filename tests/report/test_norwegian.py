"""The report names figures by titles, and speaks Norwegian as the Directorate does."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import pytest
import xarray as xr

from lis1plan.configs.loader import load_study
from lis1plan.core.study.world import Row
from lis1plan.optimise import job
from lis1plan.report.reading import Reading
from lis1plan.report.sections.sources import figure_value
from lis1plan.report.sections.weights import weights
from lis1plan.report.texts.figures import figure_name, source_in_words, table_key, table_name
from lis1plan.report.texts.words import LANGUAGES, Words, read_texts

from ..helpers.synthetic_result import synthetic_result
from .test_report_words import strings


@pytest.mark.parametrize(
    "preset", ["norway-2019", "norway-2027", "norway-2027-specialties", "norway-2010", "tutorial"]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_stands_raw_among_the_sources(preset: str, language: str) -> None:
    study, words = load_study(preset), Words(language)
    reading = Reading(xr.Dataset(attrs={"study_json": study.canonical_text}))
    for key, figure in study.figures():
        if isinstance(figure, Row):
            name = table_name(table_key(key), words)
        else:
            name = figure_name(reading, key, figure, words)
            assert "_" not in figure_value(reading, figure, words), key
        assert "_" not in name, key
        assert key not in name, key
        assert "." not in name.removesuffix("."), key


@pytest.mark.parametrize(
    "preset", ["norway-2019", "norway-2027", "norway-2027-specialties", "tutorial"]
)
def test_regions_and_capacities_are_called_by_name(preset: str) -> None:
    """Not `(sor ost)` and `(hospital supervision)`, as their identifiers are."""
    study, words = load_study(preset), Words("nb")
    reading = Reading(xr.Dataset(attrs={"study_json": study.canonical_text}))
    raw = {f"({words.name(key)})" for key in (*study.regions, *study.capacity)}
    raw -= {f"({words.name(key)})" for key in study.posts.stages}
    for key, figure in study.figures():
        if not isinstance(figure, Row):
            name = figure_name(reading, key, figure, words)
            assert not [each for each in raw if name.endswith(each)], name


def test_who_chose_the_limits_of_a_preset_is_told_in_norwegian() -> None:
    known = read_texts("names.nb")
    for preset in ("norway-2019", "norway-2027", "norway-2027-specialties", "tutorial"):
        for limit in load_study(preset).risk.values():
            assert limit.assumption in known


def test_every_step_of_a_run_has_a_name_in_both_languages() -> None:
    laps = re.findall(r'watch\.lap\("(\w+)"\)', inspect.getsource(job))
    assert len(laps) > 2
    for language in LANGUAGES:
        assert all(f"step.{lap}" in read_texts(language) for lap in laps)


def test_reasons_for_weights_have_norwegian_places_and_round_shares() -> None:
    blocks = weights(Reading(synthetic_result()), Words("nb")).blocks
    cells = [x for each in blocks for x in strings(each)]
    assert any("(9,1\u00a0%)" in cell for cell in cells)
    for cell in cells:
        assert not re.search(r"\bch\. \d|\btables? \d|\bapps?\. \d|\d,\d{3,} ?%", cell), cell


def test_every_table_of_a_study_has_a_name_in_both_languages() -> None:
    tables = {
        table_key(key)
        for preset in ("norway-2019", "norway-2027", "norway-2027-specialties", "tutorial")
        for key, figure in load_study(preset).figures()
        if isinstance(figure, Row)
    }
    optional = {"demand.activity.use", "demand.activity.population", "limits.capacity"}
    for language in LANGUAGES:
        names = [table_name(key, Words(language)) for key in sorted(tables | optional)]
        assert len(set(names)) == len(names)


def test_places_in_sources_are_norwegian_in_norwegian() -> None:
    source = "NAV in Helsedirektoratet 2019, ch. 3.1 and app. 5; apps. 9 and 10 table 1, p. 12"
    nb = "NAV i Helsedirektoratet 2019, kap. 3.1 og vedlegg 5; vedlegg 9 og 10 tabell 1, s. 12"
    assert source_in_words(source, Words("nb")) == nb
    assert source_in_words(source, Words("en")) == source
    figures = "Statistics Norway: 108.4 in 2018 and 133.6 in 2024"
    assert source_in_words(figures, Words("nb")) == figures  # no Norwegian word among English ones
    for preset in ("norway-2019", "norway-2027", "norway-2027-specialties", "norway-2010"):
        for _, figure in load_study(preset).figures():
            told = source_in_words(figure.source, Words("nb"))
            assert not re.search(r"\b(?:apps?|ch)\. \d|\btables? \d", told), told


NEVER_IN_NORWEGIAN = (
    r"\banger\b", r"skraver", r"etterspør", r"\bsnitt", r"utlyst", r"\binntak", r"\bopptak",
    r"[Dd]iskontert", r"\bOpphav\b", r"leger strømmer", r"[Tt]akten", r"offentlig tjeneste",
    r"Kontorplasser", r"(?<!og )\b[Vv]eiledning i (?:sykehus|kommuner)",
)  # fmt: skip
"""Words that the Directorate does not use for what is meant here."""


@pytest.mark.parametrize("file", ["nb", "names.nb", "titles.nb"])
def test_the_report_speaks_as_the_directorate_does(file: str) -> None:
    for key, marked in read_texts(file).items():
        text = marked.replace("\u00ad", "")  # where a word may be parted
        for pattern in NEVER_IN_NORWEGIAN:
            assert not re.search(pattern, text), f"{key}: {text}"


def test_names_of_every_preset_are_translated() -> None:
    known = read_texts("names.nb")
    own = ("Helse ",)  # proper names
    for preset in (
        "norway-2019",
        "norway-2027",
        "norway-2027-specialties",
        "norway-2010",
        "tutorial",
    ):
        data = load_study(preset).model_dump()
        for name in (data["title"], *_names_in(data)):
            assert name in known or name.startswith(own), name


def _names_in(data: object) -> Iterator[str]:
    """Yield what stands at a key `name`, but for the study's own identifier."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key == "name" and "title" not in data:
                yield value
            yield from _names_in(value)
    elif isinstance(data, list | tuple):
        for each in data:
            yield from _names_in(each)
