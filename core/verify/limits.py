"""Limits of the system beside supervision: ramps, closing, budgets, least shares, trainees."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..system.arrays import system_of
from ..system.costs import payers, yearly_cost
from ..system.limit import ROUNDING
from ..system.limits import Trainees
from ..system.posts import lead_time, levels
from .evidence import Evidence, Floats, NotHeldError


def ramp(evidence: Evidence) -> Iterator[str]:
    """No year opens or closes more slots than allowed, in a region or in the country."""
    study = evidence.study
    most, least = np.zeros((2, len(study.regions), len(study.decision_years)))
    closing = study.limits.closing
    for r, name in enumerate(study.regions):
        most[r, lead_time(study, name) :] = study.ramp.regional[name].value
        if closing is not None and name in closing.most_per_year:
            least[r] = -closing.most_per_year[name].value
    for name, slots in _sought(evidence):
        if (slots > most + ROUNDING).any():
            yield f"{name}: beyond a regional ramp"
        if (slots < least - ROUNDING).any():
            yield f"{name}: closes more than is allowed"
        if (np.maximum(slots, 0.0).sum(axis=0) > study.ramp.national.value + ROUNDING).any():
            yield f"{name}: beyond the national ramp"


def budgets(evidence: Evidence) -> Iterator[str]:
    """No payer pays more in a year than the study's budgets allow."""
    study = evidence.study
    if not study.limits.budget:
        raise NotHeldError("the study sets no budget")
    for name, slots in _sought(evidence):
        gross, report = yearly_cost(study, levels(study, slots))
        paid = dict(zip(payers(study), gross, strict=True))
        paid |= {"all": gross.sum(axis=0), "report": report}
        for row in study.limits.budget:
            nok = paid[row.payer][row.year - study.time.first_year]
            if nok > row.nok * (1.0 + ROUNDING) + ROUNDING:
                yield f"{name}: {row.payer} pays {nok:,.0f} NOK in {row.year}, of {row.nok:,.0f}"


def least_shares(evidence: Evidence) -> Iterator[str]:
    """Regions with a least share of the new slots have it."""
    study = evidence.study
    if not study.limits.least_share:
        raise NotHeldError("the study sets no least share")
    for name, slots in _sought(evidence):
        opened = np.maximum(slots, 0.0).sum(axis=1)
        for region, share in study.limits.least_share.items():
            least = share.value * opened.sum()
            if opened[list(study.regions).index(region)] < least * (1.0 - ROUNDING) - ROUNDING:
                yield f"{name}: {region} has less than its share"


def places_in_training(evidence: Evidence) -> Iterator[str]:
    """No more doctors are in LIS2/3 than the study has places for."""
    study = evidence.study
    if not study.limits.trainees:
        raise NotHeldError("the study sets no limit on doctors in LIS2/3")
    for name, slots in _sought(evidence):
        for limit in system_of(study).of_kind(Trainees):
            if not limit.keeps(slots).all():
                most = limit.used(slots).max()
                yield f"{name}: {limit.title}: {most:.0f} doctors, of {limit.room[0]:g}"


def _sought(evidence: Evidence) -> Iterator[tuple[str, Floats]]:
    """Yield the plans that must keep all limits, [region, decision year]: chosen, frontier."""
    if not evidence.is_run:
        raise NotHeldError("a given plan need not keep the limits")
    name, chosen = next(evidence.slots())
    yield name, evidence.decided(chosen)
    for name, slots in evidence.frontier():
        yield name, evidence.decided(slots)


FURTHER_LIMITS = (ramp, budgets, least_shares, places_in_training)
