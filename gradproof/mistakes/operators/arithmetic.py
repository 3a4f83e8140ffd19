"""Signs, terms and factors."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ._operator import Change, Found, Site, called, is_count, names_in, of_numpy, operator

SLOPES = ("sigmoid_backward", "tanh_backward", "relu_backward", "standardise_backward")


@operator(
    "sign",
    "a sign is turned",
    "A plus stands for a minus, or the reverse. Each minus in front of an expression, and each one that comes out of "
    "differentiating a difference or a quotient, turns the gradient round.",
)
def sign(node: ast.AST, site: Site) -> Found:
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)) and not is_count(node):
        other = "-" if isinstance(node.op, ast.Add) else "+"
        binds = isinstance(node.right, ast.BinOp) and not isinstance(node.right.op, (ast.Add, ast.Sub))
        right = site.text(node.right) if binds else site.operand(node.right)
        yield Change(node, f"{site.text(node.left)} {other} {right}", f"`{other}` is written")
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant):
        yield Change(node, site.instead(node, node.operand), "the minus in front is left out")
    if isinstance(node, ast.AugAssign) and isinstance(node.op, (ast.Add, ast.Sub)):
        other = "-=" if isinstance(node.op, ast.Add) else "+="
        yield Change(node, f"{site.text(node.target)} {other} {site.text(node.value)}", f"`{other}` is written")
    for part in gradients(node, site):
        yield Change(part, f"-{site.operand(part)}", f"`{_name(part, site)}` has the wrong sign")


def gradients(node: ast.AST, site: Site) -> Iterator[ast.expr]:
    """What a backward assigns to a gradient's name, or returns without one."""
    if not site.is_backward:
        return
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        yield from [node.value] if node.targets[0].id.startswith("d") and names_in(node.value) else []
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
        yield from (e for e in node.value.elts if not isinstance(e, (ast.Starred, ast.Name)))


def _name(part: ast.expr, site: Site) -> str:
    parent = site.parents[part]
    return site.text(parent.targets[0] if isinstance(parent, ast.Assign) else part)


@operator(
    "factor-two",
    "a factor of two too many or too few",
    "The 2 that comes from differentiating a square was left out, or stands there twice, or the 1/2 that cancels it "
    "was forgotten.",
)
def factor_two(node: ast.AST, site: Site) -> Found:
    for part in gradients(node, site):
        yield Change(part, f"2 * {site.operand(part)}", f"`{_name(part, site)}` is doubled")
        yield Change(part, f"{site.operand(part)} / 2", f"`{_name(part, site)}` is halved")


@operator(
    "dropped-term",
    "a term of a sum is left out",
    "A variable that reaches the output in several ways collects one term for each of them. One of these terms is "
    "missing, so the gradient is that of a function in which this way is cut.",
)
def dropped_term(node: ast.AST, site: Site) -> Found:
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)) and not is_count(node):
        yield Change(node, site.instead(node, node.left), f"`{site.text(node.right)}` is left out")
        minus = "-" if isinstance(node.op, ast.Sub) else ""
        text = f"-{site.operand(node.right)}" if minus else site.instead(node, node.right)
        yield Change(node, text, f"`{site.text(node.left)}` is left out")
    if isinstance(node, ast.AugAssign) and isinstance(node.op, (ast.Add, ast.Sub)):
        yield Change(node, "pass", f"`{site.text(node)}` is left out")


@operator(
    "dropped-factor",
    "a factor is left out",
    "The chain rule multiplies by the derivative of every step on the way. One of the factors is missing.",
)
def dropped_factor(node: ast.AST, site: Site) -> Found:
    if not isinstance(node, ast.BinOp) or is_mask(node.left) or is_mask(node.right):
        return
    if isinstance(node.op, ast.Mult) and not is_count(node):
        yield Change(node, site.instead(node, node.left), f"`{site.text(node.right)}` is left out")
        yield Change(node, site.instead(node, node.right), f"`{site.text(node.left)}` is left out")
    if isinstance(node.op, ast.Div) and not is_count(node.right):
        yield Change(node, site.instead(node, node.left), f"the division by `{site.text(node.right)}` is left out")
    if isinstance(node.op, ast.Pow):
        yield Change(node, site.instead(node, node.left), f"the exponent `{site.text(node.right)}` is left out")


@operator(
    "factor-for-divisor",
    "multiplied where it must be divided",
    "A factor stands in the numerator that belongs in the denominator, or the reverse.",
)
def factor_for_divisor(node: ast.AST, site: Site) -> Found:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        text = f"{site.operand(node.left)} * {site.operand(node.right)}"
        yield Change(node, text, f"`{site.text(node.right)}` multiplies")


@operator(
    "factor-twice",
    "a factor is applied twice",
    "A factor that belongs into the product once stands there twice: it was applied in the step before already.",
)
def factor_twice(node: ast.AST, site: Site) -> Found:
    parent = site.parents.get(node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div)) and not isinstance(parent, ast.BinOp):
        mark = "*" if isinstance(node.op, ast.Mult) else "/"
        text = f"({site.text(node)}) {mark} {site.operand(node.right)}"
        yield Change(node, text, f"`{mark} {site.text(node.right)}` is done twice")


@operator(
    "mask-missing",
    "a mask is missing",
    "Entries that the forward left out (negative ones in ReLU, dropped or padded ones) must get no gradient. The "
    "mask that stops them is missing, so the upstream gradient passes through them too.",
)
def mask_missing(node: ast.AST, site: Site) -> Found:
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.BitAnd)):
        for mask, other in ((node.left, node.right), (node.right, node.left)):
            if is_mask(mask):
                yield Change(node, site.instead(node, other), f"`{site.text(mask)}` is left out")
    if called(node) == "where" and isinstance(node, ast.Call) and len(node.args) == 3 and of_numpy(node):
        for chosen in node.args[1:]:
            text = f"(0 * {site.operand(node.args[0])} + {site.operand(chosen)})"
            yield Change(node, text, f"`{site.text(chosen)}` is taken everywhere")


MASKS = ("mask", "keep", "chosen", "violated", "right", "near", "positive", "inside", "below", "kept", "active", "wins")


def is_mask(node: ast.AST) -> bool:
    """Booleans that multiply: a comparison, or a name that is used for one."""
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.Invert) and is_mask(node.operand)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, (ast.BitAnd, ast.BitOr))
    return isinstance(node, ast.Compare) or (isinstance(node, ast.Name) and node.id in MASKS)


@operator(
    "slope-missing",
    "the derivative of the activation is left out",
    "An activation has its own derivative, by which the chain rule multiplies on the way back. Here the upstream "
    "gradient passes through the activation as if it were not there.",
)
def slope_missing(node: ast.AST, site: Site) -> Found:
    name = called(node)
    if isinstance(node, ast.Call) and name.endswith("_backward") and name in SLOPES and node.args:
        parent = site.parents.get(node)
        text = site.instead(node, node.args[0])
        if name != "standardise_backward":
            text = f"({site.text(node.args[0])},)"
        if not isinstance(parent, ast.Starred):
            yield Change(node, text, f"`{name}` is left out")


@operator(
    "power-changed",
    "an exponent is one too many or too few",
    "The derivative of x^n is n x^(n - 1): the exponent is lowered by one, exactly once.",
)
def power_changed(node: ast.AST, site: Site) -> Found:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        base, exponent = site.operand(node.left), site.operand(node.right)
        yield Change(node, f"{base} ** ({exponent} - 1)", "the exponent is one less")
        yield Change(node, f"{base} ** ({exponent} + 1)", "the exponent is one more")
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and site.text(node.left) == site.text(node.right):
        yield Change(
            node, f"{site.operand(node.left)} * {site.operand(node.left)} * {site.operand(node.left)}", "cubed"
        )


@operator(
    "function-missing",
    "a function is left out",
    "An elementary function of the formula (a root, an exponential, a logarithm, an absolute value) is not applied.",
)
def function_missing(node: ast.AST, site: Site) -> Found:
    plain = ("sqrt", "exp", "log", "log1p", "expm1", "tanh", "abs", "sign", "square_root", "erfc")
    if isinstance(node, ast.Call) and called(node) in plain and node.args:
        yield Change(node, site.instead(node, node.args[0]), f"`{called(node)}` is left out")
