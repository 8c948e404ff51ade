"""What a figure is, told once at its field: title, unit, and the values it may take.

A field is annotated `Annotated[Quantity, SHARE("Share of LIS1 doctors who choose the field")]`; of
a dictionary, the annotation tells of each of its entries.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of figure: its unit and the range it must stay in.

    >>> SHARE.problem(0.2, 1.5)
    'ranges from 0.2 to 1.5; must lie within 0 to 1'
    >>> PERSONS.problem(-3.0, 8.0)
    'can be -3; must be 0 or more (cut a normal with `low`)'
    >>> POSITIVE_YEARS.problem(0.0, 0.0)
    'can be 0; must be above 0'
    >>> RATE.problem(-0.1, -0.1)
    'is -0.1; must lie within 0 to below 1'
    >>> CORRELATION.problem(-0.5, 0.5) is None
    True
    """

    unit: str
    low: float = 0.0
    high: float = math.inf
    open: bool = False
    """Whether the ends themselves are forbidden."""
    below: bool = False
    """Whether the upper end alone is forbidden: 1 % is 0.01, and 1 is everybody."""
    whole: bool = False

    def __call__(self, title: str, why: str = "") -> Meaning:
        """Return what a figure of this kind is; `why` its ends are forbidden, where not plain."""
        return Meaning(title, self, why)

    @property
    def allowed(self) -> str:
        """The range in words.

        >>> SHARE.allowed, RATE.allowed, POSITIVE_YEARS.allowed, WHOLE_POSTS.allowed
        ('0 to 1', '0 to below 1', 'above 0', '0 or more, whole')
        >>> CORRELATION.allowed, RELATIVE.allowed
        ('between -1 and 1', 'any number')
        """
        return self._range() + ", whole" * self.whole

    def _range(self) -> str:
        if math.isfinite(self.high):
            between = "between {:g} and {:g}" if self.open else "{:g} to {:g}"
            return ("{:g} to below {:g}" if self.below else between).format(self.low, self.high)
        if not math.isfinite(self.low):
            return "any number"
        return f"above {self.low:g}" if self.open else f"{self.low:g} or more"

    def problem(self, low: float, high: float, why: str = "") -> str | None:
        """Return what is wrong with a figure that ranges from `low` to `high`, None if nothing."""
        if self.below and high >= self.high and low >= self.low:
            found = f"can be {high:g}" if low < high else f"is {high:g}"
            return f"{found}; must lie below {self.high:g} (1 % is 0.01)"
        at_an_end = self.open and (low == self.low or high == self.high < math.inf)
        if low < self.low or high > self.high or at_an_end:
            return self._outside(low, high, f" ({why})" if why else "")
        if self.whole and not (low.is_integer() and high.is_integer()):
            return f"{low:g}; a whole number expected"
        return None

    def _outside(self, low: float, high: float, why: str) -> str:
        if math.isfinite(self.high):
            within = "" if self.open else "within "
            found = f"ranges from {low:g} to {high:g}" if low < high else f"is {low:g}"
            return f"{found}; must lie {within}{self._range()}{why}"
        mended = why if self.open else " (cut a normal with `low`)"
        return f"can be {low:g}; must be {self._range()}{mended}"


@dataclass(frozen=True)
class Meaning:
    """What a figure is: its title and kind."""

    title: str
    kind: Kind
    why: str = ""
    """Why the ends of its range are forbidden."""

    def problem(self, low: float, high: float) -> str | None:
        """Return what is wrong with a figure that ranges from `low` to `high`, None if nothing."""
        return self.kind.problem(low, high, self.why)


SHARE = Kind("share", high=1.0)
CHANCE = Kind("probability", high=1.0)
RELATIVE = Kind("relative", low=-math.inf)
"""A relative change of either sign."""
GROWTH = Kind("relative change a year", low=-1.0, high=1.0, open=True)
"""More than doubling every year is beyond any course of prices, and soon beyond all numbers."""
RATE = Kind("share a year", high=1.0, below=True)
CORRELATION = Kind("correlation", low=-1.0, high=1.0, open=True)
FACTOR = Kind("factor")
POSITIVE_FACTOR = Kind("factor", open=True)
PERSONS = Kind("persons")
PERSONS_A_YEAR = Kind("persons a year")
WHOLE_POSTS = Kind("posts", whole=True)
POSTS_A_YEAR = Kind("LIS1 starts a year")
WHOLE_POSTS_A_YEAR = Kind("LIS1 starts a year", whole=True)
FTE_EACH = Kind("full-time equivalents per person")
FTE_A_YEAR = Kind("full-time equivalents a year")
FTE_A_YEAR_EITHER_SIGN = Kind("full-time equivalents a year", low=-math.inf)
PERSONS_OR_FTE = Kind("persons or full-time equivalents")
YEARS = Kind("years")
POSITIVE_YEARS = Kind("years", open=True)
YEARS_EITHER_SIGN = Kind("years", low=-math.inf)
WHOLE_YEARS = Kind("years", whole=True)
SPECIALIST_POSTS = Kind("LIS2/3 posts")
CHOICE = Kind("choice")
"""One of the alternatives a study lists."""
FLAG = Kind("flag", high=1.0, whole=True)
UNIT_OF_CAPACITY = Kind("the capacity's unit")
NOK_FOR_A_UNIT = Kind("NOK for one of the capacity's unit")
NOK_ONCE = Kind("NOK")
NOK_A_YEAR = Kind("NOK a year")
MOVED = Kind("as what it moves", low=-math.inf)
"""A factor, or what is added, in the unit of what it moves."""
OF_THE_OBSERVABLE = Kind("as what is observed")
"""In the unit of what a review looks at."""
OF_TODAYS_USE = Kind("share of today's use")
