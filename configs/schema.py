"""Schema: what a dotted key of a study may hold, asked of the study's own classes."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from ..core.study.distributions import KINDS, QUANTITIES
from ..core.study.keys import plain_type
from ..core.study.measures.measure import MeasureRow
from ..core.study.processes import Autoregressive, Regimes
from ..core.study.risk_limit import TAGS, ShortageLimit, SupervisionLimit
from ..core.study.unchecked import UncheckedStudy
from ..core.study.world import Row

BASED_ON, REMOVE = "based_on", "remove"
"""Keys of a study's file that lay it over another; the study itself has neither."""
MEASURE = "measure"
"""Section of entries by name that may be a table: its rows are folded (`configs.measures`)."""
_TAGGED: dict[str, type[BaseModel]] = {
    **dict(zip(KINDS, QUANTITIES, strict=True)),
    **dict(zip(TAGS, (ShortageLimit, SupervisionLimit), strict=True)),
    "autoregressive": Autoregressive,
    "regimes": Regimes,
}


def kind_at(parts: Sequence[str]) -> Any:  # noqa: ANN401
    """Return the type that a dotted key holds, without None and annotations; None if unknown.

    Tags of unions may stand among the parts: after the figure, limit or process they choose.
    """
    kind: Any = UncheckedStudy
    for part in parts:
        if part in _TAGGED:
            kind = _TAGGED[part]
            continue
        if _is_model(kind):
            if part not in kind.model_fields:
                return None
            kind = kind.model_fields[part].annotation
        elif get_origin(kind) in (dict, tuple):
            kind = get_args(kind)[1 if get_origin(kind) is dict else 0]
        else:
            return None
        kind = plain_type(kind)
    return kind


def fields_at(parts: Sequence[str]) -> list[str]:
    """Return the keys known at a dotted key; none where any may stand, or none at all."""
    kind = kind_at(parts)
    return list(kind.model_fields) if _is_model(kind) else []


def row_at(parts: Sequence[str]) -> type[Row] | None:
    """Return the class of the rows of the table at a dotted key; None if it holds no rows."""
    if list(parts) == [MEASURE]:
        return MeasureRow
    kind = kind_at([*parts, "0"]) if get_origin(kind_at(parts)) is tuple else None
    return kind if inspect.isclass(kind) and issubclass(kind, Row) else None


def is_number(row: type[Row], field: str) -> bool:
    """Tell whether a field of a row holds a number; ages may be bands and are none."""
    if field not in row.model_fields:
        return False
    return field != "age" and bool({int, float} & _leaves(row.model_fields[field].annotation))


def is_flag(row: type[Row], field: str) -> bool:
    """Tell whether a field of a row holds yes or no."""
    return field in row.model_fields and row.model_fields[field].annotation is bool


def is_share(row: type[Row], field: str) -> bool:
    """Tell whether a field of a row holds a share: a number that is 1 at most."""
    schema = row.model_json_schema()["properties"][field]
    return any(kind.get("maximum") == 1 for kind in schema.get("anyOf", [schema]))


def _is_model(kind: Any) -> bool:  # noqa: ANN401
    return inspect.isclass(kind) and issubclass(kind, BaseModel)


def _leaves(kind: object) -> set[Any]:
    arguments = get_args(kind)
    if get_origin(kind) is Annotated:
        return _leaves(arguments[0])
    return set().union(*map(_leaves, arguments)) if arguments else {kind}
