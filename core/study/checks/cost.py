"""Checks of cost: prices of a later year; who pays for what comes after LIS1, what is credited."""

from __future__ import annotations

from collections.abc import Iterator
from math import log2

from ..cost import Cost
from ..unchecked import UncheckedStudy


def cost_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield what is wrong with prices of a later year and the cost of what comes after LIS1."""
    yield from _problems_of_later_prices(study.cost)
    yield from _problems_after_lis1(study)


def _problems_of_later_prices(cost: Cost) -> Iterator[str]:
    """Yield a later year that is none, and prices that double or halve every year until then."""
    later, key = cost.later_prices, "cost.later_prices"
    if later is None:
        return
    years, factor = later.year - cost.price_year, later.factor.value
    if years <= 0:
        yield f"{key}.year: found {later.year}; must be after {cost.price_year} (cost.price_year)"
    elif factor > 0.0 and abs(log2(factor)) >= years:
        yield (
            f"{key}.factor: found {factor:g}, prices that {'double' if factor > 1 else 'halve'} "
            f"every year from {cost.price_year} to {later.year}; give the later index over the "
            "earlier (23 % more is 1.23)"
        )


def _problems_after_lis1(study: UncheckedStudy) -> Iterator[str]:
    """Yield groups without a payer, labels nobody knows, and credit of what costs nothing."""
    told, components = study.cost.after_lis1, study.cost.components
    if told is None:
        return
    key = "cost.specialist_training"
    counted = {row.item for row in components if row.in_gross and row.in_report}
    for where, found, allowed in (
        (f"{key}.payers", set(told.payers), set(study.groups)),
        (f"{key}.payers", set(told.payers.values()), {row.payer for row in components}),
        (f"{key}.lis1_pay", set(told.lis1_pay), counted),
    ):
        for label in sorted(found - allowed):
            yield f"{where}: unknown label '{label}'; known: {', '.join(sorted(allowed))}"
    for group in sorted(set(study.groups) - set(told.payers)):
        yield f"{key}.payers: group '{group}' is missing"
    for label in sorted({item for item in told.lis1_pay if told.lis1_pay.count(item) > 1}):
        yield f"{key}.lis1_pay: '{label}' stands there twice; name it once"
