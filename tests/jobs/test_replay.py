"""One scenario alone: the same numbers it has among all the others, and what it drew."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from lis1plan.cli import main
from lis1plan.core.compute.place import silent
from lis1plan.core.compute.workers import Workers
from lis1plan.core.errors import InputError
from lis1plan.core.files.store import open_result
from lis1plan.core.files.summary import project_and_tell
from lis1plan.core.flow.projection import Request
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.posts import levels
from lis1plan.jobs.options import ReplayOptions
from lis1plan.jobs.replay import drawn_rows, in_sample, replayed, yearly_rows
from lis1plan.jobs.request import PLAN, Floats, JobRequest
from lis1plan.optimise.result.run import describe_plans

from ..helpers.small_study import changed, random_slots, small_study

pytestmark = pytest.mark.thorough


def asked(study: Study, slots: Floats, realization: int) -> JobRequest[ReplayOptions]:
    return JobRequest(study, ReplayOptions(realization=realization), {PLAN: slots})


@pytest.mark.parametrize("method", ["monte_carlo", "latin_hypercube", "sobol"])
@pytest.mark.parametrize("i", [0, 17, 39])
def test_a_replayed_scenario_is_that_of_the_ensemble(method: str, i: int) -> None:
    study = changed(small_study(11, groups=2), {"sampling.method": method})
    slots = random_slots(study, 4)
    whole = describe_plans(
        study,
        {"plan": slots},
        project_and_tell(
            Request(study, sample_of(study), {"plan": levels(study, slots)}, True), Workers(1)
        ),
    )
    alone = replayed(asked(study, slots, i), None, silent)
    assert alone["realization"].values.tolist() == [i]
    same = whole.isel(realization=[i])
    compared = [name for name in same.data_vars if "realization" in same[name].dims]
    assert len(compared) > 30
    for name in compared:
        assert same[name].values.tobytes() == alone[name].values.tobytes(), name


def test_what_it_drew_is_named_once_and_lies_within_its_bounds() -> None:
    study = small_study(5, groups=2)
    request = asked(study, random_slots(study, 1), 3)
    dataset = replayed(request, None, silent)
    rows = drawn_rows(request, dataset)
    keys = [row["key"] for row in rows]
    assert len(keys) == len(set(keys))
    assert set(study.uncertain) < set(keys)
    for row in rows:
        if row["key"] in study.uncertain:
            low, high = study.uncertain[row["key"]].bounds
            assert low <= row["drawn"] <= high
    years = yearly_rows(dataset)
    assert [row["year"] for row in years] == list(study.years)
    assert np.isfinite([list(row.values()) for row in years]).all()


def test_a_scenario_beyond_the_sample_is_refused() -> None:
    study = small_study(5)
    with pytest.raises(InputError, match="scenarios 0 to 39"):
        in_sample(asked(study, random_slots(study, 1), 40))


def test_the_command_tells_it_and_writes_a_file(small_study_file: Path, tmp_path: Path) -> None:
    command = ["project", str(small_study_file), "--realization", "2", "--out", str(tmp_path)]
    told = CliRunner().invoke(main, [*command, "--json"])
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)
    with open_result(Path(found["netcdf"])) as dataset:
        assert dataset["realization"].values.tolist() == [2]
    assert "What scenario 2 drew" in CliRunner().invoke(main, command).stdout
