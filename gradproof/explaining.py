"""A checked pair in words: what is wrong, where, by how much, the pattern, the proof, what is right, how to see it."""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .packing import split
from .pasting import script
from .pattern import describe, sizes
from .verdict import Finding

if TYPE_CHECKING:
    from .checking import Checked

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_LIBRARIES = os.path.dirname(os.path.dirname(os.path.abspath(np.__file__))) + os.sep  # where NumPy and SciPy stand


def explain(checked: Checked, cause: Sequence[str] = ()) -> str:
    """The message of a `Mismatch`. cause: lines that name the likely cause, where it was looked for."""
    failed = checked.failed
    lines = [headline(checked)]
    for finding in [] if _told(checked) else failed:
        lines += ["", *_about(finding, checked)]
    right = [
        f.quantity for f in checked.findings if f.status == "agree" and f.quantity not in {x.quantity for x in failed}
    ]
    lines += ["", *cause] if cause else []
    if right:
        lines += ["", f"right: {', '.join(right)}"]
    if checked.truth is not None:
        lines += [f"truth: {_truth(checked)}"]
    shown = script(checked)
    if shown:
        lines += ["", "to see it, run:", "", shown]
    return "\n".join(lines)


def _told(checked: Checked) -> bool:
    """Does the headline say everything?"""
    return _spoiled(checked) is not None or all(f.reason in ("raised", "missing", "convention") for f in checked.failed)


def headline(checked: Checked) -> str:
    """One sentence: which quantities of what fail, and how."""
    failed = checked.failed
    alone = next((f for f in failed if f.reason in ("raised", "missing", "convention")), None) or _spoiled(checked)
    if alone is not None:
        return f"{checked.pair.name}: {alone.message}"
    quantities = list(dict.fromkeys(f.quantity for f in failed))
    how = "wrong" if any(f.status == "wrong" for f in failed) else "inaccurate"
    return f"{checked.pair.name}: {' and '.join(quantities)} {'is' if len(quantities) == 1 else 'are'} {how}"


def _spoiled(checked: Checked) -> Finding | None:
    """The one fault that explains everything: the output is another one at each call."""
    return next((f for f in checked.failed if f.reason == "not-repeatable" and f.quantity == checked.pair.output), None)


def _about(finding: Finding, checked: Checked) -> list[str]:
    lines = [f"{finding.quantity}: {finding.status}" + (f" ({finding.reason})" if finding.reason else "")]
    notes = checked.truth.notes if checked.truth is not None else ()  # these stand under "truth"
    said = finding.message
    for note in notes:
        said = said.replace(note, "").rstrip("; ")
    lines += [f"  {said}"] if said else []
    w = finding.worst
    if w is not None:
        at = f"{finding.quantity}[{', '.join(map(str, w.index))}]" if w.index else finding.quantity
        times = f"{finding.ratio:.3g} times the allowance"
        if finding.ratio == np.inf:
            exact = float(w.allowance) == 0
            times = "exactly representable, so nothing but the true value is right" if exact else "no number at all"
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
    if finding.quantity in checked.pair.outputs:
        parts = split(checked.truth.y.allowance, checked.call.shapes)
        allowance = parts[checked.pair.outputs.index(finding.quantity)]
    elif finding.quantity == checked.pair.output:
        allowance = checked.truth.y.allowance
    elif finding.quantity[1:] in checked.truth.gradients[k]:
        allowance = checked.truth.gradients[k][finding.quantity[1:]].allowance
    else:
        return ""
    return describe(true, np.asarray(got), allowance, sizes_of(checked))


def sizes_of(checked: Checked) -> dict[str, int]:
    """Sizes of the inputs' axes, named as the messages name them."""
    return sizes(checked.inputs)


def _truth(checked: Checked) -> str:
    truth = checked.truth
    if truth is None:
        return ""
    proof = truth.proof
    if proof.status == "proved":
        how = f"radius {proof.radius:.1e} at {proof.precision} bits"
        return f"the backward is proved to be the derivative of this forward ({how})"
    if proof.status == "not-asked":
        return f"the forward on exact numbers; {proof.message}"
    if truth.source == "reverse mode of the forward":
        return f"the exact derivative of this forward; {proof.message}".rstrip("; ")
    return proof.message if truth.source in proof.message else f"{truth.source}; {proof.message}"


def place(error: BaseException) -> str:
    """The innermost line that is neither this package's nor a library's: the user's own."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if not f.filename.startswith(_HERE) and f.line and not f.filename.startswith(_LIBRARIES)]
    return f" (line {own[-1].lineno}: `{(own[-1].line or '').strip()}`)" if own else ""


def stopped(stop: BaseException) -> str:
    """What stopped an exact run, in one clause: the NumPy function where there is one, and the user's line."""
    cause = stop.__cause__
    text = re.sub(r" \(line \d+: `.*`\)$", "", str(stop))
    called = re.match(
        r"([\w.]+|astype\(\w+\)): \w*(TypeError|AttributeError|ValueError|RecursionError|LinAlgError): ", text
    )
    if called and isinstance(cause, (TypeError, AttributeError)):
        text = f"{called[1]} does not run on exact numbers"
    return text + ("" if cause is None else place(cause))
