"""Risk rules: what a limit makes of the shortage Z of all scenarios. One class, one rule.

A new rule is a class here and its place in RULES, with its words in report/texts, its tests and its
row in docs/model.md. A rule with a number of its own has a key of that name in RuleNumbers, too.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, FiniteFloat

from .distributions import Figure
from .tails import (
    at_quantile,
    cvar_interval,
    cvar_weights,
    quantile,
    quantile_interval,
    worst,
)
from .world import NotNegative

Floats = NDArray[np.float64]


class RuleNumbers(Figure):
    """Keys of a risk limit that some rules take and others not: each rule names its own."""

    confidence: FiniteFloat | None = Field(
        default=None, ge=0, lt=1, description="of cvar and chance; other rules have none"
    )
    limit: NotNegative | None = Field(default=None, description="of every rule but price")
    price: NotNegative | None = Field(default=None, description="NOK per missing FTE-year")


@dataclass(frozen=True)
class RiskRule(ABC):
    """What a rule is asked. Z and what scenarios weigh (None: all the same) are [realization]."""

    name: ClassVar[str]
    """As studies name it."""
    title: ClassVar[str]
    code: ClassVar[int]
    """In the result file."""
    keys: ClassVar[tuple[str, ...]]
    """Those of `RuleNumbers` that it takes."""
    convex: ClassVar[bool] = True
    """Whether cuts bound it: a subgradient is the slope of Z weighed by `weights`."""
    limited: ClassVar[bool] = True
    """Whether it is held to a limit; a price is added to the cost instead."""
    error_known: ClassVar[bool] = True
    """Whether its error can be told from the sample itself."""
    tail: ClassVar[str | None] = None
    """Of a rule that is not convex: the convex one, never smaller, that stands for it."""
    counts_in: ClassVar[Mapping[str, str]] = {}
    """What other keys of the limit must be for the rule to have a meaning."""
    reason: ClassVar[str] = ""
    """Why they must."""

    @property
    @abstractmethod
    def words(self) -> str:
        """Return the key, in the report's texts on risk, of which futures it judges."""

    @abstractmethod
    def weights(self, values: Floats, weight: Floats | None = None) -> Floats:
        """Return each scenario's weight in the risk of Z, [realization], adding up to one."""

    def risk(self, values: Floats, weight: Floats | None = None) -> float:
        """Return the risk of Z."""
        return float(np.sum(self.weights(values, weight) * values))

    @abstractmethod
    def interval(
        self, values: Floats, weight: Floats | None = None, level: float = 0.95
    ) -> tuple[float, float]:
        """Return an interval for the risk from independent scenarios (normal approximation)."""

    def as_cvar(self, weight: Floats) -> float | None:  # noqa: ARG002
        """Return the confidence of the CVaR that a limit by this rule is, for such scenarios.

        None if it is not one. `weight` [realization], none of them zero.
        """
        return None


@dataclass(frozen=True)
class Cvar(RiskRule):
    """CVaR_confidence[Z] <= limit: the mean of the worst share 1 - confidence.

    >>> Cvar(0.5).risk(np.array([0.0, 3.0, 1.0, 2.0]))
    2.5
    """

    confidence: float
    name = "cvar"
    title = "cvar"
    code = 1
    keys = ("confidence", "limit")

    @property
    def words(self) -> str:
        """The worst share; of confidence 0, the mean of all."""
        return "worst" if self.confidence else "all"

    def weights(self, values: Floats, weight: Floats | None = None) -> Floats:
        """Return shares of the tail."""
        return cvar_weights(values, self.confidence, weight)

    def interval(
        self, values: Floats, weight: Floats | None = None, level: float = 0.95
    ) -> tuple[float, float]:
        """Return that of the mean of the tail, its threshold held."""
        return cvar_interval(values, self.confidence, level, weight)

    def as_cvar(self, weight: Floats) -> float | None:  # noqa: ARG002
        """Return its own confidence."""
        return self.confidence


@dataclass(frozen=True)
class Mean(RiskRule):
    """E[Z] <= limit.

    >>> Mean().risk(np.array([0.0, 3.0, 1.0, 2.0]))
    1.5
    """

    name = "mean"
    title = "mean"
    code = 2
    keys = ("limit",)
    words = "all"

    def weights(self, values: Floats, weight: Floats | None = None) -> Floats:
        """Return shares of all weight."""
        return cvar_weights(values, 0.0, weight)

    def interval(
        self, values: Floats, weight: Floats | None = None, level: float = 0.95
    ) -> tuple[float, float]:
        """Return that of the mean."""
        return cvar_interval(values, 0.0, level, weight)

    def as_cvar(self, weight: Floats) -> float | None:  # noqa: ARG002
        """Return 0: the mean of all."""
        return 0.0


@dataclass(frozen=True)
class WorstCase(RiskRule):
    """Z <= limit in every scenario.

    >>> WorstCase().risk(np.array([0.0, 3.0, 1.0, 2.0]))
    3.0
    """

    name = "worst"
    title = "worst case"
    code = 3
    keys = ("limit",)
    error_known = False
    words = "worst_case"

    def weights(self, values: Floats, weight: Floats | None = None) -> Floats:
        """Return all weight on the worst scenario; ties: the last."""
        result = np.zeros(len(values))
        result[worst(values, weight)] = 1.0
        return result

    def interval(
        self,
        values: Floats,
        weight: Floats | None = None,
        level: float = 0.95,  # noqa: ARG002
    ) -> tuple[float, float]:
        """Return no upper end (not a number): scenarios give none."""
        return self.risk(values, weight), np.nan

    def as_cvar(self, weight: Floats) -> float | None:
        """Return the confidence that leaves no more than one scenario in the tail."""
        return float(1.0 - weight.min() / weight.sum())


@dataclass(frozen=True)
class Chance(RiskRule):
    """P(Z <= limit) >= confidence: the quantile of Z is within the limit.

    >>> Chance(0.5).risk(np.array([0.0, 3.0, 1.0, 2.0]))
    1.0
    """

    confidence: float
    name = "chance"
    title = "chance"
    code = 4
    keys = ("confidence", "limit")
    convex = False
    tail = "cvar"
    words = "chance"

    def __post_init__(self) -> None:
        """Refuse a limit that asks for nothing."""
        if self.confidence == 0:
            raise ValueError(
                "a chance limit with `confidence` 0 asks for nothing: give more than 0"
            )

    def weights(self, values: Floats, weight: Floats | None = None) -> Floats:
        """Return all weight on the scenario at the quantile."""
        result = np.zeros(len(values))
        result[at_quantile(values, self.confidence, weight)] = 1.0
        return result

    def risk(self, values: Floats, weight: Floats | None = None) -> float:
        """Return the quantile."""
        return quantile(values, self.confidence, weight)

    def interval(
        self, values: Floats, weight: Floats | None = None, level: float = 0.95
    ) -> tuple[float, float]:
        """Return the quantiles at the ends of the interval of the share."""
        return quantile_interval(values, self.confidence, weight, level)


@dataclass(frozen=True)
class Price(RiskRule):
    """The limit's price x E[Z] is added to the cost; nothing is limited.

    >>> Price().risk(np.array([0.0, 3.0, 1.0, 2.0]))
    1.5
    """

    name = "price"
    title = "price"
    code = 5
    keys = ("price",)
    limited = False
    counts_in: ClassVar[Mapping[str, str]] = {"measure": "absolute", "statistic": "sum"}
    reason = "a price is per missing FTE-year"
    words = "all"

    def weights(self, values: Floats, weight: Floats | None = None) -> Floats:
        """Return shares of all weight."""
        return cvar_weights(values, 0.0, weight)

    def interval(
        self, values: Floats, weight: Floats | None = None, level: float = 0.95
    ) -> tuple[float, float]:
        """Return that of the mean."""
        return cvar_interval(values, 0.0, level, weight)


RULES: Mapping[str, type[RiskRule]] = {
    rule.name: rule for rule in (Cvar, Mean, WorstCase, Chance, Price)
}
"""Every rule by its name: the only list of them."""
