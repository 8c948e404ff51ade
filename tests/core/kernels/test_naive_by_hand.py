"""The naive oracle against figures worked out by hand from docs/model.md."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest

from ...helpers.naive import cvar, flow, shortfall


def near(value: list[float] | float) -> Any:
    return pytest.approx(value, rel=0.0, abs=1e-9)


def flat(values: Any) -> list[float]:
    return [x for part in values for x in flat(part)] if isinstance(values, list) else [values]


def by_hand() -> dict[str, Any]:
    """One region, one group, one stage, two ages, two half-years of training, four half-years."""
    return {
        **{
            "offer_share": [0.75, 0.25, 0.75, 0.25],
            "unplaced": [20.0],
            "leakage": 0.25,
            "fill_rate": [0.5],
        },
        **{"newcomers": [[5.0], [1.0], [1.0], [1.0]], "leave": [0.5], "drop_out": 0.2},
        **{"occupants": [[10.0]], "choice": [[1.0]], "group_share": [1.0]},
        **{"direct_entry": [[[0.0]], [[1.0]], [[0.0]], [[0.0]]], "trainees": [[8.0]]},
        **{"historic_outcome": [[[0.25, 0.25]], [[0.25, 0.25]]], "historic_until": 1},
        **{"outcome": [[[0.0, 0.5]], [[0.0, 0.5]]], "specialists": [[[100.0, 40.0]]]},
        **{"entry_age": [[0.5, 0.5]], "foreign_age": [[1.0, 0.0]], "survival": [[0.5, 0.25]]},
        **{"foreign": [[[2.0]], [[0.0]], [[0.0]], [[0.0]]], "moving": 0.0, "landing": [1.0]},
        **{"fte": [[1.0, 0.5]], "starting": []},
    }


def test_the_first_year_worked_out_by_hand() -> None:
    record = flow(by_hand(), [[40.0, 0.0]])
    # spring: 15 + 5 queue for 40 · 0.75 · 0.5 = 15 offers; autumn: 3.75 + 1 queue for 5
    assert flat(record["queue"][:2]) == near(flat([[20.0], [4.75]]))
    assert flat(record["offers"][:2]) == near(flat([[15.0], [5.0]]))
    assert flat(record["appointed"][:2]) == near(flat([[15.0], [4.75]]))
    # 10 occupants: 2 drop out, 4 repeat, 4 finish; then 19: 3.8 drop out, 7.6 repeat, 7.6 finish
    assert flat(record["occupants"][:2]) == near(flat([[[19.0]], [[4.75 + 7.6]]]))
    assert flat(record["entry"][:2]) == near(flat([[[4.0]], [[8.6]]]))
    # half are left after one half-year: 8 = 16 · (0.5 + 0), so 16 entered in each half-year
    # spring: 4/4 of the new + 16/4 of those who entered before; autumn: 4/4 of the first cohort
    assert flat(record["qualified"][:2]) == near(flat([[[5.0]], [[1.0]]]))
    assert flat(record["left_training"][:2]) == near(flat([[[5.0]], [[1.0]]]))
    assert flat(record["trainees"][:2]) == near(flat([[[2.0]], [[8.6]]]))
    # spring: 50 + 2.5 + 2 and 10 + 2.5; autumn: 27.25 + 0.5 and 3.125 + 0.5
    assert record["present"][0] == near([67.0])
    assert flat(record["persons"][0]) == near(flat([[27.75 + 3.625]]))
    assert flat(record["supply"][0]) == near(flat([[27.75 + 0.5 * 3.625]]))
    assert record["aged_out"][1] == near([3.625])
    # spring of year 1: 0 and 0.25 · 27.75; half of autumn's 8.6 qualify a half-year later still
    assert flat(record["qualified"][2:]) == near(
        flat([[[4.3]], [[0.5 * record["entry"][2][0][0]]]])
    )
    assert record["present"][2] == near([0.25 * 27.75 + 4.3])


def test_spring_rounds_that_start_in_autumn_worked_out_by_hand() -> None:
    """Appointed before the start: 6, who begin in spring; nobody appointed in spring does."""
    later = by_hand() | {"starting": [[6.0]], "historic_until": 2, "offer_share": [0.25, 0.75] * 2}
    record = flow(later, [[40.0, 80.0]])
    # spring's round offers 40 · 0.25 · 0.5 = 5, autumn's those of the next year, 80 · 0.75 · 0.5;
    # the queue: 0.75 · 20 + 5, then 0.75 · 15 + 1; in the last round the posts of the last year
    assert flat(record["offers"]) == near([5.0, 30.0, 10.0, 30.0])
    assert flat(record["queue"][:2]) == near([20.0, 12.25])
    assert flat(record["appointed"][:2]) == near([5.0, 12.25])
    # 10 in LIS1: 4 repeat and 6 begin; of 10, 4 repeat and spring's 5 begin; autumn's come later
    assert flat(record["occupants"][:3]) == near([10.0, 9.0, 15.85])


def test_shortfall_pooled_and_summed() -> None:
    supply = [[[4.0, 9.0, 1.0], [1.0, 3.0, 1.0]], [[5.0, 5.0, 1.0], [1.0, 5.0, 1.0]]]
    demand = [[[6.0, 6.0, 9.0], [4.0, 4.0, 9.0]], [[8.0, 9.0, 9.0], [4.0, 4.0, 9.0]]]
    # regions 0 and 1: needed 10 + 10, at work 5 + 12; then 12 + 13 and 6 + 10
    cases = {
        ("pooled", "absolute"): (3.0, 9.0),
        ("summed", "absolute"): (5.0, 9.0),
        ("pooled", "relative"): (3.0 / 20.0, 9.0 / 25.0),
        ("summed", "relative"): (5.0 / 20.0, 9.0 / 25.0),
        # group 0 lacks 12 - 13 and 17 - 10, group 1 8 - 4 and 8 - 6
        ("summed_over_groups", "absolute"): (4.0, 9.0),
        # 2 in group 0's region 0, 3 and 1 in group 1; then 3 and 4, 3 (region 1 has enough)
        ("summed_over_both", "absolute"): (6.0, 10.0),
        ("summed_over_both", "relative"): (6.0 / 20.0, 10.0 / 25.0),
    }
    for (scope, measure), (first, second) in cases.items():
        z = [
            shortfall(supply, demand, (0, 1), (0, 1), scope, measure, statistic)  # type: ignore[arg-type]
            for statistic in ("mean", "max", "sum")
        ]
        assert z == near([(first + second) / 2.0, max(first, second), first + second])
    assert shortfall(demand, supply, (0, 2), (1,), "summed", "relative", "max") == 0.0


def test_cvar_runs_from_the_mean_to_the_worst() -> None:
    values = [3.0, -1.0, 7.0, 7.0, 0.5]
    assert cvar(values, 0.0) == near(math.fsum(values) / 5.0)
    assert cvar(values, 1e-12) == near(math.fsum(values) / 5.0)
    assert cvar(values, 1.0 - 1e-12) == near(7.0)
    # the worst 2.5 of 5: 7, 7 and half of 3
    assert cvar(values, 0.5) == near((7.0 + 7.0 + 0.5 * 3.0) / 2.5)
    assert cvar(values[::-1], 0.5) == near(cvar(values, 0.5))
    steps = [cvar(values, i / 20.0) for i in range(20)]
    assert all(a <= b + 1e-12 for a, b in pairwise(steps))
    with pytest.raises(ValueError, match="alpha"):
        cvar(values, 1.0)
