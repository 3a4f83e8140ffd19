"""Formulas that are right on paper and lose digits in floats, and casts that lose them on purpose."""

from __future__ import annotations

import ast
import re

from ._operator import Change, Found, Site, called, operator


@operator(
    "no-shift",
    "the shift by the largest entry is left out",
    "exp overflows from about 88 in float32 and 709 in float64. Subtracting the largest entry first changes nothing "
    "on paper and keeps every exponential at most 1.",
)
def no_shift(node: ast.AST, site: Site) -> Found:
    if (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Sub)
        and called(node.right) in ("max", "take_along_axis")
    ):
        yield Change(node, site.instead(node, node.left), "the largest entry is not subtracted")


@operator(
    "unstable",
    "a formula that loses digits",
    "exp(x) - 1, log(1 + x), 1 + erf(x) or E[x²] - E[x]² subtract or add numbers that nearly cancel, or vanish beside "
    "1: the few digits that remain are rounding. expm1, log1p, erfc and the two-pass variance keep them.",
)
def unstable(node: ast.AST, site: Site) -> Found:
    name = called(node)
    if isinstance(node, ast.Call) and name in ("expm1", "log1p", "erfc") and node.args:
        argument = site.text(node.args[0])
        if name == "expm1":
            yield Change(node, f"(np.exp({argument}) - 1)", "exp - 1 stands for expm1")
        elif name == "log1p":
            yield Change(node, f"np.log(1 + ({argument}))", "log(1 + x) stands for log1p")
        else:
            yield Change(node, f"(2 - erfc(-({argument})))", "1 + erf stands for erfc")
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and called(node.left) == "einsum":
        yield from _one_pass(node, site)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and called(node.left) == "exp":
        yield from _without_abs(node, site)


def _one_pass(node: ast.BinOp, site: Site) -> Found:
    """E[x²] - E[x]² for a two-pass variance that einsum makes from deviations."""
    call = node.left
    if not isinstance(call, ast.Call) or len(call.args) != 3 or site.text(call.args[1]) != site.text(call.args[2]):
        return
    name, subscripts = site.text(call.args[1]), site.text(call.args[0]).strip("\"'")
    made = [
        n.value
        for n in ast.walk(site.function.node)
        if isinstance(n, ast.Assign) and site.text(n.targets[0]) == name and n.lineno < node.lineno
    ]
    if made and isinstance(made[0], ast.BinOp) and isinstance(made[0].op, ast.Sub):
        whole, count = site.operand(made[0].left), site.operand(node.right)
        one = re.sub(r",\w+->", "->", subscripts)
        text = f'(np.einsum("{subscripts}", {whole}, {whole}) / {count} - (np.einsum("{one}", {whole}) / {count}) ** 2)'
        yield Change(node, text, "E[x²] - E[x]² stands for the mean of the squared deviations")


def _without_abs(node: ast.BinOp, site: Site) -> Found:
    text = site.text(node)
    if "np.abs(x)" in text:
        yield Change(node, text.replace("np.abs(x)", "x"), "the exponential of x overflows")


@operator(
    "cast",
    "computed in float32 or float16",
    "Somewhere a number is cast to fewer digits and back: seven digits are left of sixteen (float32), or three of "
    "seven (float16). The dtype of the result does not show it.",
)
def cast(node: ast.AST, site: Site) -> Found:
    if not isinstance(node, ast.Return) or not isinstance(node.value, ast.Tuple):
        return
    elements = node.value.elts if site.is_backward else node.value.elts[:1]
    for element in elements:
        if isinstance(element, ast.Starred):
            continue
        text = site.text(element)
        for dtype in ("float32", "float16"):
            cast_text = f"np.asarray({text}).astype(np.{dtype}).astype(np.asarray({text}).dtype)"
            yield Change(element, cast_text, f"`{text}` is rounded to {dtype}")
