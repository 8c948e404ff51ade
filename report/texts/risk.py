"""What a limit on risk measures, in words: by its rule, at length and in short."""

from __future__ import annotations

from dataclasses import asdict

from ...core.study.risk_limit import RiskLimit
from ..reading import Reading
from .words import Words


def risk_in_words(reading: Reading, words: Words, limit: int) -> str:
    """Return what a limit measures: shortfall, statistic over the window, share of futures."""
    risk = reading.limits[limit]
    first, last = risk.years(reading.study.time)
    return words(
        "risk.measure",
        measure=words(f"risk.{risk.words}"),
        statistic=words(f"risk.{risk.statistic}", first=first, last=last),
        futures=futures_in_words(risk, words),
    )


def futures_in_words(risk: RiskLimit, words: Words, short: bool = False) -> str:
    """Return which futures the rule of a limit judges; `short` for labels."""
    rule = risk.risk_rule
    numbers = {key: words.compact(value) for key, value in asdict(rule).items()}
    share = words.share(1 - (risk.confidence or 0.0))
    return words(f"risk.{'short_' if short else ''}{rule.words}", share=share, **numbers)


def allowed_in_words(reading: Reading, words: Words, limit: int) -> str:
    """Return what a limit allows, as the end of a sentence; of a price, nothing."""
    allowed = reading.limits[limit].limit
    if allowed is None:
        return ""
    said = words.share(allowed) if reading.relative(limit) else words.compact(allowed)
    return words("risk.allowed", limit=said)
