"""The sections of a study that limit the system: supervision, ramp and what else binds."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, FiniteFloat

from .distributions import Figure, Fixed, Quantity
from .meaning import (
    NOK_FOR_A_UNIT,
    OF_TODAYS_USE,
    POSTS_A_YEAR,
    SHARE,
    UNIT_OF_CAPACITY,
    WHOLE_POSTS_A_YEAR,
    WHOLE_YEARS,
)
from .world import Identifier, NotNegative, Row, Section, SectionWithOptions, Year


class CapacityRow(Row):
    """Capacity of one limit in one region and year, instead of today's use times (1 + slack)."""

    limit: Identifier
    region: Identifier
    year: Year
    capacity: NotNegative = Field(description="in the unit of the limit")


class AddedCapacityRow(Row):
    """What is added to a capacity in one region from a year on, on top of what else there is."""

    limit: Identifier
    region: Identifier
    year: Year
    added: FiniteFloat = Field(description="in the unit of the limit")


class BudgetRow(Row):
    """Most that the added slots may cost one payer in one calendar year."""

    payer: Identifier = Field(
        description="a payer of the cost table, `all` (gross) or `report` (what the report adds up)"
    )
    year: Year
    nok: FiniteFloat = Field(ge=0, description="NOK of the price year")


class Trainees(Figure):
    """Most doctors in LIS2/3 at the end of any year, in some regions together."""

    name: str
    regions: tuple[Identifier, ...] = Field(strict=False, min_length=1)
    most: NotNegative


class Closing(Section):
    """Closing slots: allowed where this section stands."""

    most_per_year: Annotated[
        dict[Identifier, Fixed], WHOLE_POSTS_A_YEAR("Most slots closed a year")
    ] = Field(description="by region; others close none")
    saved_share: Annotated[Fixed, SHARE("Share of a slot's cost that closing it saves")] = Field(
        description="share of a slot's cost that closing it saves"
    )


class Limits(SectionWithOptions):
    """What else binds the plan."""

    options = (
        "added_capacity",
        "intake_change",
        "measures_at_once",
        "constant_after",
        "multiples_of",
    )

    capacity: tuple[CapacityRow, ...] = Field(default=(), strict=False)
    budget: tuple[BudgetRow, ...] = Field(default=(), strict=False)
    least_share: Annotated[dict[Identifier, Fixed], SHARE("Least share of all slots opened")] = (
        Field(default={}, description="by region: least share of all slots opened")
    )
    intake_change: Annotated[
        dict[Identifier, Fixed],
        POSTS_A_YEAR("Most by which a year's intake may differ from that of the first year"),
    ] = Field(
        default={},
        description="by region: most by which the starts of a later decision year may differ from "
        "those of the first year in which slots can open; 0: constant intake over all years",
    )
    constant_after: int | None = Field(
        default=None,
        ge=0,
        description="decision years after which the number of new LIS1 posts a year is one number "
        "in each region, for all years that are left; left out: any number in any year",
    )
    multiples_of: int | None = Field(
        default=None,
        ge=1,
        description="new LIS1 posts of each year and region, and those closed, are a multiple of "
        "it; left out, or 1: any whole number",
    )
    trainees: dict[Identifier, Trainees] = Field(default={})
    closing: Closing | None = None
    added_capacity: tuple[AddedCapacityRow, ...] = Field(
        default=(),
        strict=False,
        description="room beside what supervision and `capacity` tell, from a year on",
    )
    measures_at_once: int | None = Field(
        default=None, ge=0, description="most measures in force at once; left out: any number"
    )


class SupervisionRow(Row):
    """Room for supervision in one region: today's use times (1 + slack), growing."""

    limit: Identifier
    region: Identifier
    slack: FiniteFloat = Field(ge=-1, description="beyond today's use; -1: there is no room at all")
    growth_per_year: FiniteFloat = Field(gt=-1)


class Purchase(Section):
    """More of a capacity than there is free of charge, at a price beyond what a slot costs."""

    price: Annotated[Quantity, NOK_FOR_A_UNIT("Price of supervision or places bought")] = Field(
        description="NOK of the price year for one of the capacity's unit; the mean is used"
    )
    at_most: Annotated[Quantity | None, OF_TODAYS_USE("Most that can be bought a year")] = Field(
        default=None,
        description="by region, as a share of today's use, the mean is used; left out: no maximum",
    )
    payer: Identifier = Field(description="who pays: a payer of the cost table")


class Capacity(SectionWithOptions):
    """A limit on what posts on offer need, per region and calendar year."""

    options = ("need_per_specialist_post",)

    name: str
    arena: Identifier
    unit: str
    need_per_place_year: Annotated[
        Quantity, UNIT_OF_CAPACITY("Need of one place kept busy for a year")
    ] = Field(description="need of one place kept busy for a year; the centre is used")
    need_per_specialist_post: Annotated[
        Quantity | None, UNIT_OF_CAPACITY("Need of one LIS2/3 post for a year")
    ] = Field(
        default=None,
        description="need of one LIS2/3 post for a year, filled or not; the centre is used; left "
        "out: LIS1 alone needs this capacity",
    )
    purchase: Purchase | None = Field(
        default=None, description="left out: nothing can be bought beyond what there is"
    )


class Ramp(Section):
    """Most new slots per year."""

    national: Annotated[Fixed, POSTS_A_YEAR("Most new slots a year in the country")]
    regional: Annotated[dict[Identifier, Fixed], POSTS_A_YEAR("Most new slots a year in a region")]
    lead_time_years: Annotated[
        dict[Identifier, Fixed], WHOLE_YEARS("Years before slots can open")
    ] = Field(
        default={}, description="by region: years from the first decision before slots can open"
    )
