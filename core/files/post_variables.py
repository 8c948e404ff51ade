"""Variables of files whose study decides on LIS2/3 posts or earmarked ones beside LIS1."""

from __future__ import annotations

from typing import NamedTuple

from ..system.families import AXES, LEVELS
from .variable import POSTS, SLOTS, Variable, no_plan


class _Words(NamedTuple):
    """What the long names of a family's variables say."""

    unit: str
    level: str  # of what there is
    opened: str  # in a year
    new: str  # of other plans, inside a phrase
    of_that_plan: str
    total: str  # in all
    total_of_that_plan: str


def _of_family(name: str, said: _Words) -> tuple[Variable, ...]:
    """Return the variables of a family of decisions, by its own and those of other plans."""
    axis = AXES[name]
    in_years = (
        ("frontier", "frontier", "frontier_status", f"{said.new} of the frontier's plans"),
        ("way", "way", "way_status", said.of_that_plan),
        ("over", "frontier", "over_status", f"{said.new} of the plan"),
        ("replication", "size replication", "replication_status", said.new),
    )
    in_all = (
        ("frontier", "frontier", "frontier_status", said.total),
        ("table", "weight_table", "table_status", f"{said.total} under this weight table"),
        ("table_same", "weight_table", "table_same_status", said.total_of_that_plan),
        ("over", "frontier", "over_status", said.total),
        ("replication", "size replication", "replication_status", said.total),
    )
    own = ("time", "plan", axis, "region")
    return (
        Variable(LEVELS[name], own, said.unit, said.level),
        Variable(name, own, said.unit, said.opened),
        *(
            Variable(
                f"{of}_{name}",
                ("time", *dims.split(), axis, "region"),
                said.unit,
                words,
                no_plan(status),
            )
            for of, dims, status, words in in_years
        ),
        *(
            Variable(f"{of}_{name}_total", tuple(dims.split()), said.unit, words, no_plan(status))
            for of, dims, status, words in in_all
        ),
    )


POST_VARIABLES = (
    *_of_family(
        "posts",
        _Words(
            POSTS,
            level="LIS2/3 posts, for as many doctors at once",
            opened="new LIS2/3 posts opened in the year",
            new="new LIS2/3 posts",
            of_that_plan="LIS2/3 posts of that plan",
            total="LIS2/3 posts opened in all",
            total_of_that_plan="LIS2/3 posts that plan opens in all",
        ),
    ),
    *_of_family(
        "tracks",
        _Words(
            SLOTS,
            level="earmarked LIS1 posts, of those on offer",
            opened="LIS1 posts earmarked anew in the year",
            new="newly earmarked posts",
            of_that_plan="newly earmarked posts of that plan",
            total="posts earmarked anew in all",
            total_of_that_plan="posts that plan earmarks anew in all",
        ),
    ),
)
