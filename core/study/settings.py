"""The sections of a study that ask the question: limits, prices, risk, comparison, sampling."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, PositiveInt

from .distributions import Figure, Fixed
from .meaning import OF_THE_OBSERVABLE, SHARE
from .world import Identifier, NotNegative, Section, SectionWithOptions, Year

NO_POSTS = "none"
"""Name of the comparison plan that every study has: no new posts."""
LIS1, EARMARKED, SPECIALIST = KINDS = "lis1", "earmarked", "specialist"
"""Kinds of posts a study may decide on: LIS1, earmarked ones of these, and LIS2/3."""
KINDS_OF_PLAN = {
    "lis1_alone": (LIS1,),
    "earmarked_alone": (EARMARKED,),
    "specialist_alone": (SPECIALIST,),
    "lis1_and_earmarked": (LIS1, EARMARKED),
    "lis1_and_specialist": (LIS1, SPECIALIST),
    "earmarked_and_specialist": (EARMARKED, SPECIALIST),
}
"""Name -> kinds, of the cheapest plans that make do with some kinds of posts."""
OWN_PLANS = ("chosen", "look_ahead", "mean_value", *KINDS_OF_PLAN, "plan")
"""Names the program gives to plans it finds or is handed; a study or a file gives others."""


class Comparison(Figure):
    """A fixed plan to set beside the chosen one."""

    name: str
    slots_per_year: dict[str, int] = Field(description="national new slots by year")
    within_capacity: bool = Field(
        description="spread as early as capacity allows, instead of as written"
    )


Method = Literal["monte_carlo", "latin_hypercube", "sobol"]
"""Methods of sampling; `core.scenarios.sampling` says how each draws."""


class Sampling(Section):
    """How scenarios are drawn."""

    method: Method
    scenarios: PositiveInt
    fresh_scenarios: int = Field(ge=2)
    seed: int = Field(ge=0, lt=2**63)
    proposal_table: Identifier | None = Field(
        default=None, description="weight table to draw from; scenarios weigh target / proposal"
    )


class Solve(SectionWithOptions):
    """When the optimiser stops. A limit on nodes, unlike one on time, is alike on any machine."""

    options = ("near_optimal",)

    relative_gap: Annotated[FiniteFloat, Field(gt=0, lt=1)]
    time_limit_seconds: Annotated[FiniteFloat, Field(gt=0)]
    node_limit: PositiveInt | None = None  # of one whole-number master problem
    solver: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")] = "highs"  # as Pyomo names it
    frontier_points: Annotated[int, Field(ge=1, le=1_000)]
    near_optimal: Annotated[
        Annotated[FiniteFloat, Field(ge=0, le=1)] | None,
        SHARE("By what share a near-optimal plan may cost more than the cheapest"),
    ] = Field(default=None, description="left out: no such plans are looked for")


GROWTH, NEWCOMERS, GRADUATES, EXITS = OBSERVABLES = (
    "demand.growth",
    "newcomers",
    "graduates",
    "exits",
)
"""What a review may look at: known by then, and the same whatever the plan."""


class Review(Section):
    """Years in which the plan is reviewed: from each on, every branch has posts of its own."""

    years: tuple[Year, ...] = Field(
        strict=False,
        min_length=1,
        description="ascending, after the first decision year: the first year decided anew",
    )
    branches: Annotated[int, Field(ge=1, le=10)] = Field(
        description="into so many each review parts the futures; 1: nothing is learned"
    )
    observes: str = Field(
        default=GROWTH, description=f"what reviews look at: {', '.join(OBSERVABLES)}"
    )
    lag_years: Annotated[int, Field(ge=0, le=20)] = Field(
        default=1, description="years from the end of a year until what happened in it is known"
    )
    observation_error: Annotated[
        Fixed, OF_THE_OBSERVABLE("Error of what a review observes, standard deviation")
    ]
    thresholds: tuple[tuple[FiniteFloat, ...], ...] = Field(
        default=(),
        strict=False,
        description="where each review parts, ascending, one fewer than branches; left out: at "
        "rounded quantiles, in every branch at its own",
    )
    branch_limits: dict[Identifier, NotNegative] = Field(
        default={}, description="most risk inside each branch, by limit on risk; left out: any"
    )
