"""Columns of the Sobol sequence: whose they are for ever, and what their points promise."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import kstest, qmc

from lis1plan.core.kernels.points import DIGITS, scrambled, sobol_points, sobol_word
from lis1plan.core.scenarios.columns import (
    COLUMNS,
    PROCESSES,
    SCALAR_COLUMNS,
    SCALARS,
    YEARLY_COLUMNS,
    Stream,
    in_table_order,
    stream,
)
from lis1plan.core.scenarios.directions import direction_numbers
from lis1plan.core.scenarios.sampling import Sample, uniforms

Floats = NDArray[np.float64]


def sobol(seed: int, streams: list[Stream], first: int, count: int) -> Floats:
    return uniforms(Sample("sobol", seed, first + count), streams, first, count)


# --- the tables -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "pinned"),
    [
        (SCALARS, {34: "d4daad75bcb736c1", 35: "3632ceae85a8ec06", 36: "75900f55e95a87d4"}),
        (PROCESSES, {5: "834259992ab828db"}),
    ],
)
def test_tables_are_only_appended_to(table: tuple[str, ...], pinned: dict[int, str]) -> None:
    """A key that changed its column would draw other futures. Append, then pin the new length."""
    for length, digest in pinned.items():
        said = hashlib.sha256("\n".join(table[:length]).encode()).hexdigest()
        assert said.startswith(digest), f"one of the first {length} is not what it was"
    assert len(table) == max(pinned)
    assert len(set(table)) == len(table)


def test_there_is_room_for_the_tables() -> None:
    assert len(SCALARS) <= SCALAR_COLUMNS
    assert len(PROCESSES) <= YEARLY_COLUMNS


def test_columns_by_name() -> None:
    assert stream("demand.alternative").column == 0
    assert stream("queue.leakage").column == 11
    assert stream("demand.noise.2000").column == 64
    assert stream("applicants.norway.process.2031").column == 64 + 16 * 31 + 2
    assert stream("applicants.outside.process.2099").column == COLUMNS - YEARLY_COLUMNS + 4
    outside = ["regions.city.retention", "demand.noise.1999", "demand.noise.2100", "x.2031"]
    assert [stream(name).column for name in outside] == [None] * 4
    own = [*map(stream, SCALARS), *(stream(f"{p}.{y}") for p in PROCESSES for y in (2018, 2019))]
    assert len({each.column for each in own}) == len(own)


def test_new_keys_come_last_whatever_their_order() -> None:
    names = ["regions.z.retention", "queue.leakage", "demand.alternative", "regions.a.retention"]
    wanted = ["demand.alternative", "queue.leakage", "regions.a.retention", "regions.z.retention"]
    assert in_table_order(set(names)) == wanted
    assert in_table_order(set(wanted)) == wanted


# --- the sequence ---------------------------------------------------------------------------


def test_columns_are_joe_and_kuos() -> None:
    """Not scrambled they are scipy's, every column; the recurrence reaches to 2^17 here."""
    directions = direction_numbers(tuple(range(COLUMNS)))
    engine = qmc.Sobol(COLUMNS, scramble=False, bits=32)
    for first in (0, 2**17 - 2):
        if first:
            engine.fast_forward(first - engine.num_generated)
        points = engine.random(4)
        for n, row in enumerate(points, start=first):
            words = np.array([sobol_word(np.uint64(n), v) for v in directions], np.uint64)
            np.testing.assert_array_equal(words >> np.uint64(4), row * 2.0**32)


@pytest.mark.parametrize("first", [0, 1, 2**20 - 3, 2**31 - 40])
def test_a_point_alone_is_the_point_in_the_block(first: int) -> None:
    """However far out: by the digits of its number, not by walking there."""
    directions = direction_numbers((0, 5, 1000, 0))
    shuffled = np.array([False, False, False, True])
    keys = np.arange(8, dtype=np.uint64).reshape(4, 2) * np.uint64(0x9E3779B97F4A7C15)
    block = np.empty((4, 80))
    sobol_points(directions, shuffled, keys, first, block)
    for n in range(80):
        one = np.empty((4, 1))
        sobol_points(directions, shuffled, keys, first + n, one)
        assert one[:, 0].tobytes() == block[:, n].tobytes()


@pytest.mark.parametrize("power", [0, 1, 6, 12])
@pytest.mark.parametrize("block", [0, 3])
def test_every_column_hits_every_dyadic_interval_once(power: int, block: int) -> None:
    """A (0, m, 1)-net after scrambling, shuffled or not, in every aligned block."""
    size = 2**power
    names = [Stream(f"own {c}", c) for c in (0, 1, 63, 700, COLUMNS - 1)]
    u = sobol(9, [*names, *(Stream(f"outside {n}", None) for n in range(20))], block * size, size)
    strata = np.sort(np.floor(u * size), axis=0)
    np.testing.assert_array_equal(strata, np.repeat(np.arange(size)[:, None], 25, axis=1))


@pytest.mark.parametrize("columns", [(0, 1), (0, 2), (1, 2)])
def test_pairs_of_columns_stay_nets(columns: tuple[int, int]) -> None:
    """Scrambled each by itself, the first columns keep their joint equidistribution.

    Columns 0 and 1 are a (0, m, 2)-net: one point in every box of every shape of area 2^-m; the
    third column costs at most a factor of two.
    """
    power, quality = 10, 0 if columns == (0, 1) else 1
    u = sobol(4, [Stream(f"key {c}", c) for c in columns], 0, 2**power)
    for split in range(power - quality + 1):
        sides = np.array([2**split, 2 ** (power - quality - split)])
        box = (np.floor(u * sides) * [sides[1], 1]).sum(axis=1)
        assert (np.bincount(box.astype(int), minlength=sides.prod()) == 2**quality).all()


def test_scrambling_is_nested() -> None:
    """Two words part at the same digit before and after; what a digit becomes hangs on those
    before it alone.
    """
    words = np.random.default_rng(1).integers(0, 2**DIGITS, 200, dtype=np.uint64)
    for digit in range(DIGITS):
        for word in words[digit::50]:
            turned = word ^ np.uint64(1 << digit)
            low = np.uint64((1 << digit) - 1)
            other = (turned & ~low) | (words[0] & low)
            key = np.uint64(77)
            parted = int(scrambled(word, key) ^ scrambled(other, key))
            assert parted.bit_length() - 1 == digit


def test_scrambling_turns_every_digit_as_often_as_not() -> None:
    """Over keys: each digit, and each pair of digits at two nodes of a level, independent."""
    keys = np.random.default_rng(2).integers(0, 2**63, 4000, dtype=np.uint64)
    words = [np.uint64(w) for w in (0, 2**DIGITS - 1, 0x123456789)]
    turned = np.array([[w ^ scrambled(w, key) for w in words] for key in keys])
    digits = (turned[..., None] >> np.arange(DIGITS, dtype=np.uint64)) & np.uint64(1)
    assert np.abs(digits.mean(axis=0) - 0.5).max() < 0.04  # five standard errors
    flat = digits.reshape(len(keys), -1)[:, : 2 * DIGITS - 1]  # the first digit is one node's
    correlation = np.corrcoef(flat, rowvar=False) - np.eye(flat.shape[1])
    assert np.abs(correlation).max() < 0.08


@pytest.mark.parametrize("column", [0, 1, 40, None])
def test_a_single_point_is_uniform_over_seeds(column: int | None) -> None:
    """What makes the mean over scramblings the true one, whatever is averaged."""
    one = [Stream("key", column)]
    for first in (0, 1, 37):
        found = [sobol(seed, one, first, 1)[0, 0] for seed in range(2000)]
        assert kstest(found, "uniform").pvalue > 1e-3


def test_products_have_their_true_mean_over_scramblings() -> None:
    """Keys on one shuffled column, and with a column of its own: no pair stays coupled."""
    streams = [Stream("own", 0), *(Stream(f"outside {n}", None) for n in range(5))]
    found = []
    for seed in range(400):
        u = sobol(seed, streams, 0, 64) - 0.5
        found.append((u[:, :, None] * u[:, None, :]).mean(axis=0))
    mean, error = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / 20
    away = ~np.eye(6, dtype=bool)
    assert (np.abs(mean) < 4.5 * error)[away].all()
    # and within one sample they are no more alike than independent numbers
    assert np.std(found, axis=0)[away].max() < 1.5 / 12 / 8
