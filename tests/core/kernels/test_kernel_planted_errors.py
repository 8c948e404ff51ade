"""Errors planted in the kernel's text are found by comparison with the oracle, every one.

Each is one textual change, run as plain Python on a small instance. The text to be changed must
occur exactly once, so that a change of the kernel cannot quietly disarm a test.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ...helpers.naive import flow, response
from ...helpers.naive_rates import small_level, small_rates
from ...helpers.rates_of import close, differences, expected_response, rates_of, responded

KERNEL = Path(__file__).resolve().parents[3] / "core" / "kernels" / "cohorts.py"
RESPONSE = "from .response import move, moves_of, respond\n"
OURS = (
    "from .compiled import compiled\n",
    "from .state import Floats, Flow, Four, Rates, down, new_flow\n",
    "from .state import Floats, Rates\n",
)
LENGTH = 12

PLANTED: dict[str, tuple[str, str]] = {
    # the queue (3.1)
    "leakage forgotten": ("waiting = stay * unplaced", "waiting = unplaced"),
    "fill rate forgotten": ("offers = fill_rate * offer_share", "offers = offer_share"),
    "parity swapped": ("offer_share[h]", "offer_share[h + 1 - 2 * (h % 2)]"),
    "level of the year before": ("(h + to_start) // 2, last", "(h + to_start) // 2 - 1, last"),
    "level of the year of the round": ("min((h + to_start) // 2, last)", "h // 2"),
    "the last autumn round offers nothing new": (
        "last = rates.starting.shape[0], level.shape[1] - 1",
        "last = rates.starting.shape[0], level.shape[1] - 2",
    ),
    "offers instead of the lesser": ("min(offers, waiting)", "offers"),
    "the appointed queue on": ("unplaced = waiting - appointed[h, r]", "unplaced = waiting"),
    "baseline with the last plan": (
        "    flow.appointed[:] = 0.0\n",
        "    flow.appointed[:] = 1.0\n",
    ),
    # LIS1 (3.2) and entry
    "nobody repeats a stage": (" + repeat[s] * inside[s, r]\n", "\n"),
    "as many repeat as in the first stage": (
        "+ repeat[s] * inside[s, r]\n",
        "+ repeat[0] * inside[s, r]\n",
    ),
    "as many advance as in the first stage": (
        "advance[s] * inside[s, r]\n",
        "advance[0] * inside[s, r]\n",
    ),
    "passing after the stage is filled": (
        "                passing = advance[s] * inside[s, r]\n"
        "                inside[s, r] = moving + repeat[s] * inside[s, r]\n",
        "                inside[s, r] = moving + repeat[s] * inside[s, r]\n"
        "                passing = advance[s] * inside[s, r]\n",
    ),
    "nobody passes on": ("moving = passing  #", "moving = moving  #"),
    "the first stage's occupants in every stage": (
        "inside, to_start = rates.occupants.copy()",
        "inside, to_start = rates.occupants[:1].repeat(stages, 0)",
    ),
    "nobody appointed begins": ("else flow.appointed[h - to_start, r]", "else 0.0"),
    "the appointed begin at once": ("flow.appointed[h - to_start, r]", "flow.appointed[h, r]"),
    "those appointed before the start never begin": ("rates.starting[h, r] if", "0.0 if"),
    "choice transposed": ("share = rates.choice[i, r, t]", "share = rates.choice[i, t, r]"),
    "direct entry forgotten": (" + direct_entry[i, h, k, t]", ""),
    "group share of the first group": (
        "        share = rates.group_share[i, k]\n",
        "        share = rates.group_share[i, 0]\n",
    ),
    # LIS2/3 (3.3)
    "past cohorts a half-year too many": ("(longest - d) *", "(longest - d - 1) *"),
    "past cohorts without leavers": ("(past[0, d] + past[1, d])", "past[0, d]"),
    "historic until one later": (
        "min(rates.historic_until, half_years)",
        "min(rates.historic_until + 1, half_years)",
    ),
    "present rules only": ("_finish(past, early", "_finish(now, early"),
    "historic rules only": ("_finish(now, late", "_finish(past, late"),
    "completions and leavers swapped": (
        "_finish(now, late, half_years, done, gone)",
        "_finish(now, late, half_years, gone, done)",
    ),
    "past pipeline forgotten": ("at_start[k, r] / cohorts if", "0.0 if"),
    "past pipeline of the last duration forgotten": (
        "for d in range(durations):\n                    early",
        "for d in range(durations - longest + 2, durations):\n                    early",
    ),
    "early entries finish too soon": (
        "4 * (until + d + 8)",
        "4 * (until + d + 4)",
    ),
    "duration one too long": (
        "came = entry[4 * (durations - d - 7) :]",
        "came = entry[4 * (durations - d - 8) :]",
    ),
    "second duration as the third": ("came[j + 24], came[j + 20]", "came[j + 20], came[j + 20]"),
    "durations from the fifth on forgotten": (
        "_dot(complete, recent) + _dot(complete_later, earlier)",
        "_dot(complete, recent)",
    ),
    "leavers after four half-years stay": (
        "_dot(leave, recent) + _dot(leave_later, earlier)",
        "_dot(leave, recent)",
    ),
    "only eight durations": ("range(0, durations, 8)", "range(0, 8, 8)"),
    "first entrants under no rules": (
        "for h in range(until):",
        "for h in range(0):",
    ),
    "regions from the fifth on with the others' past": (
        "            done[:], gone[:] = 0.0, 0.0\n",
        "            done[4:], gone[4:] = 0.0, 0.0\n",
    ),
    "leavers stay in the stock": ("(completing + leaving)", "completing"),
    "entrants come after the end": ("stock += entry[k, r, h] - ", "stock += entry[k, r, h - 1] - "),
    # specialists (3.4, 3.5)
    "one half-year of moves": ("_pass_year(twice, terms", "_pass_year(once, terms"),
    "one half-year of moves from other fours": ("_arrive(twice, terms", "_arrive(once, terms"),
    "movers land by where they come from": (
        "moving * rates.landing[t]",
        "moving * rates.landing[r]",
    ),
    "spring's new do not move": ("share * new[k, r, 2 * y]", "float(r == t) * new[k, r, 2 * y]"),
    "spring's moved backwards": ("share = once[r, t]", "share = once[t, r]"),
    "autumn's new are spring's": ("new[k, t, 2 * y + 1]", "new[k, t, 2 * y]"),
    "autumn's foreign forgotten": (
        "joining[4 * y + 3, t] = foreign[i, 2 * y + 1, k, t]",
        "joining[4 * y + 3, t] = 0.0",
    ),
    "the foreign of another group": ("foreign[i, 2 * y, k, r]", "foreign[i, 2 * y, 0, r]"),
    "who joined the group before": ("    joining[:] = 0.0\n", ""),
    "ages of new and foreign swapped": (
        "rates.entry_age[k, a], rates.foreign_age[k, a]",
        "rates.foreign_age[k, a], rates.entry_age[k, a]",
    ),
    "survival of a half-year only": ("= stay * stay, rates.fte", "= stay, rates.fte"),
    "those who join in spring cannot leave": ("= stay * new, stay * foreign", "= new, foreign"),
    "autumn's leave at once": (
        "AUTUMN_FOREIGN + place] = new, foreign",
        "AUTUMN_FOREIGN + place] = stay * new, foreign",
    ),
    "a region forgotten": ("stay * _dot(here, to_4)", "stay * _dot(here, to_3)"),
    "nobody joins a region": (" + _dot(joined, join_2)", ""),
    "regions from the fifth on stay away": (
        "for other in range(1, fours)",
        "for other in range(0)",
    ),
    "who arrives from other fours cannot leave": (
        "+= terms[b, TWICE + a] * _dot(there, here)",
        "+= _dot(there, here)",
    ),
    "nobody grows older": ("after[out, a + 1] = stay", "after[out, a] = stay"),
    "one region does not grow older": (
        "after[out, 2 * ROW + a + 1] = stay",
        "after[out, 2 * ROW + a] = stay",
    ),
    "who grows out of a block is lost": ("out - 1, r * ROW + BLOCK] if b > 0", "0, 0] if b > 9"),
    "the youngest never leave their age": ("if b > 0 else 0.0", "if b > 0 else after[out, 1]"),
    "ages beyond a whole four forgotten": (
        "(ages - b * BLOCK + 3) // 4 * 4",
        "(ages - b * BLOCK) // 4 * 4",
    ),
    "sums of the group before": ("        sums[:] = 0.0\n", "        sums[:k] = 0.0\n"),
    "persons instead of FTE": ("sums[row, a] += _dot(fte, one)", "sums[row, a] += sum(one)"),
    "regions swapped in the sums": (
        "sums[row, PERSONS + LANES + a] += two[0]",
        "sums[row, PERSONS + LANES + a] += three[0]",
    ),
    "a lane forgotten": ("sums[row, n + 12]", "0.0"),
    "one quarter of the ages twice": (
        "three[0] + three[1] + three[2] + three[3]",
        "three[0] + three[1] + three[2] + three[2]",
    ),
    # the response (section 4)
    "a stage too short": ("completing[h] = advance[stages - 1]", "completing[h - 1] = advance[0]"),
    "the response begins with the round": ("range(to_start + 1, length)", "range(1, length)"),
    "nobody repeats the first stage": ("        inside[0] *= repeat[0]\n", ""),
    "nobody repeats a later stage": (" + repeat[s] * inside[s]\n", "\n"),
    "as many advance as in the last stage": (
        "inside[s] = advance[s - 1] *",
        "inside[s] = advance[s] *",
    ),
    "leavers qualify": ("chance = outcome[i, 0, k, d]", "chance = outcome[i, 1, k, d]"),
    "historic rules for the appointed": (
        "complete(rates, i, length), rates.outcome",
        "complete(rates, i, length), rates.historic_outcome",
    ),
    "all qualify at once": ("later = qualifying[d:]", "later = qualifying[:]"),
    "qualified for the group before": (
        "        qualifying[:] = 0.0\n",
        "        qualifying[:] *= k\n",
    ),
    "group share forgotten": ("rates.group_share[i, k] * working[n]", "working[n]"),
    "seasons swapped": (
        "working[n], working[n + 1] = autumn, spring",
        "working[n], working[n + 1] = spring, autumn",
    ),
    "no birthdays": ("survival[a + 1] * worth[a + 1]", "survival[a + 1] * worth[a]"),
    "the oldest stay": ("        worth[-1] = 0.0\n", ""),
    "a half-year of moves missing": (
        "staying *= 1.0 - rates.moving[i]",
        "staying *= 1.0 - rates.moving[i] * (n > 0)",
    ),
    "who moves is gone": ("worth * (1.0 - staying)", "0.0 * (1.0 - staying)"),
    "working before qualifying": ("added = out[way, m:]", "added = out[way, m - 1 :]"),
    "groups in one another's room": ("response[min(k, rooms - 1)]", "response[0]"),
}


def whole() -> str:
    """The kernel's text with those it imports: its state and the response."""
    text = KERNEL.read_text("utf-8")
    assert RESPONSE in text
    text = text.replace(RESPONSE, KERNEL.with_name("response.py").read_text("utf-8"))
    text = KERNEL.with_name("state.py").read_text("utf-8") + text
    for line in OURS:
        assert line in text
        text = text.replace(line, "")
    return text


def as_python(text: str) -> ModuleType:
    """The kernel's text as a module of its own, not compiled."""
    module = ModuleType("planted")
    module.__dict__["compiled"] = lambda **_options: lambda function: function
    exec(compile(text, "planted", "exec"), module.__dict__)
    return module


@pytest.fixture(scope="module")
def case() -> dict[str, Any]:
    """Two groups, five regions, eleven durations, more than a block of ages, rounds ahead."""
    sizes = {"groups": 2, "regions": 5, "ages": 70, "longest": 11, "half_years": 16, "to_start": 1}
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
    assert found(as_python(whole()), case) == []


@pytest.mark.parametrize("name", PLANTED)
def test_planted_error_is_found(
    name: str, case: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    right, wrong = PLANTED[name]
    text = whole()
    assert text.count(right) == 1, "the kernel has changed: plant this error anew"
    assert found(as_python(text.replace(right, wrong)), case)
