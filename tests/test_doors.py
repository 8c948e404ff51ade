"""The doors: every rule has a line, options that would change nothing are refused, in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lis1plan.cli import main

QUICK = ("--scenarios", "16", "--workers", "1", "--quiet")


def call(*arguments: object) -> Result:
    """What a command says and how it ends; a traceback is an error of the program."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


# ------------------------------------------------------------------------------- limits of all rules

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
        line for line in result.stdout.splitlines() if line.startswith(("risk", "The", "Coast"))
    )
    column = heading.split("risk limit")[1].split().index("limit")
    assert priced.removeprefix("The country").split()[column] == "–"
    assert limited.removeprefix("Coast").split()[column] == "0.0600"
    assert "CVaR" not in heading  # the column holds what the limit's own rule makes of the shortage
