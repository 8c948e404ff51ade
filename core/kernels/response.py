"""What one person appointed to LIS1 adds to supply later on, compiled (docs/model.md 4)."""

import numpy as np

from .compiled import compiled
from .state import Floats, Rates

STAY, MOVED = 0, 1
WAYS = 2
"""Where those who came to work are: where they began, or wherever movers land.

Who moves lands by one key, from wherever she comes. So after n half-years in which a share m moves
a share (1 - m)^n is where it began, and the rest is spread by that key.
"""


@compiled()
def moves_of(rates: Rates, i: int, moves: Floats) -> None:
    """Fill `moves` [region, region]: of those in the first, the share in the second afterwards."""
    moving = rates.moving[i]
    for r in range(rates.landing.shape[0]):
        for t in range(rates.landing.shape[0]):
            moves[r, t] = (1.0 - moving) * (1.0 if r == t else 0.0) + moving * rates.landing[t]


@compiled()
def move(moves: Floats, places: Floats) -> None:
    """Fill `places` [n, region, region] from the second on: the one before times `moves`."""
    for n in range(1, places.shape[0]):
        for r in range(places.shape[1]):
            for t in range(places.shape[2]):
                total = 0.0
                for m in range(places.shape[2]):
                    total += places[n - 1, r, m] * moves[m, t]
                places[n, r, t] = total


@compiled(contract=True)
def respond(rates: Rates, i: int, response: Floats) -> None:
    """Fill `response` [group, way, n] in FTE: what one appointed adds (section 4).

    At the end of an autumn half-year, n half-years after one person was appointed in region r, the
    supply of region t is `response[k, STAY, n]` · choice[r, t] + `response[k, MOVED, n]` ·
    landing[t] larger. In room for one group, all groups are added up.
    """
    rooms, length = response.shape[0], response.shape[2]
    completing, outcome = complete(rates, i, length), rates.outcome
    paths, working = np.empty((WAYS, length)), np.empty(length + 1)
    qualifying, response[:] = np.empty(length), 0.0
    for k in range(rates.entry_age.shape[0]):
        serve(rates.entry_age[k], rates.survival[i, k], rates.fte[k], working)
        staying = 1.0
        for n in range(length):
            worth = rates.group_share[i, k] * working[n]
            paths[STAY, n], paths[MOVED, n] = worth * staying, worth * (1.0 - staying)
            staying *= 1.0 - rates.moving[i]
        out = response[min(k, rooms - 1)]
        qualifying[:] = 0.0
        for d in range(min(outcome.shape[3], length)):
            chance = outcome[i, 0, k, d]
            if chance > 0.0:
                later = qualifying[d:]
                for h in range(later.shape[0]):
                    later[h] += chance * completing[h]
        for m in range(length):  # half-years until she qualifies
            share = qualifying[m]
            if share > 0.0:
                for way in range(WAYS):
                    added = out[way, m:]
                    for j in range(added.shape[0]):
                        added[j] += share * paths[way, j]


@compiled(contract=True)
def complete(rates: Rates, i: int, length: int) -> Floats:
    """Return [half_year since appointment]: the share who complete LIS1 as it begins."""
    stages, to_start = rates.occupants.shape[0], rates.starting.shape[0]
    repeat = (1.0 - rates.drop_out[i]) * rates.leave[i]
    advance = (1.0 - rates.drop_out[i]) * (1.0 - rates.leave[i])
    completing, inside = np.zeros(length), np.zeros(stages)
    inside[0] = 1.0
    for h in range(to_start + 1, length):
        completing[h] = advance[stages - 1] * inside[stages - 1]
        for s in range(stages - 1, 0, -1):
            inside[s] = advance[s - 1] * inside[s - 1] + repeat[s] * inside[s]
        inside[0] *= repeat[0]
    return completing


@compiled(contract=True)
def serve(entry_age: Floats, survival: Floats, fte: Floats, working: Floats) -> None:
    """Fill `working` [half_year] in FTE of a new specialist, so long after entry, in an autumn.

    Even: entry in an autumn, a birthday at once; odd: in a spring. `worth`: FTE birthdays later.
    """
    worth, spring_age = fte.copy(), survival * entry_age
    for n in range(0, working.shape[0] - 1, 2):
        autumn = spring = 0.0
        for a in range(worth.shape[0]):
            autumn += entry_age[a] * worth[a]
            spring += spring_age[a] * worth[a]
        working[n], working[n + 1] = autumn, spring
        for a in range(worth.shape[0] - 1):
            worth[a] = survival[a + 1] * survival[a + 1] * worth[a + 1]
        worth[-1] = 0.0
