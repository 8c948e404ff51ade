"""From the naive oracle's nested lists to the kernel's arrays and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .naive_rates import small_rates

Floats = NDArray[np.float64]

SHARED = frozenset(
    {
        "occupants",
        "starting",
        "trainees",
        "historic_until",
        "specialists",
        "entry_age",
        "foreign_age",
        "landing",
        "fte",
    }
)
"""What all scenarios of a batch have in common: without the axis ``realization`` in the kernel."""

# where the oracle's axis order differs: the order of its axes in the kernel's array
AXES = dict.fromkeys(("entry", "qualified", "left_training", "trainees"), (1, 2, 0))


def small_batch(seed: int, size: int, **sizes: Any) -> list[dict[str, Any]]:
    """``size`` scenarios of ``small_rates`` which share what a batch must share."""
    scenarios = [small_rates(seed + 1000 * i, **sizes) for i in range(size)]
    common = {name: scenarios[0][name] for name in SHARED}
    return [{**scenario, **common} for scenario in scenarios]


def rates_of(kernel: Any, scenarios: Sequence[dict[str, Any]]) -> Any:
    """The kernel's ``Rates`` of a batch of the oracle's tables."""
    first = scenarios[0]
    assert all(scenario[name] == first[name] for scenario in scenarios for name in SHARED)
    fields = {
        name: np.array(
            first[name] if name in SHARED else [scenario[name] for scenario in scenarios],
            dtype=np.float64,
        )
        for name in kernel.Rates._fields
    }
    fields["starting"] = fields["starting"].reshape(-1, len(first["unplaced"]))  # even of nobody
    return kernel.Rates(**{**fields, "historic_until": first["historic_until"]})


def room_for(kernel: Any, rates: Any) -> Any:
    """The kernel's ``Flow`` for one scenario of ``rates``, full of what must be overwritten."""
    groups, regions, ages = rates.specialists.shape
    half_years, stages = rates.newcomers.shape[1], rates.occupants.shape[0]
    flow = kernel.new_flow(half_years, stages, groups, regions, ages)
    for array in flow:
        array[:] = np.nan
    return flow


def level_of(level: Sequence[Sequence[float]] | None, regions: int) -> Floats:
    """The kernel's ``level`` [region, year]; no years at all for the baseline."""
    return np.zeros((regions, 0)) if level is None else np.array(level, dtype=np.float64)


def projected(
    kernel: Any, rates: Any, i: int, level: Sequence[Sequence[float]] | None
) -> dict[str, Floats]:
    """The flow of scenario i, by the kernel's names and in its order of axes."""
    flow = room_for(kernel, rates)
    kernel.project(rates, i, level_of(level, rates.unplaced.shape[1]), flow)
    return dict(flow._asdict())


def expected(record: dict[str, list[Any]], names: Sequence[str]) -> dict[str, Floats]:
    """The oracle's record in the kernel's names and order of axes."""
    record = {**record, "ages": record["specialists_by_age_end"]}
    arrays = {name: np.array(record[name]) for name in names}
    return {
        name: array.transpose(AXES[name]) if name in AXES else array
        for name, array in arrays.items()
    }


def expected_response(answer: list[Any], *, one_room: bool = False) -> Floats:
    """The oracle's response [K][2][years][R][R] as the kernel's [k, n, r, t]."""
    by_parity = np.array(answer)  # n = 2 · years since + 1 − parity
    interleaved = np.stack([by_parity[:, 1], by_parity[:, 0]], axis=2)
    groups, years, _, regions, _ = interleaved.shape
    response = interleaved.reshape(groups, 2 * years, regions, regions)
    return response.sum(axis=0, keepdims=True) if one_room else response


def responded(kernel: Any, rates: Any, i: int, length: int, rooms: int) -> Floats:
    """The kernel's response of scenario i [k, n, r, t], into room that was not empty."""
    response = np.full((rooms, 2, length), np.nan)
    kernel.respond(rates, i, response)
    return by_region(response, rates.choice[i], rates.landing)


def by_region(response: Floats, choice: Floats, landing: Floats) -> Floats:
    """Two ways [..., way, n] as FTE [..., n, region of appointment, of supply] (section 4)."""
    stay, moved = response[..., 0, :, None, None], response[..., 1, :, None, None]
    return np.asarray(stay * choice + moved * landing)


def differences(kernel: Any, scenario: dict[str, Any], level: Any, record: Any) -> list[str]:
    """The names of all outputs of ``project`` that are not the oracle's ``record`` to 1e-9."""
    got = projected(kernel, rates_of(kernel, [scenario]), 0, level)
    # nobody queues in the kernel's baseline: the oracle's queue goes on, without effect
    names = [name for name in got if name != "queue" or level is not None]
    wanted = expected(record, names)
    return [name for name in names if not close(got[name], wanted[name])]


def close(got: Floats, wanted: Floats) -> bool:
    """Whether two arrays are the same to 1e-9, absolute and relative."""
    return got.shape == wanted.shape and bool(np.allclose(got, wanted, rtol=1e-9, atol=1e-9))
