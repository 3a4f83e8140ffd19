"""Text to a syntax tree within limits; a refusal is a problem in words. Nothing is executed."""

from __future__ import annotations

import ast
import warnings
from functools import lru_cache

from .python2 import python2_syntax
from .record import Problem, shown
from .scanning import scan

LINES = 30_000
SHORT = 40_000  # characters
STATEMENTS = 5000  # at module level; a course's file has some hundred, and reading takes time for each


def parse(text: str, file: str, cell: int = 0) -> ast.Module | list[Problem]:
    """The tree of a file's or a cell's text, or why there is none."""
    count = text.count("\n")
    if count > LINES:
        return [Problem("too-large", file, 0, f"it has {count} lines; at most {LINES} are read", cell)]
    deep = scan(text).deep
    if deep:
        return [Problem("too-deep", file, deep, "the expression is too long or too deeply nested to be read", cell)]
    try:
        tree = _quiet_parse(text)
    except SyntaxError as error:
        return python2_syntax(text, file, cell) or [syntax_problem(error, text, file, cell)]
    except (RecursionError, MemoryError, ValueError, OverflowError) as error:
        return [
            Problem(
                "too-deep", file, 0, f"Python cannot parse it ({type(error).__name__}): it is nested too deep", cell
            )
        ]
    if len(tree.body) > STATEMENTS:
        said = f"it has {len(tree.body)} statements outside functions; at most {STATEMENTS} are read"
        return [Problem("too-large", file, 0, said, cell)]
    return tree


def _quiet_parse(text: str) -> ast.Module:
    """The tree of a text; that of a short one is kept for a while, since a cell is parsed by itself and with others."""
    return _kept(text) if len(text) <= SHORT else _parsed(text)


def parses(text: str) -> bool:
    """Is this Python, and not nested beyond reason?"""
    if scan(text).deep:
        return False
    try:
        _quiet_parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return False
    return True


def _parsed(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "\d" in a student's string is no news for the grader
        return ast.parse(text)


_kept = lru_cache(maxsize=16)(_parsed)


def compiles(text: str | ast.Module) -> SyntaxError | None:
    """What Python's compiler has against what parses (`return` outside a function); None if nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text, "submission", "exec", dont_inherit=True)
        except SyntaxError as error:
            return error
        except (RecursionError, MemoryError, ValueError, OverflowError):
            return SyntaxError("too deeply nested")
    return None


def syntax_problem(error: SyntaxError, text: str, file: str, cell: int = 0) -> Problem:
    """In Python's words, with the line as it stands."""
    lines = text.split("\n")
    line = min(max(error.lineno or 0, 0), len(lines))
    quoted = lines[line - 1].strip() if line else ""
    hint = ""
    if isinstance(error, TabError):
        hint = "; indent with spaces only"
    elif quoted.startswith(("<<<<<<<", "=======", ">>>>>>>")):
        hint = "; it is a mark of an unfinished merge"
    elif quoted.startswith(">>>"):
        hint = "; remove the >>> of the interactive prompt"
    elif any(c in quoted for c in "“”‘’"):
        hint = "; replace the typographic quotes by plain ones"
    said = f"Python cannot parse it: {error.msg}" + (f" (`{shown(quoted)}`)" if quoted else "") + hint
    return Problem("syntax", file, line, said, cell)
