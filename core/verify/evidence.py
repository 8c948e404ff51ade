"""Evidence: what a result file says, behind plain questions, for those who check it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..compute.place import split
from ..compute.workers import Workers
from ..files.kinds import is_run
from ..flow.rates import build_rates, training_posts
from ..scenarios.draws import draw, sample_of
from ..study.study import Study, with_value
from ..system.families import LEVELS
from ..system.posts import plans_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
AT_ONCE = 512
"""Scenarios drawn at once."""


class NotHeldError(Exception):
    """The file does not hold what a check needs, and need not."""


@dataclass(frozen=True)
class Evidence:
    """A result dataset as it was read, its study and its plans. Axes are those of core/system."""

    data: xr.Dataset
    workers: Workers = field(default_factory=Workers)
    """Who draws and projects scenarios again."""
    quick: bool = False
    """Whether to leave that out."""

    @cached_property
    def study(self) -> Study:
        """The study whose complete text stands in the file, with its measures in force worked in.

        Raises
        ------
        NotHeldError
            If this program does not read it; the check of the text says why.
        """
        return self.written.in_force

    @cached_property
    def written(self) -> Study:
        """The study as it was written, with its measures.

        Raises
        ------
        NotHeldError
            If this program does not read it; the check of the text says why.
        """
        try:
            return Study.model_validate_json(str(self.data.attrs["study_json"]))
        except (KeyError, ValueError) as error:
            raise NotHeldError("the study in the file cannot be read") from error

    @cached_property
    def left_open(self) -> Study:
        """The study as it was asked, with the measures left open that were chosen."""
        return self.written.undecided(*json.loads(str(self.data.attrs["chosen_measures"])))

    @cached_property
    def is_run(self) -> bool:
        """Whether a plan was sought (else one was given and projected)."""
        return is_run(self.data)

    @cached_property
    def is_scenario(self) -> bool:
        """Whether one scenario alone was replayed."""
        return self.data.attrs.get("result_kind") == "scenario"

    def labels(self, dim: str) -> list[str]:
        """Return the identifiers along a dimension."""
        return [str(value) for value in self.data[f"{dim}_id"].values]

    @cached_property
    def plans(self) -> list[str]:
        """Identifiers of the plans; the first is the chosen or the given one."""
        return self.labels("plan")

    def values(self, name: str) -> Floats:
        """Return a variable in double precision.

        Raises
        ------
        KeyError
            If the file does not hold it.
        """
        if name not in self.data:
            raise KeyError(name)
        return self.data[name].values.astype(np.float64)

    def need(self, *names: str) -> None:
        """Raise NotHeldError if the file lacks one of the variables."""
        lacking = [name for name in names if name not in self.data]
        if lacking:
            raise NotHeldError(f"the file holds no {', '.join(lacking)}")

    @cached_property
    def first(self) -> int:
        """Index of the first decision year among the years."""
        return self.study.first

    @property
    def weight(self) -> Floats | None:
        """What each scenario weighs, [realization]; None where all weigh the same."""
        return self.values("weight") if "weight" in self.data else None

    def slots(self) -> Iterator[tuple[str, Floats]]:
        """Yield (plan in words, slots [row, year]) of all plans and of the frontier's."""
        for name, values in zip(self.plans, self.rows("slots"), strict=True):
            yield f"plan {name}", values
        yield from self.frontier()

    def frontier(self) -> Iterator[tuple[str, Floats]]:
        """Yield (point in words, slots [row, year]) of the frontier's points with a plan."""
        for p in self.frontier_points():
            yield f"frontier point {p + 1}", self.rows("frontier_slots")[p]

    def rows(self, name: str) -> Floats:
        """Return plans of the file as [..., row, year], family by family.

        `name` is the variable of the slots; those of other families are called alike.
        """
        prefix = name.removesuffix("slots")
        return plans_of(self.study, lambda variable: self.values(prefix + variable))

    def lis1(self, rows: Floats) -> Floats:
        """Return the rows of LIS1, [region, ...], of a plan or its levels [row, ...]."""
        return rows[: len(self.study.regions)]

    def frontier_points(self) -> list[int]:
        """Return the indices of the frontier's points with a plan."""
        if "frontier_cost" not in self.data:
            return []
        return [int(p) for p in np.flatnonzero(np.isfinite(self.values("frontier_cost")))]

    def with_value(self, key: str, value: float) -> Evidence:
        """Return the same file as an answer to the study with another number at a dotted key."""
        study = with_value(self.study, key, value)
        return replace(self, data=self.data.assign_attrs(study_json=study.canonical_text))

    def choosing(self, point: int, over: str, value: float) -> Evidence:
        """Return the same file as an answer to the study in which a point's measures are used."""
        if "over_measure_use" not in self.data:
            return self.with_value(over, value)
        units, years = self.values("over_measure_use")[:, point], self.written.years
        use = {
            name: {
                str(year): float(x) for year, x in zip(years, units[:, m], strict=True) if x > 0.0
            }
            for m, name in enumerate(self.labels("measure"))
        }
        study = with_value(self.written, over, value).deciding(use)
        return replace(self, data=self.data.assign_attrs(study_json=study.canonical_text))

    def sampled(self, scenarios: int, seed: int) -> Study:
        """Return the study with other scenarios, and of another seed."""
        data = self.study.model_dump()
        data["sampling"] |= {"scenarios": scenarios, "seed": seed}
        return Study.model_validate(data)

    def alone(self, name: str, plan: xr.Dataset) -> Evidence:
        """Return one plan, its slots (and posts) by year and place, as a run's."""
        one = plan.expand_dims("plan").transpose("time", "plan", ..., "region")
        said = {"result_kind": "run", "study_json": self.data.attrs["study_json"]}
        return Evidence(one.assign_coords(plan_id=("plan", [name])).assign_attrs(said))

    def plans_along(self, dim: str, named: str, prefix: str = "") -> list[tuple[Evidence, Floats]]:
        """Return the plans along a dimension: each as a run's, and its slots [row, decision year].

        Their variables are those of a run's plans with a prefix, by default the dimension, before
        the name; each is `named`, with its number from 1.
        """
        first = prefix or dim
        own = {f"{first}_{name}": name for name in LEVELS if f"{first}_{name}" in self.data}
        plans, found = self.data[list(own)].rename(own), list[tuple[Evidence, Floats]]()
        for number in range(self.data.sizes[dim]):
            alone = self.alone(f"{named} {number + 1}", plans.isel({dim: number}))
            found.append((alone, alone.decided(alone.rows("slots")[0])))
        return found

    def decided(self, slots: Floats) -> Floats:
        """Return the part of slots [row, year] that falls on the decision years."""
        return slots[:, self.first : self.first + len(self.study.decision_years)]


def differ(
    found: Floats | float, wanted: Floats | float, relative: float, absolute: float = 0.0
) -> bool:
    """Tell whether two arrays differ, in shape or by more than the tolerance, anywhere."""
    return np.shape(found) != np.shape(wanted) or not bool(
        np.allclose(found, wanted, rtol=relative, atol=absolute)
    )


def stated_posts(study: Study) -> Floats:
    """Return the LIS2/3 posts that the flow is told without any decision, [group, region, year]."""
    return training_posts(study)


@lru_cache(maxsize=8)
def leaving_for_sure(text: str) -> Floats:
    """Return by how much LIS2/3 posts may fall into a year, [group, region, year] posts.

    Cohort by cohort in the scenarios of the study that `text` tells: the growth stated, those at
    the start who leave in the half-year before, and the least share of all others who do, of as
    many posts as there are when all was closed that could be. Whole where posts are.
    """
    study = Study.model_validate_json(text)
    sample, years = sample_of(study), len(study.years)
    gone, there = np.full((len(study.groups), years), np.inf), np.zeros((len(study.groups), years))
    others, trainees = np.full(len(study.groups), np.inf), np.zeros(0)
    for first, count in split(sample.scenarios, AT_ONCE):
        rates = build_rates(study, draw(study, sample, first, count))
        trainees = rates.trainees
        for k in range(len(study.groups)):
            early, late = (_cohort(x[:, :, k]) for x in (rates.historic_outcome, rates.outcome))
            for y in range(years):
                left = [np.sum(early[h + 1 :], axis=0) for h in (0, 2 * y - 1, 2 * y)]
                if y > 0:
                    gone[k, y] = min(gone[k, y], np.min((left[1] - left[2]) / left[0]))
                    there[k, y] = max(there[k, y], np.max(left[1] / left[0]))
            for now, then in pairwise(late):
                others[k] = min(
                    others[k], np.min(1.0 - then[now > 0.0] / now[now > 0.0], initial=1)
                )
    return _fall(study, trainees, (gone, there, others))


def _fall(study: Study, trainees: Floats, leaving: tuple[Floats, Floats, Floats]) -> Floats:
    """Return by how much posts may fall, [group, region, year]; see `leaving_for_sure`."""
    stated, (gone, there, others) = stated_posts(study), leaving
    section = study.specialist_posts
    whole = section is not None and section.new is not None and section.new.whole
    fall, fewest = np.zeros(stated.shape), stated[:, :, 0]
    for y in range(len(study.years)):
        spare, before = stated[:, :, 0] - trainees, stated[:, :, max(y - 1, 0)]
        if y > 0:
            left = np.maximum(fewest - trainees * there[:, y, None], 0.0)
            spare = stated[:, :, y] - before + trainees * gone[:, y, None]
            spare += others[:, None] * left
        fall[:, :, y] = np.floor(spare * (1 + 1e-9) + 1e-9) if whole else spare
        fewest = fewest + stated[:, :, y] - before
        if y >= study.first:
            fewest = fewest - fall[:, :, y]
    return fall


def _cohort(outcome: Floats) -> list[Floats]:
    """Return who is still in training after 0, 1, ... half-years, [n] each; `outcome` [n, 2, d]."""
    ended = outcome.sum(axis=1)
    still = [np.maximum(1.0 - ended[:, :d].sum(axis=1), 0.0) for d in range(ended.shape[1])]
    return [*still, np.zeros(len(ended))]


@lru_cache(maxsize=8)
def filled_by_newcomers(text: str) -> Floats:
    """Return the most earmarked posts that newcomers fill whatever happens, [region, year].

    Round by round in the scenarios of the study that `text` tells, from the rates of its flow.
    """
    study = Study.model_validate_json(text)
    sample, last = sample_of(study), len(study.years) - 1
    most = np.full(study.given_levels.shape, np.inf)
    for first, count in split(sample.scenarios, AT_ONCE):
        rates = build_rates(study, draw(study, sample, first, count))
        for h in range(rates.newcomers.shape[1]):
            y = min((h + study.lis1.half_years_to_start) // 2, last)
            a_post = rates.fill_rate * rates.offer_share[:, h, None]
            filled = np.full(a_post.shape, np.inf)
            filled[a_post > 0.0] = rates.newcomers[:, h][a_post > 0.0] / a_post[a_post > 0.0]
            most[:, y] = np.minimum(most[:, y], filled.min(axis=0))
    return most
