"""Time in LIS2/3 on the half-year grid: split between neighbours, the stated mean is kept."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from lis1plan.core.flow.durations import durations
from lis1plan.core.flow.rates import build_rates
from lis1plan.core.risk.streams import shortest_delay, stream_tiers
from lis1plan.core.scenarios.draws import draw, sample_of
from lis1plan.core.study.checks.doubts import doubts
from lis1plan.core.study.study import Study

from ...helpers.small_study import changed, fixed, small_study

EVERY_FRACTION = np.arange(3.0, 4.0 + 1e-9, 0.05)


def training(
    shortest: float, mean: float, spread: float = 0.3, longest: float = 8.0, split: bool = True
) -> Study:
    """A study with these durations, nobody in training at the start."""
    return changed(
        small_study(2, regions=2, scenarios=3),
        {
            "training.shortest_years": fixed(shortest),
            "training.mean_years": fixed(mean),
            "training.spread": fixed(spread),
            "training.longest_years": fixed(longest),
            "training.trainees_at_start": fixed(0.0),
            "training.half_years": "split" if split else "nearest",
        },
    )


@pytest.mark.parametrize("seed", range(40))
def test_the_mean_on_the_grid_is_the_stated_one(seed: int) -> None:
    """Any fraction, spread and longest time; all there, nobody early, nobody late."""
    rng = np.random.default_rng(seed)
    shortest = rng.choice([0.5, rng.uniform(0.5, 5.0), rng.integers(1, 9) / 2.0])
    longest = shortest + rng.choice([0.0, rng.uniform(0.0, 2.0), rng.uniform(2.0, 9.0)])
    mean = rng.uniform(shortest, longest, 6)
    mean[:2] = shortest, longest
    study = training(shortest, shortest, rng.choice([0.01, 0.3, 1.0, 2.5]), longest)
    shares = durations(study.training, mean)
    assert (shares >= 0.0).all()
    assert shares.sum(axis=1) == pytest.approx(np.ones(6), abs=1e-12)
    half_years = np.arange(1, shares.shape[1] + 1)
    assert shares @ half_years / 2.0 == pytest.approx(mean, rel=1e-12)
    assert (shares[:, : study.training.fewest_half_years - 1] == 0.0).all()
    assert shares.shape[1] == np.ceil(2.0 * longest)


def test_without_spread_the_neighbours_share_by_the_fraction() -> None:
    """3.2 years: six tenths take 3.0, four tenths 3.5; taken to the nearest it would be 3.0."""
    shares = durations(training(3.2, 3.2).training, np.array([3.2]))[0]
    assert shares[5:7] == pytest.approx([0.6, 0.4], abs=1e-12)
    assert np.delete(shares, [5, 6]).max() <= 1e-15
    nearest = durations(training(3.2, 3.2, split=False).training, np.array([3.2]))[0]
    assert nearest[5] == 1.0


@pytest.mark.parametrize("mean", [1.0, 3.0, 3.5, 8.0])
def test_a_duration_on_the_grid_keeps_its_bits(mean: float) -> None:
    mine, other = (training(mean, mean, split=split) for split in (True, False))
    for name, values in _rates(other).items():
        assert np.array_equal(values, _rates(mine)[name]), name


def _rates(study: Study) -> dict[str, np.ndarray]:
    return build_rates(study, draw(study, sample_of(study), 0, 3))._asdict()


def test_who_begins_completes_after_the_stated_time_on_the_mean() -> None:
    """In the kernel: 3.2 years are 0.6 parts of 3.0 and 0.4 parts of 3.5, in every year."""
    supply = [_supply(training(mean, mean)) for mean in (3.0, 3.2, 3.5)]
    assert supply[1] == pytest.approx(0.6 * supply[0] + 0.4 * supply[2], rel=1e-12)
    assert np.abs(supply[1] - supply[0]).max() > 0.1
    nearest = [_supply(training(mean, mean, split=False)) for mean in (3.0, 3.2)]
    assert (nearest[0] == nearest[1]).all()  # what the split mends


def _supply(study: Study) -> np.ndarray:
    """FTE by year of those in LIS1, of direct entrants and of one doctor appointed at once."""
    rates = build_rates(study, draw(study, sample_of(study), 0, 3))
    baseline, response = stream_tiers(study, rates, 2 * len(study.years))
    one = response[0, 0, :, 1::2].sum(axis=0)
    return np.asarray(baseline[0, 0].sum(axis=1) + one)


def test_supply_is_linear_between_half_years_and_has_no_jumps() -> None:
    supply = np.array([_supply(training(mean, mean))[-1] for mean in EVERY_FRACTION])
    steps = np.diff(supply)
    assert (np.abs(steps) > 0.01).all()
    assert steps[:10] == pytest.approx(np.full(10, steps[0]), rel=1e-9)
    assert steps[10:] == pytest.approx(np.full(10, steps[10]), rel=1e-9)


def test_no_doctor_adds_before_the_shortest_delay() -> None:
    study = training(2.7, 3.1)
    _, response = stream_tiers(study, build_rates(study, draw(study, sample_of(study), 0, 3)), 24)
    first = shortest_delay(study)
    assert first == len(study.posts.stages) + 5 - 1
    assert (response[:, 0, :, :first] == 0.0).all()
    assert (response[:, 0, :, first + 1] > 0.0).any()


def test_a_time_between_half_years_is_doubted_and_one_below_half_a_year_refused() -> None:
    study = training(3.2, 3.2, split=False)
    (said,) = [line for line in doubts(study) if line.startswith("training.")]
    assert said.startswith("training.mean_years: 3.2 comes to half-years as 3; set training.half_")
    for fine in (training(3.2, 3.2), training(3.5, 3.5, split=False), training(2.0, 3.2, 0.6)):
        assert not [line for line in doubts(fine) if line.startswith("training.")]
    with pytest.raises(ValidationError, match=r"training\.shortest_years: 0\.2; at least 0\.5"):
        training(0.2, 3.0)


def test_off_it_leaves_no_trace() -> None:
    assert "half_years" not in small_study(1).model_dump(mode="json")["training"]
    assert "half_years" in training(3.0, 3.0).model_dump(mode="json")["training"]
