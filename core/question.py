"""The sections of a study that ask the question: limits, prices, risk, comparison, sampling."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, FiniteFloat, PositiveInt

from .distributions import Figure, Fixed, Quantity
from .sections import Identifier, Row, Section, Year


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
    lead_time_years: dict[Identifier, Fixed] = Field(
        default={}, description="by region: years from the first decision before slots can open"
    )


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


class Cost(Section):
    """What slots cost."""

    components: tuple[ComponentRow, ...] = Field(strict=False, min_length=1)
    basis: Literal["report", "gross"]
    price_year: Year
    discount_rate: Fixed
    real_growth: Fixed = Field(description="yearly growth of the unit cost beyond prices")


NO_POSTS = "none"
"""Name of the comparison plan that every study has: no new posts."""
OWN_PLANS = ("chosen", "look_ahead", "mean_value", "plan")
"""Names the program gives to plans it finds or is handed; a study or a file gives others."""


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
    proposal_table: Identifier | None = Field(
        default=None, description="weight table to draw from; scenarios weigh target / proposal"
    )


class Solve(Section):
    """When the optimiser stops. A limit on nodes, unlike one on time, is alike on any machine."""

    relative_gap: Annotated[FiniteFloat, Field(gt=0, lt=1)]
    time_limit_seconds: Annotated[FiniteFloat, Field(gt=0)]
    node_limit: PositiveInt | None = None  # of one whole-number master problem
    solver: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")] = "highs"  # as Pyomo names it
    frontier_points: PositiveInt
