"""Ways out of a study without a plan: how much each limit gives way, worked out anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import xarray as xr

from ..system.arrays import system_of
from ..system.families import LEVELS
from ..system.limit import ROUNDING
from ..system.limits import Capacity
from .evidence import Evidence, Floats, differ
from .recomputation import ATTAINABLE, whole_slots

ENOUGH = 1
MILLION = 1e6
NEGLIGIBLE = 1e-7
"""A limit that gives way by a smaller share of itself is kept."""


class Overstep(NamedTuple):
    """By how much a plan oversteps a limit, by year, and what the share it gives is a share of."""

    amount: Floats
    scale: Floats


def ways_out(evidence: Evidence) -> Iterator[str]:
    """Each way's plan oversteps the limits by what the way says, in amounts and in shares."""
    study, data = evidence.study, evidence.data
    limits = evidence.labels("constraint")
    stated, share, bound = (evidence.values(f"way_{n}") for n in ("amount", "share", "bound"))
    for w in np.flatnonzero(evidence.values("way_status") == ENOUGH):
        name = f"way {evidence.labels('way')[w]}"
        held = [n for n in LEVELS if f"way_{n}" in data]
        plan = xr.Dataset({n: data[f"way_{n}"].isel(way=w) for n in held})
        yield from whole_slots(evidence.alone(name, plan))
        slots, shares = evidence.decided(evidence.rows("way_slots")[w]), 0.0
        for n, limit in enumerate(limits):
            amounts = stated[evidence.first :, w, n]
            if limit.startswith("risk."):
                risk = study.risk[limit.removeprefix("risk.")]
                scale = risk.share_of(risk.at_most)
                found = Overstep(np.full(len(amounts), amounts[0]), np.array([scale]))
            else:
                found = overstep(evidence, limit, slots)
            given = found.amount / found.scale
            if (amounts < 0.0).any() or differ(
                amounts,
                np.where(given > NEGLIGIBLE, found.amount, 0.0),
                1e-9,
                ROUNDING * float(found.scale.min()),
            ):
                yield f"{name}: way_amount of {limit} is not what its slots overstep it by"
            shares += float(given.max()) if given.max() > NEGLIGIBLE else 0.0
        if differ(share[w], shares, 1e-9, ROUNDING):
            yield f"{name}: way_share {share[w]:.6g}, from its amounts {shares:.6g}"
        if bound[w] > share[w] * (1.0 + 1e-12):
            yield f"{name}: way_bound above its share"


def limits_by_name(evidence: Evidence) -> Iterator[str]:
    """Limits and ways out have the names, units and steps of the study's limits, in its order."""
    evidence.need("constraint")
    study, data = evidence.study, evidence.data
    risk = {f"risk.{key}": each for key, each in study.risk.items() if each.limit is not None}
    system = [each for each in system_of(study).limits if not each.lawful]
    words = {key: f"risk: {each.name}" for key, each in risk.items()}
    words |= {each.identifier: each.title for each in system}
    yield from _labels(evidence, "constraint", words)
    if "way" in data.dims:
        yield from _labels(evidence, "way", _ways(evidence, words))
    units = ["share" if each.is_share else "as the limit" for each in risk.values()]
    units += [each.unit for each in system]
    for name in ("way_unit", "shadow_unit"):
        if name in data and data[name].values.tolist() != units:
            yield f"{name} is not that of the study's limits"
    if "shadow_step" in data:
        steps = evidence.values("shadow_step")[len(risk) :]
        if differ(steps, np.array([each.step for each in system]), 1e-12):
            yield "shadow_step is not a step of the study's limits"


def _labels(evidence: Evidence, dim: str, words: Mapping[str, str]) -> Iterator[str]:
    """Tell which labels of an axis are not these, identifier -> words."""
    wanted = {dim: range(1, len(words) + 1), f"{dim}_id": words, f"{dim}_name": words.values()}
    for name, values in wanted.items():
        if evidence.data[name].values.tolist() != list(values):
            yield f"{name} is not that of the study"


def _ways(evidence: Evidence, limits: Mapping[str, str]) -> dict[str, str]:
    """Return the ways out, identifier -> words: together, risk, one by one, capacities in all."""
    study = evidence.study
    names = {"together": "all limits together", "risk": "the risk limits together"}
    names |= {f"alone_{key}": words for key, words in limits.items()}
    if len(study.regions) > 1:
        for each in dict.fromkeys(each.name for each in system_of(study).of_kind(Capacity)):
            names[f"alone_{Capacity.kind}.{each}"] = f"{study.capacity[each].name}, all regions"
    return names


def overstep(evidence: Evidence, limit: str, slots: Floats) -> Overstep:
    """Return by how much slots [region, decision year] overstep a limit of the system, by year."""
    study = evidence.study
    found = system_of(study).limit(limit)
    years = len(study.years) - study.first
    return Overstep(np.broadcast_to(found.excess(slots), years), found.scale)


def limits_out_of_reach(evidence: Evidence) -> Iterator[str]:
    """Limits are the study's; a way that lets risk alone give way does not go below the least."""
    study = evidence.study
    limits, floors = evidence.values("risk_limit"), evidence.values("risk_floor")
    if not np.array_equal(limits, [limit.at_most for limit in study.risk.values()]):
        yield "risk_limit is not the study's"
    # of a chance limit the floor is a risk that is reached, no bound
    floors = np.where(study.convex, floors, 0.0)
    names, amounts = evidence.labels("constraint"), evidence.values("way_amount")
    risks = [n for n, name in enumerate(names) if name.startswith("risk.")]
    others = np.delete(amounts, risks, axis=2)
    for w in np.flatnonzero(evidence.values("way_status") == ENOUGH):
        if others[:, w].any():
            continue
        for n in risks:
            c = list(study.risk).index(names[n].removeprefix("risk."))
            if limits[c] + amounts[-1, w, n] < floors[c] - ATTAINABLE:
                yield f"way {evidence.labels('way')[w]}: {names[n]} below the least attainable"
