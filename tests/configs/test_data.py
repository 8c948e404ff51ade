"""The sourced tables of configs/data add up to what their sources say."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2] / "configs" / "data"

COLUMNS = {
    "cost_components.csv": ["item", "payer", "timing", "amount_nok", "in_report", "in_gross"],
    "demand_alternatives.csv": [
        "id",
        "name",
        "doctors_per_year",
        "population",
        "unit",
        "hours_on_top",
    ],
    "demand_growth_by_group.csv": ["alternative", "group", "doctors_per_year"],
    "demand_weights.csv": ["table", "alternative", "weight"],
    "retirement_by_age.csv": ["group", "age", "yearly_share"],
    "specialists_by_age.csv": ["group", "age", "persons"],
    "supervision.csv": ["limit", "region", "slack", "growth_per_year"],
}
GROUPS = {"general_practice", "hospital"}


def read(name):
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_group(name, value):
    """Return {group: {age: number}}; an age given twice is an error."""
    table = defaultdict(dict)
    for row in read(name):
        age = int(row["age"])
        assert age not in table[row["group"]], (name, row["group"], age)
        table[row["group"]][age] = float(row[value])
    return table


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_every_row_has_a_source_or_an_assumption(name):
    rows = read(name)
    assert rows
    for row in rows:
        assert list(row) == [*COLUMNS[name], "source", "assumption"]
        assert row["source"].strip() or row["assumption"].strip(), row


@pytest.mark.parametrize(
    ("youngest", "oldest", "persons"),
    [(31, 39, 1445), (40, 54, 6364), (55, 66, 4275), (67, 79, 441), (31, 79, 12525)],
)
def test_specialists_add_up_to_the_published_bands(youngest, oldest, persons):
    rows = [r for r in read("specialists_by_age.csv") if youngest <= int(r["age"]) <= oldest]
    # hundredths of a person, so that the sum is exact
    assert sum(round(float(row["persons"]) * 100) for row in rows) == persons * 100


def test_specialists_cover_every_age_of_both_groups():
    stock = by_group("specialists_by_age.csv", "persons")
    assert set(stock) == GROUPS
    for persons in stock.values():
        assert list(persons) == list(range(31, 80))
        assert min(persons.values()) >= 0


def test_general_practice_has_the_municipal_share():
    stock = by_group("specialists_by_age.csv", "persons")
    total = {group: sum(persons.values()) for group, persons in stock.items()}
    share = total["general_practice"] / sum(total.values())
    assert share == pytest.approx(5823 / 22033, abs=1e-6)


def test_retirement_never_falls_with_age():
    hazards = by_group("retirement_by_age.csv", "yearly_share")
    assert set(hazards) == GROUPS
    for hazard in hazards.values():
        assert list(hazard) == list(range(55, 80))
        values = list(hazard.values())
        assert values == sorted(values)
        assert values[0] >= 0
        assert values[-1] < 1
        assert hazard[59] < 0.02


def test_first_year_retirements_are_near_300():
    stock = by_group("specialists_by_age.csv", "persons")
    hazards = by_group("retirement_by_age.csv", "yearly_share")
    retired = sum(
        share * stock[group][age] for group in GROUPS for age, share in hazards[group].items()
    )
    assert 290 <= retired <= 310


def test_costs_add_up_to_the_report():
    rows = read("cost_components.csv")
    assert {row[flag] for row in rows for flag in ("in_report", "in_gross")} <= {"true", "false"}
    assert sum(int(row["amount_nok"]) for row in rows if row["in_report"] == "true") == 2_061_500
    assert sum(int(row["amount_nok"]) for row in rows if row["in_gross"] == "true") == 2_183_000


def test_gross_costs_by_payer():
    paid = defaultdict(int)
    for row in read("cost_components.csv"):
        if row["in_gross"] == "true":
            paid[row["payer"]] += int(row["amount_nok"])
    assert paid == {
        "hospital": 1_471_500,
        "municipality": 375_000,
        "state": 186_500,
        "helfo": 100_000,
        "patients": 50_000,
    }


def test_report_costs_give_the_four_half_years_of_a_spring_start():
    cost = defaultdict(int)
    for row in read("cost_components.csv"):
        if row["in_report"] == "true":
            cost[row["timing"]] += int(row["amount_nok"])
    assert set(cost) == {
        "start",
        "stay:hospital",
        "stay:municipality",
        "stay_start:municipality",
        "autumn_after:municipality",
    }
    hospital_month = cost["stay:hospital"] / 12
    municipal_month = cost["stay:municipality"] / 6
    # start on 1 March: hospital 4 + 6 + 2 months, municipality 4 + 2 months by calendar half-year
    assert cost["start"] + 4 * hospital_month == 529_500
    assert 6 * hospital_month == 750_000
    assert 2 * hospital_month + cost["stay_start:municipality"] + 4 * municipal_month == 522_000
    assert 2 * municipal_month + cost["autumn_after:municipality"] == 260_000


def test_demand_alternatives_are_the_published_ones():
    growth = {r["id"]: int(r["doctors_per_year"]) for r in read("demand_alternatives.csv")}
    assert growth == {
        "trend_2013_2017": 670,
        "continue_2017": 851,
        "helsemod_demography": 325,
        "helsemod_coordination": 430,
        "helsemod_reference": 460,
        "helsemod_high": 640,
        "helse_norge_efficiency": 250,
        "helse_norge_lifestyle": 670,
        "helse_norge_competitive": 1000,
        "helse_norge_security": 1420,
        "medical_association": 600 + 500 - 130,  # the 500 hold exits, told as 130 beside them
    }


def test_growth_by_group_is_the_published_one_where_there_is_one():
    growth = defaultdict(dict)
    for row in read("demand_growth_by_group.csv"):
        growth[row["alternative"]][row["group"]] = float(row["doctors_per_year"])
    total = {r["id"]: float(r["doctors_per_year"]) for r in read("demand_alternatives.csv")}
    assert {name: sum(groups.values()) for name, groups in growth.items()} == total
    practice = {name: groups["general_practice"] for name, groups in growth.items()}
    municipal = [177, 128, 132, 128, 238]  # app. 2 table 1, 2013-17
    assert practice["trend_2013_2017"] == round(sum(municipal) / 5)
    assert practice["continue_2017"] == municipal[-1]
    assert practice["medical_association"] == 500 - 130
    assert practice["helsemod_coordination"] == 0.30 * total["helsemod_coordination"]
    for name in total:
        if name.startswith(("helse_norge", "helsemod")) and name != "helsemod_coordination":
            assert practice[name] == pytest.approx(161 / 670 * total[name], abs=0.8)


def test_normal_hours_come_on_top_where_they_are_not_held_already():
    spared = {r["id"] for r in read("demand_alternatives.csv") if r["hours_on_top"] == "false"}
    assert spared == {"helsemod_high", "medical_association"}


@pytest.mark.parametrize("table", ["reasoned", "flat", "directorate", "association"])
def test_each_weight_table_covers_every_alternative_and_sums_to_one(table):
    rows = [row for row in read("demand_weights.csv") if row["table"] == table]
    alternatives = [row["id"] for row in read("demand_alternatives.csv")]
    assert [row["alternative"] for row in rows] == alternatives
    weights = [float(row["weight"]) for row in rows]
    assert min(weights) >= 0
    assert sum(weights) == pytest.approx(1, abs=1e-12)
    assert all(row["assumption"] for row in rows)


def test_there_are_no_other_weight_tables():
    tables = {row["table"] for row in read("demand_weights.csv")}
    assert tables == {"reasoned", "flat", "directorate", "association"}


def test_supervision_gives_each_limit_for_each_region_once():
    rows = read("supervision.csv")
    limits = ["hospital_supervision", "municipal_supervision", "municipal_places"]
    regions = ["nord", "midt", "vest", "sor_ost"]
    pairs = [(row["limit"], row["region"]) for row in rows]
    assert pairs == [(limit, region) for limit in limits for region in regions]
    for row in rows:
        assert float(row["growth_per_year"]) == 0.02
    posts = {"nord": 170, "midt": 170, "vest": 182, "sor_ost": 418}
    for limit in limits[1:]:  # half as many places as starts; the report counts 17 spare ones
        rows_of = [row for row in rows if row["limit"] == limit]
        spare = sum(float(row["slack"]) * posts[row["region"]] / 2 for row in rows_of)
        assert spare == pytest.approx(17, abs=0.1)
