"""Published calculations of demand paths (rows D)."""

from __future__ import annotations

import numpy as np

from .row import PER_CENT, Floats, Formula, Inputs, change, flat


def growth_per_year(total: Floats, first_and_last_year: Floats) -> Floats:
    """Return a growth spread evenly over the years between two years, as the sources do."""
    first, last = first_and_last_year
    return np.asarray(total / (last - first))


def growth_from_per_cent(given: Inputs) -> list[float]:
    """Doctors x growth / years."""
    total = given["doctors"] * given["growth"] / PER_CENT
    return flat(growth_per_year(total, given["first_and_last_year"]))


def growth_from_total(given: Inputs) -> list[float]:
    """Growth / years."""
    return flat(growth_per_year(given["growth"], given["first_and_last_year"]))


def spread(given: Inputs) -> list[float]:
    """Most - least."""
    return flat(given["most"] - given["least"])


def normal_working_time(given: Inputs) -> list[float]:
    """Missing FTE / years."""
    return flat(given["missing"] / given["years"])


def increments(given: Inputs) -> list[float]:
    """Steps between successive needs."""
    return flat(change(given["needed"]))


def need_for_specialists(given: Inputs) -> list[float]:
    """Sum of the needs."""
    return flat(given["need"].sum())


def need_not_covered(given: Inputs) -> list[float]:
    """Approvals - posts."""
    return flat(given["approvals"] - given["posts"])


def mean_approvals(given: Inputs) -> list[float]:
    """Mean over the years."""
    return flat(given["approvals"].mean())


def municipal_staff(given: Inputs) -> list[float]:
    """Growth of doctors; health sector's share in staff, staff = growth / share grown; its rise."""
    now, then = given["doctors"]
    staff = PER_CENT * given["staff_growth"] / given["staff_growth_share"]
    health = PER_CENT * given["health_staff_growth"] / given["health_staff_growth_share"]
    share = PER_CENT * health / staff
    later = health + given["health_staff_growth"], staff + given["staff_growth"]
    return flat(PER_CENT * (then / now - 1.0), share, PER_CENT * later[0] / later[1] - share)


def turnover_without_returners(given: Inputs) -> list[float]:
    """Turnover x (1 - share of the newly employed who return)."""
    return flat(given["turnover"] * (1.0 - given["returning"] / PER_CENT))


def doctors_of_a_group(given: Inputs) -> list[float]:
    """Doctors / their share of the group."""
    return flat(PER_CENT * given["doctors"] / given["share"])


def turnover(given: Inputs) -> list[float]:
    """As counted."""
    return flat(given["turnover"])


FORMULAS: dict[str, Formula] = {
    "D1": growth_from_per_cent,
    "D2": growth_from_total,
    "D3": growth_from_total,
    "D4": spread,
    "D5": normal_working_time,
    "D6": growth_from_total,
    "D7": increments,
    "D8": need_for_specialists,
    "D9": need_not_covered,
    "D10": mean_approvals,
    "D11": municipal_staff,
    "D12": need_for_specialists,
    "D13": turnover_without_returners,
    "D14": doctors_of_a_group,
    "D15": turnover,
}
