"""The options: every rule has a line, those that would change nothing are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lis1plan.batch.campaign import Runs, new_campaign
from lis1plan.cli import main
from lis1plan.core.compute.profile import Profile
from lis1plan.core.files.store import write_result

from ..helpers.synthetic_result import synthetic_result

QUICK = ("--scenarios", "16", "--workers", "1", "--quiet")


def call(*arguments: object) -> Result:
    """What a command says and how it ends; a traceback is an error of the program."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


# ------------------------------------------------------------------------------ limits of all rules

PRICED = """\
based_on = "tutorial"
name = "priced"
title = "Tutorial with a price on shortage"
known_as_of = "2025"

[risk.country]
name = "The country"
regions = ["city", "coast"]
measure = "absolute"
statistic = "sum"
rule = "price"
price = 2000000
assumption = "made up"

[risk.coast]
name = "Coast"
regions = ["coast"]
rule = "mean"
limit = 0.06
assumption = "made up"
"""


@pytest.mark.parametrize("command", ["validate", "project"])
def test_a_rule_without_a_limit_has_a_dash_for_one(command: str, tmp_path: Path) -> None:
    study = tmp_path / "priced.toml"
    study.write_text(PRICED, "utf-8")
    where = [] if command == "validate" else ["--out", tmp_path]
    result = call(command, study, *QUICK[:-1], *where)
    assert result.exit_code == 0, result.output
    heading, priced, limited = (
        line for line in result.stdout.splitlines() if line.startswith(("limit ", "The", "Coast "))
    )
    column = heading.split()[1:].index("allowed")
    assert priced.removeprefix("The country").split()[column] == "–"
    assert limited.removeprefix("Coast").split()[column] == "0.0600"
    assert "CVaR" not in heading  # the column holds what the limit's own rule makes of the shortage


# ------------------------------------------------------------ options that would change nothing


@pytest.fixture(scope="module")
def result_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plausible result, without a run."""
    data = synthetic_result()
    return write_result(data, tmp_path_factory.mktemp("result") / "result.nc", data.attrs)


def refused(*arguments: object) -> list[str]:
    """The lines of a command that refuses what it was asked, each without the name before it."""
    result = call(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert all(line.startswith("lis1plan: ") for line in lines), lines
    return [line.removeprefix("lis1plan: ") for line in lines]


@pytest.mark.parametrize(
    ("command", "options"),
    [
        (["project", "tutorial", "--realization", "3"], ["--cluster=local"]),
        (["project", "tutorial", "--realization", "3"], ["--significant-digits=2"]),
        (["project", "tutorial"], ["--significant-digits=2"]),
        (["run", "tutorial"], ["--significant-digits=2"]),
        (["resume", "CAMPAIGN"], ["--cluster=local", "--workers=2"]),
        (["report", "RESULT"], ["--format=svg", "--locale=en"]),
        (["sensitivity", "tutorial"], ["--samples=100"]),
    ],
    ids=lambda part: " ".join(part),
)
def test_an_option_that_would_change_nothing_is_refused(
    command: list[str], options: list[str], result_file: Path, tmp_path: Path
) -> None:
    """Even where it names the default; nothing is written."""
    campaign = tmp_path / "campaign"
    new_campaign(campaign, Runs(["tutorial"]), "local", Profile())
    stand_in = {"CAMPAIGN": campaign, "RESULT": result_file}
    before = sorted(tmp_path.rglob("*"))
    where = ["--out", tmp_path / "out"] * (command[0] not in ("resume", "report"))
    lines = refused(*(stand_in.get(each, each) for each in command), *options, *where)
    assert len(lines) == len(options)
    for option in options:
        assert any(line.startswith(option.split("=")[0]) for line in lines)
    assert sorted(tmp_path.rglob("*")) == before


def test_any_number_of_trajectories_will_do_for_morris(tmp_path: Path) -> None:
    quick = ("--method", "morris", "--samples", "3", "--out", tmp_path)
    assert call("sensitivity", "tutorial", *QUICK, *quick).exit_code == 0


def test_resources_are_those_of_this_machine_and_quiet_is_quiet() -> None:
    result = call("resources", "tutorial", "--cluster", "slurm")
    assert result.exit_code == 2
    assert "No such option" in result.stderr
    assert call("resources", "tutorial", "--scenarios", "256", "--quiet").output == ""


# ------------------------------------------------------------------------------------------ places


@pytest.mark.parametrize("command", ["validate", "run", "rerun", "resume", "task"])
def test_what_names_no_cluster_is_refused_before_any_work(command: str, tmp_path: Path) -> None:
    """Not even the study, the file or the folder is looked at."""
    number = ["0"] * (command == "task")
    (line,) = refused(command, tmp_path / "none", *number, "--cluster", "bogus")
    assert line.startswith("--cluster bogus: expected threads, local, slurm")
    missing = tmp_path / "site.toml"
    assert refused(command, tmp_path / "none", *number, "--cluster", missing) == [
        f"{missing}: no such file"
    ]


# ----------------------------------------------------------------------------------------- folders


@pytest.mark.parametrize("command", ["diff", "report", "export", "rerun", "verify"])
def test_a_folder_is_not_called_missing(command: str, tmp_path: Path) -> None:
    more = {"diff": [tmp_path], "export": ["--format", "csv"]}.get(command, [])
    result = call(command, tmp_path, *more)
    assert result.exit_code == 2
    assert result.stderr == f"lis1plan: {tmp_path}: is a folder; name a file\n"
    assert list(tmp_path.iterdir()) == []
