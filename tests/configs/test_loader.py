"""Studies are loaded whole or refused with every problem named where it stands."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest

from lis1plan.configs.loader import load_study, preset_files, presets, study_from_text
from lis1plan.core.errors import InputError
from lis1plan.core.study.distributions import Fixed, Triangular
from lis1plan.core.study.study import Study

PRESETS = sorted(presets())
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def study_file(small_study_file: Path, tmp_path: Path) -> Path:
    """A copy of the small study and its tables, to change."""
    shutil.copytree(small_study_file.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / small_study_file.name


def edit(file: Path, *changes: tuple[str, str]) -> str:
    """Replace texts, each found exactly once; return the new text."""
    text = file.read_text("utf-8")
    for old, new in changes:
        assert text.count(old) == 1, f"{old} stands {text.count(old)} times"
        text = text.replace(old, new)
    file.write_text(text, "utf-8")
    return text


def line_of(text: str, part: str) -> int:
    """The number of the only line that holds a text."""
    (number,) = (n for n, line in enumerate(text.splitlines(), start=1) if part in line)
    return number


def problems(where: Path | str, *overrides: str) -> list[str]:
    """What is said when a study is refused."""
    with pytest.raises(InputError) as caught:
        load_study(str(where), overrides)
    assert all("\n" not in line for line in caught.value.problems)
    return caught.value.problems


# ------------------------------------------------------------------------------------- presets


@pytest.mark.parametrize("name", PRESETS)
def test_every_figure_and_row_has_an_origin(name: str) -> None:
    figures = dict(load_study(name).figures())
    assert len(figures) > 100
    assert [k for k, f in figures.items() if not (f.source.strip() or f.assumption.strip())] == []


@pytest.mark.parametrize("name", PRESETS)
def test_preset_and_its_copied_files_are_the_same_study(name: str, tmp_path: Path) -> None:
    for path, text in preset_files(name).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    assert load_study(str(tmp_path / f"{name}.toml")) == load_study(name)


def test_presets_have_titles() -> None:
    assert "norway-2019" in PRESETS
    assert all(title.strip() for title in presets().values())


def test_nearly_a_preset_is_suggested() -> None:
    (line,) = problems("norway-2018")
    assert "Did you mean 'norway-2019'?" in line


# ----------------------------------------------------------------------------------- round trip


@pytest.mark.parametrize("name", PRESETS)
def test_study_comes_back_from_its_text(name: str) -> None:
    study = load_study(name)
    again = study_from_text(study.canonical_text)
    assert again == study
    assert again.canonical_text == study.canonical_text
    assert again.sha256 == study.sha256
    assert study.sha256 == hashlib.sha256(study.canonical_text.encode()).hexdigest()


def test_study_in_a_result_file_is_the_one_that_was_run(
    small_result: Path, small_study_file: Path
) -> None:
    import netCDF4

    with netCDF4.Dataset(small_result) as file:
        study = study_from_text(file.study_json)
        assert file.study_sha256 == study.sha256
    assert study == load_study(str(small_study_file))


def test_whole_numbers_are_taken_for_decimal_ones(study_file: Path) -> None:
    before = load_study(str(study_file))
    edit(study_file, ("spread = { value = 0.6", "spread = { value = 1"))
    whole = load_study(str(study_file))
    edit(study_file, ("spread = { value = 1", "spread = { value = 1.0"))
    assert whole == load_study(str(study_file))
    assert whole.sha256 == load_study(str(study_file)).sha256 != before.sha256
    assert isinstance(whole.training.spread.value, float)


@pytest.mark.parametrize("value", ['"0.6"', "true", "[0.6]"])
def test_nothing_else_is_taken_for_a_number(study_file: Path, value: str) -> None:
    text = edit(study_file, ("spread = { value = 0.6", f"spread = {{ value = {value}"))
    (line,) = problems(study_file)
    assert line.startswith(f"{study_file}:{line_of(text, 'spread = {')}: training.spread.value: ")


# ------------------------------------------------------------------------------------ overrides


def test_number_overrides_a_figure_and_says_so() -> None:
    study = load_study("norway-2019", ["queue.leakage=0.25"])
    assert isinstance(study.queue.leakage, Fixed)
    assert study.queue.leakage.value == 0.25
    assert "--set queue.leakage=0.25" in study.queue.leakage.assumption


def test_distribution_overrides_a_figure() -> None:
    given = '{distribution="triangular", low=0.1, mode=0.2, high=0.3, assumption="mine"}'
    study = load_study("norway-2019", [f"queue.leakage={given}"])
    assert study.queue.leakage == Triangular(
        distribution="triangular", low=0.1, mode=0.2, high=0.3, assumption="mine"
    )


def test_overrides_reach_every_depth_and_kind() -> None:
    study = load_study(
        "norway-2019",
        [
            "name=mine",
            "risk.national.limit=0.11",
            'risk.national.regions=["nord", "vest"]',
            "time.window=[2031, 2039]",
            "sampling.method=monte_carlo",
            " ramp.regional.nord.value = 30 ",
            "comparison.directorate_by_ramp.slots_per_year={2021=7}",
        ],
    )
    assert study.name == "mine"
    assert study.risk["national"].limit == 0.11
    assert study.risk["national"].regions == ("nord", "vest")
    assert study.time.window == (2031, 2039)
    assert study.sampling.method == "monte_carlo"
    assert study.ramp.regional["nord"].value == 30.0
    assert study.comparison["directorate_by_ramp"].slots_per_year == {"2021": 7}


def test_the_last_override_wins() -> None:
    overrides = ["sampling.seed=1", "sampling.seed=2"]
    assert load_study("norway-2019", overrides).sampling.seed == 2


def test_overrides_change_the_hash() -> None:
    assert load_study("norway-2019", ["sampling.seed=1"]).sha256 != load_study("norway-2019").sha256


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("queue.leakge=0.1", "unknown key 'queue.leakge'"),
        ("queue.leakge=0.1", "Did you mean 'leakage'?"),
        ("queu.leakage=0.1", "unknown key 'queu'"),
        ("queu.leakage=0.1", "Did you mean 'queue'?"),
        ("risk.national.limit.x=1", "unknown key"),
        ("risk.national.limit", "expected KEY=VALUE"),
        ("=3", "unknown key ''"),
        ("risk.national.limit=", "risk.national.limit: found ''"),
        ("risk.national.limit=low", "risk.national.limit: found 'low'"),
        ("risk.national.limit=-1", "found -1; must be 0 or more"),
        ("sampling.scenarios=0.5", "sampling.scenarios: found 0.5"),
        ("queue.leakage=nan", "found nan"),
        ("queue.leakage=2", "must lie within 0 to 1"),
        ("regions=5", "regions: found 5"),
    ],
)
def test_bad_override_is_named(override: str, said: str) -> None:
    (line,) = problems("norway-2019", override)
    assert line.startswith(f"--set {override}: ")
    assert said in line


def test_bad_overrides_are_all_named() -> None:
    lines = problems("norway-2019", "queue.leakge=0.1", "risk.national.limt=0.1")
    assert [line.split(":")[0] for line in lines] == [
        "--set queue.leakge=0.1",
        "--set risk.national.limt=0.1",
    ]


@pytest.mark.parametrize("first", ['base = "tutorial"', 'base_on = "tutorial"', 'based = "a.toml"'])
def test_a_study_that_was_to_be_laid_over_another_is_told_in_two_lines(
    first: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f'{first}\nname = "mine"\ntitle = "Mine"\n', "utf-8")
    missing, unknown = problems(str(path))
    assert 'lay this study over one that has them (based_on = "tutorial")' in missing
    assert "and so are known_as_of, time, posts" in missing
    assert "unknown key. Did you mean 'based_on'?" in unknown


def test_few_missing_sections_are_named_one_by_one(tmp_path: Path) -> None:
    for name, content in preset_files("tutorial").items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, "utf-8")
    text, path = (tmp_path / "tutorial.toml").read_text("utf-8"), tmp_path / "few.toml"
    path.write_text(re.sub(r"(?ms)^\[(queue|lis1)\].*?(?=^\[)", "", text), "utf-8")
    told = [line for line in problems(str(path)) if "missing" in line]
    assert [line.split(": ")[1] for line in told] == ["queue", "lis1"], told


# -------------------------------------------------------------------------- where a problem stands


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        ("leakage = {", "leakge = {", "leakge = {", "queue.leakge: unknown key. Did you mean 'lea"),
        ("leakage = {", "leakge = {", "[queue]", "queue.leakage: missing; a study must give it"),
        ("[lis1]", "[lis]", "[lis]", "lis: unknown key. Did you mean 'lis1'?"),
        ("last_decision = 2025", 'last_decision = "2025"', "last_decision", "found '2025'"),
        ("[2030, 2034]", "[2030, 2044]", "[time]", "window 2030 to 2044 must lie in order within"),
        ("low = 0.05, mode = 0.10", "low = -0.05, mode = 0.10", "leakage = {", "from -0.05 to 0.2"),
        ("low = 0.05, mode = 0.10", "low = 0.15, mode = 0.10", "leakage = {", "low = 0.15, mode ="),
        ('"pert", low = 0.05', '"prt", low = 0.05', "leakage = {", "Did you mean 'pert'?"),
        ("value = 0.6, assumption", "value = nan, assumption", "spread = {", "found nan"),
        ("value = 0.6, assumption", "value = 0.6, asumption", "spread = {", "training.spread"),
        ('regions = ["nord"]', 'regions = ["nrd"]', 'regions = ["nrd"]', "unknown label 'nrd'"),
        ("nord = { value = 40", "nrod = { value = 40", "[ramp.regional]", "'nord' is missing"),
        ("spread = { value = 0.6", "spread = { value = 0", "spread = {", "must be above 0"),
        ("longest_years = { value = 15.0", "longest_years = { value = 7.0", "longest_years", "7.8"),
        (
            "entry_age_sd = { value = 4.5",
            "entry_age_sd = { value = 0",
            "entry_age_sd = { value = 0",
            "above 0",
        ),
        ("below_age = 62", "below_age = 20", "below_age", "must lie above 31"),
        ("[2030, 2034]", "[2020, 2021]", "window = ", "must end in 2026 or later"),
        (
            "age_mean = { value = 40",
            "age_mean = { value = 99",
            "age_mean = { value = 99",
            "entry_age_mean: 99",
        ),
        ("real_growth = { value = 0.01", "real_growth = { value = -1", "real_growth", "between -1"),
        ("real_growth = { value = 0.01", "real_growth = { value = 99", "real_growth", "between -1"),
    ],
)
def test_problem_is_named_with_its_line(
    study_file: Path, old: str, new: str, at: str, said: str
) -> None:
    text = edit(study_file, (old, new))
    expected = f"{study_file}:{line_of(text, at)}: "
    lines = [line for line in problems(study_file) if line.startswith(expected)]
    assert any(said in line for line in lines), problems(study_file)


def test_problems_of_several_sections_are_all_named(study_file: Path) -> None:
    edit(
        study_file,
        ("[2030, 2034]", "[2030, 2044]"),
        ("leakage = {", "leakge = {"),
        ("value = 0.6, assumption", "value = nan, assumption"),
        ("price_year = 2018", 'price_year = "2018"'),
    )
    said = "\n".join(problems(study_file))
    for key in ("window 2030 to 2044", "queue.leakge", "training.spread.value", "cost.price_year"):
        assert key in said


def test_inconsistencies_are_all_named(study_file: Path) -> None:
    edit(
        study_file,
        ("low = 0.05, mode = 0.10", "low = -0.05, mode = 0.10"),
        ("unused = { value = 10", "unused = { value = -10"),
        ('regions = ["nord"]', 'regions = ["nrd"]'),
        ("foreign_share = { value = 0.932", "foreign_share = { value = 0.9"),
    )
    said = "\n".join(problems(study_file))
    for key in ("queue.leakage", "posts.unused", "risk.nord.regions", "groups.*.foreign_share"):
        assert key in said


def test_study_that_is_not_toml_is_named_with_its_line(study_file: Path) -> None:
    text = edit(study_file, ("[time]", "[time"))
    (line,) = problems(study_file)
    assert line.startswith(f"{study_file}: not valid TOML")
    assert f"line {line_of(text, '[time')}" in line


def test_study_with_a_byte_order_mark_is_read(study_file: Path) -> None:
    before = load_study(str(study_file))
    study_file.write_bytes(b"\xef\xbb\xbf" + study_file.read_bytes())
    assert load_study(str(study_file)) == before


def test_comparison_slots_must_fall_in_decision_years(study_file: Path) -> None:
    key = "comparison.directorate_by_ramp.slots_per_year"
    for given in ("{2050=10}", "{soon=10}", "{2020=-10}"):
        (line,) = problems(study_file, f"{key}={given}")
        assert key in line


# --------------------------------------------------------------------------------------- tables


def _leave(study: Study) -> float:
    return study.supervision[0].slack


def test_table_is_looked_for_in_data_and_beside_the_study(study_file: Path) -> None:
    built_in = load_study("norway-2019").supervision
    beside, below = study_file.parent / "supervision.csv", study_file.parent / "data"
    assert load_study(str(study_file)).supervision == built_in
    text = (below / "supervision.csv").read_text("utf-8")
    changed = re.sub(r"(?m)^(hospital_supervision,nord),[\d.]+", r"\1,0.75", text)
    assert changed != text
    (below / "supervision.csv").write_text(changed, "utf-8")
    assert _leave(load_study(str(study_file))) == 0.75
    (below / "supervision.csv").rename(beside)
    assert _leave(load_study(str(study_file))) == 0.75


def test_a_lost_table_is_never_replaced_by_the_built_in_one(study_file: Path) -> None:
    lost = study_file.parent / "data" / "supervision.csv"
    line = line_of(study_file.read_text("utf-8"), lost.name)
    lost.unlink()
    assert problems(study_file) == [
        f"{study_file}:{line}: supervision: table 'supervision.csv' "
        f"not found: looked for {lost} and {study_file.parent / 'supervision.csv'}; "
        "lis1plan init NEW_FOLDER --preset norway-2019 writes a copy"
    ]


BASED = 'based_on = "{}"\nname = "mine"\ntitle = "Mine"\nknown_as_of = "2025"\n'


def test_tables_are_those_of_the_study_that_names_them(tmp_path: Path) -> None:
    """A preset's own are built in whatever lies beside the study laid over it."""
    built_in = load_study("tutorial")
    study = tmp_path / "mine.toml"
    study.write_text(BASED.format("tutorial"), "utf-8")
    (tmp_path / "tutorial_demand.csv").write_text("no table at all", "utf-8")
    assert load_study(str(study)).demand == built_in.demand
    own = BASED.format("tutorial") + '[demand]\nweights = { table = "mine.csv" }\n'
    study.write_text(own, "utf-8")
    assert "table 'mine.csv' not found" in problems(study)[0]
    weights = (ROOT / "configs" / "data" / "tutorial_weights.csv").read_text("utf-8")
    (tmp_path / "mine.csv").write_text(weights, "utf-8")
    assert load_study(str(study)).demand == built_in.demand


def test_tables_of_a_base_that_is_a_file_lie_beside_it(tmp_path: Path) -> None:
    base, over = tmp_path / "base", tmp_path / "over"
    for path, text in preset_files("tutorial").items():
        (base / path).parent.mkdir(parents=True, exist_ok=True)
        (base / path).write_text(text, "utf-8")
    over.mkdir()
    study = over / "mine.toml"
    study.write_text(BASED.format("../base/tutorial.toml"), "utf-8")
    assert load_study(str(study)).demand == load_study("tutorial").demand
    lost = base / "data" / "tutorial_demand.csv"
    lost.unlink()
    (line,) = problems(study)
    assert f"looked for {over / '..' / 'base' / 'data' / lost.name} and" in line


def test_an_overridden_table_lies_beside_the_study_that_is_named(tmp_path: Path) -> None:
    study = tmp_path / "mine.toml"
    study.write_text(BASED.format("tutorial"), "utf-8")
    rename = "demand.weights.table=mine.csv"
    assert f"looked for {tmp_path / 'data' / 'mine.csv'} and" in problems(study, rename)[0]
    assert "no built-in table has that name" in problems("tutorial", rename)[0]
    assert "table: found 5; name a CSV file" in problems(study, "demand.weights.table=5")[0]
    swap = "supervision.table=supervision_2027.csv"
    assert load_study("norway-2019", [swap]) != load_study("norway-2019")


def test_missing_tables_are_all_named(study_file: Path) -> None:
    edit(study_file, ('"supervision.csv"', '"super.csv"'), ('"retirement_by_age.csv"', '"r.csv"'))
    lines = problems(study_file)
    assert len(lines) == 2
    assert any("'super.csv' not found" in line for line in lines)
    assert any("'r.csv' not found" in line for line in lines)


def change_table(study_file: Path, table: str, old: str, new: str) -> None:
    edit(study_file.parent / "data" / table, (old, new))


def test_missing_region_in_a_table_is_named(study_file: Path) -> None:
    table = study_file.parent / "data" / "supervision.csv"
    rows = table.read_text("utf-8").splitlines(keepends=True)
    table.write_text("".join(r for r in rows if ",vest," not in r), "utf-8")
    lines = problems(study_file)
    assert len(lines) == 3
    assert all("region 'vest'" in line and "supervision" in line for line in lines)


@pytest.mark.parametrize(
    ("table", "row", "said"),
    [
        ("supervision.csv", 3, "supervision: two rows for"),
        ("specialists_by_age.csv", 3, "specialists.stock: two rows for"),
        ("retirement_by_age.csv", 3, "specialists.retirement: two rows for"),
        ("demand_weights.csv", 3, "demand.weights: two rows for"),
        ("demand_alternatives.csv", 3, "demand.alternatives: two rows for"),
    ],
)
def test_double_rows_are_found(study_file: Path, table: str, row: int, said: str) -> None:
    path = study_file.parent / "data" / table
    text = path.read_text("utf-8")
    path.write_text(text.rstrip("\n") + "\n" + text.splitlines()[row] + "\n", "utf-8")
    (line,) = problems(study_file)
    assert said in line


@pytest.mark.parametrize("value", ["", "many", "nan", "inf", "-3"])
def test_bad_cell_is_named_with_its_row(study_file: Path, value: str) -> None:
    path = study_file.parent / "data" / "specialists_by_age.csv"
    rows = path.read_text("utf-8").splitlines(keepends=True)
    rows[4] = re.sub(r",[\d.]+,", f",{value},", rows[4].replace(",34,", ",34 ,"), count=1)
    path.write_text("".join(rows).replace(",34 ,", ",34,"), "utf-8")
    (line,) = problems(study_file)
    assert line.startswith("specialists_by_age.csv:5: specialists.stock.persons: ")
    assert f"found '{value}'" in line


def test_row_without_origin_is_named(study_file: Path) -> None:
    path = study_file.parent / "data" / "supervision.csv"
    rows = path.read_text("utf-8").splitlines(keepends=True)
    rows[2] = ",".join(rows[2].split(",")[:4]) + ",,\n"
    path.write_text("".join(rows), "utf-8")
    (line,) = problems(study_file)
    assert line.startswith("supervision.csv:3: supervision: ")
    assert "neither source nor assumption" in line


def test_row_of_other_length_is_named_with_its_line(study_file: Path) -> None:
    path = study_file.parent / "data" / "supervision.csv"
    rows = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join([*rows[:2], "hospital_supervision,nord,0.1\n", *rows[2:]]), "utf-8")
    (line,) = problems(study_file)
    assert line.startswith("supervision.csv:3: 6 columns expected")


def test_table_that_is_not_text_is_named(study_file: Path) -> None:
    path = study_file.parent / "data" / "supervision.csv"
    path.write_bytes(b"\x00\x01")
    assert problems(study_file) == [
        "supervision.csv: not a text file in UTF-8, UTF-16 or Windows' cp1252; save it as CSV UTF-8"
    ]


def test_study_text_holds_the_tables(small_study_file: Path) -> None:
    data = json.loads(load_study(str(small_study_file)).canonical_text)
    assert len(data["supervision"]) == 12
    assert data["specialists"]["stock"][0]["source"]
