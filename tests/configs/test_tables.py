"""Tables as statistics offices export them: read as they are, or refused with file and line."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from lis1plan.configs import cells, csv_files
from lis1plan.configs.loader import load_study
from lis1plan.configs.schema import fields_at, is_number, is_share, kind_at, row_at
from lis1plan.core.errors import InputError
from lis1plan.core.flow.rates import ages, initial_specialists
from lis1plan.core.study.specialists import AgeRow, RetirementRow, Specialists
from lis1plan.core.study.study import Study

GROUPS = {"Allmennmedisin": "general_practice", "Indremedisin": "hospital"}
TABLE = """\
"07935: Spesialister, etter spesialitet, region, alder og år"

"spesialitet";"region";"alder";"2016";"2017"
"Allmennmedisin";"Helse Nord";"31-44 år";"98";"101"
"Allmennmedisin";"Helse Nord";"45-66 år";"90";"1 210"
"Allmennmedisin";"Helse Nord";"67 år eller eldre";"10";"11"
"Indremedisin";"Helse Nord";"31-44 år";"100";"200"
"Indremedisin";"Helse Nord";"45 år";"30";"31,5"
"Indremedisin";"Helse Nord";"46-79 år";"80";"80"
"""
SPEC = """stock = { table = "ssb.csv", columns = { group = "spesialitet", region = "region", \
age = "alder", persons = "2017" }, labels = { group = { "Allmennmedisin" = "general_practice", \
"Indremedisin" = "hospital" }, region = { "Helse Nord" = "nord" } }, source = "SSB 07935, 2017" }"""
OLD = 'stock = { table = "specialists_by_age.csv" }'


@pytest.fixture
def study_file(small_study_file: Path, tmp_path: Path) -> Path:
    """A copy of the small study whose stock is the exported table beside it."""
    shutil.copytree(small_study_file.parent, tmp_path, dirs_exist_ok=True)
    path = tmp_path / small_study_file.name
    replace(path, OLD, SPEC)
    (tmp_path / "ssb.csv").write_text(TABLE, "utf-8")
    return path


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), "utf-8")


def problems(path: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        load_study(str(path))
    return caught.value.problems


def only_problem(path: Path) -> str:
    (line,) = problems(path)
    return line


def stock(study: Study) -> list[tuple[str, int | str, str | None, float]]:
    return [(r.group, r.age, r.region, r.persons) for r in study.specialists.stock]


READ = [
    ("general_practice", "31-44", "nord", 101.0),
    ("general_practice", "45-66", "nord", 1210.0),
    ("general_practice", "67-79", "nord", 11.0),  # 79: the oldest age of the table of exits
    ("hospital", "31-44", "nord", 200.0),
    ("hospital", 45, "nord", 31.5),
    ("hospital", "46-79", "nord", 80.0),
]


# --- what is read ---------------------------------------------------------------------------


def test_exported_table_is_read_as_it_is(study_file: Path) -> None:
    study = load_study(str(study_file))
    assert stock(study) == READ
    assert {row.source for row in study.specialists.stock} == {"SSB 07935, 2017"}
    assert initial_specialists(study).sum() == pytest.approx(1633.5)
    assert ages(study).tolist() == list(range(31, 80))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("separator", [";", "\t", ","])
@pytest.mark.parametrize("quoted", [True, False])
def test_separators_quotes_and_encodings(
    study_file: Path, encoding: str, separator: str, quoted: bool
) -> None:
    text = TABLE.replace('"31,5"', '"31.5"').replace('";"', f'"{separator}"')
    (study_file.parent / "ssb.csv").write_text(
        text if quoted else text.replace('"', ""), encoding, newline="\r\n"
    )
    assert stock(load_study(str(study_file))) == READ


@pytest.mark.parametrize("title", ["", "Title\n", "Title, with commas; and more\n\n\nA note\n"])
def test_title_lines_are_passed_over(study_file: Path, title: str) -> None:
    rows = TABLE.splitlines(keepends=True)[2:]
    (study_file.parent / "ssb.csv").write_text(title + "".join(rows), "utf-8")
    assert stock(load_study(str(study_file))) == READ


def test_labels_that_become_the_same_are_added_up_and_totals_left_out(study_file: Path) -> None:
    table = study_file.parent / "ssb.csv"
    more = '"Nevrologi";"Helse Nord";"31-44 år";"1";"50"\n"I alt";"Helse Nord";"45 år";"1";"999"\n'
    table.write_text(TABLE + more, "utf-8")
    replace(
        study_file, '"Indremedisin" =', '"Nevrologi" = "hospital", "I alt" = "", "Indremedisin" ='
    )
    wanted = list(READ)
    wanted[3] = ("hospital", "31-44", "nord", 250.0)
    assert stock(load_study(str(study_file))) == wanted


def test_open_band_ends_where_the_study_says(study_file: Path) -> None:
    replace(study_file, 'source = "SSB 07935, 2017" }', 'source = "SSB", oldest_age = 70 }')
    assert stock(load_study(str(study_file)))[2] == ("general_practice", "67-70", "nord", 11.0)


def test_exits_over_five_years_by_band(study_file: Path) -> None:
    replace(
        study_file,
        'retirement = { table = "retirement_by_age.csv" }',
        'retirement = { table = "exits.csv", assumption = "test", oldest_age = 79 }',
    )
    rows = "group,age,share,over_years\ngeneral_practice,55+,0.1,5\nhospital,60+,0.5,5\n"
    (study_file.parent / "exits.csv").write_text(rows, "utf-8")
    study = load_study(str(study_file))
    assert [row.age for row in study.specialists.retirement] == ["55-79", "60-79"]
    assert study.specialists.retirement[1].leaving == pytest.approx(1.0 - 0.5**0.2)
    assert len(study.specialists.stock) == 6


def test_same_table_in_either_form_is_the_same_study(study_file: Path) -> None:
    """The study keeps what was read, not how: its text loads again without the file."""
    before = load_study(str(study_file))
    plain = "group,region,age,persons,source\n" + "".join(
        f'{group},{region},{age},{persons},"SSB 07935, 2017"\n'
        for group, age, region, persons in READ
    )
    (study_file.parent / "ssb.csv").write_text(plain, "utf-8")
    replace(study_file, SPEC, 'stock = { table = "ssb.csv" }')
    assert load_study(str(study_file)) == before
    assert Study.model_validate_json(before.canonical_text) == before


# --- what is refused ------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [":", ".", "..", "-"])
def test_missing_figure_is_named(study_file: Path, sign: str) -> None:
    replace(study_file.parent / "ssb.csv", '"200"', f'"{sign}"')
    assert only_problem(study_file) == (
        f"ssb.csv:7: 2017: '{sign}' stands for a missing figure; give a number or leave the row out"
    )


def test_sign_in_a_column_that_is_not_asked_for_does_not_matter(study_file: Path) -> None:
    replace(study_file.parent / "ssb.csv", '"98"', '":"')
    assert stock(load_study(str(study_file))) == READ


def test_unknown_labels_are_named_all_at_once(study_file: Path) -> None:
    table = study_file.parent / "ssb.csv"
    text = TABLE.replace('"Indremedisin";"Helse Nord";"45', '"Kirurgi";"Helse Nord";"45')
    table.write_text(
        text.replace('Helse Nord";"46', 'Helse Sør";"46').replace(
            '"Indremedisin";"Helse Sør', '"Nevrologi";"Helse Sør'
        ),
        "utf-8",
    )
    lines = problems(study_file)
    assert lines == [
        "ssb.csv:8: specialists.stock.labels.group lacks 'Kirurgi' (line 8), 'Nevrologi' (line 9); "
        "it has: Allmennmedisin, Indremedisin",
        "ssb.csv:9: specialists.stock.labels.region lacks 'Helse Sør' (line 9); it has: Helse Nord",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"1 210"', '"many"', "ssb.csv:5: specialists.stock.persons (column '2017'): found 'many'"),
        ('"1 210"', '"-5"', "ssb.csv:5: specialists.stock.persons (column '2017'): found '-5'"),
        ('"45-66 år"', '"66-45 år"', "ssb.csv:5: specialists.stock.age (column 'alder'): found '6"),
        ('"45-66 år"', '"Uoppgitt"', "ssb.csv:5: specialists.stock.age (column 'alder'): found 'U"),
        ('"45-66 år"', '"40-66 år"', "ssb.csv:5: specialists.stock: two rows for group 'general_"),
        ('"1 210"', '"1";"2"', "ssb.csv:5: 5 columns expected (spesialitet, region, alder, 2016,"),
        ('"alder"', '"age"', "ssb.csv:3: specialists.stock: no column 'alder'; found: spesialit"),
        ('"2016"', '"2017"', "ssb.csv:3: specialists.stock: column '2017' stands there twice"),
        ('"67 år eller eldre"', '"80 år og over"', "ssb.csv:6: age '80+' has no upper end, and s"),
    ],
)  # fmt: skip
def test_problem_is_one_line_with_file_and_line(
    study_file: Path, old: str, new: str, said: str
) -> None:
    replace(study_file.parent / "ssb.csv", old, new)
    assert only_problem(study_file).startswith(said)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('persons = "2017"', 'persn = "2017"', "unknown field 'persn'; fields: source, assump"),
        ('persons = "2017"', 'persn = "2017"', "Did you mean 'persons'?"),
        (', persons = "2017"', "", "specialists.stock.columns: names no column for 'persons'"),
        ("labels = {", "label = {", "specialists.stock.label: unknown key of a table; known: "),
        ("labels = {", 'thousands = "x", labels = {', "specialists.stock.thousands: found 'x'; g"),
        ("columns = {", 'source = "x", columns_ = {', "specialists.stock.columns_: unknown key"),
        ('source = "SSB 07935, 2017" }', 'oldest_age = "x" }', "oldest_age: found 'x'; give an a"),
        ('table = "ssb.csv"', 'table = "sbb.csv"', "specialists.stock: table 'sbb.csv' not found"),
    ],
)  # fmt: skip
def test_what_the_study_says_wrongly_is_named_there(
    study_file: Path, old: str, new: str, said: str
) -> None:
    if "columns_" in new:
        replace(study_file, ', source = "SSB 07935, 2017" }', " }")
    replace(study_file, old, new)
    text = study_file.read_text("utf-8")
    number = next(n for n, line in enumerate(text.splitlines(), 1) if line.startswith("stock ="))
    lines = problems(study_file)
    assert all(line.startswith(f"{study_file}:{number}: specialists.stock") for line in lines)
    assert any(said in line for line in lines), lines


def test_rows_without_origin_are_named_in_the_file(study_file: Path) -> None:
    replace(study_file, ', source = "SSB 07935, 2017" }', " }")
    lines = problems(study_file)
    assert [line.split(": ")[0] for line in lines] == [f"ssb.csv:{n}" for n in range(4, 10)]
    assert all("names neither source nor assumption" in line for line in lines)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "ssb.csv: specialists.stock: the file is empty; columns expected: spesialit"),
        (b"\xff\xfes\x00p\x00", "ssb.csv:1: specialists.stock: no column 'spesialitet'"),
        (b"PK\x03\x04zip", "ssb.csv: not a text file in UTF-8, UTF-16 or Windows' cp1252; save"),
        (b"\x81\x8d", "ssb.csv: not a text file in UTF-8, UTF-16 or Windows' cp1252; save it as"),
    ],
)  # fmt: skip
def test_file_that_is_no_table_is_named(study_file: Path, content: bytes, said: str) -> None:
    (study_file.parent / "ssb.csv").write_bytes(content)
    assert only_problem(study_file).startswith(said)


def test_folder_in_place_of_a_table_is_not_found(study_file: Path) -> None:
    (study_file.parent / "ssb.csv").unlink()
    (study_file.parent / "ssb.csv").mkdir()
    assert "table 'ssb.csv' not found" in only_problem(study_file)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("grp,age,persons,source,assumption", "no column 'group'; found: grp, age, persons, "
         "source, assumption. Did you mean 'grp'?"),
        ("group,age,persons,source,assumtion", "unknown column 'assumtion'; known: source,"),
        ("group,age,persons,source,assumption,age", "column 'age' stands there twice"),
    ],
)  # fmt: skip
def test_wrong_header_is_one_line(study_file: Path, header: str, said: str) -> None:
    replace(study_file, SPEC, OLD)
    table = study_file.parent / "data" / "specialists_by_age.csv"
    rows = table.read_text("utf-8").splitlines(keepends=True)
    table.write_text(header + "\n" + "".join(rows[1:]), "utf-8")
    line = only_problem(study_file)
    assert line.startswith("specialists_by_age.csv:1: specialists.stock: ")
    assert said in line


def test_table_where_no_rows_stand_is_refused(study_file: Path) -> None:
    replace(study_file, 'known_as_of = "2019-01"', 'known_as_of = { table = "ssb.csv" }')
    lines = problems(study_file)
    assert any("known_as_of: holds no rows, so no table can stand there" in line for line in lines)


DOT = 'Beside the table give thousands = "." where it is 1 210, thousands = "" where it is 1.210'
COMMA = DOT.replace('"."', '","')


@pytest.mark.parametrize(
    ("cell", "other", "said"),
    [
        ("1.210", "80", f"'1.210': 1 210 or 1.210? {DOT}"),
        ("1,210", "80", f"'1,210': 1 210 or 1.210? {COMMA}"),
        ("1.210", "1,080", f"'1.210': 1 210 or 1.210? {DOT}"),
        ("1.210,5", "8.5", "'8.5': does not go with '.' between thousands, three digits each, as "),
        ("1_210", "80", "'1_210': a number has no underscore; write it without"),
    ],
)
def test_number_that_may_be_another_is_asked_about(
    study_file: Path, cell: str, other: str, said: str
) -> None:
    table = study_file.parent / "ssb.csv"
    for old, new in (("1 210", cell), ("31,5", "31"), ("80", other)):
        replace(table, f'"{old}"\n', f'"{new}"\n')
    assert re.sub(r"^ssb\.csv:\d: 2017: ", "", only_problem(study_file)).startswith(said)


@pytest.mark.parametrize(
    ("separator", "cell", "stated", "persons"),
    [
        (";", "1.210", ".", 1210.0),
        (";", "1,210", ",", 1210.0),
        (";", "1.210", "", 1.21),
        (";", "1,210", "", 1.21),
        (",", "1,210", ",", 1210.0),
        (",", "1.210", ".", 1210.0),
        (",", "1,210", "", 1.21),
        (";", "1.210,5", ".", 1210.5),
        (";", "1 210", ".", 1210.0),
    ],
)
def test_study_says_what_parts_thousands(
    study_file: Path, separator: str, cell: str, stated: str, persons: float
) -> None:
    text = TABLE.replace("1 210", cell).replace("31,5", "31")
    (study_file.parent / "ssb.csv").write_text(text.replace(";", separator), "utf-8")
    replace(study_file, 'table = "ssb.csv"', f'table = "ssb.csv", thousands = "{stated}"')
    assert stock(load_study(str(study_file)))[1][3] == persons


def test_other_cells_of_the_column_say_what_parts_thousands(study_file: Path) -> None:
    """2.410,5 shows the dot between thousands; the decimal comma of 31,5 alone leaves it open."""
    table = study_file.parent / "ssb.csv"
    replace(table, '"1 210"', '"1.210"')
    assert "1.210': 1 210 or 1.210?" in only_problem(study_file)
    replace(table, '"200"', '"2.410,5"')
    assert stock(load_study(str(study_file)))[1] == READ[1]


def test_shares_are_not_asked_about(study_file: Path) -> None:
    """No share is 1 234: with three decimals and nothing else it is what it was."""
    exits = study_file.parent / "exits.csv"
    exits.write_text("group,age,yearly_share\ngeneral_practice,45-79,1.000\nhospital,45-79,1.000\n")
    told = 'retirement = { table = "exits.csv", assumption = "test" }'
    replace(study_file, 'retirement = { table = "retirement_by_age.csv" }', told)
    assert {row.leaving for row in load_study(str(study_file)).specialists.retirement} == {1.0}


def test_a_header_of_very_many_columns_is_refused_in_linear_time(study_file: Path) -> None:
    replace(study_file, SPEC, OLD)
    table = study_file.parent / "data" / "specialists_by_age.csv"
    head, _, rows = table.read_text("utf-8").partition("\n")
    more = ",".join(f"c{n}" for n in range(100_000))
    table.write_text(f"{head},{more}\n{rows}", "utf-8")
    assert "unknown column 'c0'" in only_problem(study_file)


# --- cells and schema -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("35", "35"), ("35 år", "35"), ("35-39 år", "35-39"), ("35–39", "35-39"),
        ("35 - 39 years", "35-39"), ("67+", "67+"), ("67 år eller eldre", "67+"),
        ("80 år og over", "80+"), ("67 years or older", "67+"), ("67 år +", "67+"),
        ("65 jaar of ouder", "65+"), ("I alt", "I alt"), ("35 hus", "35 hus"), ("", ""),
    ],
)  # fmt: skip
def test_ages(cell: str, read: str) -> None:
    assert cells.age(cell) == read


def test_lines_are_those_of_the_file() -> None:
    text = 'a;b\n\n"two\nlines";1\n;\nc;2\n'
    assert list(csv_files.records("t.csv", text, ";")) == [
        (1, ["a", "b"]), (3, ["two\nlines", "1"]), (6, ["c", "2"]),
    ]  # fmt: skip


def test_schema_knows_what_a_key_holds() -> None:
    assert row_at(["specialists", "stock"]) is AgeRow
    assert row_at(["specialists", "retirement"]) is RetirementRow
    assert row_at(["demand", "need", "anything", "models"]) is not None
    assert row_at(["demand", "activity", "population"]) is not None
    assert row_at(["posts", "stages"]) is None
    assert row_at(["posts", "nothing"]) is None
    assert kind_at(["specialists"]) is Specialists
    assert kind_at(["specialists", "nothing", "more"]) is None
    assert "leakage" in fields_at(["queue"])
    assert "retention" in fields_at(["regions", "anywhere"])
    assert fields_at(["regions"]) == []
    numbers = {field for field in RetirementRow.model_fields if is_number(RetirementRow, field)}
    assert numbers == {"yearly_share", "share", "over_years"}
    assert {field for field in AgeRow.model_fields if is_number(AgeRow, field)} == {"persons"}
    shares = {field for field in RetirementRow.model_fields if is_share(RetirementRow, field)}
    assert shares == {"yearly_share", "share"}
    assert not is_share(AgeRow, "persons")


def test_documented_example_is_read(study_file: Path) -> None:
    """The table and the keys of docs/tables.md, as they stand there."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "tables.md").read_text("utf-8")
    keys, table = re.findall(r"```(?:toml)?\n(.*?)```", page, re.DOTALL)
    (study_file.parent / "stock_2017.csv").write_text(table, "latin-1")
    replace(study_file, SPEC, "")
    text = study_file.read_text("utf-8")
    head = text.index("[specialists]")
    study_file.write_text(
        text[:head] + text[head:].replace("\n# Where the", f"\n{keys}\n# Where the", 1), "utf-8"
    )
    found = stock(load_study(str(study_file)))
    assert found == [
        ("general_practice", "35-39", "nord", 101.0),
        ("hospital", "67-79", "nord", 1210.0),
    ]
    assert np.isfinite(initial_specialists(load_study(str(study_file)))).all()
