"""The baseline flow of `kernel.project` (nobody is appointed) in numpy, as fast as it gets there.

Two layouts, both blocked over scenarios, in room made once, without temporaries in the loops:

`Innermost`: the scenario is the innermost axis, so every operation is a long row; products over
regions by einsum (which adds as it multiplies), sums over ages by BLAS.
`Outermost`: the scenario is the outermost axis, everything is a small matrix product of each
scenario. Survival s does not depend on the region, so moves M and survival change places and a
year is one product: s·(s·M²(P) + M(b)E) + cE = [M², M(b), c]·[s²·P, s·E, E], E the age at entry.

Both take and give the kernel's arrays (scenario first); the time to turn them is theirs.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view
from numpy.typing import NDArray

from lis1plan.core.kernels.cohorts import Rates

Floats = NDArray[np.float64]

CHUNK = 14  # half-years of entries whose outcomes `Outermost` takes in one product


class Baseline(NamedTuple):
    """What every scenario yields when nobody is appointed."""

    supply: Floats  # [n, year, group, region] FTE
    persons: Floats  # [n, year, group, region] specialists, persons
    qualified: Floats  # [n, group, region, half_year] persons completing LIS2/3
    trainees: Floats  # [n, group, region, half_year] persons in LIS2/3 at the end


class Sizes(NamedTuple):
    """Lengths of the axes."""

    half_years: int
    stages: int
    groups: int
    regions: int
    ages: int
    longest: int
    until: int


class Layout(Protocol):
    """Room for a block of scenarios, and the flow in it."""

    def __init__(self, rates: Rates, block: int) -> None: ...

    def run(self, rates: Rates, first: int, out: Baseline) -> None:
        """Fill `out` for the block of scenarios from `first` on."""


def sizes_of(rates: Rates) -> Sizes:
    """Return the lengths of the axes."""
    groups, regions, ages = rates.specialists.shape
    half_years, longest = rates.newcomers.shape[1], rates.outcome.shape[3]
    until = max(0, min(rates.historic_until, half_years))
    return Sizes(half_years, len(rates.occupants), groups, regions, ages, longest, until)


def room_for(rates: Rates) -> Baseline:
    """Return room for what all scenarios yield."""
    n, z = len(rates.leakage), sizes_of(rates)
    by_year = (n, z.half_years // 2, z.groups, z.regions)
    by_half_year = (n, z.groups, z.regions, z.half_years)
    return Baseline(*(np.empty(s) for s in (by_year, by_year, by_half_year, by_half_year)))


def run_blocks(layout: Layout, rates: Rates, part: range, block: int, out: Baseline) -> None:
    """Run the scenarios in `part`; their number is a multiple of the block size."""
    for first in part[::block]:
        layout.run(rates, first, out)


def _turned(values: Floats) -> Floats:
    """Return a view with the scenario as the last axis."""
    return np.moveaxis(values, 0, -1)


class Lis1:
    """The stages, [half_year, stage, region, scenario] in both layouts: long rows are fastest."""

    def __init__(self, rates: Rates, block: int) -> None:
        stages, regions = rates.occupants.shape
        self.repeat, self.advance = np.empty((stages, 1, block)), np.empty((stages, 1, block))
        self.start = np.repeat(rates.occupants[:, :, None], block, axis=2)
        self.stages = np.empty((rates.newcomers.shape[1], stages, regions, block))
        self.passing = np.empty_like(self.stages)

    def completers(self, leave: Floats, drop_out: Floats) -> Floats:
        """Return those who complete LIS1, [half_year, region, scenario]."""
        np.subtract(1.0, drop_out, out=self.advance)
        np.multiply(self.advance, leave.T[:, None], out=self.repeat)
        np.subtract(self.advance, self.repeat, out=self.advance)
        before = self.start
        for now, passing in zip(self.stages, self.passing, strict=True):
            np.multiply(before, self.repeat, out=now)
            np.multiply(before, self.advance, out=passing)
            np.add(now[1:], passing[:-1], out=now[1:])
            before = now
        return self.passing[:, -1]


def _band(block: int, groups: int, rows: int, longest: int) -> tuple[Floats, Floats]:
    """Return [n, k, entered, 2, longest] into the zeros [n, k, entered, 2, ended] it comes with.

    Row e begins e places later: entries times the zeros' array are those who end at each half-year.
    """
    band = np.zeros((block, groups, rows, 2, rows + longest))
    n, k, e, i, d = band.strides
    return as_strided(band, (block, groups, rows, 2, longest), (n, k, e + d, i, d)), band


def moves_in(rates: Rates, part: slice) -> Floats:
    """Return the share of each region's specialists in each a half-year later, [n, from, to]."""
    moving = rates.moving[part, None, None]
    return np.asarray((1.0 - moving) * np.eye(len(rates.landing)) + moving * rates.landing)


class Innermost:
    """Arrays are [..., scenario]."""

    def __init__(self, rates: Rates, block: int) -> None:
        self.block, self.sizes = block, sizes_of(rates)
        H, _, K, R, A, D, _ = self.sizes
        self.lis1 = Lis1(rates, block)
        self.choice, self.mobility = np.empty((R, R, block)), np.empty((R, R, block))
        self.share, self.survival = np.empty((K, 1, block)), np.empty((K, A, 1, block))
        self.outcome, self.historic = np.empty((2, D, K, block)), np.empty((2, D, K, block))
        self.arriving, self.entry = np.empty((H, R, block)), np.empty((H, K, R, block))
        self.late = np.zeros((D - 1 + H, K, R, block))
        self.windows = sliding_window_view(self.late, D, axis=0)  # [h, k, r, n, duration]
        self.backwards = self.outcome[:, ::-1]
        self.still = np.arange(D, 0, -1.0)
        self.tail, self.cohort = np.empty((2, D, K, block)), np.empty((K, 1, block))
        self.equal = np.empty((K, R, block))
        self.done, self.spare = np.empty((2, H, K, R, block)), np.empty((2, D, K, R, block))
        self.stock = np.empty((H, K, R, block))
        self.twice = np.empty((R, R, block))
        self.joining = np.empty((H // 2, 2, K, 2, R, block))  # year, spring or autumn, k, kind
        self.moved = np.empty((H // 2, K, 2, R, block))
        self.kinds = np.stack([rates.entry_age, rates.foreign_age], axis=2)
        self.weights = np.stack([rates.fte, np.ones_like(rates.fte)], axis=1)
        self.specialists = np.moveaxis(rates.specialists, 1, 2)[..., None]
        self.people = np.empty((2, K, A + 1, R, block))
        self.added = np.empty((K, A, R, block))
        self.totals = np.empty((H // 2, K, 2, R, block))

    def run(self, rates: Rates, first: int, out: Baseline) -> None:
        """Fill `out` for the block of scenarios from `first` on."""
        part = slice(first, first + self.block)
        np.copyto(self.choice, _turned(rates.choice[part]))
        np.copyto(self.mobility, _turned(moves_in(rates, part)))
        np.copyto(self.share[:, 0], _turned(rates.group_share[part]))
        np.copyto(self.survival[:, :, 0], _turned(rates.survival[part]))
        np.copyto(self.outcome, rates.outcome[part].transpose(1, 3, 2, 0))
        np.copyto(self.historic, rates.historic_outcome[part].transpose(1, 3, 2, 0))
        np.copyto(self.entry, _turned(rates.direct_entry[part]))
        self._begin(rates.leave[part], rates.drop_out[part])
        self._train(rates.trainees)
        self._work(rates.foreign[part])
        np.copyto(out.supply[part], self.totals[:, :, 0].transpose(3, 0, 1, 2))
        np.copyto(out.persons[part], self.totals[:, :, 1].transpose(3, 0, 1, 2))
        np.copyto(out.qualified[part], self.done[0].transpose(3, 1, 2, 0))
        np.copyto(out.trainees[part], self.stock.transpose(3, 1, 2, 0))

    def _begin(self, leave: Floats, drop_out: Floats) -> None:
        completers = self.lis1.completers(leave, drop_out)
        np.einsum("rtn,hrn->htn", self.choice, completers, out=self.arriving)
        np.multiply(self.arriving[:, None], self.share, out=self.stock)
        np.add(self.entry, self.stock, out=self.entry)

    def _train(self, trainees: Floats) -> None:
        H, D, until = self.sizes.half_years, self.sizes.longest, self.sizes.until
        np.copyto(self.late[D - 1 + until :], self.entry[until:])
        np.einsum("idkn,hkrnd->ihkrn", self.backwards, self.windows, out=self.done)
        np.einsum("d,idkn->kn", self.still, self.historic, out=self.cohort[:, 0])
        np.subtract(float(D), self.cohort, out=self.cohort)
        self.equal[:] = 0.0
        np.divide(trainees[:, :, None], self.cohort, out=self.equal, where=self.cohort > 0.0)
        np.add.accumulate(self.historic[:, ::-1], axis=1, out=self.tail[:, ::-1])
        last = min(D - 1, H)
        self._add(self.tail[:, 1 : 1 + last, :, None], self.equal, 0, last)
        for h in range(until):
            last = min(D, H - h)
            self._add(self.historic[:, :last, :, None], self.entry[h], h, last)
        np.subtract(self.entry, self.done[0], out=self.stock)
        np.subtract(self.stock, self.done[1], out=self.stock)
        np.add(self.stock[0], trainees[:, :, None], out=self.stock[0])
        np.add.accumulate(self.stock, axis=0, out=self.stock)

    def _add(self, outcome: Floats, entered: Floats, h: int, last: int) -> None:
        np.multiply(outcome, entered, out=self.spare[:, :last])
        np.add(self.done[:, h : h + last], self.spare[:, :last], out=self.done[:, h : h + last])

    def _work(self, foreign: Floats) -> None:
        H, _, K, R, A, *_ = self.sizes
        flat = R * self.block
        np.copyto(self.joining[:, :, :, 0].reshape(self.done[0].shape), self.done[0])
        by_season = foreign.reshape((self.block, H // 2, 2, K, R))
        np.copyto(self.joining[:, :, :, 1], _turned(by_season))
        np.einsum("rmn,mtn->rtn", self.mobility, self.mobility, out=self.twice)
        np.einsum("rtn,ykjrn->ykjtn", self.mobility, self.joining[:, 0], out=self.moved)
        spring = self.moved.reshape((H // 2, K, 2, flat))
        autumn = self.joining[:, 1].reshape((H // 2, K, 2, flat))
        added, totals = self.added.reshape((K, A, flat)), self.totals.reshape((H // 2, K, 2, flat))
        before, after = self.people
        np.copyto(before[:, :A], self.specialists)
        for y in range(H // 2):
            now, later = before[:, :A], after[:, 1:]
            after[:, 0] = 0.0
            np.einsum("rtn,karn->katn", self.twice, now, out=later)
            np.multiply(later, self.survival, out=later)
            np.matmul(self.kinds, spring[y], out=added)
            np.add(later, self.added, out=later)
            np.multiply(later, self.survival, out=later)
            np.matmul(self.kinds, autumn[y], out=added)
            np.add(later, self.added, out=later)
            np.matmul(self.weights, later.reshape((K, A, flat)), out=totals[y])
            before, after = after, before


class Outermost:
    """Arrays are [scenario, ...], or [year, scenario, ...] where a loop over years reads them."""

    def __init__(self, rates: Rates, block: int) -> None:
        self.block, self.sizes = block, sizes_of(rates)
        H, _, K, R, A, D, until = self.sizes
        years = H // 2
        self.lis1 = Lis1(rates, block)
        self.completers, self.arriving = np.empty((2, block, H, R))
        # entries in chunks of half-years: what becomes of one is a band, the same for all chunks
        self.chunks = -(-H // CHUNK)
        self.entry = np.zeros((block, K, R, self.chunks * CHUNK))
        self.present, self.bands = _band(block, K, CHUNK, D)
        self.ends = np.empty((block, K, R * self.chunks, 2 * (CHUNK + D)))
        # those before historic_until, and last the equal cohorts before h = 0
        self.early = np.empty((block, K, R, 1 + until))
        self.historic, self.historic_bands = _band(block, K, 1 + until, D)
        self.early_ends = np.empty((block, K, R, 2 * (1 + until + D)))
        self.still, self.cohort = np.arange(D, 0, -1.0), np.empty((block, K, 1))
        self.tail = np.empty((block, 2, K, D))
        width = self.chunks * CHUNK + D + 1
        self.done, self.stock = np.empty((block, K, R, 2, width)), np.empty((block, K, R, H))
        self.joining = np.empty((block, R, 2, years, 2, K))  # season, year, kind, group
        self.moved = np.empty((block, R, years * 2 * K))
        self.moves = np.empty((years, block, R, R + 4 * K))
        ages = np.zeros((2, K, K, A))
        for k, rows in enumerate(zip(rates.entry_age, rates.foreign_age, strict=True)):
            ages[:, k, k] = rows
        self.kinds = ages.reshape((2 * K, K * A))
        self.weights = np.zeros((K * A, 2 * K))
        for k in range(K):
            self.weights[k * A : (k + 1) * A, k] = rates.fte[k]
            self.weights[k * A : (k + 1) * A, K + k] = 1.0
        self.specialists = np.moveaxis(rates.specialists, 1, 0).reshape((R, K * A))
        self.squared = np.empty((block, 1, K * A))
        self.people = np.empty((block, R + 4 * K, K * A))
        self.people[:, R + 2 * K :] = self.kinds
        self.after = np.empty((block, R, K * A))
        self.totals = np.empty((years, block * R, 2 * K))

    def run(self, rates: Rates, first: int, out: Baseline) -> None:
        """Fill `out` for the block of scenarios from `first` on."""
        part, (H, _, K, R, *_) = slice(first, first + self.block), self.sizes
        self._begin(rates, part)
        self._train(rates, part)
        self._work(rates, part)
        totals = self.totals.reshape((H // 2, self.block, R, 2, K))
        np.copyto(out.supply[part], totals[:, :, :, 0].transpose(1, 0, 3, 2))
        np.copyto(out.persons[part], totals[:, :, :, 1].transpose(1, 0, 3, 2))
        np.copyto(out.qualified[part], self.done[:, :, :, 0, :H])
        np.copyto(out.trainees[part], self.stock)

    def _begin(self, rates: Rates, part: slice) -> None:
        completers = self.lis1.completers(rates.leave[part], rates.drop_out[part])
        np.copyto(self.completers, completers.transpose(2, 0, 1))
        np.matmul(self.completers, rates.choice[part], out=self.arriving)
        entry, share = (
            self.entry[..., : self.sizes.half_years],
            rates.group_share[part, :, None, None],
        )
        np.multiply(self.arriving.transpose(0, 2, 1)[:, None], share, out=entry)
        np.add(entry, rates.direct_entry[part].transpose(0, 2, 3, 1), out=entry)

    def _train(self, rates: Rates, part: slice) -> None:
        H, _, K, R, _, D, until = self.sizes
        n, trainees = self.block, rates.trainees
        historic, outcome = rates.historic_outcome[part], rates.outcome[part]
        np.einsum("nikd,d->nk", historic, self.still, out=self.cohort[:, :, 0])
        np.subtract(float(D), self.cohort, out=self.cohort)
        self.early[:] = 0.0
        np.divide(trainees, self.cohort, out=self.early[..., until], where=self.cohort > 0.0)
        np.copyto(self.early[..., :until], self.entry[..., :until])
        np.copyto(self.stock, self.entry[..., :H])
        self.entry[..., :until] = 0.0
        np.add.accumulate(historic[..., ::-1], axis=3, out=self.tail[..., ::-1])
        tail = self.tail[..., 1:].transpose(0, 2, 1, 3)
        np.copyto(self.historic_bands[:, :, until, :, : D - 1], tail)
        np.copyto(self.historic[:, :, :until], historic.transpose(0, 2, 1, 3)[:, :, None])
        np.copyto(self.present, outcome.transpose(0, 2, 1, 3)[:, :, None])
        entry = self.entry.reshape((n, K, R * self.chunks, CHUNK))
        np.matmul(entry, self.bands.reshape((n, K, CHUNK, -1)), out=self.ends)
        early = self.historic_bands.reshape((n, K, 1 + until, -1))
        np.matmul(self.early, early, out=self.early_ends)
        last = 1 + until + D
        np.copyto(self.done[..., :last], self.early_ends.reshape((n, K, R, 2, last)))
        self.done[..., last:] = 0.0
        ends = self.ends.reshape((n, K, R, self.chunks, 2, CHUNK + D))
        for c in range(self.chunks):
            ended = self.done[..., c * CHUNK : (c + 1) * CHUNK + D]
            np.add(ended, ends[:, :, :, c], out=ended)
        np.subtract(self.stock, self.done[:, :, :, 0, :H], out=self.stock)
        np.subtract(self.stock, self.done[:, :, :, 1, :H], out=self.stock)
        np.add(self.stock[..., 0], trainees, out=self.stock[..., 0])
        np.add.accumulate(self.stock, axis=3, out=self.stock)

    def _work(self, rates: Rates, part: slice) -> None:
        H, _, K, R, A, *_ = self.sizes
        n, years, mobility = self.block, H // 2, moves_in(rates, part)
        back = mobility.transpose(0, 2, 1)
        done = self.done[:, :, :, 0, :H].reshape((n, K, R, years, 2), copy=False)
        np.copyto(self.joining[:, :, :, :, 0], done.transpose(0, 2, 4, 3, 1))
        foreign = rates.foreign[part].reshape((n, years, 2, K, R))
        np.copyto(self.joining[:, :, :, :, 1], foreign.transpose(0, 4, 2, 1, 3))
        by_season = self.joining.reshape((n, R, 2, years * 2 * K))
        np.matmul(back, by_season[:, :, 0], out=self.moved)
        spring = self.moved.reshape((n, R, years, 2 * K)).transpose(2, 0, 1, 3)
        autumn = by_season[:, :, 1].reshape((n, R, years, 2 * K)).transpose(2, 0, 1, 3)
        np.matmul(back, back, out=self.moves[0, :, :, :R])
        np.copyto(self.moves[1:, :, :, :R], self.moves[0, :, :, :R])
        np.copyto(self.moves[:, :, :, R : R + 2 * K], spring)
        np.copyto(self.moves[:, :, :, R + 2 * K :], autumn)
        survival = rates.survival[part].reshape((n, 1, K * A))
        present, new = self.people[:, :R], self.people[:, R : R + 2 * K]
        np.multiply(self.kinds, survival, out=new)
        np.multiply(survival, survival, out=self.squared)
        np.multiply(self.specialists, self.squared, out=present)
        self.squared[:, :, ::A] = 0.0  # from the first birthdays on, nobody is of the youngest age
        older, staying = self.people[:, :R, 1:], self.squared[:, :, 1:]
        flat, younger = self.after.reshape((n * R, K * A)), self.after[:, :, :-1]
        for y in range(years):
            np.matmul(self.moves[y], self.people, out=self.after)
            np.matmul(flat, self.weights, out=self.totals[y])
            np.multiply(younger, staying, out=older)
            self.people[:, :R, 0] = 0.0
