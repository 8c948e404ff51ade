"""Numbers: the tables behind the charts, which say the same to those who do not see them."""

from __future__ import annotations

from collections.abc import Sequence

from ..blocks import Figure, Panel, Table
from ..texts.words import Words
from .lines import Frame, Line, lines

Series = Sequence[Line]


def figure_of(
    key: str, caption: str, drawn: Sequence[tuple[str, str, Frame, Series]], words: Words,
    size: str = "small",
) -> Figure:  # fmt: skip
    """Return a figure of lines with its tables; `drawn`: name, words in its stead, frame, lines."""
    panels = tuple(panel_of(*each) for each in drawn)
    tables = tuple(table_of(name, frame, series, words) for name, _, frame, series in drawn)
    return Figure(key, caption, panels, size, numbers=tables)


def panel_of(title: str, alternative: str, frame: Frame, series: Sequence[Line]) -> Panel:
    """Return a chart of lines, drawn for wide and for narrow places."""
    wide, narrow = (lines(frame, series, narrow) for narrow in (False, True))
    return Panel(title, alternative, wide, narrow)


def table_of(
    name: str, frame: Frame, series: Series, words: Words, years: Sequence[int] = ()
) -> Table:
    """Return the lines of one chart by year, with the outer band where there is one."""
    header = [frame.year_title]
    for line in series:
        header.append(line.label)
        if line.bands is not None:
            header.append(
                words("word.in_ten", name=line.label, band=frame.band_label or words("word.band"))
            )
    rows = []
    for t, year in enumerate(frame.years):
        if years and year not in years:
            continue
        cells = [str(year)]
        for line in series:
            cells.append(words.formed(line.values[t], frame.form))
            if line.bands is not None:
                ends = (words.formed(line.bands[t, n], frame.form) for n in (0, -1))
                cells.append("\u2060–\u2060".join(ends))
        rows.append(tuple(cells))
    return Table(f"{name}, {frame.unit}" if name else frame.unit, tuple(header), tuple(rows))
