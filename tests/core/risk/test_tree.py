"""The tree of branches: its layout, thresholds, and where scenarios come to lie."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lis1plan.core.errors import InputError
from lis1plan.core.risk.branches import require_scenarios
from lis1plan.core.risk.tree import Seen, Tree, grown, shares
from lis1plan.core.study.distributions import Fixed
from lis1plan.core.study.settings import Review

from ...helpers.small_study import WHY

FIRST, YEARS = 2027, 6


def review(branches: int, *years: int, **more: object) -> Review:
    error = Fixed(value=0.0, assumption=WHY)
    told = {"years": years, "branches": branches, "observation_error": error} | more
    return Review.model_validate(told)


def seen(values: list[list[float]], weight: list[float] | None = None) -> Seen:
    array = np.array(values, dtype=float)
    return Seen(array, np.ones(len(array)) if weight is None else np.array(weight))


def tree(branches: int, *starts: int) -> Tree:
    thresholds = tuple(np.zeros((branches**r, branches - 1)) for r in range(len(starts)))
    return Tree(branches, starts, YEARS, thresholds)


@pytest.mark.parametrize("branches", [1, 2, 3])
@pytest.mark.parametrize("starts", [(1,), (2, 3), (1, 3, 5)])
def test_branches_share_a_column_exactly_until_they_part(
    branches: int, starts: tuple[int, ...]
) -> None:
    found = tree(branches, *starts)
    stage = [sum(y >= start for start in starts) for y in range(YEARS)]
    for one in range(found.ends):
        for other in range(found.ends):
            for y in range(YEARS):
                below = branches ** (len(starts) - stage[y])
                same = one // below == other // below
                assert (found.path[one, y] == found.path[other, y]) == same
    assert sorted(set(found.path.ravel())) == list(range(len(found.year)))
    for own in found.path:
        assert found.year[own].tolist() == list(range(YEARS))
        assert found.parent[own].tolist() == [-1, *own[:-1]]


def test_slopes_by_branch_add_up_in_the_columns_they_share() -> None:
    found, by_branch = tree(2, 2), np.arange(12.0).reshape(2, 1, YEARS)
    slots = np.random.default_rng(1).normal(size=(1, len(found.year)))
    whole = (found.plans(slots) * by_branch).sum()
    assert (slots * found.added_up(by_branch)).sum() == pytest.approx(whole)


def test_at_a_threshold_lies_the_branch_below_it() -> None:
    found = Tree(2, (1,), YEARS, (np.array([[5.0]]),))
    assert found.of(np.array([[4.9], [5.0], [5.1]])).tolist() == [0, 0, 1]
    low, high = found.ranges()
    assert (low.tolist(), high.tolist()) == ([[-np.inf], [5.0]], [[5.0], [np.inf]])


def test_reviews_are_nested_each_branch_with_thresholds_of_its_own() -> None:
    found = Tree(2, (1, 2), YEARS, (np.array([[0.0]]), np.array([[-1.0], [1.0]])))
    values = np.array([[-5.0, -2.0], [-5.0, 0.5], [5.0, 0.5], [5.0, 2.0]])
    assert found.of(values).tolist() == [0, 1, 2, 3]
    low, high = found.ranges()
    assert low.tolist() == [[-np.inf, -np.inf], [-np.inf, -1.0], [0.0, -np.inf], [0.0, 1.0]]
    assert high.tolist() == [[0.0, -1.0], [0.0, np.inf], [np.inf, 1.0], [np.inf, np.inf]]


@given(st.lists(st.floats(-1e6, 1e6), min_size=200, max_size=300, unique=True), st.integers(2, 4))
def test_thresholds_part_evenly_and_are_round(values: list[float], branches: int) -> None:
    given_ = Seen(np.array(values)[:, None], np.ones(len(values)))
    found = grown(review(branches, 2028), FIRST, YEARS, given_)
    share = shares(given_.values[:, 0], given_.weight, found.thresholds[0][0])
    assert share.min() >= 0.85 / branches - 1.0 / len(values)


def test_a_threshold_has_no_more_digits_than_it_needs() -> None:
    values = np.random.default_rng(3).normal(431.7, 90.0, 4000)
    found = grown(review(3, 2028), FIRST, YEARS, Seen(values[:, None], np.ones(4000)))
    assert found.thresholds[0].tolist() == [[400.0, 480.0]]


def test_weights_count_in_quantiles() -> None:
    values = [[float(n)] for n in range(100)]
    weight = [9.0] * 50 + [1.0] * 50
    found = grown(review(2, 2028), FIRST, YEARS, seen(values, weight))
    assert 20.0 < found.thresholds[0][0, 0] < 35.0


def test_given_thresholds_are_those_of_every_branch() -> None:
    asked = review(2, 2028, 2029, thresholds=((3.0,), (4.0,)))
    found = grown(asked, FIRST, YEARS, seen([[1.0, 1.0]] * 10))
    assert [each.tolist() for each in found.thresholds] == [[[3.0]], [[4.0], [4.0]]]


def test_branches_of_few_scenarios_are_all_named() -> None:
    values = [[0.0]] * 30 + [[10.0]] * 19
    asked = review(2, 2028, thresholds=((5.0,),))
    found = grown(asked, FIRST, YEARS, seen(values))
    with pytest.raises(InputError, match=r"19 scenarios where .* is above 5"):
        require_scenarios(asked, found, seen(values))
    enough = seen([*values, [10.0]])
    require_scenarios(asked, found, enough)
    with pytest.raises(InputError, match="at most 5"):  # those of no weight do not count
        require_scenarios(asked, found, seen([*values, [10.0]], [0.0] * 11 + [1.0] * 39))
