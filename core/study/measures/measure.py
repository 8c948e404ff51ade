"""The section of a study on measures: what each does, costs and asks for, and how it was rated."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, FiniteFloat, field_validator, model_validator

from ..distributions import Figure, Quantity
from ..meaning import MOVED
from ..specialists import none_if_blank
from ..world import Identifier, NotNegative, Row, Section, SectionWithOptions, Year

Lever = Literal["capacity", "posts", "stages", "arrivals", "add", "factor"]
ROOM, ARRIVALS, RATES = CLASSES = "room", "arrivals", "rates"
CLASS_OF: dict[Lever, str] = {
    "capacity": ROOM,
    "posts": ROOM,
    "arrivals": ARRIVALS,
    "stages": RATES,
    "add": RATES,
    "factor": RATES,
}
"""Lever -> class of measure: it widens the room, brings doctors, or moves a rate."""
RATED = {
    "general_practice": "Recruitment to general practice",
    "more_lis1": "More LIS1",
    "specialists": "Specialists enough",
    "supervision": "Capacity for guidance and supervision",
    "geography": "Geographic distribution",
    "quality": "Quality and patient safety",
    "economy": "Economic consequences",
    "administration": "Administrative consequences",
}
"""Columns of tables 8a and 8b (Helsedirektoratet 2019, ch. 5.3) in their order, and their names."""
Rating = Literal["pos", "neutral/pos", "neutral", "neutral/neg", "neg"]
SIGNS: dict[str, tuple[int, ...]] = {
    "pos": (1,),
    "neutral/pos": (0, 1),
    "neutral": (0,),
    "neutral/neg": (-1, 0),
    "neg": (-1,),
}
"""The signs that a rating allows."""


class Effect(Section):
    """One thing that a measure does, for each unit in use."""

    lever: Lever
    key: str = Field(
        default="",
        description="capacity: its name; arrivals: key of the flow; add, factor: key of the figure",
    )
    region: Identifier | None = Field(
        default=None,
        description="capacity and posts: where; left out: in all regions, shared out as posts are",
    )
    amount: Annotated[Quantity | None, MOVED("What one unit of a measure does")] = Field(
        default=None,
        description="capacity: in its unit; posts: LIS1 starts a year; arrivals: persons a year; "
        "add: in the figure's unit; factor: on the figure. Certain for capacity, posts and figures "
        "that no scenario draws; stages have none",
    )
    stages: tuple[Identifier, ...] = Field(
        default=(),
        strict=False,
        description="stages: the arena of each half-year of another LIS1, whose starts are as many "
        "more as it is shorter",
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.lever == "stages":
            if not self.stages or self.amount is not None or self.key or self.region:
                raise ValueError('lever "stages" takes `stages` and nothing beside it')
            return self
        if self.amount is None or self.stages:
            raise ValueError(f'lever "{self.lever}" takes `amount`, and no `stages`')
        if (self.lever == "posts") == bool(self.key):
            wanted = "takes no `key`" if self.lever == "posts" else "needs `key`"
            raise ValueError(f'lever "{self.lever}" {wanted}')
        if self.region is not None and self.lever not in ("capacity", "posts"):
            raise ValueError(f'lever "{self.lever}" takes no `region`: its key says where it acts')
        return self


class MeasurePrice(Section):
    """What a unit costs one payer, in NOK of the price year."""

    payer: Identifier = Field(description="a payer of the cost table")
    nok: FiniteFloat = Field(default=0.0, description="a year, for each unit in use")
    nok_once: FiniteFloat = Field(default=0.0, description="once, when a unit comes into use")
    years: int = Field(
        default=1,
        ge=1,
        le=50,
        description="years for which what begins in one year is paid: a student admitted costs six",
    )


class Measure(Figure, SectionWithOptions):
    """What else than new posts may be done: effects, price, and what it asks for first."""

    options = ("use_by_year", "excludes")

    name: str
    unit: str = Field(description="what one unit is, in words")
    decision: Literal["off", "on", "choose"] = Field(
        default="off", description="on: in force at `most`; choose: left to the optimiser"
    )
    use: NotNegative | None = Field(
        default=None, description="units in force by hand; left out: as `decision` says"
    )
    use_by_year: dict[str, NotNegative] = Field(
        default={},
        description="year -> units in use from then on, by hand; before `use`; left out: as "
        "`years_to_full` and `most_per_year` let them rise",
    )
    excludes: tuple[Identifier, ...] = Field(
        default=(), strict=False, description="measures that cannot be in force beside it"
    )
    most: NotNegative = Field(description="units that can be had in all")
    most_per_year: NotNegative | None = Field(
        default=None, description="units that can come into use in a year; left out: no maximum"
    )
    first_year: Year = Field(description="in which it is decided")
    years_to_full: int = Field(
        default=1, ge=1, le=50, description="years over which its use rises evenly to all of it"
    )
    regulation: str = Field(default="", description="rules to be changed first; left out: none")
    lead_years: int = Field(
        default=0, ge=0, le=50, description="years from the decision until it is in use and paid"
    )
    delay_years: int = Field(
        default=0,
        ge=0,
        le=50,
        description="years from use to effect: six to the queue",
    )
    effects: tuple[Effect, ...] = Field(strict=False, min_length=1)
    prices: tuple[MeasurePrice, ...] = Field(default=(), strict=False)
    ratings: dict[Identifier, Rating] = Field(
        default={}, description="as tables 8a and 8b of the 2019 report rate it, by column"
    )

    @field_validator("ratings")
    @classmethod
    def _columns(cls, ratings: dict[str, Rating]) -> dict[str, Rating]:
        for column in ratings:
            if column not in RATED:
                raise ValueError(f"unknown column '{column}'; known: {', '.join(RATED)}")
        return ratings

    @property
    def units(self) -> float:
        """Units in force once all are: by hand, or all of it where it is on."""
        if self.use_by_year:
            return max(self.use_by_year.values())
        if self.use is not None:
            return self.use
        return self.most if self.decision == "on" else 0.0

    @property
    def chosen(self) -> bool:
        """Whether how much of it is used is left to the optimiser."""
        return self.decision == "choose" and self.use is None and not self.use_by_year

    @property
    def in_use_from(self) -> int:
        """The first year in which units are in use, and paid."""
        return self.first_year + self.lead_years

    def units_in(self, year: int) -> float:
        """Return the units in use in a year: they rise evenly, and by no more than can come.

        min(units, units · n / years_to_full, most_per_year · n),  n the years since `in_use_from`,

        or what `use_by_year` says.
        """
        if self.use_by_year:
            begun = [int(since) for since in self.use_by_year if int(since) <= year]
            return self.use_by_year[str(max(begun))] if begun else 0.0
        since = year - self.in_use_from + 1
        if since <= 0:
            return 0.0
        reached = self.units * min(since / self.years_to_full, 1.0)
        return reached if self.most_per_year is None else min(reached, self.most_per_year * since)

    @property
    def most_begun(self) -> float:
        """The most units that can come into use in a year."""
        evenly = self.most / self.years_to_full
        return evenly if self.most_per_year is None else min(evenly, self.most_per_year)

    @property
    def classes(self) -> tuple[str, ...]:
        """Which classes of measure it belongs to, in their order."""
        found = {CLASS_OF[each.lever] for each in self.effects}
        return tuple(name for name in CLASSES if name in found)

    @property
    def from_the_start(self) -> bool:
        """Whether it acts from the first projected year: a rate is one number in a scenario."""
        return RATES in self.classes


class MeasureRow(Row):
    """A row of a table of measures: a measure, with one effect and one price of it.

    Further rows of the same measure hold further effects and prices; of what else they say only
    what is blank, or the same as in its first row, may stand there.
    """

    measure: Identifier
    name: str = ""
    unit: str = ""
    decision: str = ""
    use: FiniteFloat | None = None
    most: FiniteFloat | None = None
    most_per_year: FiniteFloat | None = None
    first_year: int | None = None
    years_to_full: int | None = None
    regulation: str = ""
    lead_years: int | None = None
    delay_years: int | None = None
    lever: str = ""
    key: str = ""
    region: str = ""
    stages: str = ""
    low: FiniteFloat | None = None
    mode: FiniteFloat | None = None
    high: FiniteFloat | None = None
    payer: str = ""
    nok: FiniteFloat | None = None
    nok_once: FiniteFloat | None = None
    years: int | None = None
    general_practice: str = ""
    more_lis1: str = ""
    specialists: str = ""
    supervision: str = ""
    geography: str = ""
    quality: str = ""
    economy: str = ""
    administration: str = ""

    _blank = field_validator(
        *("use", "most", "most_per_year", "first_year", "years_to_full", "lead_years"),
        *("delay_years", "low", "mode", "high", "nok", "nok_once", "years"),
        mode="before",
    )(none_if_blank)
