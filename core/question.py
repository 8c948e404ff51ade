"""The sections of a study that ask the question: limits, prices, risk, comparison, sampling."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, PositiveInt

from .distributions import Figure, Fixed, Quantity
from .sections import Identifier, NotNegative, Row, Section, Year


class SupervisionRow(Row):
    """Room for supervision in one region: today's use times (1 + slack), growing."""

    limit: Identifier
    region: Identifier
    slack: FiniteFloat
    growth_per_year: FiniteFloat


class Capacity(Section):
    """A limit on what the places on offer need, per region and calendar year."""

    name: str
    arena: Identifier
    unit: str
    need_per_place_year: Quantity = Field(
        description="need of one place kept busy for a year; the centre is used"
    )


class Ramp(Section):
    """Most new slots per year."""

    national: Fixed
    regional: dict[Identifier, Fixed]


class ComponentRow(Row):
    """One item of what a LIS1 start costs."""

    item: str
    payer: Identifier
    timing: Literal[
        "start",
        "hospital_stay",
        "municipality_start",
        "municipality_stay",
        "autumn_after_municipality",
    ]
    amount_nok: FiniteFloat
    in_report: bool
    in_gross: bool


class Cost(Section):
    """What slots cost."""

    components: tuple[ComponentRow, ...] = Field(strict=False, min_length=1)
    basis: Literal["report", "gross"]
    price_year: Year
    discount_rate: Fixed
    real_growth: Fixed = Field(description="yearly growth of the unit cost beyond prices")


class RiskLimit(Figure):
    """One limit on the risk of shortage: CVaR_confidence[Z] <= limit."""

    name: str
    scope: Literal["pooled", "summed"] = "pooled"
    regions: tuple[Identifier, ...] = Field(strict=False, min_length=1)
    measure: Literal["relative", "absolute"] = "relative"
    statistic: Literal["mean", "max", "sum"] = "mean"
    confidence: FiniteFloat = Field(ge=0, lt=1)
    limit: NotNegative


class Comparison(Figure):
    """A fixed plan to set beside the chosen one."""

    name: str
    slots_per_year: dict[str, int] = Field(description="national new slots by year")
    within_capacity: bool = Field(
        description="spread as early as capacity allows, instead of as written"
    )


class Sampling(Section):
    """How scenarios are drawn."""

    method: Literal["monte_carlo", "latin_hypercube", "sobol"]
    scenarios: PositiveInt
    fresh_scenarios: int = Field(ge=2)
    seed: int = Field(ge=0, lt=2**63)


class Solve(Section):
    """When the optimiser stops."""

    relative_gap: Annotated[FiniteFloat, Field(gt=0, lt=1)]
    time_limit_seconds: Annotated[FiniteFloat, Field(gt=0)]
    frontier_points: PositiveInt
