"""A branch that is followed: its number, and in which futures the reviews lead there."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from ..errors import InputError, cut
from .sampling import Sample


@dataclass(frozen=True)
class FollowedBranch:
    """An end branch of a plan that learns, taken where `only_r[0] < seen_r <= only_r[1]`, all r."""

    number: int  # from 1
    only: tuple[tuple[float, float], ...]  # [review] above what and up to what it is seen

    def of(self, sample: Sample) -> Sample:
        """Return a sample of which the branch's scenarios alone count."""
        return sample._replace(only=self.only)

    def as_text(self) -> str:
        """Return the branch as JSON; it knows no infinite ends.

        >>> FollowedBranch(2, ((250.0, math.inf),)).as_text()
        '{"branch": 2, "seen": [[250.0, null]]}'
        """
        ends = [[x if math.isfinite(x) else None for x in pair] for pair in self.only]
        return json.dumps({"branch": self.number, "seen": ends})

    @classmethod
    def from_text(cls, text: str) -> FollowedBranch:
        """Return the branch that `as_text` wrote.

        >>> FollowedBranch.from_text('{"branch": 2, "seen": [[250.0, null]]}').only
        ((250.0, inf),)

        Raises
        ------
        InputError
            If it is none.
        """
        try:
            told: Any = json.loads(text)
            pairs = tuple(
                (
                    -math.inf if low is None else float(low),
                    math.inf if high is None else float(high),
                )
                for low, high in told["seen"]
            )
            return cls(int(told["branch"]), pairs)
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"no branch of a plan that learns: {cut(text)}") from error


def branch_in(text: str) -> FollowedBranch | None:
    """Return the branch that a text tells; None of no text: a plan for all futures."""
    return FollowedBranch.from_text(text) if text else None


def followed_in(options: str) -> FollowedBranch | None:
    """Return the branch that a projection followed, by the options in its file, as JSON."""
    told = json.loads(options or "null")
    return branch_in(told.get("follow", "")) if isinstance(told, dict) else None
