"""Commands on the keys of a study: what a word means there, and the schema for editors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from ..core.errors import InputError
from .console import say, say_json
from .options import Argument, Json, command

if TYPE_CHECKING:
    from ..report.keys.catalogue import Entry


@dataclass(frozen=True, kw_only=True)
class Explain:
    """What `explain` is asked."""

    words: Annotated[tuple[str, ...], Argument("KEY...")]
    as_json: Json = False


@command(Explain)
def explain(asked: Explain) -> None:
    """Say what a key of a study means; KEY is a key, or everyday words in English or Norwegian."""
    from ..report.keys.search import MOST_FOUND, found_by, misspelt
    from ..report.keys.telling import for_programs

    query = " ".join(asked.words)
    found = found_by(query)
    if not found:
        close = misspelt(query)
        near = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
        raise InputError(
            f"'{query}': no key is called so, and no word of one.{near} docs/reference.md lists all"
        )
    if asked.as_json:
        say_json({"keys": [for_programs(each) for each in found]})
        return
    for line in _lines(query, found[:MOST_FOUND]):
        say(line)
    if len(found) > MOST_FOUND:
        say(f"and {len(found) - MOST_FOUND} more: say more words")


def _lines(query: str, found: list[Entry]) -> Iterator[str]:
    """Yield the lines of what was found: a single key, or the one asked for, in full."""
    from ..report.keys.names import names_of
    from ..report.keys.telling import in_full

    first, *others = found
    if not others or first.is_at(query):
        yield from in_full(first)
        if not others:
            return
        yield ""
    else:
        others = found
    width = max(len(each.pattern) for each in others)
    for each in others:
        names = names_of(each.pattern)
        yield f"{each.pattern:{width}}  {names.en} · {names.nb}"


@dataclass(frozen=True, kw_only=True)
class Schema:
    """What `schema` is asked."""


@command(Schema)
def schema(asked: Schema) -> None:  # noqa: ARG001 - it has no options
    """Print a JSON Schema of study files, for editors that know TOML.

    Kept in a file, the first line of a study beside it names it: #:schema ./study.schema.json
    """
    import json

    from ..report.keys.json_schema import json_schema

    say(json.dumps(json_schema(), indent=1))
