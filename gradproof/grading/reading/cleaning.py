"""A draft to the module that the sandbox imports: what is not kept is taken out, line numbers stay."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeGuard

from . import needed
from .drafts import Draft
from .editing import Edits
from .harmless import Scope
from .importing import HELPER, OwnModules, rewrite
from .keeping import Decision, always, decide
from .needed import DEFINITIONS
from .nodes import walk
from .parsing import compiles, syntax_problem
from .record import Problem, shown


@dataclass(frozen=True)
class Cleaned:
    """text: as many lines as the draft; kept: the nodes whose names count; scope: what its names are."""

    text: str
    kept: tuple[ast.stmt, ...]
    scope: Scope
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]


def clean(draft: Draft, module: str, own: OwnModules, names: set[str]) -> Cleaned:
    """module: the draft's module path. Definitions that Python's compiler refuses become problems."""
    problems: list[Problem] = []
    refused: set[int] = set()
    cleaned = _clean(draft, module, own, names, refused)
    error = compiles(cleaned.text)
    if error is not None:
        for statement in cleaned.kept:
            its = compiles(ast.Module([statement], []))
            if its is not None:
                refused.add(id(statement))
                problems.append(_located(syntax_problem(its, draft.text, draft.file), draft))
        cleaned = _clean(draft, module, own, names, refused)
        error = compiles(cleaned.text)
    if error is not None:  # nothing of it can be imported
        problems.append(_located(syntax_problem(error, draft.text, draft.file), draft))
        cleaned = Cleaned("\n" * draft.text.count("\n"), (), cleaned.scope, cleaned.notes, ())
    return Cleaned(cleaned.text, cleaned.kept, cleaned.scope, cleaned.notes, tuple(problems))


def _located(problem: Problem, draft: Draft) -> Problem:
    if not 0 < problem.line <= len(draft.origins):
        return problem
    origin = draft.origins[problem.line - 1]
    return Problem(problem.kind, origin.file, origin.line, problem.message, origin.cell)


def _clean(draft: Draft, module: str, own: OwnModules, names: set[str], refused: set[int]) -> Cleaned:
    scope = Scope(own={d.name for d in needed.definitions(draft.tree.body)})
    imports = {id(n): rewrite(n, module, own, names) for n in draft.tree.body if _is_import(n)}
    for node in walk(draft.tree):
        if _is_import(node):
            said = imports.get(id(node)) or rewrite(node, module, own, None)
            scope.imports.update(said.names)
            scope.stars += said.stars
    foreign = {n for n, path in scope.imports.items() if not path.startswith(".") and _is_foreign(path)}
    decisions = decide(draft, names, scope)
    edits = Edits(draft.text)
    kept = []
    for decision, alone in zip(decisions, _alone(draft.tree.body), strict=True):
        statement = decision.statement
        where = str(draft.origins[_first(statement) - 1])
        if id(statement) in refused:
            edits.replace(statement, "pass")
            continue
        if decision.keep:
            kept.append(statement)
        if decision.keep == "definition":
            _definition(statement, module, own, foreign, edits)
        elif decision.keep == "import":
            edits.replace(statement, _import_text(imports[id(statement)].statements, where, statement, edits))
        elif decision.keep == "compound":
            inner = _compound(statement, module, own, names, scope, edits)
            edits.replace(statement, _run(statement, where, inner))
        elif decision.keep == "guarded" and alone:
            edits.insert(statement, f"with {HELPER}.guard(globals(), {where!r}, {_names(statement)}): ")
        elif decision.keep == "guarded":
            edits.replace(statement, _run(statement, where, edits.text_of(statement)))
        elif not decision.keep:
            edits.replace(statement, _left_out(decision, where, edits))
    return Cleaned(edits.result(), tuple(kept), scope, tuple(_notes(draft, decisions, foreign, kept)), ())


def _is_import(node: ast.AST) -> TypeGuard[ast.Import | ast.ImportFrom]:
    return isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.module != "__future__")


def _is_foreign(path: str) -> bool:
    from .importing import is_library

    return not is_library(path)


def _first(statement: ast.stmt) -> int:
    return min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", []))])


def _alone(body: list[ast.stmt]) -> Iterator[bool]:
    """For each statement, whether no other stands on its lines."""
    for i, statement in enumerate(body):
        before = i and (body[i - 1].end_lineno or 0) >= _first(statement)
        after = i + 1 < len(body) and _first(body[i + 1]) <= (statement.end_lineno or 0)
        yield not before and not after


def _names(statement: ast.stmt) -> str:
    return repr(tuple(sorted(needed.bound_by(statement))))


def _run(statement: ast.stmt, where: str, text: str) -> str:
    return f"{HELPER}.run(globals(), {_first(statement)}, {where!r}, {_names(statement)}, {text!r})"


def _import_text(statements: Iterable[str], where: str, node: ast.stmt, edits: Edits) -> str:
    """Libraries' modules plainly, anything that can fail guarded."""
    written = []
    for text in statements:
        sure = text.startswith("import numpy") or HELPER in text or not text.startswith(("import ", "from "))
        if sure:
            written.append(text)
        else:
            bound = "()" if text.endswith("*") else repr((text.split()[-1].split(".")[0],))
            written.append(f"{HELPER}.run(globals(), {node.lineno}, {where!r}, {bound}, {text!r})")
    return "; ".join(written) or "pass"


def _left_out(decision: Decision, where: str, edits: Edits) -> str:
    if not decision.absent:
        return "pass"
    quoted = shown(edits.text_of(decision.statement).split("\n")[0])
    said = [
        (name, f"`{name}` is not available while grading: {where} (`{quoted}`) {decision.why}")
        for name in decision.absent
    ]
    return "; ".join(f"{name} = {HELPER}.absent({name!r}, {why!r})" for name, why in said)


def _definition(statement: ast.AST, module: str, own: OwnModules, foreign: set[str], edits: Edits) -> None:
    """Decorators of libraries that are not there taken off; imports of the submission's own modules put right."""
    for node in walk(statement):
        if isinstance(node, DEFINITIONS):
            for decorator in _foreign_decorators(node, foreign).values():
                edits.remove_decorator(decorator)
        elif _is_import(node):
            said = rewrite(node, module, own, None)
            if said.changed:
                edits.replace(node, "; ".join(said.statements) or "pass")


def _compound(statement: ast.stmt, module: str, own: OwnModules, names: set[str], scope: Scope, edits: Edits) -> str:
    """The text of an `if`, `try` or `for` at module level without what is not run there."""
    inside = Edits(edits.text)
    if not isinstance(statement, ast.For):
        waiting = list(needed.inner_statements(statement))
        while waiting:
            inner = waiting.pop()
            if isinstance(inner, (ast.If, ast.Try)):
                waiting += needed.inner_statements(inner)
            elif isinstance(inner, (ast.Import, ast.ImportFrom)):
                said = rewrite(inner, module, own, None)
                if said.changed:
                    inside.replace(inner, "; ".join(said.statements) or "pass")
            elif not isinstance(inner, (*DEFINITIONS, ast.Pass, ast.Raise)):
                fake = Draft("", "", "", ast.Module([inner], []), ())
                if not decide(fake, names, scope)[0].keep and not always(inner, scope.functions):
                    inside.replace(inner, "pass")
    return inside.text_of(statement)


def _notes(draft: Draft, decisions: list[Decision], foreign: set[str], kept: list[ast.stmt]) -> Iterator[str]:
    """What was not run, in one note for a file; names that are missing therefore, one note each."""
    left: dict[str, list[str]] = {}
    for decision in decisions:
        if decision.keep or not decision.what:
            continue
        origin = draft.origins[_first(decision.statement) - 1]
        for name in decision.absent:
            yield f"{origin}: `{name}` has no value while grading: it {decision.why}"
        if not decision.absent:
            place = f"cell {origin.cell} line {origin.line}" if origin.cell else f"line {origin.line}"
            left.setdefault(decision.what, []).append(place)
    if left:
        said = [_counted(what, places) for what, places in left.items()]
        yield f"{draft.file}: not run while grading: {'; '.join(said)}"
    defined = [d for s in kept for d in walk(s) if isinstance(d, DEFINITIONS)]
    if foreign and not defined:  # else whatever needs one says so when it is called
        names = ", ".join(f"`{name}`" for name in sorted(foreign))
        yield f"{draft.file}: not available while grading, which has NumPy alone: {names}"
    for definition in defined:
        for library in _foreign_decorators(definition, foreign):
            yield f"{draft.file}: a decorator of `{definition.name}` is left out: `{library}` is not available"


def _foreign_decorators(definition: ast.AST, foreign: set[str]) -> dict[str, ast.expr]:
    """Decorators that are taken from libraries that are not there, by the library's name."""
    decorators = getattr(definition, "decorator_list", [])
    by_name = {needed.root(d.func if isinstance(d, ast.Call) else d): d for d in decorators}
    return {name: d for name, d in by_name.items() if name in foreign}


def _counted(what: str, places: list[str]) -> str:
    more = f" and {len(places) - 5} more" if len(places) > 5 else ""
    count = "" if what.startswith("the ") else f"{len(places)} "
    plural = "s" if len(places) > 1 and count else ""
    return f"{count}{what}{plural} ({', '.join(places[:5])}{more})"
