"""Cost in prices of a later year: beside the price year's, where the study has them alone."""

from __future__ import annotations

import pytest

from lis1plan.report.blocks import Paragraph, Table
from lis1plan.report.reading import Reading
from lis1plan.report.sections.cost import cost
from lis1plan.report.texts.words import LANGUAGES, Words

from ..helpers.small_study import changed, fixed
from ..helpers.synthetic_result import synthetic_result, synthetic_study


@pytest.mark.parametrize("language", LANGUAGES)
def test_cost_is_told_in_later_prices_too(language: str) -> None:
    words = Words(language)
    later = {"year": 2031, "factor": fixed(1.5)}
    plain, told = (
        Reading(synthetic_result(changed(synthetic_study(), {"cost.later_prices": prices})))
        for prices in (None, later)
    )
    lead, table = _found(told, words)
    assert words.billion(1.5 * told.at("plan_cost", plan=0)) in lead
    assert table.header[-1] == words("cost.sum_later", year=2031)
    for row, year in zip(table.rows, told.selected_years, strict=False):
        report = told.values("cost_report", plan=0)[told.year(year)]
        assert row[-2:] == (words.million(report), words.million(1.5 * report))
    lead, table = _found(plain, words)
    assert "2031" not in lead + " ".join(table.header)


def _found(reading: Reading, words: Words) -> tuple[str, Table]:
    blocks = cost(reading, words).blocks
    (lead,) = (each.text for each in blocks if isinstance(each, Paragraph))
    (table,) = (each for each in blocks if isinstance(each, Table))
    return lead, table
