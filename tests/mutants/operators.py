"""Mutants: the source of a module with one thing wrong, as a slip of the hand would have it.

Each replaces one expression or statement by another; texts, annotations and decorators stay.
"""

from __future__ import annotations

import ast
import copy
import hashlib
from collections.abc import Iterator
from typing import NamedTuple, TypeVar

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
SIGNS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
NAMES = {
    "min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "any": "all",
    "all": "any", "floor": "ceil", "ceil": "floor", "argmin": "argmax", "argmax": "argmin",
}  # fmt: skip
"""Functions and methods that are taken for each other."""
Function = ast.FunctionDef | ast.AsyncFunctionDef
Node = TypeVar("Node", bound=ast.AST)


class Mutant(NamedTuple):
    """One expression of a module replaced: which, where, and by what."""

    file: str
    function: str
    """Its name, behind those of what holds it; `module` outside all."""
    before: str
    after: str
    time: int
    """How often the same was replaced by the same, further up in the function."""
    line: int
    last_line: int
    place: tuple[int, int]
    """Where it begins and ends in the source, in bytes."""

    @property
    def name(self) -> str:
        """What it is called, wherever the lines of the module move."""
        again = f" ({self.time + 1})" if self.time else ""
        return f"{self.file}: {self.function}: {self.before} -> {self.after}{again}"

    def drawn_at(self, seed: int) -> bytes:
        """Return where it lies in the order in which a seed draws: that of no other matters."""
        return hashlib.sha256(f"{seed} {self.name}".encode()).digest()

    def planted_in(self, source: bytes) -> bytes:
        """Return the source with the mutant in it."""
        begin, end = self.place
        return source[:begin] + self.after.encode() + source[end:]


def mutants_of(file: str, source: bytes) -> Iterator[Mutant]:
    """Yield all mutants of a module in the order of its source; none says what another says."""
    begins = [0]
    for line in source.splitlines(keepends=True):
        begins.append(begins[-1] + len(line))
    seen: dict[tuple[str, str, str], int] = {}
    for function, node, others in _places(ast.parse(source), "module"):
        place = (
            begins[node.lineno - 1] + node.col_offset,
            begins[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0),
        )
        before = " ".join(source[slice(*place)].decode().split())
        for other in others:
            after = ast.unparse(other) if isinstance(other, ast.stmt) else f"({ast.unparse(other)})"
            time = seen.get((function, before, after), 0)
            seen[function, before, after] = time + 1
            yield Mutant(
                file, function, before, after, time, node.lineno, node.end_lineno or 0, place
            )


def _places(
    node: ast.AST, function: str
) -> Iterator[tuple[str, ast.expr | ast.stmt, list[ast.expr | ast.stmt]]]:
    """Yield what can be replaced below a node, and by what."""
    for name, below in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        for each in below if isinstance(below, list) else [below]:
            if not isinstance(each, ast.AST) or isinstance(each, ast.JoinedStr):
                continue
            inside = function
            if isinstance(each, Function | ast.ClassDef):
                inside = each.name if function == "module" else f"{function}.{each.name}"
            if isinstance(each, ast.expr | ast.stmt) and (others := _others(each)):
                yield inside, each, others
            yield from _places(each, inside)


def _others(node: ast.expr | ast.stmt) -> list[ast.expr | ast.stmt]:  # noqa: C901 - a table
    """Return what may stand where a node stands."""
    match node:
        case ast.Compare(ops=[op]) if type(op) in COMPARISONS:
            return [_with(node, ops=[COMPARISONS[type(op)]()])]
        case ast.BinOp(op=op) if type(op) in SIGNS and not _is_text(node):
            return [_with(node, op=SIGNS[type(op)]())]
        case ast.AugAssign(op=op) if type(op) in SIGNS:
            return [_with(node, op=SIGNS[type(op)]())]
        case ast.BoolOp(op=op):
            return [_with(node, op=ast.Or() if isinstance(op, ast.And) else ast.And())]
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            return [operand]
        case ast.Constant(value=bool() as value):
            return [ast.Constant(not value)]
        case ast.Constant(value=int() as value):
            return [ast.Constant(value + 1)]
        case ast.Constant(value=float() as value):
            return [ast.Constant(2.0 * value if value else 1.0)]
        case ast.Call(func=ast.Name(id=name) as called) if name in NAMES:
            return [_with(node, func=_with(called, id=NAMES[name]))]
        case ast.Call(func=ast.Attribute(attr=name) as called) if name in NAMES:
            return [_with(node, func=_with(called, attr=NAMES[name]))]
        case ast.IfExp(body=one, orelse=other):
            return [_with(node, body=other, orelse=one)]
        case ast.Continue():
            return [ast.Break()]
        case ast.Break():
            return [ast.Continue()]
        case ast.Assign(targets=[ast.Subscript()]):
            return [ast.Pass()]
    return []


def _is_text(node: ast.BinOp) -> bool:
    """Tell whether a sum is one of texts, or a union of types."""
    sides = [each for each in ast.walk(node) if isinstance(each, ast.Constant)]
    return any(isinstance(each.value, str) or each.value is None for each in sides)


def _with(node: Node, **changed: object) -> Node:
    other = copy.copy(node)
    for name, value in changed.items():
        setattr(other, name, value)
    return other
