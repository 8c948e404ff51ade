"""When the plan fails: boxes are those of the study's conditions, and of what was asked."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..discovery.box import Box
from ..discovery.discover import BOXES, METHODS
from ..scenarios.factors import condition_unit, conditions, label
from .evidence import Evidence


def boxes(evidence: Evidence) -> Iterator[str]:
    """Boxes are of the study's conditions and restrict some; the limit asked is the study's."""
    said, study = evidence.data.attrs, evidence.study
    axis = study.frontier_axis
    if axis is None or said["discovery_limit"] != list(study.risk)[axis]:
        yield "discovery_limit is not the study's first limit on shortage in the whole country"
    if int(said["discovery_boxes"]) != evidence.data.sizes.get("box", 0):
        yield f"discovery_boxes is {said['discovery_boxes']}"
    if "box_method" not in evidence.data:
        return
    keys = conditions(study)
    wanted = [(key, label(study, key), condition_unit(key)) for key in keys]
    named = (evidence.data[f"condition_{what}"].values.tolist() for what in ("id", "name", "unit"))
    if list(zip(*named, strict=True)) != wanted:
        yield "conditions are not those of the study"
    if evidence.values("condition").tolist() != list(range(1, len(keys) + 1)):
        yield "conditions are not numbered from 1"
    methods = evidence.values("box_method").astype(int).tolist()
    if methods != sorted(methods) or not {*methods} <= {*METHODS.values()}:
        yield f"box_method is {methods}"
    if any(methods.count(code) > BOXES for code in METHODS.values()):
        yield f"there are more than {BOXES} boxes of a kind"
    low, high = evidence.values("box_low"), evidence.values("box_high")
    if not (np.isfinite(low) | np.isfinite(high)).any(axis=1).all():
        yield "a box restricts nothing"
    if (low > high).any():
        yield "a box ends before it begins"


def boxes_in(evidence: Evidence) -> list[Box]:
    """Return the boxes of a file."""
    low, high = evidence.values("box_low"), evidence.values("box_high")
    lows, highs = np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)
    return [Box(*ends) for ends in zip(lows, highs, strict=True)]
