"""Numbers of files: read as they were meant, or asked about; never taken for others."""

from __future__ import annotations

import random

import pytest

from lis1plan.configs.numbers import marks, number_problems, shown, thousands_shown

CONVENTIONS = [(" ", ","), (" ", "."), ("", ","), ("", "."), (".", ","), (",", ".")]


def written(thousandths: int, thousands: str, decimal: str) -> str:
    """A figure as a convention writes it, without zeros at the end."""
    whole, rest = divmod(thousandths, 1000)
    decimals = f"{rest:03}".rstrip("0")
    return f"{whole:,}".replace(",", thousands) + (decimal + decimals if decimals else "")


def column(choose: random.Random) -> list[int]:
    """Figures in thousandths: whole ones, and some with decimals."""
    factors = choose.choice([(1000,), (1000, 500), (1, 10, 100, 1000), (1,)])
    largest = choose.choice([9, 2_000, 3_000_000])
    return [
        choose.randint(1, largest) * choose.choice(factors) for _ in range(choose.randint(1, 4))
    ]


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_column_is_read_as_meant_or_asked_about(convention: tuple[str, str]) -> None:
    """Whatever one convention wrote, in two columns of a file: never a figure of another."""
    choose, read, asked = random.Random(1), 0, 0
    for _ in range(2000):
        meant = {name: column(choose) for name in "ab"}
        cells = {name: [written(n, *convention) for n in meant[name]] for name in meant}
        for name, thousands in thousands_shown(cells).items():
            if number_problems(cells[name], thousands):
                asked += 1
                continue
            read += 1
            reading = marks(thousands or "", ";", stated=False)
            assert [round(float(reading.read(cell)) * 1000) for cell in cells[name]] == meant[name]
    assert read > 1000
    assert asked > 0 or convention[0] == " "


@pytest.mark.parametrize(("thousands", "decimal"), [(".", ","), (",", ".")])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_column_is_read_as_stated(thousands: str, decimal: str, separator: str) -> None:
    choose = random.Random(2)
    reading = marks(thousands, separator, stated=True)
    for _ in range(1000):
        meant = choose.randint(1, 10**9)
        assert round(float(reading.read(written(meant, thousands, decimal))) * 1000) == meant


@pytest.mark.parametrize(
    ("cells", "elsewhere", "thousands"),
    [
        (["856", "1.234"], [], None),
        (["856", "1,234"], [], None),
        (["-1.234"], [], None),
        (["1.234", "1,234"], [], None),
        (["1.234", "1.234.567"], [], "."),
        (["1.234", "2.345,5"], [], "."),
        (["1.234"], ["0,85"], None),  # a file may be pasted together from two
        (["1,234"], ["0.85"], None),
        (["1.234", "12.5"], ["0,85"], None),
        (["1.234", "1.234.567"], ["12.5"], None),
        (["1.234", "1.234.567"], ["12,5"], "."),
        (["1,234.5", "1.234"], [], ","),
        (["1.234"], ["0.85"], None),  # the decimals of another column say nothing of this one
        (["1.234"], ["0.85", "0,85"], None),
        (["1.234"], ["1.234.567", "0.85"], None),
        (["1.234", "12.5"], [], ""),
        (["1.234", "0.123"], [], ""),
        (["1.234", "1234.567"], [], ""),
        (["1 234", "1 234.567"], [], ""),
        (["0.123", "0.85", "12.5", "1.2345", "1234", "1e3"], [], ""),
    ],
)
def test_what_cells_show(cells: list[str], elsewhere: list[str], thousands: str | None) -> None:
    assert thousands_shown({"a": cells, "b": elsewhere})["a"] == thousands


@pytest.mark.parametrize(
    ("cells", "thousands", "places"),
    [
        (["1.234", "0.85"], ".", [1]),
        (["1.234", "1,234"], ".", [1]),
        (["1.234", "1,234", "12,5"], ".", []),
        (["1.234", "12.34.567", "1234"], ".", [1]),
        (["1_234", "1", ":"], "", [0, 2]),
        (["9", "1,234", "1.234", "12,5"], None, [2]),
    ],
)
def test_cells_of_another_convention_are_problems(
    cells: list[str], thousands: str | None, places: list[int]
) -> None:
    assert list(number_problems(cells, thousands)) == places


@pytest.mark.parametrize(
    ("cell", "separator", "read"),
    [
        ("1 234", ";", "1234"), ("1\u00a0234\u00a0567", ";", "1234567"), ("12 34", ";", "12 34"),
        ("1 234,5", ";", "1234.5"), ("0,85", ";", "0.85"), ("0,85", "\t", "0.85"),
        ("0,85", ",", "0,85"), ("1,234", ",", "1,234"), ("-7", ";", "-7"), ("1e3", ";", "1e3"),
    ],
)  # fmt: skip
def test_numbers_where_only_a_space_parts_thousands(cell: str, separator: str, read: str) -> None:
    assert marks("", separator, stated=False).read(cell) == read


def test_nothing_shows_nothing() -> None:
    assert shown(["", "many", "1 234", "1.234"]) == (set(), set())
