"""A checked pair in words: what is wrong, where, by how much, the pattern, the proof, what is right, how to see it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from .pattern import describe
from .reproducer import literal
from .verdict import Finding

if TYPE_CHECKING:
    from .checking import Checked

MOST_SHOWN = 60  # entries of the inputs beyond which the message leaves the numbers out


def explain(checked: Checked) -> str:
    """The message of a `Mismatch`."""
    failed = checked.failed
    lines = [headline(checked)]
    for finding in failed:
        lines += ["", *_about(finding, checked)]
    right = [f.quantity for f in checked.findings if f.status == "agree" and f.quantity not in {x.quantity for x in failed}]
    if right:
        lines += ["", f"right: {', '.join(right)}"]
    if checked.truth is not None:
        lines += [f"truth: {_truth(checked)}"]
    shown = reproducer(checked)
    if shown:
        lines += ["", "to see it:", shown]
    return "\n".join(lines)


def headline(checked: Checked) -> str:
    """One sentence: which quantities of what fail, and how."""
    quantities = list(dict.fromkeys(f.quantity for f in checked.failed))
    word = "raised an exception" if all(f.status == "broken" for f in checked.failed) else None
    if word:
        return f"{checked.pair.name}: {checked.failed[0].message}"
    statuses = {f.status for f in checked.failed}
    how = "wrong" if "wrong" in statuses or "broken" in statuses else "inaccurate"
    return f"{checked.pair.name}: {' and '.join(quantities)} {'is' if len(quantities) == 1 else 'are'} {how}"


def _about(finding: Finding, checked: Checked) -> list[str]:
    lines = [f"{finding.quantity}: {finding.status}" + (f" ({finding.reason})" if finding.reason else "")]
    if finding.message:
        lines.append(f"  {finding.message}")
    w = finding.worst
    if w is not None:
        at = f"{finding.quantity}[{', '.join(map(str, w.index))}]" if w.index else finding.quantity
        times = "exactly representable, so nothing but the true value is right" if finding.ratio == np.inf else f"{finding.ratio:.3g} times the allowance"
        lines.append(f"  worst entry {at}: true {w.true}, got {w.got}")
        lines.append(f"  error {w.error}, allowance {w.allowance}: {times}")
    seen = pattern_of(finding, checked)
    if seen:
        lines.append(f"  pattern: {seen}")
    return lines


def pattern_of(finding: Finding, checked: Checked) -> str:
    """The pattern of a failed quantity against the truth, or nothing."""
    if not finding.pictures or finding.worst is None or checked.truth is None:
        return ""
    true, got, _ = finding.pictures
    k = finding.worst.cotangent
    quantity = checked.truth.y if finding.quantity == checked.pair.output else checked.truth.gradients[k].get(finding.quantity[1:])
    return "" if quantity is None else describe(true, np.asarray(got), quantity.allowance, sizes_of(checked))


def sizes_of(checked: Checked) -> dict[str, int]:
    """Sizes of the inputs' axes, named as the messages name them."""
    sizes: dict[str, int] = {}
    for name, x in checked.inputs.items():
        sizes.update({f"{name}.shape[{axis}]": size for axis, size in enumerate(x.shape) if size not in sizes.values()})
        if x.ndim > 1 and x.size not in sizes.values():
            sizes[f"{name}.size"] = x.size
    return sizes


def _truth(checked: Checked) -> str:
    truth = checked.truth
    assert_proof = truth.proof if truth is not None else None
    if truth is None or assert_proof is None:
        return ""
    proof = assert_proof
    if proof.status == "proved":
        return f"the backward is proved to be the derivative of this forward (radius {proof.radius:.1e} at {proof.precision} bits)"
    if proof.status == "refuted":
        return f"{truth.source}; {proof.message}"
    return f"{truth.source}; {proof.message}"


def reproducer(checked: Checked) -> str:
    """A script that evaluates the user's own functions at this point; empty where the arrays are too large to print."""
    if sum(x.size for x in checked.inputs.values()) > MOST_SHOWN or not checked.cotangents:
        return ""
    finding = next((f for f in checked.failed if f.worst is not None), checked.failed[0] if checked.failed else None)
    k = finding.worst.cotangent if finding is not None and finding.worst is not None else 0
    lines = ["  import numpy as np"]
    lines += [f"  {name} = {literal(np.ascontiguousarray(x).reshape(x.shape))}" for name, x in checked.inputs.items()]
    lines.append(f"  dy = {literal(np.ascontiguousarray(checked.cotangents[k]).reshape(checked.cotangents[k].shape))}")
    return "\n".join(lines)


def source_file(function: Any) -> str:
    """The file that a function stands in, or nothing."""
    try:
        return inspect.getsourcefile(inspect.unwrap(function)) or ""
    except TypeError:
        return ""
