"""Result files that hold something else than results do: named in a line, wherever that shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..configs.loader import IN_A_FILE
from ..core.errors import InputError, LisError, in_a_line
from ..core.files.store import ResultFileError


@contextmanager
def blaming(*paths: Path) -> Iterator[None]:
    """Name the files where what they hold cannot be told.

    A file whose checksums hold may still lack a variable, or hold texts for numbers: whoever reads
    it then fails in as many ways as there are libraries.

    Raises
    ------
    ResultFileError
        Saying of which files, and what was met.
    """
    named = " and ".join(map(str, paths))
    try:
        yield
    except InputError as error:
        if not error.problems[0].startswith(IN_A_FILE):
            raise
        lines = [f"{named}: {problem}" for problem in error.told]
        raise ResultFileError("\n".join(lines)) from None
    except (LisError, OSError, MemoryError):
        raise
    except Exception as error:
        raise ResultFileError(
            f"{named}: not as lis1plan writes results ({in_a_line(error)}); the file was changed "
            "or made by another program: `lis1plan verify` says more, a new run makes it anew"
        ) from error
