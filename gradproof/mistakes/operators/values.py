"""The wrong value in the right place: stale, post-activation, another's gradient, none at all."""

from __future__ import annotations

import ast

from ._operator import Change, Found, Site, called, names_in, operator

MOST_NEIGHBOURS = 3  # of a value in a long cache: it is taken for one that stands near it


@operator(
    "another-value",
    "another saved value is used",
    "The cache holds several values: before and after the activation, this step's and the last one's. The formula is "
    "right, but another one of them is put into it.",
)
def another_value(node: ast.AST, site: Site) -> Found:
    if not (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in site.cached):
        return
    parent = site.parents.get(node)
    if isinstance(parent, ast.Attribute) and parent.attr in ("shape", "size", "dtype", "ndim"):
        return
    if isinstance(parent, ast.Call) and called(parent) in ("len", "zeros_like", "range"):
        return
    at = site.cached.index(node.id)
    near = sorted(site.cached, key=lambda n: (abs(site.cached.index(n) - at), n))
    for other in near[1 : MOST_NEIGHBOURS + 1]:
        if not other.startswith("at_") and not node.id.startswith("at_"):
            yield Change(node, other, f"`{other}` stands for `{node.id}`")


@operator(
    "another-cached",
    "another value is kept for the backward",
    "The forward keeps what the backward needs. It keeps another value: the output for the input, the value after a "
    "step for the one before.",
)
def another_cached(node: ast.AST, site: Site) -> Found:
    if not (isinstance(node, ast.Return) and site.role == "forward" and isinstance(node.value, ast.Tuple)):
        return
    *_, cache = node.value.elts
    if len(node.value.elts) < 2:
        return
    kept = [n for n in ast.walk(cache) if isinstance(n, ast.Name)]
    outputs = [e.id for e in node.value.elts[:-1] if isinstance(e, ast.Name)]
    given = [a for a in site.arguments if a not in site.options]
    for name in kept:
        for other in dict.fromkeys([*outputs, *given]):
            if other != name.id and not name.id.startswith("at_") and name.id not in site.options:
                yield Change(name, other, f"`{other}` is kept for `{name.id}`")


@operator(
    "derivative-at-output",
    "the derivative is taken at the output",
    "f'(x) is wanted, and f'(f(x)) is computed: the activated value is activated once more, or the formula for x is "
    "given y = f(x).",
)
def derivative_at_output(node: ast.AST, site: Site) -> Found:
    home = site.function.name.removesuffix("_backward")
    forward = f"{home}_forward"
    if not site.is_backward or forward not in site.function.module.functions:
        return
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in ("x", "y"):
        arguments = site.function.module.functions[forward].args.args
        if node.id in site.cached and len(arguments) - len(site.options) == 1:
            taken = [f"{a.arg}={a.arg}" for a in arguments[1:] if a.arg in site.cached]
            text = f"{forward}({', '.join([node.id, *taken])})[0]"
            yield Change(node, text, f"`{node.id}` is activated once more")


@operator(
    "upstream-ignored",
    "the upstream gradient is ignored",
    "The backward returns the derivative of the sum of its output, as if dy were all ones. A layer is handed dy and "
    "multiplies by it: with another layer above, this one would be wrong.",
)
def upstream_ignored(node: ast.AST, site: Site) -> Found:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in site.upstream:
        parent = site.parents.get(node)
        if isinstance(parent, ast.Attribute) and parent.attr in ("shape", "size", "dtype", "ndim"):
            return
        if isinstance(parent, ast.Call) and called(parent) == "len":
            return
        yield Change(node, f"np.ones_like({node.id})", f"`{node.id}` is taken as ones")


@operator(
    "gradient-forgotten",
    "a gradient is left at zero",
    "The gradient array is made, and never filled.",
)
def gradient_forgotten(node: ast.AST, site: Site) -> Found:
    if isinstance(node, ast.Return) and site.is_backward and isinstance(node.value, ast.Tuple):
        for element in node.value.elts:
            if not isinstance(element, ast.Starred):
                yield Change(element, f"0 * {site.operand(element)}", f"`{site.text(element)}` is zero")


@operator(
    "way-back-cut",
    "the gradient stops half way",
    "An intermediate gradient is taken as zero, so everything behind it gets none of it: a value was treated as a "
    "constant.",
)
def way_back_cut(node: ast.AST, site: Site) -> Found:
    if isinstance(node, ast.Assign) and site.is_backward and isinstance(node.targets[0], ast.Name):
        name = node.targets[0].id
        if name.startswith("d") and names_in(node.value):
            yield Change(node.value, f"0 * ({site.text(node.value)})", f"`{name}` is taken as zero")
