"""What a piece of work does to the machine, as Python hears: files written, programs run."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGING = {
    "os.mkdir": 1, "os.remove": 1, "os.rmdir": 1, "os.truncate": 1, "os.chmod": 1, "os.chown": 1,
    "os.utime": 1, "os.rename": 2, "os.link": 2, "os.symlink": 2, "shutil.rmtree": 1,
    "shutil.copyfile": 2, "shutil.move": 2,
}  # fmt: skip
"""Events whose first so many arguments are paths that are changed."""
STARTING = {
    "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "socket.connect",
    "pty.spawn",
}  # fmt: skip
CACHE = "__pycache__"
"""Where modules and kernels are kept compiled."""
_watching: list[tuple[Path, list[str]]] = []


@contextmanager
def harm_outside(folder: Path) -> Iterator[list[str]]:
    """Yield a list that fills with what is written outside a folder, and which programs are run."""
    _hear()
    found: list[str] = []
    _watching.append((folder.resolve(), found))
    try:
        yield found
    finally:
        _watching.pop()


@cache
def _hear() -> None:
    """Let Python tell of events, once: a hook stays for the life of the process."""
    sys.addaudithook(_noted)


def _noted(event: str, arguments: tuple[Any, ...]) -> None:
    """Hear an event; most are none of ours."""
    if not _watching or (event != "open" and event not in CHANGING and event not in STARTING):
        return
    folder, found = _watching[-1]
    if event in STARTING:
        found.append(f"{event}: {arguments!r:.200}")
    elif event == "open":
        path, _, flags = arguments
        if flags & WRITING:
            _note(event, path, folder, found)
    else:
        for path in arguments[: CHANGING[event]]:
            _note(event, path, folder, found)


def _note(event: str, path: Any, folder: Path, found: list[str]) -> None:
    if isinstance(path, int):
        return  # a file that is open already: noted then
    place = Path(os.path.realpath(os.fsdecode(path)))
    inside = place == folder or folder in place.parents
    if not inside and place != Path(os.devnull) and CACHE not in place.parts:
        found.append(f"{event}: {place}")
