"""What the result says of each risk limit, whatever its rule; the study's own words in numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.risk_limit import RULES
from ..core.study import Study
from .certificate import Certificate

Data = dict[str, tuple[tuple[str, ...], Any]]


def asked_of(study: Study) -> Data:
    """Return limit, confidence, price and rule of each risk limit; NaN where a rule has none."""
    limits = list(study.risk.values())
    found = {
        "risk_limit": [limit.limit for limit in limits],
        "risk_confidence": [limit.confidence for limit in limits],
        "risk_price": [limit.price for limit in limits],
    }
    data: Data = {
        name: (("limit",), np.array([np.nan if x is None else x for x in values], dtype=float))
        for name, values in found.items()
    }
    codes = np.array([RULES.index(limit.rule) + 1 for limit in limits], dtype=np.int64)
    return data | {"risk_rule": (("limit",), codes)}


def in_words(study: Study, certificate: Certificate, scenarios: int) -> str:
    """Return in words whether the lower bound is a proof, and if not, why."""
    if certificate.holds:
        return "the concavity condition holds in every scenario drawn: every cut is valid"
    failing = where_it_fails(study, certificate, scenarios)
    return f"{failing}: a cheaper plan than the bound says is possible"


def where_it_fails(study: Study, certificate: Certificate, scenarios: int) -> str:
    """Return in words how many scenarios the concavity condition fails in."""
    doctors = any(limit.counts == "doctors" for limit in study.risk.values())
    why = (
        " (limits on all doctors: those who give LIS2/3 up count while in it, so supply falls with "
        "time in training faster than applicants leave the queue)"
        if doctors
        else ""
    )
    return f"the concavity condition fails in {certificate.failures} of {scenarios} scenarios{why}"
