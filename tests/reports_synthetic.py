"""Made-up findings files for the tests of the reports: ordinary, huge, hostile, with pieces missing."""

from __future__ import annotations

import math
import random
from typing import Any

IMPLEMENTATIONS = ("numpy", "pytorch", "keras", "tensorflow", "jax")
REGIMES = ("ordinary", "tails", "tiny", "huge", "integers", "ties", "empty")
OPERATIONS = {
    "affine": ("y", "dx", "dw", "db"),
    "softmax": ("y", "dx"),
    "softplus": ("y", "dx"),
    "conv2d": ("y", "dx", "dw", "db"),
    "huber": ("y", "dprediction"),
    "binary_cross_entropy_with_logits": ("y", "dlogits"),
    "two_layer_network": ("y", "dx", "dw1", "db1", "dw2", "db2"),
}
HOSTILE = "<script>alert('x')</script>\x1b[31mred\x07 ]]> `|*_ \" ' & \u202eevil\u2028 \x00 {{ 7*7 }} <!-- [bold]"


def header(**changes: Any) -> dict[str, Any]:
    """A header record of a run over all synthetic operations; jax is absent."""
    record: dict[str, Any] = {
        "record": "header",
        "format": "gradproof-findings",
        "version": 1,
        "created": "2025-01-31T12:00:00+00:00",
        "environment": {
            "python": "3.11.7",
            "cpu": {"model": "a processor", "cores": 2, "avx512": False},
            "blas": {"name": "openblas", "threads": 1},
            "precision": ["float32", "float64"],
        },
        "settings": {"operations": list(OPERATIONS), "cases": 20, "seed": 0, "dtypes": ["float32", "float64"]},
        "implementations": {
            "numpy": {"status": "ready", "versions": {"numpy": "2.4.1"}, "message": ""},
            "pytorch": {"status": "ready", "versions": {"torch": "2.13.0"}, "message": ""},
            "keras": {"status": "ready", "versions": {"keras": "3.15.0", "tensorflow": "2.21.0"}, "message": ""},
            "tensorflow": {"status": "ready", "versions": {"tensorflow": "2.21.0"}, "message": ""},
            "jax": {"status": "absent", "versions": {}, "message": "jax is not installed in this Python"},
        },
        "operations": {name: about(name) for name in OPERATIONS},
    }
    return {**record, **changes}


def about(op: str) -> dict[str, Any]:
    """What the header says of an operation."""
    return {
        "summary": f"{op}: what it computes, in a line.",
        "cite": "Goodfellow, Bengio and Courville, Deep Learning (2016), section 6.5",
        "options": {"axis": [-1, 0]} if op == "softmax" else {},
        "regimes": list(REGIMES),
        "inputs": [{"name": q[1:], "shape": "N D", "kind": "real"} for q in OPERATIONS[op] if q != "y"],
    }


def case(op: str = "affine", number: int = 0, **changes: Any) -> dict[str, Any]:
    """A proved case record."""
    dtype = changes.get("dtype", "float64")
    regime = changes.get("regime", "ordinary")
    record = {
        "record": "case",
        "case": f"{op}:{'f64' if dtype == 'float64' else 'f32'}:{regime}:{number:04d}",
        "op": op,
        "dtype": dtype,
        "regime": regime,
        "layout": "contiguous",
        "sizes": {"N": 3, "D": 4, "M": 2},
        "options": {"axis": -1} if op == "softmax" else {},
        "cotangents": 3,
        "proof": {"status": "proved", "radius": 1.2e-30, "precision": 128, "ties": 0, "message": ""},
        "vacuous": [],
        "seconds": 0.01,
    }
    return {**record, **changes}


def finding(
    of: dict[str, Any], implementation: str = "pytorch", quantity: str = "dx", **changes: Any
) -> dict[str, Any]:
    """An agreeing finding of a case."""
    record: dict[str, Any] = {
        "record": "finding",
        "case": of["case"],
        "op": of["op"],
        "dtype": of["dtype"],
        "regime": of["regime"],
        "implementation": implementation,
        "quantity": quantity,
        "status": "agree",
        "reason": "",
        "entries": 12,
        "ratio": 0.31,
        "ulp": 0.8,
        "worst": {
            "index": [1, 2],
            "cotangent": 0,
            "true": "0.12345678901234567",
            "got": "0.12345678901234568",
            "error": "1.1e-17",
            "allowance": "3.5e-17",
        },
        "truth": "proved backward",
        "native": True,
        "message": "",
    }
    return {**record, **changes}


def wrong(of: dict[str, Any], implementation: str = "keras", quantity: str = "dx", **changes: Any) -> dict[str, Any]:
    """A wrong finding of a case: twice the true value."""
    worst = {
        "index": [2, 1],
        "cotangent": 1,
        "true": "-1.1752011936438014",
        "got": "-2.3504023872876028",
        "error": "1.1752011936438014",
        "allowance": "1.9e-16",
    }
    how = {"status": "wrong", "reason": "factor", "ratio": 6.2e15, "ulp": 5.3e15, "worst": worst}
    message = "every entry is twice the true gradient"
    return finding(of, implementation, quantity, **{**how, "message": message, **changes})


def uncompared(of: dict[str, Any], implementation: str, quantity: str, status: str, message: str) -> dict[str, Any]:
    """A finding that compared nothing: absent, not-applicable, broken."""
    nothing: dict[str, Any] = {"entries": 0, "ratio": None, "ulp": None, "worst": None}
    return finding(of, implementation, quantity, status=status, message=message, **nothing)


def detail(of: dict[str, Any], shape: tuple[int, ...] = (3, 4), bad: tuple[int, ...] | None = None) -> dict[str, Any]:
    """The detail record of a finding, with arrays of the shape; entry `bad` (default: every one) is wrong if it is."""
    broken = of["status"] in ("wrong", "inaccurate")
    rng = random.Random(str(shape))

    def build(depth: int, index: tuple[int, ...]) -> tuple[Any, Any, Any]:
        if depth == len(shape):
            true = rng.gauss(0, 1)
            off = broken and (bad is None or index == bad)
            return true, true * 2 if off else true * (1 + 1e-16), 6.2e15 * rng.random() if off else rng.random()
        rows = [build(depth + 1, (*index, i)) for i in range(shape[depth])]
        return [r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows]

    true, got, ratio = build(0, ())
    return {
        "record": "detail",
        **{key: of[key] for key in ("case", "op", "implementation", "quantity", "status")},
        "true": true,
        "got": got,
        "ratio": ratio,
        "shape": list(shape),
        "reproducer": "import numpy as np\n\nx = np.array([[0.5, -1.25], [2.0, 0.0]])\nw = np.array([[1.0], [-2.0]])\n"
        'dy = np.array([[1.0], [3.0]])\n\nprint("dx should be", dy @ w.T)\n',
        "explanation": "Every entry is twice the true gradient: the mean over the batch is taken twice.\n"
        "The forward agrees with the truth, so the fault is in the backward alone.",
        "pattern": "all entries times 2" if broken else "",
        "cite": "Goodfellow, Bengio and Courville, Deep Learning (2016), section 6.5.2",
    }


def end(**changes: Any) -> dict[str, Any]:
    """The end record of a finished run."""
    record = {"record": "end", "status": "finished", "seconds": 312.4, "cases": 20, "comparisons": 4096, "vacuous": 2}
    return {**record, "exit": 1, **changes}


def run(cases: int = 4, seed: int = 0) -> list[dict[str, Any]]:
    """The records of a whole run in which several things go wrong."""
    rng = random.Random(seed)
    records = [header()]
    for op, quantities in OPERATIONS.items():
        for number in range(cases):
            records += _one_case(op, quantities, number, rng)
    message = "the true gradient is zero"
    records.append({"record": "vacuous", "op": "huber", "case": "huber:f64:ties:9", "message": message})
    records.append(end(cases=cases * len(OPERATIONS)))
    return records


def _one_case(op: str, quantities: tuple[str, ...], number: int, rng: random.Random) -> list[dict[str, Any]]:
    dtype = ("float64", "float32")[number % 2]
    of = case(op, number, dtype=dtype, regime=REGIMES[number % 5], layout=("contiguous", "strided")[number // 2 % 2])
    if op == "huber":
        of["proof"] = {"status": "undecided", "radius": "inf", "precision": 4096, "ties": 3, "message": "only ties"}
        of["vacuous"] = ["dprediction"]
    records = [of]
    for implementation in IMPLEMENTATIONS:
        if implementation == "jax":
            continue
        details: list[dict[str, Any]] = []
        for quantity in quantities:
            found = _one_finding(of, op, implementation, quantity, number, rng)
            records.append(found)
            if number == 0 and (quantity == quantities[-1] or found["status"] == "wrong"):
                details.append(detail(found, *_shape(op, quantity)))
        # The detail that stands last is the one that counts.
        records += sorted(details, key=lambda record: record["status"] == "wrong")
    return records


def _shape(op: str, quantity: str) -> tuple[Any, ...]:
    return {
        "affine": ((3, 4),),
        "softmax": ((40, 23), (31, 17)),
        "softplus": ((5,),),
        "conv2d": ((2, 3, 4, 5), (1, 2, 3, 4)),
        "huber": ((0, 4),),
        "binary_cross_entropy_with_logits": ((),),
    }.get(op, ((6, 8), (2, 3)))


def _one_finding(
    of: dict[str, Any], op: str, implementation: str, quantity: str, number: int, rng: random.Random
) -> dict[str, Any]:
    last = quantity != "y"
    if (op, implementation) == ("affine", "keras") and quantity == "dw":
        return wrong(of, implementation, quantity)
    if (op, implementation) == ("softplus", "numpy") and last:
        return wrong(of, implementation, quantity, ratio="inf", reason="non-finite", message="nan where 0.5 is true")
    if (op, implementation) == ("conv2d", "tensorflow"):
        return uncompared(of, implementation, quantity, "broken", "the worker was killed by signal 11 (SIGSEGV)")
    if (op, implementation) == ("softmax", "pytorch") and last:
        return finding(of, implementation, quantity, status="inaccurate", ratio=17.3, message="cancellation in the sum")
    if (op, implementation) == ("huber", "keras") and last:
        return finding(of, implementation, quantity, status="kink-convention", message="takes the left slope")
    if (op, implementation) == ("huber", "tensorflow") and number % 2:
        return uncompared(of, implementation, quantity, "not-applicable", "delta is fixed")
    if (op, implementation) == ("two_layer_network", "tensorflow"):
        return uncompared(of, implementation, quantity, "absent", "no such layer")
    native = (op, implementation) != ("binary_cross_entropy_with_logits", "keras")
    return finding(of, implementation, quantity, ratio=round(math.sqrt(rng.random()) * 0.8, 3), native=native)


def hostile() -> list[dict[str, Any]]:
    """A run whose every text is hostile, and whose arrays hold what is not finite."""
    op = f"op{HOSTILE}"
    of = case(op=op, case=f"case{HOSTILE}", regime=f"regime{HOSTILE}", layout=HOSTILE, options={HOSTILE: HOSTILE})
    worst = {"index": [0], "cotangent": None, "true": HOSTILE, "got": "nan", "error": "inf", "allowance": "0"}
    found = finding(of, f"impl{HOSTILE}", f"q{HOSTILE}", status="wrong", ratio="inf", worst=worst, message=HOSTILE)
    found.update(reason=HOSTILE, truth=HOSTILE)
    about_it = {
        "record": "detail",
        **{key: found[key] for key in ("case", "op", "implementation", "quantity", "status")},
        "true": ["nan", "inf", "-inf", 0.0, -0.0, 1e308],
        "got": ["nan", "-inf", "-inf", 5e-324, None, -1e308],
        "ratio": ["inf", "inf", 0, "nan", None, 1],
        "shape": [6],
        "reproducer": f"# {HOSTILE}\nprint('</pre>')\n",
        "explanation": HOSTILE,
        "pattern": HOSTILE,
        "cite": HOSTILE,
    }
    head = header(environment={HOSTILE: {HOSTILE: [HOSTILE, None, True]}}, operations={op: {"summary": HOSTILE}})
    head["settings"]["operations"] = [op]
    ready = {"status": "ready", "versions": {HOSTILE: HOSTILE}, "message": HOSTILE}
    head["implementations"] = {f"impl{HOSTILE}": ready}
    refused = {"record": "vacuous", "op": op, "case": HOSTILE, "message": HOSTILE}
    return [head, of, found, about_it, refused, end(status="interrupted")]


def large(number: int = 10_000) -> list[dict[str, Any]]:
    """A run of that many findings, with a picture for each of many cells."""
    names = [f"operation_{i:02d}" for i in range(40)]
    head = header(operations={name: {**about("affine"), "summary": name} for name in names})
    head["settings"]["operations"] = names
    records: list[dict[str, Any]] = [head]
    quantities = ("y", "dx", "dw", "db", "dv")
    i = 0
    while i < number:
        of = case(names[i // 20 % len(names)], number=i // 20)
        records.append(of)
        for implementation in IMPLEMENTATIONS[:4]:
            for quantity in quantities:
                make = wrong if i % 7 == 0 else finding
                records.append(make(of, implementation, quantity, message="a sentence about this finding " * 2))
                i += 1
            if i <= 20 * len(names):
                records.append(detail(records[-1], (20, 20)))
    return [*records, end()]
