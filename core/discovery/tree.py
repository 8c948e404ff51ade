"""A second opinion: the leaves of a decision tree (CART) as boxes, by scikit-learn."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np

from ..errors import InputError
from .box import Box, Seen

DEPTH, LEAST_MASS, LEAST_GAIN = 3, 0.02, 0.001
"""Of the tree, and of a leaf; by how much a split lowers the impurity (Gini) of all: less is
chance, and cuts a leaf in two that fails alike."""


def require_library() -> None:
    """Refuse where scikit-learn is not installed.

    Raises
    ------
    InputError
        Naming the extra that brings it.
    """
    if find_spec("sklearn") is None:
        raise InputError(
            "--discover: needs the library scikit-learn; in the folder of lis1plan: "
            "pip install '.[discover]'"
        )


def leaves(seen: Seen) -> list[Box]:
    """Return the leaves of a tree that tells failing scenarios from others, as boxes."""
    from sklearn.tree import DecisionTreeClassifier

    model = DecisionTreeClassifier(
        max_depth=DEPTH,
        min_weight_fraction_leaf=LEAST_MASS,
        min_impurity_decrease=LEAST_GAIN,
        random_state=0,
    )
    tree = model.fit(seen.values, seen.fails, sample_weight=seen.weight).tree_
    found, open_ = list[Box](), [(0, Box.whole(seen.values.shape[1]))]
    while open_:
        node, box = open_.pop()
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        if left == right:  # a leaf has neither
            found.append(box)
            continue
        j, end = int(tree.feature[node]), float(tree.threshold[node])
        below, above = Box(box.low, box.high.copy()), Box(box.low.copy(), box.high)
        below.high[j] = min(below.high[j], end)
        above.low[j] = max(above.low[j], np.nextafter(end, np.inf))
        open_ += [(right, above), (left, below)]
    return found
