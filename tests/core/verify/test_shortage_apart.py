"""What verify recomputes from the ensemble of shortages that are not pooled: the naive figures."""

from __future__ import annotations

from itertools import product
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lis1plan.core.verify.recomputation import shortfall_of

from ...helpers import naive
from ...helpers.small_study import changed, one_limit, random_slots, small_study

SCOPES = ("pooled", "summed", "summed_over_groups", "summed_over_both")


@pytest.mark.parametrize("measure", ["relative", "absolute"])
def test_shortfall_from_the_ensemble_is_the_naive_one(measure: str) -> None:
    study = small_study(1, regions=3, groups=2)
    shape = (len(study.years), 5, 2, 3)
    supply, demand = np.random.default_rng(16).uniform(50.0, 100.0, (2, *shape))
    years = [study.years.index(year) for year in study.window_years]
    found: dict[str, Any] = {}
    for scope, statistic in product(SCOPES, ("mean", "max", "sum")):
        way = one_limit(["nord", "vest"], scope=scope, measure=measure, statistic=statistic)
        limit = changed(study, {"risk": {"some": way}}).risk["some"]
        evidence: Any = SimpleNamespace(study=study)
        z, _ = shortfall_of(evidence, limit, supply, demand, random_slots(study, 1))
        how: Any = scope, measure, statistic
        wanted = [
            naive.shortfall(supply[:, i].tolist(), demand[:, i].tolist(), (0, 2), years, *how)
            for i in range(shape[1])
        ]
        assert z == pytest.approx(wanted, rel=1e-12)
        found[scope] = z.tolist()
    assert len({str(z) for z in found.values()}) == len(SCOPES)
