"""In force: the ordinary study that measures leave; each lever is an edit of ordinary keys."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from ..distributions import Fixed, Quantity
from ..keys import meaning_of
from ..unchecked import UncheckedStudy, largest_remainder
from .measure import Effect, Measure
from .money import paid
from .moved import moved

Data = dict[str, Any]
ROUNDING = 1e-9
"""Of a budget: what measures may cost beyond it."""
Floats = NDArray[np.float64]


class _At(NamedTuple):
    """A measure in force, and the study it acts in."""

    study: UncheckedStudy
    name: str
    measure: Measure

    @property
    def origin(self) -> dict[str, str]:
        """Source and assumption, as rows and figures name them."""
        return {"source": self.measure.source, "assumption": self.measure.assumption}

    def steps(self) -> Iterator[tuple[int, float]]:
        """Yield the years in which the units that act change, with the units from then on."""
        before = 0.0
        for year in self.study.years:
            units = self.measure.units_in(year - self.measure.delay_years)
            if units != before:
                yield year, units
            before = units


def edited(study: UncheckedStudy) -> Data:
    """Return a study's data with its measures in force worked in, and none of them left.

    What a budget holds is what measures in force leave of it.

    Raises
    ------
    ValueError
        If a lever does not fit what it moves, which the checks of a study name before; or if
        measures in force cost a payer more than its budget.
    """
    data = study.model_dump()
    data["measure"] = {}
    for name, measure in study.measure.items():
        if measure.units > 0.0:
            for effect in measure.effects:
                _LEVERS[effect.lever](data, _At(study, name, measure), effect)
    if study.limits.budget:
        _spend(data, study)
    return data


def _spend(data: Data, study: UncheckedStudy) -> None:
    """Take from the budgets what measures in force cost their payers, real NOK of each year."""
    used = [measure for measure in study.measure.values() if measure.units > 0.0]
    payers = tuple(dict.fromkeys(row.payer for row in study.cost.components))
    growth, since = 1.0 + study.cost.real_growth.value, study.cost.price_year
    for row in data["limits"]["budget"] if used else ():
        own = [row["payer"] in ("all", "report", payer) for payer in payers]
        year = row["year"] - study.time.first_year
        spent = sum(float(paid(each, study.years, payers)[own, year].sum()) for each in used)
        left = row["nok"] - spent * growth ** max(row["year"] - since, 0)
        if left < -ROUNDING * row["nok"]:
            raise ValueError(
                f"limits.budget {row['payer']} {row['year']}: measures in force cost "
                f"{-left / 1e6:g} million NOK more than the {row['nok'] / 1e6:g} million there are"
            )
        row["nok"] = max(left, 0.0)


def alone(study: UncheckedStudy, names: Collection[str]) -> dict[str, Measure]:
    """Return the measures with some in force, at what is used by hand or all, and no others."""
    return {
        name: measure.model_copy(
            update={
                "decision": "on" if name in names else "off",
                "use": (measure.use or None) if name in names else 0.0,
                "use_by_year": measure.use_by_year if name in names else {},
            }
        )
        for name, measure in study.measure.items()
    }


def drawn(key: str) -> bool:
    """Tell whether scenarios may draw what stands at a key: it then moves as they draw it."""
    certain = ("capacity.", "cost.")
    return meaning_of(key).drawn and not key.startswith(certain)


def amount_of(effect: Effect) -> float:
    """Return the amount of an effect that must be certain.

    Raises
    ------
    ValueError
        If it is not.
    """
    if not isinstance(effect.amount, Fixed):
        raise ValueError(f'lever "{effect.lever}" on {effect.key or "posts"}: a certain amount')
    return effect.amount.value


def spread(study: UncheckedStudy, region: str | None) -> Floats:
    """Return the share of each region in what acts in one or all, [region]: as posts are."""
    if region is None:
        return np.asarray(study.posts_at_start / study.posts_at_start.sum())
    return np.array([float(name == region) for name in study.regions])


def _widen(data: Data, at: _At, effect: Effect) -> None:
    """Add room to a capacity: a row for every region and year in which it changes."""
    regions, share = list(at.study.regions), spread(at.study, effect.region)
    before = 0.0
    rows = []
    for year, units in at.steps():
        for region, part in zip(regions, share, strict=True):
            added = float((units - before) * amount_of(effect) * part)
            if added:
                place = {"limit": effect.key, "region": region, "year": year, "added": added}
                rows.append(place | at.origin)
        before = units
    data["limits"]["added_capacity"] = (*data["limits"]["added_capacity"], *rows)


def _convert(data: Data, at: _At, effect: Effect) -> None:
    """Put more LIS1 posts on offer: whole ones, shared out by largest remainder."""
    before = np.zeros(len(at.study.regions))
    for year, units in at.steps():
        whole = largest_remainder(round(units * amount_of(effect)), spread(at.study, effect.region))
        _offer(data, at, year, whole - before)
        before = whole


def _offer(data: Data, at: _At, year: int, more: Floats) -> None:
    """Add rows of posts on offer from a year on, `more` [region]."""
    rows = [
        {"year": year, "region": region, "posts": int(posts)} | at.origin
        for region, posts in zip(at.study.regions, more, strict=True)
        if posts
    ]
    data["posts"]["converted"] = (*data["posts"]["converted"], *rows)


def _shorten(data: Data, at: _At, effect: Effect) -> None:
    """Give LIS1 other stages, and the same posts as many more starts as it is shorter.

    Costs are per month: what is spread over a stay follows its length. Who is beyond the last of
    the new stages at the start completes with those in it, in the first half-year.
    """
    study, new = at.study, effect.stages
    old = study.posts.stages
    data["posts"]["stages"] = new
    begun = study.lis1.appointed_before_start
    last = study.lis1.half_years_to_start + len(new)
    if len(new) < len(old):
        data["lis1"]["appointed_before_start"] = (*begun[: last - 1], sum(begun[last - 1 :]))
    months = {arena: 6 * new.count(arena) for arena in new}
    were = {arena: 6 * old.count(arena) for arena in old} | study.cost.stay_months
    data["cost"]["stay_months"] = months
    for row in data["cost"]["components"]:
        what, _, arena = row["timing"].partition(":")
        if what == "stay":
            row["amount_nok"] *= months[arena] / were[arena]
    for name, capacity in study.capacity.items():
        _same_room(data, name, old.count(capacity.arena) / new.count(capacity.arena))
    on_offer = study.stated_levels[:, -1]
    more = on_offer.sum() * (len(old) / len(new) - 1.0)
    _offer(data, at, study.time.first_decision, largest_remainder(round(more), on_offer))


def _same_room(data: Data, capacity: str, more: float) -> None:
    """Keep what room there is of a capacity: it is told in shares of today's use.

    `more` says how many times as much today's posts use as they would by what was moved.
    """
    if more == 1.0:
        return
    for row in data["supervision"]:
        if row["limit"] == capacity:
            row["slack"] = (1.0 + row["slack"]) * more - 1.0
    sold = data["capacity"][capacity]["purchase"]
    if sold is not None and sold["at_most"] is not None:
        at_most = TypeAdapter(Quantity).validate_python(sold["at_most"])
        sold["at_most"] = moved(at_most, more, 0.0, "today's use, which it is a share of")


def _bring(data: Data, at: _At, effect: Effect) -> None:
    """Add persons a year to a flow, from the years on in which units come to act."""
    steps = {str(year): units for year, units in at.steps()}
    if steps:
        _change(data, at, effect, {"how": "add", "from_year": steps})


def _move(data: Data, at: _At, effect: Effect) -> None:
    """Move a figure: as scenarios draw it, or what stands in the study where they do not."""
    how, units = effect.lever, at.measure.units
    if drawn(effect.key):
        _change(data, at, effect, {"how": how, "units": units})
        return
    *above, last = effect.key.split(".")
    place = data
    for part in above:
        place = place[part]
    figure: Quantity = at.study.quantities[effect.key]
    factor = 1.0 + units * (amount_of(effect) - 1.0) if how == "factor" else 1.0
    shift = units * amount_of(effect) if how == "add" else 0.0
    place[last] = moved(figure, factor, shift, at.measure.name)
    if above[0] == "capacity" and last == "need_per_place_year":
        less = factor + shift / figure.central
        _same_room(data, above[1], 1.0 / less)


def _change(data: Data, at: _At, effect: Effect, said: Data) -> None:
    """Add a change of what scenarios draw; named by measure and key, whatever comes before it."""
    assert effect.amount is not None
    name = f"{at.name}_{effect.key.replace('.', '_')}"
    given = {"name": at.measure.name, "key": effect.key, "amount": effect.amount.model_dump()}
    data["change"][name] = given | said


_LEVERS = {
    "capacity": _widen,
    "posts": _convert,
    "stages": _shorten,
    "arrivals": _bring,
    "add": _move,
    "factor": _move,
}
