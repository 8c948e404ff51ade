"""Weighted scenarios: one changes nothing, k is k times, the proposal does not move the answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lis1plan.core.compute.checkpoint import Checkpoint
from lis1plan.core.compute.workers import Workers
from lis1plan.core.files.labels import labelled
from lis1plan.core.files.summary import summarise
from lis1plan.core.flow.projection import Request, project_plans
from lis1plan.core.flow.sound import UnsoundError
from lis1plan.core.kernels.state import LANES
from lis1plan.core.risk.evaluation import in_sample_error, judge_plans, replicates, risks
from lis1plan.core.risk.lanes import Judged
from lis1plan.core.risk.oracle import lanes_block, prepare
from lis1plan.core.risk.streams import lane_mb
from lis1plan.core.scenarios.draws import draw, sample_of
from lis1plan.core.study.risk_limit import RiskLimit, ShortageLimit
from lis1plan.core.study.risk_rules import RULES
from lis1plan.core.study.study import Study
from lis1plan.core.study.tails import (
    cvar,
    cvar_weights,
    exceeding,
    quantile,
)
from lis1plan.core.system.posts import levels

from ...helpers.naive_decision import naive_risk
from ...helpers.small_study import WHY, changed, random_slots, small_study
from ...optimise.test_rules import _covered

pytestmark = pytest.mark.thorough

Floats = NDArray[np.float64]
laws = settings(derandomize=True, deadline=None, max_examples=60)
some_values = st.lists(st.integers(0, 6).map(float), min_size=1, max_size=25)


def limit_by(rule: str, confidence: float) -> RiskLimit:
    priced = rule == "price"
    confidence = max(confidence, 0.01) if rule == "chance" else confidence
    return ShortageLimit.model_validate(
        {
            "name": rule,
            "rule": rule,
            "regions": ("nord",),
            "measure": "absolute" if priced else "relative",
            "statistic": "sum" if priced else "mean",
            "confidence": confidence if rule in ("cvar", "chance") else None,
            "limit": None if priced else 0.1,
            "price": 1.0 if priced else None,
            "assumption": WHY,
        }
    )


@laws
@given(values=some_values, confidence=st.floats(0.0, 0.99), data=st.data())
def test_a_weight_of_k_is_the_scenario_k_times(
    values: list[float], confidence: float, data: st.DataObject
) -> None:
    counts = st.lists(st.integers(0, 4), min_size=len(values), max_size=len(values))
    weight = data.draw(counts.filter(any))
    z, repeated = np.array(values), np.repeat(values, weight)
    for rule in RULES:
        limit, several = limit_by(rule, confidence), np.array(weight, dtype=float)
        found = limit.risk_rule.risk(z, several)
        assert found == pytest.approx(limit.risk_rule.risk(repeated), rel=1e-9, abs=1e-9)
        assert found == pytest.approx(naive_risk(limit, values, weight), rel=1e-9, abs=1e-9)
    assert exceeding(z, 3.0, np.array(weight, float)) == pytest.approx((repeated > 3.0).mean())


@laws
@given(values=some_values, confidence=st.floats(0.0, 0.99))
def test_weights_of_one_change_no_bit(values: list[float], confidence: float) -> None:
    z, ones = np.array(values) / 3.0, np.ones(len(values))
    for rule in RULES:
        limit = limit_by(rule, confidence)
        assert limit.risk_rule.risk(z, ones) == limit.risk_rule.risk(z)
    assert (cvar_weights(z, confidence, ones) == cvar_weights(z, confidence)).all()


@laws
@given(values=some_values, confidence=st.floats(0.01, 0.99))
def test_a_chance_limit_is_kept_where_the_quantile_is_within_it(
    values: list[float], confidence: float
) -> None:
    z = np.array(values)
    for most in range(7):
        enough = (z <= most).sum() >= confidence * len(z) - 1e-9
        assert (quantile(z, confidence) <= most) == enough
    assert quantile(z, confidence) <= cvar(z, confidence) + 1e-9


@pytest.mark.parametrize("rule", ["cvar", "mean", "chance"])
def test_weighted_intervals_cover_the_truth(rule: str) -> None:
    """Exponential losses drawn with twice the mean, weighed back: 300 seeded samples."""
    limit, draw_from = limit_by(rule, 0.5), np.random.default_rng(5)
    truth = {"cvar": 1.0 + np.log(2.0), "mean": 1.0, "chance": np.log(2.0)}[rule]
    covered = 0
    for _ in range(300):
        values = draw_from.exponential(2.0, size=1500)
        weight = 2.0 * np.exp(-0.5 * values)
        low, high = limit.risk_rule.interval(values, weight / weight.mean())
        covered += low <= truth <= high
    assert 0.91 <= covered / 300 <= 0.985


def weighted_study(scenarios: int = 60, proposal: str | None = "steep", **more: Any) -> Study:
    changes = {**_covered({"sampling.proposal_table": proposal}), **more}
    return small_study(3, scenarios=scenarios, changes=changes)


def test_a_proposal_like_the_target_changes_no_bit() -> None:
    plain, same = weighted_study(proposal=None), weighted_study(proposal="even")
    level = levels(plain, random_slots(plain, 1))
    one, other = (prepare(each, sample_of(each), Workers(1)) for each in (plain, same))
    assert other.weight is None
    z = one.shortfall(level)
    assert (z == other.shortfall(level)).all()
    assert (one.risk_of(z) == other.risk_of(z)).all()
    assert (one.slope(level, 0, z[0]) == other.slope(level, 0, z[0])).all()
    flat = (draw(each, sample_of(each), 0, 60).weight for each in (plain, same))
    assert all((weight == 1.0).all() for weight in flat)


def test_weights_are_target_over_proposal() -> None:
    study = weighted_study(3000)
    draws = draw(study, sample_of(study), 0, 3000)
    wanted = np.array([1 / 3, 1 / 3, 1 / 3]) / (np.array([0.5, 1.0, 2.0]) / 3.5)
    assert draws.weight == pytest.approx(wanted[draws.alternative])
    assert draws.weight.mean() == pytest.approx(1.0, abs=0.05)


def test_the_answer_is_that_of_the_target() -> None:
    """Risk, means and probabilities agree with plain sampling within what samples differ by."""
    plain, steep = weighted_study(4000, None), weighted_study(4000)
    slots = random_slots(plain, 1)
    found = []
    for study in (plain, steep):
        oracle = prepare(study, sample_of(study), Workers(1))
        projection = project_plans(
            Request(study, sample_of(study), {"plan": levels(study, slots)}), Workers(1)
        )
        data = labelled(study, summarise(projection), ["plan"])
        found.append((oracle.risk(levels(study, slots)), data))
    (risk, data), (weighted_risk, weighted) = found
    assert weighted_risk == pytest.approx(risk, rel=0.06)
    for name in ("demand_mean", "supply_mean", "demand_quantile", "national_demand_quantile"):
        assert np.allclose(data[name], weighted[name], rtol=0.03)
    name = "national_shortage_probability"
    assert np.allclose(data[name], weighted[name], atol=0.05)


def test_parts_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    study = weighted_study(130)
    sample, level = sample_of(study), [levels(study, random_slots(study, n)) for n in (1, 2)]
    whole = judge_plans(study, sample, level, Workers(1))
    monkeypatch.setattr("lis1plan.core.risk.oracle.BLOCK", 50)
    parts = judge_plans(study, sample, level, Workers(1))
    assert (whole.z == parts.z).all()
    assert whole.weight is not None
    assert parts.weight is not None
    assert (whole.weight == parts.weight).all()
    oracle = prepare(study, sample, Workers(1))
    assert (whole.z == np.stack([oracle.shortfall(one) for one in level])).all()
    assert (risks(study, whole)[0] == oracle.risk(level[0])).all()


def test_many_fresh_scenarios_are_judged_in_single_precision_as_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By the size of the sample, not by that of a block."""
    study = weighted_study(130)
    sample, level = sample_of(study), levels(study, random_slots(study, 1))
    double = judge_plans(study, sample, [level], Workers(1)).z[0]
    monkeypatch.setattr("lis1plan.core.risk.streams.SINGLE_FROM", 130)
    monkeypatch.setattr("lis1plan.core.risk.oracle.BLOCK", 64)
    single = judge_plans(study, sample, [level], Workers(1)).z[0]
    assert (single == prepare(study, sample, Workers(1)).shortfall(level)).all()
    assert not (single == double).all()
    assert np.allclose(single, double, rtol=1e-4, atol=1e-4)


def test_of_fresh_scenarios_only_z_is_kept_and_a_stopped_judgement_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of many groups would fill disk and memory."""
    study = weighted_study(320)
    sample, level = sample_of(study), [levels(study, random_slots(study, 1))]
    plain, made = judge_plans(study, sample, level, Workers(1)), list[int]()
    monkeypatch.setattr("lis1plan.core.risk.oracle.BLOCK_MB", 64.5 * lane_mb(study))

    def counted(first: int, count: int, *asked: Any) -> Judged:
        if first == 128 and len(made) == 2:
            raise KeyboardInterrupt
        made.append(count)
        return lanes_block(first, count, *asked)

    monkeypatch.setattr("lis1plan.core.risk.evaluation.lanes_block", counted)
    for _ in range(3):
        workers = Workers(1, checkpoint=Checkpoint(tmp_path, worth_seconds=0.0))
        try:
            judged = judge_plans(study, sample, level, workers)
        except KeyboardInterrupt:
            assert made == [64, 64]
            made.append(0)
        workers.close()
    assert made == [64, 64, 0, 64, 64, 64]  # the third time all comes from the folder
    assert (judged.z == plain.z).all()
    assert judged.weight is not None
    assert plain.weight is not None
    assert (judged.weight == plain.weight).all()
    kept = sum(file.stat().st_size for file in tmp_path.iterdir())
    assert kept < 0.1 * 320 * 1e6 * lane_mb(study)


def test_a_fresh_scenario_that_cannot_be_judged_is_named_by_its_own_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    study = weighted_study(130)
    sample = sample_of(study)

    def broken(first: int, *asked: Any) -> Judged:
        judged = lanes_block(first, *asked)
        if first == 64:
            judged.lanes.baseline[6 // LANES, ..., 6 % LANES] = np.nan
        return judged

    monkeypatch.setattr("lis1plan.core.risk.oracle.BLOCK", 64)
    monkeypatch.setattr("lis1plan.core.risk.evaluation.lanes_block", broken)
    with pytest.raises(UnsoundError, match=f"scenario 70 of seed {sample.seed}: shortfall of risk"):
        judge_plans(study, sample, [study.given_levels], Workers(1))


@pytest.mark.parametrize("method", ["sobol", "latin_hypercube", "monte_carlo"])
def test_error_in_sample(method: str) -> None:
    """Independent samples of an eighth each; of the order of what samples really differ by."""
    study = small_study(3, scenarios=256, changes={"sampling.method": method})
    sample, level = sample_of(study), levels(study, random_slots(study, 1))
    assert len({each.seed for each in replicates(sample)} | {sample.seed}) == 9
    oracle = prepare(study, sample, Workers(1))
    error = in_sample_error(study, sample, oracle, [level], Workers(1))
    others = [sample._replace(seed=n) for n in range(1, 13)]
    found = [risks(study, judge_plans(study, each, [level], Workers(1)))[0] for each in others]
    spread = np.std(found, axis=0, ddof=1)
    assert (error[0] > 0.25 * spread).all()
    assert (error[0] < 4.0 * spread).all()


def test_a_proposal_must_be_able_to_draw_what_has_weight() -> None:
    study = small_study(3)
    with pytest.raises(ValueError, match="proposal_table: table 'steep' never draws 'path_0'"):
        changed(study, {"sampling.proposal_table": "steep"})
    with pytest.raises(ValueError, match="proposal_table: no weights in table 'nowhere'"):
        changed(study, {"sampling.proposal_table": "nowhere"})
