"""How many drawn cases are proved, how narrowly, at which precision, and how long a case takes.

For every operation, cases are drawn over all of its regimes and both dtypes, as an audit draws them (without its
climb towards larger errors). Timed is `find_truth`: the jets, the backward in balls and on rounded numbers, so truth,
proof and allowances of one case. "Proved" is the judge's own word: the difference between the directional derivative
of the forward and that of the backward is a ball that contains zero with a radius below 1e-20. At ties that are kinks,
it says that each entry lies between the one-sided derivatives; such cases have no radius and are counted apart.
Operations without a derivative (optimisers' steps, schedules) are left out.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gradproof.cases import Spec, build, regimes
from gradproof.drawing import REDRAWS, SEEDS, draw_spec
from gradproof.judging import refused
from gradproof.pair import of_operation
from gradproof.reference import operations
from gradproof.truth import PROVED_RADIUS, CannotRun, find_truth

DTYPES = ("float32", "float64")


def main(cases: int = 50) -> dict[str, Any]:
    """Print the table and return its figures; `cases` for each operation."""
    print(f"{'operation':32} cases proved at kinks refuted undecided worst radius  bits: cases         ms a case")
    rows = {}
    for name, op in operations().items():
        if not op.differentiable(op.defaults()):
            continue
        rows[name] = row = _measure(op, cases)
        bits = " ".join(f"{b}:{n}" for b, n in row["bits"].items())
        print(
            f"{name:32} {row['cases']:5} {row['proved']:6} {row['proved_at_kinks']:8} {row['refuted']:7} "
            f"{row['undecided']:9} {row['worst_radius']:12.1e}  {bits:18} "
            f"{row['ms_median']:6.1f}, at worst {row['ms_worst']:.0f}",
            flush=True,
        )
        for each in row["not_proved"]:
            print(f"    not proved: {each}")
    drawn, proved = (sum(row[key] for row in rows.values()) for key in ("cases", "proved"))
    at_kinks = sum(row["proved_at_kinks"] for row in rows.values())
    apart = f"{at_kinks} of them at kinks, entry by entry"
    print(f"{proved} of {drawn} cases proved with radius below {PROVED_RADIUS:g} ({apart})")
    return {"cases": drawn, "proved": proved, "proved_at_kinks": at_kinks, "radius": PROVED_RADIUS, "operations": rows}


def _measure(op: Any, cases: int) -> dict[str, Any]:
    statuses: Counter[str] = Counter()
    bits: Counter[int] = Counter()
    radii, seconds, not_proved, at_kinks = [0.0], [], [], 0
    for spec in drawn_specs(op, cases):
        case = build(spec, op)
        pair = of_operation(op, case.options)
        start = time.perf_counter()
        try:
            proof = find_truth(pair, case.inputs, case.cotangents, spec.seed).proof
        except CannotRun as stop:
            statuses["undecided"] += 1
            not_proved.append(f"{spec.id}: does not run on exact numbers: {stop}")
            continue
        seconds.append(time.perf_counter() - start)
        statuses[proof.status] += 1
        bits[proof.precision] += 1
        if proof.status != "proved":
            not_proved.append(f"{spec.id}: {proof.status}, radius {proof.radius:.1e}: {proof.message}")
        elif proof.ties and proof.message:
            at_kinks += 1
        else:
            radii.append(proof.radius)
    return {
        "cases": statuses.total(),
        **{status: statuses[status] for status in ("proved", "refuted", "undecided")},
        "proved_at_kinks": at_kinks,
        "worst_radius": max(radii),
        "bits": dict(sorted(bits.items())),
        "ms_median": float(np.median(seconds)) * 1e3,
        "ms_worst": max(seconds) * 1e3,
        "not_proved": not_proved,
    }


def drawn_specs(op: Any, cases: int, dtypes: Sequence[str] = DTYPES, seed: int = 0) -> Iterator[Spec]:
    """`cases` specs, every regime in every dtype in turn; vacuous ones are redrawn a few times."""
    kinds = [(regime, dtype) for regime in regimes(op, op.defaults()) for dtype in dtypes]
    rng = np.random.default_rng([seed, 5])

    def choose(values: Sequence[Any]) -> Any:
        return values[int(rng.integers(len(values)))]

    for k in range(cases):
        regime, dtype = kinds[k % len(kinds)]
        for _ in range(REDRAWS):
            spec = draw_spec(choose, int(rng.integers(SEEDS)), op, [dtype], regime)
            if refused(spec, op) is None:
                break
        yield spec
