"""The sections of a study that say what slots cost, and when each item is paid."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, FiniteFloat, PositiveInt

from .distributions import Fixed
from .meaning import GROWTH, POSITIVE_FACTOR, RATE
from .world import Identifier, Row, Section, Year

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


class Cost(Section):
    """What slots cost."""

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
    discount_rate: Annotated[Fixed, RATE("Discount rate")]
    real_growth: Annotated[Fixed, GROWTH("Yearly growth of the unit cost beyond prices")] = Field(
        description="yearly growth of the unit cost beyond prices"
    )
