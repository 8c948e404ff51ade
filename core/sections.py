"""The sections of a study that describe the world: one strict, frozen class per TOML table."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, PositiveInt, model_validator

from .distributions import Fixed, Quantity

Share = Annotated[FiniteFloat, Field(ge=0, le=1)]
NotNegative = Annotated[FiniteFloat, Field(ge=0)]
Year = Annotated[int, Field(ge=1900, le=2200)]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Section(BaseModel):
    """A strict, frozen part of a study: unknown keys and silent conversions are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Row(Section):
    """A row of a source table. Cells come as text, hence numbers are read from text here."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)

    source: str = ""
    assumption: str = ""

    @model_validator(mode="after")
    def _has_origin(self) -> Self:
        if not (self.source.strip() or self.assumption.strip()):
            raise ValueError("the row names neither source nor assumption")
        return self


class Time(Section):
    """Calendar years of projection, decision and judgement."""

    first_year: Year = Field(
        description="first projected year; stocks are those at the end of the year before"
    )
    last_year: Year
    first_decision: Year
    last_decision: Year
    window: tuple[Year, Year] = Field(
        strict=False, description="first and last year in which shortage is judged"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.first_year <= self.first_decision <= self.last_decision <= self.last_year:
            raise ValueError(
                "expected first_year <= first_decision <= last_decision <= last_year, got "
                f"{self.first_year}, {self.first_decision}, {self.last_decision}, {self.last_year}"
            )
        first, last = self.window
        if not self.first_year <= first <= last <= self.last_year:
            raise ValueError(
                f"window {first} to {last} must lie in order within the projection "
                f"{self.first_year} to {self.last_year}"
            )
        return self


class Posts(Section):
    """LIS1 posts before any decision, and their course."""

    stages: tuple[Identifier, ...] = Field(
        strict=False, min_length=1, description="arena of each half-year of LIS1, in order"
    )
    spring_share: Fixed = Field(description="share of a year's posts offered in the spring intake")
    unused: Fixed = Field(description="approved posts not in use, nationally")
    unused_treatment: Literal["offered", "closed"] = Field(
        description="offered: spread by largest remainder and offered; closed: never offered"
    )


class Region(Section):
    """A region: its posts and how many of its LIS1 doctors it keeps."""

    name: str
    posts_in_use: Fixed
    retention: Quantity = Field(description="share of LIS1 completers who train on in the region")


class Group(Section):
    """A specialty group."""

    name: str
    choice: Quantity | None = Field(
        default=None,
        description="share of LIS1 completers; left out for one group, which takes the rest",
    )
    foreign_share: Fixed = Field(description="share of the specialists arriving from abroad")
    direct_share: Fixed = Field(description="share of those entering LIS2/3 without LIS1")


class Origin(Section):
    """Applicants of one origin of education."""

    name: str
    net_per_year: Quantity = Field(
        description="new applicants a year, net of those who left between rounds"
    )
    spring_share: Fixed


class Queue(Section):
    """Applicants waiting for a post."""

    leakage: Quantity = Field(description="share of those not appointed who leave, per half-year")
    fill_rate: Quantity
    unplaced_at_start: Fixed
    reference_unplaced_spring: Fixed = Field(
        description="mean unplaced after spring rounds in the years net_per_year is from"
    )
    reference_unplaced_autumn: Fixed


class Lis1(Section):
    """The first part of training."""

    leave: Quantity
    drop_out: Quantity
    appointed_before_start: tuple[NotNegative, ...] = Field(
        strict=False,
        description="appointed in the last rounds before the start, newest first, one per stage",
    )
    source: str


class Training(Section):
    """LIS2/3: duration, completion and those already in it."""

    shortest_years: Fixed
    mean_years: Quantity
    spread: Fixed = Field(description="s.d. of the duration relative to mean - shortest")
    longest_years: Fixed
    completion_share: Quantity
    completion_share_historic: Quantity
    historic_until: Year = Field(
        description="first year whose entrants to LIS2/3 follow completion_share"
    )
    trainees_at_start: Fixed
    trainee_fte: Fixed


class DirectEntry(Section):
    """Doctors entering LIS2/3 without LIS1."""

    per_year_before: Fixed
    closes: Year = Field(description="first year with the later figure")
    per_year_after: Quantity


class AgeRow(Row):
    """Specialists at the start, by group and age."""

    group: Identifier
    age: int = Field(ge=0, le=120)
    persons: NotNegative


class RetirementRow(Row):
    """Yearly retirement share by group and age."""

    group: Identifier
    age: int = Field(ge=0, le=120)
    yearly_share: Share


class Specialists(Section):
    """Specialists: stock, entry, exit, movement."""

    vintage: str
    stock: tuple[AgeRow, ...] = Field(strict=False, min_length=1)
    retirement: tuple[RetirementRow, ...] = Field(strict=False, min_length=1)
    retirement_scale: Quantity = Field(description="factor on all retirement shares")
    retirement_shift_years: Quantity = Field(
        description="years later (earlier if negative) than the table"
    )
    other_exits_per_year: Quantity
    other_exits_below_age: PositiveInt
    entry_age_mean: Fixed
    entry_age_sd: Fixed
    foreign_per_year: Quantity
    mobility_per_year: Quantity
    fte_per_head: Fixed
    fte_per_head_senior: Fixed
    senior_age: PositiveInt


class AlternativeRow(Row):
    """A published alternative for the growth of demand."""

    id: Identifier
    name: str
    doctors_per_year: FiniteFloat
    population: str
    unit: str


class WeightRow(Row):
    """The weight of an alternative in one weight table."""

    table: Identifier
    alternative: Identifier
    weight: NotNegative


class Unmet(Section):
    """Vacancies in one group at the start."""

    missing: Quantity
    counts: Literal["specialists", "doctors"] = Field(
        description="doctors: only the specialist share of them is demand for specialists"
    )


class Demand(Section):
    """Demand for specialists."""

    alternatives: tuple[AlternativeRow, ...] = Field(strict=False, min_length=1)
    weights: tuple[WeightRow, ...] = Field(strict=False, min_length=1)
    weight_table: Identifier
    growth_error: Quantity = Field(
        description="relative error of the chosen alternative's yearly growth"
    )
    noise_sd: Fixed = Field(description="s.d. of the yearly growth of doctor FTE (AR(1))")
    noise_correlation: Fixed
    specialist_share: Quantity = Field(description="share of the growth that must be specialists")
    normalisation_probability: Fixed
    normalisation_per_year: Quantity
    normalisation_until: Year
    unmet: dict[Identifier, Unmet] = Field(description="vacancies at the start, by group")
