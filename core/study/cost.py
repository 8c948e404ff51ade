"""The sections of a study that say what slots cost, and when each item is paid."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, FiniteFloat, PositiveInt

from .distributions import Fixed, Quantity
from .meaning import GROWTH, NOK_A_YEAR, NOK_ONCE, POSITIVE_FACTOR, RATE, SHARE
from .world import Identifier, Row, Section, SectionWithOptions, Year

_TIMING = re.compile(r"start|(stay|stay_start|autumn_after):[a-z][a-z0-9_]*")


def _known_timing(value: str) -> str:
    if not _TIMING.fullmatch(value):
        raise ValueError(
            f"found '{value}'; give start, stay:ARENA, stay_start:ARENA or autumn_after:ARENA"
        )
    return value


Timing = Annotated[str, AfterValidator(_known_timing)]
"""When an item is paid: when the doctor starts, evenly over the stay in an arena, when that stay
starts, or in the first September after it has ended."""


class ComponentRow(Row):
    """One item of what a LIS1 start costs."""

    item: str
    payer: Identifier
    timing: Timing
    amount_nok: FiniteFloat
    in_report: bool
    in_gross: bool


class LaterPrices(Section):
    """Prices of a later year, in which the plan's cost is told, too."""

    year: Year
    factor: Annotated[Fixed, POSITIVE_FACTOR("Prices of a later year, those of the price year 1")]


class SpecialistTraining(Section):
    """What doctors in LIS2/3 cost whom a plan brings there, and what doctors in training produce.

    Told beside the cost of the slots, which alone is minimised.
    """

    used: bool = Field(default=True, description="false: as if this section were left out")
    training_and_treatment: Annotated[
        Fixed, NOK_A_YEAR("Training of a doctor in LIS2/3 and added cost of treatment")
    ]
    pay: Annotated[Fixed, NOK_A_YEAR("Pay of a doctor in LIS2/3 with social cost")]
    service_share: Annotated[
        Fixed, SHARE("Share of working time in LIS2/3 that is service, not training")
    ] = Field(description="of `pay`, what the cost of training does not hold already")
    price_factor: Annotated[
        Fixed, POSITIVE_FACTOR("Prices of the price year, those of the amounts for LIS2/3 1")
    ]
    new_post: Annotated[Fixed | None, NOK_ONCE("One-off cost of one more LIS2/3 post")] = Field(
        default=None,
        description="in prices of the other amounts; paid when more doctors are in LIS2/3 than in "
        "any year before; left out: nothing",
    )
    income_credit: Annotated[Quantity, SHARE("Income that doctors in training bring, of pay")] = (
        Field(description="told at its mean and both ends, not drawn")
    )
    lis1_pay: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="items of `components` that are pay of doctors in LIS1, credited, too",
    )
    payers: dict[Identifier, Identifier] = Field(description="group -> who pays for LIS2/3")
    counts_as_service: bool = Field(
        default=False,
        description="whether a doctor in LIS2/3 counts as `service_share` of training.trainee_fte "
        "among all doctors",
    )


class Cost(SectionWithOptions):
    """What slots cost."""

    options = ("specialist_training",)

    components: tuple[ComponentRow, ...] = Field(strict=False, min_length=1)
    stay_months: dict[Identifier, PositiveInt] = Field(
        default={},
        description="arena -> months of the stay there that the amounts of the table are for; left "
        "out: those of posts.stages in the same file",
    )
    basis: Literal["report", "gross"]
    price_year: Year
    later_prices: LaterPrices | None = Field(
        default=None, description="left out: cost is told in prices of `price_year` alone"
    )
    specialist_training: SpecialistTraining | None = Field(
        default=None, description="left out: what comes after LIS1 is not told"
    )
    discount_rate: Annotated[Fixed, RATE("Discount rate")]
    real_growth: Annotated[Fixed, GROWTH("Yearly growth of the unit cost beyond prices")] = Field(
        description="yearly growth of the unit cost beyond prices"
    )

    @property
    def after_lis1(self) -> SpecialistTraining | None:
        """What comes after LIS1, where it is told."""
        told = self.specialist_training
        return told if told is not None and told.used else None
