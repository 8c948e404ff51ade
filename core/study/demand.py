"""The sections of a study that describe demand: one strict, frozen class per TOML table."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, FiniteFloat, model_validator

from .distributions import Fixed, Quantity
from .meaning import (
    CHANCE,
    CHOICE,
    CORRELATION,
    FTE_A_YEAR,
    FTE_A_YEAR_EITHER_SIGN,
    GROWTH,
    PERSONS_A_YEAR,
    PERSONS_OR_FTE,
    POSITIVE_FACTOR,
    RELATIVE,
    SHARE,
)
from .world import Identifier, NotNegative, Row, Section, SectionWithOptions, Year


class AlternativeRow(Row):
    """A published alternative for the growth of demand."""

    id: Identifier
    name: str
    method: Literal["growth", "activity", "path"] = Field(
        default="growth",
        description="activity: by use of services and population; path: as demand.path tells",
    )
    doctors_per_year: FiniteFloat
    population: str
    unit: str
    hours_on_top: bool = Field(
        default=True, description="false: bringing working hours to normal adds nothing to it"
    )


class GroupGrowthRow(Row):
    """What one alternative adds a year in one group."""

    alternative: Identifier
    group: Identifier
    doctors_per_year: FiniteFloat


class WeightRow(Row):
    """The weight of an alternative in one weight table."""

    table: Identifier
    alternative: Identifier
    weight: NotNegative


class UseRow(Row):
    """Use of a group's services by one age band of the population."""

    group: Identifier
    ages: str = Field(description="name of the age band, as in the population table")
    fte_per_1000: NotNegative


class PopulationRow(Row):
    """Inhabitants of a region by age band and calendar year."""

    region: Identifier
    ages: str
    year: Year
    persons: NotNegative


class PathRow(Row):
    """Demand of one alternative in one year, region and group: only its growth is taken."""

    alternative: Identifier
    year: Year
    region: Identifier
    group: Identifier
    fte: NotNegative = Field(description="linear between the years of the table")


class Activity(Section):
    """Demand from use per age band times regional population: only its growth is taken."""

    use: tuple[UseRow, ...] = Field(strict=False, min_length=1)
    population: tuple[PopulationRow, ...] = Field(strict=False, min_length=1)


class NeedRow(Row):
    """One published model of a group's yearly training need."""

    id: Identifier
    name: str
    per_year: NotNegative
    weight: NotNegative


class GroupNeed(Section):
    """Growth of one group's demand from its training need, in place of its part of the total."""

    models: tuple[NeedRow, ...] = Field(strict=False, min_length=1)
    used: bool = Field(description="false: the group grows with the chosen alternative")
    replaced_per_year: Annotated[
        Quantity, PERSONS_A_YEAR("Doctors a year who only replace others")
    ] = Field(description="of the need, those a year who only replace others")


class ByGroup(Section):
    """Growth of the alternatives by group from a table, in place of the groups' parts of supply."""

    growth: tuple[GroupGrowthRow, ...] = Field(
        strict=False, min_length=1, description="of every alternative, adding up to its growth"
    )
    used: bool = Field(description="false: growth is split over groups like the supply")
    specialist_share: Annotated[
        dict[Identifier, Quantity], SHARE("Share of a group's growth that must be specialists")
    ] = Field(default={}, description="groups without their own follow demand.specialist_share")


class Unmet(Section):
    """Vacancies in one group at the start."""

    missing: Annotated[Quantity, PERSONS_OR_FTE("Vacancies at the start")]
    counts: Literal["specialists", "doctors"] = Field(
        description="doctors: only the specialist share of them is need for specialists"
    )


class DemandFactor(Section):
    """One of the named factors whose product multiplies demand: a level, and its growth."""

    name: str
    level: Annotated[Quantity | None, POSITIVE_FACTOR("Factor on demand")] = Field(
        default=None, description="from the first year on; left out: 1"
    )
    growth_per_year: Annotated[Quantity | None, GROWTH("Yearly growth of a factor on demand")] = (
        Field(default=None, description="each year on the year before; left out: none")
    )
    grows_until: Year | None = Field(default=None, description="left out: to the last year")
    groups: tuple[Identifier, ...] = Field(
        default=(), strict=False, description="whose demand it multiplies; left out: all"
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.level is None and self.growth_per_year is None:
            raise ValueError("give level, growth_per_year or both")
        return self


class Demand(SectionWithOptions):
    """Demand for specialists."""

    options = ("factor", "path")

    alternatives: tuple[AlternativeRow, ...] = Field(strict=False, min_length=1)
    weights: tuple[WeightRow, ...] = Field(strict=False, min_length=1)
    weight_table: Identifier
    growth_error: Annotated[Quantity, RELATIVE("Error of the path's growth")] = Field(
        description="relative error of the chosen alternative's yearly growth"
    )
    noise_sd: Annotated[Fixed, FTE_A_YEAR("Spread of the yearly growth of need")] = Field(
        description="s.d. of the yearly growth of doctor FTE (AR(1))"
    )
    noise_correlation: Annotated[
        Fixed, CORRELATION("Correlation of a year's growth of need with the next")
    ]
    specialist_share: Annotated[Quantity, SHARE("Share of need that must be specialists")] = Field(
        description="share of the growth that must be specialists"
    )
    normalisation_probability: Annotated[
        Fixed, CHANCE("Probability that working hours are brought to normal")
    ]
    normalisation_per_year: Annotated[
        Quantity, FTE_A_YEAR_EITHER_SIGN("Doctors it takes a year to bring working hours to normal")
    ]
    normalisation_until: Year
    unmet: dict[Identifier, Unmet] = Field(description="vacancies at the start, by group")
    need: Annotated[
        dict[Identifier, GroupNeed], CHOICE("Which model of the training need holds")
    ] = Field(default={}, description="groups whose growth follows training-need models")
    by_group: ByGroup | None = Field(
        default=None, description="left out: growth is split over groups like the supply"
    )
    factor: dict[Identifier, DemandFactor] = Field(
        default={}, description="demand is multiplied by all of them, whatever the alternative"
    )
    activity: Activity | None = Field(
        default=None, description="tables of the alternatives with method = activity"
    )
    path: tuple[PathRow, ...] = Field(
        default=(),
        strict=False,
        description="of the alternatives with method = path: demand by year, region and group",
    )
