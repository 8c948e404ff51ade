"""Wording: what pydantic finds wrong with a value, said in plain words of our own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

A_TABLE = "give a table, {{ key = … }}"
A_FIGURE = 'give a figure with its origin, { value = 0.1, source = "…" }'
_TEXT, _WHOLE, _NUMBER = "give a text", "give a whole number", "give a number"
_FLAG, _LIST = "give true or false", "give a list, [ … ]"
_PATTERNS = {
    r"^[a-z][a-z0-9_]*$": "use a-z, 0-9 and _, a letter first",
    r"^[a-z0-9][a-z0-9-]*$": "use a-z, 0-9 and -",
}
_WORDS = {
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be below {lt}",
    "less_than_equal": "must be {le} or less",
    "finite_number": "give a finite number",
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "int_parsing_size"), _WHOLE),
    **dict.fromkeys(("float_type", "float_parsing"), _NUMBER),
    **dict.fromkeys(("bool_type", "bool_parsing"), _FLAG),
    **dict.fromkeys(("string_type", "string_sub_type", "string_unicode"), _TEXT),
    **dict.fromkeys(("tuple_type", "list_type"), _LIST),
    **dict.fromkeys(("dict_type", "mapping_type", "model_type", "model_attributes_type"), A_TABLE),
    "literal_error": "give {expected}",
    "too_short": "give {min_length} or more",
    "too_long": "give {max_length} at most",
    "union_tag_not_found": "give {discriminator}",
    "union_tag_invalid": "give {discriminator} as {expected_tags}",
    "missing": "missing; a study must give it",
    "extra_forbidden": "unknown key",
}
_LARGEST_SHARE = 1.0


def in_words(kind: str, context: Mapping[str, Any]) -> str:
    """Return what may stand where pydantic found an error of a kind, with its context.

    >>> in_words("greater_than_equal", {"ge": 0})
    'must be 0 or more'
    >>> in_words("less_than_equal", {"le": 1.0})
    'must be 1 or less (1 % is 0.01)'
    >>> in_words("some_error_of_tomorrow", {})
    'cannot stand here'
    """
    if kind == "value_error":
        return str(context["error"])
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(str(context["pattern"]), "cannot stand here")
    if kind == "model_type" and context.get("class_name") == "Fixed":
        return A_FIGURE
    told = {name: f"{v:g}" if isinstance(v, float) else v for name, v in context.items()}
    share = kind == "less_than_equal" and context["le"] == _LARGEST_SHARE
    return _WORDS.get(kind, "cannot stand here").format(**told) + " (1 % is 0.01)" * share
