"""Checks of the review years: what can be known by then, and what can be parted by it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ..settings import GROWTH, OBSERVABLES, Review
from ..unchecked import UncheckedStudy

FEWEST, ENOUGH = 20, 100
"""Scenarios in an end branch: fewer are refused; fewer than enough, and its plan is one of chance.
"""
MOST_ENDS = 100
"""End branches: each has a plan of its own in the master."""
OF_THE_PLAN = (
    "queue",
    "unplaced",
    "applicants",
    "fill",
    "employed",
    "doctors",
    "shortage",
    "supply",
)
"""What a reader may want to look at, and what the plan itself moves."""


def review_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield what does not fit in `review`."""
    review = study.review
    if review is None:
        return
    yield from _year_problems(study, review)
    yield from _observable_problems(review)
    yield from _threshold_problems(review)
    yield from _size_problems(review)
    yield from _limit_problems(study, review)


def _year_problems(study: UncheckedStudy, review: Review) -> Iterator[str]:
    first, last = study.time.first_decision + 1, study.time.last_decision
    for year in review.years:
        if not first <= year <= last:
            yield f"review.years: {year}; must lie within {first} to {last}"
    if any(later <= earlier for earlier, later in pairwise(review.years)):
        yield f"review.years: {', '.join(map(str, review.years))}; each once, in ascending order"
    known = min(review.years) - 1 - review.lag_years
    fewest = 1 if review.observes == GROWTH else 0
    if known < study.time.first_year + fewest:
        yield (
            f"review.lag_years: {review.lag_years}; in {min(review.years)} the last year known is "
            f"{known}, {review.observes} needs {study.time.first_year + fewest} at least: review "
            "later, or with a shorter lag"
        )


def _observable_problems(review: Review) -> Iterator[str]:
    if review.observes in OBSERVABLES:
        return
    allowed = ", ".join(OBSERVABLES)
    if any(word in review.observes for word in OF_THE_PLAN):
        yield (
            f"review.observes: '{review.observes}' follows from the plan itself, so that a branch "
            f"would depend on what is decided in it; give what no plan moves: {allowed}"
        )
    else:
        yield f"review.observes: '{review.observes}'; known: {allowed}"


def _threshold_problems(review: Review) -> Iterator[str]:
    if not review.thresholds:
        return
    found, wanted = len(review.thresholds), len(review.years)
    if found != wanted:
        yield f"review.thresholds: {found} rows; one for each of {wanted} years, or none"
    for year, row in zip(review.years, review.thresholds, strict=False):
        if len(row) != review.branches - 1:
            yield (
                f"review.thresholds: {len(row)} in {year}; {review.branches} branches are parted "
                f"at {review.branches - 1}"
            )
        if any(later <= earlier for earlier, later in pairwise(row)):
            yield f"review.thresholds: {', '.join(f'{x:g}' for x in row)}; ascending, each once"


def too_few(review: Review, scenarios: int) -> str | None:
    """Return that so many scenarios are too few to plan by branches on; None where they are not.

    Other commands than `run` follow given plans and may draw any number.
    """
    ends = review.branches ** len(review.years)
    if ends == 1 or scenarios >= FEWEST * ends:
        return None
    return (
        f"review.branches: {scenarios} scenarios for {ends} end branches; for each {FEWEST} are "
        f"the least, {ENOUGH} are enough: draw more, review less often, or part into fewer"
    )


def _size_problems(review: Review) -> Iterator[str]:
    ends = review.branches ** len(review.years)
    if ends > MOST_ENDS:
        yield (
            f"review.branches: {review.branches} at {len(review.years)} reviews are {ends} end "
            f"branches; at most {MOST_ENDS}"
        )


def _limit_problems(study: UncheckedStudy, review: Review) -> Iterator[str]:
    limited = [name for name, limit in study.risk.items() if limit.limit is not None]
    for name in review.branch_limits:
        if name not in limited:
            yield (
                f"review.branch_limits: '{name}' is no limit on risk; known: {', '.join(limited)}"
            )
    for name, limit in study.risk.items():
        if review.branches > 1 and not limit.risk_rule.convex:
            yield (
                f"risk.{name}.rule: a chance limit, of which no plan that is reviewed can be "
                "proved the cheapest; give a CVaR of the same confidence, or leave review out"
            )
