"""Published calculations of cost in earlier studies (C13 to C26).

C26 uses the model's cost of a year in LIS2/3.
"""

from __future__ import annotations

from ..study.cost import SpecialistTraining
from ..system.specialist_training import year_in_training
from .row import MILLION, PER_CENT, THOUSAND, Formula, Inputs, flat


def cost_of_posts(given: Inputs) -> list[float]:
    """Amounts x posts, million NOK."""
    return flat(given["amount"] * given["posts"] / MILLION)


def cost_of_a_post(given: Inputs) -> list[float]:
    """Amounts + course grant / posts, million NOK."""
    return flat((given["amount"].sum() + given["course_grant"] / given["posts"]) / MILLION)


def cost_per_post(given: Inputs) -> list[float]:
    """Cost / posts."""
    return flat(given["cost"] / given["posts"])


def two_interns(given: Inputs) -> list[float]:
    """Sum of expenditure, sum of income."""
    return flat(given["expenditure"].sum(), given["income"].sum())


def training_and_treatment(given: Inputs) -> list[float]:
    """Training + treatment in two years; the later x doctors, million NOK."""
    later = given["cost_2013"].sum()
    return flat(given["cost_2006"].sum(), later, later * given["doctors"] / THOUSAND)


def share_of_expenditure(given: Inputs) -> list[float]:
    """Share x expenditure."""
    return flat(given["share"] / PER_CENT * given["expenditure"])


def pay_with_social_cost(given: Inputs) -> list[float]:
    """Pay x (1 + social cost)."""
    return flat(given["pay"] * (1.0 + given["social_cost"].sum() / PER_CENT))


def pay_of_all(given: Inputs) -> list[float]:
    """Doctors x pay x (1 - training time)."""
    working = 1.0 - given["training_time"] / PER_CENT
    return flat(given["doctors"] * given["pay"] * working)


def training_and_pay(given: Inputs) -> list[float]:
    """Sum of both."""
    return flat(given["cost"].sum())


def share_of_absence(given: Inputs) -> list[float]:
    """Absence / training, per cent."""
    return flat(PER_CENT * given["absence"] / given["training"])


def municipal_range(given: Inputs) -> list[float]:
    """Least cost - most income, most cost - least income."""
    cost, income = given["cost"], given["income"]
    return flat(cost.min() - income.max(), cost.max() - income.min())


def training_in_all(given: Inputs) -> list[float]:
    """Training + treatment."""
    return flat(given["cost"].sum())


def pay_for_guidance(given: Inputs) -> list[float]:
    """Grant / hours, at the least and the most weeks."""
    return flat(given["grant"] / (given["hours_a_week"] * given["weeks"]))


def all_in_training(given: Inputs) -> list[float]:
    """Doctors x a year in LIS2/3: training and treatment, pay net of training time, their sum."""
    (cost,), (pay,) = given["training_and_treatment"], given["pay"]
    figures = {
        "training_and_treatment": cost,
        "pay": pay,
        "service_share": 1.0 - given["training_time"][0] / PER_CENT,
        "price_factor": 1.0,
        "income_credit": 0.0,
    }
    sourced = {
        key: {"value": float(value), "source": "published inputs"} for key, value in figures.items()
    }
    each = year_in_training(SpecialistTraining.model_validate(sourced | {"payers": {}}))
    parts = [float(given["doctors"][0]) * one / MILLION for one in each]
    return flat(parts, sum(parts))


FORMULAS: dict[str, Formula] = {
    "C13": cost_of_posts,
    "C14": cost_of_a_post,
    "C15": cost_per_post,
    "C16": two_interns,
    "C17": training_and_treatment,
    "C18": share_of_expenditure,
    "C19": pay_with_social_cost,
    "C20": pay_of_all,
    "C21": training_and_pay,
    "C22": share_of_absence,
    "C23": municipal_range,
    "C24": training_in_all,
    "C25": pay_for_guidance,
    "C26": all_in_training,
}
