"""The master of a plan that learns: that of a single plan once for every end branch.

    minimise  sum_b p_b cost(v[:, path_b], w_b)   subject to   rows(v[:, path_b], w_b),  all b

w_b are the columns beside the slots: levels, what is bought. What priced shortage costs is one
column for all. The size is branches times decisions; scenarios are none of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, vstack

from ...core.risk.tree import Tree
from ..solvers.program import Program

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


def tree_program(own: Program, tree: Tree, probability: Floats) -> Program:
    """Return the master of a tree, of `probability` [branch], from that of a single plan."""
    place, size = _columns(own, tree)
    slots = np.arange(len(own.slots) * len(tree.year)).reshape(len(own.slots), -1)
    cost, whole = np.zeros(size), np.zeros(size, dtype=bool)
    lower, upper = np.zeros(size), np.zeros(size)
    missing = [column for column, _ in own.missing.values()]
    paid = np.ones(len(own.cost), dtype=bool)
    paid[missing] = False
    rows = []
    for share, columns in zip(probability, place, strict=True):
        cost[columns[paid]] += share * own.cost[paid]
        cost[columns[missing]] = own.cost[missing]
        lower[columns], upper[columns], whole[columns] = own.lower, own.upper, own.whole
        entry = own.rows.tocoo()
        wide = own.rows.shape[0], size
        rows.append(coo_matrix((entry.data, (entry.row, columns[entry.col])), wide))
    return Program(
        cost=cost,
        offset=own.offset,
        lower=lower,
        upper=upper,
        whole=whole,
        rows=vstack(rows).tocsr(),
        row_lower=np.tile(own.row_lower, tree.ends),
        row_upper=np.tile(own.row_upper, tree.ends),
        names=own.names * tree.ends,
        slots=slots,
        missing={limit: (int(place[0, x]), unit) for limit, (x, unit) in own.missing.items()},
        gives=own.gives,
        raised={},
    )


def _columns(own: Program, tree: Tree) -> tuple[Counts, int]:
    """Return where each column of each branch stands, [branch, column], and how many there are."""
    shared = [column for column, _ in own.missing.values()]
    others = np.setdiff1d(np.arange(len(own.cost)), [*own.slots.ravel(), *shared])
    nodes, rows = len(tree.year), len(own.slots)
    place = np.empty((tree.ends, len(own.cost)), dtype=np.int64)
    first = rows * nodes
    place[:, shared] = first + np.arange(len(shared))
    first += len(shared)
    for b, path in enumerate(tree.path):
        place[b, own.slots] = np.arange(rows)[:, None] * nodes + path
        place[b, others] = first + b * len(others) + np.arange(len(others))
    return place, first + tree.ends * len(others)
