"""Scenario discovery: boxes in which a plan fails, found on half of the scenarios, judged on the
other half.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .box import Box, Flags, Floats, Quality, Seen, p_values, quality_of, readable
from .prim import peel, trimmed
from .tree import leaves

Method = Literal["prim", "tree"]
METHODS: dict[Method, int] = {"prim": 1, "tree": 2}
"""The codes of result files."""
BOXES = 3
"""By each method, at most."""
SIGNIFICANT, WORTH = 0.001, 0.01
"""Probability above which a restriction counts as chance, and by how much of the balance of
coverage and density it must raise it to be worth a word."""
DENSER, LEAST_COVERAGE = 0.2, 0.05
"""Of the way from the share of all scenarios that fail to one, how far up the density of a box must
lie; and what it must cover."""
LEAST_FAILING = 20
"""Failing scenarios, and others, in each half: of fewer nothing can be learned."""


class Found(NamedTuple):
    """A box, how well it tells failures, and how likely its restrictions are chance."""

    method: Method
    box: Box
    quality: Quality
    p: Floats  # [condition]; NaN where nothing is restricted, and of a leaf


class Discovery(NamedTuple):
    """The boxes found, and what those of the first method tell together."""

    rate: float  # share of the scenarios judged that fail
    boxes: list[Found]
    together: Quality


def halves(count: int) -> tuple[Flags, Flags]:
    """Return which scenarios boxes are found on, and which they are judged on, [realization]."""
    even = np.arange(count) % 2 == 0
    return even, ~even


def discover(seen: Seen, names: Sequence[str]) -> Discovery:
    """Return the boxes in which scenarios fail; `names` [condition] are those of the conditions.

    Conditions are looked at in the order of their names: in which they are given does not matter.
    """
    order = np.argsort(np.array(names, dtype=str), kind="stable")
    back = np.argsort(order)
    ordered = seen._replace(values=np.ascontiguousarray(seen.values[:, order]))
    known, judged = (ordered.only(half) for half in halves(len(seen.fails)))
    found = list[Found]()
    if all(_enough(half) for half in (known, judged)):
        found = [*_by_peeling(known, judged), *_by_tree(known, judged)]
    placed = [
        each._replace(box=Box(each.box.low[back], each.box.high[back]), p=each.p[back])
        for each in found
    ]
    return Discovery(judged.rate, placed, together([f.box for f in placed if _peeled(f)], seen))


def together(boxes: Sequence[Box], seen: Seen) -> Quality:
    """Return what some boxes tell together, on the scenarios that boxes are judged on."""
    judged = seen.only(halves(len(seen.fails))[1])
    inside = np.zeros(len(judged.fails), dtype=bool)
    for box in boxes:
        inside |= box.inside(judged.values)
    return quality_of(inside, judged)


def judged_boxes(boxes: Sequence[Box], seen: Seen) -> list[tuple[Quality, Floats]]:
    """Return quality and quasi-p-values of boxes, on the scenarios that boxes are judged on."""
    judged = seen.only(halves(len(seen.fails))[1])
    return [(quality_of(box.inside(judged.values), judged), p_values(box, judged)) for box in boxes]


def _peeled(found: Found) -> bool:
    return found.method == "prim"


def _enough(half: Seen) -> bool:
    failing = int(half.fails.sum())
    return LEAST_FAILING <= failing <= len(half.fails) - LEAST_FAILING


def _by_peeling(known: Seen, judged: Seen) -> list[Found]:
    """Return up to so many boxes, each found among the scenarios that those before left out."""
    found, left = list[Found](), np.ones(len(known.fails), dtype=bool)
    while len(found) < BOXES:
        rest = known.only(left)
        if not _enough(rest):
            break
        box = _pruned(readable(peel(rest), known.values), judged)
        quality = quality_of(box.inside(judged.values), judged)
        if not box.restricted.any() or not _tells(quality, judged.rate):
            break
        found.append(Found("prim", box, quality, p_values(box, judged)))
        left &= ~box.inside(known.values)
    return found


def _pruned(box: Box, judged: Seen) -> Box:
    """Return the box without restrictions that may be chance or hardly help, the least first."""
    while box.restricted.any():
        p, worth = p_values(box, judged), trimmed(box, judged)
        idle = box.restricted & ((p > SIGNIFICANT) | (worth < WORTH))
        if not idle.any():
            break
        box = box.without(int(np.flatnonzero(idle)[np.argmin(worth[idle])]))
    return box


def _tells(quality: Quality, rate: float) -> bool:
    dense = quality.density >= rate + DENSER * (1.0 - rate)
    return dense and quality.coverage >= LEAST_COVERAGE


def _by_tree(known: Seen, judged: Seen) -> list[Found]:
    """Return the leaves in which scenarios fail clearly more often, the largest first."""
    found = list[Found]()
    for leaf in leaves(known):
        box = readable(leaf, known.values)
        quality = quality_of(box.inside(judged.values), judged)
        if box.restricted.any() and _tells(quality, judged.rate):
            nothing: NDArray[np.float64] = np.full(len(box.low), np.nan)
            found.append(Found("tree", box, quality, nothing))
    return sorted(found, key=lambda each: -each.quality.coverage)[:BOXES]
