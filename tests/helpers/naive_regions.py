"""The naive oracle of the calibrated choice of region: docs/model.md, section 2, in plain Python.

Written from the page alone; no code shared with the program.
"""

from __future__ import annotations

from collections.abc import Sequence

Matrix = list[list[float]]
ROUNDS = 20_000


def calibrated(
    retention: Sequence[float], posts: Sequence[float], doctors: Sequence[float]
) -> Matrix:
    """Choice [R][R] with Σ_r p_r·choice[r][t] = s_t: columns and rows scaled, many times."""
    regions = range(len(doctors))
    if len(doctors) == 1:
        return [[1.0]]
    flow = [
        [
            posts[r]
            * (retention[r] if r == t else (1 - retention[r]) * doctors[t] / (1 - doctors[r]))
            for t in regions
        ]
        for r in regions
    ]
    for _ in range(ROUNDS):
        columns = [sum(flow[r][t] for r in regions) for t in regions]
        flow = [[flow[r][t] * doctors[t] / columns[t] for t in regions] for r in regions]
        for r in regions:
            if posts[r] > 0:
                total = sum(flow[r])
                flow[r] = [posts[r] * value / total for value in flow[r]]
    return [
        [value / posts[r] for value in flow[r]] if posts[r] > 0 else list(doctors) for r in regions
    ]


def around(
    choice: Matrix,
    drawn: Sequence[float],
    mean: Sequence[float],
    bounds: Sequence[tuple[float, float]],
) -> Matrix:
    """One scenario's choice [R][R] for the retention ``drawn`` [R] around its ``mean`` [R]."""
    answer = []
    for r, row in enumerate(choice):
        low, high = bounds[r]
        kept, scale = row[r], 1.0
        if high > mean[r]:
            scale = min(scale, (1 - kept) / (high - mean[r]))
        if mean[r] > low:
            scale = min(scale, kept / (mean[r] - low))
        new = kept + scale * (drawn[r] - mean[r])
        answer.append(
            [new if t == r else (1 - new) * value / (1 - kept) for t, value in enumerate(row)]
        )
    return answer
