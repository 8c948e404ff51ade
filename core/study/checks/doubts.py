"""Doubts: what a study may say but can hardly mean. Warned of, never refused."""

from __future__ import annotations

from collections.abc import Iterator

from ..cost import Cost
from ..processes import Autoregressive
from ..risk_limit import ShortageLimit
from ..unchecked import UncheckedStudy
from .review import ENOUGH

MOST_SLACK, MOST_GROWTH, MOST_FALL = 2.0, 0.2, 0.02
NARROW = 0.25
"""Years of s.d.: wider durations keep their mean when taken to the nearest half-year, to 0.3 %."""
_ROUNDING = 1e-9
"""Scenarios: (1 - 0.9) 10 is a little less than one in doubles."""


def doubts(study: UncheckedStudy) -> Iterator[str]:
    """Yield what can hardly be meant, each as `key: found; what it comes to`."""
    yield from _room_doubts(study)
    yield from _limit_doubts(study)
    yield from _duration_doubts(study)
    yield from _review_doubts(study)
    if not varies(study):
        yield (
            f"sampling.scenarios: nothing varies, so that all {study.sampling.scenarios} scenarios "
            "are the same; give figures a distribution"
        )


def _review_doubts(study: UncheckedStudy) -> Iterator[str]:
    """Yield so many branches that the plan of each rests on few scenarios."""
    review = study.review
    ends = 1 if review is None else review.branches ** len(review.years)
    each = study.sampling.scenarios // ends
    if ends > 1 and each < ENOUGH:
        yield (
            f"review.branches: some {each} scenarios in each of {ends} end branches, of which few "
            f"can be told apart from chance; {ENOUGH} are enough: draw {ENOUGH * ends:,} or more"
        )


def _room_doubts(study: UncheckedStudy) -> Iterator[str]:
    """Yield supervision and costs that grow as nothing does."""
    for n, row in enumerate(study.supervision):
        if row.slack > MOST_SLACK:
            yield (
                f"supervision.{n}.slack: found {row.slack:g}, room for {1 + row.slack:g} times "
                "today's use (10 % more is 0.1)"
            )
        if row.growth_per_year > MOST_GROWTH:
            yield f"supervision.{n}.growth_per_year: found {_growth(row.growth_per_year)}"
    if study.cost.real_growth.value > MOST_GROWTH:
        yield f"cost.real_growth: found {_growth(study.cost.real_growth.value)}"
    yield from _price_doubts(study.cost)


def _price_doubts(cost: Cost) -> Iterator[str]:
    """Yield prices of a later year that rise or fall as those of no country do."""
    later = cost.later_prices
    if later is None:
        return
    yearly = later.factor.value ** (1.0 / (later.year - cost.price_year)) - 1.0
    if yearly > MOST_GROWTH or yearly < -MOST_FALL:
        change = f"{100 * abs(yearly):.3g} % {'more' if yearly > 0 else 'less'} every year"
        yield (
            f"cost.later_prices.factor: found {later.factor.value:g}, {change} from "
            f"{cost.price_year} to {later.year} (23 % more in all is 1.23)"
        )


def _growth(value: float) -> str:
    return f"{value:g}, {100 * value:g} % more every year (1 % is 0.01)"


def _limit_doubts(study: UncheckedStudy) -> Iterator[str]:
    """Yield limits on less than one scenario, and regions that no limit on shortage covers."""
    scenarios = study.sampling.scenarios
    for name, limit in study.risk.items():
        tail = (1.0 - limit.tail_confidence) * scenarios
        if limit.rule == "cvar" and tail < 1.0 - _ROUNDING:
            yield (
                f"risk.{name}.confidence: the tail holds {tail:g} of {scenarios} scenarios, less "
                "than one, so that the worst alone is judged; take more scenarios or a lower one"
            )
    yield from _form_doubts(study)
    covered = {
        region
        for limit in study.risk.values()
        if isinstance(limit, ShortageLimit)
        for region in limit.regions
    }
    for region in study.regions:
        if region not in covered:
            yield (
                f"regions.{region}: no limit on shortage covers it: whatever is missing there, no "
                "post is opened for it"
            )


def _form_doubts(study: UncheckedStudy) -> Iterator[str]:
    """Yield multiples that a ramp is too narrow for, and years that leave none to be constant."""
    of, after, ramp = study.limits.multiples_of, study.limits.constant_after, study.ramp
    narrow = [name for name, most in ramp.regional.items() if 0.0 < most.value < (of or 1)]
    if of is not None and narrow:
        yield (
            f"limits.multiples_of: found {of}, more than ramp.regional lets open in a year: no "
            f"post can be opened in {', '.join(narrow)}"
        )
    years = study.time.last_decision - study.time.first_decision + 1
    if after is not None and after >= years:
        yield (
            f"limits.constant_after: found {after}, of {years} decision years: none is left in "
            "which the number of new posts has to stay the same"
        )


def _duration_doubts(study: UncheckedStudy) -> Iterator[str]:
    """Yield a time in training that all take and that lies between half-years."""
    training = study.training
    shortest, twice = training.shortest_years.value, 2 * training.mean_years.expected
    narrow = training.spread.value * (training.mean_years.expected - shortest) < NARROW
    if training.half_years == "nearest" and narrow and abs(twice - round(twice)) > _ROUNDING:
        yield (
            f"training.mean_years: {twice / 2:g} comes to half-years as {round(twice) / 2:g}; set "
            'training.half_years = "split" and the mean is kept'
        )


def varies(study: UncheckedStudy) -> bool:
    """Tell whether scenarios differ: whether anything in the study is uncertain."""
    demand, sampling = study.demand, study.sampling
    tables = {demand.weight_table, sampling.proposal_table}
    paths = {row.alternative for row in demand.weights if row.table in tables and row.weight > 0}
    needs = [
        sum(model.weight > 0 for model in need.models) > 1
        for need in demand.need.values()
        if need.used
    ]
    processes = [
        bool(each.sd) if isinstance(each, Autoregressive) else bool(each.yearly_probability)
        for each in study.processes.values()
    ]
    return (
        bool(study.uncertain)
        or len(paths) > 1
        or demand.noise_sd.value > 0
        or 0 < demand.normalisation_probability.value < 1
        or any(needs)
        or any(processes)
    )
