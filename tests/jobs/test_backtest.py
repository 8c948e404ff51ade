"""A backtest as a job: its file says all, is checked, and comes out again bit for bit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from lis1plan.cli.commands import main
from lis1plan.core.backtest.scores import LEVELS
from lis1plan.core.files.store import open_result
from lis1plan.report.reading import Reading
from lis1plan.report.sections.backtest import verdicts
from lis1plan.report.texts.words import Words

COUNTS = """series;year;value;vintage;fitted;source
appointed;2026;20;;;a register
appointed;2027;21;;;
appointed;2028;0;;;
unplaced;2020;10;late;the queue at the start;
unplaced;2024;14;late;;
unplaced;2026;30;late;;
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    folder = tmp_path_factory.mktemp("backtest")
    (folder / "counted.csv").write_text(COUNTS, encoding="utf-8")
    asked = ["--observed", str(folder / "counted.csv"), "--scenarios", "128", "--json"]
    done = CliRunner().invoke(main, ["backtest", "tutorial", *asked, "--out", str(folder)])
    assert done.exit_code == 0, done.stderr
    said = json.loads(done.stdout)
    return Path(said["netcdf"]), said


def test_file_is_right_and_comes_out_again(made: tuple[Path, dict[str, object]]) -> None:
    path, _ = made
    checked = CliRunner().invoke(main, ["verify", str(path)])
    assert checked.exit_code == 0, checked.output
    again = CliRunner().invoke(main, ["rerun", str(path)])
    assert again.exit_code == 0, again.output
    assert "bit for bit" in again.output


def test_scores_told_are_those_of_the_bands_and_counts_in_the_file(
    made: tuple[Path, dict[str, object]],
) -> None:
    """Coverage and bias once more from the file alone."""
    result = open_result(made[0])
    series = [str(key) for key in result["series_id"].values]
    assert series == ["appointed", "unplaced late"]
    years = result["year"].values.tolist()
    counted = result["backtest_observed"].values[:, 0]
    assert counted[[years.index(y) for y in (2026, 2027, 2028)]].tolist() == [20.0, 21.0, 0.0]
    assert int(result["backtest_origin"][0]) == 2026
    places = [years.index(y) for y in (2027, 2028)]
    told = result.isel(form=0, series=0, forecast=0)
    mean = result["backtest_mean"].values[places, 0]
    assert float(told["backtest_bias"]) == pytest.approx(float((mean - counted[places]).mean()))
    low, high = (result[f"backtest_{end}"].values[places, 0] for end in ("low", "high"))
    inside = (low <= counted[places, None]) & (counted[places, None] <= high)
    assert told["backtest_coverage"].values.tolist() == inside.mean(axis=0).tolist()
    assert np.isnan(float(told["backtest_mape"]))  # nobody was appointed in one of the years
    constant = result.isel(form=0, series=0, forecast=1)
    assert float(constant["backtest_crps"]) == pytest.approx((1.0 + 20.0) / 2.0)
    assert float(constant["backtest_pinball"]) == pytest.approx(
        np.mean([[max(p * x, (p - 1) * x) for p in LEVELS] for x in (1.0, -20.0)])
    )


def test_verdict_says_what_the_study_rests_on(made: tuple[Path, dict[str, object]]) -> None:
    reading = Reading(open_result(made[0]))
    for language, said in (("en", "In sample"), ("nb", "tilpasningsperioden")):
        flow, stock = verdicts(reading, Words(language))
        assert said in stock
        assert "the queue at the start" in stock
        assert said not in flow


def test_json_tells_every_forecast_scored(made: tuple[Path, dict[str, object]]) -> None:
    _, said = made
    flow, stock = said["series"]  # type: ignore[misc]
    assert {each["forecast"] for each in flow["scores"]} == {"projection", "constant"}
    assert flow["years"] == 2
    assert stock["fitted"] == "the queue at the start"
    assert {each["form"] for each in stock["scores"]} <= {"level", "growth", "relative"}


def test_counts_that_cannot_be_are_refused_before_any_work(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["backtest", "tutorial", "--out", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert "observed_2010_2017.csv" in done.stderr  # counted long before the tutorial begins
    assert not (tmp_path / "out").exists()
