"""Draw the rooms and who imports whom, from the imports themselves, into docs/architecture.md.

    python docs/draw_rooms.py           # renew the drawings
    python docs/draw_rooms.py --check   # exit code 1 where the page shows other arrows

An arrow that follows from others is left out (transitive reduction): what is drawn stays readable,
and every import still goes along the arrows.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import grimp

PAGE = Path(__file__).with_name("architecture.md")
PACKAGE = "lis1plan"
DRAWN = ("", "core", "optimise")
"""Rooms whose inside is drawn; the first is the whole package."""
Arrows = Mapping[str, frozenset[str]]


def rooms_within(graph: grimp.ImportGraph, place: str) -> list[str]:
    """Return the names of what lies directly inside a room, tests and benchmarks apart."""
    inside = ".".join(filter(None, (PACKAGE, place)))
    children = {child.removeprefix(f"{inside}.") for child in graph.find_children(inside)}
    return sorted(children - {"tests", "benchmarks", "docs"})


def arrows_within(graph: grimp.ImportGraph, place: str) -> Arrows:
    """Return who imports whom among what lies directly inside a room."""
    inside = ".".join(filter(None, (PACKAGE, place)))
    rooms = rooms_within(graph, place)
    modules = {
        room: {f"{inside}.{room}"} | graph.find_descendants(f"{inside}.{room}") for room in rooms
    }
    owner = {module: room for room, those in modules.items() for module in those}
    return {
        room: frozenset(
            owner[target]
            for module in those
            for target in graph.find_modules_directly_imported_by(module)
            if target in owner and owner[target] != room
        )
        for room, those in modules.items()
    }


def reduced(arrows: Arrows) -> Arrows:
    """Return the arrows that do not follow from others; there must be no circle.

    Raises
    ------
    ValueError
        If a room reaches itself.
    """
    reached: dict[str, frozenset[str]] = {}

    def reach(room: str, way: tuple[str, ...]) -> frozenset[str]:
        if room in way:
            raise ValueError(f"circle: {' -> '.join((*way, room))}")
        if room not in reached:
            further = [reach(target, (*way, room)) for target in arrows[room]]
            reached[room] = arrows[room].union(*further)
        return reached[room]

    for room in arrows:
        reach(room, ())
    return {
        room: frozenset(
            t for t in targets if not any(t in reached[other] for other in targets if other != t)
        )
        for room, targets in arrows.items()
    }


def drawing(arrows: Arrows) -> str:
    """Return the arrows as a Mermaid flow chart, from top to bottom."""
    lines = ["```mermaid", "flowchart TD"]
    lines += [f"  {room}[{room}]" for room in arrows]
    lines += [f"  {room} --> {target}" for room in arrows for target in sorted(arrows[room])]
    return "\n".join([*lines, "```"])


def drawn(page: str) -> str:
    """Return the page with its drawings renewed, each between its two marks."""
    graph = grimp.build_graph(PACKAGE, cache_dir=None)
    for place in DRAWN:
        name = place or "all"
        picture = drawing(reduced(arrows_within(graph, place)))
        pattern = rf"(?s)(<!-- drawn: {name} -->\n).*?(<!-- end -->)"
        page, found = re.subn(pattern, rf"\g<1>{picture}\n\g<2>", page)
        if found != 1:
            raise ValueError(f"{PAGE.name}: {found} places for the drawing of {name}, not 1")
    return page


def main(arguments: Sequence[str]) -> int:
    """Renew the drawings, or with --check say whether they are true."""
    before = PAGE.read_text("utf-8")
    after = drawn(before)
    if "--check" in arguments:
        if after != before:
            print(f"{PAGE.name}: draws other arrows than the imports; run {Path(__file__).name}")
        return int(after != before)
    PAGE.write_text(after, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
