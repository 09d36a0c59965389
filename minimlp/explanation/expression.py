"""Formulas as trees: read from a piece's own text, computed, and later printed.

A tree is a number, the name of a quantity, or a tuple of an operation and its trees:

    ("+", "h₁", ("*", 2.0, "w₁₁"))        ("if", (">", "h₁", 0.0), "h₁", 0.0)

Operations: + * max min norm (of any number of trees), - / ^ (of two), neg, the functions of one
tree in FUNCTIONS, and "if" with a comparison and two trees.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any, TypeAlias

import numpy as np

Expression: TypeAlias = "float | str | tuple[Any, ...]"

FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "abs": np.abs,
    "sign": np.sign,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "ln": np.log,
    "tanh": np.tanh,
    "Phi": lambda x: 0.5 * math.erfc(-x / math.sqrt(2)),
}
_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "^",
    ast.Gt: ">",
    ast.GtE: "≥",
    ast.Lt: "<",
    ast.LtE: "≤",
}


def read(
    text: str,
    letters: Mapping[str, Expression],
    row: Sequence[Expression] = (),
) -> Expression:
    """Read a formula, with a tree for each of its letters.

    Parameters
    ----------
    text : str
        As `minimlp.formula` says.
    letters : mapping
        Letter -> tree.
    row : sequence of trees
        What ``h`` is for each output of the row, for ``total`` and ``largest``.

    Raises
    ------
    ValueError
        The text is no such formula, or has a letter that is not known.
    """
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"the formula {text!r} cannot be read: {error.msg}") from None
    return _Reader(text, row).read(tree, letters)


class _Reader:
    """One pass over a formula's syntax tree."""

    def __init__(self, text: str, row: Sequence[Expression]) -> None:
        self._text, self._row = text, row

    def read(self, node: ast.AST, letters: Mapping[str, Expression]) -> Expression:
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            return float(node.value)  # type: ignore[arg-type]
        if isinstance(node, ast.Name):
            return self._letter(node.id, letters)
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            parts = self.read(node.left, letters), self.read(node.right, letters)
            return joined(_OPERATORS[type(node.op)], *parts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return negated(self.read(node.operand, letters))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            return self._call(node.func.id, node.args, letters)
        if isinstance(node, ast.IfExp) and isinstance(node.test, ast.Compare):
            return self._case(node, node.test, letters)
        raise self._unreadable(ast.unparse(node))

    def _letter(self, letter: str, letters: Mapping[str, Expression]) -> Expression:
        if letter == "pi":
            return math.pi
        if letter not in letters:
            raise self._unreadable(letter)
        return letters[letter]

    def _call(
        self, name: str, args: Sequence[ast.expr], letters: Mapping[str, Expression]
    ) -> Expression:
        if name in ("total", "largest") and len(args) == 1 and self._row:
            each = [self.read(args[0], {**letters, "h": h}) for h in self._row]
            return reduce(lambda a, b: joined("+" if name == "total" else "max", a, b), each)
        trees = [self.read(arg, letters) for arg in args]
        if name in ("max", "min") and len(trees) > 1:
            return (name, *trees)
        if name in FUNCTIONS and len(trees) == 1:
            return (name, *trees)
        raise self._unreadable(name)

    def _case(
        self, node: ast.IfExp, test: ast.Compare, letters: Mapping[str, Expression]
    ) -> Expression:
        if len(test.ops) != 1 or type(test.ops[0]) not in _OPERATORS:
            raise self._unreadable(ast.unparse(test))
        sides = self.read(test.left, letters), self.read(test.comparators[0], letters)
        condition = (_OPERATORS[type(test.ops[0])], *sides)
        return ("if", condition, self.read(node.body, letters), self.read(node.orelse, letters))

    def _unreadable(self, part: str) -> ValueError:
        return ValueError(
            f"the formula {self._text!r} cannot be read at {part!r}: "
            f"minimlp.formula says what may stand in one"
        )


def joined(operator: str, left: Expression, right: Expression) -> Expression:
    """Join two trees; sums, products and the like stay flat."""
    if operator in ("+", "*", "max") and isinstance(left, tuple) and left[0] == operator:
        return (*left, right)
    return (operator, left, right)


def negated(tree: Expression) -> Expression:
    """Give the negative; of a product, that of its first factor."""
    if isinstance(tree, float):
        return -tree
    if isinstance(tree, tuple) and tree[0] in ("*", "/"):
        return (tree[0], negated(tree[1]), *tree[2:])
    return ("neg", tree)


def sum_of(trees: Sequence[Expression]) -> Expression:
    """Add trees; a single one is itself."""
    return trees[0] if len(trees) == 1 else ("+", *trees)


def product_of(trees: Sequence[Expression]) -> Expression:
    """Multiply trees; a single one is itself."""
    return trees[0] if len(trees) == 1 else ("*", *trees)


def compute(tree: Expression, values: Mapping[str, float], *, strict: bool = False) -> float:
    """Compute a tree from the values of its quantities; infinite or nan where floats are.

    A `strict` one is nan where anything on the way is infinite.
    """
    with np.errstate(all="raise" if strict else "ignore", under="ignore"):
        try:
            return float(_compute(tree, values))
        except FloatingPointError:
            return math.nan


def _compute(tree: Expression, values: Mapping[str, float]) -> Any:
    if isinstance(tree, str):
        return np.float64(values[tree])
    if not isinstance(tree, tuple):
        return np.float64(tree)
    operator, *parts = tree
    if operator == "if":
        condition, then, otherwise = parts
        return _compute(then if holds(condition, values) else otherwise, values)
    numbers = [_compute(part, values) for part in parts]
    return COMPUTE[operator](*numbers)


def holds(condition: tuple[Any, ...], values: Mapping[str, float]) -> bool:
    """Tell whether a comparison is true."""
    operator, left, right = condition
    a, b = _compute(left, values), _compute(right, values)
    return bool({">": a > b, "≥": a >= b, "<": a < b, "≤": a <= b}[operator])


COMPUTE: dict[str, Callable[..., Any]] = {
    **FUNCTIONS,
    "+": lambda *parts: reduce(lambda a, b: a + b, parts),
    "*": lambda *parts: reduce(lambda a, b: a * b, parts),
    "max": lambda *parts: reduce(np.maximum, parts),
    "min": lambda *parts: reduce(np.minimum, parts),
    "norm": lambda *parts: math.sqrt(sum(part * part for part in parts)),
    "-": lambda a, b: a - b,
    "/": lambda a, b: a / b,
    "^": lambda a, b: a**b,
    "neg": lambda a: -a,
}


def magnitude(tree: Expression, values: Mapping[str, float]) -> float:
    """Give the size of what a tree adds up, which its rounding is a share of; 0 where none is."""
    with np.errstate(all="ignore"):
        found = _magnitude(tree, values)
    return found if math.isfinite(found) else 0.0


def _magnitude(tree: Expression, values: Mapping[str, float]) -> float:
    if not isinstance(tree, tuple):
        return abs(float(_compute(tree, values)))
    operator, *parts = tree
    if operator == "if":
        return _magnitude(parts[1] if holds(parts[0], values) else parts[2], values)
    sizes = [_magnitude(part, values) for part in parts]
    if operator in ("+", "-", "max", "min", "neg", "norm"):
        return sum(sizes)
    if operator == "*":
        return math.prod(sizes)
    return abs(float(_compute(tree, values))) * (1 + sizes[0])  # a function of what is not exact
