"""Published calculations of growth and stocks of doctors and specialists (rows G)."""

from __future__ import annotations

import numpy as np

from .row import PER_CENT, Floats, Formula, Inputs, change, flat, margins


def _sectors(given: Inputs) -> Floats:
    """Return FTE [municipal, hospital, both; year]."""
    both = given["municipal"] + given["hospital"]
    return np.stack([given["municipal"], given["hospital"], both])


def fte_of_both(given: Inputs) -> list[float]:
    """Municipal + hospital FTE by year."""
    return flat(_sectors(given)[-1])


def fte_changes(given: Inputs) -> list[float]:
    """Differences of successive years by sector."""
    return flat(change(_sectors(given)))


def fte_changes_in_per_cent(given: Inputs) -> list[float]:
    """Change / level of the year before; the first level before is the first less its change."""
    first = {name: given[f"{name}_change_2013"] for name in ("municipal", "hospital")}
    before = {name: given[name][:1] - first[name] for name in first}
    levels = _sectors({name: np.append(before[name], given[name]) for name in first})
    return flat(PER_CENT * change(levels) / levels[:, :-1])


def fte_growth(given: Inputs) -> list[float]:
    """Last less first level, and in per cent of the first, hospitals before municipalities."""
    sectors = (given["hospital"], given["municipal"])
    rises = [(last - first, PER_CENT * (last - first) / first) for first, last in sectors]
    return flat(rises)


def doctors(given: Inputs) -> list[float]:
    """Without + with a speciality by year."""
    return flat(given["without_speciality"] + given["with_speciality"])


def share_outside(given: Inputs) -> list[float]:
    """Outside / all, per cent."""
    return flat(PER_CENT * given["outside"] / given["doctors"])


def by_year_and_kind(given: Inputs) -> list[float]:
    """Sums by year; sums by kind and of all; their means."""
    return flat(*margins(np.stack(list(given.values()))))


def new_specialists(given: Inputs) -> list[float]:
    """Sums and means as above; share by Norwegian rules, by year and of all."""
    rules = given["norwegian_rules"]
    years, sums, means = margins(np.stack([rules, given["converted"]]))
    return flat(years, sums, means, PER_CENT * rules / years, PER_CENT * sums[0] / sums[-1])


def approvals(given: Inputs) -> list[float]:
    """Sums and means as above; share converted of all."""
    years, sums, means = margins(np.stack([given["norwegian_rules"], given["converted"]]))
    return flat(years, sums, means, PER_CENT * sums[1] / sums[-1])


def doctors_by_age(given: Inputs) -> list[float]:
    """Sums by speciality, of all, and by age band."""
    table = np.stack([given["without_speciality"], given["with_speciality"]])
    return flat(table.sum(axis=1), table.sum(), table.sum(axis=0))


def older_doctors(given: Inputs) -> list[float]:
    """General practitioners + hospital doctors by age."""
    return flat(given["general_practice"] + given["hospital"])


def retirements(given: Inputs) -> list[float]:
    """All older doctors / years."""
    return flat(given["doctors"].sum() / given["years"])


def fte_per_inhabitant(given: Inputs) -> list[float]:
    """Hospital FTE / the population that municipal FTE and their rate imply."""
    return flat(given["hospital"] * given["municipal_rate"] / given["municipal"])


def shares_of_new_specialists(given: Inputs) -> list[float]:
    """Converted of persons and approvals, Norwegian rules of approvals, by year and of all."""
    shares = []
    for kind in ("persons", "approvals"):
        rules, converted = given[f"{kind}_norwegian_rules"], given[f"{kind}_converted"]
        sums = [np.append(part, part.sum()) for part in (rules, converted)]
        shares.append(PER_CENT * sums[1] / (sums[0] + sums[1]))
    return flat(*shares, PER_CENT - shares[-1])


def fewer_converted(given: Inputs) -> list[float]:
    """Before less after."""
    return flat(given["before"] - given["after"])


FORMULAS: dict[str, Formula] = {
    "G1": fte_of_both,
    "G2": fte_changes,
    "G3": fte_changes_in_per_cent,
    "G4": fte_growth,
    "G5": doctors,
    "G6": share_outside,
    "G7": by_year_and_kind,
    "G8": new_specialists,
    "G9": approvals,
    "G10": by_year_and_kind,
    "G11": by_year_and_kind,
    "G12": doctors_by_age,
    "G13": older_doctors,
    "G14": retirements,
    "G15": fte_per_inhabitant,
    "G16": shares_of_new_specialists,
    "G17": fewer_converted,
}
