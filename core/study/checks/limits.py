"""Checks of the further limits: labels, years and what contradicts itself."""

from __future__ import annotations

from collections.abc import Iterator

from ..risk_limit import SupervisionLimit
from ..unchecked import UncheckedStudy


def limit_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield what does not fit in `limits`, and lead times of regions nobody knows."""
    yield from _unknown_labels(study)
    yield from _years_outside(study)
    yield from _contradictions(study)


def _unknown_labels(study: UncheckedStudy) -> Iterator[str]:
    limits, regions = study.limits, set(study.regions)
    charged = {row.payer for row in study.cost.components}
    payers = charged | {"all", "report"}
    closing = set() if limits.closing is None else set(limits.closing.most_per_year)
    for key, found, allowed in [
        *(
            (f"capacity.{name}.purchase.payer", {limit.purchase.payer}, charged)
            for name, limit in study.capacity.items()
            if limit.purchase is not None
        ),
        ("limits.capacity", {row.limit for row in limits.capacity}, set(study.capacity)),
        ("limits.capacity", {row.region for row in limits.capacity}, regions),
        ("limits.budget", {row.payer for row in limits.budget}, payers),
        ("limits.least_share", set(limits.least_share), regions),
        ("limits.intake_change", set(limits.intake_change), regions),
        ("limits.closing.most_per_year", closing, regions),
        ("ramp.lead_time_years", set(study.ramp.lead_time_years), regions),
        *((f"limits.trainees.{n}", set(t.regions), regions) for n, t in limits.trainees.items()),
    ]:
        for label in sorted(found - allowed):
            yield f"{key}: unknown label '{label}'; known: {', '.join(sorted(allowed))}"


def _years_outside(study: UncheckedStudy) -> Iterator[str]:
    first, last = study.time.first_decision, study.time.last_year
    for key, years in (
        ("limits.capacity", [row.year for row in study.limits.capacity]),
        ("limits.budget", [row.year for row in study.limits.budget]),
    ):
        for year in sorted({year for year in years if not first <= year <= last}):
            yield f"{key}: a row for {year}; the plan acts from {first} to {last}"


def _contradictions(study: UncheckedStudy) -> Iterator[str]:
    for name, limit in study.risk.items():
        if not isinstance(limit, SupervisionLimit) or limit.supervises not in study.capacity:
            continue
        for key in ("purchase", "need_per_specialist_post"):
            if getattr(study.capacity[limit.supervises], key) is not None:
                yield (
                    f"capacity.{limit.supervises}.{key}: cannot stand beside risk.{name}, by which "
                    "this capacity grows with the specialists; leave one of them out"
                )
    for name, capacity in study.capacity.items():
        if capacity.need_per_specialist_post is not None and study.specialist_posts is None:
            yield (
                f"capacity.{name}.need_per_specialist_post: the study counts no LIS2/3 posts; say "
                "how many there are in [specialist_posts], or leave the need out"
            )
    share = sum(figure.value for figure in study.limits.least_share.values())
    if share > 1.0 + 1e-9:
        yield f"limits.least_share: shares add up to {share:g}, at most 1"
    if study.limits.closing is not None and study.limits.trainees:
        yield (
            "limits.trainees: cannot stand beside limits.closing: the rule that bounds the stock "
            "counts new slots only"
        )
