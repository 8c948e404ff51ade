"""Earmarked posts: the flow is the naive one, doctors change groups, and nobody is lost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from lis1plan.core.flow.intake import build_origins
from lis1plan.core.flow.projection import Request, projected_block
from lis1plan.core.flow.rates import (
    admission_of,
    all_levels,
    build_rates,
    tracks_under,
    training_exits,
)
from lis1plan.core.kernels.admission_loops import ensemble_admitted
from lis1plan.core.kernels.loops import ensemble
from lis1plan.core.scenarios.draws import Figures, draw, sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.posts import levels

from ...helpers.limited_study import closing
from ...helpers.limited_training import limited_study, naive_admission
from ...helpers.naive import flow
from ...helpers.small_study import (
    AUTUMN_STARTS,
    changed,
    naive_scenarios,
    random_slots,
    small_study,
)
from ...helpers.tracked import naive_tracks, track, tracked


def block(study: Study) -> Any:
    plans = {"plan": study.given_levels}
    return projected_block(0, 16, Request(study, sample_of(study), plans, ensemble=True))


@pytest.mark.parametrize(("seed", "posts"), [(0, 6.0), (1, 6.0), (2, 60.0), (3, 30.0)])
def test_flow_is_the_naive_one(seed: int, posts: float) -> None:
    """Where newcomers are fewer than earmarked posts, too."""
    study = changed(small_study(seed, regions=2, groups=2), AUTUMN_STARTS if seed == 1 else {})
    study = tracked(study, min(posts, study.given_levels.min() / 1.6))
    sample = sample_of(study)._replace(scenarios=3)
    draws = draw(study, sample, 0, 3)
    rates, level = build_rates(study, draws), levels(study, random_slots(study, seed))
    origins = build_origins(study, draws, rates)
    found = ensemble(rates, origins, level, tracks_under(study, all_levels(study, level)))
    for i, one in enumerate(naive_scenarios(study, sample)[0]):
        record = flow(one, level.tolist(), tracks=naive_tracks(study, level))
        entered = np.array(record["entry"])
        assert found.supply[i] == pytest.approx(np.array(record["supply"]), abs=1e-9)
        assert found.training[i] == pytest.approx(np.array(record["training"]), abs=1e-9)
        assert found.entered[i] == pytest.approx(entered[::2] + entered[1::2], abs=1e-9)


@pytest.mark.parametrize("seed", range(2))
def test_flow_with_limited_posts_is_the_naive_one(seed: int) -> None:
    study = tracked(limited_study(seed, regions=2, groups=2))
    sample = sample_of(study)._replace(scenarios=2)
    draws = draw(study, sample, 0, 2)
    rates, figures = build_rates(study, draws), Figures(study, draws)
    admission, level = admission_of(study, figures), levels(study, random_slots(study, seed))
    assert admission is not None
    whole = all_levels(study, level)
    origins = build_origins(study, draws, rates)
    found, waiting, _ = ensemble_admitted(
        rates, origins, whole[: 2 + 4], admission, None, tracks_under(study, whole)
    )
    for i, one in enumerate(naive_scenarios(study, sample)[0]):
        exits = float(training_exits(study, figures)[i])
        record = flow(
            one,
            level.tolist(),
            admission=naive_admission(study, draws, i, exits),
            tracks=naive_tracks(study, level),
        )
        wanting = np.array(record["wanting"])
        assert found.supply[i] == pytest.approx(np.array(record["supply"]), abs=1e-9)
        assert waiting.wanting[i] == pytest.approx(wanting[::2] + wanting[1::2], abs=1e-9)


def test_tracks_move_doctors_between_groups_and_leave_totals() -> None:
    plain = small_study(3, groups=2)
    rows = tuple((region, 2019, 8.0) for region in plain.regions)
    study = changed(plain, {"track": {"alis": track({"general_practice": 1.0}, rows)}})
    one, other = block(plain).ensemble, block(study).ensemble
    practice = list(study.groups).index("general_practice")
    for name in ("appointed", "appointed_abroad", "unplaced", "lis1"):
        assert np.array_equal(one[name], other[name]), name
    for name in ("entered", "training", "qualified"):
        before, after = one[name], other[name]
        assert after.sum(axis=2) == pytest.approx(before.sum(axis=2), rel=1e-5, abs=1e-4), name
        assert (after[..., practice, :] >= before[..., practice, :] - 1e-3).all(), name
    more = other["specialists"][:, -1, practice] - one["specialists"][:, -1, practice]
    assert (more.sum(axis=-1) > 1.0).all()


def test_a_track_that_chooses_as_the_rest_changes_nothing() -> None:
    plain = small_study(3, groups=2)
    shares = {"general_practice": 0.5, "hospital": 0.5}
    plain = changed(plain, {"groups.general_practice.choice": {"value": 0.5, "assumption": "x"}})
    alike = changed(plain, {"track": {"as_all": track(shares, (("nord", 2018, 9.0),))}})
    for name, values in block(plain).ensemble.items():
        assert block(alike).ensemble[name] == pytest.approx(values, rel=1e-6), name


def test_without_tracks_no_trace() -> None:
    assert "track" not in small_study(3).model_dump_json()
    assert '"track":' in tracked(small_study(3, groups=2)).canonical_text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"track": {"a": track({"unknown": 1.0})}}, "group 'unknown' is unknown"),
        ({"track": {"a": track({"hospital": 0.7})}}, "shares add up to 0.7, must be 1"),
        (
            {"track": {"a": track({"hospital": 1.0}, (("syd", 2018, 1.0),))}},
            "unknown label 'syd'",
        ),
        (
            {"track": {"a": track({"hospital": 1.0}, (("nord", 2000, 1.0),))}},
            "a row for 2000; the projection lasts",
        ),
        (
            {"track": {"a": track({"hospital": 1.0}, (("nord", 2019, 1.0), ("nord", 2019, 2.0)))}},
            "two rows for region 'nord', year 2019",
        ),
        (
            {"track": {"a": track({"hospital": 1.0}, (("nord", 2019, 1e4),))}},
            "10000 posts earmarked of",
        ),
        (
            {
                "track": {"a": track({"hospital": 1.0})},
                "limits.closing": closing({"nord": 1}),
            },
            "limits.closing: cannot stand beside",
        ),
    ],
)
def test_what_cannot_be_is_said(changes: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        changed(small_study(3, groups=2), changes)
