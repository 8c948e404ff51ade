"""Costs: the profile of a start, unit prices, discounting, what a plan costs whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..study.cost import SpecialistTraining
from ..study.measures.choice import by_columns, chosen
from ..study.measures.money import paid
from ..study.study import Study
from . import course
from .families import MEASURES
from .measure_columns import MeasurePrices, Paying, longest_paid, measure_prices
from .measure_costs import added_up, of_starts
from .posts import Floats, families, given_levels, starts_of_a_year, with_history
from .purchases import Purchases
from .specialist_posts import PostPrices, post_prices
from .specialist_training import TrainingPrices, year_in_training
from .supervision import purchases_of
from .tracks import track_prices


def payers(study: Study) -> list[str]:
    """Return the payers in the order of the component table."""
    return course.payers(study.cost.components)


def start_profile(study: Study, autumn: bool) -> tuple[Floats, Floats]:
    """Return what one start costs: gross [payer, half_year], report [half_year] (see `course`)."""
    month = study.posts.intake_months[1 if autumn else 0]
    return course.start_profile(study.cost.components, study.posts.stages, month)


def slot_cost(study: Study) -> tuple[Floats, Floats]:
    """Return the yearly cost of a slot opened in the first projected year and kept, undiscounted.

    Returns
    -------
    gross : [payer, year since opening], and report : [year since opening]
    NOK of the price year for one start a year in that year's two intakes only; each start is
    charged in full, also beyond the last projected year.
    """
    starts = starts_of_a_year(study)
    return course.yearly_cost(study.cost.components, study.posts.stages, starts)


def price_factor(study: Study, years: int) -> Floats:
    """Return real unit-cost growth since the price year, [year] from the first projected year."""
    elapsed = np.arange(years) + study.time.first_year - study.cost.price_year
    return (1.0 + study.cost.real_growth.value) ** np.maximum(elapsed, 0)


def discount_factor(study: Study, years: int) -> Floats:
    """Return the factor to the first decision year, [year] from the first projected year on."""
    elapsed = np.arange(years) + study.time.first_year - study.time.first_decision
    return (1.0 + study.cost.discount_rate.value) ** -elapsed.astype(float)


@dataclass(frozen=True)
class Prices:
    """What slots cost, and what they make a region buy: all that a study says, as plain arrays."""

    payers: tuple[str, ...]
    gross: Floats  # [payer, year since opening] of one start a year, NOK of the price year
    report: Floats  # [year since opening] the same as the report adds it up
    factor: Floats  # [year] real growth, beyond the projection by the length of the profile
    slot: Floats  # [decision year] discounted cost of one slot by the year in which it opens, NOK
    saved_share: float  # of a slot's cost that closing it saves
    first: int  # index of the first decision year
    every: Floats  # [row, year] levels of all families without any decision
    purchases: Purchases
    beside: tuple[PostPrices | MeasurePrices, ...] = ()  # of further families of decisions

    def yearly(self, added: Floats) -> tuple[Floats, Floats]:
        """Return the cost of levels `added` [row, year] to those given, undiscounted, real NOK.

        Returns
        -------
        gross : [payer, year], report : [year]
        Years go beyond the projection by the length of a start's cost profile. What is bought is
        part of both.
        """
        by_payer, total = self.of_slots(added)
        if self.purchases.allowed:
            paid = self.purchased(self.every + added)
            by_payer[:, : paid.shape[1]] += paid
            total[: paid.shape[1]] += paid.sum(axis=0)
        return by_payer, total

    def purchased(self, level: Floats) -> Floats:
        """Return what `level` [row, year] makes each payer buy, [payer, year] real NOK."""
        paid = np.zeros((len(self.payers), level.shape[1]))
        for payer, nok in zip(self.purchases.payer, self.purchases.paid(level), strict=True):
            if payer:
                paid[self.payers.index(payer)] += nok
        return paid

    def of_slots(self, added: Floats) -> tuple[Floats, Floats]:
        """Return the same without what is bought."""
        lis1 = added[: self.purchases.regions]
        change = np.diff(lis1, axis=1, prepend=0.0)
        starts = lis1.sum(axis=0)
        if (change < 0.0).any():
            starts = np.cumsum(self.charged(change).sum(axis=0))
        by_payer, total = np.zeros((len(self.gross), len(self.factor))), np.zeros(len(self.factor))
        for y, number in enumerate(starts):
            by_payer[:, y : y + self.gross.shape[1]] += number * self.gross
            total[y : y + self.gross.shape[1]] += number * self.report
        by_payer, total = by_payer * self.factor, total * self.factor
        for each in self.beside:
            paid = each.of(added)
            by_payer[:, : paid.shape[1]] += paid
            total[: paid.shape[1]] += paid.sum(axis=0)
        return by_payer, total

    def paid_by(self, payer: str, costs: tuple[Floats, Floats]) -> Floats:
        """Return what a payer, `all` or the `report` pays of yearly costs, [year] NOK."""
        gross, report = costs
        if payer == "report":
            return report
        paid = gross.sum(axis=0) if payer == "all" else gross[self.payers.index(payer)]
        return np.asarray(paid)

    def plan(self, slots: Floats) -> float:
        """Return the discounted cost of `slots` [row, decision year], NOK."""
        lis1 = slots[: self.purchases.regions]
        cost = float((self.charged(lis1).sum(axis=0) * self.slot).sum())
        if self.purchases.allowed:
            cost += self.purchases.discounted(with_history(self.every, self.first, slots))
        for each in self.beside:
            cost += each.plan(slots)
        return cost

    def one_more(self, slots: Floats) -> Floats:
        """Return what one slot or post more costs to first order, [row, decision year] NOK."""
        years = slice(self.first, self.first + slots.shape[1])
        level, more = with_history(self.every, self.first, slots), np.zeros(slots.shape)
        starts = self.purchases.one_more(level)
        more[: len(starts)] = self.slot + np.cumsum(starts[:, ::-1], axis=1)[:, ::-1][:, years]
        for each in self.beside:
            more[each.rows] = each.by_row(slots.shape[1])
        if self.purchases.post_need.any() and self.purchases.post_rows is not None:
            rows, posts = self.purchases.post_rows, self.purchases.one_post_more(level)
            kept = np.cumsum(posts[:, ::-1], axis=1)[:, ::-1][:, years]
            more[rows] += np.tile(kept, ((rows.stop - rows.start) // len(kept), 1))
        return more

    def one_less(self, slots: Floats) -> Floats:
        """Return what one slot or post fewer saves to first order, [row, decision year] NOK.

        As much as one more costs, but that closing a post that was there saves nothing paid once.
        """
        saved = self.one_more(slots)
        for each in self.beside:
            if each.closing:
                there = slots[each.rows] < 1.0
                saved[each.rows] -= there * each.once_by_row(slots.shape[1])
        return saved

    def dearest(self, most_slots: Floats) -> float:
        """Return the size of the dearest slot, or post that can be opened, NOK.

        `most_slots` [row, decision year] says which can, or, below zero, can be closed.
        """
        most = float(np.abs(self.slot).max())
        for each in self.beside:
            can = most_slots[each.rows] != 0.0
            most = max(most, float(np.abs(each.by_row(can.shape[1]) * can).max()))
        return most

    def charged(self, slots: Floats) -> Floats:
        """Return `slots` as they are paid for: one closed saves only a share of what one costs."""
        return np.where(slots < 0.0, self.saved_share * slots, slots)


def prices_of(study: Study) -> Prices:
    """Return what slots cost under a study."""
    gross, report = slot_cost(study)
    closing, years = study.limits.closing, len(study.years) + gross.shape[1] - 1
    projected = len(study.years)
    return Prices(
        payers=tuple(payers(study)),
        gross=gross,
        report=report,
        factor=price_factor(study, years),
        slot=slot_price(study),
        saved_share=1.0 if closing is None else closing.saved_share.value,
        first=study.first,
        every=given_levels(study),
        purchases=purchases_of(
            study, price_factor(study, projected), discount_factor(study, projected)
        ),
        beside=tuple(_prices_beside(study)),
    )


def _prices_beside(study: Study) -> Iterator[PostPrices | MeasurePrices]:
    """Yield what the families beside LIS1 cost, where a study decides on them."""
    posts, years, paying = study.specialist_posts, len(study.years), tuple(payers(study))
    discount, real = discount_factor(study, years), price_factor(study, years)
    rows = {family.variable: family.rows for family in families(study)}
    if posts is not None and posts.new is not None:
        yearly, once = post_prices(posts.new, tuple(study.groups), paying, real)
        ends = discount, study.first, posts.new.closing
        yield PostPrices(rows["posts"], yearly, once, *ends)
    if study.decides_tracks:
        grants = track_prices(study.track.values(), paying, real)
        yield PostPrices(rows["tracks"], grants, np.zeros(grants.shape), discount, study.first)
    if study.columns:
        beyond = years + longest_paid(study.by_column) - 1
        later = price_factor(study, beyond), discount_factor(study, beyond)
        whom = Paying(study.years, paying, study.first)
        yield measure_prices(study.by_column, rows[MEASURES], whom, *later)


def yearly_cost(study: Study, level: Floats) -> tuple[Floats, Floats]:
    """Return what `level` [row, year] costs beyond the levels given, see `Prices.yearly`.

    What the levels given buy themselves is part of it.
    """
    return prices_of(study).yearly(level - given_levels(study))


def slot_price(study: Study) -> Floats:
    """Return the discounted cost of one slot by the year in which it opens, [decision year] NOK.

    Every start from then to the last projected year is charged with its full profile.
    """
    gross, report = slot_cost(study)
    unit = report if study.cost.basis == "report" else gross.sum(axis=0)
    years = len(study.years) + len(unit) - 1
    weight = price_factor(study, years) * discount_factor(study, years)
    per_start = np.array(
        [float((unit * weight[y : y + len(unit)]).sum()) for y in range(len(study.years))]
    )
    remaining = np.cumsum(per_start[::-1])[::-1]
    first = study.first
    return remaining[first : first + len(study.decision_years)]


def plan_cost(study: Study, slots: Floats) -> float:
    """Return the discounted cost of `slots` [row, decision year], NOK."""
    return prices_of(study).plan(slots)


def measure_cost(study: Study, name: str) -> Floats:
    """Return what a measure in force in a study as written costs, [payer, year] real NOK.

    Undiscounted; years go beyond the projection where what begins in its last is paid later. Gross.
    Other stages of LIS1 save and cost, too, from the first decision on: all posts on offer cost
    what the new ones do instead of the old.
    """
    measure, names = study.measure[name], payers(study)
    parts = [paid(measure, study.years, names)]
    if any(effect.stages for effect in measure.effects):
        own = study.with_alone(name)
        after, before = (
            of_starts(slot_cost(each)[0], _from_decision(each, each.given_levels))
            for each in (own, study.with_alone())
        )
        parts += [after, -before]
    cost = added_up(parts)
    return cost * price_factor(study, cost.shape[1])


def measure_price(study: Study, name: str) -> float:
    """Return what a measure as it is used costs, discounted, NOK, as slots are counted.

    All that is paid for its units; of other stages of LIS1 what `cost.basis` counts.
    """
    own = study.measure[name]
    parts = [paid(own, study.years, payers(study)).sum(axis=0, keepdims=True)]
    if any(effect.stages for effect in own.effects):
        alone = study.model_copy(update={"measure": {name: own}}).in_force
        for each, sign in ((alone, 1.0), (study.with_alone(), -1.0)):
            gross, report = slot_cost(each)
            unit = report if study.cost.basis == "report" else gross.sum(axis=0)
            parts.append(sign * of_starts(unit[None], _from_decision(each, each.given_levels)))
    cost = added_up(parts)
    return float(discounted(study, cost * price_factor(study, cost.shape[1])).sum())


def whole_prices(study: Study) -> dict[str, float]:
    """Return what all of each measure left open costs that is all or nothing, NOK, discounted."""
    whole = [name for name in chosen(study) if not by_columns(study, name)]
    return {
        name: measure_price(study.deciding({name: {"0": study.measure[name].most}}), name)
        for name in whole
    }


def _from_decision(study: Study, level: Floats) -> Floats:
    """Return the starts of levels [region, year] in all, [year], from the first decision on."""
    starts: Floats = level.sum(axis=0)
    starts[: study.first] = 0.0
    return starts


def discounted(study: Study, cost: Floats) -> Floats:
    """Return costs [..., year] added up over years, discounted to the first decision year, NOK."""
    return np.asarray((cost * discount_factor(study, cost.shape[-1])).sum(axis=-1))


def training_prices_of(study: Study, told: SpecialistTraining) -> TrainingPrices:
    """Return what LIS2/3 costs under a study."""
    real, names = price_factor(study, len(study.years)), payers(study)
    of_price_year = real * told.price_factor.value
    return TrainingPrices(
        year=real * sum(year_in_training(told)),
        pay=of_price_year * told.pay.value,
        post=of_price_year * (0.0 if told.new_post is None else told.new_post.value),
        payer=tuple(names.index(told.payers[group]) for group in study.groups),
        payers=len(names),
    )


def pay_in_lis1(study: Study, told: SpecialistTraining, level: Floats) -> Floats:
    """Return what of the cost of `level` [region, year] is pay in LIS1, [payer, year] real NOK.

    Undiscounted; years go beyond the projection as those of `yearly_cost` do.
    """
    items = [
        row if row.item in told.lis1_pay else row.model_copy(update={"in_gross": False})
        for row in study.cost.components
    ]
    gross, report = course.yearly_cost(items, study.posts.stages, starts_of_a_year(study))
    prices = replace(prices_of(study), gross=gross, report=report)
    return prices.of_slots((level - given_levels(study))[: len(study.regions)])[0]
