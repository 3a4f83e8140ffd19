"""Which module-level statements of a draft are kept, and why the others are not."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from . import needed
from .drafts import Draft
from .harmless import Scope, builds, refusal
from .needed import DEFINITIONS
from .nodes import walk

_SEEDS = {"seed", "set_seed"}
_PLAIN = (ast.Pass, ast.Global)
_WRAPPING = {"partial", "vectorize", "frompyfunc", "namedtuple", "staticmethod", "wraps"}


@dataclass(frozen=True)
class Decision:
    """keep: "definition", "plain", "import", "guarded", "compound" or "" (left out); what: what it is, for the note;
    why: why it is left out; absent: names that are needed and have no value without it."""

    statement: ast.stmt
    keep: str
    what: str = ""
    why: str = ""
    absent: tuple[str, ...] = ()


def needed_names(drafts: Iterable[Draft], wanted: Iterable[str]) -> set[str]:
    """Names that what is kept uses, in any module of the submission, followed through the assignments they need."""
    drafts = list(drafts)
    found = set(wanted)
    assigning = []
    for draft in drafts:
        found |= needed.used_by_definitions(draft.text, draft.tree.body)
        own = functions(draft.tree.body)
        for statement in draft.tree.body:
            if isinstance(statement, DEFINITIONS) or is_main(statement):
                continue
            if isinstance(statement, ast.ImportFrom):
                found |= {a.name for a in statement.names} if len(drafts) > 1 else set()
            elif not isinstance(statement, ast.Import):
                names = needed.bound_by(statement) | needed.changed_by(statement)
                assigning.append((names, needed.names_in(statement), always(statement, own) or _defines(statement)))
        if len(drafts) > 1:  # layers.W in another module
            for definition in needed.definitions(draft.tree.body):
                found |= {n.attr for n in walk(definition) if isinstance(n, ast.Attribute)}
    uses_of: dict[str, set[str]] = {}
    for names, uses, regardless in assigning:
        found |= uses if regardless else set()
        for name in names:
            uses_of.setdefault(name, set()).update(uses)
    waiting = list(found)
    while waiting:
        further = uses_of.get(waiting.pop(), set()) - found
        found |= further
        waiting += further
    return found


def functions(body: list[ast.stmt]) -> set[str]:
    """Names of a module's definitions, and the further names that its assignments give to functions."""
    found = {d.name for d in needed.definitions(body)}
    for statement in body:
        if isinstance(statement, ast.Assign) and always(statement, found) and not _literal(statement):
            found |= needed.bound_by(statement)
    return found


def _defines(statement: ast.stmt) -> bool:
    return any(True for _ in needed.definitions([statement]))


def is_main(statement: ast.stmt) -> bool:
    """Whether it is `if __name__ == "__main__":`."""
    return isinstance(statement, ast.If) and "__name__" in needed.names_in(statement.test)


def always(statement: ast.stmt, own: set[str]) -> bool:
    """Whether an assignment makes something that a caller may ask for by name: a function under another name, a table
    of functions, a plain constant."""
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is None:
        return False
    value = statement.value
    nodes = list(walk(value))
    if len(nodes) < 50 and all(
        isinstance(n, (ast.Constant, ast.UnaryOp, ast.USub, ast.UAdd, ast.Tuple, ast.Load)) for n in nodes
    ):
        return True
    called = {id(n.func) for n in nodes if isinstance(n, ast.Call)}
    if any(isinstance(n, ast.Call) and getattr(n.func, "attr", getattr(n.func, "id", "")) in _WRAPPING for n in nodes):
        return True
    return any(isinstance(n, ast.Lambda) for n in nodes) or (
        isinstance(value, (ast.Name, ast.Attribute, ast.Dict, ast.List, ast.Tuple))
        and any(isinstance(n, ast.Name) and n.id in own and id(n) not in called for n in nodes)
    )


def decide(draft: Draft, names: set[str], scope: Scope) -> list[Decision]:
    """One decision for each module-level statement, in order; scope is filled as they go."""
    random = any(isinstance(n, ast.Attribute) and n.attr == "random" for n in walk(draft.tree))
    scope.functions = functions(draft.tree.body) | scope.functions
    made = []
    beginning = True
    for statement in draft.tree.body:
        decision = _decide(statement, names, scope, beginning, random)
        beginning = beginning and decision.keep == "plain" and not isinstance(statement, ast.Assign)
        bound = needed.bound_by(statement)
        if decision.keep:
            scope.bound |= bound
            for name in bound:
                scope.dropped.pop(name, None)
        else:
            lost = sorted((bound & names) - scope.bound - scope.own - set(scope.imports))
            scope.dropped.update(dict.fromkeys(sorted(bound - scope.bound - scope.own), decision.why))
            decision = Decision(statement, "", decision.what, decision.why, tuple(lost))
        made.append(decision)
    return made


def _decide(statement: ast.stmt, names: set[str], scope: Scope, beginning: bool, random: bool) -> Decision:
    if isinstance(statement, DEFINITIONS):
        return Decision(statement, "definition")
    if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
        return Decision(statement, "plain") if beginning else Decision(statement, "")
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return Decision(statement, "import")
    if isinstance(statement, _PLAIN) or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
        return Decision(statement, "plain")
    if is_main(statement):
        return Decision(statement, "", 'the block under if __name__ == "__main__"', "is run by the main program only")
    if isinstance(statement, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
        return _assignment(statement, names, scope)
    if isinstance(statement, ast.Expr):
        return _expression(statement, names, scope, random)
    if isinstance(statement, (ast.If, ast.Try, ast.For)):
        return _compound(statement, names, scope)
    what = {ast.While: "loop", ast.With: "with block", ast.Assert: "assert", ast.Delete: "del"}.get(
        type(statement), "statement"
    )
    return Decision(statement, "", what, f"is in a {what}")


def _assignment(statement: ast.Assign | ast.AugAssign | ast.AnnAssign, names: set[str], scope: Scope) -> Decision:
    if statement.value is None:
        return Decision(statement, "")
    touched = needed.bound_by(statement) | needed.changed_by(statement)
    if not (touched & names or touched & scope.functions or always(statement, scope.functions)):
        return Decision(statement, "", "", "is not used by a function or class")
    why = refusal(statement, scope)
    if why:
        return Decision(statement, "", "assignment", why)
    return Decision(statement, "plain" if _literal(statement) else "guarded")


def _literal(statement: ast.Assign | ast.AugAssign | ast.AnnAssign) -> bool:
    """Whether it gives names literal values, which cannot fail."""
    if not isinstance(statement, ast.Assign) or not all(isinstance(t, ast.Name) for t in statement.targets):
        return False
    try:
        ast.literal_eval(statement.value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _expression(statement: ast.Expr, names: set[str], scope: Scope, random: bool) -> Decision:
    call = statement.value
    if not isinstance(call, ast.Call):
        return Decision(statement, "", "", "")
    function = call.func
    start = needed.root(function)
    if isinstance(function, ast.Attribute):
        seeds = function.attr in _SEEDS and scope.imports.get(start, "").split(".")[0] in ("numpy", "random")
        changes = function.attr in needed.CHANGING and start in names and start not in scope.imports
        if (changes or (seeds and random)) and not refusal(call, scope):
            return Decision(statement, "guarded")
    return Decision(statement, "", "call", "is a call")


def _compound(statement: ast.If | ast.Try | ast.For, names: set[str], scope: Scope) -> Decision:
    touched = needed.bound_by(statement) | needed.changed_by(statement)
    if isinstance(statement, ast.For):
        if touched & names and builds(statement, scope):
            return Decision(statement, "compound")
        return Decision(statement, "", "loop", "is in a loop")
    what = "if block" if isinstance(statement, ast.If) else "try block"
    if not (touched & names or any(True for _ in needed.definitions([statement]))):
        return Decision(statement, "", what, f"is in a {what}")
    why = refusal(statement.test, scope) if isinstance(statement, ast.If) else ""
    return Decision(statement, "", what, why) if why else Decision(statement, "compound")
