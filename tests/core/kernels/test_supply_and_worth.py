"""Supply is the sum of its formula, and what one appointed is worth its transpose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.kernels.shortage import Judgement, Lanes, window_of
from lis1plan.core.kernels.slope import _pull_back
from lis1plan.core.kernels.state import LANES
from lis1plan.core.kernels.supply import add_response

Floats = NDArray[np.float64]
FIRST, DELAYS = 3, (4, 6)  # first year judged; half-years before the first response, by stream


def drawn(regions: int, years: int, seed: int) -> tuple[Lanes, Judgement]:
    """One block of lanes of two streams, of which only what supply is made of is filled."""
    choose = np.random.default_rng(seed)
    half_years = 2 * (FIRST + years) - min(DELAYS)
    nothing = np.zeros((1, 2, 0, 0, 0, 0))
    fields: dict[str, Any] = dict.fromkeys(Lanes._fields, nothing)
    response = choose.random((1, 2, 2, half_years, LANES))
    response[:, 1, :, : DELAYS[1] - DELAYS[0]] = 0.0  # who needs longer does not count before
    fields["response"] = response
    fields["choice"] = choose.random((1, regions, regions, LANES))
    fields["baseline"] = choose.random((1, 2, years, regions, LANES))
    members = np.ones((4, regions))
    members[1] = np.arange(regions) == regions - 1
    members[2] = choose.integers(0, 2, regions)
    members[3, :1] = 0.0
    found: dict[str, Any] = dict.fromkeys(Judgement._fields, 0)
    found |= {"counted": np.ones((4, 2), dtype=bool), "member": members}
    found["summed"] = np.array([False, False, True, False])
    found |= {"first": FIRST, "delay": np.array(DELAYS), "least": min(DELAYS)}
    found["landing"] = choose.random(regions)
    return Lanes(**fields), Judgement(**found)


def supply_of(lanes: Lanes, judgement: Judgement, s: int, appointed: Floats) -> Floats:
    """[year, region, lane] by one multiplication after the other."""
    supply = lanes.baseline[0, s].copy()
    for y in range(len(supply)):
        for h in range(len(appointed)):
            lag = 2 * (judgement.first + y) + 1 - h - min(DELAYS)
            if lag >= 0:
                stay, moved = lanes.response[0, s, :, lag]
                one = stay * lanes.choice[0] + moved * judgement.landing[:, None]
                supply[y] += (one * appointed[h][:, None]).sum(axis=0)
    return supply


def add_supply(
    lanes: Lanes, judgement: Judgement, s: int, member: Floats, appointed: Floats, supply: Floats
) -> None:
    """The same as the kernel does, where a region counts."""
    response, choice, when = lanes.response[0, s], lanes.choice[0], window_of(judgement, s)
    supply[:] = lanes.baseline[0, s]
    add_response(response, choice, judgement.landing, member, when, appointed, supply)


@pytest.mark.parametrize("regions", [1, 2, 4, 5, 8, 9])
@pytest.mark.parametrize("years", [1, 4, 7])
def test_supply_is_its_formula_and_worth_its_transpose(regions: int, years: int) -> None:
    """Σ weight · (supply - baseline) = Σ worth · appointed, whatever is appointed."""
    lanes, judgement = drawn(regions, years, seed=regions + 10 * years)
    choose = np.random.default_rng(1)
    appointed = choose.random((2 * (FIRST + years) - min(DELAYS), regions, LANES))
    supply, worth = np.full((2, years, regions, LANES), np.nan), np.empty(appointed.shape)
    for s in range(2):
        add_supply(lanes, judgement, s, np.ones(regions), appointed, supply[s])
        assert supply[s] == pytest.approx(supply_of(lanes, judgement, s, appointed), rel=1e-12)
    for c, member in enumerate(judgement.member):
        some = np.full(supply.shape, 7.0)
        for s in range(2):
            add_supply(lanes, judgement, s, member, appointed, some[s])
        own = member > 0.0
        assert np.array_equal(some[:, :, own], supply[:, :, own])
        weights = choose.random(supply.shape)
        if not judgement.summed[c]:
            weights[:] = weights[:, :, :1]  # an FTE counts the same in all regions
        weights *= member[:, None]
        worth[:] = np.nan
        _pull_back(lanes, 0, judgement, c, 3, weights, worth)
        later = worth.copy()
        assert np.isnan(later[:3]).all()  # nothing is worked out before the first decision
        _pull_back(lanes, 0, judgement, c, 0, weights, worth)
        assert np.array_equal(later[3:], worth[3:])
        gained = (weights * (supply - lanes.baseline[0])).sum(axis=(0, 1, 2))
        assert (worth * appointed).sum(axis=(0, 1)) == pytest.approx(gained, rel=1e-12)
