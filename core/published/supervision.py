"""Published calculations of supervision and administration (rows S)."""

from __future__ import annotations

import numpy as np

from ..system.course import SPRING_MONTH, need, place_years
from .row import PER_CENT, Formula, Inputs, flat, whole


def hours_in_hospital(given: Inputs) -> list[float]:
    """Hours a week x weeks + hours a month x months + documentation."""
    supervision = given["supervision_per_week"] * given["weeks"]
    return flat(
        supervision + given["guidance_per_month"] * given["months"] + given["documentation"]
    )


def _hours(hours_per_place: float, starts: float, half_years: int) -> float:
    """Return what steady starts need a year, as for a study's limits (`core.system.course`)."""
    busy = place_years(("arena",) * half_years, [(SPRING_MONTH, 1.0)], "arena")
    return float(need(hours_per_place, busy, np.array([[starts]]))[0, 0])


def hospital_fte(given: Inputs) -> list[float]:
    """Hours of all starts / hours of an FTE; hours of a place / hours of an FTE, per cent."""
    (half_years,) = whole(given["hospital_half_years"])
    each, starts = float(given["hours_per_place"][0]), float(given["starts"][0])
    hours = np.array([_hours(each, starts, half_years), PER_CENT * each])
    return flat(hours / given["hours_per_fte"])


def municipal_fte(given: Inputs) -> list[float]:
    """Hours of a place a year; hours of all starts / hours of an FTE."""
    (half_years,) = whole(given["half_years_counted"])
    each = given["supervision_per_week"] * given["weeks"]
    hours = _hours(float(each[0]), float(given["starts"][0]), half_years)
    return flat(each, hours / given["hours_per_fte"])


def sum_of_fte(given: Inputs) -> list[float]:
    """Hospital + municipal."""
    return flat(given["fte"].sum())


def least_and_most(given: Inputs) -> list[float]:
    """Sums over the parties."""
    return flat(given["least"].sum(), given["most"].sum())


def education_plans(given: Inputs) -> list[float]:
    """Plans x days / days of a year."""
    return flat(given["plans"] * given["days_per_plan"] / given["days_per_year"])


FORMULAS: dict[str, Formula] = {
    "S1": hours_in_hospital,
    "S2": hospital_fte,
    "S3": municipal_fte,
    "S4": sum_of_fte,
    "S5": least_and_most,
    "S6": education_plans,
    "S7": least_and_most,
}
