"""Studies laid over others: what is left out of the base, and which layer said what."""

from __future__ import annotations

import doctest
import json
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner

from lis1plan.cli.commands import main
from lis1plan.configs import layers, showing
from lis1plan.configs.layers import at, leaves
from lis1plan.configs.loader import Loaded, TableFile, load, load_study, preset_files, presets
from lis1plan.configs.showing import as_toml, layers_of, shown
from lis1plan.core.errors import InputError

OVER_NORWAY = Path(__file__).resolve().parents[2] / "docs" / "over-norway" / "two-regions.toml"
BASE = 'based_on = "tutorial"\nname = "over"\n'


def study_over(folder: Path, text: str, name: str = "over.toml") -> str:
    path = folder / name
    path.write_text(BASE + text if "based_on" not in text else text, "utf-8")
    return str(path)


def refused(where: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        load_study(where)
    return caught.value.problems


# ------------------------------------------------------------------------------------ remove


def test_what_is_removed_is_gone_and_all_else_stays(tmp_path: Path) -> None:
    where = study_over(tmp_path, 'remove = ["comparison.f*", "groups.*.foreign_share"]\n')
    left = load(where, ["groups.general_practice.foreign_share=0.3",
                        "groups.hospital.foreign_share=0.7"])  # fmt: skip
    base = load_study("tutorial")
    assert list(left.study.comparison) == ["none"]
    assert left.study.groups["hospital"].foreign_share.value == 0.7
    same = {"name", "comparison", "groups"}
    assert left.study.model_dump(exclude=same) == base.model_dump(exclude=same)


def test_what_is_removed_may_be_said_anew(tmp_path: Path) -> None:
    again = (
        'remove = ["demand.unmet.*"]\n[demand.unmet.general_practice]\n'
        'missing = { value = 3, assumption = "x" }\ncounts = "doctors"\n'
    )
    assert list(load_study(study_over(tmp_path, again)).demand.unmet) == ["general_practice"]
    kept = again.replace('remove = ["demand.unmet.*"]', "")
    both = ["hospital", "general_practice"]
    assert list(load_study(study_over(tmp_path, kept)).demand.unmet) == both


def test_a_needed_key_that_is_removed_is_missing(tmp_path: Path) -> None:
    (line,) = refused(study_over(tmp_path, 'remove = ["queue.leakage"]\n'))
    assert "queue.leakage: missing" in line


def test_a_base_may_itself_have_removed(tmp_path: Path) -> None:
    study_over(tmp_path, 'remove = ["risk.coast"]\n', "lower.toml")
    text = 'based_on = "lower.toml"\nname = "upper"\nremove = ["{}"]\n'
    upper = study_over(tmp_path, text.format("comparison.five"), "upper.toml")
    study = load_study(upper)
    assert (list(study.risk), list(study.comparison)) == (["country"], ["none"])
    again = study_over(tmp_path, text.format("risk.coast"), "again.toml")
    assert refused(again) == [
        f"{again}:3: remove: 'risk.coast' is not in the base: no 'coast' in risk; there: country."
    ]


@pytest.mark.parametrize(
    ("remove", "said"),
    [
        ('["regions.cty"]', "no 'cty' in regions; there: city, coast. Did you mean 'city'?"),
        ('["queu.leakage"]', "no 'queu' in the study; there: "),
        ('["queu.leakage"]', "Did you mean 'queue'?"),
        ('["risk.*.confidnce"]', "no 'confidnce' in risk.*; there: name, regions, confidence, "),
        ('["time.first_year.x"]', "no 'x' in time.first_year."),
        ('["limits"]', "'limits' is not in the base: no 'limits' in the study"),
        ('[""]', "'' is not in the base"),
        ('"regions"', "remove: found 'regions'; give a list of keys"),
        ("[1]", "remove: found [1]; give a list of keys"),
    ],
)
def test_what_is_not_there_cannot_be_removed(tmp_path: Path, remove: str, said: str) -> None:
    where = study_over(tmp_path, f"remove = {remove}\n")
    (line,) = refused(where)
    assert line.startswith(f"{where}:3: remove: ")
    assert said in line


def test_every_key_that_is_not_there_is_named(tmp_path: Path) -> None:
    where = study_over(tmp_path, 'remove = ["a", "risk.coast", "risk.b"]\n')
    assert [line.split("'")[1] for line in refused(where)] == ["a", "risk.b"]


def test_nothing_is_removed_without_a_base(tmp_path: Path) -> None:
    path = tmp_path / "alone.toml"
    path.write_text('name = "a"\nremove = ["risk.*"]\n', "utf-8")
    (line,) = refused(str(path))
    assert line.startswith(f"{path}:2: remove: there is no base")


def test_removing_nothing_changes_nothing(tmp_path: Path) -> None:
    assert load_study(study_over(tmp_path, "remove = []\n")) == load_study(study_over(tmp_path, ""))


def test_another_country_is_laid_over_norway() -> None:
    study, norway = load_study(str(OVER_NORWAY)), load_study("norway-2019")
    assert list(study.regions) == list(study.ramp.regional) == ["east", "west"]
    assert list(study.capacity) == ["hospital_supervision"]
    assert list(study.measure) == []
    assert study.specialists == norway.specialists
    assert "nord" not in study.canonical_text


# -------------------------------------------------------------------------------------- show


def _toml(value: Any) -> Any:
    """A value of a study as TOML says it: a table file by its name alone."""
    if isinstance(value, dict):
        return {key: _toml(item) for key, item in value.items()}
    return value.name if isinstance(value, TableFile) else value


@pytest.mark.parametrize("where", [*presets(), str(OVER_NORWAY)])
def test_what_is_shown_is_the_study_as_toml(where: str) -> None:
    loaded = load(where)
    said = tomllib.loads("\n".join(as_toml(loaded)))
    assert said == _toml(loaded.laid.data)


@pytest.mark.parametrize("where", [*presets(), str(OVER_NORWAY)])
def test_every_key_was_said_where_it_is_shown(where: str) -> None:
    loaded = load(where)
    for each in shown(loaded):
        file, _, line = each.place.rpartition(":")
        name = each.key.rpartition(".")[2]
        assert name in _text(file).splitlines()[int(line) - 1], each


def _text(file: str) -> str:
    folder = Path(showing.__file__).with_name("studies")
    return (folder / file if (folder / file).exists() else Path(file)).read_text("utf-8")


def _in_tutorial(line: str) -> str:
    return f"tutorial.toml:{_text('tutorial.toml').splitlines().index(line) + 1}"


def _shown(loaded: Loaded) -> dict[str, tuple[str, str]]:
    return {each.key: (each.value, each.place) for each in shown(loaded)}


def test_each_layer_is_named(tmp_path: Path) -> None:
    text = "[sampling]\nseed = 7\n[risk.all]\n" + 'name = "All"\nregions = ["city", "coast"]\n'
    where = study_over(tmp_path, text + 'confidence = 0.5\nlimit = 0.1\nsource = "s"\n')
    loaded = load(where, ["sampling.scenarios=64", "risk.all.limit=0.2", "sampling.seed=8"])
    said = _shown(loaded)
    assert layers_of(loaded) == [
        "tutorial.toml (preset)",
        where,
        "--set sampling.scenarios=64",
        "--set risk.all.limit=0.2",
        "--set sampling.seed=8",
    ]
    assert said["sampling.method"] == ('"sobol"', _in_tutorial('method = "sobol"'))
    assert said["sampling.seed"] == ("8", "--set sampling.seed=8")
    assert said["sampling.scenarios"] == ("64", "--set sampling.scenarios=64")
    assert said["risk.all.confidence"] == ("0.5", f"{where}:8")
    assert said["risk.all.limit"] == ("0.2", "--set risk.all.limit=0.2")
    assert said["name"] == ('"over"', f"{where}:2")
    assert "risk.country.limit" not in said  # [risk] given anew replaces the base's
    assert {each.key: each.rows for each in shown(loaded)}["specialists.stock"] == 72
    assert "groups.hospital.choice" not in said  # its default: no layer says it


def test_a_copy_beside_is_no_preset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`lis1plan init` writes it under the preset's own name."""
    monkeypatch.chdir(tmp_path)
    for name, text in preset_files("tutorial").items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text, "utf-8")
    study_over(tmp_path, "")
    assert layers_of(load("tutorial.toml")) == ["tutorial.toml"]
    assert layers_of(load("over.toml")) == ["tutorial.toml", "over.toml"]
    assert layers_of(load("tutorial")) == ["tutorial.toml (preset)"]


def test_an_override_that_says_the_same_is_no_layer_of_the_key() -> None:
    said = _shown(load("tutorial", ["sampling.seed=1"]))
    assert said["sampling.seed"] == ("1", _in_tutorial("seed = 1"))


def test_the_command_shows_and_computes_nothing(tmp_path: Path) -> None:
    where = study_over(tmp_path, "")
    run = CliRunner().invoke(main, ["validate", where, "--show", "--seed", "5"])
    assert run.exit_code == 0
    assert tomllib.loads(run.stdout)["sampling"]["seed"] == 5
    assert "floor" not in run.stdout
    told = json.loads(CliRunner().invoke(main, ["validate", where, "--show", "--json"]).stdout)
    assert told["layers"] == ["tutorial.toml (preset)", where]
    assert {"key", "value", "place", "rows"} == set(told["keys"][0])
    idle = CliRunner().invoke(main, ["validate", where, "--show", "--workers", "2"])
    assert (idle.exit_code, "nothing is computed" in idle.stderr) == (2, True)


def test_a_study_that_is_wrong_is_not_shown(tmp_path: Path) -> None:
    where = study_over(tmp_path, "[queue]\nleakge = 1\n")
    run = CliRunner().invoke(main, ["validate", where, "--show"])
    assert (run.exit_code, run.stdout) == (2, "")


def test_leaves_are_all_that_was_said() -> None:
    data = {"a": {"b": 1, "c": {"value": 2}}, "d": {}, "e": [{"f": 1}]}
    assert dict(leaves(data)) == {"a.b": 1, "a.c": {"value": 2}, "d": {}, "e": [{"f": 1}]}
    assert all(at(data, key) == value for key, value in leaves(data))
    assert at(data, "a.x") is at(data, "a.b.x") is None


@pytest.mark.parametrize("module", [layers, showing])
def test_examples_are_true(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0
