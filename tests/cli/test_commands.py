"""The table of commands: each can be imported, and its help begins like its line."""

from __future__ import annotations

import shlex
from itertools import chain

import click
import pytest
from click.testing import CliRunner

from lis1plan.cli.commands import COMMANDS, GROUPS, main
from lis1plan.cli.examples import EXAMPLES


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


def test_every_command_is_in_one_group() -> None:
    assert sorted(chain.from_iterable(GROUPS.values())) == sorted(COMMANDS)
    said = CliRunner().invoke(main, ["--help"]).stdout
    assert [line[:-1] for line in said.splitlines() if line[:-1] in GROUPS] == list(GROUPS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_ends_in_examples_that_are_taken(name: str) -> None:
    said = CliRunner().invoke(main, [name, "--help"]).stdout
    shown = said.partition("\nExamples:\n")[2].splitlines()
    assert [line.strip() for line in shown] == list(EXAMPLES[name])
    command = main.get_command(click.Context(main), name)
    assert command is not None
    for line in EXAMPLES[name]:
        program, called, *arguments = shlex.split(line.partition(" > ")[0])
        assert (program, called) == ("lis1plan", name)
        command.make_context(name, arguments)
