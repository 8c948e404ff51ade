"""The mutation gate itself: each mutant is another program, the sample is fixed, the rules hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from . import rooms, run
from .operators import Mutant, mutants_of
from .rooms import ROOMS, ROOT, drawn_from, explained, guarding, running
from .run import Task, Verdict, judged_twice, proofs, wrong_with

SOURCE = b'''"""Doc 1 < 2."""
A: Literal[1] = 3


@kernel(4)
def f(x: int = 5, *, y: bool = True) -> Annotated[int, 6]:
    """Doc."""
    for n in range(x):
        if n < 7 and not y:
            continue
        a[n] += min(n, -8)
        b[n] = n if y else 9.5
    return f"{x + 10}" + "text"
'''


def test_every_slip_there_is_is_made_once() -> None:
    """Texts, annotations and decorators stay as they are."""
    found = {(each.function, each.before, each.after) for each in mutants_of("m.py", SOURCE)}
    assert found == {
        ("module", "3", "(4)"),
        ("f", "5", "(6)"),
        ("f", "True", "(False)"),
        ("f", "n < 7", "(n <= 7)"),
        ("f", "n < 7 and not y", "(n < 7 or not y)"),
        ("f", "not y", "(y)"),
        ("f", "7", "(8)"),
        ("f", "continue", "break"),
        ("f", "a[n] += min(n, -8)", "a[n] -= min(n, -8)"),
        ("f", "min(n, -8)", "(max(n, -8))"),
        ("f", "-8", "(8)"),
        ("f", "8", "(9)"),
        ("f", "b[n] = n if y else 9.5", "pass"),
        ("f", "n if y else 9.5", "(9.5 if y else n)"),
        ("f", "9.5", "(19.0)"),
    }


@pytest.mark.parametrize("file", ["optimise/cuts/pool.py", "core/kernels/admission.py"])
def test_a_mutant_is_another_program_with_one_place_changed(file: str) -> None:
    source = (ROOT / file).read_bytes()
    whole, names = ast.dump(ast.parse(source)), set()
    for mutant in mutants_of(file, source):
        planted = mutant.planted_in(source)
        assert ast.dump(ast.parse(planted)) != whole
        begin, end = mutant.place
        assert planted.startswith(source[:begin])
        assert planted.endswith(source[end:])
        names.add(mutant.name)
    assert len(names) == len(list(mutants_of(file, source))) > 30


def test_the_sample_holds_three_hundred_and_stays_where_other_code_changes() -> None:
    drawn = {each.name: each for room in ROOMS.values() for each in drawn_from(room)}
    assert len(drawn) == sum(room.drawn for room in ROOMS.values()) >= 300
    mutants = list(mutants_of("m.py", SOURCE))
    shifted = list(mutants_of("m.py", b"# a line more\n\n" + SOURCE))
    assert [each.drawn_at(1) for each in mutants] == [each.drawn_at(1) for each in shifted]
    assert [each.drawn_at(1) for each in mutants] != [each.drawn_at(2) for each in mutants]


def test_each_survivor_that_is_explained_is_in_the_sample() -> None:
    drawn = {each.name for room in ROOMS.values() for each in drawn_from(room)}
    assert set(explained()) <= drawn


@pytest.mark.parametrize("text", ["", 'mutant = "b"\nwhy = "c"\n\n[[survivor]]\n'])
def test_an_explanation_stands_once_and_gives_a_reason(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "EXPLAINED", tmp_path / "survivors.toml")
    twice = f'[[survivor]]\n{text}mutant = "b"\nwhy = "{" " if not text else "d"}"\n'
    (tmp_path / "survivors.toml").write_text(twice, "utf-8")
    with pytest.raises(ValueError, match="b: once, and with a reason"):
        explained()


def test_the_quickest_tests_are_tried_first_and_then_some_of_each_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (mutant, *_) = mutants_of("m.py", SOURCE)
    seconds = {"a::1": 3.0, "a::2": 1.0, "a::3": 6.0, "b::1": 12.0, "b::2": 2.0, "c::1": 50.0}
    by_line = {mutant.line: list(seconds), 99: ["d::1"]}
    assert guarding(mutant, by_line, seconds) == ["a::2", "b::2", "a::1", "b::1"]
    monkeypatch.setattr(rooms, "MOST_SECONDS", 0.0)
    assert guarding(mutant, by_line, seconds) == ["a::2"]
    assert guarding(mutant, {99: ["c::1"]}, seconds) == ["c::1"]  # run while it is imported


def test_files_that_run_its_line_are_tried_the_one_named_alike_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (mutant, *_) = mutants_of("m.py", SOURCE)
    tests = ["t/test_a.py::1", "t/test_m.py::1", "t/test_c.py::1", "t/test_c.py::2"]
    by_line = {mutant.line: tests, 99: ["t/test_b.py::1"]}
    assert running(mutant, by_line) == ["t/test_m.py", "t/test_c.py", "t/test_a.py"]
    assert running(mutant, {99: ["t/test_b.py::1"]}) == ["t/test_b.py"]  # while it is imported
    monkeypatch.setattr(rooms, "MOST_FILES", 2)
    assert running(mutant, by_line) == ["t/test_m.py", "t/test_c.py"]


def test_what_lives_unexplained_is_tried_again_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    mutants, verdicts = _verdicts(3, 1)
    tried: list[Task] = []

    def judge(tasks: Sequence[Task], _: Sequence[Path]) -> Iterator[Verdict]:
        tried.extend(tasks)
        for task in tasks:
            last = task.mutant == mutants[1] and task.compiled
            known = "b::1" if last else verdicts[mutants.index(task.mutant)].fell_by
            yield Verdict(task, known, 1.0)

    monkeypatch.setattr(run, "judged", judge)
    monkeypatch.setattr(run, "explained", lambda: {mutants[0].name: "why"})
    tasks = [each.task._replace(files=["b.py"]) for each in verdicts]
    found = judged_twice(tasks, [])
    assert [(each.mutant, each.tests) for each in tried[4:]] == [
        (mutants[1], ["b.py"]),
        (mutants[2], ["b.py"]),
    ]
    assert [each.compiled for each in tried] == [False] * 4 + [True] * 2
    fell_by = {each.task.mutant: each.fell_by for each in found}
    assert [fell_by[each] for each in mutants] == [None, "b::1", None, "a::1"]
    assert (proofs(found, False), proofs(found, True)) == (["a::1"], ["b::1"])


def _verdicts(lives: int, falls: int) -> tuple[list[Mutant], list[Verdict]]:
    mutants = list(mutants_of("m.py", SOURCE))
    made = [mutants[n % len(mutants)]._replace(time=n) for n in range(lives + falls)]
    fell = [None] * lives + ["a::1"] * falls
    return made, [
        Verdict(Task("kernels", mutant, ["a::1"]), by, 1.0)
        for mutant, by in zip(made, fell, strict=True)
    ]


def test_the_gate_refuses_what_lives_unexplained_and_what_is_explained_and_falls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mutants, verdicts = _verdicts(1, 19)
    known = {mutants[0].name: "why"}
    monkeypatch.setattr(run, "explained", lambda: known)
    assert wrong_with(verdicts, whole=True) == []
    known[mutants[5].name] = "it falls"
    (stale,) = wrong_with(verdicts, whole=True)
    assert stale.endswith(mutants[5].name)
    assert wrong_with(verdicts, whole=False) == []
    known.clear()
    (lives,) = wrong_with(verdicts, whole=True)
    assert lives.startswith("lives, and survivors.toml does not say why: ")
    mutants, verdicts = _verdicts(3, 17)
    known |= {each.name: "why" for each in mutants[:3]}
    assert wrong_with(verdicts, whole=True) == ["85.0% fall, at least 90% are to"]
