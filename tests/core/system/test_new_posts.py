"""LIS2/3 posts as a decision: rows after the regions, their prices and their limits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lis1plan.configs.plan_file import read_plan
from lis1plan.core.errors import InputError
from lis1plan.core.flow.rates import training_posts
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.costs import plan_cost, yearly_cost
from lis1plan.core.system.limit import Taken
from lis1plan.core.system.posts import levels, no_slots
from lis1plan.core.verify.arithmetic import costs_of
from lis1plan.optimise.cuts.certificate import highest_levels, lowest_levels

from ...helpers.decided_posts import decided_study
from ...helpers.limited_study import budget
from ...helpers.small_study import WHY, changed, fixed, random_slots, small_study


def plan_of(study: Study, seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Some slots and some posts, [row, decision year]."""
    plan = no_slots(study)
    plan[: len(study.regions)] = random_slots(study, seed)
    posts = plan[len(study.regions) :]
    posts[:] = np.random.default_rng(seed).integers(0, 4, posts.shape)
    return plan


def test_rows_are_regions_and_then_groups_by_region() -> None:
    study = decided_study(1, regions=2, groups=2)
    system = system_of(study)
    assert system.most_slots.shape == (6, len(study.decision_years))
    stated = training_posts(study)
    assert system.given_levels[2:] == pytest.approx(stated.reshape(4, -1))
    plan = no_slots(study)
    plan[2 + 1 * 2 + 0, 0] = 3.0  # the second group in the first region
    more = levels(study, plan)[2:].reshape(stated.shape) - stated
    assert more[1, 0, study.first :] == pytest.approx(3.0)
    assert np.abs(more).sum() == pytest.approx(3.0 * len(study.years[study.first :]))


@pytest.mark.parametrize("seed", range(4))
def test_cost_is_that_of_slots_and_posts_item_by_item(seed: int) -> None:
    study = decided_study(seed, regions=1 + seed % 3, groups=1 + seed % 2)
    plan = plan_of(study, seed)
    by_payer, report, discounted = costs_of(study, plan)  # a plain loop over items and years
    assert plan_cost(study, plan) == pytest.approx(discounted, rel=1e-12)
    gross, total = yearly_cost(study, levels(study, plan))
    years = len(study.years)
    assert total[:years] == pytest.approx(report, rel=1e-12)
    assert gross[:, :years] == pytest.approx(np.stack(list(by_payer.values())), rel=1e-12)
    lis1 = small_study(seed, regions=1 + seed % 3, groups=1 + seed % 2)
    only, regions = plan.copy(), len(study.regions)
    only[regions:] = 0.0
    assert plan_cost(study, only) == plan_cost(lis1, only[:regions])


def test_a_post_more_costs_what_it_costs() -> None:
    study = decided_study(2)
    system, plan = system_of(study), plan_of(decided_study(2), 3)
    more = system.prices.one_more(plan)
    for row, y in ((2, 0), (3, 4), (5, 2)):
        trial = plan.copy()
        trial[row, y] += 1.0
        assert more[row, y] == pytest.approx(plan_cost(study, trial) - plan_cost(study, plan))


def test_limits_of_posts_are_kept_or_not() -> None:
    limits = {"national": fixed(7.0), "total": fixed(9.0), "lead_time": fixed(1)}
    study = decided_study(1, **limits)
    system, plan = system_of(study), no_slots(decided_study(1))
    posts = plan[2:]
    posts[0, 1] = 4.0
    posts[1, 1], posts[2, 2] = 3.0, 2.0
    assert system.keeps_limits(plan)
    for row, y, broken in (
        (0, 0, "specialist_ramp.general_practice.nord"),  # in the lead time
        (0, 1, "specialist_ramp.general_practice.nord"),  # a fifth one
        (3, 1, "specialist_national"),  # an eighth in the country
        (3, 3, "specialist_total"),  # a tenth in all
    ):
        trial = plan.copy()
        trial[2 + row, y] += 1.0
        found = [each.identifier for each in system.limits if not each.keeps(trial).all()]
        assert broken.split(".")[0] in {name.split(".")[0] for name in found}, found


def test_what_gives_way_is_written_into_the_study() -> None:
    study = decided_study(1, national=fixed(7.0), total=fixed(9.0))
    system = system_of(study)
    plan = no_slots(study)
    plan[2:, 0] = 6.0
    for limit in system.limits:
        if limit.kind.startswith("specialist"):
            data = study.model_dump()
            over = limit.excess(plan)
            assert over.max() > 0.0
            limit.relax(data, Taken(over, plan))
            lax = system_of(Study.model_validate(data))
            assert lax.limit(limit.identifier).keeps(plan).all(), limit.identifier
            others = [each for each in system.limits if each != limit]
            same = [lax.limit(each.identifier).room for each in others]
            assert all(np.array_equal(a.room, b) for a, b in zip(others, same, strict=True))


def test_levels_lie_between_the_lowest_and_the_highest() -> None:
    study = decided_study(1)
    system = system_of(study)
    plan = no_slots(study)
    plan[2:] = system.most_slots[2:]
    level, low, high = levels(study, plan), lowest_levels(system), highest_levels(system)
    assert (low[2:] == system.given_levels[2:]).all()
    assert (level[2:] == high[2:]).all()


def test_a_budget_counts_posts() -> None:
    study = decided_study(1)
    plan = no_slots(study)
    plan[2, 0] = 2.0
    paid = yearly_cost(study, levels(study, plan))[1][study.first]
    year = study.decision_years[0]
    for nok, kept in ((paid * 1.01, True), (paid * 0.99, False)):
        limited = changed(study, {"limits.budget": budget({year: float(nok)})})
        assert system_of(limited).keeps_limits(plan) == kept


def test_a_plan_file_names_the_group_of_posts(tmp_path: Path) -> None:
    study = decided_study(1)
    year, file = study.decision_years[0], tmp_path / "plan.csv"
    file.write_text(f"year,group,region,slots\n{year},,midt,2\n{year},hospital,nord,3\n")
    plan = read_plan(file, study).slots
    groups, regions = list(study.groups), list(study.regions)
    row = len(regions) * (1 + groups.index("hospital")) + regions.index("nord")
    assert plan[regions.index("midt"), 0] == 2.0
    assert plan[row, 0] == 3.0
    assert plan.sum() == 5.0
    for cell, said in (("surgery", "allowed: "), ("hospital", "listed twice")):
        file.write_text(f"year,group,region,slots\n{year},hospital,nord,1\n{year},{cell},nord,3\n")
        with pytest.raises(InputError, match=said):
            read_plan(file, study)
    with pytest.raises(InputError, match="decides on none"):
        read_plan(file, small_study(1))


def test_fractions_of_posts_where_asked() -> None:
    whole, parts = decided_study(1), decided_study(1, whole=False)
    plan = no_slots(whole)
    plan[:2, 0], plan[2:, 0] = 1.4, 1.4
    assert not system_of(whole).is_whole(np.round(plan) + 0.4)
    assert system_of(parts).rounded(plan)[:, 0].tolist() == [1.0, 1.0, 1.4, 1.4, 1.4, 1.4]
    assert system_of(whole).rounded(plan)[:, 0].tolist() == [1.0] * 6
    assert system_of(parts).is_whole(system_of(parts).rounded(plan))


def test_most_of_a_region_stands_instead_of_that_of_each() -> None:
    rows = (
        {"group": "hospital", "region": "midt", "most": 1.0, "assumption": WHY},
        {"group": "hospital", "most": 5.0, "assumption": WHY},
    )
    system = system_of(decided_study(1, most=rows))
    regions, groups = list(system.regions), list(decided_study(1).groups)
    first = len(regions) * (1 + groups.index("hospital"))
    most = system.most_slots[:, 0]
    assert most[first + regions.index("midt")] == 1.0
    assert most[first + regions.index("nord")] == 5.0
    assert most[len(regions) :].sum() == 6.0  # none of the other group
