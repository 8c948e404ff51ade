"""The table of commands: each can be imported, and its help begins like its line."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from lis1plan.cli.commands import COMMANDS, main


@pytest.mark.parametrize("name", COMMANDS)
def test_command_is_what_the_table_says(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.name == name
    line = COMMANDS[name][1]
    assert line.endswith(".")
    assert (command.help or "").split()[:3] == line.split()[:3]  # the help may say more


def test_help_lists_all_commands() -> None:
    said = CliRunner().invoke(main, ["--help"]).stdout
    for name in COMMANDS:
        assert f"\n  {name} " in said


def test_unknown_command_is_refused() -> None:
    result = CliRunner().invoke(main, ["nope"])
    assert result.exit_code == 2
    assert "No such command 'nope'" in result.stderr
