"""Values of a study's figures in words: numbers, distributions, processes, limits, plans."""

from __future__ import annotations

from typing import Any

from ....core.study.distributions import Figure
from ....core.study.processes import Regimes
from ....core.study.risk_limit import RiskLimit
from ....core.study.settings import Comparison
from ...texts.risk import futures_in_words
from ...texts.words import Words


def value_in_words(figure: Figure, words: Words) -> str:
    """Return a figure's value or distribution in words."""
    if isinstance(figure, RiskLimit):
        return _limit_in_words(figure, words)
    if isinstance(figure, Comparison):
        slots = [f"{year}: {count}" for year, count in figure.slots_per_year.items()]
        return "; ".join(slots) or words("value.no_slots")
    given: dict[str, Any] = figure.model_dump(exclude={"source", "assumption"})
    kind = str(given.pop("distribution", given.pop("process", "other")))
    said = {key: _said(value, words) for key, value in given.items()}
    if isinstance(figure, Regimes):
        said["yearly_probability"] = words.percent(figure.yearly_probability)
    if kind in {"normal", "lognormal"}:
        ends = [key for key in ("low", "high") if given.get(key) is not None]
        cut = words(f"value.cut_{'_'.join(ends)}", **said) if ends else ""
        return words(f"value.{kind}", **said) + cut
    if words.has(f"value.{kind}"):
        return words(f"value.{kind}", **said)
    return "; ".join(f"{key}: {value}" for key, value in said.items())


def _limit_in_words(limit: RiskLimit, words: Words) -> str:
    """Return what a limit on risk allows, in which futures; or the price of shortage."""
    if limit.limit is None:
        return words("value.price", price=words.compact(limit.price or 0.0))
    allowed = words.share(limit.limit) if limit.is_share else words.compact(limit.limit)
    return words("value.risk", limit=allowed, futures=futures_in_words(limit, words))


def _said(value: object, words: Words) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return words.compact(value)
    if isinstance(value, list | tuple):
        return "; ".join(_said(item, words) for item in value)
    return str(value)
