"""Commands on files: check a result file, run it again, compare two, hand it to other programs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import Exit, Reporter, plain_errors
from .options import place_options

if TYPE_CHECKING:
    from ..core.compute.place import Where

FILE = click.Path(path_type=Path)
MARKS = {True: ("✓", "holds"), False: ("✗", "FAILS"), None: ("–", "not checked")}


@click.command()
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
def verify(files: tuple[Path, ...]) -> None:
    """Check that result files are complete, unchanged and follow from their study.

    Exit codes: 0 all checks hold, 1 a check fails, 2 a file cannot be read or is not a result.
    """
    from ..core.files.store import ResultFileError
    from ..core.verify.laws import verify as verified

    worst = Exit.SOLVED
    for path in files:
        if len(files) > 1:
            click.echo(f"{path}:")
        try:
            checks = verified(path)
        except ResultFileError as error:
            click.echo(f"lis1plan: {error}", err=True)
            worst = Exit.BAD_INPUT
            continue
        for check in checks:
            sign, word = MARKS[check.passed]
            click.echo(_printable(f"{sign} {word}: {check.name}: {check.detail}"))
        if any(check.passed is False for check in checks):
            worst = max(worst, Exit.OTHER)
    sys.exit(worst)


@click.command()
@click.argument("file", type=FILE)
@click.option("--out", type=FILE, help="Folder in which to write what comes out.")
@place_options
@click.option("--quiet", is_flag=True, help="No progress.")
def rerun(file: Path, out: Path | None, workers: Where, quiet: bool) -> None:
    """Run the study inside a result file again and compare what comes out.

    Exit codes: 0 the same data came out, 1 other data, 2 the file cannot be used.
    """
    with plain_errors():
        from ..configs.errors import InputError
        from ..jobs.rerun import rerun as run_again

        if out is not None and (out / file.name).resolve() == file.resolve():
            raise InputError(f"{out}: {file.name} is there already; name another folder")
        with Reporter(quiet) as progress:
            again = run_again(file, out, workers, progress)
        for line in again.lines:
            click.echo(_printable(line))
        sys.exit(Exit.SOLVED if again.identical else Exit.OTHER)


@click.command()
@click.argument("one", type=FILE)
@click.argument("other", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def diff(one: Path, other: Path, as_json: bool) -> None:
    """Say in what two results differ: question, versions, plan, cost, risk, bounds, data."""
    with plain_errors():
        from ..configs.errors import InputError
        from ..core.files.kinds import held_by
        from ..core.files.store import open_result
        from ..report.pages import difference

        first, second = open_result(one), open_result(other)
        if held_by(first) != held_by(second):
            raise InputError(
                f"{other}: holds {held_by(second)}, and {one} {held_by(first)}; "
                "name two results of the same kind"
            )
        found = difference.differ(first, second)
        if as_json:
            click.echo(difference.as_json(found))
        else:
            for line in difference.in_words(found):
                click.echo(_printable(line))


@click.command()
@click.argument("file", type=FILE)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["xlsx", "csv", "parquet"]),
    required=True,
    help="A workbook, or a file per table.",
)
@click.option("--out", type=FILE, help="Folder; by default that of the result.")
@click.option(
    "--locale",
    type=click.Choice(["nb", "en"]),
    default="en",
    show_default=True,
    help="Names; in CSV for nb also semicolon and decimal comma, as Norwegian Excel expects.",
)
def export(file: Path, kind: str, out: Path | None, locale: str) -> None:
    """Write a result as tables: plan, cost, years, risk, bounds, inputs, provenance."""
    with plain_errors():
        from ..configs.errors import InputError
        from ..core.files.store import open_result
        from ..report.export.files import MissingLibraryError
        from ..report.export.write import export as write

        folder = out or file.parent
        try:
            written = write(open_result(file), folder, file.stem, kind, locale)  # type: ignore[arg-type]
        except MissingLibraryError as error:
            raise InputError(str(error)) from None
        except OSError as error:
            raise InputError(f"{folder}: cannot be written to: {error.strerror}") from None
        for path in written.files:
            click.echo(str(path))
        for name in written.left_out:
            click.echo(f"left out: {name}: too long for a workbook; --format csv has it", err=True)


def _printable(line: str) -> str:
    """Return a line without the signs that the terminal's encoding lacks."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        line.encode(encoding)
    except UnicodeEncodeError:
        line = line.replace("→", "->")
        return line.encode(encoding, errors="replace").decode(encoding)
    return line
