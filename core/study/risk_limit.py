"""One limit on the risk of shortage: what is judged, by which rule, and how much is allowed."""

from __future__ import annotations

import math
from typing import Literal, Self

from pydantic import Field, FiniteFloat, model_validator

from .distributions import Figure
from .world import Identifier, NotNegative

Rule = Literal["cvar", "mean", "worst", "chance", "price"]
Counts = Literal["specialists", "doctors"]
RULES: tuple[Rule, ...] = ("cvar", "mean", "worst", "chance", "price")
"""In the order of their codes in the result file, from 1."""


class RiskLimit(Figure):
    """One rule on the shortage Z of some regions and groups (docs/model.md section 5).

    cvar: CVaR_confidence[Z] <= limit. mean: E[Z] <= limit. worst: Z <= limit in every scenario.
    chance: P(Z <= limit) >= confidence. price: price x E[Z] is added to the cost.

    With `supervises`, Z is what slots need of a capacity beyond what the specialists can give, as a
    share of the capacity at the start (core/risk/supervision.py).
    """

    name: str
    rule: Rule = "cvar"
    scope: Literal["pooled", "summed"] = "pooled"
    regions: tuple[Identifier, ...] = Field(strict=False, min_length=1)
    groups: tuple[Identifier, ...] = Field(
        default=(), strict=False, description="specialty groups counted; none named: all"
    )
    counts: Counts = Field(
        default="specialists", description="doctors: all past LIS1, trainees with their FTE"
    )
    measure: Literal["relative", "absolute"] = "relative"
    statistic: Literal["mean", "max", "sum"] = "mean"
    confidence: FiniteFloat | None = Field(
        default=None, ge=0, lt=1, description="of cvar and chance; other rules have none"
    )
    limit: NotNegative | None = Field(default=None, description="of every rule but price")
    price: NotNegative | None = Field(default=None, description="NOK per missing FTE-year")
    supervises: Identifier | None = Field(
        default=None, description="a capacity that grows with the specialists counted"
    )

    @model_validator(mode="after")
    def _fits_its_rule(self) -> Self:
        wanted = {
            "confidence": self.rule in ("cvar", "chance"),
            "limit": self.rule != "price",
            "price": self.rule == "price",
        }
        for key, needed in wanted.items():
            if (getattr(self, key) is not None) != needed:
                verb = "needs" if needed else "takes no"
                raise ValueError(f'rule = "{self.rule}" {verb} `{key}`')
        if self.rule == "chance" and self.confidence == 0:
            raise ValueError(
                "a chance limit with `confidence` 0 asks for nothing: give more than 0"
            )
        if self.rule == "price" and (self.measure, self.statistic) != ("absolute", "sum"):
            raise ValueError(
                'a price is per missing FTE-year: give measure = "absolute" and statistic = "sum"'
            )
        if self.supervises is not None:
            self._fits_supervision()
        return self

    def _fits_supervision(self) -> None:
        for key, allowed in (
            ("rule", ("cvar", "mean", "worst")),
            ("scope", ("pooled",)),
            ("measure", ("relative",)),
            ("counts", ("specialists",)),
        ):
            if getattr(self, key) not in allowed:
                raise ValueError(
                    f'{key} = "{getattr(self, key)}" with `supervises`: '
                    f"only {' or '.join(allowed)} there"
                )

    @property
    def at_most(self) -> float:
        """Return the limit; infinite for a price, which limits nothing."""
        return math.inf if self.limit is None else self.limit

    @property
    def tail_confidence(self) -> float:
        """Return the confidence; not a number for a rule that has none."""
        return math.nan if self.confidence is None else self.confidence
