"""What even the lowest plan breaks is told before any work: all that no plan mends, no more."""

from __future__ import annotations

import random
import re
from functools import cache
from typing import Any

import numpy as np
import pytest

from lis1plan.core.compute.workers import Workers
from lis1plan.core.flow.trainees import trainee_stock
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.posts import levels
from lis1plan.core.system.supervision import need
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.infeasible.relaxations import least_relaxation, relaxed
from lis1plan.optimise.master.build import build_master, minimise_cost
from lis1plan.optimise.search.attainable import ceiling
from lis1plan.optimise.search.solve import find_plan
from lis1plan.optimise.solvers.clock import Clock
from lis1plan.optimise.system.feasible import overfull

from ...helpers import limited_study as limited
from ...helpers.searching import searching, solve
from ...helpers.small_study import between, changed, fixed, small_study


def ever_fewer(study: Study) -> Study:
    """The study with so many in LIS2/3, and for so long, that there are fewer every year."""
    many = fixed(3.0 * study.training.trainees_at_start.value)
    long = {"mean_years": between(4.0, 5.0), "longest_years": fixed(8.0)}
    changes = {f"training.{key}": value for key, value in long.items()}
    return changed(study, changes | {"training.trainees_at_start": many})


@cache
def hard_pressed(seed: int) -> Study:
    """Places that today's posts fill or overfill, at times with posts that may close, or a limit
    on LIS2/3 about as high as their number is without new slots."""
    choose = random.Random(seed)
    study = changed(
        small_study(choose.randint(0, 999), regions=2, scenarios=1, slack=0.3),
        {"ramp.lead_time_years": {"nord": fixed(choose.randint(0, 6))}},
    )
    study = choose.choice([study, ever_fewer(study)])
    used = need(study, levels(study, np.zeros((2, 5))))
    limits, regions = list(study.capacity), list(study.regions)
    rows = {
        (limits[c], regions[r], study.years[y]): used[c, r, y] * choose.uniform(0.96, 1.1)
        for c, r, y in zip(choose.choices(range(3), k=3), (0, 1, 1), (2, 3, 9), strict=True)
    }
    changes: dict[str, Any] = {"limits.capacity": limited.places(rows)}
    if seed % 2:
        most = {region: choose.randint(1, 9) for region in choose.sample(regions, 1)}
        changes["limits.closing"] = limited.closing(most)
        changes["limits.least_share"] = {"midt": fixed(0.3)}
    else:
        stock = trainee_stock(study)[0].sum(axis=1)[2:]
        most = choose.choice([stock.max(), np.sort(stock)[-2]])
        changes["limits.trainees"] = limited.trainees(tuple(regions), most + 1e-3)
    return changed(study, changes)


@pytest.mark.parametrize("seed", range(16))
def test_overfull_is_what_no_plan_can_mend_and_nothing_else(seed: int) -> None:
    study = hard_pressed(seed)
    model = build_master(system_of(study))
    minimise_cost(model, system_of(study))
    said, found = overfull(system_of(study)), solve(model, 1e-9, 30.0)
    assert found.status == ("infeasible" if said else "optimal"), said
    assert said or system_of(study).keeps_limits(np.round(found.slots))


def test_overfull_names_year_and_limit() -> None:
    said = {line for seed in range(16) for line in overfull(system_of(hard_pressed(seed)))}
    more = "doctors in LIS2/3 more than limits.trainees.all allows, from the posts there are"
    for words in (
        r"^Midt 2021: .* lacks \d+ .* for the posts there are$",
        r"^Midt 2021: .* lacks \d+ .* for the posts left when all is closed that may be$",
        rf"^LIS2/3 2020: \d+ {more}$",
    ):
        assert any(re.match(words, line) for line in said), (words, said)


def test_limit_passed_before_any_slot_counts_has_no_plan_until_it_gives_way() -> None:
    """More doctors in LIS2/3 at the end of the first decision year than ever again."""
    study = ever_fewer(small_study(1, regions=2, scenarios=1))
    stock = trainee_stock(study)[0].sum(axis=1)[2:]
    assert stock[0] > stock[1:].max() + 30.0
    most = {"limits.trainees": limited.trainees(("nord", "midt"), stock[0] - 5.0)}
    study = changed(study, most)
    pool = CutPool(prepare(study, sample_of(study), Workers(1)))
    limits = ceiling(pool)
    assert find_plan(searching(pool, study, limits, Clock(60.0))).status == "infeasible"
    search = searching(pool, study, limits, Clock(60.0))
    way = least_relaxation(search, [search.system.limit("trainees.all")])
    assert way.status == "enough"
    assert way.reliefs[0].amounts[0] == way.reliefs[0].amounts.max() == pytest.approx(5.0)
    assert find_plan(relaxed(search, way)).status == "optimal"
