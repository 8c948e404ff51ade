"""One table in many forms, as programs and offices write it: read as it is, or refused by place.

Every form says the same as REFERENCE, or would say something else if it were taken for it. None is
ever read as another table.
"""

from __future__ import annotations

import codecs
import json
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from lis1plan.configs.loader import load_study
from lis1plan.core.errors import InputError

from ..helpers.presets import preset_in

HEAD = "gruppe;alder;antall"
LABELS = {"Allmennmedisin, åpen": "general_practice", "Sykehus – øvrige": "hospital", "I alt": ""}
GIVEN: dict[str, Any] = {
    "table": "t.csv",
    "columns": {"group": "gruppe", "age": "alder", "persons": "antall"},
    "labels": {"group": LABELS},
    "source": "made up",
}
ROWS = [
    ("Allmennmedisin, åpen", "30-39", "1250"),
    ("Allmennmedisin, åpen", "40", "98.5"),
    ("Sykehus – øvrige", "41-64", "3400"),
]
REFERENCE = [
    ("general_practice", "30-39", 1250.0),
    ("general_practice", "40", 98.5),
    ("hospital", "41-64", 3400.0),
]


class Form(NamedTuple):
    """A form of the table: its bytes, what the study says beside it, and how it is refused."""

    content: bytes
    given: Mapping[str, Any] = GIVEN
    refused: str = ""  # a pattern; nothing: read


def table(separator: str = ";", end: str = "\n", quote: str = "") -> str:
    """The table, cells parted and quoted."""
    rows = [HEAD.split(";"), *ROWS]
    quoted = [
        [f'"{cell}"' if quote or separator in cell else cell for cell in cells] for cells in rows
    ]
    return "".join(separator.join(cells) + end for cells in quoted)


PLAIN = table()


def changed(*changes: tuple[str, str], text: str = PLAIN, coding: str = "utf-8") -> bytes:
    """The table with texts replaced, each found."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text.encode(coding)


def cell(old: str, new: str, refused: str = "", **given: Any) -> Form:
    """A form in which one cell is written in another way."""
    return Form(changed((f";{old}", f";{new}")), GIVEN | given, refused)


def added(text: str, refused: str = "") -> Form:
    """A form with text at its end."""
    return Form((PLAIN + text).encode(), refused=refused)


def said(**given: Any) -> Mapping[str, Any]:
    return GIVEN | given


ASKED = r"1 250 or 1.250\? Beside the table give thousands = "
BY_DOT = rf"^t\.csv:2: antall: '1\.250': {ASKED}"
BY_COMMA = rf"^t\.csv:2: antall: '1,250': {ASKED}"

FORMS: dict[str, Form] = {
    # ------------------------------------------------------------------ separators, ends, quotes
    "semicolons": Form(PLAIN.encode()),
    "commas": Form(table(",").encode()),
    "tabs": Form(table("\t").encode()),
    "bars": Form(table("|").encode()),
    "all cells quoted": Form(table(quote='"').encode()),
    "Windows' ends of lines": Form(table(end="\r\n").encode()),
    "old Mac's ends of lines": Form(table(end="\r").encode()),
    "no end of the last line": Form(PLAIN.rstrip("\n").encode()),
    "blanks round cells": Form(PLAIN.replace(";", " ; ").encode()),
    "blanks before quoted cells": Form(table(", ", quote='"').encode()),
    "line sep= of Excel": Form(("sep=;\n" + PLAIN).encode()),
    "titles before the header": Form(('"Tabell 1: spesialister"\n\n"2018"\n' + PLAIN).encode()),
    "six titles before the header": Form(
        ("Tabell\n" * 6 + PLAIN).encode(), refused=r"^t\.csv:1: .*no column 'gruppe', 'alder'"
    ),
    "columns in another order": Form(
        "".join(";".join(reversed(row)) + "\n" for row in [HEAD.split(";"), *ROWS]).encode()
    ),
    "another column between": Form(
        "".join(f"{a};x;{b};{c}\n" for a, b, c in [HEAD.split(";"), *ROWS]).encode()
    ),
    "two blanks in a label": Form(changed(("Sykehus – ", "Sykehus  –\u00a0"))),
    "a quotation mark left open": Form(
        changed((";1250\n", ';"1250\n')), refused=r"^t\.csv:2: not CSV: "
    ),
    "text after a quoted cell": Form(
        changed((";1250\n", ';"12"50\n')), refused=r"^t\.csv:2: not CSV: "
    ),
    "parted by blanks": Form(
        PLAIN.replace(";", "  ").encode(), refused=r"^t\.csv:\d: .*no column 'gruppe'"
    ),
    "too many cells in a row": Form(
        changed((";98.5", ";98.5;1")), refused=r"^t\.csv:3: 3 columns expected"
    ),
    "too few cells in a row": Form(changed((";98.5", "")), refused=r"^t\.csv:3: 3 columns expect"),
    "the heading of a column lost": Form(
        changed(("antall", "")), refused=r"^t\.csv:1: .*no column 'antall'"
    ),
    # ------------------------------------------------------------------ coding
    "UTF-8 with a mark": Form(codecs.BOM_UTF8 + PLAIN.encode()),
    "UTF-16, little end first": Form(codecs.BOM_UTF16_LE + PLAIN.encode("utf-16-le")),
    "UTF-16, big end first": Form(codecs.BOM_UTF16_BE + PLAIN.encode("utf-16-be")),
    "UTF-16 without a mark": Form(PLAIN.encode("utf-16-le")),
    "UTF-16, big, without a mark": Form(PLAIN.encode("utf-16-be")),
    "cp1252 with its dash": Form(PLAIN.encode("cp1252")),
    "cp1252 with its quotes": Form(
        changed(("åpen", "“åpen”"), coding="cp1252"),
        said(labels={"group": {**LABELS, "Allmennmedisin, “åpen”": "general_practice"}}),
    ),
    "Latin-1": Form(changed(("–", "-"), coding="latin-1"),
                    said(labels={"group": {**LABELS, "Sykehus - øvrige": "hospital"}})),
    "letters of two signs": Form(unicodedata.normalize("NFD", PLAIN).encode()),
    "letters of two signs in the study": Form(
        PLAIN.encode(),
        said(labels={"group": {unicodedata.normalize("NFD", k): v for k, v in LABELS.items()}}),
    ),
    "DOS' cp865": Form(changed(("–", "-"), coding="cp865"),
                       refused=r"^t\.csv:2: .*labels\.group lacks "),
    "Mac's own coding": Form(PLAIN.encode("mac_roman"), refused=r"^t\.csv:2: .*lacks |not a text"),
    "UTF-8 taken for Latin-1 once": Form(
        PLAIN.encode().decode("cp1252").encode(), refused=r"^t\.csv:2: .*labels\.group lacks "
    ),
    "an Excel workbook": Form(b"PK\x03\x04\x14\x00\x06\x00", refused=r"^t\.csv: not a text file"),
    "nothing": Form(b"", refused=r"^t\.csv: .*the file is empty"),
    # ------------------------------------------------------------------ what is no row
    "empty rows": added("\n;;\n\n"),
    "an empty last column": Form(PLAIN.replace("\n", ";\n").encode()),
    "three empty last columns": Form(PLAIN.replace("\n", ";;;\n").encode()),
    "an empty last column of rows": Form(
        (HEAD + "\n" + PLAIN.split("\n", 1)[1].replace("\n", ";\n")).encode()
    ),
    "an empty column between": Form(PLAIN.replace(";", ";;").encode()),
    "footer Kilde": added("\nKilde: Helsedirektoratet\n"),
    "footer Source in a full row": added("Source: SSB;;\n"),
    "footer with a separator": added("Kilde: SSB; Helsedirektoratet 2019\n"),
    "footer of several lines": added("* foreløpige tall\nKilde:\nStatistisk sentralbyrå\n2019\n"),
    "footer with commas": Form((table(",") + "Source: SSB, table 07935, 2019\n").encode()),
    "row of a label alone": added("Sykehus – øvrige;;\n", r"^t\.csv:5: .*found ''"),
    "text alone that is no footer": added("Nevrologi;;\n", r"^t\.csv:5: .*lacks 'Nevrologi'"),
    "footer before figures": Form(
        changed(("Sykehus", "Kilde: SSB;;\nSykehus")), refused=r"^t\.csv:4: .*lacks 'Kilde: SSB'"
    ),
    "total to be left out": added("I alt;30-64;4748.5\n"),
    "total that nobody knows": added("Sum;30-64;4748.5\n", r"^t\.csv:5: .*lacks 'Sum' \(line 5\)"),
    "label in the first row of its block alone": Form(
        changed(("Allmennmedisin, åpen;40", ";40")), refused=r"^t\.csv:3: .*lacks '' \(line 3\)"
    ),
    "a row twice": added("Sykehus – øvrige;41-64;3400\n"),
    # ------------------------------------------------------------------ ages
    "years": cell("30-39", "30-39 år"),
    "years, one age": cell("40;", "40 år;"),
    "an age with a decimal": cell("40;", "40.0;"),
    "an age with a decimal comma": cell("40;", "40,0;"),
    "a dash between ages": cell("30-39", "30–39"),
    "a minus between ages": cell("30-39", "30\u221239"),
    "a hyphen that does not break": cell("30-39", "30\u201139"),
    "blanks between ages": cell("30-39", "30 \u00a0- 39 years"),
    "til between ages": cell("30-39", "30 til 39 år"),
    "open upwards": cell("41-64", "41+", oldest_age=64),
    "open upwards, years after": cell("41-64", "41+ år", oldest_age=64),
    "open upwards, years before": cell("41-64", "41 år +", oldest_age=64),
    "open upwards in words": cell("41-64", "41 år eller eldre", oldest_age=64),
    "open downwards": cell("30-39", "Under 40 år", youngest_age=30),
    "open downwards in words": cell("30-39", "39 år og yngre", youngest_age=30),
    "open downwards, a sign": cell("30-39", "<40", youngest_age=30),
    "open downwards without an end": cell(
        "30-39", "Under 40 år", r"^t\.csv:2: alder: 'Under 40 år' has no lower end; give youngest_a"
    ),
    "age as a label": cell("30-39", "de yngste", labels=GIVEN["labels"] | {
        "age": {"de yngste": "30-39", "40": "40", "41-64": "41-64"}}),
    "age that Excel took for a date": cell("41-64", "41.jan", r"^t\.csv:4: .*found '41\.jan'"),
    "ages in falling order": cell("41-64", "64-41", r"^t\.csv:4: .*found '64-41'"),
    "age over 64": cell("41-64", "over 40 år", r"^t\.csv:4: .*found 'over 40 år'"),
    "half an age": cell("40;", "40.5;", r"^t\.csv:3: .*found '40\.5'"),
    "age not told": cell("41-64", "uoppgitt", r"^t\.csv:4: .*found 'uoppgitt'"),
    # ------------------------------------------------------------------ numbers
    "a blank between thousands": cell("1250", "1 250"),
    "a hard blank": cell("1250", "1\u00a0250"),
    "a thin blank": cell("1250", "1\u2009250"),
    "a narrow hard blank": cell("1250", "1\u202f250"),
    "a decimal comma": cell("98.5", "98,5"),
    "a decimal more": cell("1250", "1250.0"),
    "a power of ten": cell("1250", "1.25E+03"),
    "thousands by dot, as stated": Form(
        changed((";1250", ";1.250"), (";3400", ";3.400"), ("98.5", "98,5")), said(thousands=".")
    ),
    "thousands by comma, as stated": cell("1250", "1,250", thousands=","),
    "thousands shown by another cell": Form(
        changed((";1250", ";1.250"), (";3400", ";3.400,0"), ("98.5", "98,5"))
    ),
    "thousands by dot": Form(
        changed((";1250", ";1.250"), ("98.5", "98,5")), refused=BY_DOT
    ),
    "thousands by comma": Form(
        changed((";1250", ";1,250"), ("98.5", "98")), refused=BY_COMMA
    ),
    "thousands by dot and whole": Form(
        changed((";1250", ";1.250"), ("98.5", "98")), refused=BY_DOT
    ),
    "mixed marks of thousands": Form(
        changed((";1250", ";1.250"), (";3400", ";3,400")), refused=r"^t\.csv:[24]: antall: .* or "
    ),
    "mixed marks of decimals": Form(
        changed((";1250", ";1,250"), (";3400", ";3400,0")),
        refused=BY_COMMA,
    ),
    "comma in a file with commas": Form(
        changed(('1250', '"1,250"'), text=table(",")), refused=BY_COMMA
    ),
    "against what is stated": cell("1250", "12.50", r"^t\.csv:2: antall: '12\.50': does not go ",
                                   thousands="."),
    "an underscore": cell("1250", "1_250", r"^t\.csv:2: antall: '1_250': a number has no undersc"),
    "an apostrophe": cell("1250", "1'250", r"^t\.csv:2: .*found \"1'250\"; give a number"),
    "a blank too far": cell("1250", "12 50", r"^t\.csv:2: .*found '12 50'; give a number"),
    "a minus of Unicode": cell("1250", "\u22121250", r"^t\.csv:2: .*found '-1250'; must be 0 or"),
    "a sign for missing": cell("1250", ":", r"^t\.csv:2: antall: ':' stands for a missing figure"),
    "a dash for missing": cell("1250", "–", r"^t\.csv:2: antall: '–' stands for a missing figure"),
    "nothing in a cell": cell("1250", "", r"^t\.csv:2: .*found ''; give a number"),
    "per cent": cell("1250", "12 %", r"^t\.csv:2: .*found '12 %'; give a number"),
    "a star beside a number": cell("1250", "1250*", r"^t\.csv:2: .*found '1250\*'; give a number"),
    "about": cell("1250", "ca. 1250", r"^t\.csv:2: .*found 'ca\. 1250'; give a number"),
    "an error of Excel": cell("1250", "#REF!", r"^t\.csv:2: .*found '#REF!'; give a number"),
    "not a number": cell("1250", "NaN", r"^t\.csv:2: .*found 'NaN'; give a finite number"),
}  # fmt: skip
FORMS["a row twice"] = FORMS["a row twice"]._replace(
    refused=r"^t\.csv:5: .*two rows for group 'hospital', age 41: this one and t\.csv:4"
)


def test_there_are_more_than_seventy_forms() -> None:
    assert len(FORMS) > 100
    assert len([form for form in FORMS.values() if not form.refused]) > 50
    contents = [(form.content, repr(form.given)) for form in FORMS.values()]
    assert len(set(contents)) == len(contents)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tutorial, to edit."""
    return preset_in(tmp_path_factory.mktemp("forms"))


@pytest.mark.parametrize("name", FORMS)
def test_form_is_read_as_it_is_or_refused_by_row_and_column(name: str, folder: Path) -> None:
    form, study = FORMS[name], folder / "tutorial.toml"
    (folder / "t.csv").write_bytes(form.content)
    told = "{ " + ", ".join(f"{key} = {toml(value)}" for key, value in form.given.items()) + " }"
    over = [f"specialists.stock={told}"]
    if not form.refused:
        stock = load_study(str(study), over).specialists.stock
        assert [(row.group, str(row.age), row.persons) for row in stock] == REFERENCE
        return
    with pytest.raises(InputError) as caught:
        load_study(str(study), over)
    lines = caught.value.problems
    assert any(re.search(form.refused, line) for line in lines), lines
    assert all(line.startswith("t.csv:") for line in lines), lines


def toml(value: Any) -> str:
    """A value as TOML writes it in one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{toml(key)} = {toml(item)}" for key, item in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)
