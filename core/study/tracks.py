"""The section of a study on tracks: LIS1 posts whose doctors choose among groups as is told."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, FiniteFloat, field_validator

from .distributions import Fixed
from .meaning import SHARE
from .specialists import none_if_blank
from .world import Identifier, NotNegative, Row, Section, SectionWithOptions, Year


class TrackRow(Row):
    """Earmarked LIS1 posts of a track in a region, starts a year, from a year on."""

    year: Year
    region: Identifier
    posts: NotNegative


class NewTrackRow(Row):
    """Most LIS1 posts that can be earmarked anew in a region in a year."""

    region: Identifier | None = Field(default=None, description="left out: in each region")
    most: NotNegative

    _blank = field_validator("region", mode="before")(none_if_blank)


class TrackPriceRow(Row):
    """What a newly earmarked post costs beyond a LIS1 post, in NOK of the price year, yearly."""

    item: str
    payer: Identifier
    amount_nok: FiniteFloat


class NewTrackPosts(Section):
    """Earmarked posts as a decision: how many of the LIS1 posts on offer, and what they cost."""

    most: tuple[NewTrackRow, ...] = Field(
        strict=False,
        min_length=1,
        description="most newly earmarked posts a year by region; none without a row",
    )
    least_share: Annotated[
        Fixed | None, SHARE("Least share of the country's LIS1 posts that are the track's")
    ] = Field(default=None, description="from the last decision year on; left out: none")
    most_share: Annotated[
        Fixed | None, SHARE("Greatest share of the country's LIS1 posts that are the track's")
    ] = Field(default=None, description="in every year; left out: no limit")
    prices: tuple[TrackPriceRow, ...] = Field(
        default=(),
        strict=False,
        description="a grant for each post earmarked anew, filled or not; left out: a LIS1 post "
        "costs the same, earmarked or not",
    )
    whole: bool = Field(
        default=True, description="whole posts, or fractions of one; the same in every track"
    )


class Track(SectionWithOptions):
    """Earmarked LIS1 posts: part of all those on offer, filled first and by newcomers."""

    options = ("new",)

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
    new: NewTrackPosts | None = Field(
        default=None, description="left out: a plan earmarks no posts of this track"
    )
