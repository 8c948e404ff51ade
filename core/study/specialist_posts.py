"""The section of a study on LIS2/3 posts: without it whoever completes LIS1 trains on at once."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, field_validator

from .distributions import Fixed, Quantity
from .meaning import FACTOR, PERSONS, RATE, SHARE, SPECIALIST_POSTS, WHOLE_YEARS
from .specialists import none_if_blank
from .world import Identifier, NotNegative, Row, Section, SectionWithOptions, Year


class SpecialistPostsRow(Row):
    """LIS2/3 posts of a group, persons at once, from a year on."""

    year: Year
    group: Identifier
    region: Identifier | None = Field(
        default=None, description="left out: spread over regions like the specialists at the start"
    )
    posts: NotNegative

    _blank = field_validator("region", mode="before")(none_if_blank)


class NewPostsRow(Row):
    """Most LIS2/3 posts of a group that can be opened in a region in a year."""

    group: Identifier
    region: Identifier | None = Field(default=None, description="left out: in each region")
    most: NotNegative

    _blank = field_validator("region", mode="before")(none_if_blank)


class PostPriceRow(Row):
    """One item of what a new LIS2/3 post costs, in NOK of the price year."""

    item: str
    payer: Identifier
    group: Identifier | None = Field(default=None, description="left out: of every group")
    timing: Literal["yearly", "once"] = Field(
        description="every year from its opening on, or in that year alone"
    )
    amount_nok: FiniteFloat

    _blank = field_validator("group", mode="before")(none_if_blank)


class NewSpecialistPosts(SectionWithOptions):
    """LIS2/3 posts as a decision beside LIS1: how many may be opened, and what they cost."""

    options = ("closing",)

    most: tuple[NewPostsRow, ...] = Field(
        strict=False,
        min_length=1,
        description="most new posts a year by group and region; none without a row",
    )
    national: Annotated[
        Fixed | None, SPECIALIST_POSTS("Most new LIS2/3 posts a year in the country")
    ] = Field(default=None, description="left out: as many as the regions together")
    total: Annotated[Fixed | None, SPECIALIST_POSTS("Most new LIS2/3 posts in all years")] = Field(
        default=None,
        description="left out: no limit; 0 with stated growth: only that. With `closing` the most "
        "that are opened less those closed, up to each year; 0: other posts, and no more of them",
    )
    closing: bool = Field(
        default=False,
        description="posts may be closed, too: in each group and region no more a year than are "
        "sure to be free in every scenario, by stated growth and by doctors who leave LIS2/3 in "
        "the half-year before",
    )
    lead_time: Annotated[Fixed | None, WHOLE_YEARS("Years before LIS2/3 posts can open")] = Field(
        default=None, description="years from the first decision before posts can open"
    )
    prices: tuple[PostPriceRow, ...] = Field(
        strict=False, min_length=1, description="what a post costs, filled or not"
    )
    whole: bool = Field(default=True, description="whole posts, or fractions of one")


class SpecialistPosts(Section):
    """LIS2/3 posts by region and group, and those who wait for one."""

    posts: tuple[SpecialistPostsRow, ...] = Field(
        strict=False,
        description="posts for doctors in LIS2/3 at once; a year without a row is like the one "
        "before it, and each group (in each region) has a row for the first projected year",
    )
    waiting_at_start: Annotated[Fixed, PERSONS("Doctors who wait for LIS2/3 at the start")] = Field(
        description="spread over groups and regions like those in LIS2/3 at the start"
    )
    giving_up_per_year: Annotated[
        Quantity, RATE("Share of those who wait for LIS2/3 who give it up a year")
    ] = Field(description="share of those still at work; they work on without a speciality")
    on_leave: Annotated[
        Quantity, SHARE("Share of doctors in LIS2/3 on leave who keep their post")
    ] = Field(description="for research or children; durations of LIS2/3 hold it already")
    locums: Annotated[Fixed, FACTOR("Locums for each doctor on leave from LIS2/3")]
    new: NewSpecialistPosts | None = Field(
        default=None, description="left out: posts are those stated, none is decided"
    )
