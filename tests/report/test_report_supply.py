"""Supply against demand: a region and a specialty group to choose, each with its own quantiles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from lis1plan.core.compute.workers import Workers
from lis1plan.core.files.labels import QUANTILES, labelled
from lis1plan.core.files.store import open_result
from lis1plan.core.files.summary import summarise
from lis1plan.core.flow.projection import Request, project_plans
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.system.posts import levels
from lis1plan.report.blocks import Figure, walked
from lis1plan.report.reading import Reading
from lis1plan.report.sections.parts.frames import places
from lis1plan.report.sections.supply import by_place
from lis1plan.report.texts.words import LANGUAGES, Words

from ..helpers.small_study import random_slots, small_study


@pytest.fixture(scope="module")
def result(small_result: Path) -> xr.Dataset:
    return open_result(small_result)


def test_quantiles_by_group_and_region_are_those_of_the_scenarios() -> None:
    study = small_study(4, regions=3, groups=2, scenarios=50)
    slots = random_slots(study, 1)
    plans = {"plan": levels(study, slots), "none": levels(study, 0 * slots)}
    projection = project_plans(Request(study, sample_of(study), plans), Workers(1))
    found = labelled(study, summarise(projection), list(plans))
    for name, values in (("supply", projection.supply[0]), ("demand", projection.demand)):
        wanted = np.quantile(values.astype(float), QUANTILES, axis=0)  # [quantile, time, ...]
        assert np.allclose(found[f"{name}_group_quantile"], wanted.swapaxes(0, 1))
    medians = [np.median(supply.astype(float), axis=0) for supply in projection.supply]
    assert np.allclose(found["supply_group_median"], np.stack(medians, axis=1))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_real_report_has_a_chart_for_every_region_and_group(
    language: str, result: xr.Dataset
) -> None:
    reading, words = Reading(result), Words(language)
    blocks = walked(by_place(reading, words))
    (figure,) = (each for each in blocks if isinstance(each, Figure) and each.selectors)
    here, groups = places(reading, words), len(reading.ids("specialty"))
    assert [len(each.options) for each in figure.selectors] == [len(here), groups + 1]
    assert len(figure.stops) == len(here) * (groups + 1)
    rows = figure.panels[0].spec["datasets"]["rows"]
    for g in range(groups + 1):
        for p, (prefix, where, _) in enumerate(here):
            of_group = {"specialty": g - 1} if g else {}
            part = "_group" if g else ""
            demand = reading.values(f"{prefix}demand{part}_quantile", **of_group, **where)
            drawn = [row for row in rows if row["stop"] == g * len(here) + p]
            band = np.array([[row[f"q0{q}"] for q in range(4)] for row in drawn])
            assert np.allclose(band, demand[:, reading.band], rtol=1e-3)
            assert (np.diff(band, axis=1) > 0).any()  # a band, not a line
            if g and not prefix:
                for line, plan in (("v1", 0), ("v2", reading.none)):
                    shown = [row[line] for row in drawn]
                    medians = reading.values("supply_group_median", plan=plan, **of_group, **where)
                    assert np.allclose(shown, medians, rtol=1e-3)
