"""Published calculations of the need for LIS1 posts (rows N)."""

from __future__ import annotations

import numpy as np

from ..system.course import SPRING_MONTH, place_years
from .row import PER_CENT, Formula, Inputs, flat, whole


def need_2014(given: Inputs) -> list[float]:
    """Gross = growth + retirement; net = gross - converted specialists."""
    gross = given["net_growth"] + given["retirement"]
    return flat(gross, gross - given["converted"])


def growth_beyond_reference(given: Inputs) -> list[float]:
    """Observed less reference growth."""
    return flat(given["observed_growth"] - given["reference_growth"])


def mean_growth(given: Inputs) -> list[float]:
    """Mean of the municipal changes + mean of the hospital changes that are kept."""
    return flat(given["municipal_growth"].mean() + given["hospital_growth"].mean())


def gross_need(given: Inputs) -> list[float]:
    """Growth + exits, for each growth."""
    return flat(given["net_growth"] + given["exits"])


def need_by_exits(given: Inputs) -> list[float]:
    """Per level of exits: gross, net of converted, with direct entrants, with all trained here."""
    gross = given["net_growth"] + given["exits"]
    net = gross - given["converted_at_work"]
    entrants = net + given["direct_entry"]
    return flat(np.transpose([gross, net, entrants, entrants + given["converted_trained_here"]]))


def need_with_growth_of_2017(given: Inputs) -> list[float]:
    """Growth beyond the mean; need + that growth as printed."""
    beyond = given["growth_2017"] - given["mean_growth"]
    return flat(beyond, given["need"] + given["growth_beyond_mean"])


def recommended_posts(given: Inputs) -> list[float]:
    """Present posts + more posts."""
    return flat(given["posts"] + given["more_posts"])


def posts_by_region(given: Inputs) -> list[float]:
    """Posts of the autumn round x rounds a year, by region and in all."""
    regions = ("nord", "midt", "vest", "sor_ost")
    posts = given["rounds_per_year"] * [given[f"autumn_{region}"].sum() for region in regions]
    return flat(posts, posts.sum())


def posts_advertised(given: Inputs) -> list[float]:
    """Sum of the posts advertised, and of those not."""
    return flat(given["advertised"].sum(), given["not_advertised"].sum())


def municipal_places(starts: float, half_years: int) -> float:
    """Return the places that starts a year fill, see `core.system.course`."""
    stages = ("municipality",) * half_years
    return float(place_years(stages, [(SPRING_MONTH, starts)], "municipality").sum())


def unused_places(given: Inputs) -> list[float]:
    """Posts and places not used; places that the approved starts fill."""
    (half_years,) = whole(given["municipal_half_years"])
    return flat(
        given["approved_posts"] - given["posts_in_use"],
        given["municipal_places"] - given["municipal_places_used"],
        municipal_places(float(given["approved_posts"][0]), half_years),
    )


def places_for_more_starts(given: Inputs) -> list[float]:
    """Places that more starts fill."""
    (half_years,) = whole(given["municipal_half_years"])
    return flat(municipal_places(float(given["starts"][0]), half_years))


def shorter_course(given: Inputs) -> list[float]:
    """Posts x (1 + share of time saved), as published; throughput gained, by the same posts."""
    now, then = given["months_now"], given["months_then"]
    return flat(given["posts"] * (1.0 + (now - then) / now), now / then - 1.0)


def applicants_by_origin(given: Inputs) -> list[float]:
    """Sum over places of study."""
    return flat(given["applicants"].sum())


def without_offer(given: Inputs) -> list[float]:
    """Applicants - posts."""
    return flat(given["applicants"] - given["posts"])


def pay_above_scale(given: Inputs) -> list[float]:
    """Least and most pay less the scale's."""
    return flat(given["least_pay"] - given["scale"], given["most_pay"] - given["scale"])


def mean_pay_with_social_cost(given: Inputs) -> list[float]:
    """Mean pay x (1 + social cost)."""
    return flat(given["pay"].mean() * (1.0 + given["social_cost"].sum() / PER_CENT))


def free_for_other_arenas(given: Inputs) -> list[float]:
    """Hospital months not bound / hospital months."""
    return flat((given["hospital_months"] - given["bound_months"]) / given["hospital_months"])


def posts_not_advertised(given: Inputs) -> list[float]:
    """Posts of a half-year less those advertised, most and least; the same in per cent."""
    left = given["posts"] - given["advertised"]
    return flat(left, PER_CENT * left / given["posts"])


FORMULAS: dict[str, Formula] = {
    "N1": need_2014,
    "N2": need_2014,
    "N3": growth_beyond_reference,
    "N4": mean_growth,
    "N5": gross_need,
    "N6": need_by_exits,
    "N7": need_with_growth_of_2017,
    "N8": gross_need,
    "N9": recommended_posts,
    "N10": posts_by_region,
    "N11": posts_advertised,
    "N12": unused_places,
    "N13": places_for_more_starts,
    "N14": shorter_course,
    "N15": applicants_by_origin,
    "N16": without_offer,
    "N17": pay_above_scale,
    "N18": mean_pay_with_social_cost,
    "N19": free_for_other_arenas,
    "N20": posts_not_advertised,
}
