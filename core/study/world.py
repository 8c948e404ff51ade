"""The sections of a study that describe the world: one strict, frozen class per TOML table."""

from __future__ import annotations

from math import ceil
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

from .distributions import Fixed, Quantity
from .meaning import (
    FACTOR,
    FTE_EACH,
    PERSONS,
    PERSONS_A_YEAR,
    POSITIVE_FACTOR,
    POSTS_A_YEAR,
    SHARE,
    WHOLE_POSTS,
    YEARS,
)
from .processes import Process

Share = Annotated[FiniteFloat, Field(ge=0, le=1)]
NotNegative = Annotated[FiniteFloat, Field(ge=0)]
Year = Annotated[int, Field(ge=1900, le=2200)]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


NOBODY = "no doctors could come from or move to a region without any"


class Section(BaseModel):
    """A strict, frozen part of a study: unknown keys and silent conversions are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class SectionWithOptions(Section):
    """A section with keys which, where they are off, leave no trace in the text of a study."""

    options: ClassVar[tuple[str, ...]] = ()
    """Names of these keys: their default is off."""

    # its type said aloud: read from the annotation, older pydantic looks where a section stands
    @model_serializer(mode="wrap", when_used="json", return_type=dict)
    def _without_what_is_off(self, standard: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields, data = type(self).model_fields, standard(self)
        off = {key for key in self.options if getattr(self, key) == fields[key].default}
        return {key: value for key, value in data.items() if key not in off}


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
    first_decision: Year = Field(description="after `first_year`: its posts are given")
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
        if self.first_year == self.first_decision:
            raise ValueError(
                f"first_decision {self.first_decision} is the first projected year, whose posts "
                "stand for those of all years before it: let first_year be a year earlier, or "
                f"decide from {self.first_decision + 1} on"
            )
        first, last = self.window
        if not self.first_year <= first <= last <= self.last_year:
            raise ValueError(
                f"window {first} to {last} must lie in order within the projection "
                f"{self.first_year} to {self.last_year}"
            )
        return self


class HistoryRow(Row):
    """Posts on offer in a region in a year before the first decision."""

    year: Year
    region: Identifier
    posts: int = Field(ge=0)
    published: bool = True


class ConvertedRow(Row):
    """More LIS1 posts on offer in a region from a year on: posts there were for other doctors."""

    year: Year
    region: Identifier
    posts: int


class Posts(SectionWithOptions):
    """LIS1 posts before any decision, and their course."""

    options = ("converted",)

    stages: tuple[Identifier, ...] = Field(
        strict=False, min_length=1, description="arena of each half-year of LIS1, in order"
    )
    intake_months: tuple[int, int] = Field(
        default=(3, 9),
        strict=False,
        description="calendar months in which the two intakes of a year start, half a year apart",
    )
    spring_share: Annotated[Fixed, SHARE("Share of a year's posts offered in the spring")] = Field(
        description="share of a year's posts offered in the spring intake"
    )
    unused: Annotated[Fixed, WHOLE_POSTS("Approved posts not in use")] = Field(
        description="approved posts not in use, nationally"
    )
    unused_treatment: Literal["offered", "closed"] = Field(
        description="offered: spread by largest remainder and offered; closed: never offered"
    )
    history: tuple[HistoryRow, ...] = Field(
        default=(),
        strict=False,
        description="posts on offer in years before the first decision; a year without a row is "
        "like the one before it, the first like `posts_in_use` and its part of `unused`",
    )
    converted: tuple[ConvertedRow, ...] = Field(
        default=(),
        strict=False,
        description="posts for other doctors made LIS1 posts, by the first decision at the latest: "
        "beside the posts that history and `posts_in_use` tell, and no part of a plan's cost",
    )
    unpublished_factor: Annotated[
        Quantity | None, FACTOR("LIS1 posts really on offer where not published")
    ] = Field(
        default=None,
        description="posts really offered, relative to history rows with published = false",
    )

    @field_validator("intake_months")
    @classmethod
    def _half_a_year_apart(cls, months: tuple[int, int]) -> tuple[int, int]:
        first, second = months
        if not (1 <= first <= 6 and second == first + 6):
            raise ValueError(
                f"found {first} and {second}; give a month from 1 to 6 and the one six months on"
            )
        return months


class Region(Section):
    """A region: its posts and how many of its LIS1 doctors it keeps."""

    name: str
    posts_in_use: Annotated[Fixed, POSTS_A_YEAR("LIS1 posts in use at the start")]
    retention: Annotated[Quantity, SHARE("Share who train on in the region of their LIS1")] = Field(
        description="share of LIS1 completers who train on in the region; with `stock_weight` the "
        "range around the calibrated share"
    )
    stock_weight: Annotated[
        Fixed | None, POSITIVE_FACTOR("Weight of the region in doctors at the start", why=NOBODY)
    ] = Field(
        default=None,
        description="specialists, doctors in LIS2/3, direct entry, arrivals and demand are spread "
        "over regions by it (only ratios count: persons, shares), and the choice of region after "
        "LIS1 is calibrated so that these shares stand still; in every region or in none, left "
        "out: shares that follow from posts and retention",
    )
    demand_weight: Annotated[
        Fixed | None, FACTOR("Weight of the region in demand at the start")
    ] = Field(
        default=None,
        description="demand is spread by it instead; in every region or in none",
    )


class Group(Section):
    """A specialty group."""

    name: str
    choice: Annotated[Quantity | None, SHARE("Share of LIS1 doctors who choose the field")] = Field(
        default=None,
        description="share of LIS1 completers; left out for one group, which takes the rest",
    )
    foreign_share: Annotated[Fixed, SHARE("Share of the specialists arriving from abroad")] = Field(
        description="share of the specialists arriving from abroad"
    )
    direct_share: Annotated[Fixed, SHARE("Share of those entering LIS2/3 without LIS1")] = Field(
        description="share of those entering LIS2/3 without LIS1"
    )
    fte_per_head: Annotated[Fixed | None, FTE_EACH("Full-time equivalents per specialist")] = Field(
        default=None, description="left out: that of all specialists"
    )
    fte_per_head_senior: Annotated[
        Fixed | None, FTE_EACH("Full-time equivalents per senior specialist")
    ] = Field(default=None, description="from senior_age on; left out: that of all specialists")


class Origin(Section):
    """Applicants of one origin of education."""

    name: str
    net_per_year: Annotated[Quantity, PERSONS_A_YEAR("New applicants for LIS1 a year")] = Field(
        description="new applicants a year, net of those who left between rounds"
    )
    spring_share: Annotated[Fixed, SHARE("Share of new applicants who apply in the spring")]
    abroad: bool = Field(description="educated outside the country")
    propensity: Annotated[
        Quantity,
        POSITIVE_FACTOR(
            "Chance of being appointed to LIS1",
            why="nobody is appointed instead when posts outnumber the others",
        ),
    ] = Field(
        description="chance of being appointed relative to the other origins; composition only"
    )
    unplaced_share: Annotated[
        Fixed, SHARE("Share of the applicants without a post at the start")
    ] = Field(description="share of the applicants unplaced at the start")
    added_from: dict[str, FiniteFloat] = Field(
        default={}, description="year -> applicants a year added (or lost) from then on"
    )
    process: Annotated[Process | None, FACTOR("New applicants for LIS1, year by year")] = Field(
        default=None, description="yearly factor on all of it"
    )


class Queue(Section):
    """Applicants waiting for a post."""

    leakage: Annotated[Quantity, SHARE("Share of applicants without a post who give up")] = Field(
        description="share of those not appointed who leave, per half-year"
    )
    fill_rate: Annotated[Quantity, SHARE("Share of LIS1 posts that can be filled")]
    unplaced_at_start: Annotated[Fixed, PERSONS("Applicants without a post at the start")]
    reference_unplaced_spring: Annotated[
        Fixed, PERSONS("Applicants without a post after spring rounds, in the years of reference")
    ] = Field(description="mean unplaced after spring rounds in the years net_per_year is from")
    reference_unplaced_autumn: Annotated[
        Fixed, PERSONS("Applicants without a post after autumn rounds, in the years of reference")
    ]


class Lis1(Section):
    """The first part of training."""

    leave: Annotated[Quantity, SHARE("Leave during LIS1")]
    drop_out: Annotated[Quantity, SHARE("Share who drop out of LIS1")]
    late_withdrawal: Annotated[
        dict[Identifier, Quantity], SHARE("Places left empty by late withdrawal")
    ] = Field(
        default={},
        description="arena -> share of those due for a stay there who withdraw too late for the "
        "place to be filled, and take it half a year later",
    )
    half_years_to_start: Literal[0, 1] = Field(
        default=0,
        description="half-years from the round in which doctors are appointed to the intake in "
        "which they begin; 1: spring rounds start in autumn, autumn rounds in the next spring",
    )
    appointed_before_start: tuple[NotNegative, ...] = Field(
        strict=False,
        description="appointed in the last rounds before the start, newest first: one for each "
        "half-year to start, who have yet to begin, and one per stage",
    )
    source: str


class Training(SectionWithOptions):
    """LIS2/3: duration, completion and those already in it."""

    options = ("half_years",)

    shortest_years: Annotated[Fixed, YEARS("Shortest duration of LIS2/3")]
    mean_years: Annotated[Quantity, YEARS("Mean duration of LIS2/3")]
    spread: Annotated[Fixed, POSITIVE_FACTOR("Spread of the duration of LIS2/3")] = Field(
        description="s.d. of the duration relative to mean - shortest"
    )
    longest_years: Annotated[Fixed, YEARS("Longest duration of LIS2/3")]
    half_years: Literal["nearest", "split"] = Field(
        default="nearest",
        description="how a duration becomes half-years: the nearest; or split between its two "
        "neighbours, so that the mean is exactly `mean_years`, whatever fraction of a year it is",
    )
    completion_share: Annotated[Quantity, SHARE("Share who complete LIS2/3, from now on")]
    completion_share_historic: Annotated[
        Quantity, SHARE("Share who complete LIS2/3, earlier entrants")
    ]
    historic_until: Year = Field(
        description="first year whose entrants to LIS2/3 follow completion_share"
    )
    exits: Literal["none", "specialists"] = Field(
        default="none",
        description="who leaves work while in LIS2/3, besides those who give it up: nobody, or the "
        "same share as of specialists before retirement; completion_share is then of those at "
        "work. Left out where [specialist_posts] are given: specialists",
    )
    trainees_at_start: Annotated[Fixed, PERSONS("Doctors in LIS2/3 at the start")]
    trainee_fte: Annotated[Fixed, FTE_EACH("Full-time equivalents per doctor in LIS2/3")]

    @property
    def fewest_half_years(self) -> int:
        """The half-years before whose end nobody completes LIS2/3."""
        twice = 2 * self.shortest_years.value
        return int(twice) if self.half_years == "split" else round(twice)

    @property
    def most_half_years(self) -> int:
        """The half-years after which nobody is in LIS2/3 any more."""
        twice = 2 * self.longest_years.value
        return ceil(twice) if self.half_years == "split" else round(twice)


class DirectEntry(Section):
    """Doctors entering LIS2/3 without LIS1."""

    per_year_before: Annotated[
        Fixed, PERSONS_A_YEAR("Doctors entering LIS2/3 without LIS1 a year, before it closes")
    ]
    closes: Year = Field(description="first year with the later figure")
    per_year_after: Annotated[
        Quantity, PERSONS_A_YEAR("Doctors entering LIS2/3 without LIS1 a year, after it closes")
    ]


class Composition(Section):
    """Shares educated abroad of those present at the start: they never change totals."""

    lis1_abroad: Annotated[Fixed, SHARE("Share of doctors in LIS1 educated abroad, at the start")]
    trainees_abroad: Annotated[
        Fixed, SHARE("Share of doctors in LIS2/3 educated abroad, at the start")
    ]
    direct_entry_abroad: Annotated[
        Fixed, SHARE("Share of those entering LIS2/3 without LIS1 educated abroad")
    ]
    specialists_abroad: Annotated[
        Fixed, SHARE("Share of specialists educated abroad, at the start")
    ]
