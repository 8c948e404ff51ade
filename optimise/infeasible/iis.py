"""A second opinion on infeasibility: HiGHS's irreducible set of rows that contradict each other."""

from __future__ import annotations

from ..master.rows import with_cuts
from ..search.value import Search
from ..solvers.highs import irreducible_rows


def irreducible(search: Search) -> list[str]:
    """Return the names of rows of the relaxed master of which none can be spared.

    The rows that merely define the levels are left out.

    Empty where plans in fractions of slots exist, or where HiGHS finds no such set.
    """
    program = with_cuts(search.program, search.pool.cuts, search.limits)
    cuts = (f"cuts[{number}]" for number in range(1, len(search.pool.cuts) + 1))
    every = [*program.names, *cuts]
    names = [every[row] for row in irreducible_rows(program)]
    defining = "level_balance", "track_balance"
    return [_plain(search, name) for name in names if not name.startswith(defining)]


def _plain(search: Search, name: str) -> str:
    """Return a row's name with regions and years in the place of their numbers."""
    kind, _, index = name.rstrip("]").partition("[")
    numbers = tuple(int(part) for part in index.split(",") if part.isdigit())
    if kind == "cuts":
        return f"risk: cut {numbers[0]}"
    for limit in search.system.limits:
        length = len(limit.place)
        if limit.kind == kind and limit.place == numbers[:length]:
            years = [str(search.system.watched_years[t]) for t in numbers[length:]]
            return " ".join([limit.key, *years])
    return f"{kind} {' '.join(map(str, numbers))}".strip()
