"""Terms: marked where first used in a section, with the meaning that the glossary has."""

from __future__ import annotations

import re

import pytest

from lis1plan.report.pages.html import render_report
from lis1plan.report.texts.terms import Terms, terms_of
from lis1plan.report.texts.words import LANGUAGES, Words

from ..helpers.synthetic_result import synthetic_result


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mark_has_its_meaning_in_the_glossary(language: str) -> None:
    page = render_report(synthetic_result())
    (part,) = (x for x in page.split('<div class="page"')[1:] if f'id="{language}"' in x[:80])
    marked = set(re.findall(r'data-term="([a-z0-9_]+)"', part))
    keys = {key for key, *_ in terms_of(Words(language))}
    assert len(marked) >= 10
    assert marked <= keys
    assert all(f'id="{language}-term-{key}"' in part for key in keys)
    assert len(keys) <= 20
    for section in re.findall(r"<section.*?</section>", part, flags=re.DOTALL):
        found = re.findall(r'data-term="([a-z0-9_]+)"', section)
        assert len(found) == len(set(found))  # the first use alone


def test_both_languages_explain_the_same_terms() -> None:
    english, norwegian = ({key for key, *_ in terms_of(Words(language))} for language in LANGUAGES)
    assert english == norwegian


def test_a_term_is_marked_once_and_what_is_around_it_stays_text() -> None:
    mark = Terms(Words("en"))
    said = str(mark("<b> Unmet need & unmet need"))
    assert said.startswith("&lt;b&gt; <span")
    assert said.count("<span") == 1
    assert said.endswith("&amp; unmet need")
    assert "<span" not in str(mark("unmet need"))
    assert "<span" not in str(Terms(Words("en"), told=False)("unmet need"))


def test_a_word_within_another_is_no_term() -> None:
    assert "<span" not in str(Terms(Words("nb"))("en begrensende faktor"))
