"""Scenario discovery: boxes in which a plan fails, found on half of the scenarios only.

The other half judges them: coverage, density and p-values are of scenarios that did not help to
find what they speak of.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

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


def _found_on(seen: Seen) -> Flags:
    """Return which scenarios boxes are found on: every other one, [realization]."""
    return np.asarray(np.arange(len(seen.fails)) % 2 == 0)


def told_ends(boxes: Sequence[Box], seen: Seen) -> list[Box]:
    """Return boxes with ends as they are told, see `readable`; what is told already stays."""
    known = seen.only(_found_on(seen))
    return [readable(box, known.values) for box in boxes]


def judged_of(seen: Seen) -> Seen:
    """Return the scenarios on which boxes are judged: those they were not found on."""
    return seen.only(~_found_on(seen))


def discover(seen: Seen, names: Sequence[str]) -> Discovery:
    """Return the boxes in which scenarios fail; `names` [condition] are those of the conditions.

    Conditions are looked at in the order of their names: in which they are given does not matter.
    """
    order = np.argsort(np.array(names, dtype=str), kind="stable")
    back = np.argsort(order)
    ordered = seen._replace(values=np.ascontiguousarray(seen.values[:, order]))
    known, judged = ordered.only(_found_on(seen)), judged_of(ordered)
    found = list[Found]()
    if all(_enough(half) for half in (known, judged)):
        found = [*_by_peeling(known, judged), *_by_tree(known, judged)]
    placed = [
        each._replace(box=Box(each.box.low[back], each.box.high[back]), p=each.p[back])
        for each in found
    ]
    peeled = [each.box for each in placed if each.method == "prim"]
    return Discovery(judged.rate, placed, together(peeled, judged_of(seen)))


def together(boxes: Sequence[Box], judged: Seen) -> Quality:
    """Return what some boxes tell together."""
    return quality_of(~_outside(boxes, judged), judged)


def judged_boxes(boxes: Sequence[Box], judged: Seen) -> list[tuple[Quality, Floats]]:
    """Return quality and quasi-p-values of boxes of one method, each of what those before leave."""
    found = list[tuple[Quality, Floats]]()
    for n, box in enumerate(boxes):
        left = _outside(boxes[:n], judged)
        quality = quality_of(box.inside(judged.values) & left, judged)
        found.append((quality, p_values(box, judged.only(left))))
    return found


def _outside(boxes: Sequence[Box], seen: Seen) -> Flags:
    """Return which scenarios lie in none of some boxes, [realization]."""
    left = np.ones(len(seen.fails), dtype=bool)
    for box in boxes:
        left &= ~box.inside(seen.values)
    return left


def _enough(half: Seen) -> bool:
    failing = int(half.fails.sum())
    return LEAST_FAILING <= failing <= len(half.fails) - LEAST_FAILING


def _by_peeling(known: Seen, judged: Seen) -> list[Found]:
    """Return up to so many boxes, each of the scenarios that those before it leave."""
    boxes = list[Box]()
    while len(boxes) < BOXES:
        rest, left = known.only(_outside(boxes, known)), judged.only(_outside(boxes, judged))
        if not _enough(rest):
            break
        box = _pruned(readable(peel(rest), known.values), left)
        quality, _ = judged_boxes([*boxes, box], judged)[-1]
        if not box.restricted.any() or not _tells(quality, judged.rate):
            break
        boxes.append(box)
    both = zip(boxes, judged_boxes(boxes, judged), strict=True)
    return [Found("prim", box, quality, p) for box, (quality, p) in both]


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
    found = [readable(leaf, known.values) for leaf in leaves(known)]
    quality = {n: quality_of(box.inside(judged.values), judged) for n, box in enumerate(found)}
    told = [n for n, each in quality.items() if found[n].restricted.any()]
    told = [n for n in told if _tells(quality[n], judged.rate)]
    boxes = [found[n] for n in sorted(told, key=lambda n: -quality[n].coverage)[:BOXES]]
    both = zip(boxes, judged_boxes(boxes, judged), strict=True)
    return [Found("tree", box, of, np.full(len(box.low), np.nan)) for box, (of, _) in both]
