"""Warming up calls what runs call, compiles no more than that, and says when it compiles."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lis1plan.configs.loader import load_study
from lis1plan.core import warmup
from lis1plan.core.study.study import Study
from lis1plan.core.warmup import COMPILE, LOAD, judging_calls, warm_up
from lis1plan.tests.helpers.decided_posts import decided_study

COMPILES = pytest.mark.skipif("NUMBA_DISABLE_JIT" in os.environ, reason="nothing is compiled")
STUDIES = {"one queue": lambda: load_study("tutorial"), "two queues": lambda: decided_study(1)}


@COMPILES
@pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
def test_what_is_noted_is_what_is_called(study: Callable[[], Study]) -> None:
    """Else the second process would compile what nobody calls."""
    asked = study()
    warm_up(asked, lambda *_: None)
    calls = judging_calls(asked, slopes=True)
    assert len(calls) >= 2
    assert [kernel for kernel, call in calls if call not in kernel.door.overloads] == []


def test_plans_that_are_given_need_no_slopes() -> None:
    study = load_study("tutorial")
    few, all_ = (judging_calls(study, slopes) for slopes in (False, True))
    assert [kernel.__name__ for kernel, _ in few] == ["shortage"]
    assert {kernel.__name__ for kernel, _ in all_} == {"shortage", "slopes", "concavity"}


@pytest.mark.parametrize("there", [True, False])
def test_compiling_is_told_where_something_is_missing(
    there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warmup, "is_kept", lambda kernel, _: there or kernel.__name__ != "slopes")
    monkeypatch.setattr(warmup, "available_cores", lambda: 1)
    told = list[str]()
    warm_up(load_study("tutorial"), lambda step, *_: told.append(step))
    assert set(told) == {LOAD if there else COMPILE}


COUNT = """
import json, sys
from numba.core import event
from lis1plan.configs.loader import load_study
from lis1plan.core import warmup

class Noted(event.Listener):
    def on_start(self, each):
        compiled.append(each.data["dispatcher"])
    def on_end(self, each):
        pass

warmup.available_cores = lambda: 1  # all of it in this process
event.register("numba:compile", Noted())
for name in ("tutorial", "norway-2019"):
    compiled = []
    warmup.warm_up(load_study(name).in_force, lambda *_: None)
    own = [each for each in compiled if each.__module__.startswith("lis1plan")]
    doors = sorted(each.__name__ for each in own if not hasattr(each, "door"))
    kernels = len({(each.__module__, each.__name__) for each in own})
    print(json.dumps([kernels, len(own), len(compiled), doors]))
"""
DOORS = [
    *("_ensemble", "_two_tiers", "add_up_whole", "concavity", "shortage", "slopes"),
    "sobol_points",
]


@pytest.mark.thorough
def test_no_more_is_compiled_than_was(tmp_path: Path) -> None:
    """Each function costs a first run a fifth of a second: one more is added knowingly.

    Of own functions, of all their signatures, of those and numba's own helpers, of doors to Python.
    The second study finds the first one's kernels: only what it adds to the flow is compiled.
    """
    environment = {k: v for k, v in os.environ.items() if k != "NUMBA_DISABLE_JIT"}
    done = subprocess.run(
        [sys.executable, "-c", COUNT], env=environment | {"NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    first, second = map(json.loads, done.stdout.splitlines())
    assert first[3] == DOORS
    assert second[3] == ["_ensemble"]
    most = [(71, 75, 146), (3, 3, 3)]
    found = [first[:3], second[:3]]
    assert (np.array(found) <= most).all(), found
