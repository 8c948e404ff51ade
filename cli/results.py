"""Commands on results: the report of one, figures for documents, several side by side."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from ..core.errors import InputError, writing_to
from ..jobs.options import Option
from .console import say
from .options import Argument, command, refuse_idle

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, kw_only=True)
class Report:
    """What `report` is asked."""

    results: Annotated[tuple[Path, ...], Argument("RESULT...")]
    out: Annotated[
        Path | None, Option("HTML file (or folder of figures); by default beside RESULT.")
    ] = None
    static: Annotated[bool, Option("Write the figures as files for documents instead.")] = False
    form: Annotated[Literal["svg", "png"], Option("Of the figures.", name="--format")] = "svg"
    locale: Annotated[
        Literal["en", "nb"], Option("Language of the figures; the page holds both.")
    ] = "en"


@command(Report)
def report(asked: Report) -> None:
    """Write the HTML report of a result file; of several, one page that compares them."""
    results, static = asked.results, asked.static
    if not static:
        refuse_idle("only of the figures that --static writes", "form", "locale")
    elif len(results) > 1:
        raise InputError("--static takes one result at a time")
    target = asked.out or _beside(results, static)
    from ..report.odd_files import blaming

    with writing_to(target), blaming(*results):
        _write(results, target, asked)


def _write(results: tuple[Path, ...], target: Path, asked: Report) -> None:
    """Write the page of one or of several results, or the figures of one."""
    if asked.static:
        _write_figures(results[0], target, asked.form, asked.locale)
    elif len(results) > 1:
        _write_comparison(results, target)
    else:
        _write_report(results[0], target)


def _beside(results: tuple[Path, ...], static: bool) -> Path:
    """Return the default place of what is written."""
    first = results[0]
    if static:
        return first.with_name(f"{first.stem}-figures")
    return first.with_name("comparison.html") if len(results) > 1 else first.with_suffix(".html")


def _told(path: Path) -> xr.Dataset:
    """Return a result of a kind that has a report; anything else is refused."""
    from ..core.files.kinds import KINDS, held_by
    from ..core.files.store import open_result
    from ..report.pages.html import PAGES, has_page

    dataset = open_result(path)
    if not has_page(dataset):
        commands = " or ".join(f"`lis1plan {KINDS[name].command}`" for name in PAGES)
        raise InputError(
            f"{path}: holds {held_by(dataset)}; the report needs the result of {commands}"
        )
    return dataset


def _write_report(path: Path, page: Path) -> None:
    from ..report.pages.html import write_report

    say(f"Report: {write_report(_told(path), page)}")


def _write_figures(path: Path, folder: Path, form: Literal["svg", "png"], locale: str) -> None:
    from ..report.pages.static import write_figures

    files = write_figures(_told(path), folder, form, locale)
    say(f"{len(files)} figures: {folder}")


def _write_comparison(paths: tuple[Path, ...], page: Path) -> None:
    from ..core.files.kinds import held_by, is_projected
    from ..core.files.store import open_result
    from ..report.pages.compare import require_few, write_comparison

    require_few(len(paths))  # before any is read
    found = [(path.name, open_result(path)) for path in paths]
    problems = [
        f"{path}: holds {held_by(data)}; only results of `lis1plan run` and `lis1plan project` "
        "can be compared"
        for path, (_, data) in zip(paths, found, strict=True)
        if not is_projected(data)
    ]
    if problems:
        raise InputError(problems)
    say(f"Comparison: {write_comparison(found, page)}")
