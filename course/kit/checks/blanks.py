"""Whether an answer is still the stub: a blank left in its code, or nothing written yet.

The source is read where there is one, in a file or in a notebook's cell, because the compiler drops a
constant condition: of `if ...:` nothing is left in the compiled code.
"""

import ast
import inspect
from collections.abc import Iterator
from functools import lru_cache, partial
from types import CodeType, FunctionType
from typing import Any

from torch import nn

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def untouched(answer: Any) -> bool:
    """Whether an answer is still the stub: None, `...`, or code with a blank or with nothing in it.

    A blank is an Ellipsis outside of an index (`x[..., 0]`), of an annotation and of a default value.

    >>> untouched(lambda x: x * ...), untouched(lambda x: x * 2)
    (True, False)
    """
    if answer is None or answer is ...:
        return True
    if isinstance(answer, dict):
        return any(value is ... for value in answer.values())
    functions = list(_functions(answer, set()))
    own_class = isinstance(answer, type) and issubclass(answer, nn.Module) and not _is_torchs(answer)
    return (own_class and not functions) or any(map(_unwritten, functions))


def _functions(part: Any, seen: set[int]) -> Iterator[FunctionType]:
    """The functions behind an answer: a class's methods, and what is wrapped, bound or closed over."""
    if id(part) in seen or _is_torchs(part):
        return
    seen.add(id(part))
    inner: list[Any] = []
    if isinstance(part, FunctionType):
        yield part
        inside = (cell.cell_contents for cell in part.__closure__ or () if _filled(cell))
        inner = [each for each in inside if not isinstance(each, type)]
    elif isinstance(part, type):
        inner = [value for owner in part.__mro__ if not _is_torchs(owner) for value in vars(owner).values()]
    elif isinstance(part, partial):
        inner = [part.func]
    elif isinstance(part, property):
        inner = [part.fget]
    else:  # a method, a staticmethod, a cached function
        inner = [getattr(part, "__func__", None), getattr(part, "__wrapped__", None)]
    for each in inner:
        yield from _functions(each, seen)


def _is_torchs(part: Any) -> bool:
    return str(getattr(part, "__module__", "")).partition(".")[0] == "torch"


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:  # a name of an enclosing function that has no value yet
        return False


def _unwritten(function: FunctionType) -> bool:
    """Whether a blank is left in a function, or its body is yet to be written."""
    node = _node(function.__code__)
    if node is None:
        return _has_blank(function.__code__)
    if isinstance(node, ast.Lambda):
        return _blanks(node.body)
    if all(map(_does_nothing, node.body)) or any(map(_gives_up, node.body)):
        return _must_be_written(function)
    ends = (number for number, line in enumerate(node.body, 1) if isinstance(line, ast.Return))
    body = node.body[: next(ends, None)]
    return any(_blanks(line) for number, line in enumerate(body) if not _replaced(body, number))


def _must_be_written(function: FunctionType) -> bool:
    """Whether a function is no helper of a class, which may be empty."""
    owner, _, name = function.__qualname__.rpartition(".")
    return name in ("__init__", "forward") or owner == "" or owner.endswith("<locals>")


def _does_nothing(line: ast.stmt) -> bool:
    return isinstance(line, ast.Pass) or (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))


def _gives_up(line: ast.stmt) -> bool:
    """Whether a line is `raise NotImplementedError`."""
    return isinstance(line, ast.Raise) and "NotImplementedError" in ast.dump(line)


def _replaced(body: list[ast.stmt], number: int) -> bool:
    """Whether a line is a kept `reach = ...`, and later ones give `reach` a value."""
    line, later = body[number], body[number + 1 :]
    parts = getattr(getattr(line, "value", None), "elts", [getattr(line, "value", None)])
    targets = _targets([line])
    return bool(targets) and all(isinstance(p, ast.Constant) for p in parts) and targets <= _targets(later)


def _targets(lines: list[ast.stmt]) -> set[str]:
    """What lines give a value, each as it is written."""
    return {
        ast.unparse(part)
        for line in lines
        if isinstance(line, ast.Assign | ast.AnnAssign) and line.value
        for part in ast.walk(line)
        if isinstance(part, ast.Name | ast.Attribute | ast.Subscript) and isinstance(part.ctx, ast.Store)
    }


def _blanks(node: ast.AST) -> bool:
    """Whether an Ellipsis stands in the code, outside of what runs without it: an index, say."""
    if isinstance(node, ast.Constant):
        return node.value is ...
    if isinstance(node, ast.Subscript):
        return _blanks(node.value)
    return any(
        _blanks(child)
        for name, value in ast.iter_fields(node)
        if name not in ("annotation", "returns", "defaults", "kw_defaults", "msg")
        for child in (value if isinstance(value, list) else (value,))
        if isinstance(child, ast.AST)
    )


def _node(code: CodeType) -> _Function | None:
    """The syntax tree of a function; None where its source is not to be had, or not to be told apart."""
    try:
        lines, _ = inspect.findsource(code)
        functions = _functions_in("".join(lines))
    except (OSError, TypeError, SyntaxError):
        return None
    found = [node for node in functions if _starts(node, code)]
    return found[0] if len(found) == 1 else None


def _starts(node: _Function, code: CodeType) -> bool:
    """Whether a function in a tree may be the one that was compiled to `code`."""
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
    return first == code.co_firstlineno and getattr(node, "name", "<lambda>") == code.co_name


@lru_cache(maxsize=8)
def _functions_in(source: str) -> list[_Function]:
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, _Function)]


def _has_blank(code: CodeType) -> bool:
    """Whether an Ellipsis is among the constants of a compiled function, those in a tuple apart."""
    return any(
        const is ... or (isinstance(const, CodeType) and _has_blank(const)) for const in code.co_consts
    )
