"""The published calculations: all there, all recomputed from their inputs, none by a constant."""

from __future__ import annotations

import ast
import csv
import dataclasses
import io
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner, Result

from lis1plan.cli import main
from lis1plan.configs.loader import load_study
from lis1plan.configs.published import load_published, outcomes_of
from lis1plan.core.errors import InputError
from lis1plan.core.kernels.cohorts import appoint
from lis1plan.core.published import costs
from lis1plan.core.published.register import FORMULAS, SECTIONS, recompute
from lis1plan.core.published.row import Outcome, Row, flat
from lis1plan.core.system.specialist_training import year_in_training

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "configs" / "data"
INCONSISTENT = {"N14", "N17", "G3", "D10", "D12", "D13", "C14", "C24", "O2", "O3"}
ROWS = {row.id: row for row in load_published()}


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


GOLDEN = {
    line["row"]: line["computed"].split(";")
    for line in table(ROOT / "tests" / "golden" / "published_computed.csv")
}


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    return {outcome.row.id: outcome for outcome in outcomes_of()}


# --- the register ----------------------------------------------------------------------------


def test_every_row_has_one_formula_and_every_formula_a_row() -> None:
    assert len(ROWS) == 94
    assert sum(len(section.FORMULAS) for section in SECTIONS) == len(FORMULAS)
    assert set(FORMULAS) == set(ROWS) == set(GOLDEN)


def test_rows_say_what_and_where() -> None:
    for row in ROWS.values():
        assert row.what.strip(), row.id
        assert row.place.strip(), row.id
        assert row.document.strip(), row.id
        assert all(unit > 0.0 for unit in row.rounding), row.id
    for line in table(DATA / "published_inputs.csv"):
        assert line["unit"], line
        assert line["source"], line


def literals(function: ast.AST) -> set[float]:
    found = (node.value for node in ast.walk(function) if isinstance(node, ast.Constant))
    return {value for value in found if type(value) in (int, float)}


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)
def test_formulas_hold_no_figures(section: object) -> None:
    """Only what is no figure: one, half, the two ends of an interval, positions in a list."""
    tree = ast.parse(Path(str(section.__file__)).read_text("utf-8"))  # type: ignore[attr-defined]
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            assert literals(function) <= {0, 0.5, 1, 2}, function.name


# --- what they give --------------------------------------------------------------------------


def test_84_agree_and_10_are_explained(outcomes: dict[str, Outcome]) -> None:
    statuses = {name: outcome.status for name, outcome in outcomes.items()}
    assert {name for name, status in statuses.items() if status != "agrees"} == INCONSISTENT
    for name, outcome in outcomes.items():
        assert outcome.reproduced == (name not in INCONSISTENT), name
    for name in INCONSISTENT:
        assert statuses[name] == "source inconsistent"
        assert len(ROWS[name].remark) > 40


@pytest.mark.parametrize("name", ROWS)
def test_values_are_those_worked_out_by_another_hand(
    name: str, outcomes: dict[str, Outcome]
) -> None:
    """To the decimals in which the golden file has them."""
    computed = outcomes[name].computed
    assert len(computed) == len(GOLDEN[name])
    for value, text in zip(computed, GOLDEN[name], strict=True):
        decimals = len(text.partition(".")[2])
        assert abs(value - float(text)) <= 0.5 * 10.0**-decimals + 1e-9, (value, text)


def other_values(name: str, value: float) -> list[float]:
    if name == "start_month":  # a start's grants fall in the same year whatever month of autumn
        return [value + 1.0, 12.0 - value]
    return [value + 1.0 if value == int(value) else 1.1 * value]


@pytest.mark.parametrize("name", ROWS)
def test_every_input_matters(name: str, outcomes: dict[str, Outcome]) -> None:
    row = ROWS[name]
    for key, values in row.inputs.items():
        for place, value in enumerate(values):
            found = set()
            for other in other_values(key, value):
                changed = values.copy()
                changed[place] = other
                one = dataclasses.replace(row, inputs=dict(row.inputs) | {key: changed})
                found.add(recompute([one])[0].computed)
            assert found != {outcomes[name].computed}, (key, place)


def test_half_of_the_rounding_unit_is_the_tolerance() -> None:
    row = dataclasses.replace(ROWS["N3"], printed=(200.0,), rounding=(20.0,))
    assert Outcome(row, (210.0,)).status == "agrees"
    assert Outcome(row, (210.1,)).status == "differs"
    assert Outcome(row, (210.0, 1.0)).status == "differs"
    assert Outcome(row, ()).status == "differs"


# --- the same figures as the study and the model ------------------------------------------------


def test_items_of_a_start_are_those_of_the_study() -> None:
    study = {line["item"]: line for line in table(DATA / "cost_components.csv")}
    in_report = [item for item, line in study.items() if line["in_report"] == "true"]
    assert sorted(costs.TIMING) == sorted(in_report)
    for item, (payer, timing) in costs.TIMING.items():
        assert (study[item]["payer"], study[item]["timing"]) == (payer, timing)
        for name in ("C6", "C7", "C8", "C11"):
            assert ROWS[name].inputs[item].tolist() == [float(study[item]["amount_nok"])]


def test_all_in_training_cost_what_the_report_says_with_the_figures_of_the_study(
    outcomes: dict[str, Outcome],
) -> None:
    """App. 19: 7 173 million for 4 870 doctors = 3 131 training and treatment + 4 042 pay."""
    assert [round(value) for value in outcomes["C26"].computed] == [3131, 4042, 7173]
    assert ROWS["C26"].inputs["doctors"].tolist() == ROWS["C17"].inputs["doctors"].tolist()
    told = load_study("norway-2019").cost.specialist_training
    assert told is not None
    training, pay = year_in_training(told)
    factor, doctors = told.price_factor.value, 4870
    found = [doctors * each / factor / 1e6 for each in (training, pay, training + pay)]
    assert found == pytest.approx(outcomes["C26"].computed, rel=1e-12)


def test_net_by_payer_is_that_of_the_study() -> None:
    given = ROWS["C12"].inputs
    net = {
        payer: given[f"{payer}_expenditure"].sum() - sum(given.get(f"{payer}_income", [0.0]))
        for payer in ("state", "hospital", "municipality", "insurance", "patients")
    }
    study = dict.fromkeys(("state", "hospital", "municipality", "helfo", "patients"), 0.0)
    for line in table(DATA / "cost_components.csv"):
        if line["in_gross"] == "true":
            study[line["payer"]] += float(line["amount_nok"])
    assert list(net.values()) == list(study.values())
    assert sum(net.values()) == 2_183_000


def stock_by_age() -> dict[int, float]:
    stock: dict[int, float] = {}
    for line in table(DATA / "specialists_by_age.csv"):
        stock[int(line["age"])] = stock.get(int(line["age"]), 0.0) + float(line["persons"])
    return stock


def test_ages_are_those_of_the_study() -> None:
    stock = stock_by_age()
    bands = ((15, 39), (40, 54), (55, 66))
    sums = [sum(n for age, n in stock.items() if low <= age <= high) for low, high in bands]
    assert sums == pytest.approx(ROWS["G12"].inputs["with_speciality"])
    lines = [line for line in table(DATA / "published_inputs.csv") if line["row"] == "G14"]
    printed = {int(li["position"]): float(li["value"]) for li in lines if li["input"] == "doctors"}
    assert list(printed.values()) == flat(ROWS["G13"].printed)
    for age in range(67, 79):  # from 67 on the study uses the table as it stands
        assert stock[age] == pytest.approx(printed.get(age, 0.0)), age


def test_retirements_of_the_first_year_are_those_published(outcomes: dict[str, Outcome]) -> None:
    share = {
        (line["group"], line["age"]): float(line["yearly_share"])
        for line in table(DATA / "retirement_by_age.csv")
    }
    retiring = sum(
        float(line["persons"]) * share.get((line["group"], line["age"]), 0.0)
        for line in table(DATA / "specialists_by_age.csv")
    )
    (published,) = ROWS["G14"].printed
    assert retiring == pytest.approx(published, rel=0.05)
    assert outcomes["G14"].computed[0] == pytest.approx(published, rel=0.05)


def test_growth_alternatives_are_those_of_the_study() -> None:
    study = {line["id"]: line for line in table(DATA / "demand_alternatives.csv")}
    names = (
        "trend_2013_2017 helsemod_demography helsemod_coordination helsemod_reference helsemod_high"
        " helse_norge_efficiency helse_norge_lifestyle helse_norge_competitive helse_norge_security"
    )
    grown = [float(study[name]["doctors_per_year"]) for name in names.split()]
    assert grown == ROWS["N5"].inputs["net_growth"].tolist()


def test_rounds_keep_the_queue_of_the_model() -> None:
    """With the appointed as offers, the kernel appoints them and keeps the rest waiting."""
    given = ROWS["A1"].inputs
    groups = ("all", "norway", "eu_eea", "outside")
    kinds = ("applicants", "appointed", "not_appointed")
    waiting, offers, left = (np.stack([given[f"{g}_{k}"] for g in groups]).ravel() for k in kinds)
    count = len(waiting)  # every round of every group is a region of its own, one half-year long
    rates = SimpleNamespace(
        newcomers=waiting[None, None, :],
        offer_share=np.ones((1, 1)),
        leakage=np.zeros(1),
        unplaced=np.zeros((1, count)),
        fill_rate=np.ones((1, count)),
        starting=np.zeros((0, count)),
    )
    queue, appointed = np.zeros((1, count)), np.zeros((1, count))
    plain = getattr(appoint, "py_func", appoint)
    plain(rates, 0, offers[:, None], queue, appointed)
    assert queue[0].tolist() == waiting.tolist()
    assert (queue - appointed)[0].tolist() == left.tolist()


# --- the command -----------------------------------------------------------------------------


def call(*arguments: object) -> Result:
    result = CliRunner().invoke(main, ["published", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_table_closes_with_the_counts() -> None:
    result = call()
    assert result.exit_code == 0
    lines = result.stdout.rstrip().splitlines()
    assert lines[-1] == "94 calculations: 84 agree, 10 source inconsistent"
    assert max(map(len, lines)) <= 80
    first = {line.split()[0] for line in lines if line.strip()}
    assert set(ROWS) <= first
    for section in {row.section for row in ROWS.values()}:
        assert section in result.stdout


def test_remarks_on_rows_that_agree_come_when_asked_for() -> None:
    words = "counted twice"
    assert words in ROWS["N6"].remark
    assert "a judgement" not in " ".join(call().stdout.split())
    assert "a judgement" in " ".join(call("--remarks").stdout.split())


def test_csv_and_json_hold_everything(outcomes: dict[str, Outcome]) -> None:
    said = json.loads(call("--format", "json").stdout)
    lines = list(csv.DictReader(io.StringIO(call("--format", "csv").stdout)))
    assert [said[key] for key in ("calculations", "agree", "source_inconsistent")] == [94, 84, 10]
    assert said["differ"] == 0
    assert [line["row"] for line in lines] == [one["row"] for one in said["rows"]] == list(ROWS)
    for one, line in zip(said["rows"], lines, strict=True):
        outcome = outcomes[one["row"]]
        assert one["computed"] == list(outcome.computed)
        assert one["published"] == list(outcome.row.printed)
        for key in ("published", "computed", "difference"):
            assert [float(cell) for cell in line[key].split(";")] == one[key]
        for key in ("section", "what", "document", "place", "status", "remark"):
            assert line[key] == one[key]


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    path = tmp_path / "inputs.csv"
    assert call("--copy-inputs", path).exit_code == 0
    return path


def edited(path: Path, change: Callable[[list[list[str]]], None]) -> Path:
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    change(lines)
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # as a spreadsheet saves it
        csv.writer(file).writerows(lines)
    return path


def test_copy_of_the_inputs_gives_the_same(inputs: Path) -> None:
    assert inputs.read_text("utf-8") == (DATA / "published_inputs.csv").read_text("utf-8")
    reordered = edited(inputs, lambda lines: lines.__setitem__(slice(1, None), lines[:0:-1]))
    assert call("--inputs", reordered, "--format", "json").stdout == call("--format", "json").stdout


def test_copy_overwrites_nothing(inputs: Path, tmp_path: Path) -> None:
    again = call("--copy-inputs", inputs)
    assert again.exit_code == 2
    assert "exists already; nothing was written" in again.stderr
    assert call("--copy-inputs", inputs / "file.csv").exit_code == 2


def test_changed_input_is_told_and_fails(inputs: Path) -> None:
    def change(lines: list[list[str]]) -> None:
        lines[1][3] = "470"

    assert lines_of(edited(inputs, change), 1) == ["N1: does not agree with what was published"]
    result = call("--inputs", inputs)
    assert result.stdout.rstrip().endswith("83 agree, 10 source inconsistent, 1 differ")


@pytest.mark.parametrize("row", sorted(INCONSISTENT))
def test_a_changed_inconsistent_row_differs(row: str, inputs: Path) -> None:
    """Its remark explains one value: another is explained by nothing."""

    def change(lines: list[list[str]]) -> None:
        cells = next(line for line in lines if line[0] == row)
        cells[3] = str(1.01 * float(cells[3]))

    assert lines_of(edited(inputs, change), 1) == [f"{row}: does not agree with what was published"]
    said = call("--inputs", inputs, "--format", "json").stdout
    assert json.loads(said)["source_inconsistent"] == len(INCONSISTENT) - 1


def lines_of(path: Path, code: int) -> list[str]:
    result = call("--inputs", path)
    assert result.exit_code == code, result.output
    said = [line.removeprefix("lis1plan: ") for line in result.stderr.splitlines()]
    return [line.replace(str(path), "inputs.csv") for line in said]


def test_every_bad_line_is_named(inputs: Path) -> None:
    def change(lines: list[list[str]]) -> None:
        lines[1][0] = "N0"
        lines[2][1] = "retirment"
        lines[3][3] = "nan"
        lines[4][3] = "3,5"
        lines[5][2] = "2"
        lines[6][2] = "first"
        lines[7] = lines[7][:4]
        lines[9] = lines[8]

    assert lines_of(edited(inputs, change), 2) == [
        "inputs.csv:8: 6 columns expected (row, input, position, value, unit, source)",
        "inputs.csv:2: unknown row 'N0'; the rows are N1 to O5",
        "inputs.csv:3: row N1 has no input 'retirment'; it has net_growth, retirement, converted. "
        "Did you mean 'retirement'?",
        "inputs.csv:4: value 'nan'; allowed: a finite number with a decimal point",
        "inputs.csv:5: value '3,5'; allowed: a finite number with a decimal point",
        "inputs.csv:6: N2 retirement has no position 2; allowed: 1",
        "inputs.csv:7: position 'first'; allowed: a whole number, 0 or more",
        "inputs.csv:10: row N3, input reference_growth, position 1 is listed twice, first at "
        "inputs.csv:9",
    ]


def test_missing_input_is_named(inputs: Path) -> None:
    assert lines_of(edited(inputs, lambda lines: lines.pop(1) and None), 2) == [
        "inputs.csv: row N1, input net_growth, position 1 is missing"
    ]


def test_other_columns_and_other_files_are_refused(inputs: Path, tmp_path: Path) -> None:
    (line,) = lines_of(edited(inputs, lambda lines: lines[0].append("more")), 2)
    assert line.startswith("inputs.csv:1: found columns row, input, position, value, unit, source")
    inputs.write_bytes(b"")
    assert "the file is empty" in lines_of(inputs, 2)[0]
    inputs.write_bytes(b"\xff\x00")
    assert "not a text file" in lines_of(inputs, 2)[0]
    assert "no such file" in lines_of(tmp_path / "none.csv", 2)[0]


@pytest.mark.parametrize(
    ("row", "name", "value", "said"),
    [
        ("G14", "years", "0", "divide by zero"),
        ("N13", "municipal_half_years", "0.5", "0.5 must be a whole number, 1 or more"),
        ("C6", "start_month", "13", "start_month 13 must be a calendar month, 1 to 12"),
        ("A4", "general_practitioners", "-46", "invalid value"),
        ("A4", "confidence", "100", ""),
        ("C8", "hospital_pay", "1e308", "overflow"),
    ],
)
def test_inputs_that_allow_no_result_are_told(
    inputs: Path, row: str, name: str, value: str, said: str
) -> None:
    def change(lines: list[list[str]]) -> None:
        next(line for line in lines if line[:2] == [row, name])[3] = value

    told = lines_of(edited(inputs, change), 2 if said else 1)
    if said:
        assert told[0].startswith(f"inputs.csv: {row}: cannot be computed from these inputs: ")
        assert said in told[0]


def test_bad_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from lis1plan.configs import published

    whole = published._built_in

    def spoiled(name: str) -> bytes:
        return whole(name).replace(b",1020;668,1,", b",1020;x,1,")

    monkeypatch.setattr(published, "_built_in", spoiled)
    with pytest.raises(InputError, match=r"published_rows\.csv:2: value 'x'"):
        load_published()


def test_rows_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        ROWS["N1"].id = "N2"  # type: ignore[misc]
    assert isinstance(ROWS["N1"], Row)
