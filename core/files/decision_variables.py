"""The vocabulary of the decision: risks, rounds, shadow prices, experiments, ways out."""

from __future__ import annotations

from ..study.risk_rules import RULES
from .variable import (
    CODE,
    FLAG,
    NOK,
    OUTCOME,
    SHARE,
    SLOTS,
    TEXT,
    Missing,
    along,
    no_plan,
    rule_has_no,
)

_RISKS = (
    *along("realization plan limit", SHARE, shortfall_z="judged shortfall Z of the scenario"),
    *along(
        "plan limit",
        SHARE,
        risk_in_sample="what the rule of the limit makes of Z (of a CVaR: the mean shortage in the "
        "worst 1 - risk_confidence of futures) on the scenarios the plan was made on",
        risk_fresh="the same as risk_in_sample on fresh scenarios",
        risk_fresh_low="lower end of the 95 % interval of risk_fresh",
        risk_fresh_high="upper end of the 95 % interval of risk_fresh",
    ),
    *along(
        "plan limit",
        SHARE,
        Missing("too few scenarios, or a rule whose error no sample tells"),
        risk_in_sample_error="standard error of risk_in_sample",
    ),
    *along("limit", SHARE, rule_has_no("limit"), risk_limit="largest value the study allows"),
    *along(
        "limit",
        SHARE,
        rule_has_no("confidence"),
        risk_confidence="confidence of a chance or CVaR (the worst 1 - confidence count)",
    ),
    *along(
        "limit",
        NOK,
        rule_has_no("price"),
        risk_price="price of a missing FTE-year, where the rule is a price",
    ),
    *along(
        "limit",
        CODE,
        risk_rule="rule: " + ", ".join(f"{rule.code} {rule.title}" for rule in RULES.values()),
    ),
    *along(
        "limit",
        SHARE,
        risk_floor="lower bound of risk_in_sample over all feasible plans; of a chance limit the "
        "least found",
        risk_ceiling="risk_in_sample without new slots",
    ),
    *along(
        "limit",
        FLAG,
        risk_binding="1 where the chosen plan could not be cheaper without this limit's room",
    ),
    *along(
        "frontier",
        SHARE,
        Missing("the study has prices of shortage only, no limit"),
        frontier_limit="limit frontier_axis, all limits on shortage moved alike",
    ),
    *along(
        "frontier",
        NOK,
        no_plan("frontier_status"),
        frontier_cost="discounted cost of the cheapest plan",
        frontier_lower_bound="lower bound of the discounted cost",
        frontier_shortage_cost="part of that cost that is the price of shortage",
    ),
    *along(
        "frontier",
        SHARE,
        no_plan("frontier_status"),
        frontier_risk="what the rule of the limit frontier_axis makes of Z under the plan",
        frontier_risk_90="mean of the same Z in the worst tenth of futures",
    ),
    *along("frontier", SLOTS, no_plan("frontier_status"), frontier_total="slots opened in all"),
    *along(
        "time frontier region",
        SLOTS,
        no_plan("frontier_status"),
        frontier_slots="new slots of the frontier's plans",
    ),
    *along(
        "frontier", FLAG, frontier_status="1 solved, 0 infeasible, 2 stopped at a limit of effort"
    ),
    *along(
        "weight_table limit",
        SHARE,
        table_floor="risk_floor under this weight table",
        table_ceiling="risk_ceiling under this weight table",
    ),
    *along(
        "weight_table limit",
        SHARE,
        rule_has_no("limit"),
        table_limit="limit at the same fraction of the attainable interval",
    ),
    *along(
        "weight_table",
        NOK,
        no_plan("table_status"),
        table_cost="discounted cost of the cheapest plan under this weight table",
    ),
    *along(
        "weight_table",
        SLOTS,
        no_plan("table_status"),
        table_total="slots opened in all under this weight table",
    ),
    *along(
        "weight_table", FLAG, table_status="1 solved, 0 infeasible, 2 stopped at a limit of effort"
    ),
    *along(
        "weight_table",
        NOK,
        no_plan("table_same_status"),
        table_same_cost="discounted cost of the cheapest plan inside the study's own limits under "
        "this weight table",
    ),
    *along(
        "weight_table",
        SLOTS,
        no_plan("table_same_status"),
        table_same_total="slots that plan opens in all",
    ),
    *along(
        "weight_table",
        FLAG,
        table_same_status="inside the study's own limits: 1 solved, 0 infeasible, 2 stopped at a "
        "limit of effort",
    ),
)

_SEARCH = (
    *along("round", NOK, round_lower_bound="lower bound of the cost after the round"),
    *along(
        "round",
        NOK,
        Missing("no plan is known yet"),
        round_upper_bound="cost of the best plan after the round",
    ),
    *along("round", "cuts", round_cuts="cuts known after the round"),
    *along("round", FLAG, round_whole="1 where the round solved for whole slots, 0 for fractions"),
    *along(
        "constraint",
        "see shadow_unit",
        shadow_step="one step more of the limit, in every year it is watched",
    ),
    *along("constraint", TEXT, shadow_unit="unit of the step"),
    *along(
        "constraint",
        NOK,
        Missing("a chance limit has no linear program"),
        shadow_dual="cost saved by one step more, LP to first order",
    ),
    *along(
        "constraint",
        NOK,
        Missing("the problem was not solved again with one step more"),
        shadow_saved="cost saved by one step more, whole plans",
        shadow_saved_low="the same, least as proven by the bounds of both plans",
        shadow_saved_high="the same, most as proven by the bounds of both plans",
    ),
)

_WAYS_OUT = (
    *along(
        "way",
        FLAG,
        way_status="1 enough alone, 0 not enough, 2 not examined for lack of time",
    ),
    *along(
        "way",
        SHARE,
        no_plan("way_status"),
        way_share="sum of the shares by which the limits give way",
    ),
    *along(
        "way",
        SHARE,
        Missing("there is no plan on this way, or a chance limit was moved as a CVaR"),
        way_bound="no plan makes do with less",
    ),
    *along(
        "time way constraint",
        "see way_unit",
        no_plan("way_status"),
        way_amount="by how much the limit must be raised",
    ),
    *along("constraint", TEXT, way_unit="unit of the amount"),
    *along(
        "time way region",
        SLOTS,
        no_plan("way_status"),
        way_slots="a plan that then keeps all limits",
    ),
)

_EXPERIMENTS = (
    *along("frontier", "as in the study", over_value="value of the key that was varied"),
    *along(
        "frontier",
        NOK,
        no_plan("over_status"),
        over_cost="discounted cost of the cheapest plan",
        over_lower_bound="lower bound of the discounted cost",
    ),
    *along("frontier", SLOTS, no_plan("over_status"), over_total="slots opened in all"),
    *along(
        "frontier limit",
        SHARE,
        no_plan("over_status"),
        over_risk="what the rule of the limit makes of Z under the plan",
    ),
    *along(
        "time frontier region", SLOTS, no_plan("over_status"), over_slots="new slots of the plan"
    ),
    *along(
        "frontier",
        FLAG,
        over_status="1 solved, 0 infeasible, 2 stopped at a limit of effort",
    ),
    *along("size", "scenarios", size_scenarios="scenarios a plan was made on"),
    *along("replication", "seed", replication_seed="seed of the replication"),
    *along(
        "size replication",
        NOK,
        no_plan("replication_status"),
        replication_cost="discounted cost of the plan found",
        replication_lower_bound="lower bound of that cost",
    ),
    *along(
        "size replication",
        SLOTS,
        no_plan("replication_status"),
        replication_total="slots opened in all",
    ),
    *along(
        "size replication",
        FLAG,
        replication_status="1 solved, 0 infeasible, 2 stopped at a limit of effort",
    ),
    *along(
        "time size replication region",
        SLOTS,
        no_plan("replication_status"),
        replication_slots="new slots",
    ),
    *along(
        "size replication limit",
        SHARE,
        no_plan("replication_status"),
        replication_risk="risk_in_sample of the plan, on the scenarios it was made on",
        replication_fresh="the same on fresh scenarios, the same for all",
    ),
)

_SENSITIVITY = (
    *along(
        "outcome factor",
        SHARE,
        sensitivity_first="share of the outcome's variance that the factor explains alone "
        "(first-order Sobol index)",
        sensitivity_first_error="half the width of its 95 % interval",
        sensitivity_total="share of the outcome's variance that the factor takes part in "
        "(total Sobol index)",
        sensitivity_total_error="half the width of its 95 % interval",
    ),
    *along(
        "outcome factor",
        OUTCOME,
        sensitivity_mu_star="mean absolute elementary effect (Morris mu*)",
        sensitivity_mu_star_error="half the width of its 95 % interval",
    ),
    *along(
        "outcome factor",
        OUTCOME,
        Missing("the factor is drawn year by year"),
        sensitivity_sigma="standard deviation of elementary effects; none where a factor is "
        "drawn year by year",
    ),
    *along(
        "outcome",
        OUTCOME,
        sensitivity_mean="mean of the outcome, factors independent",
        sensitivity_sd="standard deviation of the outcome, factors independent",
    ),
)

DECISION_VARIABLES = (*_RISKS, *_SEARCH, *_WAYS_OUT, *_EXPERIMENTS, *_SENSITIVITY)
"""What a run, an experiment or an analysis found out about the decision."""
