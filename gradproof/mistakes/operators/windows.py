"""Places, windows and sequences that are one off."""

from __future__ import annotations

import ast

from ._operator import Change, Found, Site, called, operator


@operator(
    "off-by-one",
    "one too many or too few",
    "A range, a slice, a margin or a size is one off: the last entry is left out, the first one counted twice, or "
    "every place moves by one.",
)
def off_by_one(node: ast.AST, site: Site) -> Found:
    if called(node) == "range" and isinstance(node, ast.Call) and len(node.args) == 1:
        argument = site.text(node.args[0])
        yield Change(node.args[0], f"{argument} - 1", "the last one is left out")
        yield Change(node, f"range(1, {argument})", "the first one is left out")
    if called(node) == "arange" and isinstance(node, ast.Call) and len(node.args) == 1:
        yield Change(node, f"({site.text(node)} + 1)", "counting starts from one")
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv):
        yield Change(node, f"({site.text(node)} + 1)", "one more")
        if isinstance(node.left, ast.UnaryOp) and isinstance(site.parents.get(node), ast.UnaryOp):
            yield Change(node, f"-({site.operand(node.left.operand)} // {site.operand(node.right)})", "rounded down")
    if called(node) == "slice" and isinstance(node, ast.Call) and len(node.args) >= 2:
        first, last, *step = (site.text(a) for a in node.args)
        if first != "None":
            text = ", ".join([f"max({first} - 1, 0)", f"{last} - ({first} > 0)", *step])
            yield Change(node, f"slice({text})", "every place is one too early")


@operator(
    "margins-swapped",
    "padding stands on the wrong side",
    "The odd row or column of padding goes after the image, not before it, and what is cut off must be what was added.",
)
def margins_swapped(node: ast.AST, site: Site) -> Found:
    if isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(node.ctx, ast.Load):
        texts = [site.text(e) for e in node.elts]
        if any("// 2" in t or t == "padding" for t in texts) and texts[0] != texts[1]:
            yield Change(node, f"({texts[1]}, {texts[0]})", "before and after are swapped")
        if texts == ["padding", "padding"]:
            yield Change(node, "(padding, padding - 1)", "one row less after")
            yield Change(node, "(padding - 1, padding)", "one row less before")


@operator(
    "stride",
    "stride or dilation is not used",
    "The windows are placed one after the other, or the kernel's entries next to each other, whatever the stride and "
    "the dilation are.",
)
def stride(node: ast.AST, site: Site) -> Found:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in ("stride", "dilation"):
        parent = site.parents.get(node)
        if isinstance(parent, ast.Tuple) and isinstance(site.parents.get(parent), ast.Return):
            return
        yield Change(node, "1", f"`{node.id}` is taken as 1")
        if isinstance(parent, ast.BinOp):
            yield Change(node, f"({node.id} + 1)", f"`{node.id}` is one too large")
