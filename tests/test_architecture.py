"""The drawings of the rooms: true to the imports, whole in what can be reached, never a circle."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

SCRIPT = Path(__file__).resolve().parents[1] / "docs" / "draw_rooms.py"
DRAW: dict[str, Any] = runpy.run_path(str(SCRIPT))
ROOMS = [*"abcdefg"]


def reach(arrows: dict[str, frozenset[str]], room: str) -> set[str]:
    found, todo = set[str](), [*arrows[room]]
    while todo:
        one = todo.pop()
        if one not in found:
            found.add(one)
            todo += arrows[one]
    return found


def test_the_page_draws_the_imports() -> None:
    assert DRAW["main"](["--check"]) == 0


@given(st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda p: p[0] < p[1])))
def test_what_can_be_reached_stays_and_no_arrow_is_idle(pairs: set[tuple[int, int]]) -> None:
    arrows = {a: frozenset(ROOMS[t] for s, t in pairs if ROOMS[s] == a) for a in ROOMS}
    left = DRAW["reduced"](arrows)
    for room in ROOMS:
        assert left[room] <= arrows[room]
        assert reach(left, room) == reach(arrows, room)
        for target in left[room]:
            without = left | {room: left[room] - {target}}
            assert target not in reach(without, room)


def test_a_circle_is_refused() -> None:
    circle = {"a": frozenset("b"), "b": frozenset("c"), "c": frozenset("a")}
    with pytest.raises(ValueError, match="circle"):
        DRAW["reduced"](circle)
