"""What a variable of result files is: name, dimensions, unit, long name, meaning when missing."""

from __future__ import annotations

from dataclasses import dataclass

NOK, FTE, PERSONS, SLOTS, POSTS = (
    "NOK",
    "full-time equivalents",
    "persons",
    "LIS1 starts a year",
    "posts",
)
SHARE, FLAG, CODE, OUTCOME = "share", "flag", "code", "as the outcome"
TEXT = "text"
"""What a variable of words counts: the file gives it no unit."""


@dataclass(frozen=True)
class Missing:
    """What a missing value means, and what tells where one may be."""

    means: str
    status: str = ""
    """Variable that is 1 where there is a value; "" where none tells."""
    rule_key: str = ""
    """Key of a limit that some rules have not, and the variable then neither; "" where none."""


def no_plan(status: str) -> Missing:
    """Return why what a plan has is missing: there is none where `status` is not 1."""
    return Missing(f"there is no plan: {status} is not 1", status=status)


def rule_has_no(key: str) -> Missing:
    """Return why a value along `limit` is missing: the limit's rule has no such key."""
    return Missing(f"the rule of the limit has no {key}", rule_key=key)


@dataclass(frozen=True)
class Variable:
    """A variable of result files.

    A CF unit of "1" stands for all numbers: UDUNITS knows neither persons nor kroner, so `counts`
    says it.
    """

    name: str
    dims: tuple[str, ...]
    counts: str
    long_name: str
    missing: Missing | None = None


@dataclass(frozen=True)
class Flow:
    """What the kernel yields by year, or what follows from it."""

    name: str
    counts: str
    long_name: str
    by_group: bool = True
    """Whether it is told by specialty group, too."""


def along(
    axes: str, counts: str, missing: Missing | None = None, **long_names: str
) -> tuple[Variable, ...]:
    """Return the variables, name = long name, that have these dimensions (parted by blanks)."""
    dims = tuple(axes.split())
    return tuple(Variable(name, dims, counts, words, missing) for name, words in long_names.items())
