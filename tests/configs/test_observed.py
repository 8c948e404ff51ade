"""Files of what was counted: read right however they are written, or refused line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from lis1plan.configs.loader import load_study
from lis1plan.configs.observed import as_text, observed_in, read_observed
from lis1plan.core.backtest.observed import Scope
from lis1plan.core.errors import InputError
from lis1plan.jobs.backtest import scope_of
from lis1plan.jobs.options import BacktestOptions
from lis1plan.jobs.request import JobRequest


def scope(preset: str) -> Scope:
    return scope_of(JobRequest(load_study(preset), BacktestOptions(observed="")))


TUTORIAL = scope("tutorial")
ROWS = (
    "series,year,value,region,vintage\nspecialists,2024,100,,first\nspecialists,2025,102.5,,first\n"
)


def read(folder: Path, text: str | bytes) -> str:
    path = folder / "counted.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return as_text(read_observed(path, TUTORIAL))


@pytest.mark.parametrize(
    "written",
    [
        ROWS.replace(",", ";"),
        ROWS.replace(",", "\t"),
        ROWS.replace("\n", "\r\n"),
        b"\xef\xbb\xbf" + ROWS.encode(),
        ROWS.replace("100", "100.0"),
        "\n".join([ROWS.splitlines()[0], *reversed(ROWS.splitlines()[1:])]),
    ],
)
def test_same_counts_however_written(written: str | bytes, tmp_path: Path) -> None:
    assert read(tmp_path, written) == read(tmp_path, ROWS)


def test_three_decimals_come_back(tmp_path: Path) -> None:
    """As 1.234 they would be asked about."""
    text = read(tmp_path, f"{ROWS}specialists,2026,1.2340,,first\n")
    assert "1.2340" in text
    assert as_text(observed_in(text, TUTORIAL)) == text


def test_text_and_series_are_the_same_thing() -> None:
    shipped = read_observed(None, scope("norway-2010"))
    again = observed_in(as_text(shipped), scope("norway-2010"))
    assert again == shipped
    assert [each.values for each in again] == [each.values for each in shipped]
    assert all(each.source for each in shipped)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("specialist,2025,1,,", "series 'specialist'; known: supply, doctors"),
        ("specialists,2025,1,nowhere,", "region 'nowhere'; allowed: city, coast"),
        ("specialists,25,1,,", "year '25'"),
        ("specialists,2025,1_000,,", "value '1_000'"),
        ("specialists,2025,nan,,", "value 'nan'"),
        ("specialists,2025,-1,,", "value '-1'"),
        ("specialists,2026,1.234,,", "value '1.234': 1 234 or 1.234? Write it without"),
        ("specialists,2025,1,,first", "specialists first 2025 is listed twice"),
        ("specialists,2025,1", "5 columns expected"),
    ],
)
def test_bad_rows_are_named(row: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"counted\.csv:4: ") as refused:
        read(tmp_path, f"{ROWS}{row}\n")
    assert said in str(refused.value)


def test_group_of_what_has_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="appointed is not told by group"):
        read(tmp_path, f"series,year,value,group\nappointed,2026,1,{TUTORIAL.groups[0]}\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("series,year,value\n", "holds no counts"),
        ("series,value\n", "no column 'year'; found: series, value"),
        ("series,year,value,value\n", "column 'value' unknown or twice"),
        ("series,year,value,wishes\n", "column 'wishes' unknown or twice"),
        (
            "series,year,value\nspecialists,1990,1\nspecialists,1991,2\n",
            "specialists: no year to score; counted 1990 to 1991, projected 2025 to 2045",
        ),
    ],
)
def test_files_without_counts_are_refused(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"counted\.csv") as refused:
        read(tmp_path, text)
    assert said in str(refused.value)
