"""Sampling: the uniform numbers behind scenario i: the same bits however a run is split.

Every stream (`columns.py`) is keyed by its name: its numbers are a pure function of (method,
seed, scenarios, name, i), whatever other streams there are and in whichever order. Monte Carlo
and Sobol numbers do not depend on `scenarios` either: a longer run continues a shorter one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from ..kernels.points import latin_points, sobol_points
from ..study.settings import Method
from .columns import Stream
from .directions import direction_numbers

Floats = NDArray[np.float64]
Words = NDArray[np.uint64]

SCENARIO_LIMIT = 2**26
"""Largest number of scenarios for which every stratum with its jitter is exact in a float64."""
_WORDS_PER_BLOCK = 4  # a Philox counter step yields four 64-bit words


class Sample(NamedTuple):
    """Which numbers are drawn: method, seed and the number of scenarios they belong to.

    Methods: independent draws; one draw per stratum of every stream; scrambled Sobol points. Seeds
    are not negative; another seed gives other numbers.

    `only` are the scenarios that count: above what and up to what each review of the study sees
    them, a pair for each; the others weigh nothing. Without it all count.
    """

    method: Method
    seed: int
    scenarios: int
    only: tuple[tuple[float, float], ...] = ()


def uniforms(sample: Sample, streams: Sequence[Stream], first: int, count: int) -> Floats:
    """Return the uniform numbers of scenarios `first` to `first + count - 1`.

    Parameters
    ----------
    sample : Sample
        Method, seed and size of the whole sample.
    streams : sequence of Stream
        Which numbers, each of another name.
    first, count : int
        Which scenarios; `count` at least one.

    Returns
    -------
    float64 [count, stream]
        Probabilities, strictly between 0 and 1.
    """
    _check(sample, streams, first, count)
    method, seed, scenarios = sample[:3]
    keys = np.stack([_keys(method, seed, each.name) for each in streams])
    out = np.empty((len(streams), count))
    if method == "monte_carlo":
        _monte_carlo(keys, first, out)
    elif method == "latin_hypercube":
        half = max(1, -(-(scenarios - 1).bit_length() // 2))  # 4^half is at least `scenarios`
        latin_points(scenarios, half, keys, first, out)
    else:
        columns = tuple(each.column or 0 for each in streams)
        shuffled = np.array([each.column is None for each in streams])
        sobol_points(direction_numbers(columns), shuffled, keys, first, out)
    return out.T


def _check(sample: Sample, streams: Sequence[Stream], first: int, count: int) -> None:
    """Raise ValueError with the found and the allowed value."""
    method, seed, scenarios = sample[:3]
    if method not in get_args(Method):
        raise ValueError(f"sampling method '{method}'; allowed: {', '.join(get_args(Method))}")
    if seed < 0:
        raise ValueError(f"seed = {seed}; allowed: 0 or more")
    if not 1 <= scenarios <= SCENARIO_LIMIT:
        raise ValueError(f"scenarios = {scenarios}; allowed: 1 to {SCENARIO_LIMIT}")
    if not 0 < len({each.name for each in streams}) == len(streams):
        raise ValueError(f"{len(streams)} streams; allowed: one or more, all of other names")
    if first < 0 or count < 1 or first + count > scenarios:
        raise ValueError(
            f"first = {first}, count = {count}; allowed: first 0 or more, count 1 or more, "
            f"their sum at most {scenarios} (scenarios)"
        )


def _keys(method: str, seed: int, name: str) -> Words:
    """Return two random words [2] for a stream: of its own under every method and seed."""
    text = f"{method} {seed} {name}".encode()
    digest = hashlib.blake2b(text, digest_size=16).digest()
    return np.frombuffer(digest, dtype="<u8").astype(np.uint64)


def _monte_carlo(keys: Words, first: int, out: Floats) -> None:
    """Fill `out` [stream, n] with words `first`, `first` + 1, ... of Philox under each key [2]."""
    generator = np.random.Philox(key=0)  # set anew for every stream: making one takes long
    blocks, skipped = divmod(first, _WORDS_PER_BLOCK)
    for row, key in zip(out, keys, strict=True):
        generator.state = {
            "bit_generator": "Philox",
            "state": {"counter": np.array([blocks, 0, 0, 0], np.uint64), "key": key},
            "buffer": np.zeros(_WORDS_PER_BLOCK, np.uint64),
            "buffer_pos": _WORDS_PER_BLOCK,  # empty: the next word begins a block
            "has_uint32": 0,
            "uinteger": 0,
        }
        words = generator.random_raw(skipped + row.size)[skipped:]
        # (top bits + 1/2) / 2^bits, inside (0, 1): exact to 52 bits, 53 could round to 1
        row[:] = ((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
