"""The vocabulary of the decision's own results: rounds, worth of limits, ways out, replications."""

from __future__ import annotations

SLOTS, NOK, SHARE = "LIS1 starts a year", "NOK", "share"

# name -> (long name, what the number counts), as in core/axes.py
DECISION_VARIABLES: dict[str, tuple[str, str]] = {
    "intake_spring": ("posts on offer in the spring intake, whole", "posts"),
    "intake_autumn": ("posts on offer in the autumn intake, whole", "posts"),
    "round_lower_bound": ("lower bound of the cost after the round", NOK),
    "round_upper_bound": ("cost of the best plan after the round", NOK),
    "round_cuts": ("cuts known after the round", "cuts"),
    "round_whole": ("1 where the round solved for whole slots, 0 for fractions", "flag"),
    "shadow_step": ("one step more of the limit, in every year it is watched", "see shadow_unit"),
    "shadow_dual": ("cost saved by one step more, LP to first order", NOK),
    "shadow_saved": ("cost saved by one step more, whole plans", NOK),
    "shadow_saved_low": ("the same, least as proven by the bounds of both plans", NOK),
    "shadow_saved_high": ("the same, most as proven by the bounds of both plans", NOK),
    "shadow_bound_certified": (
        "1 where every cut the bound with one step more rests on is valid",
        "flag",
    ),
    "plan_regret": ("cost beyond the cheapest plan that reaches the same risks", NOK),
    "plan_cheapest_cost": ("discounted cost of that cheapest plan", NOK),
    "plan_cheapest_total": ("slots that cheapest plan opens", SLOTS),
    "plan_cheapest_status": (
        "1 solved, 0 none inside the limits, 2 stopped at a limit of effort",
        "flag",
    ),
    "plan_keeps_limits": ("1 where the plan keeps every limit of the system", "flag"),
    "plan_lacking_share": (
        "share of the posts on offer in the decision years nobody fills for lack of applicants",
        SHARE,
    ),
    "way_status": ("1 enough alone, 0 not enough, 2 not examined for lack of time", "flag"),
    "way_share": ("sum of the shares by which the limits give way", SHARE),
    "way_bound": ("no plan makes do with less", SHARE),
    "way_amount": ("by how much the limit must be raised", "see way_unit"),
    "way_slots": ("a plan that then keeps all limits", SLOTS),
    "over_value": ("value of the key that was varied", "as in the study"),
    "over_cost": ("discounted cost of the cheapest plan", NOK),
    "over_lower_bound": ("lower bound of the discounted cost", NOK),
    "over_total": ("slots opened in all", SLOTS),
    "over_status": ("1 solved, 0 infeasible, 2 stopped at a limit of effort", "flag"),
    "over_bound_certified": ("1 where every cut the lower bound rests on is valid", "flag"),
    "over_risk": ("risk under the plan", SHARE),
    "over_slots": ("new slots of the plan", SLOTS),
    "size_scenarios": ("scenarios a plan was made on", "scenarios"),
    "replication_seed": ("seed of the replication", "seed"),
    "replication_cost": ("discounted cost of the plan found", NOK),
    "replication_lower_bound": ("lower bound of that cost", NOK),
    "replication_bound_certified": (
        "1 where every cut the lower bound rests on is valid",
        "flag",
    ),
    "replication_total": ("slots opened in all", SLOTS),
    "replication_slots": ("new slots", SLOTS),
    "replication_risk": ("risk of the plan on the scenarios it was made on", SHARE),
    "replication_fresh": ("risk of the plan on the same fresh scenarios for all", SHARE),
    "replication_status": ("1 solved, 0 infeasible, 2 stopped at a limit of effort", "flag"),
}
