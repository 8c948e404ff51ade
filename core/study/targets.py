"""The section of a study on targets: how far a country leans on doctors educated elsewhere."""

from __future__ import annotations

from pydantic import Field

from .distributions import Figure
from .world import NotNegative, SectionWithOptions, Share, Year


class LeastShare(Figure):
    """The least share of a flow, from a year on."""

    share: Share
    from_year: Year


class MostPersons(Figure):
    """The most persons a year, from a year on."""

    persons: NotNegative
    from_year: Year


class Targets(SectionWithOptions):
    """What is wanted of the origin of doctors; means over scenarios are judged."""

    options = ("educated_at_home", "from_abroad")

    educated_at_home: LeastShare | None = Field(
        default=None,
        description="of those who complete LIS2/3 in a year, educated in the country; told of "
        "every plan, no limit: it is not linear in the plan",
    )
    from_abroad: MostPersons | None = Field(
        default=None,
        description="specialists who arrive from abroad in a year; a limit on measures that bring "
        "them, and refused where the study's own flow exceeds it",
    )
