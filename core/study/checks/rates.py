"""Checks of rates by group and age: a cell nobody filled is an error, never a rate of zero."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from ..unchecked import UncheckedStudy


def rate_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield groups and ages (or bands of ages) without a rate, table by table."""
    yield from _exit_problems(study)
    yield from _use_problems(study)


def _exit_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield ages nobody would leave at: exits begin where other exits end, or before.

    Below a group's first row nobody retires; from there to the oldest age of the stock, whatever
    the group, each age has a row, since specialists of every group grow as old as that.
    """
    specialists = study.specialists
    listed = [age for row in specialists.stock for age in row.ages]
    other, youngest, oldest = specialists.other_exits_below_age, min(listed), max(listed)
    for group in study.groups:
        told = {age for row in specialists.retirement if row.group == group for age in row.ages}
        if not told:
            yield (
                f"specialists.retirement: group '{group}': no row at all, so that none of it would "
                f"ever retire; give its exits up to {oldest}, the oldest age of the stock"
            )
            continue
        first = max(min(other, *told), youngest)
        lacking = [age for age in range(first, oldest + 1) if age not in told]
        if lacking:
            yield (
                f"specialists.retirement: group '{group}': no exits at age {_spans(lacking)}; give "
                f"a row for every age from {first} to {oldest}, the oldest of the stock (0 where "
                "nobody leaves)"
            )


def _use_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield bands of ages whose use of a group's services is not told.

    Groups whose demand follows their training need have no use for it.
    """
    tables = study.demand.activity
    if tables is None:
        return
    bands = dict.fromkeys(
        [row.ages for row in tables.use] + [row.ages for row in tables.population]
    )
    told = {(row.group, row.ages) for row in tables.use}
    for group in study.groups:
        if group in study.demand.need and study.demand.need[group].used:
            continue
        lacking = [band for band in bands if (group, band) not in told]
        if lacking:
            yield (
                f"demand.activity.use: group '{group}': no row for ages {_quoted(lacking)}; give "
                "one for every band of both tables (fte_per_1000 = 0 where nobody uses it)"
            )


def _spans(ages: list[int]) -> str:
    """Return rising ages in words: `60-64, 70`."""
    breaks = [n for n, (one, next_one) in enumerate(pairwise(ages), start=1) if next_one > one + 1]
    spans = [ages[start:end] for start, end in pairwise([0, *breaks, len(ages)])]
    return ", ".join(f"{span[0]}-{span[-1]}" if len(span) > 1 else f"{span[0]}" for span in spans)


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
