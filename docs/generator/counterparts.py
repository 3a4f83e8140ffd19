"""How each framework computes an operation: its own function, one composed of parts, or none."""

from __future__ import annotations

import ast
import importlib
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import Any

from gradproof.frameworks import Absent, why_composed

from .markdown import code, codes, fence, page, plain, table
from .sources import Helper, helpers_of, source_of

FRAMEWORKS = ("pytorch", "keras", "tensorflow", "jax")
ROOTS = {
    "torch": "torch",
    "functional": "torch.nn.functional",
    "keras": "keras",
    "ops": "keras.ops",
    "tf": "tf",
    "jax": "jax",
    "jnp": "jax.numpy",
    "nn": "jax.nn",
}
"""The modules that an evaluation `fw` offers, as counterparts name them."""
NO_CALLS = {"float32", "float64", "int32", "int64", "bool", "newaxis", "Tensor", "dtype"}


@dataclass(frozen=True)
class Counterpart:
    """One framework's side. kind: "own", "composed" or "absent"; why: the reason for the last two.

    calls: what of the framework the function names; weights: (input, variable, the way back) of each weight loaded.
    """

    framework: str
    kind: str
    why: str = ""
    calls: tuple[str, ...] = ()
    weights: tuple[tuple[str, str, str], ...] = ()
    functions: tuple[Callable[..., Any], ...] = field(default=(), compare=False)


@cache
def of(operation: str, inputs: frozenset[str] = frozenset()) -> list[Counterpart]:
    """Each framework's counterpart of an operation, in the order of FRAMEWORKS.

    inputs: names of the operation's inputs; weights of other names, which a shared helper loads, are left out.
    """
    module = importlib.import_module(f"gradproof.frameworks.counterparts.{operation}")
    return [_of(module, framework, inputs) for framework in FRAMEWORKS]


def _of(module: ModuleType, framework: str, inputs: frozenset[str]) -> Counterpart:
    function = getattr(module, framework, None)
    if function is None or isinstance(function, Absent):
        return Counterpart(framework, "absent", str(function or "the file says nothing of it"))
    own = _tree(source_of(function))
    helpers = [_tree(helper.source) for helper in helpers_of([function])]
    calls = dict.fromkeys(_calls(own)) or dict.fromkeys(call for tree in helpers for call in _calls(tree))
    weights = dict.fromkeys(row for tree in (own, *helpers) for row in _weights(tree, inputs))
    why = why_composed(function)
    reasons = [why] if why else list(dict.fromkeys(reason for tree in (own, *helpers) for reason in _composed(tree)))
    kind = "composed" if why else "own"
    return Counterpart(framework, kind, "; ".join(reasons), tuple(calls), tuple(weights), (function,))


@cache
def _tree(source: str) -> ast.AST:
    return ast.parse(textwrap.dedent(source))


@cache
def _calls(tree: ast.AST) -> tuple[str, ...]:
    """Dotted names of the framework's own modules, the longest of each chain: fw.tf.nn.relu is tf.nn.relu."""
    roots = {f"fw.{name}": module for name, module in ROOTS.items()}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            roots.update(_aliases(node, roots))
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or id(node) in inner or node.attr in NO_CALLS:
            continue
        chain = ast.unparse(node)
        for root, module in roots.items():
            rest = chain.removeprefix(f"{root}.")
            if rest != chain and rest.replace(".", "").isidentifier():
                found.append(f"{module}.{rest}")
    return tuple(found)


def _aliases(node: ast.Assign, roots: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Names that an assignment such as `jnp, nn = fw.jnp, fw.nn` gives to the framework's modules."""
    target, value = node.targets[0], node.value
    names = target.elts if isinstance(target, ast.Tuple) else [target]
    values = value.elts if isinstance(value, ast.Tuple) else [value]
    for name, given in zip(names, values, strict=False):
        if isinstance(name, ast.Name) and ast.unparse(given) in roots:
            yield name.id, roots[ast.unparse(given)]


@cache
def _weights(tree: ast.AST, inputs: frozenset[str]) -> tuple[tuple[str, str, str], ...]:
    """(input, variable, way back) of each fw.weight(...) whose name is one of the inputs, or begins one."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) != "fw.weight":
            continue
        back = next((k.value for k in node.keywords if k.arg == "back"), None)
        for name in _texts(node.args[0]):
            if any(known == name or known.startswith(f"{name}_") for known in inputs):
                found.append((name, _variable(node.args[1]), _way_back(back, tree)))
    return tuple(found)


def _texts(node: ast.expr) -> list[str]:
    """The texts that an expression may be; of an f-string its fixed part."""
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body), *_texts(node.orelse)]
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return ["".join(str(p.value) for p in parts if isinstance(p, ast.Constant))]


def _variable(node: ast.expr) -> str:
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "getattr":
        return f"{ast.unparse(node.args[0])}.{_texts(node.args[1])[0]}"
    return ast.unparse(node)


def _way_back(back: ast.expr | None, tree: ast.AST) -> str:
    """What is done with a gradient: the value that the function given as `back` returns, or its name."""
    if back is None:
        return "as it is"
    if isinstance(back, ast.Lambda):
        return ast.unparse(back.body)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and isinstance(back, ast.Name) and node.name == back.id:
            returned = [n.value for n in ast.walk(node) if isinstance(n, ast.Return) and n.value is not None]
            return "; ".join(ast.unparse(value) for value in returned)
    return f"{ast.unparse(back)}(gradient)"


def _composed(tree: ast.AST) -> Iterator[str]:
    """Reasons given to fw.composed(...), where it depends on the options."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "fw.composed" and node.args:
            why = node.args[0]
            yield str(why.value) if isinstance(why, ast.Constant) else ast.unparse(why)


def section(operation: str, inputs: frozenset[str]) -> str:
    """The section of an operation's page: a table, the layouts, each framework's source, the shared helpers."""
    every = of(operation, inputs)
    module = importlib.import_module(f"gradproof.frameworks.counterparts.{operation}")
    rows = [[code(c.framework), _kind(c), codes(c.calls) or "", plain(c.why)] for c in every]
    parts = [
        "## How each framework computes it",
        plain((module.__doc__ or "").strip()),
        table(["framework", "counterpart", "calls", "why"], rows),
        _layouts(every),
    ]
    for counterpart in every:
        if counterpart.functions:
            parts += [
                f"### In {counterpart.framework}",
                *(fence(source_of(f), "python") for f in counterpart.functions),
            ]
    parts += helper_parts(helpers_of([f for c in every for f in c.functions]), "What these counterparts share")
    return page(parts)


def _kind(counterpart: Counterpart) -> str:
    if counterpart.kind == "own" and counterpart.why:
        return "own, composed under some options"
    return {"own": "its own", "composed": "composed", "absent": "absent"}[counterpart.kind]


def _layouts(every: list[Counterpart]) -> str:
    rows = [
        [code(c.framework), code(name), code(variable), "as it is" if back == "as it is" else code(back)]
        for c in every
        for name, variable, back in c.weights
    ]
    if not rows:
        return ""
    head = ["framework", "input", "the framework's variable", "from its layout back to the reference's"]
    said = (
        "Weights are loaded by the framework's own loading. The last column takes a gradient back to the layout above."
    )
    return page([said, table(head, rows)])


def helper_parts(helpers: list[Helper], title: str) -> list[str]:
    """Sources of helpers, folded away: they are long, and the same for many operations."""
    if not helpers:
        return []
    parts = [f"<details>\n<summary>{title}</summary>"]
    for file in dict.fromkeys(helper.file for helper in helpers):
        source = "\n\n\n".join(helper.source for helper in helpers if helper.file == file)
        parts += [f"From {code(file)}:", fence(source, "python")]
    return [*parts, "</details>"]
