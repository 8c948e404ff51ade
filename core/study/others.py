"""The section of a study on doctors without a speciality who are not in training for one."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator

from .distributions import Fixed, Quantity
from .meaning import FTE_EACH, PERSONS_A_YEAR, POSITIVE_YEARS, YEARS
from .specialists import age_or_band, none_if_blank
from .world import Identifier, NotNegative, Row, Section


class OtherRow(Row):
    """Doctors without a speciality at the start, of an age or a band of ages such as 40-54."""

    age: Annotated[int | str, BeforeValidator(age_or_band)]
    region: Identifier | None = Field(
        default=None, description="left out everywhere: spread like the specialists"
    )
    persons: NotNegative

    _blank = field_validator("region", mode="before")(none_if_blank)

    @property
    def ages(self) -> range:
        """The single years of age the row speaks of."""
        first, _, last = str(self.age).partition("-")
        return range(int(first), int(last or first) + 1)


class WithoutSpeciality(Section):
    """Doctors past LIS1, or never in it, who are neither specialists nor in LIS2/3.

    Who gives up queue, LIS1 or LIS2/3 joins them; nobody returns.
    """

    stock: tuple[OtherRow, ...] = Field(strict=False, min_length=1)
    arrivals_per_year: Annotated[
        Quantity, PERSONS_A_YEAR("Doctors without a speciality arriving a year")
    ] = Field(description="who neither queue for LIS1 nor enter LIS2/3")
    entry_age_mean: Annotated[Fixed, YEARS("Mean age of those who join them")]
    entry_age_sd: Annotated[Fixed, POSITIVE_YEARS("Spread of the age of those who join them")]
    leaves_like: Identifier = Field(
        description="specialty group whose retirement and other exits they share"
    )
    fte_per_head: Annotated[Fixed, FTE_EACH("Full-time equivalents per doctor without speciality")]
