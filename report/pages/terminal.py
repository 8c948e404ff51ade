"""The answer in a terminal: plan and risks as tables, cost and replications in lines."""

from __future__ import annotations

import json

import xarray as xr
from rich.box import SIMPLE_HEAD
from rich.table import Table

from ...core.scenarios.sample_size import EXCESS, SPREAD, verdict_in
from .. import blocks
from ..reading import Reading
from ..sections import measures
from ..sections.asked import choice, discovery, followed, near_optimal, review, targets
from ..sections.plan import BESIDE
from ..texts.risk import (
    as_title,
    choosers_in_words,
    judged_alike,
    judged_in_words,
)
from ..texts.words import Words


def plan_table(result: xr.Dataset, language: str = "en") -> Table:
    """Return new posts by year (those with any) and region with totals."""
    reading, words = Reading(result), Words(language)
    table = Table(title=words("terminal.plan"), show_footer=True)
    totals = [*reading.slots.sum(axis=0), reading.slots.sum()]
    names = [*map(words.name, reading.names("region")), words("word.total")]
    table.add_column(words("word.year"), no_wrap=True, footer=words("word.total"))
    for name, total in zip(names, totals, strict=True):
        table.add_column(name, footer=words.number(float(total)), justify="right")
    for year in reading.slot_years:
        opened = reading.slots[reading.year(year)]
        table.add_row(str(year), *(words.number(float(x)) for x in (*opened, opened.sum())))
    return table


def beside_tables(result: xr.Dataset, language: str = "en") -> list[Table]:
    """Return new LIS2/3 posts and newly earmarked LIS1 posts by region, where a study decides."""
    reading, words = Reading(result), Words(language)
    found = []
    for name, told in BESIDE.items():
        if reading.has(name):
            found.append(_drawn(told(reading, words), Table()))
    return found


def measure_tables(result: xr.Dataset, language: str = "en") -> list[Table]:
    """Return what each measure does alone, and the ratings beside the signs that come out."""
    reading, words = Reading(result), Words(language)
    told = (measures.effect_table, measures.rating_table)
    return [_drawn(each(reading, words), Table(box=SIMPLE_HEAD)) for each in told]


def _drawn(shown: blocks.Table, table: Table) -> Table:
    """Return a table of the page in a table for a terminal."""
    table.title, table.caption = shown.caption, shown.note or None
    for n, head in enumerate(shown.header):
        table.add_column(head, overflow="fold", justify="left" if n < shown.texts else "right")
    for row in shown.rows:
        table.add_row(*row)
    return table


def risk_table(result: xr.Dataset, language: str = "en") -> Table:
    """Return each limit with what it judges before, after and on fresh scenarios, and who chose it.

    Beside it stands the probability of any shortage, before and after.
    """
    reading, words = Reading(result), Words(language)
    alike = judged_alike(reading.limits, words)
    title = words("terminal.risk", judged=as_title(alike)) if alike else words("terminal.risk_each")
    said = words("terminal.chosen", said=choosers_in_words(reading, words))
    table = Table(title=title, caption=said, box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for key in ("limit_name", "limit", "none", "plan", "fresh", "interval", "chance"):
        first = key == "limit_name"
        head = words("terminal.chance" if key == "chance" else f"terminal.column_{key}")
        table.add_column(
            head,
            min_width=max(map(len, head.split())),
            justify="left" if first else "right",
            no_wrap=key == "interval" or (first and bool(alike)),
            overflow="fold",
        )
    for n, name in enumerate(reading.names("limit")):
        values = [
            reading.at("risk_limit", limit=n),
            reading.at("risk_in_sample", plan=reading.none, limit=n),
            reading.at("risk_in_sample", plan=0, limit=n),
            reading.at("risk_fresh", plan=0, limit=n),
        ]
        ends = [reading.at(f"risk_fresh_{end}", plan=0, limit=n) for end in ("low", "high")]
        before, after = (reading.probability(n, plan) for plan in (reading.none, 0))
        judged = "" if alike else f": {judged_in_words(reading.limits[n], words)}"
        table.add_row(
            f"{words.name(name)}{judged}",
            *(words.risk(x, reading.relative(n)) for x in values),
            words.span(ends[0], ends[1], reading.relative(n)),
            f"{words.number(100 * before)}→{words.percent(after, 0)}",
        )
    return table


def cost_in_words(result: xr.Dataset) -> str:
    """Return cost, proof and what binds in two lines."""
    reading = Reading(result)
    cost, whole, bound = (
        f"{value / 1e6:,.0f} million"
        for value in (
            reading.at("plan_cost", plan=0),
            reading.scalar("upper_bound"),
            reading.scalar("lower_bound"),
        )
    )
    said = f"Discounted cost {cost} NOK ({reading.study.cost.price_year} prices)"
    if reading.priced:
        said += f", {whole} with the price of the shortage it leaves"
    proof = f"no plan that keeps the limits on these scenarios costs less than {bound}"
    binding = ", ".join(json.loads(result.attrs["binding_limits"])) or "none"
    gap = f"gap {reading.scalar('relative_gap'):.3%}"
    return f"{said}; {proof} ({gap}).\nBinding limits: {binding}."


def asked_in_words(result: xr.Dataset) -> list[str]:
    """Return what was asked beside the plan: measures, reviews, near-optimal plans, targets."""
    reading, words = Reading(result), Words("en")
    told = (choice, review, near_optimal, discovery, targets)
    return [section.in_words(reading, words) for section in told if section.told(reading)]


def followed_in_words(result: xr.Dataset) -> list[str]:
    """Return which branch a projection follows; nothing of a plan for all futures."""
    reading, words = Reading(result), Words("en")
    if followed.branch_followed(reading) is None:
        return []
    return [followed.in_words(reading, words)]


def replications_in_words(result: xr.Dataset) -> list[str]:
    """Return how much cost and plan change from draw to draw, and how many scenarios suffice."""
    verdict = verdict_in(result.attrs)
    lines = [f"{'scenarios':>9} {'solved':>6} {'million NOK':>24} {'spread':>7} {'slots':>9}"]
    for n, size in enumerate(result["size_scenarios"].values):
        cost = result["replication_cost"].values[n] / 1e6
        total = result["replication_total"].values[n]
        kept = cost == cost
        if kept.any():
            between = f"{cost[kept].min():,.0f} to {cost[kept].max():,.0f}"
            slots = f"{total[kept].min():.0f}-{total[kept].max():.0f}"
            lines.append(
                f"{size:9} {kept.sum():6} {between:>24} {verdict.spread[n]:7.2%} {slots:>9}"
            )
    enough = "enough" if verdict.enough else "not enough"
    said = f"{size} scenarios are {enough}, by {result.attrs['replications']} replications "
    said += f"(spread of cost at most {SPREAD:.0%}, fresh risk at most {EXCESS:g} above)"
    return [*lines, said + (f"; recommended: {verdict.recommended}" if verdict.recommended else "")]
