"""The commands `explain` and `schema`: what they print, and what they say of no key."""

from __future__ import annotations

import json

import jsonschema
from click.testing import CliRunner

from lis1plan.cli.commands import main


def said(*arguments: str) -> str:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == 0, result.stderr
    return result.stdout


def test_a_key_is_told_in_full() -> None:
    text = said("explain", "queue.leakage")
    assert text.splitlines()[0] == "queue.leakage"
    assert "  unit         share\n" in text
    assert "Andel søkere uten stilling som gir opp" in text


def test_a_word_lists_what_it_means() -> None:
    lines = said("explain", "pensjon").splitlines()
    assert lines[0].startswith("specialists.retirement_scale")
    assert all(" · " in line for line in lines)
    assert said("explain", "parental", "leave").startswith("lis1.leave\n")


def test_a_name_that_is_a_key_comes_first_and_others_after_it() -> None:
    first, _, rest = said("explain", "name").partition("\n\n")
    assert first.startswith("name\n")
    assert "regions.*.name" in rest


def test_programs_get_all_of_them() -> None:
    told = json.loads(said("explain", "pension", "--json"))
    assert told["status"] == "done"
    assert told["keys"][0]["key"] == "specialists.retirement"
    assert {"title", "title_nb", "unit", "allowed", "words", "words_nb"} <= set(told["keys"][0])


def test_what_is_no_key_is_bad_input_with_a_guess() -> None:
    result = CliRunner().invoke(main, ["explain", "queue.leakge"])
    assert result.exit_code == 2
    assert "Did you mean 'queue.leakage'" in result.stderr
    nothing = CliRunner().invoke(main, ["explain", "zzzz"])
    assert nothing.exit_code == 2
    assert "Did you mean" not in nothing.stderr


def test_the_schema_is_one() -> None:
    schema = json.loads(said("schema"))
    jsonschema.Draft7Validator.check_schema(schema)
    assert "queue" in schema["properties"]
