"""The arithmetic of checks agrees with what results are made with, and shares nothing with it."""

from __future__ import annotations

import ast
import inspect
from typing import Any

import numpy as np
import pytest
import xarray as xr

from lis1plan.configs.loader import load_study
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.costs import plan_cost, yearly_cost
from lis1plan.core.system.posts import levels
from lis1plan.core.system.supervision import capacity, need
from lis1plan.core.verify import arithmetic
from lis1plan.core.verify.arithmetic import capacity_of, costs_of, need_of
from lis1plan.core.verify.evidence import Evidence
from lis1plan.core.verify.limits import broken_limits

from ...helpers.small_study import WHY, changed, fixed, random_slots, small_study

FIRST, LAST = 2020, 2030


def evidence_of(study: Study) -> Evidence:
    """What a file says that holds this study and nothing else."""
    return Evidence(xr.Dataset(attrs={"study_json": study.canonical_text}))


def closing(study: Study) -> dict[str, Any]:
    return {
        "limits.closing": {
            "most_per_year": {name: fixed(3.0) for name in study.regions},
            "saved_share": fixed(0.6),
        }
    }


def studies() -> list[Study]:
    """Rising history, shorter stays, other months, growing prices, closing, rooms by year."""
    plain = small_study(1)
    rows = [
        {"year": y, "region": r, "posts": 10 * (y - 2017), "published": True, "assumption": WHY}
        for y in (2018, 2019)
        for r in plain.regions
    ]
    limit = next(iter(plain.capacity))
    room = {"limit": limit, "region": "nord", "year": 2024, "capacity": 7.0, "assumption": WHY}
    return [
        plain,
        changed(small_study(2), {"posts.history": tuple(rows)}),
        changed(
            small_study(3),
            {
                "posts.stages": ("hospital", "municipality", "municipality"),
                "cost.stay_months": {"hospital": 6, "municipality": 12},
            },
        ),
        changed(small_study(4), {"cost.real_growth": fixed(0.02), "cost.basis": "gross"}),
        changed(plain, closing(plain)),
        changed(plain, {"limits.capacity": (room,)}),
        *(load_study(name) for name in ("tutorial", "norway-2019", "norway-2027")),
    ]


@pytest.mark.parametrize("number", range(9))
def test_need_room_and_cost_agree(number: int) -> None:
    study = studies()[number]
    slots = random_slots(study, number)
    if study.limits.closing is not None:
        slots -= random_slots(study, number + 1)
    level, years = levels(study, slots), len(study.years)
    np.testing.assert_allclose(need_of(study, level), need(study, level), rtol=1e-12)
    np.testing.assert_allclose(capacity_of(study), capacity(study), rtol=1e-12)
    by_payer, report, discounted = costs_of(study, slots)
    gross, as_report = yearly_cost(study, level)
    np.testing.assert_allclose(np.stack(list(by_payer.values())), gross[:, :years], rtol=1e-9)
    np.testing.assert_allclose(report, as_report[:years], rtol=1e-9)
    assert discounted == pytest.approx(plan_cost(study, slots), rel=1e-9)


def test_arithmetic_asks_nothing_of_what_it_checks() -> None:
    tree = ast.parse(inspect.getsource(arithmetic))
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert not [each for each in modules if each.startswith(("system", "flow", "risk", "files"))]


@pytest.mark.parametrize("seed", range(40))
def test_a_plan_breaks_what_the_system_says_it_breaks(seed: int) -> None:
    study = small_study(seed % 8, regions=3, slack=0.1)
    if seed % 2:
        study = changed(study, closing(study))
    slots = 2.0 * random_slots(study, seed) - (seed % 3) * random_slots(study, seed + 100)
    system = system_of(study)
    assert bool(list(broken_limits(evidence_of(study), slots))) != system.keeps_limits(slots)


def test_every_limit_that_a_plan_breaks_is_named() -> None:
    """Not the first alone."""
    base = small_study(1, regions=2, slack=0.05)
    payer = base.cost.components[0].payer
    budget = tuple(
        {"payer": payer, "year": y, "nok": 1.0, "assumption": WHY} for y in range(FIRST, LAST + 1)
    )
    places = {"name": "LIS2/3", "regions": ("nord", "midt"), "most": 1.0, "assumption": WHY}
    study = changed(
        base,
        {
            "limits.budget": budget,
            "limits.least_share": {"midt": fixed(0.4)},
            "limits.intake_change": {"nord": fixed(3)},
            "limits.trainees": {"all": places},
            "ramp.lead_time_years": {"midt": fixed(2.0)},
        },
    )
    slots = np.zeros((2, len(study.decision_years)))
    slots[0], slots[1, 0] = 500.0, 1.0
    told = list(broken_limits(evidence_of(study), slots))
    for said in (
        "needs more supervision or places than there are: ",
        "beyond the regional ramp, Nord, 2020-2024",
        "beyond the regional ramp, Midt, 2020",
        "beyond the national ramp, 2020-2024",
        f"{payer} pays ",
        "Midt has less than its share",
        "beyond the change of intake allowed, Nord, 2021-2024",
        "LIS2/3: ",
    ):
        assert [line for line in told if line.startswith(said)], (said, told)
    capacities = {(name, "Nord") for name in (c.name for c in study.capacity.values())}
    for name, region in capacities:
        assert [line for line in told if f"{name}, {region}, " in line]
