"""What was counted: one series of one region and group as one source told it at one time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Scope(NamedTuple):
    """What a projection tells of: labels of the study, and its calendar years."""

    regions: tuple[str, ...]
    groups: tuple[str, ...]
    years: tuple[int, ...]
    everybody: bool
    """Whether doctors without a speciality are counted, and so all doctors."""
    ahead: bool = False
    """Whether doctors are appointed half a year before they begin."""
    limited: bool = False
    """Whether LIS2/3 posts are limited, and so doctors wait for one."""


@dataclass(frozen=True)
class Observed:
    """An observed series. Counts of another vintage are another series: levels never mix."""

    series: str  # a flow of result files
    region: str = ""  # all regions together
    group: str = ""  # all groups together
    vintage: str = ""  # when and by whom the series was told
    fitted: str = ""  # what figures of the study rest on these very counts
    source: str = ""
    values: Mapping[int, float] = field(default_factory=dict)  # calendar year -> count

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What tells it from others."""
        return self.series, self.region, self.group, self.vintage

    @property
    def identifier(self) -> str:
        """The name in result files.

        >>> Observed("specialists", region="nord", vintage="2018").identifier
        'specialists nord 2018'
        """
        return " ".join(part for part in self.place if part)

    def known_by(self, year: int) -> dict[int, float]:
        """Return what was counted up to a year, by year."""
        return {y: value for y, value in sorted(self.values.items()) if y <= year}

    def since(self, year: int) -> dict[int, float]:
        """Return what was counted after a year, by year."""
        return {y: value for y, value in sorted(self.values.items()) if y > year}
