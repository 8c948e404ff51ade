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


def where_in_words(reading: Reading, branch: FollowedBranch, words: Words) -> str:
    """Return what each review saw where a branch is taken: `2029 saw above 8; 2031 ...`."""
    review = reading.study.review
    assert review is not None
    each = [
        words("follow.saw", year=year, range=range_in_words(ends, words))
        for year, ends in zip(review.years, branch.only, strict=True)
    ]
    return "; ".join(each)


def in_words(reading: Reading, words: Words) -> str:
    """Return which branch is followed in which futures, and that limits are asked of all."""
    branch = branch_followed(reading)
    assert branch is not None
    weight = reading.values("weight")
    return words(
        "follow.lead",
        number=branch.number,
        where=where_in_words(reading, branch, words),
        seen=seen_in_words(reading, words),
        count=words.number(float(np.count_nonzero(weight))),
        scenarios=words.number(float(weight.size)),
    )
