"""The vocabulary: the page says what it says, and nothing outside it reaches a file."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from lis1plan.configs.loader import load_study
from lis1plan.core.files.labels import ORDER, labelled
from lis1plan.core.files.variables import VARIABLES, variable_of
from lis1plan.core.scenarios.draws import draw, drawn_paths, drawn_values, keys_drawn, sample_of
from lis1plan.core.study.study import Study

PAGE = Path(__file__).resolve().parents[3] / "docs" / "file-format.md"
STUDY = load_study("tutorial")


def rows_of_the_page() -> list[tuple[str, int, str]]:
    """Variable, its place among those of its row, and dimensions as written there."""
    tables = PAGE.read_text("utf-8").partition("A value is missing")[0]
    found = []
    for row in re.findall(r"(?m)^\| `.*", tables):
        named, dims = row.split("|")[1:3]
        names = re.findall(r"`([a-z0-9_]+)`", named)
        found += [(name, n, dims.strip()) for n, name in enumerate(names) if name in VARIABLES]
    return found


def allowed_dims(written: str, place: int) -> set[tuple[str, ...]]:
    """What a cell such as `time, plan, [quantile,] region` allows; `;` parts the variables."""
    each = written.split(";")
    ways = {each[min(place, len(each) - 1)]}
    for optional in re.findall(r"\[[^\]]*\]", written):
        ways |= {way.replace(optional, "", 1) for way in ways}
    return {tuple(re.findall(r"[a-z_]+", way)) for way in ways}


def test_page_has_every_variable() -> None:
    assert sorted(VARIABLES.keys() - {name for name, _, _ in rows_of_the_page()}) == [
        "input_demand_alternative"  # of all that scenarios drew, the page tells the rule
    ]


def test_page_has_the_dimensions_of_the_vocabulary() -> None:
    wrong = [
        f"{name}: {written}"
        for name, place, written in rows_of_the_page()
        if VARIABLES[name].dims not in allowed_dims(written, place)
    ]
    assert wrong == []


def test_page_tells_every_variable_that_may_lack_values() -> None:
    page = PAGE.read_text("utf-8")
    table = page[page.index("A value is missing") : page.index("## Attributes of the file")]
    named = set(re.findall(r"`([a-z0-9_]+)`", table))
    families = tuple(re.findall(r"`([a-z]+_)…`", table))
    for each in VARIABLES.values():
        if each.missing is not None:
            of_family = each.missing.status != "" and each.name.startswith(families)
            assert each.name in named or of_family, each.name


def test_dimensions_of_every_variable_are_in_order() -> None:
    for each in VARIABLES.values():
        assert list(each.dims) == [dim for dim in ORDER if dim in each.dims], each.name


def test_a_status_is_a_variable_along_part_of_the_dimensions() -> None:
    for each in VARIABLES.values():
        if each.missing is not None and each.missing.status:
            assert set(VARIABLES[each.missing.status].dims) <= set(each.dims), each.name


def test_unknown_variable_is_refused() -> None:
    with pytest.raises(ValueError, match="plan_prise: no variable of result files"):
        labelled(STUDY, {"plan_prise": [1.0]}, ["plan"])


def test_figure_the_study_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="input_demand_grwoth: no variable"):
        labelled(STUDY, {"input_demand_grwoth": [1.0]})


def test_dimension_without_labels_is_refused() -> None:
    with pytest.raises(ValueError, match="constraint: nobody labels this dimension"):
        labelled(STUDY, {"shadow_step": [1.0]})


def test_array_of_another_number_of_dimensions_is_refused() -> None:
    with pytest.raises(ValueError, match=r"plan_cost: 2 dimensions; in files it has \('plan',\)"):
        labelled(STUDY, {"plan_cost": [[1.0]]}, ["plan"])


def test_array_that_does_not_fit_its_labels_is_refused() -> None:
    with pytest.raises(ValueError, match="plan"):
        labelled(STUDY, {"plan_cost": [1.0, 2.0]}, ["plan"])


def test_words_have_no_unit() -> None:
    unit = np.array([each.unit for each in STUDY.capacity.values()])
    found = labelled(STUDY, {"supervision_unit": unit})["supervision_unit"]
    assert "units" not in found.attrs
    assert found.attrs["long_name"]


@pytest.mark.parametrize("name", ["tutorial", "norway-2019"])
def test_keys_drawn_are_those_of_a_draw(name: str) -> None:
    study: Study = load_study(name)
    draws = draw(study, sample_of(study), 0, 4)
    once, yearly = keys_drawn(study)
    assert once == list(drawn_values(draws))
    assert yearly == list(drawn_paths(draws))


def test_what_was_drawn_is_called_and_counted_as_at_its_field() -> None:
    found = labelled(STUDY, {"input_queue_leakage": [0.1, 0.2], "input_demand_normalised": [0, 1]})
    assert found["input_queue_leakage"].attrs["counts"] == "share"
    assert found["input_queue_leakage"].attrs["long_name"] == (
        "Share of applicants without a post who give up"
    )
    assert found["input_demand_normalised"].attrs["counts"] == "flag"


def test_everything_a_draw_yields_has_an_entry() -> None:
    draws = draw(STUDY, sample_of(STUDY), 0, 4)
    paths = {variable_of(key): values.T for key, values in drawn_paths(draws).items()}
    once = {variable_of(key): values for key, values in drawn_values(draws).items()}
    found = labelled(STUDY, once | paths)
    assert sorted(map(str, found.data_vars)) == sorted(once | paths)
