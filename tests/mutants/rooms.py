"""Which mutants are drawn, from where, and which tests each has to fall by."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import chain, zip_longest
from pathlib import Path
from typing import NamedTuple

from .operators import Mutant, mutants_of

ROOT = Path(__file__).resolve().parents[2]
EXPLAINED = Path(__file__).with_name("survivors.toml")
SEED = 21
MOST_SECONDS = 20.0
"""Of tests for one mutant: those of its room that run its lines."""
MOST_FILES = 8
"""Of tests for one mutant where kernels are compiled."""


class Room(NamedTuple):
    """Modules that are mutated, the tests that guard them, and how many mutants are drawn."""

    sources: Sequence[str]
    tests: Sequence[str]
    drawn: int


ROOMS = {
    "kernels": Room(
        ("core/kernels/[!_c]*.py", "core/kernels/cohorts.py", "core/kernels/concavity.py"),
        ("tests/core/kernels/", "tests/core/flow/", "tests/core/risk/", "tests/core/scenarios/",
         "tests/optimise/test_columns.py"),
        130,
    ),  # compiled.py compiles: nothing of it acts where nothing is compiled
    "costs": Room(
        (
            "core/system/costs.py", "core/system/course.py", "core/system/measure_costs.py",
            "core/system/specialist_training.py", "core/system/purchases.py",
            "core/study/measures/money.py", "core/study/cost.py",
        ),
        ("tests/core/system/", "tests/core/study/", "tests/core/published/",
         "tests/optimise/system/", "tests/optimise/test_training_cost_told.py",
         "tests/optimise/test_columns.py"),
        60,
    ),
    "risk": Room(
        ("core/risk/[!_r]*.py", "core/study/risk_rules.py"),
        ("tests/core/risk/", "tests/core/study/", "tests/core/compute/",
         "tests/optimise/test_rules.py", "tests/optimise/test_columns.py",
         "tests/optimise/analysis/"),
        70,
    ),
    # remote_lanes.py acts in the processes of a cluster, which nothing follows here
    "cuts": Room(("optimise/cuts/[!_]*.py",), ("tests/optimise/",), 40),
}  # fmt: skip
"""Three hundred in all."""


def drawn_from(room: Room, share: float = 1.0) -> list[Mutant]:
    """Return the mutants of a room that the seed draws: all else stays where one module changes."""
    files = {file for pattern in room.sources for file in ROOT.glob(pattern)}
    names = {file: file.relative_to(ROOT).as_posix() for file in files}
    found = [each for file in files for each in mutants_of(names[file], file.read_bytes())]
    found.sort(key=lambda each: each.drawn_at(SEED))
    return found[: max(1, round(share * room.drawn))]


def guarding(
    mutant: Mutant, by_line: Mapping[int, Sequence[str]], seconds: Mapping[str, float]
) -> list[str]:
    """Return the tests to try: the quickest for half of the time, then in turn from each file.

    Laws on rates made up take a hundredth of a second, those that judge whole studies many; both
    are to have their say. A line that is run while its module is imported is every test's that the
    module has.
    """
    lines = range(mutant.line, mutant.last_line + 1)
    tests = {each for line in lines for each in by_line.get(line, ())}
    tests = tests or set(chain.from_iterable(by_line.values()))
    quickest = sorted(tests, key=lambda each: (seconds[each], each))
    by_file = defaultdict(list)
    for each in quickest:
        by_file[each.partition("::")[0]].append(each)
    queues = sorted(by_file.values(), key=lambda queue: seconds[queue[0]])
    in_turn = filter(None, chain.from_iterable(zip_longest(*queues)))
    chosen, total = dict[str, None](), 0.0
    for some, most in ((quickest, 0.5 * MOST_SECONDS), (in_turn, MOST_SECONDS)):
        for each in some:
            if not chosen or (each not in chosen and total + seconds[each] <= most):
                chosen[each] = None
                total += seconds[each]
    return list(chosen)


def running(mutant: Mutant, by_line: Mapping[int, Collection[str]]) -> list[str]:
    """Return some files of tests that run its lines, in whichever room.

    One that is named like the module comes first, then those of which most tests run them.
    """
    lines = range(mutant.line, mutant.last_line + 1)
    tests = {each for line in lines for each in by_line.get(line, ())}
    tests = tests or set(chain.from_iterable(by_line.values()))
    counted, alike = Counter(each.partition("::")[0] for each in tests), Path(mutant.file).stem
    first = sorted(counted, key=lambda f: (Path(f).stem != f"test_{alike}", -counted[f], f))
    return first[:MOST_FILES]


def explained() -> dict[str, str]:
    """Return why a mutant may live, by its name.

    Raises
    ------
    ValueError
        If one stands there twice, or without a reason.
    """
    told: dict[str, str] = {}
    for each in tomllib.loads(EXPLAINED.read_text("utf-8")).get("survivor", []):
        if each["mutant"] in told or not each["why"].strip():
            raise ValueError(f"{EXPLAINED.name}: {each['mutant']}: once, and with a reason")
        told[each["mutant"]] = each["why"]
    return told
