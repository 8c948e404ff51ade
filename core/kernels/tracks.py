"""Earmarked posts, compiled: those appointed to a track choose groups by the track's shares.

A track's posts are part of LIS1: they are filled first, by newcomers, and change nothing of the
queue. Everything else is the flow of `cohorts.py`; a study without tracks never comes here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .admission import Admission, Admitted, admit, admit_abroad
from .cohorts import appoint, begin, train, work
from .compiled import compiled
from .origins import Origins, appoint_abroad
from .response import complete
from .state import Floats, Flow, Rates


class Tracks(NamedTuple):
    """Whom tracks lead where, and under a plan how many posts they have."""

    share: Floats  # [track, group] of those who complete LIS1; adds up to 1
    level: Floats  # [track · region, year] starts a year on offer, of all those of the region


@compiled()
def earmark(rates: Rates, i: int, tracks: Tracks, earmarked: Floats) -> None:
    """Fill `earmarked` [track, half_year, region]: persons appointed to each track.

    As many as are offered, and in all no more than those who join the region's queue just then;
    beyond, tracks are filled in proportion to what they offer.
    """
    count, half_years, regions = earmarked.shape
    to_start, last = rates.starting.shape[0], tracks.level.shape[1] - 1
    for r in range(regions):
        for h in range(half_years):
            year, offered = min((h + to_start) // 2, last), 0.0
            a_slot = rates.fill_rate[i, r] * rates.offer_share[i, h]
            for e in range(count):
                earmarked[e, h, r] = a_slot * tracks.level[e * regions + r, year]
                offered += earmarked[e, h, r]
            if offered > rates.newcomers[i, h, r]:
                for e in range(count):
                    earmarked[e, h, r] *= rates.newcomers[i, h, r] / offered


@compiled()
def redirect(rates: Rates, i: int, tracks: Tracks, earmarked: Floats, flow: Flow) -> None:
    """Let those appointed to tracks choose by their track's shares: `flow.entry` is changed.

    entry[k, t, h] += sum_e (share[e, k] - group_share[k]) · those of e who come to t at h
    """
    groups, regions, half_years = flow.entry.shape
    completing = complete(rates, i, half_years)
    done, coming = np.empty((half_years, regions)), np.empty((half_years, regions))
    for e in range(tracks.share.shape[0]):
        done[:], coming[:] = 0.0, 0.0
        for h in range(half_years):
            for n in range(half_years - h):
                for r in range(regions):
                    done[h + n, r] += completing[n] * earmarked[e, h, r]
        for h in range(half_years):
            for r in range(regions):
                for t in range(regions):
                    coming[h, t] += rates.choice[i, r, t] * done[h, r]
        for k in range(groups):
            more = tracks.share[e, k] - rates.group_share[i, k]
            for t in range(regions):
                for h in range(half_years):
                    flow.entry[k, t, h] += more * coming[h, t]


@compiled()
def begin_tracks(
    origins: Origins,
    rates: Rates,
    i: int,
    level: Floats,
    tracks: Tracks,
    everybody: Flow,
    abroad: Flow,
) -> None:
    """Fill both flows up to who comes to want LIS2/3, under `level` [region, year].

    Of those educated abroad there are as many in tracks as among all appointed there and then.
    """
    earmarked = np.empty((tracks.share.shape[0], *everybody.queue.shape))
    appoint(rates, i, level, everybody.queue, everybody.appointed)
    begin(rates, i, everybody)
    earmark(rates, i, tracks, earmarked)
    redirect(rates, i, tracks, earmarked, everybody)
    appoint_abroad(origins, rates, i, everybody, abroad.appointed)
    begin(origins.rates, i, abroad)
    for h in range(earmarked.shape[1]):
        for r in range(earmarked.shape[2]):
            whole = everybody.appointed[h, r]
            earmarked[:, h, r] *= abroad.appointed[h, r] / whole if whole > 0.0 else 0.0
    redirect(origins.rates, i, tracks, earmarked, abroad)


@compiled()
def finish(origins: Origins, rates: Rates, i: int, everybody: Flow, abroad: Flow) -> None:
    """Train all who begin LIS2/3 and let them work, in both flows."""
    train(rates, i, everybody)
    work(rates, i, everybody)
    train(origins.rates, i, abroad)
    work(origins.rates, i, abroad)


@compiled()
def project_tracks(
    origins: Origins,
    rates: Rates,
    i: int,
    level: Floats,
    tracks: Tracks,
    everybody: Flow,
    abroad: Flow,
) -> None:
    """Run all of scenario i under `level` [region, year], in all and of those educated abroad."""
    begin_tracks(origins, rates, i, level, tracks, everybody, abroad)
    finish(origins, rates, i, everybody, abroad)


@compiled()
def project_tracks_admitted(
    origins: Origins,
    rates: Rates,
    i: int,
    admission: Admission,
    level: Floats,
    tracks: Tracks,
    everybody: Flow,
    admitted: Admitted,
    abroad: Flow,
) -> None:
    """Run all of scenario i under `level` [row, year]: LIS1 by region, LIS2/3 by group, region."""
    regions = everybody.queue.shape[1]
    begin_tracks(origins, rates, i, level[:regions], tracks, everybody, abroad)
    admit(rates, i, admission, level[regions:], everybody, admitted)
    admit_abroad(admission, i, everybody, admitted, abroad)
    finish(origins, rates, i, everybody, abroad)
