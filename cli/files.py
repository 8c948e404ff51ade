"""Commands on files: check a result file, run it again, compare two, hand it to other programs."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from ..core.errors import InputError, writing_to
from ..jobs.options import Option
from ..report.export.formats import Format, Locale
from .console import Exit, Reporter, say, say_json
from .options import Argument, At, Json, Quiet, command, refuse_idle

MARKS = {True: ("✓", "holds"), False: ("✗", "FAILS"), None: ("–", "not checked")}


@dataclass(frozen=True, kw_only=True)
class Verify:
    """What `verify` is asked."""

    files: Annotated[tuple[Path, ...], Argument("FILE...")]
    quick: Annotated[
        bool, Option("Leave out what only drawing and projecting all scenarios again can tell.")
    ] = False


@command(Verify)
def verify(asked: Verify) -> None:
    """Check that result files are complete, unchanged and follow from their study.

    Scenarios are drawn and projected again; what cannot be worked out again is named.

    Exit codes: 0 all checks hold, 1 a check fails, 2 a file cannot be read or is not a result.
    """
    from ..core.files.store import ResultFileError
    from ..core.verify.laws import verify as verified
    from ..report.odd_files import blaming

    worst = Exit.SOLVED
    for path in asked.files:
        if len(asked.files) > 1:
            say(f"{path}:")
        try:
            with blaming(path):
                checks = verified(path, asked.quick)
        except ResultFileError as error:
            say(f"lis1plan: {error}", err=True)
            worst = Exit.BAD_INPUT
            continue
        for check in checks:
            sign, word = MARKS[check.passed]
            say(_printable(f"{sign} {word}: {check.name}: {check.detail}"))
        if any(check.passed is False for check in checks):
            worst = max(worst, Exit.OTHER)
    sys.exit(worst)


@dataclass(frozen=True, kw_only=True)
class Rerun:
    """What `rerun` is asked."""

    file: Annotated[Path, Argument()]
    out: Annotated[Path | None, Option("Folder in which to write what comes out.")] = None
    at: At
    quiet: Quiet = False


@command(Rerun)
def rerun(asked: Rerun) -> None:
    """Run the study inside a result file again and compare what comes out.

    Exit codes: 0 the same data came out, 1 other data, 2 the file cannot be used.
    """
    file, out = asked.file, asked.out
    if out is not None and (out / file.name).resolve() == file.resolve():
        raise InputError(f"{out}: {file.name} is there already; name another folder")
    from ..jobs.rerun import rerun as run_again
    from ..report.odd_files import blaming

    with blaming(file), Reporter(asked.quiet) as progress:
        again = run_again(file, out, asked.at.place, progress)
    for line in again.lines:
        say(_printable(line))
    sys.exit(Exit.SOLVED if again.identical else Exit.OTHER)


@dataclass(frozen=True, kw_only=True)
class Diff:
    """What `diff` is asked."""

    one: Annotated[Path, Argument()]
    other: Annotated[Path, Argument()]
    brief: Annotated[bool, Option("Only whether the data are the same.")] = False
    as_json: Json = False


@command(Diff)
def diff(asked: Diff) -> None:
    """Say in what two results differ: question, versions, plan, cost, shortage, bounds, data.

    Exit codes: 0 the same data, whatever else differs; 1 other data; 2 a file cannot be used.
    """
    if asked.brief:
        refuse_idle("--brief says no more than that", "as_json")
    from ..core.files.kinds import held_by
    from ..core.files.store import open_result
    from ..report.odd_files import blaming
    from ..report.pages import difference

    first, second = open_result(asked.one), open_result(asked.other)
    if held_by(first) != held_by(second):
        raise InputError(
            f"{asked.other}: holds {held_by(second)}, and {asked.one} {held_by(first)}; "
            "name two results of the same kind"
        )
    with blaming(asked.one, asked.other):
        found = difference.differ(first, second)
    if asked.as_json:
        say_json(difference.for_programs(found))
    else:
        lines = difference.in_words(found)
        for line in lines[-1:] if asked.brief else lines:
            say(_printable(line))
    sys.exit(Exit.OTHER if found.data else Exit.SOLVED)


@dataclass(frozen=True, kw_only=True)
class Export:
    """What `export` is asked."""

    file: Annotated[Path, Argument()]
    form: Annotated[
        Format,
        Option("A workbook, or a file per table.", name="--format"),
    ]
    out: Annotated[Path | None, Option("Folder; by default that of the result.")] = None
    locale: Annotated[
        Locale,
        Option(
            "Names; in CSV for nb also semicolon and decimal comma, as Norwegian Excel expects."
        ),
    ] = "en"


@command(Export)
def export(asked: Export) -> None:
    """Write a result as tables: plan, cost, years, shortage, bounds, inputs, provenance."""
    from ..core.files.store import open_result
    from ..report.export.write import export as write
    from ..report.odd_files import blaming

    file, folder = asked.file, asked.out or asked.file.parent
    with writing_to(folder), blaming(file):
        written = write(open_result(file), folder, file.stem, asked.form, asked.locale)
    for path in written.files:
        say(str(path))
    for name in written.left_out:
        say(f"left out: {name}: more than a workbook holds; --format csv has it", err=True)


def _printable(line: str) -> str:
    """Return a line without the signs that the terminal's encoding lacks."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        line.encode(encoding)
    except UnicodeEncodeError:
        line = line.replace("→", "->")
        return line.encode(encoding, errors="replace").decode(encoding)
    return line
