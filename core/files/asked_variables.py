"""The vocabulary of what a run is asked beside its plan: near-optimal plans, when it fails."""

from __future__ import annotations

from .variable import CODE, FLAG, NOK, POSTS, SHARE, SLOTS, TEXT, Missing, along

_FEATURE = "see feature_unit"
_NEAR = (
    *along("time near region", SLOTS, near_slots="new slots of the near-optimal plans"),
    *along(
        "time near specialty region",
        POSTS,
        near_posts="new LIS2/3 posts of the near-optimal plans",
    ),
    *along(
        "time near track region",
        SLOTS,
        near_tracks="newly earmarked posts of the near-optimal plans",
    ),
    *along("near", NOK, near_cost="discounted cost, with that of priced shortage"),
    *along("near limit", SHARE, near_risk="risk_in_sample of the plan"),
    *along("near feature", _FEATURE, near_feature="the feature under the plan"),
    *along("feature", TEXT, feature_unit="unit of the feature"),
    *along(
        "feature",
        _FEATURE,
        feature_least="least of the feature over the near-optimal plans found",
        feature_most="most of the feature over the near-optimal plans found",
    ),
    *along(
        "feature",
        _FEATURE,
        Missing("a chance limit was judged by its CVaR, or nothing was proved in time"),
        feature_least_bound="proved: no near-optimal plan has less of the feature",
        feature_most_bound="proved: no near-optimal plan has more of the feature",
    ),
    *along(
        "feature",
        "number of the plan along near, from 0",
        feature_least_plan="a plan that has the least of the feature",
        feature_most_plan="a plan that has the most of the feature",
    ),
    *along(
        "feature",
        FLAG,
        feature_least_status="1 no near-optimal plan has less, 2 some might",
        feature_most_status="1 no near-optimal plan has more, 2 some might",
    ),
)

_UNRESTRICTED = Missing("the box does not restrict the condition, or not at this end")
_DISCOVERY = (
    *along("box", CODE, box_method="1 found by peeling (PRIM), 2 a leaf of the tree"),
    *along(
        "box",
        SHARE,
        box_coverage="share of the failing scenarios that lie in the box and in none before it",
        box_density="share of the scenarios in the box, and in none before it, that fail",
        box_mass="share of all scenarios that lie in the box and in none before it",
    ),
    *along(
        "box condition",
        "see condition_unit",
        _UNRESTRICTED,
        box_low="least of the condition in the box",
        box_high="most of the condition in the box",
    ),
    *along(
        "box condition",
        SHARE,
        Missing("the box does not restrict the condition, or is a leaf of the tree"),
        box_p_value="probability of a density as high in the box if the condition said nothing",
    ),
    *along("condition", TEXT, condition_unit="unit of the condition"),
)

ASKED_VARIABLES = (*_NEAR, *_DISCOVERY)
