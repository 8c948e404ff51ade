"""Figures that cannot be meant are refused, each in one plain line with its place."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from lis1plan.configs.loader import load_study
from lis1plan.configs.places import Places
from lis1plan.configs.problems import problem_lines
from lis1plan.core.errors import InputError
from lis1plan.core.study.study import Study

from ..helpers.presets import preset_in

TUTORIAL = load_study("tutorial")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The tutorial, to edit."""
    return preset_in(tmp_path)


def refused(study: Path | str, *overrides: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        load_study(str(study), overrides)
    return caught.value.problems


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("cost.discount_rate=4", "cost.discount_rate: is 4; must lie below 1 (1 % is 0.01)"),
        ("cost.discount_rate=1", "cost.discount_rate: is 1; must lie below 1 (1 % is 0.01)"),
        ("specialists.mobility_per_year=1", "specialists.mobility_per_year: is 1; must lie below"),
        ("cost.real_growth=-1", "cost.real_growth: is -1; must lie between -1 and 1"),
        ("posts.unused=1.5", "posts.unused: 1.5; a whole number expected"),
        ('risk.coast.regions=["coast","coast"]', "risk.coast.regions: 'coast' stands there twice"),
        (
            'risk.coast.groups=["hospital","hospital"]',
            "risk.coast.groups: 'hospital' stands there twice; name it once",
        ),
        ("regions.coast.name=City", "regions.coast.name: 'City' is the name of regions.city, too"),
        ("risk.coast.name=The country", "risk.coast.name: 'The country' is the name of risk."),
        (
            'posts.stages=["hospital","hospital"]',
            "lis1.appointed_before_start: 3 values for 2 stages of posts.stages; give one per",
        ),
        ("cost.stay_months.hospital=6", "posts.stages: 12 months in 'hospital', but cost.comp"),
        ("cost.stay_months.clinic=6", "cost.stay_months: unknown label 'clinic'; known: hospital,"),
    ],
)
def test_figure_that_cannot_be_meant_is_refused(override: str, said: str) -> None:
    lines = refused("tutorial", override)
    assert any(said in line for line in lines), lines


def test_a_shorter_lis1_asks_for_its_own_costs() -> None:
    shorter = ['posts.stages=["hospital","municipality"]', "lis1.appointed_before_start=[14,14]"]
    assert refused("tutorial", *shorter) == [
        f"--set {shorter[0]}: posts.stages: 6 months in 'hospital', but cost.components charges "
        "for a stay of 12 (cost.stay_months); give the costs of the new stay, and its months"
    ]
    load_study("tutorial", [*shorter, "cost.stay_months.hospital=6"])


def test_a_study_that_says_no_months_has_costs_for_its_own_stages(folder: Path) -> None:
    """What is laid over it, or set, changes the stages and not the costs."""
    study, over = folder / "tutorial.toml", folder / "mine.toml"
    text = study.read_text("utf-8")
    line = "stay_months = { hospital = 12, municipality = 6 }\n"
    assert line in text
    study.write_text(text.replace(line, ""), "utf-8")
    assert load_study(str(study)) == TUTORIAL
    shorter = ['posts.stages=["hospital","municipality"]', "lis1.appointed_before_start=[14,14]"]
    assert "charges for a stay of 12" in refused(study, *shorter)[0]
    over.write_text(
        'based_on = "tutorial"\nname = "mine"\ntitle = "x"\nknown_as_of = "2025"\n[posts]\n'
        'stages = ["hospital", "municipality"]\n[lis1]\nappointed_before_start = [14, 14]\n',
        "utf-8",
    )
    (problem,) = refused(over)
    assert problem.startswith(f"{over}:6: posts.stages: 6 months in 'hospital', but cost.comp")


@pytest.mark.parametrize(
    ("table", "old", "new", "said"),
    [
        ("supervision", ",0.25,", ",-1.01,", ":3: supervision.slack: found '-1.01'; must be -1 or"),
        ("supervision", ",0.02,i", ",-1,i", ":3: supervision.growth_per_year: found '-1'; must be"),
        ("retirement", "58,0.0200", "58,2", ":14: specialists.retirement.yearly_share: found '2';"),
        (
            "weights",
            "flat,fast,1,equal\n",
            "",
            "weights: table 'flat': no row for fast; give one f",
        ),
    ],
)
def test_figure_of_a_table_is_refused_by_row_and_column(
    folder: Path, table: str, old: str, new: str, said: str
) -> None:
    path = folder / "data" / f"tutorial_{table}.csv"
    head, found, tail = path.read_text("utf-8").rpartition(old)
    assert found
    path.write_text(head + new + tail, "utf-8")
    lines = refused(folder / "tutorial.toml")
    assert len(lines) == 1
    assert said in lines[0]


@pytest.mark.parametrize("bound", ["slack", "growth_per_year"])
def test_what_is_just_possible_is_taken(bound: str) -> None:
    rows = [row.model_dump() | {bound: -1.0 if bound == "slack" else -0.99}
            for row in TUTORIAL.supervision]  # fmt: skip
    Study.model_validate(TUTORIAL.model_dump() | {"supervision": tuple(rows)})


TABLES = ["cost", "demand", "retirement", "specialists", "supervision", "weights"]


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_a_key_and_names_both_rows(folder: Path, table: str) -> None:
    path = folder / "data" / f"tutorial_{table}.csv"
    rows = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join([*rows, rows[1]]), "utf-8")
    lines = refused(folder / "tutorial.toml")
    last = f"{path.name}:{len(rows) + 1}: "
    assert len(lines) == 1
    assert lines[0].startswith(last)
    assert "two rows for " in lines[0]
    assert lines[0].endswith(f": this one and {path.name}:2")


def test_two_rows_of_a_limit_are_both_named(folder: Path) -> None:
    row = '[[limits.budget]]\npayer = "all"\nyear = 2030\nnok = 1e9\nassumption = "x"\n'
    study = folder / "tutorial.toml"
    text = study.read_text("utf-8")
    study.write_text(text + "\n" + row + row, "utf-8")
    first = text.count("\n") + 2
    assert refused(study) == [
        f"{study}:{first + 5}: limits.budget.1: two rows for payer 'all', year 2030: this one and "
        f"{study}:{first}"
    ]


# ------------------------------------------------------------------------------ where it stands


def test_problem_of_a_base_stands_in_the_base(folder: Path) -> None:
    base, study = folder / "tutorial.toml", folder / "mine.toml"
    text = base.read_text("utf-8").replace("mode = 0.10, high = 0.20", "mode = 0.10, high = 2")
    base.write_text(text, "utf-8")
    study.write_text(
        'based_on = "tutorial"\nname = "mine"\ntitle = "x"\nknown_as_of = "2025"\n\n'
        "[queue]\nfill_rate = { value = 3, assumption = 'x' }\n",
        "utf-8",
    )
    line = next(n for n, each in enumerate(text.splitlines(), 1) if each.startswith("leakage"))
    assert [problem.partition(": ")[0] for problem in refused(study)] == [
        f"{base}:{line}",
        f"{study}:7",
    ]


def test_every_problem_has_a_line(folder: Path) -> None:
    """Also of what is missing, of whole sections, and of patterns over several entries."""
    study = folder / "tutorial.toml"
    text = study.read_text("utf-8")
    for old, new in (
        ("foreign_share = { value = 0.2,", "foreign_share = { value = 0.3,"),
        ("schema_version = 1\n", ""),
        ('arena = "hospital"', 'arena = "clinic"'),
    ):
        changed = text.replace(old, new)
        assert changed != text
        study.write_text(changed, "utf-8")
        for problem in refused(study):
            assert re.match(rf"{re.escape(str(study))}:\d+: ", problem), problem


# ------------------------------------------------------------------------------ overrides


def test_override_reaches_sections_the_study_lacks() -> None:
    study = load_study(
        "tutorial",
        [
            "limits.least_share.coast=0.3",
            "limits.closing.most_per_year.city=2",
            "limits.closing.saved_share=0.5",
            "ramp.lead_time_years.coast=1",
            "groups.hospital.fte_per_head=0.9",
            'risk.city={name="City", regions=["city"], confidence=0.5, limit=0.1, assumption="x"}',
        ],
    )
    assert study.limits.least_share["coast"].value == 0.3
    assert study.limits.closing is not None
    assert study.limits.closing.most_per_year["city"].value == 2
    assert study.ramp.lead_time_years["coast"].value == 1
    assert "--set groups.hospital.fte_per_head=0.9" in str(study.groups["hospital"].fte_per_head)
    assert list(study.risk) == ["country", "coast", "city"]


def test_override_names_a_table_of_a_section_the_study_lacks(folder: Path) -> None:
    (folder / "b.csv").write_text("payer;year;nok;assumption\nall;2030;1 000 000;x\n", "utf-8")
    study = load_study(str(folder / "tutorial.toml"), ["limits.budget.table=b.csv"])
    assert study.limits.budget[0].nok == 1e6


@pytest.mark.parametrize(
    ("override", "said"),
    [
        (
            "limits.least_shre.coast=0.3",
            "unknown key 'limits.least_shre'; known here: capacity, bu",
        ),
        (
            "limits.least_share.cost=0.3",
            "limits.least_share: unknown label 'cost'; known: city, co",
        ),
        (
            "risk.cost.limit=0.1",
            "unknown key 'risk.cost'; known here: country, coast. Did you mean",
        ),
        ("risk.coast.limit=0.1\nsampling.seed=3", "--set risk.coast.limit=0.1: a value is one li"),
        ("risk.coast.limit=0.1\r", "a value is one line; give --set once for every key"),
    ],
)
def test_override_of_nothing_is_refused(override: str, said: str) -> None:
    (line,) = refused("tutorial", override)
    assert said in line
    assert "\n" not in line


# ------------------------------------------------------------------------------ in plain words

PYDANTIC = re.compile(
    r"[Ii]nput should|[Ee]xtra inputs|[Ff]ield required|unable to |[Vv]alue error|valid (?:number|"
    r"integer|string|dictionary|tuple|boolean|list)|errors\.pydantic|type=|_type\b|instance of|"
    r"greater than|less than|discriminator|tag |cannot stand here"
)
WRONG: list[Any] = ["text", -1e16, 2.5, float("nan"), True, None, [], ["text"], {}, {"x": 1}, "-1"]
CHOOSE = ("distribution", "process", "supervises", "rule")
"""Keys that say what the others beside them may be: never changed together with those."""


def keys_of(value: Any, key: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every key of a study; of rows only the first."""
    if key:
        yield key
    if isinstance(value, dict):
        for name, item in value.items():
            yield from keys_of(item, (*key, name))
    elif isinstance(value, list | tuple) and value:
        yield from keys_of(value[0], (*key, 0))


def mutated(data: Any) -> Iterator[tuple[object, Any]]:
    """What was put in, and the study with it at all keys of one depth at once.

    `...` stands for a key left out and an unknown one beside it.
    """
    keys = list(keys_of(data))
    for depth in range(1, max(map(len, keys)) + 1):
        for choosing in (False, True):
            some = [k for k in keys if len(k) == depth and (k[-1] in CHOOSE) == choosing]
            for wrong in (*WRONG, ...) if some else ():
                changed = copy.deepcopy(data)
                for key in some:
                    place = changed
                    for part in key[:-1]:
                        place = place[part]
                    if wrong is not ...:
                        place[key[-1]] = wrong
                    elif isinstance(place, dict):
                        del place[key[-1]]
                        place[f"{key[-1]}x"] = 1
                yield wrong, changed


def as_lists(value: Any) -> Any:
    """A study's data with lists, of tables their first row alone."""
    if isinstance(value, dict):
        return {name: as_lists(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        rows = bool(value) and isinstance(value[0], dict)
        return [as_lists(item) for item in (value[:1] if rows else value)]
    return value


@pytest.mark.parametrize("name", ["tutorial", "norway-2027"])
def test_pydantics_own_words_never_reach_the_user(name: str) -> None:
    """Whatever stands at whatever key: our words, with what was found or what is known there."""
    data, places = as_lists(load_study(name).model_dump()), Places({"s.toml": ""})
    lines = [
        (wrong, line) for wrong, changed in mutated(data) for line in problems(changed, places)
    ]
    assert [(wrong, line) for wrong, line in lines if PYDANTIC.search(line)] == []
    assert len(lines) > 3000


def problems(data: dict[str, Any], places: Places) -> list[str]:
    try:
        Study.model_validate(data)
    except ValidationError as error:
        return problem_lines(error, places)
    return []


def test_unknown_keys_list_what_is_known() -> None:
    (line,) = refused("tutorial", 'queue.leakage={distribution="pert", lw=0, low=0.1, mode=0.2, '
                      'high=0.3, assumption="x"}')  # fmt: skip
    assert line.endswith(
        "queue.leakage.lw: unknown key. Did you mean 'low'? Known here: source, assumption, low, "
        "high, mode, distribution"
    )


@pytest.mark.parametrize(
    ("override", "said"),
    [
        (
            "risk.coast.rule=cvr",
            "found 'cvr'; give 'cvar', 'mean', 'worst', 'chance' or 'price'. D",
        ),
        ("queue.leakage=x", "queue.leakage: found 'x'; give a figure with its origin, { value = "),
        ("regions.coast=5", "regions.coast: found 5; give a table, { key = … }"),
        ("risk.coast.regions=[]", "risk.coast.regions: found []; give 1 or more"),
        ("name=Mine", "name: found 'Mine'; use a-z, 0-9 and -"),
        ("applicants.home.process={process='walk'}", "found process 'walk'; known: autoregressive"),
    ],
)
def test_what_may_stand_is_said(override: str, said: str) -> None:
    (line,) = refused("tutorial", override)
    assert said in line
