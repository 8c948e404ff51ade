"""Of a replication that has its answer the run keeps that alone: disk does not grow with seeds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lis1plan.core.compute.checkpoint import Checkpoint
from lis1plan.core.compute.workers import Workers
from lis1plan.core.study.study import Study
from lis1plan.optimise.analysis import replication
from lis1plan.optimise.analysis.replication import Replications, replicate
from lis1plan.optimise.search.solve import find_plan
from lis1plan.optimise.solvers.clock import Clock

from ...helpers.small_study import changed, small_study

SEEDS = 3


def study_of() -> Study:
    study = small_study(2, regions=2, scenarios=40, slack=0.1)
    limits = {f"risk.{name}.limit": 0.5 for name in study.risk}
    return changed(study, {"sampling.fresh_scenarios": 60, **limits})


def kept_in(folder: Path) -> Workers:
    return Workers(1, checkpoint=Checkpoint(folder, 0.0))


def same(one: Replications, other: Replications) -> bool:
    rows = zip(one.solutions, other.solutions, strict=True)
    pairs = [pair for mine, theirs in rows for pair in zip(mine, theirs, strict=True)]
    return np.array_equal(one.fresh, other.fresh, equal_nan=True) and all(
        a.cost == b.cost and (a.slots == b.slots).all() and a.lower_bound == b.lower_bound
        for a, b in pairs
    )


def test_a_replication_that_has_its_answer_leaves_nothing_else(tmp_path: Path) -> None:
    workers = kept_in(tmp_path)
    found = replicate(study_of(), SEEDS, workers, Clock(60.0))
    workers.close()
    names = [path.stem.split("-")[0] for path in tmp_path.iterdir()]
    assert names.count("replication") == 2 * SEEDS
    others = sorted(name for name in names if name != "replication")
    assert len(others) == len(set(others))  # the blocks of the fresh scenarios, once
    assert same(found, replicate(study_of(), SEEDS, Workers(1), Clock(60.0)))


def test_it_goes_on_from_the_answers_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted within the fourth search, it solves those that are left, to the same bits."""
    whole, searches = replicate(study_of(), SEEDS, Workers(1), Clock(60.0)), list[int]()

    def interrupted(search: Any) -> Any:
        searches.append(1)
        if len(searches) == SEEDS + 1:
            raise KeyboardInterrupt
        return find_plan(search)

    monkeypatch.setattr(replication, "find_plan", interrupted)
    workers = kept_in(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        replicate(study_of(), SEEDS, workers, Clock(60.0))
    workers.close()
    workers = kept_in(tmp_path)
    assert same(whole, replicate(study_of(), SEEDS, workers, Clock(60.0)))
    workers.close()
    assert len(searches) == 2 * SEEDS + 1


def test_a_search_that_the_clock_ended_is_no_answer_to_keep(tmp_path: Path) -> None:
    workers = kept_in(tmp_path)
    replicate(study_of(), SEEDS, workers, Clock(0.0))
    workers.close()
    assert not list(tmp_path.glob("replication-*"))
