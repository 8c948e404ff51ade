"""Demand as a product of named factors: each by itself, each drawn by its name; off, no trace."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from lis1plan.core.flow.demand import build_demand, build_doctors_demand
from lis1plan.core.scenarios.draws import Draws, draw, sample_of
from lis1plan.core.scenarios.factors import factors, label, unit_of
from lis1plan.core.study.study import Study

from ...helpers.small_study import between, changed, fixed, small_study

Floats = NDArray[np.float64]
COUNT = 40
DEMOGRAPHY = {"name": "Demography", "growth_per_year": between(0.005, 0.015)}
EPIDEMIOLOGY = {"name": "Epidemiology", "growth_per_year": fixed(0.004), "grows_until": 2020}
SUBSTITUTION = {
    "name": "Substitution",
    "growth_per_year": between(-0.02, 0.0),
    "groups": ("hospital",),
}
UNMET = {"name": "Unmet need", "level": between(1.0, 1.1)}
ALL = {
    "demography": DEMOGRAPHY,
    "epidemiology": EPIDEMIOLOGY,
    "substitution": SUBSTITUTION,
    "unmet": UNMET,
}


def small(**named: dict[str, Any]) -> Study:
    return changed(small_study(4, groups=2, regions=2), {"demand.factor": named})


def drawn(study: Study) -> Draws:
    return draw(study, sample_of(study), 0, COUNT)


def test_demand_is_the_product_of_its_factors() -> None:
    """By hand, by year and group, for specialists and for all doctors; 2018 is the first year."""
    study, without = small(**ALL), small()
    assert study.time.first_year == 2018
    draws = drawn(study)
    get = draws.figures.__getitem__
    years = np.arange(1.0, len(study.years) + 1.0)
    by_hand = (1.0 + get("demand.factor.demography.growth_per_year"))[:, None] ** years
    by_hand = by_hand * 1.004 ** np.minimum(years, 3.0)
    by_hand = by_hand * get("demand.factor.unmet.level")[:, None]
    hospital = (1.0 + get("demand.factor.substitution.growth_per_year"))[:, None] ** years
    groups = [hospital if group == "hospital" else 1.0 for group in study.groups]
    product = np.stack([by_hand * group for group in groups], axis=2)[..., None]
    for build in (build_demand, build_doctors_demand):
        plain = build(without, drawn(without))
        assert build(study, draws) == pytest.approx(plain * product, rel=1e-12)


def test_each_is_drawn_by_its_name_and_moves_nothing_else() -> None:
    one, both, none = small(unmet=UNMET), small(**ALL), small()
    draws = [drawn(study).figures for study in (one, both, none)]
    assert set(draws[1]) - set(draws[2]) == {
        "demand.factor.demography.growth_per_year",
        "demand.factor.substitution.growth_per_year",
        "demand.factor.unmet.level",
    }
    for key, values in draws[2].items():
        assert np.array_equal(values, draws[1][key]), key
    assert np.array_equal(
        draws[0]["demand.factor.unmet.level"], draws[1]["demand.factor.unmet.level"]
    )
    apart = [draws[1][key] for key in sorted(set(draws[1]) - set(draws[2]))]
    together = np.corrcoef([np.argsort(np.argsort(each)) for each in apart])
    assert np.abs(together - np.eye(3)).max() < 0.6


def test_the_sensitivity_analysis_sees_each_as_a_factor_of_its_own() -> None:
    study = small(**ALL)
    found = {factor.key: factor.columns for factor in factors(study)}
    keys = [key for key in found if key.startswith("demand.factor.")]
    assert [label(study, key) for key in keys] == [
        "Yearly growth of a factor on demand (Demography)",
        "Yearly growth of a factor on demand (Substitution)",
        "Factor on demand (Unmet need)",
    ]
    assert all(len(found[key]) == 1 for key in keys)
    assert unit_of(keys[0]) == "relative change a year"


def test_two_that_undo_each_other_change_nothing() -> None:
    up, down = {"name": "Up", "level": fixed(1.25)}, {"name": "Down", "level": fixed(0.8)}
    study, without = small(up=up, down=down), small()
    plain = build_demand(without, drawn(without))
    assert build_demand(study, drawn(study)) == pytest.approx(plain, rel=1e-12)


def test_off_it_leaves_no_trace() -> None:
    study = small_study(4, groups=2)
    assert '"factor":{}' not in study.canonical_text
    assert small(unmet=UNMET).canonical_text.count('"Unmet need"') == 1
    assert not [key for key in study.quantities if key.startswith("demand.factor")]


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (UNMET | {"groups": ("nurses",)}, r"groups: unknown label 'nurses'; known: general_prac"),
        (UNMET | {"groups": ("hospital", "hospital")}, r"'hospital' stands there twice"),
        (UNMET | {"name": "Demography"}, r"name: 'Demography' is the name of demand\.factor\.demo"),
        (UNMET | {"grows_until": 2020}, r"grows_until: 2020; it has no growth_per_year"),
        (DEMOGRAPHY | {"name": "x", "grows_until": 2017}, r"2017; must be 2018, the first proj"),
        ({"name": "x"}, r"give level, growth_per_year or both"),
        (UNMET | {"level": fixed(0.0)}, r"demand\.factor\.other\.level: can be 0; must be above"),
        (UNMET | {"growth_per_year": fixed(-1.0)}, r"is -1; must lie between -1 and 1"),
    ],
)
def test_what_makes_no_sense_is_refused(factor: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        small(demography=DEMOGRAPHY, other=factor)
