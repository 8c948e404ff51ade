"""The system made once: for a content, not for an object; its limits have stable names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from string import Formatter

import numpy as np
import pytest

from lis1plan.core.study.study import Study
from lis1plan.core.study.unchecked import UncheckedStudy
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.limit import SystemLimit
from lis1plan.core.system.posts import levels
from lis1plan.core.system.supervision import capacity, need

from ...helpers.limited_study import budget, closing, trainees
from ...helpers.small_study import changed, fixed, random_slots, small_study


def limited() -> Study:
    study = small_study(1, regions=2)
    ways = {"budget": budget({2021: 1e7}), "least_share": {"nord": fixed(0.2)}}
    ways["intake_change"] = {"midt": fixed(1.0)}
    ways["trainees"] = trainees(("nord", "midt"), 900.0)
    return changed(study, {f"limits.{key}": value for key, value in ways.items()})


def kinds(of: type[SystemLimit] = SystemLimit) -> Iterator[type[SystemLimit]]:
    for kind in of.__subclasses__():
        if "kind" in vars(kind):
            yield kind
        yield from kinds(kind)


@pytest.mark.parametrize("kind", list(kinds()), ids=lambda kind: kind.__name__)
def test_what_names_a_limit_are_fields_of_it_and_its_key_is_one_of_studies(
    kind: type[SystemLimit],
) -> None:
    own, said = {field.name for field in fields(kind)}, list(Formatter().parse(kind.said))
    asked = {field for _, field, _, _ in [*said, *Formatter().parse(kind.named)] if field}
    assert asked <= own
    assert said[0][0].split(".")[0] in UncheckedStudy.model_fields
    assert [each.kind for each in kinds()].count(kind.kind) == 1


def test_identifiers_of_result_files_stay() -> None:
    """Renamed, they would make the files of before unreadable."""
    study = limited()
    found = [limit.identifier for limit in system_of(study).limits]
    wanted = [f"capacity.{limit}.{region}" for limit in study.capacity for region in study.regions]
    wanted += ["national_ramp", "regional_ramp.nord", "regional_ramp.midt", "budget.report"]
    assert found == [*wanted, "least_share.nord", "intake_change.midt", "trainees.all"]
    assert all(system_of(study).limit(name).identifier == name for name in found)


def test_equal_studies_share_a_system_and_changed_ones_do_not() -> None:
    study = limited()
    assert system_of(study) is system_of(Study.model_validate(study.model_dump()))
    ramp = study.ramp.model_copy(update={"national": study.ramp.regional["nord"]})
    copied = study.model_copy(update={"ramp": ramp})
    assert copied.sha256 != study.sha256
    assert system_of(copied).national_ramp == study.ramp.regional["nord"].value


def test_arrays_are_the_studys_and_cannot_be_written() -> None:
    study = changed(small_study(2), {"limits.closing": closing({"nord": 2})})
    system, slots = system_of(study), random_slots(study, 3)
    assert (system.levels(slots) == levels(study, slots)).all()
    assert (system.need(system.levels(slots)) == need(study, levels(study, slots))).all()
    assert (system.capacity == capacity(study)).all()
    assert (system.least_slots[0] == -2.0).all()
    with pytest.raises(ValueError, match="read-only"):
        system.most_slots[0, 0] = 1.0


def test_a_plan_keeps_all_limits_or_oversteps_one() -> None:
    system = system_of(limited())
    assert system.keeps_limits(system.no_slots)
    many = np.full(system.no_slots.shape, 1e3)
    broken = {limit.kind for limit in system.limits if not limit.keeps(many).all()}
    systemwide = {"capacity", "national_ramp", "regional_ramp", "budget", "trainees"}
    assert broken == systemwide | {"intake_change"}
    uneven = system.no_slots
    uneven[1] = 1.0
    assert not system.limit("least_share.nord").keeps(uneven).all()
