"""Options as values: every field is an option of the command line, and a file gives them back."""

from __future__ import annotations

import dataclasses
import inspect
import json
from typing import get_args, get_type_hints

import pytest

from lis1plan.core.errors import InputError
from lis1plan.jobs import options
from lis1plan.jobs.options import (
    FrontierOptions,
    Option,
    Options,
    OptionsError,
    ProjectOptions,
    ReplayOptions,
    ReplicateOptions,
    RunOptions,
    SensitivityOptions,
)

VALUES = [
    RunOptions(ensemble=True, significant_digits=3, sensitivity=True, replicate=4),
    RunOptions(),
    RunOptions(discover=True),
    ProjectOptions(ensemble=True),
    ReplayOptions(realization=3),
    SensitivityOptions(method="morris", samples=7),
    FrontierOptions(over="risk.national.limit", points=3, low=0.1),
    ReplicateOptions(seeds=3),
]
CLASSES = [
    each for _, each in inspect.getmembers(options, inspect.isclass) if issubclass(each, Options)
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_file_gives_the_options_back(value: Options) -> None:
    assert type(value).from_data(json.loads(value.as_text())) == value


@pytest.mark.parametrize("data", [None, {}, {"seeds": 3, "colour": "red"}, [3]])
def test_options_of_another_program_are_refused(data: object) -> None:
    with pytest.raises(OptionsError, match="options of another lis1plan"):
        ReplicateOptions.from_data(data)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_field_says_what_it_is_for(kind: type[Options]) -> None:
    hints = get_type_hints(kind, include_extras=True)
    for field in dataclasses.fields(kind):
        said = get_args(hints[field.name])[-1]
        assert isinstance(said, Option)
        assert said.help.endswith(".")


def test_options_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        RunOptions().ensemble = True  # type: ignore[misc]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (lambda: RunOptions(significant_digits=2), "--significant-digits: rounds what --ensemble"),
        (lambda: SensitivityOptions(samples=100), "--samples 100: Sobol takes a power of two"),
        (lambda: FrontierOptions(over="x", high=float("nan")), "--to nan: is not a number"),
    ],
)
def test_options_that_make_no_sense_are_refused(given: object, said: str) -> None:
    assert callable(given)
    with pytest.raises(InputError, match=said):
        given()
