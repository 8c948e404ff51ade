"""Significant digits: the ensemble rounded so that it compresses; nothing else is ever rounded."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

MOST = 6
"""Decimal digits that the 23 bits of a single-precision mantissa can keep."""
MANTISSA = 23


def bits(digits: int) -> int:
    """Return the mantissa bits that keep `digits` significant decimal digits of any value."""
    return math.ceil(digits * math.log2(10.0))


def is_rounded(name: str, dtype: np.dtype[Any]) -> bool:
    """Tell whether a variable is rounded: single precision and of the ensemble."""
    return name.startswith("ensemble_") and dtype == np.float32


def rounded(dataset: xr.Dataset, digits: int) -> xr.Dataset:
    """Return the dataset with the ensemble rounded to `digits` significant decimal digits.

    Raises
    ------
    ValueError
        If single precision does not have so many digits.
    """
    if not 1 <= digits <= MOST:
        raise ValueError(f"significant_digits {digits}: allowed: 1 to {MOST}")
    names = [n for n in dataset.data_vars if is_rounded(str(n), dataset[n].dtype)]
    return dataset.assign(
        {
            name: dataset[name]
            .copy(data=bit_round(dataset[name].values, bits(digits)))
            .assign_attrs(significant_digits=digits)
            for name in names
        }
    )


def bit_round(values: NDArray[np.float32], kept: int) -> NDArray[np.float32]:
    """Return values with `kept` bits of mantissa, rounded to nearest: at most 2**-(kept+1) off.

    As the NetCDF library's BitRound does it. Done here, before anything is hashed, the checksums
    are those of what the file holds, and the library adds no attribute that CF does not allow.
    """
    half = np.uint32(1 << (MANTISSA - kept - 1))
    zeros = np.uint32(0xFFFFFFFF << (MANTISSA - kept) & 0xFFFFFFFF)
    raw = np.ascontiguousarray(values).view(np.uint32)
    result = ((raw + half) & zeros).view(np.float32)
    return np.where(np.isfinite(values), result, values)
