"""The source of a module's forward, and which of its lines runs which part."""

import ast
import inspect
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import nn

_OPERATORS = {
    "add": ast.Add,
    "radd": ast.Add,
    "iadd": ast.Add,
    "mul": ast.Mult,
    "rmul": ast.Mult,
    "imul": ast.Mult,
}


@dataclass(frozen=True)
class ForwardLines:
    """The lines of forward and of the methods that it calls; for each part the lines that name it."""

    lines: tuple[str, ...]
    of_part: Mapping[str, tuple[int, ...]]


def forward_lines(module: nn.Module, parts: Sequence[str]) -> ForwardLines:
    """Read the source of `module`'s forward; `parts` are children's names or functions' ("add").

    Docstrings are left out. Without a source, as in a plain interpreter, there are no lines.
    """
    lines: list[str] = []
    of_part: dict[str, set[int]] = {part: set() for part in parts}
    methods = ["forward"]
    for name in methods:  # grows while methods that call others are read
        source = _source(type(module), name)
        tree = _tree(source)
        if not isinstance(tree, ast.FunctionDef):
            continue
        listed = _listed(source.splitlines(), tree)
        lines += [""] * bool(lines)
        place = {number: len(lines) + n for n, number in enumerate(listed)}
        lines += listed.values()
        for node in ast.walk(tree):
            for part in (part for part in parts if _names(node, part)):
                of_part[part] |= {place[n] for n in [getattr(node, "lineno", 0)] if n in place}
        methods += [called for called in _methods(tree, type(module)) if called not in methods]
    return ForwardLines(tuple(lines), {part: tuple(sorted(found)) for part, found in of_part.items()})


def _source(cls: type, name: str) -> str:
    try:
        return textwrap.dedent(inspect.getsource(getattr(cls, name)))
    except (OSError, TypeError):
        return ""


def _tree(source: str) -> ast.stmt | None:
    """The function in a source; None where it has none, or stands in lines that alone are no code."""
    try:
        return ast.parse(source).body[0] if source else None
    except SyntaxError:  # such as a comment at the left edge, which dedent does not take off
        return None


def _listed(lines: Sequence[str], tree: ast.FunctionDef) -> dict[int, str]:
    """The lines to show, by their numbers from 1."""
    listed = {n: line.rstrip() for n, line in enumerate(lines, 1)}
    if ast.get_docstring(tree) is not None:
        for n in range(tree.body[0].lineno, (tree.body[0].end_lineno or 0) + 1):
            del listed[n]
    return listed


def _names(node: ast.AST, part: str) -> bool:
    """Whether `node` is the use of `part`: self.part, a call of part, or its operator."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
        return node.attr == part
    if isinstance(node, ast.Call):
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        return name == part
    operator = _OPERATORS.get(part)
    return operator is not None and isinstance(getattr(node, "op", None), operator)


def _methods(tree: ast.FunctionDef, cls: type) -> list[str]:
    """The methods of `cls` that the function calls on self, in order of the source."""
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [
        called.attr
        for called in calls
        if isinstance(called, ast.Attribute)
        and isinstance(called.value, ast.Name)
        and called.value.id == "self"
        and inspect.isfunction(getattr(cls, called.attr, None))
    ]
