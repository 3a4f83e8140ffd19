"""Comparisons, extremes and options: what decides which formula holds."""

from __future__ import annotations

import ast

from ._operator import Change, Found, Site, called, operator

STRICT = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">"}
TURNED = {ast.Lt: ">", ast.LtE: ">=", ast.Gt: "<", ast.GtE: "<=", ast.Eq: "!=", ast.NotEq: "=="}


@operator(
    "strictness",
    "< stands for <=, or the reverse",
    "At equality the formula decides for the other side. It shows only where two numbers are exactly equal: at zero, "
    "at a threshold, at a tie.",
)
def strictness(node: ast.AST, site: Site) -> Found:
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in STRICT:
        mark = STRICT[type(node.ops[0])]
        text = f"{site.operand(node.left)} {mark} {site.operand(node.comparators[0])}"
        yield Change(node, _kept(site, node, text), f"`{mark}` is written")


@operator(
    "side",
    "the wrong side of a comparison",
    "The comparison is turned round: the formula holds where it must not, and the other way about.",
)
def side(node: ast.AST, site: Site) -> Found:
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in TURNED:
        if isinstance(node.comparators[0], ast.Constant) and isinstance(node.comparators[0].value, str):
            return
        mark = TURNED[type(node.ops[0])]
        text = f"{site.operand(node.left)} {mark} {site.operand(node.comparators[0])}"
        yield Change(node, _kept(site, node, text), f"`{mark}` is written")
    if called(node) == "where" and isinstance(node, ast.Call) and len(node.args) == 3:
        condition, yes, no = (site.text(a) for a in node.args)
        yield Change(node, f"np.where({condition}, {no}, {yes})", "the two cases are swapped")


def _kept(site: Site, node: ast.AST, text: str) -> str:
    return text if isinstance(site.parents.get(node), (ast.stmt, ast.keyword)) else f"({text})"


EXTREMES = {
    "max": "min", "min": "max", "maximum": "minimum", "minimum": "maximum", "argmax": "argmin", "argmin": "argmax",
    "sin": "cos", "cos": "sin",
}  # fmt: skip


@operator(
    "opposite-function",
    "the opposite function",
    "The largest stands for the smallest, a sine for a cosine, or the reverse.",
)
def opposite_function(node: ast.AST, site: Site) -> Found:
    name = called(node)
    if isinstance(node, ast.Call) and name in EXTREMES and isinstance(node.func, ast.Attribute):
        head, text = site.text(node.func), site.text(node)
        other = EXTREMES[name]
        yield Change(node, f"{head[: -len(name)]}{other}{text[len(head) :]}", f"`{other}` is written for `{name}`")


@operator(
    "option-ignored",
    "an option is ignored",
    "The formula is that of one value of an option, whatever the option says.",
)
def option_ignored(node: ast.AST, site: Site) -> Found:
    if isinstance(node, ast.IfExp) and _about_option(node.test, site):
        yield Change(node, site.instead(node, node.body), f"always as for `{site.text(node.test)}`")
        yield Change(node, site.instead(node, node.orelse), f"never as for `{site.text(node.test)}`")
    if isinstance(node, ast.If) and _about_option(node.test, site):
        yield Change(node.test, "True", f"always as for `{site.text(node.test)}`")
        yield Change(node.test, "False", f"never as for `{site.text(node.test)}`")
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in site.options:
        default = site.defaults.get(node.id)
        parent = site.parents.get(node)
        if isinstance(default, (int, float)) and isinstance(parent, (ast.BinOp, ast.Call, ast.keyword)):
            yield Change(node, repr(default), f"`{node.id}` is taken as {default!r}")


def _about_option(test: ast.AST, site: Site) -> bool:
    return any(isinstance(n, ast.Name) and n.id in site.options for n in ast.walk(test))
