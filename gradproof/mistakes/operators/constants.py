"""Numbers that are written down: constants, epsilons, bases of logarithms, steps that are counted."""

from __future__ import annotations

import ast
import math

from ._operator import Change, Found, Site, called, operator

SLIGHTLY = 1e-5
EPSILONS = ("eps", "epsilon")


@operator(
    "constant",
    "a constant is slightly or grossly off",
    "A number of the formula was copied with too few digits, or with a digit too many: five right digits hide an "
    "error from anybody who compares with a loose tolerance.",
)
def constant(node: ast.AST, site: Site) -> Found:
    if isinstance(node, ast.Constant) and type(node.value) is float:
        yield Change(node, repr(node.value * (1 + SLIGHTLY)), "the constant is off in the fifth digit")
        yield Change(node, repr(node.value * 10), "the constant is ten times too large")
    in_formula = isinstance(site.parents.get(node), ast.BinOp)
    if isinstance(node, ast.Name) and node.id.isupper() and isinstance(node.ctx, ast.Load) and in_formula:
        yield Change(node, f"({node.id} * (1 + {SLIGHTLY}))", f"`{node.id}` is off in the fifth digit")
        yield Change(node, f"(10 * {node.id})", f"`{node.id}` is ten times too large")


@operator(
    "whole-number",
    "another whole number",
    "A 2 that comes from differentiating a square, a 1 of a derivative or a 3 of a cube is another number.",
)
def whole_number(node: ast.AST, site: Site) -> Found:
    parent = site.parents.get(node)
    if not (isinstance(node, ast.Constant) and type(node.value) is int and isinstance(parent, ast.BinOp)):
        return
    if isinstance(parent.op, (ast.Mult, ast.Div, ast.Add, ast.Sub)):
        for other in {2: (1, 4), 1: (0, 2), 3: (2,), 4: (2,), 6: (5,)}.get(node.value, ()):
            yield Change(node, str(other), f"{other} is written for {node.value}")


@operator(
    "epsilon-place",
    "epsilon stands beside the root, or under it",
    "sqrt(v + epsilon) and sqrt(v) + epsilon are not the same: where v is small they differ by orders of magnitude.",
)
def epsilon_place(node: ast.AST, site: Site) -> Found:
    if called(node) == "sqrt" and isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.BinOp):
        inside = node.args[0]
        if isinstance(inside.op, ast.Add) and _is_epsilon(inside.right):
            root, eps = f"{site.text(node.func)}({site.text(inside.left)})", site.text(inside.right)
            yield Change(node, f"({root} + {eps})", "epsilon is added to the root")
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and _is_epsilon(node.right)):
        return
    if called(node.left) == "sqrt" and isinstance(node.left, ast.Call):
        inside_text = f"{site.text(node.left.args[0])} + {site.text(node.right)}"
        yield Change(node, f"{site.text(node.left.func)}({inside_text})", "epsilon is added under the root")


@operator(
    "epsilon-value",
    "another epsilon",
    "The small number that keeps a divisor from zero has another size. It is part of the function: entries with a "
    "small divisor change visibly.",
)
def epsilon_value(node: ast.AST, site: Site) -> Found:
    if isinstance(node, ast.Name) and _is_epsilon(node) and isinstance(site.parents.get(node), ast.BinOp):
        yield Change(node, f"(10 * {node.id})", "ten times as large")
        yield Change(node, f"({node.id} ** 2)", "its square")


@operator(
    "epsilon-added",
    "an epsilon is added where none belongs",
    "A small number against division by zero, or against the logarithm of zero, changes the function where no zero "
    "can occur: by little for large numbers, by everything for small ones.",
)
def epsilon_added(node: ast.AST, site: Site) -> Found:
    if called(node) == "log" and isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        for eps in ("1e-7", "1e-12"):
            yield Change(node, f"np.log({site.text(node.args[0])} + {eps})", f"{eps} is added under the logarithm")
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)):
        return
    if called(node.right) in ("sum", "sqrt", "abs", "max") or isinstance(node.right, (ast.Name, ast.BinOp)):
        text = f"{site.operand(node.left)} / ({site.text(node.right)} + 1e-8)"
        yield Change(node, text, "1e-8 is added to the divisor")


def _is_epsilon(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in EPSILONS


@operator(
    "log-base",
    "the logarithm to another base",
    "np.log is the natural logarithm. To base 2 or 10 the result is smaller by ln 2 or ln 10, and so is the gradient, "
    "unless that was differentiated with the natural one.",
)
def log_base(node: ast.AST, site: Site) -> Found:
    if called(node) in ("log", "log1p") and isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        for base in (2, 10):
            yield Change(node, f"({site.text(node)} / {math.log(base)!r})", f"to base {base}")


COUNTED = ("step", "t", "epoch")


@operator(
    "step-count",
    "steps are counted one off",
    "The correction of a running average is 1 - beta^t with t = 1 in the first step. With t - 1 the first step divides "
    "by zero, with t + 1 it is corrected for a step that was not made.",
)
def step_count(node: ast.AST, site: Site) -> Found:
    if not (isinstance(node, ast.Name) and node.id in COUNTED and isinstance(node.ctx, ast.Load)):
        return
    parent = site.parents.get(node)
    if isinstance(parent, ast.Call) and called(parent) == "range":
        return
    if isinstance(parent, (ast.Call, ast.BinOp)):
        yield Change(node, f"({node.id} - 1)", f"`{node.id} - 1` stands for `{node.id}`")
        yield Change(node, f"({node.id} + 1)", f"`{node.id} + 1` stands for `{node.id}`")
