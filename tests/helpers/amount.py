"""How much the long random suites do: one setting for all of them."""

from __future__ import annotations

import os


def amount(full: int) -> int:
    """Return how many random studies, orders or inputs a suite tries: a share of its `full` number.

    The share stands in LIS1PLAN_RANDOM: 1 in `make nightly`; without it a tenth, as in
    `make thorough`. A suite must hold for any share, 1 at least. What tells whether its studies are
    hard enough asks a tenth of them (`SOME`), whatever the share: of fewer no share can be told,
    and of more all would be worked out once more, by the worker that tells it.
    """
    share = float(os.environ.get("LIS1PLAN_RANDOM", "0.1"))
    if not 0.0 < share <= 1.0:
        raise ValueError(f"LIS1PLAN_RANDOM={share:g}: give a share above 0 and up to 1")
    return max(1, round(share * full))
