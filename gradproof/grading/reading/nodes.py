"""The nodes of a syntax tree, found once: several passes look at the same statements, and nothing changes them."""

from __future__ import annotations

import ast

_KEPT = "_gradproof_nodes"


def walk(tree: ast.AST) -> tuple[ast.AST, ...]:
    """What `ast.walk` gives, in its order. A statement's nodes are kept with it."""
    kept: tuple[ast.AST, ...] | None = tree.__dict__.get(_KEPT)
    if kept is not None:
        return kept
    found: list[ast.AST] = [tree]
    for node in found:
        inner = node.__dict__
        for name in node._fields:
            value = inner.get(name)
            if isinstance(value, ast.AST):
                found.append(value)
            elif isinstance(value, list):
                found += [each for each in value if isinstance(each, ast.AST)]
    nodes = tuple(found)
    if isinstance(tree, (ast.stmt, ast.mod)):
        setattr(tree, _KEPT, nodes)
    return nodes
