"""What was found and what may have been meant, in few words however long it is."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from ..core.errors import WIDTH


def short(value: Any) -> str:  # noqa: ANN401
    """Return a value as Python writes it, cut where it is long.

    >>> short("x" * 100)[-8:]
    'xxxxx...'
    """
    whole = value[: 2 * WIDTH] if isinstance(value, str | list | tuple) else value
    text = repr(whole)
    return text if len(text) <= WIDTH else text[: WIDTH - 3] + "..."


def meant(found: str, known: Iterable[str]) -> str:
    """Return a question whether another word was meant; nothing where none is close.

    >>> meant("limt", ["limit", "name"])
    " Did you mean 'limit'?"
    """
    close = difflib.get_close_matches(found, list(known), n=1) if len(found) <= WIDTH else []
    return f" Did you mean '{close[0]}'?" if close else ""
