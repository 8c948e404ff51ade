"""Sobol points and Latin hypercube strata, compiled: each from the scenario's number alone.

Digits are binary, the first one is worth a half. Arithmetic on words is modulo 2^64.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled

Floats = NDArray[np.float64]
Words = NDArray[np.uint64]

DIGITS = 36
"""Binary digits of a point, and of the number of a scenario: six times six."""
_TOGETHER = 6  # levels of a scrambling's tree under one hash: their 63 nodes take 63 of its 64 bits
_ROUNDS = 8  # of the permutation of strata
_JITTER = 24  # bits; on up to 26 bits of stratum no sum rounds into the next stratum

# numba makes a float of uint64 and a signed integer: every constant beside a word is a word
_ONE = np.uint64(1)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, the step of splitmix64
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S27, _S30, _S31 = np.uint64(27), np.uint64(30), np.uint64(31)


@compiled()
def hashed(key: np.uint64, place: np.uint64) -> np.uint64:
    """Return word number `place` of the splitmix64 stream that starts at `key`."""
    word = key + (place + _ONE) * _GOLDEN
    word = (word ^ (word >> _S30)) * _FIRST
    word = (word ^ (word >> _S27)) * _SECOND
    return word ^ (word >> _S31)


@compiled()
def scrambled(word: np.uint64, key: np.uint64) -> np.uint64:
    """Return a word of 36 digits under the nested uniform (Owen) scrambling of `key`.

    Every node of the binary tree of digits holds a random bit; a digit is turned where the node
    that the digits before it lead to holds a one. One hash holds the nodes of six levels.
    """
    turned = word
    marked = (_ONE << np.uint64(DIGITS)) | word  # a one ahead: another number for every node
    for left in range(DIGITS - _TOGETHER, -1, -_TOGETHER):
        path = marked >> np.uint64(left)
        bits = hashed(key, path >> np.uint64(_TOGETHER))
        path = (path & np.uint64(2**_TOGETHER - 1)) | np.uint64(2**_TOGETHER)
        for level in range(_TOGETHER):
            node = path >> np.uint64(_TOGETHER - level)  # 1; 2 or 3; 4 to 7; ...
            turned ^= ((bits >> node) & _ONE) << np.uint64(left + _TOGETHER - 1 - level)
    return turned


@compiled()
def sobol_word(number: np.uint64, directions: Words) -> np.uint64:
    """Return point `number` of a column, not scrambled, as a word of 36 digits.

    The exclusive or of the direction numbers [digit] where the Gray code of `number` has a one.
    """
    gray = number ^ (number >> _ONE)
    word = np.uint64(0)
    for place in range(DIGITS):
        word ^= directions[place] * ((gray >> np.uint64(place)) & _ONE)
    return word


@compiled()
def _fill_in_order(directions: Words, first: int, words: Words) -> None:
    """Fill `words` with points `first`, `first` + 1, ...: the Gray code turns one digit a step."""
    words[0] = sobol_word(np.uint64(first), directions)
    for n in range(1, len(words)):
        number, place = first + n, 0
        while not number & 1:
            number >>= 1
            place += 1
        words[n] = words[n - 1] ^ directions[place]


@compiled()
def sobol_points(
    directions: Words, shuffled: NDArray[np.bool_], keys: Words, first: int, out: Floats
) -> None:
    """Fill `out` [stream, n] with the scrambled points of scenarios `first`, `first` + 1, ...

    directions [stream, digit]; keys [stream, 2], of the scrambling and of the shuffle. A stream
    that is `shuffled` takes its points in another order: the scenario's number is scrambled, too.
    """
    words = np.empty(out.shape[1], np.uint64)
    for d in range(out.shape[0]):
        if shuffled[d]:
            for n in range(len(words)):
                number = scrambled(np.uint64(first + n), keys[d, 1])
                words[n] = sobol_word(number, directions[d])
        else:
            _fill_in_order(directions[d], first, words)
        for n in range(len(words)):
            out[d, n] = (np.float64(scrambled(words[n], keys[d, 0])) + 0.5) * 2.0**-DIGITS


@compiled()
def _moved(number: np.uint64, key: np.uint64, half: np.uint64) -> np.uint64:
    """Return where a keyed Feistel network, a bijection of range(4^half), moves a number."""
    mask = (_ONE << half) - _ONE
    left, right = number >> half, number & mask
    for turn in range(_ROUNDS):
        left, right = right, left ^ (hashed(hashed(key, np.uint64(turn)), right) & mask)
    return (left << half) | right


@compiled()
def latin_points(size: int, half: int, keys: Words, first: int, out: Floats) -> None:
    """Fill `out` [stream, n] with (stratum + jitter) / size, stratum by a keyed permutation.

    keys [stream, 2], of the permutation and of the jitter; 4^half >= size.
    """
    for d in range(out.shape[0]):
        for n in range(out.shape[1]):
            number = np.uint64(first + n)
            place = _moved(number, keys[d, 0], np.uint64(half))
            # Cycle walking: the network permutes 4^half numbers; back into range(size).
            while place >= np.uint64(size):
                place = _moved(place, keys[d, 0], np.uint64(half))
            jitter = np.float64(hashed(keys[d, 1], number) >> np.uint64(64 - _JITTER)) + 0.5
            out[d, n] = (np.float64(place) + jitter * 2.0**-_JITTER) / size
