"""Errors planted in the kernel's text are found by comparison with the oracle, every one.

Each is one textual change, run as plain Python on a small instance. The text to be changed must
occur exactly once, so that a change of the kernel cannot quietly disarm a test.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from .naive import flow, response
from .naive_rates import small_level, small_rates
from .rates_of import close, differences, expected_response, rates_of, responded

KERNEL = Path(__file__).resolve().parents[1] / "core" / "kernel.py"
STATE = "from .state import Floats, Flow, Rates, new_flow\n"
LENGTH = 12

PLANTED: dict[str, tuple[str, str]] = {
    # the queue (3.1)
    "leakage forgotten": ("waiting = stay * unplaced", "waiting = unplaced"),
    "fill rate forgotten": ("offers = fill_rate * offer_share", "offers = offer_share"),
    "parity swapped": ("offer_share[h % 2]", "offer_share[1 - h % 2]"),
    "level of the year before": ("level[r, h // 2]", "level[r, max(0, h // 2 - 1)]"),
    "offers instead of the lesser": ("min(offers, waiting)", "offers"),
    "the appointed queue on": ("unplaced = waiting - appointed[h, r]", "unplaced = waiting"),
    "baseline with the last plan": (
        "    flow.appointed[:] = 0.0\n",
        "    flow.appointed[:] = 1.0\n",
    ),
    # LIS1 (3.2) and entry
    "nobody repeats the first stage": (" + repeat * before[0, r]", ""),
    "nobody repeats a later stage": (" + repeat * before[s, r]", ""),
    "passing from the same stage": ("advance * before[s - 1, r]", "advance * before[s, r]"),
    "a stage missing": ("before[stages - 1, r]", "before[stages - 2, r]"),
    "choice transposed": ("choice[r, t] * (advance", "choice[t, r] * (advance"),
    "direct entry forgotten": (" + direct_entry[h, k, t]", ""),
    "group share of the first group": ("group_share[k] * arriving", "group_share[0] * arriving"),
    # LIS2/3 (3.3)
    "past cohorts a half-year too many": ("(longest - d) *", "(longest - d - 1) *"),
    "past cohorts without leavers": (" + historic[1, k, d])", ")"),
    "historic until one later": (
        "min(rates.historic_until, half_years)",
        "min(rates.historic_until + 1, half_years)",
    ),
    "completed under the present rules only": ("historic[0, k], early", "present[0, k], early"),
    "left under the historic rules only": ("present[1, k], late", "historic[1, k], late"),
    "completions and leavers swapped": (
        "_finish(present[0, k], late",
        "_finish(present[1, k], late",
    ),
    "past pipeline forgotten": ("early[:longest] = 1.0 / cohorts", "early[:longest] = 0.0"),
    "duration one too long": ("came = entry[longest - d - 3 :]", "came = entry[longest - d - 4 :]"),
    "second duration as the third": ("two * came[h + 2]", "two * came[h + 1]"),
    "last durations forgotten": ("range(longest // 4 * 4, longest)", "range(longest, longest)"),
    "first entrants under no rules": ("historic[0, k, d] * entry[k, r, h]", "0.0"),
    "first entrants never leave": ("historic[1, k, d] * entry[k, r, h]", "0.0"),
    "leavers stay in the stock": (" + left[k, r, h])", ")"),
    # specialists (3.4, 3.5)
    "one half-year of moves": ("_pass_year(moves[1],", "_pass_year(moves[0],"),
    "mobility transposed": (
        "moves[0, :regions, :regions] = mobility",
        "moves[0, :regions, :regions] = mobility.T",
    ),
    "spring's new do not move": ("new += mobility[r, t] *", "new += float(r == t) *"),
    "spring's foreign moved backwards": ("abroad += mobility[r, t]", "abroad += mobility[t, r]"),
    "autumn's new are spring's": ("qualified[k, t, 2 * y + 1]", "qualified[k, t, 2 * y]"),
    "autumn's foreign forgotten": (
        "joining[3, t] = foreign[2 * y + 1, k, t]",
        "joining[3, t] = 0.0",
    ),
    "ages of new and foreign swapped": (
        "rates.entry_age[k], rates.foreign_age[k]",
        "rates.foreign_age[k], rates.entry_age[k]",
    ),
    "survival of a half-year only": ("terms[0, a] * spring + autumn", "spring + autumn"),
    "those who join in spring cannot leave": (
        "terms[0, a] * stay + (new * terms[2, a] + abroad * terms[3, a])",
        "terms[0, a] * stay + (new * terms[2, a] + abroad * terms[3, a]) / terms[0, a]",
    ),
    "a region forgotten": (" + four * now[3, a]\n            spring", "\n            spring"),
    "regions from the fifth on forgotten": (
        "range(4, now.shape[0], 4)",
        "range(8, now.shape[0], 4)",
    ),
    "nobody grows older": (
        "flow.ages[k] = now[:regions, :ages]",
        "flow.ages[k] = now[:regions, 1:]",
    ),
    "the youngest of another group": ("        after[t, 0] = 0.0\n", ""),
    "persons instead of FTE": (
        "totals[0, y, t], totals[0, y, t + 1] = f1, f2",
        "totals[0, y, t], totals[0, y, t + 1] = p1, p2",
    ),
    "regions swapped in the sums": (
        "totals[1, y, t], totals[1, y, t + 1] = p1, p2",
        "totals[1, y, t], totals[1, y, t + 1] = p2, p1",
    ),
    # the response (section 4)
    "a stage too short": (
        "completing[longest + h] = passing",
        "completing[longest + h - 1] = passing",
    ),
    "too few ways to repeat": ("passing *= repeat * h / (h + 1 - stages)", "passing *= repeat"),
    "nobody drops out": ("advance**stages", "(1.0 - rates.leave[i]) ** stages"),
    "leavers qualify": ("_finish(rates.outcome[i, 0, k]", "_finish(rates.outcome[i, 1, k]"),
    "historic rules for the appointed": (
        "_finish(rates.outcome[i, 0, k]",
        "_finish(rates.historic_outcome[i, 0, k]",
    ),
    "group share forgotten": ("rates.group_share[i, k] * completing", "completing"),
    "seasons swapped": (
        "working[n], working[n + 1] = autumn, spring",
        "working[n], working[n + 1] = spring, autumn",
    ),
    "no birthdays": ("survival[a + 1] * worth[a + 1]", "survival[a + 1] * worth[a]"),
    "the oldest stay": ("        worth[-1] = 0.0\n", ""),
    "a half-year of moves missing": (
        "out[m + n, pair] += weight * ways[n, pair]",
        "out[m + n, pair] += weight * ways[max(0, n - 1), pair]",
    ),
    "groups in one another's room": ("response[min(k, rooms - 1)]", "response[0]"),
}


def as_python(text: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The kernel's text with that of its state as a module of its own, without numba."""
    assert STATE in text
    text = text.replace(STATE, KERNEL.with_name("state.py").read_text("utf-8"))

    def njit(**_options: object) -> Callable[[Any], Any]:
        return lambda function: function

    numba = ModuleType("numba")
    numba.__dict__["njit"] = njit
    monkeypatch.setitem(sys.modules, "numba", numba)
    module = ModuleType("planted")
    exec(compile(text, "planted", "exec"), module.__dict__)
    return module


@pytest.fixture(scope="module")
def case() -> dict[str, Any]:
    """Two groups, five regions, three stages and an outcome of seven half-years: no full fours."""
    sizes = {"groups": 2, "regions": 5, "ages": 6, "longest": 7, "half_years": 10}
    scenario = small_rates(11, **sizes, first_outcome=2)
    level = small_level(11, scenario)
    return {
        "scenario": scenario,
        "level": level,
        "planned": flow(scenario, level),
        "baseline": flow(scenario, None),
        "response": expected_response(response(scenario, LENGTH)),
    }


def found(kernel: Any, case: dict[str, Any]) -> list[str]:
    """What the comparison with the oracle finds wrong."""
    scenario = case["scenario"]
    wrong = differences(kernel, scenario, case["level"], case["planned"])
    wrong += differences(kernel, scenario, None, case["baseline"])
    got = responded(kernel, rates_of(kernel, [scenario]), 0, LENGTH, len(scenario["trainees"]))
    return wrong if close(got, case["response"]) else [*wrong, "response"]


def test_nothing_is_found_in_the_kernel_as_it_is(
    case: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(as_python(KERNEL.read_text(encoding="utf-8"), monkeypatch), case) == []


@pytest.mark.parametrize("name", PLANTED)
def test_planted_error_is_found(
    name: str, case: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    right, wrong = PLANTED[name]
    text = KERNEL.read_text(encoding="utf-8")
    assert text.count(right) == 1, "the kernel has changed: plant this error anew"
    assert found(as_python(text.replace(right, wrong), monkeypatch), case)
