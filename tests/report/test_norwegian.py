"""The report names figures by titles, and speaks Norwegian as the Directorate does."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import xarray as xr

from lis1plan.configs.loader import load_study
from lis1plan.core.study.world import Row
from lis1plan.report.reading import Reading
from lis1plan.report.sections.sources import figure_value
from lis1plan.report.texts.figures import figure_name, source_in_words, table_key, table_name
from lis1plan.report.texts.words import LANGUAGES, Words, read_texts


@pytest.mark.parametrize("preset", ["norway-2019", "norway-2027", "norway-2010", "tutorial"])
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


def test_every_table_of_a_study_has_a_name_in_both_languages() -> None:
    tables = {
        table_key(key)
        for preset in ("norway-2019", "norway-2027", "tutorial")
        for key, figure in load_study(preset).figures()
        if isinstance(figure, Row)
    }
    optional = {"demand.activity.use", "demand.activity.population", "limits.capacity"}
    for language in LANGUAGES:
        names = [table_name(key, Words(language)) for key in sorted(tables | optional)]
        assert len(set(names)) == len(names)


def test_places_in_sources_are_norwegian_in_norwegian() -> None:
    source = "Helsedirektoratet 2019, app. 3 table 1; ch. 3.1 and 5.1; apps. 9 and 10, p. 12"
    nb = "Helsedirektoratet 2019, vedlegg 3 tabell 1; kap. 3.1 og 5.1; vedlegg 9 og 10, s. 12"
    assert source_in_words(source, Words("nb")) == nb
    assert source_in_words(source, Words("en")) == source
    for preset in ("norway-2019", "norway-2027", "norway-2010"):
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
    for key, text in read_texts(file).items():
        for pattern in NEVER_IN_NORWEGIAN:
            assert not re.search(pattern, text), f"{key}: {text}"


def test_names_of_every_preset_are_translated() -> None:
    known = read_texts("names.nb")
    own = ("Helse ",)  # proper names
    for preset in ("norway-2019", "norway-2027", "norway-2010", "tutorial"):
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
