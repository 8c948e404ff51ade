"""The planning desk of one result: what the page begins with, and what it is answered.

An answer follows from the plans that the page sends; nothing is remembered of a page but what was
worked out.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from ..configs.plan_file import plan_in
from ..core.compute.place import Progress, silent
from ..core.compute.workers import Workers
from ..core.errors import InputError
from ..core.study.checks.measures import problems_of
from ..core.system.arrays import system_of
from ..report.reading import Reading
from ..report.sections.asked.followed import where_in_words
from ..report.texts.words import Words, read_texts
from .parts import least_of, parts_of, plan_of, plan_of_branch
from .plan_texts import as_csv, plan_from, units_from
from .telling import Telling, Told
from .verdict import Scene, Units, Verdict, scene_of

Floats = NDArray[np.float64]
Futures: TypeAlias = tuple[int, tuple[float, ...]]
"""The branch whose futures alone count, 0 for all, and the units of measures in force."""
SCENES, VERDICTS = 4, 16
"""How many studies with measures, and how many plans judged, are kept."""


class Desk:
    """A result whose plans are tried by hand; to be prepared before it answers."""

    first_scene: Scene

    def __init__(self, name: str, reading: Reading, language: str, workers: Workers) -> None:
        self.name, self.reading, self.words, self.workers = name, reading, Words(language), workers
        self.written, self.system = reading.written, system_of(reading.study)
        self.parts = parts_of(reading, self.words)
        self.telling = Telling(reading, self.words, self.parts)
        self.branches = reading.branches
        self.first_units = {key: each.units for key, each in self.written.measure.items()}
        self.scenes: OrderedDict[Futures, Scene] = OrderedDict()
        self.verdicts: OrderedDict[tuple[Futures, bytes], Verdict] = OrderedDict()

    def prepare(self, progress: Progress) -> Told:
        """Work out all that the page begins with, its first `answer` too, and return it."""
        units = self.first_units
        self.first_scene = self._scene(units, progress)
        self._keep(self.scenes, (0, tuple(units.values())), self.first_scene, SCENES)
        plans = [plan_of(self.reading), self.system.no_slots]
        a, b = ({"plan": plan.tolist(), "units": units} for plan in plans)
        return self.start() | {"answer": self.answer({"a": a, "b": b})}

    def _scene(self, units: Units, progress: Progress, branch: int = 0) -> Scene:
        followed = self.branches[branch - 1] if branch else None
        return scene_of(self.reading, units, self.workers, progress, followed)

    def start(self) -> Told:
        """Return what the page is made of: years, regions, grids, presets, measures and texts."""
        words, reading, study = self.words, self.reading, self.reading.study
        texts = {
            key.removeprefix("desk."): text
            for key, text in read_texts(words.language).items()
            if key.startswith("desk.")
        }
        return {
            "language": words.language,
            "title": words.name(study.title),
            "scenarios": words.number(self.first_scene.oracle.study.sampling.scenarios),
            "years": list(study.decision_years),
            "all_years": list(study.years),
            "watched": list(self.system.watched_years),
            "window": list(study.time.window),
            "regions": [
                {"id": key, "name": name, "short": short}
                for key, name, short in zip(
                    study.regions, self.telling.regions, _short(self.telling.regions), strict=True
                )
            ],
            "grids": self._grids(),
            "presets": [*self._presets(), *self._of_branches()],
            "futures": self._futures(),
            "measures": self._measures(),
            "places": [words("word.country"), *self.telling.regions],
            "groups": [words("desk.every_group"), *map(words.name, reading.names("specialty"))],
            "texts": texts,
        }

    def _grids(self) -> list[Told]:
        least = least_of(self.system)
        return [
            {
                "name": part.name,
                "family": part.family.variable,
                "first": part.rows.start,
                "least": least[part.rows].tolist(),
            }
            for part in self.parts
        ]

    def _presets(self) -> list[Told]:
        """Return the plans to begin with: that of the result, none, and those beside it."""
        ids = self.reading.ids("plan")
        plans = {key: plan_of(self.reading, n) for n, key in enumerate(ids)}
        names = dict(zip(ids, self.reading.names("plan"), strict=True))
        comparison = self.reading.study.comparison
        if missing := {key: each for key, each in comparison.items() if key not in plans}:
            from ..optimise.analysis.fixed_plans import fixed_plans

            plans |= fixed_plans(self.system, missing)
            names |= {key: each.name for key, each in missing.items()}
        return [self._preset(key, self.words.name(names[key]), plan) for key, plan in plans.items()]

    def _of_branches(self) -> list[Told]:
        """Return the plan of each end branch, to be followed in its own futures."""
        found = []
        for number in (branch.number for branch in self.branches):
            name = self.words("desk.branch", number=number)
            plan = plan_of_branch(self.reading, number)
            found.append(self._preset(name, name, plan, number))
        return found

    def _preset(self, key: str, name: str, plan: Floats, futures: int = 0) -> Told:
        """Return a plan to begin with, and the number of the futures in which it is judged."""
        posts = self.words.number(float(plan[self.system.families[0].rows].sum()))
        label = self.words("desk.preset", name=name, posts=posts)
        told = {"key": key, "name": label, "plan": plan.tolist()}
        return told | {"units": self.first_units, "futures": futures}

    def _futures(self) -> list[str]:
        """Return all futures, then those of each end branch, in words; nothing without branches."""
        if not self.branches:
            return []
        each = [
            f"{branch.number}: {where_in_words(self.reading, branch, self.words)}"
            for branch in self.branches
        ]
        return [self.words("desk.every_future"), *each]

    def _measures(self) -> list[Told]:
        """Return the measures that can be used by hand, and of others why they cannot."""
        return [
            {
                "key": key,
                "name": self.words.name(each.name),
                "unit": each.unit,
                "most": each.most,
                "problem": next(problems_of(self.written, key), ""),
            }
            for key, each in self.written.measure.items()
        ]

    def answer(self, asked: Any) -> Told:
        """Return what follows from plan A, beside plan B.

        Raises
        ------
        InputError
            If what is asked is no question of this page.
        """
        if not isinstance(asked, dict):
            raise InputError("expected a question in JSON, with plans a and b")
        where = self._place(asked, "group", "specialty"), self._place(asked, "place", "region")
        futures = self._number(asked, "futures", len(self.branches))
        (scene, plan, a), (_, _, b) = (self._judged(asked.get(key), futures) for key in ("a", "b"))
        telling = self.telling
        return {
            "cards": telling.cards(a, b),
            "warning": telling.warning(scene, a),
            "comparison": telling.comparison(a, b),
            "limits": telling.limits(scene, a, b),
            "cells": telling.cells(a),
            "waiting": telling.waiting(a, plan),
            "chart": telling.chart(a, b, where),
        }

    def _place(self, asked: dict[str, Any], key: str, dim: str) -> int:
        """Return the number of a place or group; 0 is all."""
        return self._number(asked, key, len(self.reading.names(dim)))

    @staticmethod
    def _number(asked: dict[str, Any], key: str, most: int) -> int:
        """Return a number of a question, from 0 to `most`; 0 where it is left out."""
        found = asked.get(key, 0)
        if type(found) is not int or not 0 <= found <= most:
            raise InputError(f"{key}: allowed: 0 to {most}")
        return found

    def _judged(self, given: Any, branch: int) -> tuple[Scene, Floats, Verdict]:
        """Return the scenarios, the plan and its verdict, in the futures of a branch or all (0)."""
        if not isinstance(given, dict):
            raise InputError("expected a plan with its rows, and units of measures")
        plan = plan_from(given.get("plan"), self.system)
        units = units_from(given.get("units"), self.reading)
        key = branch, tuple(units.values())
        scene = self.scenes.get(key)
        if scene is None:
            scene = self._try_measures(units, branch)
        self._keep(self.scenes, key, scene, SCENES)
        place = key, plan.tobytes()
        verdict = self.verdicts.get(place) or scene.judge(plan)
        self._keep(self.verdicts, place, verdict, VERDICTS)
        return scene, plan, verdict

    def _try_measures(self, units: Units, branch: int) -> Scene:
        """Return the scenarios with other measures in force; what leaves no study is refused."""
        try:
            return self._scene(units, silent, branch)
        except ValidationError as error:
            found = [str(each["msg"]).removeprefix("Value error, ") for each in error.errors()]
            raise InputError(found) from None

    @staticmethod
    def _keep(kept: OrderedDict[Any, Any], key: object, value: object, most: int) -> None:
        kept[key] = value
        kept.move_to_end(key)
        while len(kept) > most:
            kept.popitem(last=False)

    def csv(self, asked: Any) -> str:
        """Return the plan of a request as the file that `--plan` reads."""
        plan = plan_from(asked.get("plan") if isinstance(asked, dict) else None, self.system)
        return as_csv(plan, self.reading)

    def opened(self, name: str, content: bytes) -> list[list[float]]:
        """Return the plan of a CSV file, [row][decision year].

        Raises
        ------
        InputError
            Naming every bad line.
        """
        found: list[list[float]] = plan_in(Path(name), content, self.reading.study).slots.tolist()
        return found


def _short(names: list[str]) -> list[str]:
    """Return names without the words with which all of them begin.

    >>> _short(["Helse Nord", "Helse Sør-Øst"])
    ['Nord', 'Sør-Øst']
    >>> _short(["Norway"])
    ['Norway']
    """
    split = [name.split(" ") for name in names]
    same = 0
    if len(names) > 1:
        while all(len(each) > same + 1 and each[same] == split[0][same] for each in split):
            same += 1
    return [" ".join(each[same:]) for each in split]
