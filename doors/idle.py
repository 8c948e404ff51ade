"""Options that would change nothing are refused, lest somebody believe that they did."""

from __future__ import annotations

import click
from click.core import ParameterSource


def refuse_idle(why: str, *names: str) -> None:
    """Refuse options of the command at work, named as its parameters, where they are given.

    Raises
    ------
    InputError
        Naming each of them, and why it would change nothing.
    """
    from ..configs.errors import InputError

    context = click.get_current_context()
    given = [
        each.opts[0]
        for each in context.command.params
        if each.name in names
        and context.get_parameter_source(each.name) is ParameterSource.COMMANDLINE
    ]
    if given:
        raise InputError([f"{option}: {why}" for option in given])
