"""Blocks: what a section of the report is made of, as plain values that the template renders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Row = tuple[str, ...]
Spec = dict[str, Any]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of running text; `tone` says how it is set: lede, note, item, warning."""

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
    filtered: bool = False  # whether the page offers to show only rows that hold some words
    kind: str = "table"


@dataclass(frozen=True)
class Panel:
    """One chart of a figure: its heading, its specification and the words in its stead.

    `narrow` is the specification for a place with less than `look.NARROW` pixels.
    """

    title: str
    alternative: str
    spec: Spec
    narrow: Spec | None = None


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
    """Charts side by side under a caption: what they say, then what is shown, in which unit.

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
    subtitle: str = ""
    note: str = ""
    kind: str = "figure"


@dataclass(frozen=True)
class Headline:
    """The answer in one sentence."""

    text: str
    kind: str = "headline"


@dataclass(frozen=True)
class Bar:
    """A bar of a card: its name, its value in words, its length from 0 to 1, its role's colour."""

    name: str
    value: str
    share: float
    role: str


@dataclass(frozen=True)
class Card:
    """One of the figures under the headline."""

    label: str
    number: str
    unit: str = ""
    text: str = ""
    bars: tuple[Bar, ...] = ()


@dataclass(frozen=True)
class Cards:
    """The figures under the headline, side by side."""

    rows: tuple[Card, ...]
    kind: str = "cards"


@dataclass(frozen=True)
class Note:
    """A short text under a heading of its own, with a link to the section that says more."""

    title: str
    text: str
    link: str = ""
    section: str = ""
    kind: str = "note"


@dataclass(frozen=True)
class Glossary:
    """Terms: key, name, meaning. Their first use in a section is marked and tells the meaning."""

    rows: tuple[tuple[str, str, str], ...]
    kind: str = "glossary"


@dataclass(frozen=True)
class Pair:
    """Blocks side by side: alike in width, the first wider (`lead`), or short texts (`notes`)."""

    blocks: tuple[tuple[Paragraph | Table | Figure | Note, ...], ...]
    shape: str = "half"
    kind: str = "pair"


@dataclass(frozen=True)
class Front:
    """The pictures of the first page and the notes under them, which paper sets as one."""

    blocks: tuple[Pair | Figure, ...]
    kind: str = "front"


@dataclass(frozen=True)
class Details:
    """Blocks that unfold when asked for, and are unfolded on paper if `printed`."""

    summary: str
    blocks: tuple[Paragraph | Table | Facts | Figure | Pair, ...]
    printed: bool = True
    kind: str = "details"


Block = (
    Paragraph | Table | Figure | Facts | Details | Headline | Cards | Note | Glossary | Pair | Front
)


@dataclass(frozen=True)
class Section:
    """A section of the page; `name` is what the contents call it, by default its title."""

    key: str
    title: str
    blocks: tuple[Block, ...]
    name: str = ""
    numbered: bool = True

    @property
    def called(self) -> str:
        """What the contents call it."""
        return self.name or self.title


def walked(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield blocks and those inside them, in the order in which they stand."""
    for block in blocks:
        yield block
        if isinstance(block, Details | Front):
            yield from walked(block.blocks)
        elif isinstance(block, Pair):
            for column in block.blocks:
                yield from walked(column)
