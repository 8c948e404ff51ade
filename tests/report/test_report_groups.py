"""What groups lack: no group fills the places of another, in the file as in the report."""

from __future__ import annotations

import numpy as np
import pytest

from lis1plan.core.compute.workers import Workers
from lis1plan.core.files.summary import summarise
from lis1plan.core.flow.projection import Projection, Request, project_plans
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.system.posts import levels
from lis1plan.report.blocks import Details, Paragraph, Table
from lis1plan.report.reading import Reading
from lis1plan.report.sections.supply import by_place
from lis1plan.report.texts.words import LANGUAGES, Words

from ..helpers.small_study import random_slots, small_study
from ..helpers.synthetic_result import synthetic_result


def uneven(surplus: float) -> Projection:
    """Every scenario, with so much more supply in the first group and as much less in the second.

    Together they have what they had.
    """
    study = small_study(4, regions=2, groups=2, scenarios=30)
    slots = random_slots(study, 1)
    plans = {"plan": levels(study, slots), "none": levels(study, 0 * slots)}
    projection = project_plans(Request(study, sample_of(study), plans), Workers(1))
    moved = projection.supply.copy()
    moved[..., 0, 0] += np.float32(surplus)
    moved[..., 1, 0] -= np.float32(surplus)
    return projection._replace(supply=moved)


def test_a_surplus_of_one_group_pays_for_no_other() -> None:
    even, found = (summarise(uneven(surplus)) for surplus in (0.0, 1000.0))
    name = "national_missing_group_mean"
    assert found["national_missing_mean"] == pytest.approx(even["national_missing_mean"], abs=0.01)
    assert (found[name][..., 0] == 0.0).all()
    assert (found[name].sum(axis=-1) > found["national_missing_mean"] + 500.0).all()


def test_what_groups_lack_is_that_of_the_scenarios() -> None:
    projection = uneven(20.0)
    found = summarise(projection)
    gap = (projection.demand[None].astype(float) - projection.supply).sum(axis=-1)
    lack = np.maximum(gap, 0.0).mean(axis=1).transpose(1, 0, 2)
    assert np.allclose(found["national_missing_group_mean"], lack, rtol=1e-9)
    pooled = np.maximum(gap.sum(axis=-1), 0.0).mean(axis=1).T
    assert np.allclose(found["national_missing_mean"], pooled, rtol=1e-9)
    chance = (gap > 0).mean(axis=1).transpose(1, 0, 2)
    assert np.allclose(found["national_shortage_group_probability"], chance)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_adds_what_groups_lack_and_says_what_pooling_hides(language: str) -> None:
    reading, words = Reading(synthetic_result()), Words(language)
    blocks = by_place(reading, words)
    t = reading.year(reading.study.time.window[1])
    apart = reading.values("national_missing_group_mean", plan=0)[t]
    pooled = reading.values("national_missing_mean", plan=0)[t]
    (said,) = (
        each.text
        for each in blocks
        if isinstance(each, Paragraph) and words.number(float(apart.sum())) in each.text
    )
    for count in (*apart.tolist(), float(pooled)):
        assert words.number(count) in said
    (folded,) = (
        each
        for each in blocks
        if isinstance(each, Details) and each.summary == words("groups.summary")
    )
    (table,) = folded.blocks
    assert isinstance(table, Table)
    names = [words.name(name) for name in reading.names("specialty")]
    assert len(table.rows) == len(reading.selected_years) * (len(names) + 2)
    cells = {(row[0], row[1]): row for row in table.rows}
    year = str(reading.study.time.window[1])
    missing = [cells[name, year][4] for name in names]
    assert missing == [words.number(count) for count in apart.tolist()]
    assert cells[words("groups.apart"), year][4] == words.number(float(apart.sum()))
    assert cells[words("groups.pooled"), year][4] == words.number(float(pooled))


def test_one_group_alone_needs_no_such_table() -> None:
    reading, words = Reading(synthetic_result()), Words("en")
    alone = Reading(reading.data.isel(specialty=[0]))
    folded = [each.summary for each in by_place(alone, words) if isinstance(each, Details)]
    assert words("groups.summary") not in folded
    assert words("supply.summary") in folded
