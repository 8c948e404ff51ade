"""Sensitivity: known indices come out, what has no influence has none, workers change nothing."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner
from numpy.typing import NDArray
from rich.console import Console

from lis1plan.cli import main
from lis1plan.core.compute.place import silent
from lis1plan.core.compute.workers import Workers, local_workers
from lis1plan.core.files.store import open_result, write_result
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.risk.sensitivity import (
    Design,
    Method,
    analyse,
    design_of,
    indices_of,
    outcome_block,
    points,
    views,
)
from lis1plan.core.scenarios.draws import dimensions
from lis1plan.core.scenarios.factors import AT_END, factors, label, outcomes
from lis1plan.core.scenarios.sampling import Sample
from lis1plan.core.study.study import Study
from lis1plan.core.verify.laws import verify
from lis1plan.jobs.options import SensitivityOptions
from lis1plan.jobs.request import PLAN, JobRequest, slots_of
from lis1plan.jobs.sensitivity import outcomes_of, sensitivities, with_sensitivity
from lis1plan.report.reading import Reading
from lis1plan.report.sections.sensitivity import drivers, effect_table, range_in_words
from lis1plan.report.texts.figures import named
from lis1plan.report.texts.words import LANGUAGES, Words

from ...helpers.small_study import WHY, between, changed, small_study

Floats = NDArray[np.float64]
PROPENSITY = "applicants.eu_eea.propensity"


def reading_of(study: Study) -> Reading:
    """What the report reads of a file that holds this study and nothing else."""
    return Reading(xr.Dataset(attrs={"study_json": study.canonical_text}))


KINDS = {"sobol": ["total", "first"], "morris": ["mu_star", "sigma"]}


@pytest.fixture(scope="module")
def study() -> Study:
    """Two groups, one of them by need models, correlated figures, a process for arrivals."""
    small = small_study(5, groups=2)
    models = [{"id": f"m{n}", "name": f"M{n}", "per_year": n, "weight": 1.0, "assumption": WHY}
              for n in (5, 9)]  # fmt: skip
    return changed(
        small,
        {
            PROPENSITY: between(0.4, 0.8),
            "demand.need": {
                "general_practice": {
                    "models": models, "used": True, "replaced_per_year": between(1.0, 3.0)
                }
            },
            "specialists.foreign_process": {
                "process": "autoregressive", "sd": 0.3, "correlation": 0.5, "assumption": WHY
            },
            "correlation": [{
                "keys": ["demand.alternative", "training.completion_share"],
                "rank": 0.5, "assumption": WHY,
            }],
        },
    )  # fmt: skip


@pytest.fixture(scope="module")
def results(study: Study) -> dict[str, xr.Dataset]:
    slots = np.ones((len(study.regions), len(study.decision_years)))
    ways: list[tuple[Method, int]] = [("sobol", 16), ("morris", 6)]
    return {
        method: sensitivities(
            JobRequest(study, SensitivityOptions(method=method, samples=samples), {PLAN: slots}),
            1,
            silent,
        )
        for method, samples in ways
    }


def _of(model: Callable[[Floats], Floats], design: Design) -> dict[str, Floats]:
    """The indices of a function of the uniform numbers."""
    u = points(design, 0, design.samples)
    return indices_of(design, model(u.reshape(-1, u.shape[-1])).reshape(u.shape[:2]))


def _inside(found: dict[str, Floats], kind: str, wanted: Floats) -> None:
    """Estimates lie within one and a half 95 % intervals (some of several miss a single one)."""
    off = np.abs(found[f"sensitivity_{kind}"] - wanted)
    assert (off <= 1.5 * found[f"sensitivity_{kind}_error"] + 1e-12).all()


def test_linear_function_in_groups_has_its_known_indices() -> None:
    """Three numbers of one factor, one of its own, one of no factor, one without influence."""
    weights = np.array([1.0, 0.0, 2.0, 1.0, 0.0, 1.0])
    owner = np.array([0, -1, 1, 0, 2, 0])
    design = Design("sobol", 3, 2048, owner, 3)
    found = _of(lambda u: u @ weights, design)
    exact = np.array([3.0, 4.0, 0.0]) / 7.0
    _inside(found, "first", exact)
    _inside(found, "total", exact)
    assert found["sensitivity_total"][2] == 0.0
    assert found["sensitivity_first"][2] == 0.0


def test_ishigami_function_has_its_known_indices() -> None:
    """Ishigami and Homma (1990) with a = 7, b = 0.1; its second and third number as one factor."""

    def ishigami(u: Floats) -> Floats:
        x = np.pi * (2.0 * u - 1.0)
        return np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])

    b, a, pi4 = 0.1, 7.0, np.pi**4
    one, two = 0.5 * (1.0 + b * pi4 / 5.0) ** 2, a * a / 8.0
    both = b * b * pi4 * pi4 * (1.0 / 18.0 - 1.0 / 50.0)
    whole = one + two + both
    found = _of(ishigami, Design("sobol", 7, 4096, np.array([0, 1, 2]), 3))
    _inside(found, "first", np.array([one, two, 0.0]) / whole)
    _inside(found, "total", np.array([one + both, two, both]) / whole)
    found = _of(ishigami, Design("sobol", 7, 4096, np.array([0, 1, 1]), 2))
    _inside(found, "first", np.array([one, two]) / whole)
    _inside(found, "total", np.array([one + both, two + both]) / whole)


def test_morris_gives_the_slopes_of_a_linear_function() -> None:
    weights = np.array([3.0, -2.0, 0.0])
    found = _of(lambda u: u @ weights, Design("morris", 1, 8, np.arange(3), 3))
    inside = 1.0 - 1.0 / 64.0  # the grid spans the middle of the first to that of the last interval
    np.testing.assert_allclose(found["sensitivity_mu_star"], np.abs(weights) * inside, atol=1e-12)
    np.testing.assert_allclose(found["sensitivity_sigma"], 0.0, atol=1e-12)


def test_a_constant_outcome_has_no_drivers() -> None:
    for method in ("sobol", "morris"):
        found = _of(lambda u: np.zeros(len(u)), Design(method, 1, 8, np.arange(2), 2))  # type: ignore[arg-type]
        assert all((np.nan_to_num(values) == 0.0).all() for values in found.values())


def test_factors_own_their_dimensions(study: Study) -> None:
    found = factors(study)
    keys = [factor.key for factor in found]
    assert keys[: len(study.uncertain)] == list(study.uncertain)
    assert keys[len(study.uncertain) :] == [
        "demand.alternative",
        "demand.normalisation",
        "demand.need.general_practice",
        "demand.noise",
        "specialists.foreign_process",
    ]
    owned = sorted(column for factor in found for column in factor.columns)
    assert owned == list(range(len(dimensions(study))))
    assert [len(factor.columns) for factor in found[-2:]] == [len(study.years)] * 2


def test_models_of_a_need_that_is_not_used_are_no_factor(study: Study) -> None:
    unused = changed(study, {"demand.need.general_practice.used": False})
    assert "demand.need.general_practice" not in [factor.key for factor in factors(unused)]
    design = design_of(unused, "morris", 2)
    assert (design.owner == -1).sum() == 1
    assert (points(design, 0, 2)[..., design.owner == -1] == 0.5).all()


@pytest.mark.thorough
def test_every_factor_has_a_name_and_a_range(study: Study) -> None:
    for key in [factor.key for each in (study, small_study(1)) for factor in factors(each)]:
        assert not label(study, key).startswith(key.split(".")[0])
        for words in map(Words, LANGUAGES):
            assert range_in_words(reading_of(study), key, words)
            assert "{" not in named(reading_of(study), key, words)


@pytest.mark.parametrize("method", ["sobol", "morris"])
def test_what_matters_for_composition_alone_has_no_effect(
    results: dict[str, xr.Dataset], method: str
) -> None:
    found = results[method]
    factor = found["factor_id"].values.tolist().index(PROPENSITY)
    for kind in KINDS[method]:
        assert (found[f"sensitivity_{kind}"].values[:, factor] == 0.0).all()
        assert np.nanmax(np.abs(found[f"sensitivity_{kind}"].values)) > 0.0


def test_first_order_effects_do_not_exceed_the_whole(results: dict[str, xr.Dataset]) -> None:
    first = results["sobol"]["sensitivity_first"].values
    error = results["sobol"]["sensitivity_first_error"].values
    assert (first.sum(axis=1) <= 1.0 + np.sqrt((error**2).sum(axis=1))).all()
    assert (results["sobol"]["sensitivity_total"].values >= 0.0).all()


@pytest.mark.parametrize("method", ["sobol", "morris"])
def test_same_bits_for_any_workers_and_blocks(
    monkeypatch: pytest.MonkeyPatch, study: Study, method: Method
) -> None:
    design, level = design_of(study, method, 4), study.given_levels
    one = analyse(study, level, design, Workers(1))
    monkeypatch.setattr("lis1plan.core.risk.sensitivity.EVALUATIONS", 70)
    with local_workers(2) as workers:
        other = analyse(study, level, design, workers)
    for a, b in zip((*one[:2], *one.indices.values()), (*other[:2], *other.indices.values()),
                    strict=True):  # fmt: skip
        assert a.tobytes() == b.tobytes()


def test_how_far_the_work_is_is_told_by_points_and_by_outcomes(
    monkeypatch: pytest.MonkeyPatch, study: Study
) -> None:
    design = design_of(study, "morris", 4)
    monkeypatch.setattr("lis1plan.core.risk.sensitivity.EVALUATIONS", 2 * design.rows)
    told, wanted = list[tuple[str, int, int]](), len(outcomes(study))
    analyse(study, study.given_levels, design, Workers(1), lambda *each: told.append(each))
    points_told = [("sensitivity", n * design.rows, 4 * design.rows) for n in (2, 4)]
    assert told == points_told + [("indices", n, wanted) for n in range(1, wanted + 1)]


def test_every_factor_moves_once_on_a_trajectory_and_what_has_none_stays() -> None:
    design = Design("morris", 3, 3, np.array([0, -1, 1, 0, 2, 0]), 3)
    for u in points(design, 0, 3):
        moved = np.abs(np.diff(u, axis=0)) > 0.0
        assert sorted(int(design.owner[row].max()) for row in moved) == [0, 1, 2]
        assert all(len(set(design.owner[row])) == 1 for row in moved)
        assert (u[:, 1] == 0.5).all()


def test_another_seed_gives_other_points(study: Study) -> None:
    other = changed(study, {"sampling.seed": 77})
    for method in ("sobol", "morris"):
        one, two = (points(design_of(each, method, 4), 0, 4) for each in (study, other))  # type: ignore[arg-type]
        assert ((one > 0.0) & (one < 1.0)).all()
        assert (one != two).any()


def test_outcomes_are_those_of_the_oracle(study: Study) -> None:
    """Z of every limit, and the pooled shortage of the last year judged as a limit of its own."""
    whole, at_end = views(study)
    assert not whole.correlation
    assert list(whole.risk)[:-1] == list(study.risk)
    assert outcomes(study).keys() == {*study.risk, AT_END}
    design, level = design_of(study, "sobol", 4), study.given_levels
    z = outcome_block(0, 4, views(study), design, level)
    u = points(design, 0, 4).reshape(-1, len(design.owner))
    sample = Sample("monte_carlo", 0, len(u))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lis1plan.core.scenarios.draws.uniforms", lambda *_: u)
        direct = [prepare(s, sample, Workers(1)).shortfall(level)
                  for s in (whole, at_end)]  # fmt: skip
    wanted = np.concatenate([direct[0][:-1], direct[1][-1:]])
    np.testing.assert_allclose(z.reshape(len(z), -1), wanted, rtol=1e-12)


@pytest.mark.thorough
def test_result_file_comes_back_and_holds(
    results: dict[str, xr.Dataset], study: Study, tmp_path: Path
) -> None:
    for method, found in results.items():
        path = write_result(found, tmp_path / f"{method}.nc", found.attrs)
        again = open_result(path)
        assert again["factor_id"].values.tolist() == [each.key for each in factors(study)]
        assert again["outcome_id"].values.tolist() == list(outcomes(study))
        for name in found.data_vars:
            np.testing.assert_array_equal(again[name].values, found[name].values)
        assert again.attrs["sensitivity_method"] == method
        assert [check for check in verify(path) if check.passed is False] == []


@pytest.mark.thorough
def test_tables_name_every_factor(results: dict[str, xr.Dataset], study: Study) -> None:
    for found in results.values():
        console = Console(width=220, record=True, file=io.StringIO())
        console.print(effect_table(Reading(found)))
        said = console.export_text()
        names = [named(reading_of(study), factor.key, Words("en")) for factor in factors(study)]
        assert [name for name in names if name not in said] == []
        assert "independent" in said


@pytest.mark.thorough
def test_outcomes_for_programs_are_sorted(results: dict[str, xr.Dataset], study: Study) -> None:
    ranges = {factor.key: "" for factor in factors(study)}
    for method, found in results.items():
        told = json.loads(json.dumps(outcomes_of(found, ranges), allow_nan=False))
        assert [each["id"] for each in told] == list(outcomes(study))
        for outcome in told:
            effect = [factor[KINDS[method][0]] for factor in outcome["factors"]]
            assert effect == sorted(effect, reverse=True)


@pytest.mark.thorough
def test_section_of_the_report(results: dict[str, xr.Dataset], study: Study) -> None:
    for language in LANGUAGES:
        words = Words(language)
        section = drivers(Reading(results["sobol"]), words)
        kinds = [block.kind for block in section.blocks]
        assert kinds == ["paragraph", "figure", "table", "details", "paragraph"]
        names = {row[0] for row in section.blocks[3].blocks[0].rows}  # type: ignore[union-attr]
        assert names == {named(reading_of(study), each.key, words) for each in factors(study)}


@pytest.mark.thorough
def test_command_writes_file_and_json(small_study_file: Path, tmp_path: Path) -> None:
    arguments = ["sensitivity", str(small_study_file), "--samples", "2", "--workers", "1"]
    done = CliRunner().invoke(main, [*arguments, "--out", str(tmp_path), "--json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert Path(said["netcdf"]).is_file()
    assert said["netcdf"].endswith("-sensitivity-sobol.nc")
    assert "left out" in said["correlations"]
    assert {"name", "range", "first", "total"} <= set(said["outcomes"][0]["factors"][0])


@pytest.mark.thorough
def test_two_methods_have_two_files(small_study_file: Path, tmp_path: Path) -> None:
    arguments = ["sensitivity", str(small_study_file), "--samples", "2", "--workers", "1"]
    for method in KINDS:
        asked = [*arguments, "--method", method, "--out", str(tmp_path), "--quiet"]
        assert CliRunner().invoke(main, asked).exit_code == 0
    found = [open_result(path).attrs["sensitivity_method"] for path in tmp_path.glob("*.nc")]
    assert sorted(found) == sorted(KINDS)


@pytest.mark.thorough
def test_a_run_can_carry_its_sensitivity(small_result: Path, tmp_path: Path) -> None:
    """Added to a result of `run`, no check fails that held, and the report has the section."""
    from lis1plan.configs.loader import study_from_text
    from lis1plan.report.pages.html import render_report

    plain = open_result(small_result)
    assert 'id="en-drivers"' not in render_report(plain)
    study = study_from_text(str(plain.attrs["study_json"]))
    chosen = {PLAN: slots_of(study, plain)}
    both = with_sensitivity(
        plain, JobRequest(study, SensitivityOptions(samples=8), chosen), 1, silent
    )
    page = render_report(both)
    assert 'id="en-drivers"' in page
    assert "Hva som driver underdekningen" in page
    path = write_result(both, tmp_path / "both.nc", both.attrs)
    before, after = (
        [c for c in verify(file) if c.passed is False] for file in (small_result, path)
    )
    assert after == before
