"""The section of a study on tracks: LIS1 posts whose doctors choose among groups as is told."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .distributions import Fixed
from .meaning import SHARE
from .world import Identifier, NotNegative, Row, Section, Year


class TrackRow(Row):
    """Earmarked LIS1 posts of a track in a region, starts a year, from a year on."""

    year: Year
    region: Identifier
    posts: NotNegative


class Track(Section):
    """Earmarked LIS1 posts: part of all those on offer, filled first and by newcomers."""

    name: str
    choice: Annotated[
        dict[Identifier, Fixed], SHARE("Share of a track's doctors who choose the field")
    ] = Field(min_length=1, description="of those who complete LIS1; the shares add up to 1")
    posts: tuple[TrackRow, ...] = Field(
        default=(),
        strict=False,
        description="of the posts on offer; a year without a row is like the one before it; left "
        "out: none",
    )
