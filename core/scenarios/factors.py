"""Factors: what is uncertain in a study, one by one, with readable names; and what is judged."""

from __future__ import annotations

from typing import NamedTuple

from ..study.processes import ALTERNATIVE
from ..study.study import Study
from .draws import dimensions

NORMALISATION, NOISE, NEED = "demand.normalisation", "demand.noise", "demand.need."
AT_END = "end-of-window"  # no identifier of a risk limit can hold a hyphen

# key of a factor, * for an identifier of the study -> its name, {} for what the identifier names
NAMES = {
    "posts.unpublished_factor": "LIS1 posts really on offer where not published",
    "regions.*.retention": "Share who train on in the region of their LIS1 ({})",
    "groups.*.choice": "Share of LIS1 doctors who choose the field ({})",
    "applicants.*.net_per_year": "New applicants for LIS1 a year ({})",
    "applicants.*.propensity": "Chance of being appointed to LIS1 ({})",
    "applicants.*.process": "New applicants for LIS1, year by year ({})",
    "queue.leakage": "Share of applicants without a post who give up",
    "queue.fill_rate": "Share of LIS1 posts that can be filled",
    "lis1.leave": "Leave during LIS1",
    "lis1.drop_out": "Share who drop out of LIS1",
    "lis1.late_withdrawal.*": "Places left empty by late withdrawal ({})",
    "training.mean_years": "Mean duration of LIS2/3",
    "training.completion_share": "Share who complete LIS2/3, from now on",
    "training.completion_share_historic": "Share who complete LIS2/3, earlier entrants",
    "direct_entry.per_year_before": "Doctors entering LIS2/3 without LIS1 a year, before it closes",
    "direct_entry.per_year_after": "Doctors entering LIS2/3 without LIS1 a year, after it closes",
    "specialists.retirement_scale": "Level of retirement",
    "specialists.retirement_shift_years": "Years by which retirement is later",
    "specialists.other_exits_per_year": "Specialists leaving before retirement a year",
    "specialists.foreign_per_year": "Specialists arriving from abroad a year",
    "specialists.foreign_process": "Specialists arriving from abroad, year by year",
    "specialists.mobility_per_year": "Specialists who change region a year",
    ALTERNATIVE: "Which path the demand for doctors follows",
    "demand.growth_error": "Error of the path's growth",
    NOISE: "Growth of demand, year by year",
    "demand.specialist_share": "Share of demand that must be specialists",
    NORMALISATION: "Whether working hours are brought to normal",
    "demand.normalisation_per_year": "Doctors it takes a year to bring working hours to normal",
    "demand.unmet.*.missing": "Vacancies at the start ({})",
    "demand.need.*": "Which model of the training need holds ({})",
    "demand.need.*.replaced_per_year": "Doctors a year who only replace others ({})",
}


class Factor(NamedTuple):
    """One uncertain thing: its key and the places of its uniform numbers in `dimensions`."""

    key: str
    columns: tuple[int, ...]  # many where it is drawn year by year


def factors(study: Study) -> list[Factor]:
    """Return all that is uncertain, in the order of the scenarios' dimensions.

    The years of a process are one factor; models of a training need that is not used are none.
    """
    known = {key: n for n, key in enumerate(dimensions(study))}
    needs = [f"{NEED}{group}" for group, need in study.demand.need.items() if need.used]
    single = [*study.uncertain, ALTERNATIVE, NORMALISATION, *needs]
    yearly = [NOISE, *study.processes]
    return [Factor(key, (known[key],)) for key in single] + [
        Factor(key, tuple(known[f"{key}.{year}"] for year in study.years)) for key in yearly
    ]


def name_of(study: Study, key: str) -> tuple[str, list[str]]:
    """Return a factor's name, {} left in it, and what the identifiers in its key name."""
    parts = key.split(".")
    for pattern, name in NAMES.items():
        wanted = pattern.split(".")
        if len(wanted) == len(parts) and all(
            w in ("*", p) for w, p in zip(wanted, parts, strict=True)
        ):
            identifiers = [p for w, p in zip(wanted, parts, strict=True) if w == "*"]
            return name, [_named(study, parts, each) for each in identifiers]
    return key.replace(".", ", ").replace("_", " ").replace("{", "").replace("}", ""), []


def label(study: Study, key: str) -> str:
    """Return a factor's name in words."""
    name, names = name_of(study, key)
    return name.format(*names)


def outcomes(study: Study) -> dict[str, str]:
    """Return what is judged, identifier -> name: Z of every risk limit, the country at the end."""
    limits = {key: limit.name for key, limit in study.risk.items()}
    return limits | {AT_END: f"All regions together at the end of {study.time.window[1]}"}


def _named(study: Study, parts: list[str], identifier: str) -> str:
    """Return the name of a region, group or origin; a stage of LIS1 is named by itself."""
    names = {
        "regions": {key: each.name for key, each in study.regions.items()},
        "applicants": {key: each.name for key, each in study.applicants.items()},
    }
    groups = {key: each.name for key, each in study.groups.items()}
    return names.get(parts[0], groups).get(identifier, identifier)
