"""The section of a study that describes specialists, and the rows of its tables by age."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, PositiveInt, field_validator, model_validator

from .distributions import Fixed, Quantity
from .meaning import (
    FACTOR,
    FTE_EACH,
    PERSONS_A_YEAR,
    POSITIVE_YEARS,
    RATE,
    YEARS,
    YEARS_EITHER_SIGN,
)
from .processes import Process
from .world import Identifier, NotNegative, Row, SectionWithOptions, Share, Year


def none_if_blank(value: object) -> object:
    """Return None for an empty cell of a table."""
    return None if value == "" else value


def age_or_band(value: object) -> int | str:
    """Return an age in years, or a band of ages such as 60-64.

    Raises
    ------
    ValueError
        If it is neither, or beyond 120 years.
    """
    ages = [int(part) for part in str(value).split("-") if part.strip().isdecimal()]
    if len(ages) != str(value).count("-") + 1 or len(ages) > 2 or isinstance(value, bool):
        raise ValueError(f"found '{value}'; give an age such as 60, or a band such as 60-64")
    if ages != sorted(ages) or ages[-1] > 120:
        raise ValueError(f"found '{value}'; ages rise and end at 120 at the latest")
    return ages[0] if ages[0] == ages[-1] else f"{ages[0]}-{ages[-1]}"


class AgedRow(Row):
    """A row of one group and age, or of a band of ages such as 60-64."""

    group: Identifier
    age: Annotated[int | str, BeforeValidator(age_or_band)]

    @property
    def ages(self) -> range:
        """The single years of age the row speaks of."""
        first, _, last = str(self.age).partition("-")
        return range(int(first), int(last or first) + 1)


class AgeRow(AgedRow):
    """Specialists at the start, by group and age, and by region where the source has it.

    A band spreads its persons evenly over its single years.
    """

    region: Identifier | None = Field(
        default=None, description="left out everywhere: spread by the stationary regional key"
    )
    persons: NotNegative

    _blank = field_validator("region", mode="before")(none_if_blank)

    def persons_below(self, age: int) -> float:
        """Return how many of the row's persons are younger than `age`."""
        return self.persons * sum(each < age for each in self.ages) / len(self.ages)


class RetirementRow(AgedRow):
    """Retirement (or, in a study without other exits, all exits) by group and age."""

    yearly_share: Share | None = Field(default=None, description="share leaving within a year")
    share: Share | None = Field(default=None, description="share leaving within `over_years`")
    over_years: PositiveInt | None = None

    _blank = field_validator("yearly_share", "share", "over_years", mode="before")(none_if_blank)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        over_several = self.share is not None and self.over_years is not None
        if (self.yearly_share is None) != over_several or (
            not over_several and (self.share, self.over_years) != (None, None)
        ):
            raise ValueError("give either yearly_share, or share with over_years")
        return self

    @property
    def leaving(self) -> float:
        """Share leaving within a year: of a share over n years, 1 - (1 - share)^(1/n)."""
        if self.share is None or self.over_years is None:
            return float(self.yearly_share or 0.0)
        return float(1.0 - (1.0 - self.share) ** (1.0 / self.over_years))


class HoursRow(AgedRow):
    """Working hours of one group and age, or band of ages; sexes are groups."""

    fte_per_head: NotNegative


class YearOfExitsRow(Row):
    """Exits in one calendar year of those in a group who are at work at the start, at any age."""

    group: Identifier
    year: Year
    factor: NotNegative | None = Field(
        default=None, description="times what the exits by age give in that year"
    )
    yearly_share: Share | None = Field(
        default=None, description="share leaving within the year, instead of the exits by age"
    )

    _blank = field_validator("factor", "yearly_share", mode="before")(none_if_blank)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.factor is None) == (self.yearly_share is None):
            raise ValueError("give either factor or yearly_share")
        return self


class Specialists(SectionWithOptions):
    """Specialists: stock, entry, exit, movement."""

    options = ("exits_by_year", "fte_by_age")

    vintage: str
    stock: tuple[AgeRow, ...] = Field(strict=False, min_length=1)
    retirement: tuple[RetirementRow, ...] = Field(strict=False, min_length=1)
    retirement_scale: Annotated[Quantity, FACTOR("Level of retirement")] = Field(
        description="factor on all retirement shares"
    )
    retirement_shift_years: Annotated[
        Quantity, YEARS_EITHER_SIGN("Years by which retirement is later")
    ] = Field(description="years later (earlier if negative) than the table")
    exits_by_year: tuple[YearOfExitsRow, ...] = Field(
        default=(),
        strict=False,
        description="exits by year of those at work at the start; a year without a row, and all "
        "who join later, follow the exits by age",
    )
    other_exits_per_year: Annotated[
        Quantity, PERSONS_A_YEAR("Specialists leaving before retirement a year")
    ]
    other_exits_below_age: PositiveInt
    entry_age_mean: Annotated[Fixed, YEARS("Mean age of new specialists")]
    entry_age_sd: Annotated[Fixed, POSITIVE_YEARS("Spread of the age of new specialists")]
    foreign_per_year: Annotated[Quantity, PERSONS_A_YEAR("Specialists arriving from abroad a year")]
    foreign_process: Annotated[
        Process | None, FACTOR("Specialists arriving from abroad, year by year")
    ] = Field(default=None, description="yearly factor on the arrivals")
    mobility_per_year: Annotated[Quantity, RATE("Specialists who change region a year")]
    fte_per_head: Annotated[Fixed, FTE_EACH("Full-time equivalents per specialist")]
    fte_per_head_senior: Annotated[Fixed, FTE_EACH("Full-time equivalents per senior specialist")]
    senior_age: PositiveInt
    fte_by_age: tuple[HoursRow, ...] = Field(
        default=(),
        strict=False,
        description="full-time equivalents per specialist by group and age; at an age without a "
        "row those of `fte_per_head` and `fte_per_head_senior` hold",
    )
