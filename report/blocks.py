"""Blocks: what a section of the report is made of, as plain values that the template renders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Row = tuple[str, ...]
Spec = dict[str, Any]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of running text."""

    text: str
    tone: str = ""
    kind: str = "paragraph"


@dataclass(frozen=True)
class Table:
    """A table: the first `texts` columns hold words, the others numbers.

    The last `english` columns are quoted from the study, which is written in English.
    """

    caption: str
    header: Row
    rows: tuple[Row, ...]
    texts: int = 1
    total: bool = False
    english: int = 0
    note: str = ""
    kind: str = "table"


@dataclass(frozen=True)
class Panel:
    """One chart of a figure: its heading, its specification and the words in its stead.

    `marks` says what the letters in the chart stand for.
    """

    title: str
    alternative: str
    spec: Spec
    marks: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Selector:
    """A list to choose from; the chosen option counts `weight` stops."""

    key: str
    label: str
    options: Row
    weight: int


@dataclass(frozen=True)
class Facts:
    """Terms with what holds for each."""

    rows: tuple[tuple[str, str], ...]
    kind: str = "facts"


@dataclass(frozen=True)
class Figure:
    """Charts side by side with a caption that says what they show.

    A figure with `stops` shows one of them at a time, chosen by `slider` (its label) or by
    `selectors`: text, `facts` and, with selectors, `numbers` are then given for each stop.
    """

    key: str
    caption: str
    panels: tuple[Panel, ...]
    size: str = "small"
    legend: tuple[tuple[str, str], ...] = ()
    slider: str = ""
    selectors: tuple[Selector, ...] = ()
    stops: Row = ()
    start: int = 0
    facts: tuple[Facts, ...] = ()
    numbers: tuple[Table, ...] = ()  # the charts as tables, folded away
    printed: bool = False  # whether paper shows those tables
    kind: str = "figure"


@dataclass(frozen=True)
class Details:
    """Blocks that unfold when asked for, and are unfolded on paper if `printed`."""

    summary: str
    blocks: tuple[Paragraph | Table | Facts, ...]
    printed: bool = True
    kind: str = "details"


Block = Paragraph | Table | Figure | Facts | Details


@dataclass(frozen=True)
class Section:
    """A section of the page."""

    key: str
    title: str
    blocks: tuple[Block, ...]
