"""The naive oracle against the laws that docs/model.md itself implies."""

from __future__ import annotations

from typing import Any

import pytest

from ...helpers.naive import flow, response, supply_from_response
from ...helpers.naive_rates import permuted, reordered, small_level, small_rates

SEEDS = (1, 2, 3)
INFLOWS = ("newcomers", "direct_entry", "foreign")
STOCKS = ("unplaced", "occupants", "starting", "trainees", "specialists")


def near(value: Any) -> Any:
    return pytest.approx(value, rel=0.0, abs=1e-9)


def flat(values: Any) -> list[float]:
    return [x for part in values for x in flat(part)] if isinstance(values, list) else [values]


def without(rates: dict[str, Any], *names: str) -> dict[str, Any]:
    def nobody(people: Any) -> Any:
        return [nobody(part) for part in people] if isinstance(people, list) else 0.0

    return {**rates, **{name: nobody(rates[name]) for name in names}}


@pytest.fixture(params=SEEDS)
def seed(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def rates(seed: int) -> dict[str, Any]:
    return small_rates(seed)


@pytest.fixture
def level(seed: int, rates: dict[str, Any]) -> list[list[int]]:
    return small_level(seed, rates)


def test_the_small_rates_keep_the_promises_of_the_table(rates: dict[str, Any]) -> None:
    assert all(name in rates for name in (*INFLOWS, *STOCKS))
    for name in ("choice", "entry_age", "foreign_age"):
        assert [sum(row) for row in rates[name]] == near([1.0] * len(rates[name]))
    assert sum(rates["group_share"]) == near(1.0)
    assert all(0.0 < share < 1.0 for share in rates["offer_share"])
    for name in ("outcome", "historic_outcome"):
        completing, leaving = rates[name]
        for k in range(len(completing)):
            assert len(completing[k]) == len(leaving[k]) == 14
            assert sum(completing[k]) + sum(leaving[k]) == near(1.0)
            assert completing[k][:3] == [0.0] * 3
    assert rates["choice"][0][1] != rates["choice"][1][0]
    assert rates["landing"][0] != rates["landing"][1]


def test_queue_binds_in_some_regions_and_not_in_others(
    rates: dict[str, Any], level: list[list[int]]
) -> None:
    record = flow(rates, level)
    binds = [
        [queue < offers for queue, offers in zip(queues, offered, strict=True)]
        for queues, offered in zip(record["queue"], record["offers"], strict=True)
    ]
    # the last year's offers: that year's level, not another's
    autumn = [rates["fill_rate"][r] * rates["offer_share"][23] * level[r][11] for r in range(3)]
    assert record["offers"][23] == near(autumn)
    always, never, sometimes = zip(*binds, strict=True)
    assert all(always)
    assert not any(never)
    assert any(sometimes)
    assert not all(sometimes)


def test_shapes_follow_the_page() -> None:
    rates = small_rates(5, groups=4, regions=2, stages=1, ages=5, longest=6, half_years=10)
    record = flow(rates, small_level(5, rates))

    def shape(values: Any) -> tuple[int, ...]:
        return (len(values), *shape(values[0])) if isinstance(values, list) else ()

    expected = {
        **dict.fromkeys(("supply", "persons", "training"), (5, 4, 2)),
        **dict.fromkeys(("left_queue", "queue", "offers", "appointed"), (10, 2)),
        **dict.fromkeys(("dropped_lis1", "completers"), (10, 2)),
        **dict.fromkeys(("entry", "qualified", "left_training", "trainees"), (10, 4, 2)),
        **dict.fromkeys(("left_work", "aged_out", "present"), (10, 4)),
        "occupants": (10, 1, 2),
        "specialists_by_age_end": (4, 2, 5),
    }
    assert {name: shape(values) for name, values in record.items()} == expected
    assert shape(response(rates, 8)) == (4, 2, 4, 2, 2)


def test_queue_and_lis1_conserve_people(rates: dict[str, Any], level: list[list[int]]) -> None:
    record = flow(rates, level)
    unplaced, occupants = rates["unplaced"], rates["occupants"]
    for h, newcomers in enumerate(rates["newcomers"]):
        appointed = record["appointed"][h]
        for r in range(3):
            joined = unplaced[r] + newcomers[r]
            assert record["queue"][h][r] == near(joined - record["left_queue"][h][r])
            before = sum(stage[r] for stage in occupants)
            after = sum(stage[r] for stage in record["occupants"][h])
            gone = record["completers"][h][r] + record["dropped_lis1"][h][r]
            assert after == near(before + appointed[r] - gone)
        unplaced = [queue - a for queue, a in zip(record["queue"][h], appointed, strict=True)]
        assert min(unplaced) >= 0.0
        occupants = record["occupants"][h]


def test_training_conserves_people(rates: dict[str, Any], level: list[list[int]]) -> None:
    record = flow(rates, level)
    trainees = rates["trainees"]
    for h, direct in enumerate(rates["direct_entry"]):
        entered = sum(flat(record["entry"][h]))
        assert entered == near(sum(record["completers"][h]) + sum(flat(direct)))
        ended = sum(flat(record["qualified"][h])) + sum(flat(record["left_training"][h]))
        assert sum(flat(record["trainees"][h])) == near(sum(flat(trainees)) + entered - ended)
        trainees = record["trainees"][h]
        assert record["training"][h // 2] == trainees or h % 2 == 0


def test_training_stock_is_who_entered_and_has_not_ended(rates: dict[str, Any]) -> None:
    # after D half-years the starting pipeline is empty: the stock is made of known entries only
    record = flow(rates, small_level(9, rates))
    last = len(record["entry"]) - 1
    for k in range(2):
        still = [
            1.0 - sum(rates["outcome"][0][k][:e]) - sum(rates["outcome"][1][k][:e])
            for e in range(1, 15)
        ]
        for r in range(3):
            expected = sum(still[e - 1] * record["entry"][last - e + 1][k][r] for e in range(1, 15))
            assert record["trainees"][last][k][r] == near(expected)


def test_specialists_conserve_people(rates: dict[str, Any], level: list[list[int]]) -> None:
    record = flow(rates, level)
    present = [sum(flat(group)) for group in rates["specialists"]]
    for h, foreign in enumerate(rates["foreign"]):
        for k in range(2):
            joined = sum(record["qualified"][h][k]) + sum(foreign[k])
            gone = record["left_work"][h][k] + record["aged_out"][h][k]
            assert record["present"][h][k] == near(present[k] + joined - gone)
            if h % 2 == 1:
                at_work = record["present"][h][k] + record["aged_out"][h][k]
                assert sum(record["persons"][h // 2][k]) == near(at_work)
            else:
                assert record["aged_out"][h][k] == 0.0
        present = record["present"][h]
    ended = [sum(flat(group)) for group in record["specialists_by_age_end"]]
    assert ended == near(present)


def test_without_inflow_specialists_decay_at_their_survival(rates: dict[str, Any]) -> None:
    alone = without(rates, *INFLOWS, "unplaced", "occupants", "starting", "trainees")
    alone["specialists"] = [[[100.0, *[0.0] * 11], [0.0] * 12, [0.0] * 12] for _ in range(2)]
    record = flow(alone, None)
    for k in range(2):
        left = 100.0
        for y in range(12):
            left *= rates["survival"][k][y] ** 2
            assert sum(record["persons"][y][k]) == near(left)
            assert sum(record["supply"][y][k]) == near(left * rates["fte"][k][y])
        assert record["aged_out"][23][k] == near(left)
    assert sum(flat(record["specialists_by_age_end"])) == 0.0


def test_without_level_nobody_is_appointed(rates: dict[str, Any]) -> None:
    record = flow(rates, None)
    assert set(flat(record["appointed"])) == {0.0}
    assert record["supply"] != flow(rates, small_level(1, rates))["supply"]


def test_no_effect_before_the_shortest_training_time(rates: dict[str, Any]) -> None:
    # appointed at p, into LIS2/3 at p + 3, qualified at the end of p + 3 + 4 - 1: year 3
    answer = response(rates, 24)
    for k in range(2):
        for p in range(2):
            assert set(flat(answer[k][p][:3])) == {0.0}
            assert min(flat(answer[k][p][3:])) > 0.0


def test_baseline_and_response_make_the_flow(rates: dict[str, Any], level: list[list[int]]) -> None:
    record = flow(rates, level)
    baseline = flow(rates, None)["supply"]
    both = supply_from_response(baseline, response(rates, 24), record["appointed"])
    assert flat(both) == near(flat(record["supply"]))
    assert flat(both[3:]) != near(flat(baseline[3:]))
    again = flow(rates, None, record["appointed"])
    assert again["supply"] == record["supply"]


def test_response_refuses_cohorts_it_would_not_describe() -> None:
    with pytest.raises(ValueError, match="historic_until"):
        response(small_rates(1, historic_until=4), 24)


def test_an_odd_number_of_half_years_is_refused() -> None:
    with pytest.raises(ValueError, match="even"):
        flow(small_rates(1, half_years=7), None)


@pytest.mark.parametrize("order", [(2, 0, 1), (1, 0, 2)])
def test_permuting_regions_permutes_the_answer(
    rates: dict[str, Any], level: list[list[int]], order: tuple[int, ...]
) -> None:
    record = flow(rates, level)
    renamed = flow(permuted(rates, order), reordered(level, order, 0))
    for name in ("supply", "persons", "training", "entry", "qualified", "occupants"):
        assert flat(renamed[name]) == near(flat(reordered(record[name], order, 2)))
    assert flat(renamed["appointed"]) == near(flat(reordered(record["appointed"], order, 1)))
