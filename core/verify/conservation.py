"""Conservation: nobody appears or vanishes in a result, and parts add up to wholes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..files.variables import FLOWS
from ..system.posts import offered_in_rounds
from .evidence import Evidence, Floats, NotHeldError, differ

FLAT = 1e-5
"""Relative tolerance of means that were taken over single-precision values."""

PROBABILITIES = (
    "shortfall_mean",
    "shortage_probability",
    "national_shortfall_mean",
    "national_shortage_probability",
    "national_shortage_group_probability",
)
NEGLIGIBLE = 1e-3  # persons


def people_appointed(evidence: Evidence) -> Iterator[str]:
    """Every slot a round offers is appointed to or unfilled; nobody is less than none."""
    for name in (f"{each.name}_mean" for each in FLOWS if each.name != "exits"):  # some move
        if name in evidence.data and (evidence.values(name) < -NEGLIGIBLE).any():
            yield f"{name} is negative"
    filled = evidence.values("appointed_mean") + evidence.values("unfilled_mean")
    level = np.moveaxis(evidence.values("level"), 0, -1) * _really_offered(evidence)
    offered = offered_in_rounds(evidence.study, level)
    if differ(filled, np.moveaxis(offered, -1, 0), FLAT):
        yield "appointed_mean and unfilled_mean do not add up to level"
    lacking = evidence.values("lacking_mean")
    if (lacking > evidence.values("unfilled_mean") + NEGLIGIBLE).any():
        yield "lacking_mean is no part of unfilled_mean"


def _really_offered(evidence: Evidence) -> Floats:
    """Return what part of the posts of each year was really offered, mean over scenarios, [year].

    That of years whose posts are not published is uncertain.
    """
    study, part = evidence.study, np.ones(len(evidence.study.years))
    factor, name = study.posts.unpublished_factor, "input_posts_unpublished_factor"
    if factor is None:
        return part
    guessed = {row.year for row in study.posts.history if not row.published}
    mean = float(factor.central)
    if name in evidence.data:
        mean = float(np.average(evidence.values(name), weights=evidence.weight))
    part[[year in guessed for year in study.years]] = mean
    return part


def people_waiting(evidence: Evidence) -> Iterator[str]:
    """Nobody waits for a post who did not wait the year before or come new in the year."""
    evidence.need("newcomers_mean")
    waiting = evidence.values("unplaced_mean")
    change = evidence.values("newcomers_mean") - evidence.values("appointed_mean")
    if (waiting[1:] > waiting[:-1] + change[1:] + NEGLIGIBLE).any():
        yield "unplaced_mean is more than those who can be waiting"


def people_in_training(evidence: Evidence) -> Iterator[str]:
    """Doctors in LIS2/3 are last year's and the entrants, less those qualified and those left."""
    yield from _balance(
        evidence, "training_mean", come=("entered_mean",), gone=("qualified_mean", "left_mean")
    )


def people_waiting_for_training(evidence: Evidence) -> Iterator[str]:
    """Who waits for LIS2/3 waited last year or came, less who began and who left."""
    if evidence.study.specialist_posts is None:
        raise NotHeldError("the study does not limit LIS2/3 posts")
    gone = ("entered_mean", "left_waiting_mean")
    yield from _balance(evidence, "waiting_training_mean", come=("wanting_mean",), gone=gone)


def specialists_at_work(evidence: Evidence) -> Iterator[str]:
    """Specialists of the country are last year's, qualified and from abroad, less exits."""
    yield from _balance(
        evidence,
        "specialists_mean",
        come=("qualified_mean", "arrived_mean"),
        gone=("exits_mean",),
        national=True,
    )


def all_doctors(evidence: Evidence) -> Iterator[str]:
    """Doctors without a speciality are last year's and who joined, less who left; all add up."""
    if evidence.study.without_speciality is None:
        raise NotHeldError("the study does not count all doctors")
    yield from _balance(evidence, "others_mean", ("others_joined_mean",), ("others_left_mean",))
    counted, low = evidence.values("counted_mean"), evidence.values("counted_low")
    parts = [
        evidence.values(f"{name}_mean").sum(axis=-1)
        for name in ("lis1", "training", "specialists", "others", "unplaced")
    ]
    if evidence.study.specialist_posts is not None:
        parts[3] = parts[3] + evidence.values("waiting_training_mean").sum(axis=-1)
    whole, waiting = sum(parts[:4]), parts[4]
    if evidence.study.lis1.half_years_to_start:
        waiting = waiting + evidence.values("awaiting_mean").sum(axis=-1)
    wanted = np.stack([*parts[:4], whole, whole + waiting], axis=-1)
    if differ(counted, wanted, FLAT, NEGLIGIBLE):
        yield "counted_mean does not add up from lis1, training, specialists, others, unplaced"
    if (low > evidence.values("counted_high") + NEGLIGIBLE).any():
        yield "counted_low lies above counted_high"


def parts_add_up(evidence: Evidence) -> Iterator[str]:
    """Groups add up to regions, regions to the country, payers to the gross cost.

    What groups lack each by itself is at least what is missing of all together.
    """
    for name in ("supply", "demand"):
        mean = evidence.values(f"{name}_mean")
        groups = evidence.values(f"{name}_group_mean").sum(axis=-2)
        if differ(groups, mean, FLAT):
            yield f"{name}_group_mean does not add up to {name}_mean"
        if differ(mean.sum(axis=-1), evidence.values(f"national_{name}_mean"), 1e-9):
            yield f"{name}_mean does not add up to national_{name}_mean"
    pooled = evidence.values("national_missing_mean")
    apart = evidence.values("national_missing_group_mean").sum(axis=-1)
    if (pooled > apart * (1.0 + FLAT) + NEGLIGIBLE).any():
        yield "national_missing_mean is more than its groups lack each by itself"
    paid = evidence.values("cost_payer").sum(axis=-1)
    if differ(paid, evidence.values("cost_gross"), 1e-9, 1e-3):
        yield "cost_payer does not add up to cost_gross"


def statistics(evidence: Evidence) -> Iterator[str]:
    """Quantiles do not fall, means lie within the ensemble, shares lie between 0 and 1."""
    kinds = [f"{where}{name}" for where in ("", "national_") for name in ("supply", "demand")]
    for name in (*kinds, *(f"{kind}_group" for kind in kinds)):
        values = evidence.values(f"{name}_quantile")
        axis = evidence.data[f"{name}_quantile"].dims.index("quantile")
        if (np.diff(values, axis=axis) < 0.0).any():
            yield f"{name}_quantile falls"
    count = evidence.data.sizes["realization"]
    for name in PROBABILITIES:
        values = evidence.values(name)
        if ((values < 0.0) | (values > 1.0)).any():
            yield f"{name} is no share: {values.min():g} to {values.max():g}"
        whole = np.abs(values * count - np.round(values * count))
        counted = name.endswith("probability") and evidence.weight is None
        if counted and (whole > 1e-6).any():
            yield f"{name} is no share of {count} scenarios"


def _balance(
    evidence: Evidence,
    stock: str,
    come: tuple[str, ...],
    gone: tuple[str, ...],
    national: bool = False,
) -> Iterator[str]:
    """Tell where stock [year] is not stock [year - 1] + come - gone, from the second year on."""
    evidence.need(*come, *gone)

    def of(name: str) -> Floats:
        values = evidence.values(name)
        return values.sum(axis=-1, keepdims=True) if national else values

    flow = sum(of(name) for name in come) - sum(of(name) for name in gone)
    wanted = of(stock)[:-1] + np.asarray(flow)[1:]
    if differ(of(stock)[1:], wanted, FLAT, NEGLIGIBLE):
        worst = float(np.abs(of(stock)[1:] - wanted).max())
        yield f"{stock}: {worst:.3g} persons appear or vanish in a year"


CONSERVATION = (
    people_appointed,
    people_waiting,
    people_in_training,
    people_waiting_for_training,
    specialists_at_work,
    all_doctors,
    parts_add_up,
    statistics,
)
