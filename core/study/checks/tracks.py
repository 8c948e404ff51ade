"""Checks of tracks: shares that are not whole, more earmarked posts than there are, new ones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..unchecked import UncheckedStudy


def track_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield what does not fit together in `track`, and with groups, regions and posts."""
    unknown = list(_unknown(study))
    yield from unknown
    rows = [row for track in study.track.values() for row in track.posts]
    if unknown or any(row.region not in study.regions for row in rows):
        return  # rows.py names the regions that nobody knows
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
    if study.track:
        yield from _too_many(study)
    yield from _new_problems(study)
    if study.track and study.limits.closing is not None:
        yield (
            "limits.closing: cannot stand beside [track], whose posts are part of those on offer; "
            "leave one of them out"
        )


def _unknown(study: UncheckedStudy) -> Iterator[str]:
    """Yield groups that the study does not have."""
    for name, track in study.track.items():
        for group in track.choice:
            if group not in study.groups:
                yield (
                    f"track.{name}.choice: group '{group}' is unknown; groups are "
                    f"{', '.join(study.groups)}"
                )


def _new_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield what contradicts itself among posts that a plan may earmark."""
    decided = {name: track.new for name, track in study.track.items() if track.new is not None}
    for name, new in decided.items():
        least, most = new.least_share, new.most_share
        if least is not None and most is not None and least.value > most.value:
            yield (
                f"track.{name}.new.least_share: {least.value:g}; must not lie above most_share, "
                f"{most.value:g}"
            )
    if len({new.whole for new in decided.values()}) > 1:
        yield "track.*.new.whole: true and false; give the same in every track"


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
