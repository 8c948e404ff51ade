"""Checks of LIS2/3 posts: rows that are missing or contradict each other, and the model's law."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ..specialist_posts import NewSpecialistPosts, SpecialistPosts, SpecialistPostsRow
from ..unchecked import UncheckedStudy

KEY = "specialist_posts.posts"


def specialist_posts_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield what does not fit together in `specialist_posts`, and with other sections."""
    section = study.specialist_posts
    if section is None:
        return
    for group in study.groups:
        rows = [row for row in section.posts if row.group == group]
        placed = {row.region for row in rows}
        if None in placed and len(placed) > 1:
            yield (
                f"{KEY}: group '{group}': rows with and without a region; name the region in all "
                "of them or in none"
            )
            continue
        for region in study.regions if placed - {None} else [None]:
            of_region = [row for row in rows if row.region == region]
            yield from _course_problems(study, group, region, of_region)
    if study.limits.trainees:
        yield (
            "limits.trainees: cannot stand beside [specialist_posts], by which doctors in LIS2/3 "
            "are never more than their posts; leave one of them out"
        )
    if study.training.historic_until > study.time.first_year:
        yield (
            f"training.historic_until: {study.training.historic_until}; with [specialist_posts] at "
            f"most {study.time.first_year}, the first projected year: who begins LIS2/3 when hangs "
            "on the plan"
        )
    yield from _leaving_problems(study, section)
    if section.new is not None and section.new.closing:
        yield from _once_problems(study, section.new)


def _once_problems(study: UncheckedStudy, new: NewSpecialistPosts) -> Iterator[str]:
    """Yield groups whose posts bring money in once: opened and closed in turn they would earn."""
    for group in study.groups:
        once = [
            row.amount_nok
            for row in new.prices
            if row.timing == "once" and row.group in (None, group)
        ]
        if sum(once) < 0.0:
            yield (
                f"specialist_posts.new.prices: group '{group}': opening a post costs {sum(once):g} "
                "NOK once; with closing = true it must be 0 or more, or posts opened and closed "
                "again would earn money: spread the amount over the years, or close none"
            )


def _course_problems(
    study: UncheckedStudy, group: str, region: str | None, rows: list[SpecialistPostsRow]
) -> Iterator[str]:
    """Yield a group without posts at the start, rows after the last year, posts that fall."""
    where = f"{KEY}: group '{group}'" + (f", region '{region}'" if region else "")
    first, last = study.time.first_year, study.time.last_year
    in_order = sorted(rows, key=lambda row: row.year)
    if not rows or in_order[0].year > first:
        yield f"{where}: no row for {first}, the first projected year; give one"
        return
    for row in in_order:
        if row.year > last:
            yield f"{where}: a row for {row.year}; the projection ends in {last}"
    # room that shrinks faster than doctors leave it makes supply convex: no bound could be proved
    counted = [row for row in in_order if row.year > first]
    begin = max((row for row in in_order if row.year <= first), key=lambda row: row.year)
    for before, row in pairwise([begin, *counted]):
        if row.posts < before.posts:
            yield (
                f"{where}: posts fall from {before.posts:g} to {row.posts:g} in {row.year}; they "
                "must not fall: doctors in training keep theirs"
            )


def _leaving_problems(study: UncheckedStudy, section: SpecialistPosts) -> Iterator[str]:
    """Yield a queue for LIS2/3 that can lose more than the one for LIS1: slots could hurt."""
    leaving = section.giving_up_per_year.bounds[1]
    people, at_work = study.specialists, 1.0
    if study.training.exits != "none":
        exposed = sum(row.persons_below(people.other_exits_below_age) for row in people.stock)
        if exposed > 0.0:
            at_work = max(0.0, 1.0 - people.other_exits_per_year.bounds[1] / exposed)
    per_half_year = 1.0 - ((1.0 - leaving) * at_work) ** 0.5
    least = study.queue.leakage.bounds[0]
    if per_half_year > least + 1e-12:
        yield (
            f"specialist_posts.giving_up_per_year: up to {leaving:g}; with those who leave work up "
            f"to {per_half_year:.3g} of those who wait for LIS2/3 are lost a half-year, of those "
            f"who wait for LIS1 as few as {least:g} (queue.leakage); must not be more, or doctors "
            "had better wait before LIS1, and more posts there could hurt"
        )
