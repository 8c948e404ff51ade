"""The kernel's state: what a scenario knows (rates) and the room for what it yields (flow).

Beside it, how many scenarios lie side by side, and four numbers that are worked on together.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled

Floats = NDArray[np.float64]
Four = tuple[float, float, float, float]
LANES = 64
"""Scenarios of a block that is judged, side by side: the compiler knows how far apart rows lie."""


@compiled(forceinline=True)
def down(values: Floats, first: int, t: int) -> Four:
    """Return four values of column t."""
    return values[first, t], values[first + 1, t], values[first + 2, t], values[first + 3, t]


class Rates(NamedTuple):
    """What scenarios know, docs/model.md section 2; where marked [n, ...], each something else."""

    offer_share: Floats  # [n, half_year] share of a year's slots
    unplaced: Floats  # [n, region] persons
    newcomers: Floats  # [n, half_year, region] persons
    leakage: Floats  # [n] per half-year
    fill_rate: Floats  # [n, region]
    leave: Floats  # [n, stage] per half-year
    drop_out: Floats  # [n] per half-year
    occupants: Floats  # [stage, region] persons
    starting: Floats  # [half-years from round to start, region] persons appointed who begin later
    choice: Floats  # [n, region, region]
    group_share: Floats  # [n, group]
    direct_entry: Floats  # [n, half_year, group, region] persons
    trainees: Floats  # [group, region] persons
    historic_outcome: Floats  # [n, 2, group, duration]
    outcome: Floats  # [n, 2, group, duration]
    historic_until: int  # half-year
    specialists: Floats  # [group, region, age] persons
    entry_age: Floats  # [group, age]
    foreign: Floats  # [n, half_year, group, region] persons
    foreign_age: Floats  # [group, age]
    survival: Floats  # [n, group, age] per half-year
    moving: Floats  # [n] share of specialists who change region in a half-year
    landing: Floats  # [region] share of them who land there, wherever they come from
    fte: Floats  # [group, age] FTE per person


class Flow(NamedTuple):
    """Room for what one scenario yields; entry and qualified also carry it along."""

    queue: Floats  # [half_year, region] persons, before appointment
    appointed: Floats  # [half_year, region] persons
    occupants: Floats  # [half_year, stage, region] persons
    entry: Floats  # [group, region, half_year] persons beginning LIS2/3
    qualified: Floats  # [group, region, half_year] persons completing LIS2/3
    left_training: Floats  # [group, region, half_year] persons giving it up
    trainees: Floats  # [group, region, half_year] persons in LIS2/3 at the end
    supply: Floats  # [year, group, region] FTE
    persons: Floats  # [year, group, region] specialists, persons
    ages: Floats  # [group, region, age] persons, after the last ageing


def new_flow(half_years: int, stages: int, groups: int, regions: int, ages: int) -> Flow:
    """Return room for one scenario's flow."""
    return Flow(
        queue=np.zeros((half_years, regions)),
        appointed=np.zeros((half_years, regions)),
        occupants=np.zeros((half_years, stages, regions)),
        entry=np.zeros((groups, regions, half_years)),
        qualified=np.zeros((groups, regions, half_years)),
        left_training=np.zeros((groups, regions, half_years)),
        trainees=np.zeros((groups, regions, half_years)),
        supply=np.zeros((half_years // 2, groups, regions)),
        persons=np.zeros((half_years // 2, groups, regions)),
        ages=np.zeros((groups, regions, ages)),
    )
