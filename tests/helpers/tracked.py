"""Small studies with earmarked LIS1 posts."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from lis1plan.core.flow.rates import all_levels, track_share
from lis1plan.core.study.study import Study

from .small_study import WHY, changed, fixed


def track(choice: dict[str, float], rows: tuple[tuple[str, int, float], ...] = ()) -> Any:
    """A track that leads to groups by these shares, with posts (region, year, posts)."""
    return {
        "name": "Earmarked",
        "choice": {group: fixed(share) for group, share in choice.items()},
        "posts": tuple(
            {"region": region, "year": year, "posts": posts, "assumption": WHY}
            for region, year, posts in rows
        ),
    }


def tracked(study: Study, posts: float = 6.0, **changes: Any) -> Study:
    """The study with a track into general practice and, with half the posts, a mixed one."""
    first = "general_practice"
    rest = [group for group in study.groups if group != first]
    regions, year = list(study.regions), study.time.first_year
    alis = track({first: 1.0}, tuple((region, year + 1, posts) for region in regions))
    mixed = track(
        {first: 0.25, rest[0]: 0.75} if rest else {first: 1.0}, ((regions[0], year, posts / 2),)
    )
    return changed(study, {"track": {"alis": alis, "mixed": mixed}} | changes)


def naive_tracks(study: Study, level: NDArray[Any]) -> dict[str, Any]:
    """The naive model's table of tracks under levels of the plan."""
    rows = len(study.track) * len(study.regions)
    last = all_levels(study, level)[-rows:]
    return {
        "share": track_share(study).tolist(),
        "level": last.reshape(len(study.track), len(study.regions), -1).tolist(),
    }
