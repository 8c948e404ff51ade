"""The branch that a projection follows: which futures lead there, and what limits mean inside."""

from __future__ import annotations

import numpy as np

from ....core.scenarios.followed import FollowedBranch, followed_in
from ...reading import Reading
from ...texts.words import Words
from .review import range_in_words, seen_in_words


def branch_followed(reading: Reading) -> FollowedBranch | None:
    """Return the branch whose plan was projected; None of a plan for all futures."""
    return followed_in(str(reading.attribute("options")))


def in_words(reading: Reading, words: Words) -> str:
    """Return which branch is followed in which futures, and that limits are asked of all."""
    branch, review = branch_followed(reading), reading.study.review
    assert branch is not None
    assert review is not None
    where = [
        words("review.where", year=year, range=range_in_words(ends, words))
        for year, ends in zip(review.years, branch.only, strict=True)
    ]
    weight = reading.values("weight")
    return words(
        "follow.lead",
        number=branch.number,
        where=words.listed(where),
        seen=seen_in_words(reading, words),
        count=words.number(float(np.count_nonzero(weight))),
        scenarios=words.number(float(weight.size)),
    )
