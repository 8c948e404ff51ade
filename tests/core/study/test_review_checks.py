"""What a study may say of review years, and how it is told where it may not."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from lis1plan.configs.loader import load_study
from lis1plan.core.study.checks.doubts import doubts
from lis1plan.core.study.checks.review import too_few
from lis1plan.core.study.study import ByDraws, Study

from ...helpers.small_study import WHY, changed

TUTORIAL = load_study("tutorial")


def reviewed(**more: Any) -> Study:
    error = {"value": 2.0, "assumption": WHY}
    told = {"years": (2028,), "branches": 2, "observation_error": error} | more
    return changed(TUTORIAL, {"review": told})


def test_a_study_without_reviews_says_nothing_of_them() -> None:
    assert '"review"' not in TUTORIAL.canonical_text
    assert '"review"' in reviewed().canonical_text
    assert ByDraws(reviewed()) == ByDraws(TUTORIAL)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"years": (2026,)}, r"review.years: 2026; must lie within 2027 to 2033"),
        ({"years": (2034,)}, r"review.years: 2034; must lie within"),
        ({"years": (2030, 2028)}, r"each once, in ascending order"),
        ({"years": (2027,), "lag_years": 1}, r"the last year known is 2025, demand.growth needs"),
        ({"lag_years": 3}, r"review.lag_years: 3; in 2028 the last year known is 2024"),
        ({"observes": "queue.length"}, r"follows from the plan itself"),
        ({"observes": "fill"}, r"'fill' follows from the plan itself"),
        ({"observes": "demand.alternative"}, r"'demand.alternative'; known: demand.growth"),
        ({"thresholds": ((1.0,), (2.0,))}, r"review.thresholds: 2 rows; one for each of 1"),
        ({"thresholds": ((1.0, 2.0),)}, r"2 in 2028; 2 branches are parted at 1"),
        ({"branches": 3, "thresholds": ((2.0, 1.0),)}, r"2, 1; ascending"),
        ({"years": (2028, 2029, 2030), "branches": 6}, r"are 216 end branches; at most 100"),
        ({"branch_limits": {"moon": 0.1}}, r"'moon' is no limit on risk; known: country, coast"),
    ],
)
def test_what_cannot_be_reviewed_is_refused(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        reviewed(**more)


def test_arrivals_of_the_first_year_alone_are_something_to_see() -> None:
    assert reviewed(years=(2027,), observes="newcomers").review is not None


def test_too_few_scenarios_are_told_and_few_are_warned_of() -> None:
    told = reviewed().review
    assert told is not None
    assert "39 scenarios for 2 end branches" in (too_few(told, 39) or "")
    assert too_few(told, 40) is None
    assert too_few(told.model_copy(update={"branches": 1}), 1) is None
    some = changed(reviewed(), {"sampling.scenarios": 198})
    assert any("some 99 scenarios in each of 2" in line for line in doubts(some))
    enough = changed(reviewed(), {"sampling.scenarios": 200})
    assert not any("review" in line for line in doubts(enough))


def test_a_chance_limit_is_refused_beside_reviews() -> None:
    with pytest.raises(ValidationError, match=r"risk.coast.rule: a chance limit"):
        changed(reviewed(), {"risk.coast.rule": "chance", "risk.coast.confidence": 0.5})
