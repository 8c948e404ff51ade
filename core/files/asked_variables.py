"""The vocabulary of what a run is asked beside its plan: near-optimal plans, failures, reviews."""

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

_OBSERVED = "see review_unit"
_REVIEW = (
    *along("realization review", _OBSERVED, review_observed="what the review sees, with its error"),
    *along("realization", "branch, from 1", review_branch="end branch the reviews lead to"),
    *along(
        "realization limit",
        SHARE,
        review_shortfall="judged shortfall Z under the plan of the scenario's branch",
    ),
    *along(
        "branch review",
        _OBSERVED,
        Missing("the branch has no such end at this review"),
        branch_above="the branch is taken where the review sees more than this",
        branch_up_to="the branch is taken where the review sees this or less",
    ),
    *along(
        "branch",
        SHARE,
        branch_probability="weight of the scenarios that come here, of all the plan was made on",
        branch_probability_fresh="the same on fresh scenarios",
    ),
    *along("time branch region", SLOTS, branch_slots="new slots of the branch's plan"),
    *along("time branch specialty region", POSTS, branch_posts="new LIS2/3 posts likewise"),
    *along("time branch track region", SLOTS, branch_tracks="newly earmarked posts likewise"),
    *along("branch", NOK, branch_cost="discounted cost of the branch's plan"),
    *along(
        "time branch region",
        SLOTS,
        branch_rule_slots="new slots of the look-ahead rule applied anew at the reviews",
    ),
    *along("time branch specialty region", POSTS, branch_rule_posts="new LIS2/3 posts likewise"),
    *along("time branch track region", SLOTS, branch_rule_tracks="newly earmarked posts likewise"),
    *along("branch", NOK, branch_rule_cost="discounted cost of the rule's plan"),
    *along("branch limit", SHARE, branch_risk="risk inside the branch, in sample"),
    *along(
        "branch limit",
        SHARE,
        Missing("no fresh scenario came to the branch"),
        branch_risk_fresh="risk inside the branch, on fresh scenarios",
    ),
    *along(
        "limit",
        SHARE,
        review_risk="risk of the plan that learns over all branches together, in sample",
        review_risk_fresh="the same on fresh scenarios",
    ),
    *along(
        "limit",
        SHARE,
        Missing("scenarios give the worst case no upper end"),
        review_risk_fresh_low="lower end of the 95 % interval of review_risk_fresh",
        review_risk_fresh_high="upper end of the 95 % interval of review_risk_fresh",
    ),
    *along(
        "limit",
        SHARE,
        review_rule_risk="risk of the look-ahead rule applied anew at the reviews, in sample",
        review_rule_risk_fresh="the same on fresh scenarios",
    ),
    *along(
        "limit",
        SHARE,
        Missing("scenarios give the worst case no upper end"),
        review_rule_risk_fresh_low="lower end of the 95 % interval of review_rule_risk_fresh",
        review_rule_risk_fresh_high="upper end of the 95 % interval of review_rule_risk_fresh",
    ),
)

ASKED_VARIABLES = (*_NEAR, *_DISCOVERY, *_REVIEW)
