"""Writing aside: a file appears under its name only when all of it is on the disk."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .interrupts import interruptible, undisturbed

LATEST: list[Path] = []
"""The file this process has written last: said where a signal ends the program."""


@contextmanager
def written_aside(path: Path, make_folder: bool = True) -> Iterator[Path]:
    """Yield a temporary name in the same folder; at the end flush it and rename it to `path`.

    Whatever goes wrong before, the temporary file is removed and an earlier `path` stays.
    """
    if make_folder:
        path.parent.mkdir(parents=True, exist_ok=True)
    with interruptible():
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        aside = Path(name)
        try:
            os.close(handle)
            yield aside
            flush(aside)
            aside.chmod(0o644)
            aside.replace(path)
            LATEST[:] = [path]
        except BaseException:
            with undisturbed():
                aside.unlink(missing_ok=True)
            raise
        flush(path.parent)


def flush(path: Path) -> None:
    """Force a file's or folder's content to disk."""
    if os.name == "nt" and path.is_dir():
        return  # Windows flushes folders itself and refuses to open them
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
