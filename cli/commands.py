"""The command line: which commands there are. Each is imported when it is used."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import Any

import click

from .console import plain_errors, raise_no_output, ready_streams, refuse_no_folder

AS_JSON = f"{__package__}.as_json"
# name -> (module of cli/, its line in the list of commands: said without importing it)
COMMANDS = {
    "presets": ("studies", "List the built-in studies."),
    "init": ("studies", "Copy a preset and its tables to FOLDER, to edit."),
    "validate": ("studies", "Check a study and print the attainable interval of each risk limit."),
    "explain": ("keys", "Say what a key of a study means, or which keys a word means."),
    "schema": ("keys", "Print a JSON Schema of study files, for editors."),
    "project": ("studies", "Project a study under a given plan, without optimising."),
    "run": ("run", "Find the cheapest plan, prove it, and write result file and report."),
    "frontier": ("experiments", "Solve a study for a row of values of one limit."),
    "replicate": (
        "experiments",
        "Solve a study on other scenarios: say whether there are enough of them.",
    ),
    "sensitivity": (
        "sensitivity",
        "Say which uncertain things drive the shortage, by Sobol or Morris indices.",
    ),
    "measures": (
        "measures",
        "Say what else than new posts does: what each measure does alone, and at what price.",
    ),
    "backtest": ("backtest", "Score a projection of an earlier year against what was counted."),
    "resources": ("resources", "Say what a run will need: time, memory, disk, a Slurm request."),
    "resume": ("batch", "Go on with an interrupted run, or with a campaign."),
    "submit": ("batch", "Submit many runs: a job array of Slurm, or one after the other."),
    "status": ("batch", "Say where every task of a campaign stands."),
    "cancel": ("batch", "Stop what is under way in a campaign."),
    "collect": ("batch", "Write one table of all runs of a campaign."),
    "task": ("batch", "Do one task of a campaign: what its scripts call."),
    "report": ("results", "Write the HTML report of a result, or a page comparing several."),
    "explore": ("explore", "Try plans by hand at a planning desk, in a browser on this machine."),
    "verify": ("files", "Check that result files are complete, unchanged and right."),
    "rerun": ("files", "Run the study inside a result file again; compare what comes out."),
    "diff": ("files", "Say in what two results differ."),
    "export": ("files", "Write a result as tables: xlsx, CSV or Parquet."),
    "published": ("published", "Recompute the published calculations of the field."),
}
GROUPS = {
    "Studies": ("presets", "init", "explain", "schema", "validate"),
    "Plans": ("run", "project", "frontier", "replicate", "sensitivity", "measures", "backtest"),
    "Results": ("report", "explore", "verify", "rerun", "diff", "export"),
    "Many runs": ("resources", "submit", "status", "resume", "cancel", "collect", "task"),
    "The field": ("published",),
}
"""The commands by what they are for, in the order in which a user meets them."""


class LazyGroup(click.Group):
    """A group whose commands are imported only when one is called, and whose errors are lines."""

    def main(self, *args: Any, **options: Any) -> Any:
        """Be the program; what even click cannot say, as standard output is full, is said here."""
        ready_streams()
        try:
            return super().main(*args, **options)
        except OSError as error:
            raise_no_output(error)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Note whether JSON is asked for: it is given also where options are wrong."""
        ctx.meta[AS_JSON] = "--json" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Call the command; whatever goes wrong ends here."""
        with plain_errors(ctx.meta[AS_JSON], ctx.params["verbose"]):
            refuse_no_folder()
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of all commands, in the order in which a user meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return a command, or None where there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"{__package__}.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands, from the tables alone."""
        for heading, names in GROUPS.items():
            with formatter.section(heading):
                formatter.write_dl([(name, COMMANDS[name][1]) for name in names])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lis1plan")
@click.option(
    "--verbose", is_flag=True, help="Log every master problem on stderr, and where errors arose."
)
def main(verbose: bool) -> None:
    """Plan LIS1 posts: the cheapest path by region and year that keeps shortage risk in limits.

    STUDY is the name of a preset (see `lis1plan presets`) or the path of a TOML file. For example:
    lis1plan run tutorial. Every command has a --help with examples of its own.

    Exit codes: 0 done, 1 a check or a task fails, 2 bad input, 3 no plan keeps all limits, 4
    stopped at a limit with a usable plan, 5 the machine would not (no room, no memory), 70 lis1plan
    itself is at fault, 130 interrupted.
    """
    if verbose:
        logging.basicConfig(format="%(asctime)s %(message)s", level=logging.WARNING)
        logging.getLogger("lis1plan").setLevel(logging.INFO)
