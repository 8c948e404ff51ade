"""What a run of the default study asks of its parts: counts, which no noise of a machine moves.

Seconds lie in benchmarks/. A count above its figure here is work that somebody added; where one has
become less, the figure is lowered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from lis1plan.configs.loader import load_study
from lis1plan.core.compute.place import Place
from lis1plan.core.compute.workers import workers_at
from lis1plan.core.risk.lanes import LocalLanes
from lis1plan.core.risk.oracle import Oracle
from lis1plan.core.risk.streams import lane_mb
from lis1plan.optimise import job
from lis1plan.optimise.search.value import Search
from lis1plan.optimise.solvers.highs import HeldProgram

pytestmark = pytest.mark.thorough
SCENARIOS = 256
MOST = {
    "samples drawn": 1,
    "judgements of all scenarios": 240,
    "judgements by one limit or more": 345,
    "slopes over all scenarios": 385,
    "passes over lanes": 960,
    "programs solved": 325,
    "of these in whole slots": 34,
    "MB kept to resume": 20,
    "bytes held of a scenario": 5528,
}


def test_a_run_of_the_default_study_asks_no_more_of_its_parts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    few = [f"sampling.scenarios={SCENARIOS}", "sampling.fresh_scenarios=1000"]
    study, found = load_study("norway-2019", few), Counter[str]()

    def counts(
        where: Any, name: str, what: str, which: Callable[..., int] = lambda *_, **__: 1
    ) -> None:
        function = getattr(where, name)

        def counted(*asked: Any, **named: Any) -> Any:
            found[what] += which(*asked, **named)
            return function(*asked, **named)

        monkeypatch.setattr(where, name, counted)

    def of_all(oracle: Oracle, *_: Any) -> int:
        return oracle.scenarios == SCENARIOS

    def each_of_all(oracle: Oracle, _: Any, limits: Sequence[int], *__: Any) -> int:
        return len(limits) if of_all(oracle) else 0

    def whole(*_: Any, whole: bool, **__: Any) -> int:
        return whole

    counts(job, "prepare", "samples drawn")
    counts(Oracle, "shortfall", "judgements of all scenarios", of_all)
    counts(Oracle, "shortfall_by", "judgements by one limit or more", of_all)
    counts(Oracle, "bounds_by", "slopes over all scenarios", each_of_all)
    counts(LocalLanes, "fill", "passes over lanes")
    counts(HeldProgram, "solve", "programs solved")
    counts(Search, "answer", "of these in whole slots", whole)
    with workers_at(Place(2, checkpoint=tmp_path)) as workers:
        job.run_study(study, workers)
    found["MB kept to resume"] = sum(each.stat().st_size for each in tmp_path.iterdir()) // 10**6
    found["bytes held of a scenario"] = round(1e6 * lane_mb(study))
    assert found.keys() == MOST.keys()
    assert {what: n for what, n in found.items() if n > MOST[what]} == {}
