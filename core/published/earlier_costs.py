"""Published calculations of cost in earlier studies (rows C13 to C25)."""

from __future__ import annotations

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
}
