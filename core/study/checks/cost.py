"""Checks of what comes after LIS1: who pays for it, and what is credited."""

from __future__ import annotations

from collections.abc import Iterator

from ..unchecked import UncheckedStudy


def cost_problems(study: UncheckedStudy) -> Iterator[str]:
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
