"""Edits of where a statement stands: within a loop or an `if`, behind it, or before it.

A term that is the same for all classes, added once for each of them; an array that is made anew at every step; a mask
that holds for one line and was meant for two.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from .edited_values import short
from .edits import Change, Edit, Function, family, names_of

KIND, INTO_LOOP = "another block", "into a loop"
SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr)
Block = ast.For | ast.While | ast.If


@family
def levels(function: Function) -> Iterator[Edit]:
    """A statement of a block that belongs behind or before it, and one beside a block that belongs into it."""
    for block in function.body:
        if isinstance(block, (ast.For, ast.While, ast.If)):
            for statement in block.body:
                if isinstance(statement, SIMPLE) and not _words(statement):
                    yield from _out_of(function, statement, block)
            yield from _into(function, block)


def _out_of(function: Function, statement: ast.stmt, block: Block) -> Iterator[Edit]:
    text, gone = function.source(statement), (*function.span(statement), "pass")
    bound = names_of(block.target) if isinstance(block, ast.For) else set()
    outer: ast.AST = block
    while isinstance(outer, (ast.For, ast.While, ast.If)):
        start, end = function.span(outer)
        said = f"`{short(text)}` stands {_under(function, block)} and belongs "
        if _read_behind(function, statement, outer):
            after = (end, end, f"\n{_indent(function, outer)}{text}")
            yield Edit(KIND, f"{said}behind it", function.line(statement), (gone, after))
        if not bound & names_of_use(statement) and outer.col_offset == len(_indent(function, outer).encode()):
            before = (start, start, f"{text}\n{_indent(function, outer)}")
            yield Edit(KIND, f"{said}before it", function.line(statement), (before, gone))
        if not isinstance(block, ast.If):
            break
        # out of an `if` within a loop: what holds for the loop may be meant too
        outer = function.parents[outer]


def _read_behind(function: Function, statement: ast.stmt, block: ast.AST) -> bool:
    """Is anything that a statement changes read behind a block, or in its next round? Else it would be left out."""
    targets: list[ast.expr] = [statement.target] if isinstance(statement, (ast.AugAssign, ast.AnnAssign)) else []
    targets += statement.targets if isinstance(statement, ast.Assign) else []
    changed = {n for t in targets for n in names_of(t)}
    last = block.end_lineno  # type: ignore[attr-defined]
    return not targets or any(
        isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and n.id in changed and n.lineno > last
        for n in function.body
    )


def _into(function: Function, block: Block) -> Iterator[Edit]:
    """Of the statements beside a block the one before it and the one behind it."""
    for body in _bodies(function.parents[block]):
        if block in body:
            at = body.index(block)
            for beside in (*body[max(at - 1, 0) : at], *body[at + 1 : at + 2]):
                if isinstance(beside, SIMPLE) and not _words(beside):
                    yield _moved_into(function, beside, block, beside in body[:at])


def _moved_into(function: Function, statement: ast.stmt, block: Block, first: bool) -> Edit:
    text, gone = function.source(statement), (*function.span(statement), "pass")
    inner = block.body[0] if first else block.body[-1]
    start, end = function.span(inner)
    one_line = block.body[0].lineno == block.lineno
    between = "; " if one_line else f"\n{_indent(function, inner)}"
    there: Change = (start, start, f"{text}{between}") if first else (end, end, f"{between}{text}")
    said = f"`{short(text)}` stands beside {_named(function, block)} and belongs into it"
    changes = (gone, there) if first else (there, gone)
    return Edit(KIND if isinstance(block, ast.If) else INTO_LOOP, said, function.line(statement), changes)


def _bodies(node: ast.AST) -> list[Sequence[ast.stmt]]:
    return [b for b in (getattr(node, name, None) for name in ("body", "orelse")) if isinstance(b, list)]


def _words(statement: ast.stmt) -> bool:
    """A docstring, or a string that stands for a comment."""
    return isinstance(statement, ast.Expr) and not isinstance(statement.value, ast.Call)


def names_of_use(statement: ast.stmt) -> set[str]:
    """All names in a statement."""
    return {n.id for n in ast.walk(statement) if isinstance(n, ast.Name)}


def _indent(function: Function, node: ast.AST) -> str:
    """What stands before a statement on its line: blanks; of one on the line of its block the block's own."""
    line = function.text.encode().splitlines()[node.lineno - 1]  # type: ignore[attr-defined]
    return line[: len(line) - len(line.lstrip())].decode()


def _named(function: Function, block: Block) -> str:
    if isinstance(block, ast.For):
        return f"the loop over `{short(function.source(block.target))}`"
    return f"`{'if' if isinstance(block, ast.If) else 'while'} {short(function.source(block.test))}`"


def _under(function: Function, block: Block) -> str:
    return f"{'under' if isinstance(block, ast.If) else 'in'} {_named(function, block)}"
