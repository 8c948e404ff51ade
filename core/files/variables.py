"""The vocabulary of the decision's own results: rounds, worth of limits, ways out, replications."""

from __future__ import annotations

from collections.abc import Mapping

SLOTS, NOK, SHARE = "LIS1 starts a year", "NOK", "share"

# name -> (long name, what the number counts), as in core/files/labels.py
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


FTE, PERSONS, SLOTS, SHARE, NOK = (
    "full-time equivalents",
    "persons",
    "LIS1 starts a year",
    "share",
    "NOK",
)


# What the kernel yields, by year, and what follows: name -> (long name, what the number counts).
FLOWS: dict[str, tuple[str, str]] = {
    "supply": ("supply of specialists", FTE),
    "doctors": ("doctors past LIS1 at work, specialists and LIS2/3", FTE),
    "specialists": ("specialists at work", PERSONS),
    "abroad": ("specialists at work educated abroad", PERSONS),
    "arrived": ("specialists arriving from abroad in the year", PERSONS),
    "exits": ("specialists leaving work in the year", PERSONS),
    "training": ("doctors in LIS2/3", PERSONS),
    "entered": ("doctors beginning LIS2/3 in the year", PERSONS),
    "qualified": ("doctors completing LIS2/3 in the year", PERSONS),
    "left": ("doctors giving LIS2/3 up in the year", PERSONS),
    "lis1": ("doctors in LIS1", PERSONS),
    "appointed": ("doctors appointed to LIS1 in the year", PERSONS),
    "appointed_abroad": ("doctors educated abroad appointed to LIS1 in the year", PERSONS),
    "newcomers": ("new applicants for LIS1 in the year", PERSONS),
    "unplaced": ("applicants without a post after the autumn round", PERSONS),
    "waiting_years": ("years applicants waited in the year, added up", "person-years"),
    "unfilled": ("slots on offer to which nobody is appointed", SLOTS),
    "lacking": ("slots unfilled for lack of applicants", SLOTS),
}


# name -> (long name, what the number counts). A CF unit of "1" stands for all: UDUNITS knows
# neither persons nor kroner, so `counts` says it.
VARIABLES: dict[str, tuple[str, str]] = {
    **DECISION_VARIABLES,
    "slots": ("new LIS1 slots opened in the year", SLOTS),
    "level": ("LIS1 slots on offer", SLOTS),
    "supply_mean": ("supply of specialists, mean over scenarios", FTE),
    "supply_quantile": ("supply of specialists, quantiles over scenarios", FTE),
    "demand_mean": ("demand for specialists, mean over scenarios", FTE),
    "demand_quantile": ("demand for specialists, quantiles over scenarios", FTE),
    "demand_group_mean": ("demand for specialists by group, mean", FTE),
    "demand_group_quantile": ("demand for specialists by group, quantiles", FTE),
    "supply_group_quantile": ("supply of specialists by group, quantiles, first plan", FTE),
    "supply_group_median": ("supply of specialists by group, median", FTE),
    "national_supply_mean": ("national supply of specialists, mean", FTE),
    "national_supply_quantile": ("national supply of specialists, quantiles", FTE),
    "national_demand_mean": ("national demand for specialists, mean", FTE),
    "national_demand_quantile": ("national demand for specialists, quantiles", FTE),
    "shortfall_mean": ("relative shortfall of specialists, mean over scenarios", SHARE),
    "national_shortfall_mean": ("relative shortfall of specialists, regions pooled, mean", SHARE),
    "shortage_probability": ("share of scenarios with demand above supply", SHARE),
    "national_shortage_probability": (
        "share of scenarios with national demand above supply",
        SHARE,
    ),
    "national_supply_group_quantile": ("national supply of specialists by group, quantiles", FTE),
    "national_demand_group_quantile": ("national demand by group, quantiles", FTE),
    "waiting_time": (
        "applicants' mean time from first round to post or giving up (waiting / newcomers)",
        "years",
    ),
    "national_abroad_share": ("share of specialists educated abroad", SHARE),
    **{
        f"{name}{part}_mean": (f"{words}{by}, mean", counts)
        for name, (words, counts) in FLOWS.items()
        for part, by in (("", ""), ("_group", " by group"))
    },
    **{f"ensemble_{name}": (words, counts) for name, (words, counts) in FLOWS.items()},
    "ensemble_demand": ("demand for specialists", FTE),
    "supervision_need": (
        "need for supervision or places of the slots on offer",
        "see supervision_unit",
    ),
    "supervision_capacity": ("capacity for supervision or places", "see supervision_unit"),
    "cost_payer": ("gross cost of the added slots by payer, real, undiscounted", NOK),
    "cost_report": ("cost of the added slots as the 2019 report adds up, real, undiscounted", NOK),
    "cost_gross": ("gross cost of the added slots, real, undiscounted", NOK),
    "plan_cost": ("discounted cost of the added slots", NOK),
    "plan_breaks_supervision": ("1 where the plan breaks a limit of supervision or places", "flag"),
    "shortfall_z": ("judged shortfall Z of the scenario", SHARE),
    "risk_in_sample": ("risk (its rule applied to Z) on the scenarios the plan was made on", SHARE),
    "risk_fresh": ("risk on fresh scenarios", SHARE),
    "risk_fresh_low": ("risk on fresh scenarios, lower end of the 95 % interval", SHARE),
    "risk_fresh_high": ("risk on fresh scenarios, upper end of the 95 % interval", SHARE),
    "risk_in_sample_error": ("standard error of the risk in sample", SHARE),
    "risk_price": ("price of a missing FTE-year, where the rule is a price", NOK),
    "risk_rule": ("rule: 1 cvar, 2 mean, 3 worst case, 4 chance, 5 price", "code"),
    "weight": ("probability weight of the scenario, 1 on average", "weight"),
    "risk_limit": ("limit on the risk", SHARE),
    "risk_confidence": ("confidence of a chance or CVaR (the worst 1 - confidence count)", SHARE),
    "risk_floor": (
        "lower bound of the risk over all feasible plans; of a chance limit the least found",
        SHARE,
    ),
    "risk_ceiling": ("risk without new slots", SHARE),
    "risk_binding": (
        "1 where the chosen plan could not be cheaper without this limit's room",
        "flag",
    ),
    "frontier_limit": ("limit on the risk frontier_axis, all risk limits moved alike", SHARE),
    "frontier_cost": ("discounted cost of the cheapest plan", NOK),
    "frontier_lower_bound": ("lower bound of the discounted cost", NOK),
    "frontier_shortage_cost": ("part of that cost that is the price of shortage", NOK),
    "frontier_risk": ("the risk frontier_axis under the plan", SHARE),
    "frontier_risk_90": ("the same as a CVaR at confidence 0.9", SHARE),
    "frontier_total": ("slots opened in all", SLOTS),
    "frontier_status": ("1 solved, 0 infeasible, 2 stopped at a limit of effort", "flag"),
    "frontier_slots": ("new slots of the frontier's plans", SLOTS),
    "table_floor": ("least CVaR under this weight table", SHARE),
    "table_ceiling": ("CVaR without new slots under this weight table", SHARE),
    "table_limit": ("limit at the same fraction of the attainable interval", SHARE),
    "table_cost": ("discounted cost of the cheapest plan under this weight table", NOK),
    "table_total": ("slots opened in all under this weight table", SLOTS),
    "table_status": ("1 solved, 0 infeasible, 2 stopped at a limit of effort", "flag"),
    "sensitivity_first": (
        "share of the outcome's variance that the factor explains alone (first-order Sobol index)",
        SHARE,
    ),
    "sensitivity_first_error": ("half the width of its 95 % interval", SHARE),
    "sensitivity_total": (
        "share of the outcome's variance that the factor takes part in (total Sobol index)",
        SHARE,
    ),
    "sensitivity_total_error": ("half the width of its 95 % interval", SHARE),
    "sensitivity_mu_star": ("mean absolute elementary effect (Morris mu*)", "as the outcome"),
    "sensitivity_mu_star_error": ("half the width of its 95 % interval", "as the outcome"),
    "sensitivity_sigma": (
        "standard deviation of elementary effects; none where a factor is drawn year by year",
        "as the outcome",
    ),
    "sensitivity_mean": ("mean of the outcome, factors independent", "as the outcome"),
    "sensitivity_sd": ("standard deviation of the outcome, factors independent", "as the outcome"),
    "input_demand_alternative": (
        "demand alternative drawn, from 1 in the order of the study",
        "code",
    ),
}


def variable_of(key: str) -> str:
    """Return the variable that holds what scenarios drew for this dotted key of the study."""
    return f"input_{key.replace('.', '_')}"


WITHOUT_PLAN: Mapping[str, tuple[str, ...]] = {
    "frontier_status": tuple(
        f"frontier_{each}"
        for each in ("cost", "shortage_cost", "lower_bound", "risk", "risk_90", "total", "slots")
    ),
    "table_status": ("table_cost", "table_total"),
    "plan_cheapest_status": ("plan_regret", "plan_cheapest_cost", "plan_cheapest_total"),
    "over_status": tuple(
        f"over_{each}" for each in ("cost", "lower_bound", "total", "risk", "slots")
    ),
    "replication_status": tuple(
        f"replication_{each}" for each in ("cost", "lower_bound", "total", "risk", "fresh", "slots")
    ),
    "way_status": ("way_amount", "way_slots", "way_share"),
}
"""What a plan has and its absence has not, by the variable that is 1 where there is a plan."""


OF_ITS_RULE = {
    "risk_limit": "limit",
    "risk_confidence": "confidence",
    "risk_price": "price",
    "table_limit": "limit",
}
"""Variables along `limit` that some rules have and others not: the key of the study's limit."""


SOLVED_AGAIN = ("shadow_saved", "shadow_saved_low", "shadow_saved_high")


MISSING_MEANS: Mapping[str, str] = {
    **{
        name: f"there is no plan: {status} is not 1"
        for status, names in WITHOUT_PLAN.items()
        for name in names
    },
    **{name: f"the rule of the limit has no {key}" for name, key in OF_ITS_RULE.items()},
    **dict.fromkeys(SOLVED_AGAIN, "the problem was not solved again with one step more"),
    "shadow_saved_high": "not solved again with one step more, or its bound is not certified",
    "shadow_dual": "a chance limit has no linear program",
    "frontier_limit": "the study has prices of shortage only, no limit",
    "supervision_capacity": "it grows with the specialists; a limit on risk watches it",
    "round_upper_bound": "no plan is known yet",
    "way_bound": "there is no plan on this way, or it is not proved that none makes do with less",
    "sensitivity_sigma": "the factor is drawn year by year",
}
"""What a missing value means, by variable; all others hold every value."""


STATUS_OF = {name: status for status, names in WITHOUT_PLAN.items() for name in names}
