"""Checks of sizes and texts: numbers no country has, and names that no page can show.

They come first: what follows counts on them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from ..unchecked import UncheckedStudy

LARGEST = 1e15
"""Of any number: more NOK than there are, and still whole in a float."""
LONGEST = 2_000
"""Characters of a text."""
LONGEST_NAME = 100
"""Characters of a label or of what stands beside a figure."""
MOST_YEARS_OF_TRAINING = 100
MOST = {
    "regions": 1_000,
    "groups": 200,
    "applicants": 100,
    "posts.stages": 100,
    "capacity": 100,
    "comparison": 1_000,
    "correlation": 1_000,
    "measure": 1_000,
    "change": 10_000,
    "risk": 1_000,
}
"""Entries of a section."""
_FORBIDDEN = ("Cc", "Cs", "Zl", "Zp")  # of Unicode: control, half a sign, ends of lines
_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Signs that turn the direction of writing: a name with them shows as another."""


def size_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield numbers, texts and sections beyond any that a study can need."""
    data = study.model_dump()
    for key, most in MOST.items():
        found: Any = data
        for part in key.split("."):
            found = found[part]
        if len(found) > most:
            yield f"{key}: {len(found):,} entries; at most {most:,}"
    for key, value in _leaves("", data):
        if isinstance(value, str):
            said = _text_problem(value, LONGEST_NAME if key.endswith("name") else LONGEST)
        elif isinstance(value, int | float) and abs(value) > LARGEST and key != "sampling.seed":
            said = f"{value:.3g}; at most {LARGEST:g} in size"
        else:
            continue
        if said:
            yield f"{key}: {said}"
    longest = study.training.longest_years.value
    if longest > MOST_YEARS_OF_TRAINING:
        yield f"training.longest_years: {longest:g}; at most {MOST_YEARS_OF_TRAINING} years"


def _leaves(key: str, value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Yield every value with its dotted key, and every label a section is listed by."""
    if isinstance(value, dict):
        for name, item in value.items():
            below = f"{key}.{name}" if key else name
            if len(name) > LONGEST_NAME or _text_problem(name, LONGEST_NAME):
                yield key, name
            yield from _leaves(below, item)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _leaves(f"{key}.{index}", item)
    else:
        yield key, value


def _text_problem(text: str, longest: int) -> str:
    """Return what is wrong with a text; nothing where any page can show it."""
    if len(text) > longest:
        return f"a text of {len(text):,} characters; at most {longest:,}"
    if text.isprintable():  # none of those below is: one look instead of one for every sign
        return ""
    for sign in text if longest == LONGEST_NAME else text.replace("\n", " ").replace("\t", " "):
        if unicodedata.category(sign) in _FORBIDDEN or sign in _TURNING:
            return f"holds the sign {sign!r}, which no page shows; leave it out"
    return ""
