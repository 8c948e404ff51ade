"""Problems: what pydantic and the checks found, said in one line each with the place to mend."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from ..core.errors import MOST_TOLD, cut
from ..core.study.distributions import KINDS
from ..core.study.risk_limit import TAGS
from ..core.study.wording import in_words
from .guesses import meant, short
from .places import Places
from .schema import BASED_ON, REMOVE, fields_at

PROCESSES = ("autoregressive", "regimes")
_FEW = 3  # sections missing: more are a study that was meant to be laid over another
_TAGS = {*KINDS, *TAGS, *PROCESSES}  # of unions: no part of a key
_A_LABEL = "[key]"  # how pydantic says that it means the label and not what stands at it


def problem_lines(error: ValidationError, places: Places) -> list[str]:
    """Return one line per problem: place, key, what was found and what is allowed."""
    lines = list[str]()
    errors = error.errors(include_url=False)
    above = {item["loc"][:depth] for item in errors for depth in range(len(item["loc"]))}
    absent = [str(item["loc"][0]) for item in errors if _is_section_missing(item)]
    together = len(absent) > _FEW
    if together:
        lines.append(places.placed(_not_laid_over(absent)))
    for item in errors:
        if together and _is_section_missing(item):
            continue
        if item["type"] == "too_short" and item["loc"] in above:
            continue  # rows there are, each with its own problem
        parts = [str(part) for part in item["loc"] if str(part) not in _TAGS]
        label = parts[-1:] == [_A_LABEL]
        key = cut(".".join(parts[:-1] if label else parts))
        said = _said(item, parts, lists=len(lines) < MOST_TOLD).split("\n")
        lines += [places.placed(f"{key}: {message}" if key else message) for message in said]
    return lines


def _is_section_missing(item: Mapping[str, Any]) -> bool:
    return bool(item["type"] == "missing" and len(item["loc"]) == 1)


def _not_laid_over(absent: Sequence[str]) -> str:
    """Return one problem for all sections that are missing."""
    first, *others = absent
    return (
        f"{first}: missing, and so are {', '.join(others)}; lay this study over one that has "
        f'them ({BASED_ON} = "tutorial"), or begin with a whole one (lis1plan init NEW_FOLDER)'
    )


def _said(item: Mapping[str, Any], parts: Sequence[str], lists: bool) -> str:
    """Return what is wrong at a key; `lists`: with what is known there, which takes its time."""
    kind, context = str(item["type"]), item.get("ctx", {})
    words = in_words(kind, context)
    match kind:
        case "value_error" | "missing":
            return words
        case "extra_forbidden":
            known = fields_at([str(part) for part in item["loc"][:-1]]) if lists else []
            known = [*known, BASED_ON, REMOVE] if len(item["loc"]) == 1 and known else known
            listed = f" Known here: {cut(', '.join(known))}" if known else ""
            return f"{words}.{meant(parts[-1], known)}{listed}"
        case "union_tag_invalid":
            found = str(context["tag"])
            known = [*(PROCESSES if "process" in str(context["discriminator"]) else KINDS[1:])]
            what = "process" if known == [*PROCESSES] else "distribution"
            return f"found {what} {short(found)}; known: {', '.join(known)}.{meant(found, known)}"
        case "literal_error":
            close = meant(str(item["input"]), re.findall("'([^']*)'", words))
            return f"found {short(item['input'])}; {words}{'.' if close else ''}{close}"
    return f"found {short(item['input'])}; {words}"
