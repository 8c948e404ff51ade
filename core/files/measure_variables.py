"""The vocabulary of result files: what measures do, each alone, and what those in force cost."""

from __future__ import annotations

from .variable import CODE, FLAG, FTE, NOK, SHARE, SLOTS, TEXT, Missing, Variable, along, no_plan

YEARS_OF_FTE = "full-time equivalents times years"
NOK_A_YEAR_OF_FTE = "NOK per FTE-year"
NONE_AVOIDED = Missing("no shortage is avoided")
NO_SLOTS = Missing("no number of new slots avoids as much")

MEASURE_VARIABLES: tuple[Variable, ...] = (
    *along("measure", "units of the measure", measure_units="units in use, once all are"),
    *along("measure", TEXT, measure_unit="what one unit of the measure is"),
    *along(
        "measure",
        FTE,
        measure_fte_low="judged FTE more at the end of the risk window, quantile 0.1",
        measure_fte_median="judged FTE more at the end of the risk window, median",
        measure_fte_high="judged FTE more at the end of the risk window, quantile 0.9",
    ),
    *along(
        "measure region",
        FTE,
        measure_fte_region="judged FTE more in the region at the end of the risk window, mean",
    ),
    *along(
        "region",
        FTE,
        measure_slot_there="the same of one slot opened there in the first decision year",
    ),
    *along(
        "measure",
        YEARS_OF_FTE,
        measure_avoided_low="FTE-years of shortage avoided over the risk window, quantile 0.1",
        measure_avoided_median="FTE-years of shortage avoided over the risk window, median",
        measure_avoided_high="FTE-years of shortage avoided over the risk window, quantile 0.9",
        measure_avoided_mean="FTE-years of shortage avoided over the risk window, mean",
    ),
    *along(
        "measure",
        SLOTS,
        NO_SLOTS,
        measure_slots="new slots in the first decision year that avoid as much on average",
    ),
    *along("measure", NOK, measure_cost="discounted cost of the measure, all payers"),
    *along("measure payer", NOK, measure_cost_payer="discounted cost of the measure by payer"),
    *along(
        "measure",
        NOK_A_YEAR_OF_FTE,
        NONE_AVOIDED,
        measure_nok_low="cost for each FTE-year of shortage avoided, where most is avoided",
        measure_nok_median="cost for each FTE-year of shortage avoided, median",
        measure_nok_high="cost for each FTE-year of shortage avoided, where least is avoided",
    ),
    *along(
        "measure",
        SHARE,
        NO_SLOTS,
        measure_break_even="share of its effect at which a measure costs what slots do",
    ),
    *along(
        "measure",
        FLAG,
        measure_breaks_room="1 where posts on offer need more supervision or places than there are",
        measure_from_start="1 where it acts from the first projected year, not from its own first",
    ),
    *along(
        "measure rated",
        TEXT,
        measure_rating="rating in tables 8a and 8b of the 2019 report, empty where there is none",
    ),
    *along(
        "measure rated",
        "sign",
        Missing("it is not worked out"),
        measure_sign="what comes out: 1 better, 0 no change, -1 worse",
    ),
    *along("measure rated", FLAG, measure_differs="1 where rating and sign differ"),
    *along(
        "time measure payer",
        NOK,
        measure_paid="cost of a measure in force by payer, real, undiscounted",
    ),
    *along("time measure", "units of the measure", measure_use="units of a measure in use"),
    *along("portfolio measure", FLAG, portfolio_measure="1 where it is in the portfolio"),
    *along(
        "portfolio",
        NOK,
        portfolio_paid="discounted cost of its measures that are all or nothing",
    ),
    *along(
        "portfolio",
        NOK,
        Missing("it leaves no study or no plan, or slots may be closed and nothing bounds it yet"),
        portfolio_bound="no plan with it is cheaper, slots and measures together",
    ),
    *along(
        "portfolio",
        NOK,
        Missing("no plan of it was looked at that keeps all limits"),
        portfolio_cost="discounted cost of the cheapest plan found with it",
    ),
    *along(
        "portfolio",
        CODE,
        portfolio_status="0 not looked at: too dear by itself; 1 leaves no study; 2 no plan keeps "
        "all limits; 3 bounded; 4 solved; 5 searched, without the proof",
    ),
    *along("measure", FLAG, measure_chosen="1 where it was left open and is used"),
    *along("measure", FLAG, measure_by_year="1 where its units are decided year by year"),
    *along(
        "frontier",
        NOK,
        no_plan("over_status"),
        over_measures_cost="part of over_cost that chosen measures cost",
    ),
    *along(
        "time frontier measure",
        "units of the measure",
        no_plan("over_status"),
        over_measure_use="units of a measure in use",
    ),
)
