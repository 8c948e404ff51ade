"""One limit on risk: what is judged, by which rule, and how much is allowed.

Two kinds: of shortage, and of what slots need of a capacity that grows with the specialists. Each
says itself what differs between them.
"""

from __future__ import annotations

import dataclasses
import math
from abc import abstractmethod
from typing import Annotated, ClassVar, Literal, Self

from pydantic import (
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    Tag,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from .distributions import Figure
from .risk_rules import RULES, RiskRule, RuleNumbers
from .world import Identifier, Time

Counts = Literal["specialists", "doctors"]
Scope = Literal["pooled", "summed", "summed_over_groups", "summed_over_both"]
"""Whose surplus fills whose gap: all together; no region another's; no group; neither."""
LEAST_RISK = 1e-6
"""A limit smaller than this gives way in shares of this."""
RULE_KEYS = tuple(name for name in RuleNumbers.model_fields if name not in Figure.model_fields)


class _NameOfARule:
    """What pydantic is told of a rule's name: one of the table's."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.literal_schema(list(RULES))


class RiskLimit(RuleNumbers):
    """One rule on Z of some regions and groups (docs/model.md section 5)."""

    name: str
    rule: Annotated[str, _NameOfARule()] = "cvar"
    scope: Scope = Field(
        default="pooled",
        description="shortages of all together, or summed over regions (summed), groups, or both",
    )
    regions: tuple[Identifier, ...] = Field(strict=False, min_length=1)
    groups: tuple[Identifier, ...] = Field(
        default=(), strict=False, description="specialty groups counted; none named: all"
    )
    counts: Counts = Field(
        default="specialists", description="doctors: all past LIS1, trainees with their FTE"
    )
    measure: Literal["relative", "absolute"] = "relative"
    statistic: Literal["mean", "max", "sum"] = "mean"

    @model_validator(mode="after")
    def _fits_its_rule(self) -> Self:
        rule = RULES[self.rule]
        for key in RULE_KEYS:
            needed = key in rule.keys
            if (getattr(self, key) is not None) != needed:
                verb = "needs" if needed else "takes no"
                raise ValueError(f'rule = "{self.rule}" {verb} `{key}`')
        if any(getattr(self, key) != value for key, value in self.risk_rule.counts_in.items()):
            asked = " and ".join(f'{key} = "{value}"' for key, value in rule.counts_in.items())
            raise ValueError(f"{rule.reason}: give {asked}")
        return self

    @property
    def risk_rule(self) -> RiskRule:
        """The rule as a value, with this limit's numbers."""
        rule = RULES[self.rule]
        return rule(**{each.name: getattr(self, each.name) for each in dataclasses.fields(rule)})

    @property
    def in_tails(self) -> RiskLimit:
        """The same limit by a convex rule that is never smaller; itself if its own is convex."""
        tail = self.risk_rule.tail
        return self if tail is None else self.model_copy(update={"rule": tail})

    @property
    def over_regions(self) -> bool:
        """Whether no region makes up for what another lacks."""
        return self.scope in ("summed", "summed_over_both")

    @property
    def over_groups(self) -> bool:
        """Whether no specialty group makes up for what another lacks."""
        return self.scope in ("summed_over_groups", "summed_over_both")

    @property
    def at_most(self) -> float:
        """The limit; infinite for a price, which limits nothing."""
        return math.inf if self.limit is None else self.limit

    @property
    def tail_confidence(self) -> float:
        """The confidence; not a number for a rule that has none."""
        return math.nan if self.confidence is None else self.confidence

    @property
    def is_share(self) -> bool:
        """Whether Z is a share (else FTE, or the sum of shares over years)."""
        return self.measure == "relative" and self.statistic != "sum"

    def judges_as(self, other: RiskLimit) -> bool:
        """Tell whether it makes a risk of a shortage by the same rule, in the same unit."""
        keys = ("rule", "confidence", "measure", "statistic", "counts")
        return all(getattr(self, key) == getattr(other, key) for key in keys)

    @property
    @abstractmethod
    def least(self) -> float:
        """The least value Z can have."""

    @property
    @abstractmethod
    def largest(self) -> float:
        """The largest value Z can have."""

    @property
    @abstractmethod
    def words(self) -> str:
        """The key, in the report's texts on risk, of what is counted."""

    @abstractmethod
    def years(self, time: Time) -> tuple[int, int]:
        """Return first and last year it judges."""

    @abstractmethod
    def share_of(self, most: float) -> float:
        """Return what a limit of `most` gives way by shares of."""


class ShortageLimit(RiskLimit):
    """A limit on the shortage of specialists or doctors, in the risk window; never negative."""

    supervises: None = None

    @property
    def least(self) -> float:
        """Nothing is less than no shortage."""
        return 0.0

    @property
    def largest(self) -> float:
        """All of demand, where that is what shares are of."""
        return 1.0 if self.is_share else math.inf

    @property
    def words(self) -> str:
        """By who is counted, relative to demand or not."""
        return f"{'' if self.counts == 'specialists' else 'doctors_'}{self.measure}"

    def years(self, time: Time) -> tuple[int, int]:
        """Return the risk window."""
        return time.window

    def share_of(self, most: float) -> float:
        """Return the limit itself, if it is not next to nothing."""
        return max(most, LEAST_RISK)


class SupervisionLimit(RiskLimit):
    """A limit on what slots need of a capacity beyond what the specialists can give.

    Z is a share of the capacity at the start (core/system/supervision.py), and signed.
    """

    supervises: Identifier = Field(description="a capacity that grows with the specialists counted")
    _ALLOWED: ClassVar[dict[str, tuple[str, ...]]] = {
        "rule": tuple(name for name, rule in RULES.items() if rule.convex and rule.limited),
        "scope": ("pooled",),
        "measure": ("relative",),
        "counts": ("specialists",),
    }

    @model_validator(mode="after")
    def _fits_supervision(self) -> Self:
        for key, allowed in self._ALLOWED.items():
            if getattr(self, key) not in allowed:
                raise ValueError(
                    f'{key} = "{getattr(self, key)}" with `supervises`: '
                    f"only {' or '.join(allowed)} there"
                )
        return self

    @property
    def least(self) -> float:
        """Specialists may be any number more than slots need."""
        return -math.inf

    @property
    def largest(self) -> float:
        """Slots may need any multiple of what there is."""
        return math.inf

    @property
    def words(self) -> str:
        """What is counted here is always the same."""
        return f"supervision_{self.measure}"

    def years(self, time: Time) -> tuple[int, int]:
        """Return every year from the first decision on."""
        return time.first_decision, time.last_year

    def share_of(self, most: float) -> float:  # noqa: ARG002
        """Return all of the capacity at the start, whatever the limit, which may be 0."""
        return 1.0


TAGS = ("limit on shortage", "limit on supervision")
"""Of the union, as pydantic's errors name them; no identifier has blanks."""


def _tag_of(found: object) -> str:
    key = found.get("supervises") if isinstance(found, dict) else getattr(found, "supervises", None)
    return TAGS[key is not None]


AnyRiskLimit = Annotated[
    Annotated[ShortageLimit, Tag(TAGS[0])] | Annotated[SupervisionLimit, Tag(TAGS[1])],
    Discriminator(_tag_of),
]
"""A limit as a study gives it: on supervision where it names what it `supervises`."""
