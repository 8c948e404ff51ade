"""Scenario discovery: planted boxes come out, noise yields none, order does not matter."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.discovery.box import Box, Seen, p_values, quality_of, readable
from lis1plan.core.discovery.discover import (
    BOXES,
    DENSER,
    Discovery,
    _pruned,
    discover,
    judged_boxes,
    judged_of,
)
from lis1plan.core.discovery.prim import peel

Floats = NDArray[np.float64]
NAMES = ["leave", "growth", "completion", "exits", "flag"]
COUNT = 8_000


def drawn(seed: int, count: int = COUNT) -> Floats:
    """Values of five conditions in units of their own; the last is 0 or 1."""
    u = np.random.default_rng(seed).uniform(size=(count, 5))
    values = u * [0.1, 1000.0, 0.3, 4.0, 1.0] + [0.02, 200.0, 0.65, 1.0, 0.0]
    values[:, 4] = u[:, 4] < 0.3
    return values


def planted(values: Floats) -> NDArray[np.bool_]:
    """Growth above 780 and completion below 0.83: 42 % of 60 % of all scenarios."""
    return (values[:, 1] > 780.0) & (values[:, 2] < 0.83)


def seen_with(seed: int, inside: float, outside: float, weight: Floats | None = None) -> Seen:
    """Scenarios that fail with one probability inside the planted box, with another elsewhere."""
    values, chance = drawn(seed), np.random.default_rng(seed + 1000).uniform(size=COUNT)
    fails = chance < np.where(planted(values), inside, outside)
    return Seen(values, fails, np.ones(COUNT) if weight is None else weight)


def by(method: str, found: Discovery) -> list[Box]:
    return [each.box for each in found.boxes if each.method == method]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("inside", "outside"), [(1.0, 0.0), (0.9, 0.05)])
def test_a_planted_box_is_found(seed: int, inside: float, outside: float) -> None:
    """Its ends within a twentieth of the range, both methods; nothing else is restricted."""
    found = discover(seen_with(seed, inside, outside), NAMES)
    box = by("prim", found)[0]
    assert box.restricted.tolist() == [False, True, True, False, False]
    assert box.low[1] == pytest.approx(780.0, abs=50.0)
    assert box.high[2] == pytest.approx(0.83, abs=0.015)
    assert np.isinf(box.high[1])
    assert np.isinf(box.low[2])
    share = 0.42 * 0.6
    failing = share * inside + (1.0 - share) * outside
    quality = found.boxes[0].quality
    assert quality.density == pytest.approx(inside, abs=0.06)
    assert quality.coverage == pytest.approx(share * inside / failing, abs=0.08)
    assert quality.mass == pytest.approx(share, abs=0.03)
    leaf = by("tree", found)[0]
    assert leaf.low[1] == pytest.approx(780.0, abs=50.0)
    assert leaf.high[2] == pytest.approx(0.83, abs=0.015)
    assert found.rate == pytest.approx(failing, abs=0.03)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("rate", [0.05, 0.3, 0.8])
def test_in_pure_noise_nothing_is_found(seed: int, rate: float) -> None:
    assert discover(seen_with(seed, rate, rate), NAMES).boxes == []


@pytest.mark.parametrize("fails", [0.0, 1.0, 0.002])
def test_without_failures_or_nothing_else_there_are_no_boxes(fails: float) -> None:
    assert discover(seen_with(1, fails, fails), NAMES).boxes == []


def test_two_planted_boxes_are_found_one_after_the_other() -> None:
    values = drawn(7)
    other = (values[:, 3] > 4.0) & (values[:, 0] > 0.07)
    found = discover(Seen(values, planted(values) | other, np.ones(COUNT)), NAMES)
    restricted = [tuple(np.flatnonzero(box.restricted).tolist()) for box in by("prim", found)]
    assert sorted(restricted[:2]) == [(0, 3), (1, 2)]
    assert found.together.coverage > 0.9
    assert found.together.density > 0.9
    coverage = sum(each.quality.coverage for each in found.boxes if each.method == "prim")
    assert coverage == pytest.approx(found.together.coverage)  # of what those before leave


def test_a_flag_is_found_as_one() -> None:
    values = drawn(9)
    found = discover(Seen(values, values[:, 4] == 1.0, np.ones(COUNT)), NAMES)
    assert by("prim", found)[0].restricted.tolist() == [False] * 4 + [True]
    assert found.boxes[0].quality.density == 1.0
    assert found.boxes[0].quality.coverage == 1.0


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_conditions_does_not_matter(seed: int) -> None:
    seen, names = seen_with(seed, 0.8, 0.1), [*NAMES, "growth_again", "a_growth"]
    values = np.hstack([seen.values, seen.values[:, [1, 1]]])  # three that tell the same
    order = np.random.default_rng(seed).permutation(7)
    one = discover(seen._replace(values=values), names)
    other = discover(seen._replace(values=values[:, order]), [names[n] for n in order])
    assert len(one.boxes) == len(other.boxes) > 0
    for a, b in zip(one.boxes, other.boxes, strict=True):
        assert (a.method, a.quality) == (b.method, b.quality)
        assert np.array_equal(a.box.low[order], b.box.low)
        assert np.array_equal(a.box.high[order], b.box.high)
        assert np.array_equal(a.p[order], b.p, equal_nan=True)


def test_weights_count_as_scenarios_do() -> None:
    """Scenarios of weight zero are as good as absent, and of weight two as good as two."""
    seen = seen_with(3, 0.9, 0.1)
    weight = np.where(planted(seen.values), 0.0, 1.0)
    assert discover(seen._replace(weight=weight), NAMES).boxes == []
    heavier = quality_of(planted(seen.values), seen._replace(weight=1.0 + planted(seen.values)))
    plain = quality_of(planted(seen.values), seen)
    assert heavier.density == pytest.approx(plain.density)
    assert heavier.mass == pytest.approx(2.0 * plain.mass / (1.0 + plain.mass))


def test_quality_is_that_of_scenarios_the_boxes_were_not_found_on() -> None:
    """Changing those they were found on changes no quality of given boxes."""
    seen = seen_with(4, 0.9, 0.1)
    found = discover(seen, NAMES)
    other = seen.fails.copy()
    other[::2] = ~other[::2]
    boxes = by("prim", found)
    again = judged_boxes(boxes, judged_of(seen._replace(fails=other)))
    assert [quality for quality, _ in again] == [f.quality for f in found.boxes[: len(boxes)]]
    assert len(boxes) <= BOXES
    assert all(f.quality.density >= found.rate + DENSER * (1 - found.rate) for f in found.boxes)


def test_p_values_are_those_of_the_binomial() -> None:
    """A restriction that halves nothing is likely chance; the planted one is not."""
    seen = seen_with(5, 0.9, 0.1)
    box = Box.whole(5)
    box.low[1], box.low[3] = 780.0, 3.0
    p = p_values(box, seen)
    assert np.isnan(p[[0, 2, 4]]).all()
    assert p[1] < 1e-12
    assert p[3] > 0.001
    four = Seen(np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0, 0, 1, 1]) > 0, np.ones(4))
    upper = Box(np.array([2.0]), np.array([np.inf]))
    assert p_values(upper, four)[0] == pytest.approx(0.25)  # two of two where half fail


def test_restrictions_that_say_nothing_are_dropped() -> None:
    """By chance, or to so little effect that they are not worth a word; the planted ones stay."""
    judged = judged_of(seen_with(6, 0.9, 0.1))
    box = Box.whole(5)
    box.low[1], box.high[2] = 780.0, 0.83
    for j, low in ((0, 0.05), (3, 1.1), (4, 1.0)):
        wide = Box(box.low.copy(), box.high.copy())
        wide.low[j] = low
        assert _pruned(wide, judged).restricted.tolist() == box.restricted.tolist()
    assert _pruned(box, judged).restricted.tolist() == box.restricted.tolist()


def test_peeling_alone_never_leaves_a_box_worse_than_everything() -> None:
    for seed in range(5):
        seen = seen_with(seed, 0.6, 0.2)
        all_of_it = quality_of(np.ones(COUNT, dtype=bool), seen)
        assert quality_of(peel(seen).inside(seen.values), seen).balance >= all_of_it.balance


def test_ends_are_rounded_to_what_can_be_told() -> None:
    values = drawn(1)
    box = Box.whole(5)
    box.low[1], box.high[2], box.high[3] = 781.2345678, 0.8312345, values[:, 3].max()
    told = readable(box, values)
    assert told.low[1] == 781.2 or told.low[1] == 781.0
    assert told.high[2] == 0.831
    assert not told.restricted[3]
