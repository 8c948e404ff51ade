"""The section of a study on LIS2/3 posts: without it whoever completes LIS1 trains on at once."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from .distributions import Fixed, Quantity
from .meaning import FACTOR, PERSONS, RATE, SHARE
from .specialists import none_if_blank
from .world import Identifier, NotNegative, Row, Section, Year


class SpecialistPostsRow(Row):
    """LIS2/3 posts of a group, persons at once, from a year on."""

    year: Year
    group: Identifier
    region: Identifier | None = Field(
        default=None, description="left out: spread over regions like the specialists at the start"
    )
    posts: NotNegative

    _blank = field_validator("region", mode="before")(none_if_blank)


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
