"""Every key of a study: found by what people call it, told whole, and known to editors."""

from __future__ import annotations

import doctest
import runpy
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest

from lis1plan.configs.loader import load_study, presets
from lis1plan.core.study.keys import known_keys
from lis1plan.core.study.study import Study
from lis1plan.report.keys import catalogue, holding, json_schema, names, search, telling
from lis1plan.report.keys.catalogue import Entry, entries
from lis1plan.report.keys.names import LEAST_WORDS, names_of
from lis1plan.report.keys.search import MOST_FOUND, found_by, misspelt
from lis1plan.report.texts.words import read_texts

ROOT = Path(__file__).resolve().parents[2]
REFERENCE: dict[str, Any] = runpy.run_path(str(ROOT / "docs" / "write_reference.py"))
FILES = [*ROOT.glob("configs/studies/*.toml"), *ROOT.glob("docs/**/*.toml")]
FILES += ROOT.glob("tests/studies/*.toml")


def found(query: str) -> list[str]:
    """What `explain` shows of a query."""
    return [each.pattern for each in found_by(query)[:MOST_FOUND]]


# ---------------------------------------------------------------------------------- names


@pytest.mark.parametrize("pattern", entries())
def test_key_is_found_by_name_titles_and_everyday_words(pattern: str) -> None:
    called = names_of(pattern)
    assert found(pattern)[0] == pattern
    for query in (entries()[pattern].name, *called.titles, *called.words):
        assert pattern in found(query), query


@pytest.mark.parametrize("pattern", entries())
def test_key_has_a_title_and_everyday_words_in_both_languages(pattern: str) -> None:
    """A new key needs a line in report/texts/keys.toml."""
    called = names_of(pattern)
    assert all(title.strip() for title in called.titles)
    for words in (called.words_en, called.words_nb):
        assert len(set(words)) >= LEAST_WORDS
        assert len(set(words)) == len(words)


def test_no_words_are_kept_of_keys_that_are_gone() -> None:
    kept = {key.rpartition(".")[0] for key in read_texts("keys")}
    assert kept == {names._place(each) for each in entries().values()}


def test_titles_of_figures_stand_at_their_fields_alone() -> None:
    told = read_texts("keys")
    assert [key for key in known_keys() if {f"key.{key}.en", f"key.{key}.nb"} & set(told)] == []


def test_other_words_find_keys_too() -> None:
    assert found("Retire")[0] == "specialists.retirement"
    assert found("weights of alternatives") == ["demand.weights.alternative"]
    assert "lis1.leave" in found("PARENTAL leave")
    assert "groups.*.choice" in found("share of completers")
    assert misspelt("queue.leakge")[0] == "queue.leakage"
    assert misspelt("pensjonnering") != []
    assert found_by("  ") == found_by("?") == []


def test_key_with_identifiers_is_the_pattern_alone() -> None:
    assert found("regions.nord.retention") == ["regions.*.retention"]
    assert found("specialists.stock.age") == ["specialists.stock.age"]
    assert found("purchase.price") == ["capacity.*.purchase.price"]


# ------------------------------------------------------------------------------ catalogue


@pytest.mark.parametrize("name", presets())
def test_every_key_of_every_preset_is_in_the_catalogue(name: str) -> None:
    study = load_study(name)
    for key, _ in study.figures():
        bare = key.partition("[")[0]
        assert any(each.is_at(bare) for each in entries().values()), key
    assert set(known_keys()) <= set(entries())


def test_catalogue_follows_the_classes() -> None:
    told = entries()
    assert {each.section for each in told.values()} >= set(Study.model_fields)
    assert told["time.first_year"].holds == "whole number, 1900 or more, 2200 at most"
    assert told["risk.*.rule"].holds.startswith('one of "cvar", "mean"')
    assert told["risk.*.rule"].default == '"cvar"'
    assert told["risk.*.supervises"].required is False
    assert told["risk.*.name"].required
    assert told["specialists.stock.age"].holds == "whole number or text"
    assert told["specialists.stock"].holds == "rows, or the CSV file of a table"
    assert told["measure.*.effects"].holds == "rows"
    assert told["specialists.foreign_process"].holds == "a yearly process with its source"
    assert told["schema_version"].holds == "whole number, 1"
    assert told["posts.unused"].holds == "a figure that is certain, with its source"
    columns = [each.name for each in told.values() if each.pattern.startswith("supervision.")]
    assert columns == ["limit", "region", "slack", "growth_per_year"]


def test_key_is_told_whole() -> None:
    lines = "\n".join(telling.in_full(entries()["queue.leakage"]))
    for said in ("Share of applicants", "Andel søkere", "[queue]", "0 to 1", "per half-year"):
        assert said in lines
    table = "\n".join(telling.in_full(entries()["demand.path"]))
    assert "columns      alternative, year, region, group, fte\n" in table
    said = telling.for_programs(entries()["training.half_years"])
    assert said["default"] == '"nearest"'
    assert said["required"] is False


def test_the_page_of_all_keys_says_what_the_fields_say() -> None:
    assert REFERENCE["main"](["--check"]) == 0
    page = REFERENCE["reference"]()
    for each in entries().values():
        key = each.pattern.replace("*", "NAME")
        shown = key.rpartition(".")[2] if each.section.isupper() else key
        assert f"`{shown}` |" in page


def test_a_page_that_says_something_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "reference.md"
    monkeypatch.setitem(REFERENCE["main"].__globals__, "PAGE", page)
    assert REFERENCE["main"](["--check"]) == 1
    assert REFERENCE["main"]([]) == 0
    assert REFERENCE["main"](["--check"]) == 0
    page.write_text(page.read_text("utf-8").replace("0 to 1", "0 to 2", 1), "utf-8")
    assert REFERENCE["main"](["--check"]) == 1


@pytest.mark.parametrize("module", [catalogue, holding, json_schema, names, search, telling])
def test_examples_are_true(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


# --------------------------------------------------------------------------------- schema


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = json_schema.json_schema()
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_schema_takes_every_study_there_is(validator: Any, file: Path) -> None:
    assert [each.message for each in validator.iter_errors(tomllib.loads(file.read_text()))] == []


Change = Callable[[dict[str, Any]], object]
WRONG: dict[str, Change] = {
    "unknown key": lambda s: s["queue"].update(leakge=1),
    "unknown table": lambda s: s.update(queu={}),
    "text for a number": lambda s: s["time"].update(first_year="2025"),
    "number for a figure": lambda s: s["queue"].update(leakage=0.1),
    "figure beyond its range": lambda s: s["queue"]["leakage"].update(high=1.2),
    "certain figure beyond": lambda s: s["cost"]["discount_rate"].update(value=4),
    "distribution of what is certain": lambda s: s["training"].update(spread=s["lis1"]["leave"]),
    "figure without origin": lambda s: s["queue"]["leakage"].pop("assumption"),
    "figure without its end": lambda s: s["queue"]["leakage"].pop("high"),
    "unknown distribution": lambda s: s["queue"]["leakage"].update(distribution="cauchy"),
    "unknown choice": lambda s: s["sampling"].update(method="dice"),
    "unknown rule": lambda s: s["risk"]["coast"].update(rule="var"),
    "no identifier": lambda s: s["regions"].update(North={}),
    "table without its file": lambda s: s["specialists"].update(stock={"columns": {}}),
    "row without a column": lambda s: s["demand"].update(weights=[{"table": "a"}]),
    "figure of a factor": lambda s: s["demand"].update(factor={"a": {"level": {"value": -1}}}),
    "missing section": lambda s: s.pop("queue"),
    "no list": lambda s: s.update(remove="regions"),
    "key of the other limit": lambda s: s["risk"]["coast"].update(supervises=3),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_schema_refuses_what_cannot_stand(validator: Any, wrong: str) -> None:
    study = tomllib.loads((ROOT / "configs/studies/tutorial.toml").read_text("utf-8"))
    assert validator.is_valid(study)
    WRONG[wrong](study)
    assert not validator.is_valid(study)


def test_schema_of_a_study_laid_over_another_asks_for_nothing(validator: Any) -> None:
    over = {"based_on": "tutorial", "remove": ["regions.*"], "queue": {}, "measure": {}}
    assert validator.is_valid(over)
    table = {"measure": {"table": "m.csv", "late": {"use": 1.0}}}
    assert validator.is_valid(over | table)
    table["measure"]["late"] = {"use": -1.0}  # type: ignore[dict-item]
    assert not validator.is_valid(over | table)


def test_schema_tells_title_unit_and_meaning_of_every_key(validator: Any) -> None:
    leakage = validator.schema["$defs"]["Queue"]["properties"]["leakage"]
    assert leakage["title"] == names_of("queue.leakage").en
    assert "share, 0 to 1" in leakage["description"]
    assert names_of("queue.leakage").nb in leakage["description"]
    told = str(validator.schema)
    lacking = [
        each.pattern for each in entries().values() if _of_the_study(each) and not _in(told, each)
    ]
    assert lacking == []


def _of_the_study(entry: Entry) -> bool:
    return not entry.section.isupper()


def _in(told: str, entry: Entry) -> bool:
    return repr(names_of(entry.pattern).en) in told
