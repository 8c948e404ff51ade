"""What a figure is: told once at its field, for every key, in both languages; checks follow."""

from __future__ import annotations

import doctest
import math
from types import ModuleType

import pytest

from lis1plan.configs.loader import load_study
from lis1plan.core.scenarios.factors import DRAWN, title_of
from lis1plan.core.study import keys, meaning
from lis1plan.core.study.keys import known_keys, meaning_of
from lis1plan.core.study.meaning import (
    CORRELATION,
    PERSONS,
    POSITIVE_FACTOR,
    SHARE,
    WHOLE_YEARS,
    Kind,
)
from lis1plan.core.study.unchecked import UncheckedStudy
from lis1plan.report.texts.words import Words, read_texts

from ...helpers.small_study import small_study

STUDIES = (load_study("tutorial"), load_study("norway-2019"), small_study(1))


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_every_figure_says_what_it_is(study: UncheckedStudy) -> None:
    for key in [*study.quantities, *study.processes]:
        known = meaning_of(key)
        assert known.meaning.title
        assert known.meaning.kind.unit
        assert known.sourced, key


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_identifiers_are_those_of_the_study(study: UncheckedStudy) -> None:
    for region in study.regions:
        assert meaning_of(f"regions.{region}.retention").identifiers_in(
            f"regions.{region}.retention"
        ) == [region]


def test_norwegian_has_a_title_for_every_key_and_for_no_other() -> None:
    assert sorted(read_texts("titles.nb")) == sorted([*known_keys(), *DRAWN])


@pytest.mark.parametrize("pattern", [*DRAWN, *known_keys()])
def test_titles_differ_by_language(pattern: str) -> None:
    assert Words("en").title(pattern) == title_of(pattern) != Words("nb").title(pattern)


@pytest.mark.parametrize("key", ["queue.leakages", "regions.north", "title", "a.b.c.d"])
def test_key_of_no_figure_is_refused(key: str) -> None:
    with pytest.raises(KeyError):
        meaning_of(key)


@pytest.mark.parametrize(
    ("kind", "low", "high", "said"),
    [
        (SHARE, 0.0, 1.0, None),
        (SHARE, 0.5, 1.5, "ranges from 0.5 to 1.5; must lie within 0 to 1"),
        (SHARE, 1.5, 1.5, "is 1.5; must lie within 0 to 1"),
        (PERSONS, 0.0, 1e6, None),
        (PERSONS, -1.0, 2.0, "can be -1; must be 0 or more (cut a normal with `low`)"),
        (CORRELATION, 1.0, 1.0, "is 1; must lie between -1 and 1"),
        (POSITIVE_FACTOR, 0.1, math.inf, None),
        (POSITIVE_FACTOR, 0.0, 2.0, "can be 0; must be above 0"),
        (WHOLE_YEARS, 1.5, 1.5, "1.5; a whole number expected"),
        (WHOLE_YEARS, 2.0, 2.0, None),
    ],
)
def test_kind_tells_what_is_outside(kind: Kind, low: float, high: float, said: str | None) -> None:
    assert kind.problem(low, high) == said


def test_relative_change_may_have_either_sign() -> None:
    unbounded = meaning_of("demand.growth_error").meaning
    assert unbounded.problem(float("-inf"), float("inf")) is None


@pytest.mark.parametrize("module", [keys, meaning])
def test_examples_are_true(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0
