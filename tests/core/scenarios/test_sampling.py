"""Laws of the samplers: splits, streams, strata, equidistribution."""

from __future__ import annotations

import hashlib
import re
import warnings
from typing import get_args

import numpy as np
import pytest

from lis1plan.core.scenarios.columns import Stream
from lis1plan.core.scenarios.sampling import Sample, uniforms
from lis1plan.core.study.settings import Method

METHODS: tuple[Method, ...] = get_args(Method)
N, D = 1000, 6


def named(count: int) -> list[Stream]:
    """Streams with columns of their own, and from the fifth on every fifth one without."""
    return [Stream(f"key_{n}", None if n % 5 == 4 else n) for n in range(count)]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [1, 97, 128, N])
def test_any_split_gives_the_same_bits(method: Method, size: int) -> None:
    whole = uniforms(Sample(method, 11, N), named(D), 0, N)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "overflow encountered in scalar")  # where not compiled
        blocks = [
            uniforms(Sample(method, 11, N), named(D), i, min(size, N - i))
            for i in range(0, N, size)
        ]
    assert np.concatenate(blocks).tobytes() == whole.tobytes()


@pytest.mark.parametrize("method", METHODS)
def test_same_seed_same_bits_other_seed_other_bits(method: Method) -> None:
    a, again, other = (uniforms(Sample(method, seed, N), named(D), 0, N) for seed in (5, 5, 6))
    assert a.tobytes() == again.tobytes()
    assert not np.any(a == other)


def test_methods_share_no_numbers() -> None:
    samples = [uniforms(Sample(method, 5, 64), named(D), 0, 64) for method in METHODS]
    assert len(np.unique(samples)) == 3 * 64 * D


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scenarios", [1, 2, 3, 1000, 4096])
def test_values_lie_strictly_inside(method: Method, scenarios: int) -> None:
    u = uniforms(Sample(method, 0, scenarios), named(5), 0, scenarios)
    assert u.shape == (scenarios, 5)
    assert u.dtype == np.float64
    assert u.min() > 0
    assert u.max() < 1


@pytest.mark.parametrize(
    ("method", "bits"), [("monte_carlo", 53), ("latin_hypercube", 10 + 25), ("sobol", 37)]
)
def test_values_are_midpoints_of_a_grid(method: Method, bits: int) -> None:
    """Odd multiples of 2^-bits: no draw, however rare, can be 0 or 1 or leave its stratum."""
    steps = uniforms(Sample(method, 2, 1024), named(5), 0, 1024) * 2.0**bits
    assert np.all(steps % 2 == 1)


@pytest.mark.parametrize("first", [0, 1, 3, 4, 9])
def test_monte_carlo_is_numpys_philox(first: int) -> None:
    """Number i of a stream is word i of the Philox that its own hash is the key of."""
    digest = hashlib.blake2b(b"monte_carlo 42 key_1", digest_size=16).digest()
    key = np.frombuffer(digest, "<u8")
    words = np.random.Philox(key=key).random_raw(20)[first:]
    expected = [(2 * (int(w) >> 12) + 1) / 2**53 for w in words]
    assert (
        uniforms(Sample("monte_carlo", 42, 20), named(3), first, 20 - first)[:, 1].tolist()
        == expected
    )


@pytest.mark.parametrize("method", ["monte_carlo", "sobol"])
def test_longer_run_continues_a_shorter_one(method: Method) -> None:
    short, long = (uniforms(Sample(method, 3, n), named(D), 0, 100) for n in (100, 1000))
    assert short.tobytes() == long.tobytes()


@pytest.mark.parametrize("scenarios", [1, 2, 7, 97, 1000])
def test_latin_hypercube_hits_every_stratum_once(scenarios: int) -> None:
    u = uniforms(Sample("latin_hypercube", 8, scenarios), named(9), 0, scenarios)
    strata = np.sort(np.floor(u * scenarios), axis=0)
    np.testing.assert_array_equal(strata, np.repeat(np.arange(scenarios)[:, None], 9, axis=1))


def test_latin_hypercube_permutations_differ_and_are_uncorrelated() -> None:
    strata = np.floor(uniforms(Sample("latin_hypercube", 8, N), named(8), 0, N) * N)
    assert len(np.unique(strata, axis=1).T) == 8
    correlation = np.corrcoef(strata, rowvar=False) - np.eye(8)
    assert np.abs(correlation).max() < 0.1
    against_order = [np.corrcoef(np.arange(N), column)[0, 1] for column in strata.T]
    assert np.abs(against_order).max() < 0.1


def test_latin_hypercube_permutations_are_all_equally_likely() -> None:
    """All 24 orders of four strata, over many dimensions: chi-square with 23 degrees."""
    orders = np.floor(uniforms(Sample("latin_hypercube", 1, 4), named(12_000), 0, 4) * 4).T
    _, found = np.unique(orders, axis=0, return_counts=True)
    assert len(found) == 24
    assert np.sum((found - 500) ** 2 / 500) < 49.7  # its 99.9 % point


@pytest.mark.parametrize("power", [0, 1, 5, 10])
def test_sobol_hits_every_dyadic_interval_once(power: int) -> None:
    n = 2**power
    strata = np.sort(np.floor(uniforms(Sample("sobol", 4, n), named(30), 0, n) * n), axis=0)
    np.testing.assert_array_equal(strata, np.repeat(np.arange(n)[:, None], 30, axis=1))


def _error(method: Method, n: int) -> float:
    """Root mean square error over 16 seeds of the mean of prod(1 + (u - 1/2) / 2), true mean 1."""
    means = [
        np.prod(1 + (uniforms(Sample(method, seed, n), named(4), 0, n) - 0.5) / 2, axis=1).mean()
        for seed in range(16)
    ]
    return float(np.sqrt(np.mean((np.array(means) - 1) ** 2)))


def test_sobol_converges_much_faster_than_monte_carlo() -> None:
    assert _error("sobol", 4096) < 0.05 * _error("monte_carlo", 4096)
    # sixteen times the points: about a sixteenth of the error, Monte Carlo about a quarter
    assert _error("sobol", 4096) < _error("sobol", 256) / 8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("halton", 1, 10, named(2), 0, 10),
            "method 'halton'; allowed: monte_carlo, latin_hypercube",
        ),
        (("sobol", -1, 10, named(2), 0, 10), "seed = -1; allowed: 0 or more"),
        (("sobol", 1, 0, named(2), 0, 1), "scenarios = 0; allowed: 1 to"),
        (("sobol", 1, 10, [], 0, 10), "0 streams; allowed: one or more"),
        (("sobol", 1, 10, 2 * named(2), 0, 10), "4 streams; allowed: one or more, all of other"),
        (("sobol", 1, 10, named(2), 5, 6), "first = 5, count = 6; allowed"),
        (("sobol", 1, 10, named(2), -1, 6), "first = -1, count = 6; allowed"),
        (("sobol", 1, 10, named(2), 3, 0), "first = 3, count = 0; allowed"),
    ],
)
def test_refusals_name_what_was_found_and_what_is_allowed(
    arguments: tuple[Method, int, int, list[Stream], int, int], message: str
) -> None:
    method, seed, scenarios, *rest = arguments
    with pytest.raises(ValueError, match=re.escape(message)):
        uniforms(Sample(method, seed, scenarios), *rest)
