"""Small changes of a student's own function, each the reverse of a mistake that is often made.

`edits(function)` gives them, the likeliest first. Nothing is executed here: `repairs` finds out which of them makes the
results right, and so where the mistake is.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

Change = tuple[int, int, str]  # start and end in bytes of the function's source, and what stands there instead


@dataclass(frozen=True)
class Edit:
    """One change. kind: what it mends; said: what is wrong there, in words; at: the line in the file.

    same: equal for one and the same change of equal texts, which may have to be made at all of them.
    """

    kind: str
    said: str
    at: int
    changes: tuple[Change, ...]
    same: str = ""


@dataclass(frozen=True)
class Function:
    """A function or method of a submission.

    method: the class that it is a method of, or "". text: its source, under an `if` where it is indented; first: the
    line of the file that the text's first line would have; code_line: the line where Python says that it begins.
    """

    file: str
    name: str
    method: str
    first: int
    code_line: int
    text: str
    node: ast.FunctionDef = field(hash=False, compare=False)
    others: tuple[str, ...] = ()  # the submission's functions of one argument

    @cached_property
    def starts(self) -> list[int]:
        found = [0]
        for line in self.text.encode().splitlines(keepends=True):
            found.append(found[-1] + len(line))
        return found

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        return {child: node for node in ast.walk(self.node) for child in ast.iter_child_nodes(node)}

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Where a node stands in the text, in bytes."""
        first, last = node.lineno, node.end_lineno  # type: ignore[attr-defined]
        return (
            self.starts[first - 1] + node.col_offset,  # type: ignore[attr-defined]
            self.starts[last - 1] + node.end_col_offset,  # type: ignore[attr-defined]
        )

    def source(self, node: ast.AST) -> str:
        """A node's own text."""
        start, end = self.span(node)
        return self.text.encode()[start:end].decode()

    def around(self, node: ast.AST) -> ast.AST:
        """What a node is a direct part of, and has a place in the text: a comprehension's `for` has none."""
        parent = self.parents.get(node, node)
        return parent if hasattr(parent, "lineno") else self.around(parent)

    def part(self, node: ast.AST) -> str:
        """A node's text as an operand."""
        text = self.source(node)
        atomic = (ast.Name, ast.Call, ast.Attribute, ast.Subscript, ast.Constant)
        return text if isinstance(node, atomic) else f"({text})"

    def line(self, node: ast.AST) -> int:
        """The line of a node in the file."""
        return self.first + node.lineno - 1  # type: ignore[attr-defined]

    def statement(self, node: ast.AST) -> ast.stmt:
        """The statement that a node is part of."""
        while not isinstance(node, ast.stmt):
            node = self.parents[node]
        return node

    def in_loop(self, node: ast.AST) -> bool:
        """Is a statement repeated?"""
        while node in self.parents:
            node = self.parents[node]
            if isinstance(node, (ast.For, ast.While)):
                return True
        return False

    def edit(self, kind: str, said: str, node: ast.AST, text: str, same: str = "") -> Edit:
        """The node's text replaced. same: of what the change is one and the same wherever it is made."""
        start, end = self.span(node)
        return Edit(kind, said, self.line(node), ((start, end, text),), same and f"{kind}: {same} -> {text}")

    @cached_property
    def body(self) -> list[ast.AST]:
        """Every node of its formulas, in order: no docstring, no signature."""
        found: list[ast.AST] = []
        left: list[ast.AST] = list(reversed(self.node.body))
        while left:
            node = left.pop()
            if isinstance(node, (ast.Raise, ast.Assert, ast.JoinedStr, ast.Import, ast.ImportFrom)):
                continue
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                continue
            found.append(node)
            left += reversed(list(ast.iter_child_nodes(node)))
        return found

    @cached_property
    def values(self) -> list[str]:
        """Texts of what holds a value here: arguments, names that are assigned, and items and attributes by name."""
        arguments = self.node.args
        found = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        for node in self.body:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.append(node.id)
            elif is_item(node) or (isinstance(node, ast.Attribute) and _of_name(node)):
                found.append(self.source(node))
        return [v for v in dict.fromkeys(found) if v not in ("self", "_", "np", "numpy", *self._taken_apart)]

    @cached_property
    def _taken_apart(self) -> set[str]:
        """Names of caches: tuples and dictionaries, which are no numbers."""
        found = set()
        for node in self.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], (ast.Tuple, ast.List)):
                found |= {node.value.id} if isinstance(node.value, ast.Name) else set()
            elif isinstance(node, ast.Assign) and isinstance(node.value, (ast.Dict, ast.List)):
                found |= names_of(node.targets[0])
            elif is_item(node) and isinstance(getattr(node, "value", None), ast.Name):
                found.add(node.value.id)  # type: ignore[attr-defined]
        return found

    @cached_property
    def scalars(self) -> frozenset[str]:
        """Values that count or set something: sizes, loop variables, options."""
        found = {v for v in self.values if v in SIZES}
        found |= {v for v in self.values if v.split(".")[-1].strip("\"]'").split("[")[-1].strip("\"'") in OPTIONS}
        for node in self.body:
            if isinstance(node, ast.For):
                iterated = callee(node.iter)
                found |= names_of(node.target) if iterated in ("range", "reversed") else set()
            if isinstance(node, ast.Assign) and self.counts(node.value):
                found |= {n for t in node.targets if isinstance(t, (ast.Name, ast.Tuple)) for n in names_of(t)}
        return frozenset(found)

    def counts(self, value: ast.expr) -> bool:
        """Is this a number of entries, or a whole number?"""
        if isinstance(value, (ast.Tuple, ast.List)):
            return all(map(self.counts, value.elts))
        if isinstance(value, ast.Attribute):
            return value.attr in ("shape", "size", "ndim")
        if isinstance(value, ast.Subscript):
            return self.counts(value.value)
        if isinstance(value, ast.BinOp):
            sides = (value.left, value.right)
            return all(map(self._may_count, sides)) and not all(isinstance(v, ast.Constant) for v in sides)
        return callee(value) in ("len", "int")

    def _may_count(self, value: ast.expr) -> bool:
        if isinstance(value, ast.Constant):
            return type(value.value) is int
        return self.counts(value) or (isinstance(value, ast.Name) and (value.id in SIZES or value.id.isupper()))

    @cached_property
    def arrays(self) -> list[str]:
        """Values that are no scalars."""
        return [v for v in self.values if v not in self.scalars]

    @cached_property
    def uses(self) -> list[ast.expr]:
        """Where such values are read as numbers: no callee, no shape, no cache that is taken apart."""
        known = set(self.values)
        found: list[ast.expr] = []
        for node in self.body:
            loads = isinstance(getattr(node, "ctx", None), ast.Load)
            if not loads or not isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)):
                continue
            if self.source(node) in known and self._is_number(node):
                found.append(node)
        return found

    def _is_number(self, node: ast.expr) -> bool:
        parent = self.parents.get(node)
        if isinstance(parent, ast.Attribute) and parent.attr in ("shape", "size", "ndim", "dtype", "append", "get"):
            return False
        if isinstance(parent, ast.Call) and (parent.func is node or callee(parent) in SHAPERS):
            return False
        if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Tuple):
            return False
        if isinstance(parent, ast.Compare) and isinstance(parent.ops[0], (ast.Is, ast.IsNot, ast.In, ast.NotIn)):
            return False
        return not (isinstance(parent, ast.Subscript) and parent.value is node and is_item(parent))


SIZES = ("N", "D", "C", "G", "T", "F", "HH", "WW", "n", "num_train", "num_classes", "batch_size")
OPTIONS = (
    "reg", "eps", "epsilon", "momentum", "p", "mode", "stride", "pad", "lr", "learning_rate", "learningRate", "alpha",
    "beta1", "beta2", "t", "decay_rate", "rho", "ratio", "rate", "delta", "axis", "pool_height", "pool_width", "seed",
    "lambda_", "lam", "l2", "weight_decay", "conv_param", "pool_param", "bn_param", "ln_param", "gn_param", "config",
    "dropout_param", "params", "grads",
)  # fmt: skip


def names_of(target: ast.expr) -> set[str]:
    """Names that a target binds."""
    return {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}


SHAPERS = ("len", "range", "zeros_like", "ones_like", "empty_like", "isinstance", "print", "enumerate", "zip")


def _of_name(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def is_item(node: ast.AST) -> bool:
    """Is this x["name"]?"""
    return (
        isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
    )


def callee(node: ast.AST) -> str:
    """The last name of what a call calls, else ""."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


Finding = Callable[[Function], Iterator[Edit]]
FAMILIES: list[Finding] = []
TIERS = (
    (),
    (
        "another value", "missing derivative", "own function missing", "value for derivative", "swapped",
        "inner factor", "order of operations", "axes mixed up", "another count", "rest of a Jacobian",
        "einsum", "another derivative", "derivative too many",
    ),
    ("missing sum", "missing function", "missing factor", "missing divisor", "missing penalty", "missing term"),
    ("another expression", "place of a statement"),
)  # fmt: skip
# kinds with many places: tried one tier after the other, where the one before has not mended it


def family(find: Finding) -> Finding:
    """Register a family of edits."""
    FAMILIES.append(find)
    return find


def edits(function: Function) -> list[Edit]:
    """Every edit of a function, each once."""
    from . import edited_blocks, edited_values, edited_wholes, edited_words  # noqa: F401  (they register families)

    found: dict[tuple[Change, ...], Edit] = {}
    for find in FAMILIES:
        for edit in find(function):
            found.setdefault(edit.changes, edit)
    return list(found.values())


def tier(edit: Edit) -> int:
    """When an edit is tried: 0 for the first ones."""
    return _TIER.get(edit.kind, 0)


_TIER = {kind: k for k, kinds in enumerate(TIERS) for kind in kinds}


def functions(files: dict[str, str]) -> list[Function]:
    """Every function and method of a submission's files; of files that cannot be parsed none."""
    found = []
    for file, text in files.items():
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            continue
        for node, method in _defined(tree.body):
            made = _function(file, text, node, method)
            if made is not None:
                found.append(made)
    plain = tuple(f.name for f in found if not f.method and len(f.node.args.args) == 1)
    return [replace(f, others=tuple(n for n in plain if n != f.name)) for f in found]


def _defined(body: Sequence[ast.stmt], method: str = "") -> Iterator[tuple[ast.FunctionDef, str]]:
    for node in body:
        if isinstance(node, ast.FunctionDef):
            yield node, method
        elif isinstance(node, ast.ClassDef):
            yield from _defined(node.body, node.name)
        elif isinstance(node, (ast.If, ast.Try, ast.With)):
            yield from _defined(node.body, method)


def _function(file: str, text: str, node: ast.FunctionDef, method: str) -> Function | None:
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    lines = text.splitlines(keepends=True)[first - 1 : node.end_lineno]
    head = "if 1:\n" if node.col_offset else ""
    own = head + "".join(lines)
    try:
        (inner,) = ast.parse(own).body
    except (SyntaxError, ValueError):
        return None
    if isinstance(inner, ast.If):
        inner = inner.body[0]
    if not isinstance(inner, ast.FunctionDef):
        return None
    return Function(file, node.name, method, first - (1 if head else 0), first, own, inner)
