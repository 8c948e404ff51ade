"""Direction numbers: what the columns of the Sobol sequence are made of."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from ..kernels.points import DIGITS

Words = NDArray[np.uint64]


def direction_numbers(columns: tuple[int, ...]) -> Words:
    """Return the direction numbers of columns, [column, digit], words of 36 binary digits."""
    return np.array([_numbers(column) for column in columns], dtype=np.uint64)


@cache
def _numbers(column: int) -> tuple[int, ...]:
    """Return v_1, v_2, ... of a column from its polynomial's coefficients a and m_1 ... m_s.

    v_k = m_k 2^(36 - k) for k <= s, then (Bratley and Fox 1988, Algorithm 659)
    v_k = a_1 v_(k-1) + ... + a_(s-1) v_(k-s+1) + v_(k-s) + v_(k-s) / 2^s, + the exclusive or.
    """
    if column == 0:
        return tuple(1 << (DIGITS - k) for k in range(1, DIGITS + 1))
    coefficients, *initial = _table()[column - 1]
    degree = len(initial)
    found = [m << (DIGITS - k) for k, m in enumerate(initial, start=1)]
    for k in range(degree, DIGITS):
        number = found[k - degree] ^ (found[k - degree] >> degree)
        for j in range(1, degree):
            if (coefficients >> (degree - 1 - j)) & 1:
                number ^= found[k - j]
        found.append(number)
    return tuple(found)


@cache
def _table() -> list[list[int]]:
    """Return the lines of directions.txt: coefficients and initial numbers of columns 1, 2, ..."""
    text = (files(__package__) / "directions.txt").read_text(encoding="utf-8")
    return [[int(n) for n in row.split()] for row in text.splitlines() if not row.startswith("#")]
