"""Sampling: the uniform numbers behind scenario i: the same bits however a run is split.

Row i is a pure function of (method, seed, scenarios, dimensions, i), so any worker can draw
any block. Monte Carlo and Sobol rows do not depend on `scenarios` either: a longer run
continues a shorter one.
"""

from __future__ import annotations

import copy
import functools
import inspect
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

Method = Literal["monte_carlo", "latin_hypercube", "sobol"]
Floats = NDArray[np.float64]
Words = NDArray[np.uint64]

SCENARIO_LIMIT = 2**26
"""Largest number of scenarios for which every stratum with its jitter is exact in a float64."""

# One independent stream per use, so that no two methods share numbers under the same seed.
_MONTE_CARLO, _JITTER, _PERMUTATION, _SCRAMBLE = range(4)
_WORDS_PER_BLOCK = 4  # a Philox counter step yields four 64-bit words
_FEISTEL_ROUNDS = 8
_GOLDEN = 0x9E3779B97F4A7C15  # splitmix64: 2^64 / golden ratio
# scipy 1.15 renamed `seed` to `rng`; the old name is to be withdrawn, the new one 1.14 lacks.
_RNG = "rng" if "rng" in inspect.signature(qmc.Sobol).parameters else "seed"


def uniforms(  # noqa: PLR0913
    method: Method, seed: int, scenarios: int, dimensions: int, first: int, count: int
) -> Floats:
    """Return the uniform numbers of scenarios `first` to `first + count - 1`.

    Parameters
    ----------
    method : {"monte_carlo", "latin_hypercube", "sobol"}
        Independent draws; one draw per stratum of every dimension; scrambled Sobol points.
    seed : int
        Not negative; another seed gives other numbers.
    scenarios, dimensions : int
        Size of the whole sample.
    first, count : int
        Which rows of it to return; `count` at least one.

    Returns
    -------
    float64 [count, dimensions]
        Probabilities, strictly between 0 and 1.
    """
    _check(method, seed, scenarios, dimensions, first, count)
    if method == "monte_carlo":
        return _centred(_words(_key(seed, _MONTE_CARLO), dimensions, first, count), bits=52)
    if method == "latin_hypercube":
        return _latin_hypercube(seed, scenarios, dimensions, first, count)
    return _sobol(seed, dimensions, first, count)


def _check(method: str, seed: int, scenarios: int, dimensions: int, first: int, count: int) -> None:  # noqa: PLR0913
    """Raise ValueError with the found and the allowed value."""
    if method not in get_args(Method):
        raise ValueError(f"sampling method '{method}'; allowed: {', '.join(get_args(Method))}")
    if seed < 0:
        raise ValueError(f"seed = {seed}; allowed: 0 or more")
    if not 1 <= scenarios <= SCENARIO_LIMIT:
        raise ValueError(f"scenarios = {scenarios}; allowed: 1 to {SCENARIO_LIMIT}")
    most = qmc.Sobol.MAXDIM if method == "sobol" else SCENARIO_LIMIT
    if not 1 <= dimensions <= most:
        raise ValueError(f"dimensions = {dimensions}; allowed for {method}: 1 to {most}")
    if first < 0 or count < 1 or first + count > scenarios:
        raise ValueError(
            f"first = {first}, count = {count}; allowed: first 0 or more, count 1 or more, "
            f"their sum at most {scenarios} (scenarios)"
        )


def _key(seed: int, stream: int) -> Words:
    """Return a key of two words [2] for one stream of one seed."""
    sequence = np.random.SeedSequence(seed, spawn_key=(stream,))
    return sequence.generate_state(2, np.uint64).astype(np.uint64)


def _words(key: Words, dimensions: int, first: int, count: int) -> Words:
    """Return random words [count, dimensions]; each scenario starts on a whole Philox block."""
    blocks = -(-dimensions // _WORDS_PER_BLOCK)
    generator = np.random.Philox(key=key).advance(first * blocks)
    words = generator.random_raw(count * blocks * _WORDS_PER_BLOCK)
    return words.reshape(count, -1)[:, :dimensions]


def _centred(words: Words, bits: int) -> Floats:
    """Return (top bits + 1/2) / 2^bits, inside (0, 1): exact to 52 bits, 53 could round to 1."""
    return ((words >> np.uint64(64 - bits)).astype(np.float64) + 0.5) * 2.0**-bits


def _latin_hypercube(seed: int, scenarios: int, dimensions: int, first: int, count: int) -> Floats:
    """Return (stratum + jitter) / scenarios [count, dimensions]."""
    # 24 bits of jitter on up to 26 bits of stratum: no sum rounds into the next stratum.
    jitter = _centred(_words(_key(seed, _JITTER), dimensions, first, count), bits=24)
    strata = _permuted(np.arange(first, first + count), scenarios, dimensions, seed)
    return (strata + jitter) / scenarios


def _permuted(positions: NDArray[np.int64], size: int, dimensions: int, seed: int) -> Words:
    """Return the places [count, dimensions] of the positions in one permutation per dimension."""
    half = max(1, -(-(size - 1).bit_length() // 2))
    keys = _mix(_key(seed, _PERMUTATION)[0] + _counter(dimensions))
    rounds = _mix(keys + _counter(_FEISTEL_ROUNDS)[:, None])
    places = _feistel(positions.astype(np.uint64)[:, None], rounds[:, None], half)
    # Cycle walking: the network permutes 4^half numbers; follow each back into range(size).
    while (outside := np.nonzero(places >= size))[0].size:
        places[outside] = _feistel(places[outside], rounds[:, outside[1]], half)
    return places


def _feistel(numbers: Words, rounds: Words, half: int) -> Words:
    """Return the numbers moved by a bijection of range(4^half); `rounds`: one key per round."""
    shift, mask = np.uint64(half), np.uint64(2**half - 1)
    left, right = numbers >> shift, numbers & mask
    for key in rounds:
        left, right = right, left ^ (_mix(right ^ key) & mask)
    return (left << shift) | right


def _counter(length: int) -> Words:
    """Return the steps [length] that splitmix64 adds to its state."""
    return np.arange(1, length + 1, dtype=np.uint64) * np.uint64(_GOLDEN)


def _mix(words: Words) -> Words:
    """Return the splitmix64 hash of each word (arithmetic modulo 2^64)."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def _sobol(seed: int, dimensions: int, first: int, count: int) -> Floats:
    """Return Sobol points [count, dimensions], scrambled and moved half a step off zero."""
    engine = copy.deepcopy(_scrambled(seed, dimensions))  # drawing moves it on
    if first == 0:
        # scipy warns of a first draw that is no power of two and cannot skip zero points
        points = np.concatenate([engine.random(1), engine.random(count - 1)])
    else:
        points = engine.fast_forward(first).random(count)
    inside: Floats = points + 0.5 / engine.maxn
    return inside


@functools.lru_cache(maxsize=4)
def _scrambled(seed: int, dimensions: int) -> qmc.Sobol:
    """Return the engine before its first point; scrambling costs as much as a block of kernels."""
    scramble = np.random.default_rng(_key(seed, _SCRAMBLE))
    return qmc.Sobol(dimensions, scramble=True, **{_RNG: scramble})
