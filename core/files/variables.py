"""The vocabulary of result files: all that a file says of a variable stands in one entry.

An entry is a name and a long name in the group of those that share axes, unit and the meaning of a
missing value. Here is what follows from plans and scenarios; what was found out about the decision
stands in `decision_variables`.
"""

from __future__ import annotations

from .asked_variables import ASKED_VARIABLES
from .backtest_variables import BACKTEST_VARIABLES, HEAD_COUNTS
from .decision_variables import DECISION_VARIABLES
from .measure_variables import MEASURE_VARIABLES
from .post_variables import POST_VARIABLES
from .variable import (
    CODE,
    FLAG,
    FTE,
    NOK,
    PERSONS,
    POSTS,
    SHARE,
    SLOTS,
    TEXT,
    Flow,
    Missing,
    Variable,
    along,
    no_plan,
)

FLOWS = (
    Flow("supply", FTE, "supply of specialists"),
    Flow("doctors", FTE, "doctors past LIS1 at work, specialists and LIS2/3"),
    Flow("specialists", PERSONS, "specialists at work"),
    Flow("abroad", PERSONS, "specialists at work educated abroad"),
    Flow("arrived", PERSONS, "specialists arriving from abroad in the year"),
    Flow("exits", PERSONS, "specialists leaving work in the year"),
    Flow("training", PERSONS, "doctors in LIS2/3"),
    Flow("entered", PERSONS, "doctors beginning LIS2/3 in the year"),
    Flow("qualified", PERSONS, "doctors completing LIS2/3 in the year"),
    Flow("qualified_abroad", PERSONS, "doctors educated abroad completing LIS2/3 in the year"),
    Flow("left", PERSONS, "doctors giving LIS2/3 up in the year"),
    Flow("wanting", PERSONS, "doctors who come to want to begin LIS2/3 in the year"),
    Flow("waiting_training", PERSONS, "doctors who wait for an LIS2/3 post"),
    Flow("left_waiting", PERSONS, "doctors who give up or leave work while they wait, in the year"),
    Flow("vacant", POSTS, "LIS2/3 posts without a doctor, mean of the year's two half-years"),
    Flow("locums", PERSONS, "locums for doctors on leave from LIS2/3"),
    Flow("lis1", PERSONS, "doctors in LIS1", False),
    Flow("appointed", PERSONS, "doctors appointed to LIS1 in the year", False),
    Flow(
        "appointed_abroad",
        PERSONS,
        "doctors educated abroad appointed to LIS1 in the year",
        False,
    ),
    Flow("awaiting", PERSONS, "doctors appointed to LIS1 who have yet to begin", False),
    Flow("newcomers", PERSONS, "new applicants for LIS1 in the year", False),
    Flow("unplaced", PERSONS, "applicants without a post after the autumn round", False),
    Flow("waiting_years", "person-years", "years applicants waited in the year, added up", False),
    Flow("unfilled", SLOTS, "slots on offer to which nobody is appointed", False),
    Flow("lacking", SLOTS, "slots unfilled for lack of applicants", False),
    Flow("others", PERSONS, "doctors without a speciality and not in training", False),
    Flow("others_joined", PERSONS, "doctors joining them in the year", False),
    Flow("others_left", PERSONS, "doctors without a speciality leaving work in the year", False),
    Flow("others_fte", FTE, "doctors without a speciality and not in training at work", False),
)

SERIES = {flow.name: flow for flow in (*FLOWS, *HEAD_COUNTS)}
"""What can be counted and set beside the projection."""


def mean_variables(flow: Flow) -> tuple[Variable, ...]:
    """Return the variables of a flow's mean, by region and, where it has groups, by group."""
    name, counts, words = flow.name, flow.counts, flow.long_name
    region = Variable(f"{name}_mean", ("time", "plan", "region"), counts, f"{words}, mean")
    if not flow.by_group:
        return (region,)
    dims = ("time", "plan", "specialty", "region")
    return region, Variable(f"{name}_group_mean", dims, counts, f"{words} by group, mean")


def ensemble_variable(flow: Flow) -> Variable:
    """Return the variable of a flow in every scenario of the first plan."""
    groups = ("specialty",) if flow.by_group else ()
    dims = ("time", "realization", *groups, "region")
    return Variable(f"ensemble_{flow.name}", dims, flow.counts, flow.long_name)


_OF_PLANS = (
    *along(
        "time plan region",
        SLOTS,
        slots="new LIS1 slots opened in the year",
        level="LIS1 slots on offer",
    ),
    *along(
        "time plan region",
        POSTS,
        intake_spring="posts on offer in the spring intake, whole",
        intake_autumn="posts on offer in the autumn intake, whole",
    ),
    *along(
        "time plan capacity region",
        "see supervision_unit",
        supervision_need="need for supervision or places of the slots on offer",
    ),
    *along(
        "time capacity region",
        "see supervision_unit",
        Missing("it grows with the specialists; a limit on risk watches it"),
        supervision_capacity="capacity for supervision or places",
    ),
    *along("capacity", TEXT, supervision_unit="unit of need and capacity"),
    *along(
        "time plan capacity region",
        "see supervision_unit",
        supervision_need_posts="what of supervision_need is for LIS2/3 posts",
    ),
    *along(
        "time plan payer",
        NOK,
        cost_payer="gross cost of the added slots by payer, real, undiscounted",
    ),
    *along(
        "time plan",
        NOK,
        cost_report="cost of the added slots as the 2019 report adds up, real, undiscounted",
        cost_gross="gross cost of the added slots, real, undiscounted",
    ),
    *along("plan", NOK, plan_cost="discounted cost of the added slots"),
    *along(
        "time plan capacity region",
        "see supervision_unit",
        supervision_bought="supervision or places bought beyond the capacity there is",
    ),
    *along(
        "time capacity region",
        "see supervision_unit",
        Missing("there is no maximum"),
        supervision_most_bought="most supervision or places that can be bought in the year",
    ),
    *along(
        "time plan payer",
        NOK,
        cost_bought="what of cost_payer is for supervision and places bought, real, undiscounted",
    ),
    *along(
        "plan",
        NOK,
        plan_cost_bought="what of plan_cost is for supervision and places bought",
    ),
    *along(
        "time plan specialty",
        "person-years",
        training_years="years in LIS2/3 of the doctors whom the plan adds there, mean",
    ),
    *along(
        "time plan payer",
        NOK,
        cost_training="what these years cost: training, treatment and pay, real, undiscounted",
        cost_training_posts="what of cost_training is paid once for more LIS2/3 posts",
        cost_credit="what the doctors whom the plan adds to LIS1 and LIS2/3 produce, at the mean "
        "income credit, real, undiscounted",
    ),
    *along(
        "plan",
        NOK,
        plan_cost_with_training="discounted cost of the added slots and of LIS2/3",
        plan_cost_net="the same less what doctors in training produce, at the mean income credit",
        plan_cost_net_low="the same at the highest income credit",
        plan_cost_net_high="the same at the lowest income credit",
    ),
    *along(
        "plan",
        FLAG,
        plan_breaks_supervision="1 where the plan breaks a limit of supervision or places",
        plan_keeps_limits="1 where the plan keeps every limit of the system",
        plan_cheapest_status="1 solved, 0 none inside the limits, 2 stopped at a limit of effort, "
        "3 not asked of a plan of fewer kinds of posts",
    ),
    *along(
        "plan",
        NOK,
        no_plan("plan_cheapest_status"),
        plan_regret="cost beyond the cheapest plan that reaches the same risks",
        plan_cheapest_cost="discounted cost of that cheapest plan",
    ),
    *along(
        "plan",
        SLOTS,
        no_plan("plan_cheapest_status"),
        plan_cheapest_total="slots that cheapest plan opens",
    ),
    *along(
        "plan",
        SHARE,
        plan_lacking_share="share of the posts on offer in the decision years nobody fills for "
        "lack of applicants",
    ),
)

_OF_SCENARIOS = (
    *along(
        "time plan quantile region",
        FTE,
        supply_quantile="supply of specialists, quantiles over scenarios",
    ),
    *along(
        "time plan specialty region",
        FTE,
        supply_group_median="supply of specialists by group, median",
    ),
    *along(
        "time quantile specialty region",
        FTE,
        supply_group_quantile="supply of specialists by group, quantiles, first plan",
        demand_group_quantile="demand for specialists by group, quantiles",
    ),
    *along("time region", FTE, demand_mean="demand for specialists, mean over scenarios"),
    *along(
        "time quantile region",
        FTE,
        demand_quantile="demand for specialists, quantiles over scenarios",
    ),
    *along("time specialty region", FTE, demand_group_mean="demand for specialists by group, mean"),
    *along("time plan", FTE, national_supply_mean="national supply of specialists, mean"),
    *along(
        "time plan quantile",
        FTE,
        national_supply_quantile="national supply of specialists, quantiles",
    ),
    *along(
        "time plan quantile specialty",
        FTE,
        national_supply_group_quantile="national supply of specialists by group, quantiles",
    ),
    *along("time", FTE, national_demand_mean="national demand for specialists, mean"),
    *along(
        "time quantile",
        FTE,
        national_demand_quantile="national demand for specialists, quantiles",
    ),
    *along(
        "time quantile specialty",
        FTE,
        national_demand_group_quantile="national demand by group, quantiles",
    ),
    *along(
        "time plan region",
        SHARE,
        shortfall_mean="relative shortfall of specialists, mean over scenarios",
        shortage_probability="share of scenarios with demand above supply",
    ),
    *along(
        "time plan",
        SHARE,
        national_shortfall_mean="relative shortfall of specialists, regions pooled, mean",
        national_shortage_probability="share of scenarios with national demand above supply",
        national_abroad_share="share of specialists educated abroad",
    ),
    *along(
        "time plan",
        FTE,
        national_missing_mean="specialists missing nationally, groups and regions pooled, mean",
    ),
    *along(
        "time plan specialty",
        FTE,
        national_missing_group_mean="specialists missing in the group, regions pooled, mean",
    ),
    *along(
        "time plan specialty",
        SHARE,
        national_shortage_group_probability="share of scenarios with national demand of the group "
        "above its supply",
    ),
    *along("population", PERSONS, counted_start="doctors at the end of the year before the first"),
    *along(
        "time plan population",
        PERSONS,
        counted_mean="doctors of the country at the end of the year, mean",
        counted_low="doctors of the country at the end of the year, quantile 0.1",
        counted_high="doctors of the country at the end of the year, quantile 0.9",
    ),
    *along(
        "time plan region",
        "years",
        waiting_time="applicants' mean time from first round to post or giving up "
        "(waiting / newcomers)",
    ),
    *(
        each
        for flow in FLOWS
        if flow.name != "waiting_years"  # told as a time, waiting_time
        for each in mean_variables(flow)
    ),
    *(ensemble_variable(flow) for flow in FLOWS),
    ensemble_variable(Flow("demand", FTE, "demand for specialists")),
    *along(
        "realization",
        CODE,
        input_demand_alternative="demand alternative drawn, from 1 in the order of the study",
    ),
    *along("realization", "weight", weight="probability weight of the scenario, 1 on average"),
)

SCENARIO_VARIABLES = tuple(each.name for each in _OF_SCENARIOS)
"""Names of what follows from drawing and projecting the scenarios."""
VARIABLES: dict[str, Variable] = {
    each.name: each
    for each in (
        *_OF_PLANS,
        *_OF_SCENARIOS,
        *DECISION_VARIABLES,
        *POST_VARIABLES,
        *BACKTEST_VARIABLES,
        *ASKED_VARIABLES,
        *MEASURE_VARIABLES,
    )
}
"""Every variable by name but `input_...`, named by the keys of the study."""


def variable_of(key: str) -> str:
    """Return the variable that holds what scenarios drew for this dotted key of the study."""
    return f"input_{key.replace('.', '_')}"
