"""Checks of tracks: shares that are not whole, and more earmarked posts than there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from ..unchecked import UncheckedStudy


def track_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield what does not fit together in `track`, and with groups, regions and posts."""
    unknown = list(_unknown(study))
    yield from unknown
    if unknown:
        return
    for name, track in study.track.items():
        total = sum(share.value for share in track.choice.values())
        if abs(total - 1.0) > 1e-9:
            yield f"track.{name}.choice: shares add up to {total:g}, must be 1"
        first, last = study.time.first_year, study.time.last_year
        for row in track.posts:
            if not first <= row.year <= last:
                yield (
                    f"track.{name}.posts: a row for {row.year}; the projection lasts from {first} "
                    f"to {last}"
                )
        for (region, year), rows in Counter((r.region, r.year) for r in track.posts).items():
            if rows > 1:
                yield f"track.{name}.posts: {rows} rows for region '{region}', {year}; give one"
    if study.track:
        yield from _too_many(study)
    if study.track and study.limits.closing is not None:
        yield (
            "limits.closing: cannot stand beside [track], whose posts are part of those on offer; "
            "leave one of them out"
        )


def _unknown(study: UncheckedStudy) -> Iterator[str]:
    """Yield groups and regions that the study does not have."""
    for name, track in study.track.items():
        for group in track.choice:
            if group not in study.groups:
                yield (
                    f"track.{name}.choice: group '{group}' is unknown; groups are "
                    f"{', '.join(study.groups)}"
                )
        for region in dict.fromkeys(row.region for row in track.posts):
            if region not in study.regions:
                yield (
                    f"track.{name}.posts: region '{region}' is unknown; regions are "
                    f"{', '.join(study.regions)}"
                )


def _too_many(study: UncheckedStudy) -> Iterator[str]:
    """Yield regions in which more posts are earmarked than are on offer."""
    earmarked = study.earmarked.sum(axis=0)
    for r, region in enumerate(study.regions):
        over = earmarked[r] > study.given_levels[r]
        if over.any():
            y = int(np.argmax(over))
            yield (
                f"track.*.posts: region '{region}', {study.years[y]}: {earmarked[r, y]:g} posts "
                f"earmarked of {study.given_levels[r, y]:g} on offer; must not be more"
            )
