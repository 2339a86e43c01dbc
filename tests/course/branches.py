"""Deletes the branches of a checker one at a time, and tells which of them no answer misses.

A branch is the body of an `if`, an `elif` or an `else`, an arm of a conditional expression, an `except`, an
entry of a dict, an element of a tuple that is looped over or holds tuples (the settings), and an operand of
an `or` whose value is used. Every answer is tried once, to see which lines it reaches; a deletion is then
tried on those that reach it alone.
"""

import ast
import copy
import importlib
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, NamedTuple

from tests.course.checkers import Case, said, unexpected

# Each imports those before it.
CORE = tuple(
    f"course.kit.checks.{name}" for name in ("errors", "running", "blanks", "checking", "matching", "compare")
)
# Without them an endless loop would end no test; test_exercises_core.py looks at them.
APART = {"within_time", "_stop"}
_FUNCTIONS = (ast.FunctionDef, ast.Lambda)


class Deletion(NamedTuple):
    """A branch: where it stands, a line that all reach who need it, its text, and the tree without it."""

    place: str
    line: int
    at_import: bool
    text: str
    tree: ast.Module


class Tried(NamedTuple):
    """An answer that gets its diagnosis: the lines that it reaches, what is told, and how long it took."""

    case: Case
    lines: set[tuple[str, int]]
    told: str
    seconds: float


def unnoticed(modules: Sequence[str], cases: Sequence[Case]) -> list[str]:
    """The branches of modules, `course.<concept>.exercises`, that can be deleted and no case fails."""
    names = (*CORE, *sorted({case.check.__module__ for case in cases}))
    trees = {name: ast.parse(_file(name).read_text()) for name in names}
    codes = {name: _compiled(name, tree) for name, tree in trees.items()}
    reached: set[tuple[str, int]] = set()
    seen = {name: _compiled(name, _watched(trees[name])) for name in modules}
    watched = _loaded({**codes, **seen}, lambda *place: reached.add(place))
    tried = []
    for case in cases:
        reached.clear()
        start = time.process_time()
        printed = _said(case, watched)
        if failure := unexpected(case, printed):
            return [f"fails without any deletion: {failure}"]
        tried.append(Tried(case, set(reached), f"{case.kind}: {printed}", time.process_time() - start))
    often = Counter(
        case.kind for case in cases
    )  # a kind that is tried on every exercise tells less each time
    left = []
    for name in modules:
        later = {each: codes[each] for each in names[names.index(name) :]}  # all that may import it
        for deletion in deletions(name, trees[name]):
            reach = [one for one in tried if deletion.at_import or (name, deletion.line) in one.lines]
            reach.sort(key=lambda one: (-_alike(deletion.text, one), often[one.case.kind], one.seconds))
            if not _noticed({**later, name: _compiled(name, deletion.tree)}, [one.case for one in reach]):
                left.append(f"{deletion.place}: {deletion.text} ({len(reach)} answers reach it)")
    return left


def _noticed(codes: dict[str, CodeType], cases: Sequence[Case]) -> bool:
    """Whether one of the cases fails with the modules in this version."""
    try:
        modules = _loaded(codes)
        return any(unexpected(case, _said(case, modules)) for case in cases)
    except (Exception, SystemExit):  # noqa: BLE001 - a checker that raises is noticed, too
        return True


def _said(case: Case, modules: dict[str, ModuleType]) -> str:
    """What the case's checker prints in this version."""
    check, runs = (
        modules.get(name, sys.modules[name]) for name in (case.check.__module__, "course.kit.checks.running")
    )
    return said(getattr(check, case.check.__name__), case.answer, runs)


def _file(module: str) -> Path:
    return Path(str(importlib.import_module(module).__file__))


def _loaded(codes: dict[str, CodeType], reached: Callable[..., object] = print) -> dict[str, ModuleType]:
    """The modules, made anew from their code; sys.modules is left as it was.

    Args:
        reached: told each line that a watched module reaches, by the module's name and the line's number.
    """
    kept = {name: sys.modules[name] for name in codes}
    made: dict[str, ModuleType] = {}
    try:
        for name, code in codes.items():
            module = ModuleType(name)
            module.__file__ = str(_file(name))
            module.__reached__ = partial(reached, name)  # type: ignore[attr-defined]
            sys.modules[name] = made[name] = module
            exec(code, vars(module))  # noqa: S102 - our own source, but for one branch
    finally:
        sys.modules.update(kept)
    return made


def _compiled(name: str, tree: ast.Module) -> CodeType:
    return compile(ast.fix_missing_locations(tree), str(_file(name)), "exec")


def _watched(tree: ast.Module) -> ast.Module:
    """The tree with a call of `__reached__` before every statement."""
    watched = copy.deepcopy(tree)
    for node in list(ast.walk(watched)):
        for _, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt) and node is not watched:
                value[:] = [line for each in value for line in (_call(each), each)]
    return watched


def _call(line: ast.stmt) -> ast.stmt:
    call = ast.Call(ast.Name("__reached__", ast.Load()), [ast.Constant(line.lineno)], [])
    return ast.copy_location(ast.Expr(call), line)


def _alike(text: str, one: Tried) -> int:
    """How likely it is that an answer needs a branch: the words that its diagnosis shares with it."""
    return len(set.intersection(*(set(re.findall(r"\w{4,}|\d+", each)) for each in (text, one.told))))


def deletions(name: str, tree: ast.Module) -> Iterator[Deletion]:
    """Every branch of a module, each with the tree without it."""
    for index, node in enumerate(ast.walk(tree)):
        for number, (part, delete) in enumerate(_branches(node)):
            changed = copy.deepcopy(tree)
            twin = next(each for i, each in enumerate(ast.walk(changed)) if i == index)
            parents = {
                child: parent for parent in ast.walk(changed) for child in ast.iter_child_nodes(parent)
            }
            owners = [owner for owner in _ancestors(twin, parents) if isinstance(owner, _FUNCTIONS)]
            if {getattr(owner, "name", "") for owner in owners} & APART or not _is_branch(twin, parents):
                continue
            branches = list(_branches(twin))
            branches[number][1](parents)
            del delete
            yield Deletion(
                f"{name}:{part.lineno}",
                _statement(part, twin, parents),
                not owners,
                re.sub(r"\s+", " ", ast.unparse(part))[:100],
                changed,
            )


Parents = dict[ast.AST, ast.AST]


def _statement(part: ast.AST, node: ast.AST, parents: Parents) -> int:
    """The line of the statement that a part of a node is, or is part of."""
    around = (part, node, *_ancestors(node, parents))
    return next(each.lineno for each in around if isinstance(each, ast.stmt))


def _ancestors(node: ast.AST, parents: Parents) -> Iterator[ast.AST]:
    while node in parents:
        node = parents[node]
        yield node


def _branches(node: ast.AST) -> Iterator[tuple[Any, Callable[[Parents], None]]]:
    """The branches that hang on one node: a part whose lines tell who reaches it, and what deletes it."""
    if isinstance(node, ast.If):
        yield node.body[0], lambda parents: _replace(node, node.orelse, parents)
        if node.orelse and not (len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If)):
            yield node.orelse[0], lambda _: node.orelse.clear()
    elif isinstance(node, ast.IfExp):
        yield node.body, lambda parents: _replace(node, [node.orelse], parents)
        yield node.orelse, lambda parents: _replace(node, [node.body], parents)
    elif isinstance(node, ast.Try):
        for handler in node.handlers:
            yield handler.body[0], lambda parents, each=handler: _without(node, each, parents)
    elif isinstance(node, ast.Dict) and len(node.keys) > 1:
        for number, value in enumerate(node.values):
            yield _entry(node.keys[number], value), lambda _, n=number: (node.keys.pop(n), node.values.pop(n))
    else:
        parts = _items(node)
        for number, value in enumerate(parts):
            if isinstance(node, ast.BoolOp) and len(parts) == 2:
                yield value, lambda parents, n=number: _replace(node, [parts[1 - n]], parents)
            else:
                yield value, lambda _, n=number: parts.pop(n)


def _items(node: ast.AST) -> list[Any]:
    """The elements of a tuple or list that has several, or the operands of an `or`."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        return node.values
    several = isinstance(node, ast.Tuple | ast.List) and len(node.elts) > 1 and isinstance(node.ctx, ast.Load)
    return node.elts if several else []  # type: ignore[attr-defined]


def _entry(key: ast.expr | None, value: ast.expr) -> ast.expr:
    """An entry of a dict as one node, for its lines and its text."""
    whole = ast.Dict([key], [value])
    return ast.copy_location(whole, key or value) if key is None else _spanning(whole, key, value)


def _spanning(whole: ast.expr, first: ast.expr, last: ast.expr) -> ast.expr:
    whole.lineno, whole.col_offset = first.lineno, first.col_offset
    whole.end_lineno, whole.end_col_offset = last.end_lineno, last.end_col_offset
    return whole


def _is_branch(node: ast.AST, parents: Parents) -> bool:
    """Whether a tuple holds settings or is looped over, and whether the value of an `or` is used."""
    parent = parents.get(node)
    if isinstance(node, ast.Tuple | ast.List):
        looped = isinstance(parent, ast.For | ast.comprehension) and parent.iter is node
        return looped or all(isinstance(each, ast.Tuple) for each in node.elts)
    if isinstance(node, ast.BoolOp):
        return isinstance(parent, ast.Return | ast.Assign | ast.NamedExpr)
    return True


def _replace(node: ast.AST, others: Sequence[Any], parents: Parents) -> None:
    """Put other nodes in a node's place."""
    parent = parents[node]
    for name, value in ast.iter_fields(parent):
        if value is node:
            setattr(parent, name, others[0])
        elif isinstance(value, list) and any(each is node for each in value):
            place = next(i for i, each in enumerate(value) if each is node)
            value[place : place + 1] = others or [ast.Pass()]


def _without(node: ast.Try, handler: ast.ExceptHandler, parents: Parents) -> None:
    node.handlers.remove(handler)
    if not node.handlers:
        _replace(node, node.body, parents)
