"""Prices of a later year: impossible ones are refused by key and value, unlikely ones doubted."""

from __future__ import annotations

from typing import Any

import pytest

from lis1plan.configs.loader import load_study
from lis1plan.core.errors import InputError
from lis1plan.core.study.checks.doubts import doubts

FACTOR, YEAR = "cost.later_prices.factor", "cost.later_prices.year"


def given(factor: Any = 1.2, year: Any = 2024) -> str:
    """The prices of a later year as `--set` takes them; the price year is 2018."""
    return (
        f'cost.later_prices={{ year = {year}, factor = {{ value = {factor}, assumption = "x" }} }}'
    )


def refused(*overrides: str) -> str:
    with pytest.raises(InputError) as caught:
        load_study("norway-2019", overrides)
    return str(caught.value)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        (given(-1.2), f"{FACTOR}: can be -1.2; must be above 0"),
        (given(0), f"{FACTOR}: can be 0; must be above 0"),
        (given("nan"), f"{FACTOR}.value: found nan; give a finite number"),
        (given("inf"), f"{FACTOR}.value: found inf; give a finite number"),
        (
            given(123.2),
            f"{FACTOR}: found 123.2, prices that double every year from 2018 to 2024; gi",
        ),
        (given(64), f"{FACTOR}: found 64, prices that double every year from 2018 to 2024; give "),
        (given(1e-9), f"{FACTOR}: found 1e-09, prices that halve every year from 2018 to 2024; gi"),
        (given(year=2018), f"{YEAR}: found 2018; must be after 2018 (cost.price_year)"),
        (given(year=1998), f"{YEAR}: found 1998; must be after 2018 (cost.price_year)"),
        (given(year=20240), f"{YEAR}: found 20240; must be 2200 or less"),
        (given(year=2024.5), f"{YEAR}: found 2024.5; give a whole number"),
        ("cost.later_prices={ year = 2024 }", f"{FACTOR}: missing; a study must give it"),
        (
            'cost.later_prices={ factor = { value = 1.2, assumption = "x" } }',
            f"{YEAR}: missing; a study must give it",
        ),
        (
            "cost.later_prices={ year = 2024, factor = { value = 1.2 } }",
            f"{FACTOR}: give `source` (document, chapter or table) or `assumption` (why)",
        ),
    ],
)
def test_what_is_no_price_of_a_later_year_is_refused(override: str, said: str) -> None:
    assert refused(override).startswith(f"--set {override}: {said}")


def test_all_that_is_wrong_is_said_at_once() -> None:
    said = refused(given(0, 2018), "cost.discount_rate.value=3").splitlines()
    assert {line.split(": ", 1)[1] for line in said} == {
        "cost.discount_rate: is 3; must lie below 1 (1 % is 0.01)",
        f"{FACTOR}: can be 0; must be above 0",
        f"{YEAR}: found 2018; must be after 2018 (cost.price_year)",
    }


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (12.3, ["12.3, 51.9 % more every year from 2018 to 2024 (23 % more in all is 1.23)"]),
        (0.7, ["0.7, 5.77 % less every year from 2018 to 2024 (23 % more in all is 1.23)"]),
        (1.23, []),
        (0.95, []),
    ],
)
def test_prices_that_no_country_has_are_doubted(factor: float, said: list[str]) -> None:
    study = load_study("norway-2019", [given(factor)])
    assert list(doubts(study)) == [f"{FACTOR}: found {line}" for line in said]
