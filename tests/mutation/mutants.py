"""The small faults that can be put into a module, in the order in which they stand there."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
RECKONED: dict[type[ast.operator], type[ast.operator]] = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
JOINED: dict[type[ast.boolop], type[ast.boolop]] = {ast.And: ast.Or, ast.Or: ast.And}


@dataclass(frozen=True)
class Mutant:
    """One fault: the number of the change within its module, and what it does where."""

    path: str  # of the module, from the root of the repository
    number: int
    line: int
    change: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}  {self.change}"


def mutants_of(path: Path) -> list[Mutant]:
    """Every fault of a module."""
    name = str(path.relative_to(ROOT))
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [Mutant(name, number, node.lineno, _told(node, change)) for number, (node, change) in enumerate(_changes(tree))]


def planted(path: Path, number: int) -> ast.Module:
    """The module with that one fault in it; as it is where the number is -1."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if number < 0:
        return tree
    node, change = list(_changes(tree))[number]
    change(node)
    return ast.fix_missing_locations(tree)


Change = Callable[[ast.AST], None]


def _told(node: ast.AST, change: Change) -> str:
    after = copy.deepcopy(node)
    change(after)
    return f"{ast.unparse(node)[:70]}  ->  {ast.unparse(after)[:70]}"


def _changes(tree: ast.Module) -> Iterator[tuple[ast.expr | ast.stmt, Change]]:
    """What can be changed, with the change; texts, annotations, decorators, and what asserts (also `strict` of zip) are let be."""
    spared = {id(inner) for node in ast.walk(tree) for part in _spared(node) for inner in ast.walk(part)}
    for node in ast.walk(tree):
        if id(node) not in spared:
            yield from ((node, change) for change in _changes_of(node))  # type: ignore[misc]


def _spared(node: ast.AST) -> Iterator[ast.AST]:
    yield from (part for part in [getattr(node, "annotation", None), getattr(node, "returns", None)] if part)
    yield from getattr(node, "decorator_list", ())
    if isinstance(node, ast.JoinedStr | ast.Raise | ast.Assert) or (isinstance(node, ast.keyword) and node.arg == "strict"):
        yield node
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "reshape":
        yield from (part for part in node.args if isinstance(part, ast.UnaryOp))  # numpy takes any negative length for "the rest"


def _changes_of(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.Compare):
        yield from (_operator("ops", place, COMPARED) for place, one in enumerate(node.ops) if type(one) in COMPARED)
    elif isinstance(node, ast.BinOp) and type(node.op) in RECKONED and not isinstance(node.left, ast.Constant | ast.JoinedStr | ast.List):
        yield lambda it: setattr(it, "op", RECKONED[type(it.op)]())  # type: ignore[attr-defined]
    elif isinstance(node, ast.BoolOp):
        yield lambda it: setattr(it, "op", JOINED[type(it.op)]())  # type: ignore[attr-defined]
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield _without_not
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield lambda it: setattr(it, "value", not it.value)  # type: ignore[attr-defined]
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield lambda it: setattr(it, "value", it.value + 1)  # type: ignore[attr-defined]
    elif isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
        yield lambda it: setattr(it, "value", ast.Constant(None))


def _operator(field: str, place: int, other: dict[type[ast.cmpop], type[ast.cmpop]]) -> Change:
    def change(node: ast.AST) -> None:
        operators = getattr(node, field)
        operators[place] = other[type(operators[place])]()

    return change


def _without_not(node: ast.AST) -> None:
    """`not x` becomes `not not x`: the truth of x."""
    node.operand = ast.UnaryOp(ast.Not(), node.operand)  # type: ignore[attr-defined]
