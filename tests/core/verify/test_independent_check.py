"""A result passes the independent check, and whatever is changed in it is found."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import netCDF4
import numpy as np
import pytest

from ...helpers import independent_check

File = netCDF4.Dataset
CHOSEN = 0


def _name(part: object) -> str | None:
    return getattr(part, "__name__", None)


def changed(result: Path, folder: Path, change: Callable[[File], None]) -> Path:
    """A copy of a result, changed in place."""
    copy = folder / "changed.nc"
    shutil.copyfile(result, copy)
    with netCDF4.Dataset(copy, "a") as file:
        file.set_auto_maskandscale(False)
        file.set_auto_chartostring(False)
        change(file)
    return copy


def test_result_passes_every_check(small_result: Path) -> None:
    assert {n: p for n, p in independent_check.failures(small_result).items() if p} == {}


@pytest.mark.thorough
def test_scenarios_replayed_by_the_naive_oracle_agree(small_result: Path) -> None:
    assert independent_check.replay(small_result, 20) == {
        "replayed inputs": [],
        "replayed shortfall": [],
    }


@pytest.mark.thorough
def test_check_runs_as_a_script(small_result: Path) -> None:
    script = str(Path(independent_check.__file__))
    done = subprocess.run(
        [sys.executable, script, str(small_result), "--replay", "1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == len(independent_check.CHECKS) + 2
    assert all(line.startswith("ok   ") for line in lines)


def test_script_names_what_fails(
    small_result: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def cheaper(file: File) -> None:
        file["plan_cost"][CHOSEN] *= 0.99

    copy = changed(small_result, tmp_path, cheaper)
    assert independent_check.main([str(copy)]) == 1
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("FAIL")]
    assert [line.split(":")[0] for line in said] == ["FAIL discounted cost", "FAIL bounds"]


# ------------------------------------------------------------- one way to tamper with each check


def incomplete(file: File) -> None:
    file.complete = "false"


def other_study(file: File) -> None:
    file.study_json = file.study_json.replace('"limit":0.12,', '"limit":0.121,')


def lost_value(file: File) -> None:
    file["supply_mean"][3, CHOSEN, 1] = file["supply_mean"].getncattr("_FillValue")


def not_a_number(file: File) -> None:
    file["demand_mean"][3, 1] = np.nan


def years_moved(file: File) -> None:
    file["year"][:] = file["year"][:] + 1


def latin_1(file: File) -> None:
    text = file["region_name"][-1].tobytes()
    file["region_name"][-1, text.index("ø".encode())] = "ø".encode("latin-1")


def other_region_name(file: File) -> None:
    file["region_name"][0, 0] = b"X"


def fractional_slot(file: File) -> None:
    y, r = np.argwhere(file["slots"][:, CHOSEN] > 0)[0]
    file["slots"][y, CHOSEN, r] -= 0.5


def negative_slot(file: File) -> None:
    file["slots"][3, CHOSEN, 2] = -1.0


def slot_before_the_first_decision(file: File) -> None:
    file["slots"][0, CHOSEN, 0] = 1.0


def slot_after_the_last_decision(file: File) -> None:
    file["slots"][-1, CHOSEN, 0] = 1.0


def level_off_by_one(file: File) -> None:
    file["level"][5:, CHOSEN, 0] += 1.0


def beyond_regional_ramp(file: File) -> None:
    file["slots"][2, CHOSEN, 1] = 21.0


def beyond_national_ramp(file: File) -> None:
    file["slots"][2, CHOSEN] = [38.0, 12.0, 12.0, 39.0]


def moved_beyond_supervision(file: File) -> None:
    """All slots to the tightest region's first year: as many as before, levels to match."""
    slots = file["slots"][:, CHOSEN]
    total = slots.sum()
    slots[:] = 0.0
    slots[2, 2] = total
    opened = file["slots"][:, CHOSEN] - slots
    file["slots"][:, CHOSEN] = slots
    file["level"][:, CHOSEN] -= np.cumsum(opened, axis=0)


def need_understated(file: File) -> None:
    file["supervision_need"][4, CHOSEN, 0, 0] *= 0.999


def capacity_overstated(file: File) -> None:
    file["supervision_capacity"][4, 0, 0] *= 1.001


def breach_hidden(file: File) -> None:
    p = np.flatnonzero(file["plan_breaks_supervision"][:])[0]
    file["plan_breaks_supervision"][p] = 0


def cost_lowered(file: File) -> None:
    file["plan_cost"][CHOSEN] -= 1e4


def frontier_cost_lowered(file: File) -> None:
    file["frontier_cost"][-1] -= 1e4


def payer_spared(file: File) -> None:
    file["cost_payer"][6, CHOSEN, 0] *= 0.9


def gross_cost_lowered(file: File) -> None:
    file["cost_gross"][6, CHOSEN] *= 0.9


def bound_above_cost(file: File) -> None:
    file.lower_bound = file.upper_bound * 1.001


def gap_understated(file: File) -> None:
    file.relative_gap = file.relative_gap + 1e-6


def gap_not_closed(file: File) -> None:
    file.lower_bound = file.upper_bound * 0.99
    file.relative_gap = 1.0 - 0.99


def shortfall_lowered(file: File) -> None:
    z = file["shortfall_z"][:, CHOSEN, 0]
    file["shortfall_z"][int(z.argmax()), CHOSEN, 0] = z.max() - 1e-6


def shortfall_above_one(file: File) -> None:
    file["shortfall_z"][0, CHOSEN, 0] = 1.5


def risk_understated(file: File) -> None:
    file["risk_in_sample"][CHOSEN, 0] -= 1e-9


def limit_lowered(file: File) -> None:
    file["risk_limit"][0] -= 0.001


def confidence_lowered(file: File) -> None:
    file["risk_confidence"][0] -= 0.1


def floor_raised(file: File) -> None:
    file["risk_floor"][0] = file["risk_in_sample"][CHOSEN, 0] + 1e-5


def ceiling_raised(file: File) -> None:
    file["risk_ceiling"][0] += 1e-5


def fresh_interval_turned(file: File) -> None:
    file["risk_fresh_low"][0, 0] = file["risk_fresh_high"][0, 0] + 0.01


def frontier_risk_beyond_limit(file: File) -> None:
    file["frontier_risk"][-1] = file["frontier_limit"][-1] + 1e-6


def frontier_point_disowned(file: File) -> None:
    file["frontier_status"][-1] = 0


def probability_above_one(file: File) -> None:
    file["shortage_probability"][5, CHOSEN, 0] = 1.01


def probability_of_part_of_a_scenario(file: File) -> None:
    file["national_shortage_probability"][5, CHOSEN] = 0.5 / 200.0


def quantiles_swapped(file: File) -> None:
    file["supply_quantile"][5, CHOSEN] = file["supply_quantile"][5, CHOSEN][::-1]


def group_lost(file: File) -> None:
    file["supply_group_mean"][5, CHOSEN, 0] = 0.0


def appointed_overstated(file: File) -> None:
    file["appointed_mean"][5, CHOSEN, 0] += 1.0


TAMPERED: list[tuple[Callable[[File], None], str]] = [
    (incomplete, "complete"),
    (other_study, "complete"),
    (lost_value, "complete"),
    (not_a_number, "complete"),
    (years_moved, "axes"),
    (latin_1, "names"),
    (other_region_name, "names"),
    (fractional_slot, "whole slots"),
    (negative_slot, "whole slots"),
    (slot_before_the_first_decision, "whole slots"),
    (slot_after_the_last_decision, "whole slots"),
    (level_off_by_one, "consistent levels"),
    (beyond_regional_ramp, "ramps"),
    (beyond_national_ramp, "ramps"),
    (moved_beyond_supervision, "supervision kept"),
    (need_understated, "supervision figures"),
    (capacity_overstated, "supervision figures"),
    (breach_hidden, "supervision kept"),
    (cost_lowered, "discounted cost"),
    (frontier_cost_lowered, "discounted cost"),
    (payer_spared, "yearly cost"),
    (gross_cost_lowered, "payers add up"),
    (bound_above_cost, "bounds"),
    (gap_understated, "bounds"),
    (gap_not_closed, "bounds"),
    (shortfall_lowered, "risks"),
    (shortfall_above_one, "shortfalls"),
    (risk_understated, "risks"),
    (limit_lowered, "limits kept"),
    (confidence_lowered, "risks"),
    (floor_raised, "attainable"),
    (ceiling_raised, "attainable"),
    (fresh_interval_turned, "fresh risk"),
    (frontier_risk_beyond_limit, "frontier"),
    (frontier_point_disowned, "frontier"),
    (probability_above_one, "probabilities"),
    (probability_of_part_of_a_scenario, "probabilities"),
    (quantiles_swapped, "quantiles in order"),
    (group_lost, "parts add up"),
    (appointed_overstated, "parts add up"),
]


@pytest.mark.parametrize(("change", "check"), TAMPERED, ids=_name)
def test_tampering_is_found(
    small_result: Path, tmp_path: Path, change: Callable[[File], None], check: str
) -> None:
    result = independent_check.Result(changed(small_result, tmp_path, change))
    assert list(independent_check.CHECKS[check](result)) != []


def test_every_check_can_fail() -> None:
    assert {check for _, check in TAMPERED} == set(independent_check.CHECKS)


def another_input(file: File) -> None:
    file["input_queue_leakage"][0] *= 1.0 + 1e-12


def another_alternative(file: File) -> None:
    file["input_demand_alternative"][0] += 1


def another_shortfall(file: File) -> None:
    file["shortfall_z"][0, CHOSEN, 1] += 1e-8


def another_shortfall_without_slots(file: File) -> None:
    none = [row.tobytes().rstrip(b"\x00") for row in file["plan_id"][:]].index(b"none")
    file["shortfall_z"][0, none, 0] -= 1e-8


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (another_input, "replayed inputs"),
        (another_alternative, "replayed inputs"),
        (another_shortfall, "replayed shortfall"),
        (another_shortfall_without_slots, "replayed shortfall"),
    ],
    ids=_name,
)
def test_replay_finds_what_another_scenario_would_give(
    small_result: Path, tmp_path: Path, change: Callable[[File], None], check: str
) -> None:
    found = independent_check.replay(changed(small_result, tmp_path, change), 1)
    assert [name for name, problems in found.items() if problems] == [check]
