"""Review years: branches follow from what was observed, keep all limits and cost what they open."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..flow.observed import MEANINGS
from ..risk.tree import Seen, Tree, grown
from .arithmetic import costs_of
from .evidence import Evidence, NotHeldError, differ
from .experiments import keeps_limits
from .recomputation import NOK, most, price_of_shortage

FINE = 1e-9
REVIEWED = (("branch", "branch"), ("branch under the look-ahead rule", "branch_rule"))
"""Plans that learn by the same reviews: in words, and the prefix of their variables."""


def tree_of(evidence: Evidence) -> Tree:
    """Return the tree that the study's reviews grow over what the file says they saw.

    Raises
    ------
    NotHeldError
        If the study reviews nothing.
    """
    review, years = evidence.study.review, evidence.study.decision_years
    if review is None:
        raise NotHeldError("the study has no review years")
    seen = evidence.values("review_observed")
    weight = np.ones(len(seen)) if evidence.weight is None else evidence.weight
    return grown(review, years[0], len(years), Seen(seen, weight))


def branches_follow_from_what_was_observed(evidence: Evidence) -> Iterator[str]:
    """Thresholds, and the branch of each scenario, follow from what the reviews saw."""
    tree, review = tree_of(evidence), evidence.study.review
    assert review is not None
    if evidence.labels("review") != [str(year) for year in review.years]:
        yield "review: not the years of the study"
    if evidence.data.sizes["branch"] != tree.ends:
        yield f"branch: {evidence.data.sizes['branch']} long, the reviews make {tree.ends}"
        return
    for name, ends in zip(("branch_above", "branch_up_to"), tree.ranges(), strict=True):
        stated = evidence.values(name)
        if not np.array_equal(stated, np.where(np.isfinite(ends), ends, np.nan), equal_nan=True):
            yield f"{name} does not follow from what was observed"
    branch = tree.of(evidence.values("review_observed"))
    if not np.array_equal(evidence.values("review_branch"), branch + 1):
        yield "review_branch does not follow from what was observed"
    share = np.bincount(branch, weights=evidence.weight, minlength=tree.ends)
    if differ(evidence.values("branch_probability"), share / share.sum(), FINE, FINE):
        yield "branch_probability is not the weight of the branch's scenarios"
    about = MEANINGS[review.observes]
    for name, wanted in (("review_observes", about.title), ("review_unit", about.kind.unit)):
        if evidence.data.attrs[name] != wanted:
            yield f"{name} is not '{wanted}'"


def branches_keep_the_limits(evidence: Evidence) -> Iterator[str]:
    """Branches share all before they part; each keeps every limit and costs what it opens."""
    tree = tree_of(evidence)
    for named, prefix in REVIEWED:
        plans = evidence.plans_along("branch", named, prefix)
        cost = evidence.values(f"{prefix}_cost")
        slots = np.stack([one for _, one in plans])
        for column in range(len(tree.year)):
            own = slots[(tree.path == column).any(axis=1), :, tree.year[column]]
            if (own != own[0]).any():
                yield f"{named}: those not parted differ in {tree.year[column]} years' time"
        for b, (alone, plan) in enumerate(plans):
            if prefix == "branch":  # the rule opens nothing where posts would have to close first
                yield from keeps_limits(alone, tree.starts)
            if np.abs(alone.rows("slots")).sum() != np.abs(plan).sum():
                yield f"{named} {b + 1}: opens posts in years in which nothing is decided"
            wanted = costs_of(evidence.study, plan)[2]
            if differ(cost[b], wanted, 1e-9, NOK):
                yield f"{named} {b + 1}: cost {cost[b]:,.0f} NOK, recomputed {wanted:,.0f}"


def risk_and_value_of_learning(evidence: Evidence) -> Iterator[str]:
    """Risks follow from the scenarios' Z and keep their limits; the value from costs and bounds."""
    study, attrs, weight = evidence.study, evidence.data.attrs, evidence.weight
    review, z = study.review, evidence.values("review_shortfall")
    tree, risk = tree_of(evidence), evidence.values("review_risk")
    assert review is not None
    branch = evidence.values("review_branch")
    for c, (name, limit) in enumerate(study.risk.items()):
        if differ(risk[c], limit.risk_rule.risk(z[:, c], weight), FINE, FINE):
            yield f"review_risk of {limit.name} does not follow from review_shortfall"
        if not risk[c] <= most(limit):
            yield f"review_risk of {limit.name}: {risk[c]:.6g}, at most {limit.at_most:g}"
        for b in range(tree.ends):
            own = branch == b + 1
            inside = limit.risk_rule.risk(z[own, c], None if weight is None else weight[own])
            stated = evidence.values("branch_risk")[b, c]
            if differ(stated, inside, FINE, FINE):
                yield f"branch_risk of {limit.name} in branch {b + 1} does not follow"
            if stated > review.branch_limits.get(name, np.inf) + FINE:
                yield f"branch_risk of {limit.name} in branch {b + 1}: {stated:.6g} is too much"
    yield from _value(evidence, price_of_shortage(evidence, risk))
    if attrs["review_lower_bound"] > attrs["review_cost"] * (1.0 + 1e-12):
        yield "review_lower_bound lies above review_cost"


def _value(evidence: Evidence, shortage: float) -> Iterator[str]:
    """Tell where costs and values do not add up."""
    attrs, cost = evidence.data.attrs, evidence.values("branch_cost")
    missing = price_of_shortage(evidence, evidence.values("review_risk_fresh"))
    fixed = float(evidence.values("plan_cost")[0])
    fresh = float(evidence.values("branch_probability_fresh") @ cost) + missing
    of_fixed = fixed + price_of_shortage(evidence, evidence.values("risk_fresh")[0])
    expected = float(evidence.values("branch_probability") @ cost) + shortage
    by_rule, by_rule_fresh = (
        float(evidence.values(f"branch_probability{of}") @ evidence.values("branch_rule_cost"))
        + price_of_shortage(evidence, evidence.values(f"review_rule_risk{of}"))
        for of in ("", "_fresh")
    )
    gap = (attrs["review_cost"] - attrs["review_lower_bound"]) / abs(attrs["review_cost"] or 1.0)
    for name, wanted in (
        ("review_cost", expected),
        ("review_shortage_cost", shortage),
        ("review_value", float(attrs["upper_bound"]) - expected),
        ("review_fresh_cost", fresh),
        ("review_fresh_fixed_cost", of_fixed),
        ("review_rule_cost", by_rule),
        ("review_rule_fresh_cost", by_rule_fresh),
        ("review_fresh_value", of_fixed - fresh - float(attrs["review_at_same_risk"])),
    ):
        unknown = np.isnan(float(attrs[name])) and np.isnan(wanted)  # not worked out
        if differ(float(attrs[name]), wanted, 1e-9, NOK) and not unknown:
            yield f"{name} {float(attrs[name]):,.0f} NOK, recomputed {wanted:,.0f}"
    if differ(float(attrs["review_gap"]), gap, 1e-9, 1e-12):
        yield f"review_gap is {attrs['review_gap']:g}, recomputed {gap:g}"
    if float(attrs["review_at_same_risk"]) < 0.0:
        yield "review_at_same_risk is below zero"


REVIEW = (
    branches_follow_from_what_was_observed,
    branches_keep_the_limits,
    risk_and_value_of_learning,
)
