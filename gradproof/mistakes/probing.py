"""Cases on which mistakes are told apart: small ones of every regime, the same for every diagnosis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..cases import Spec, build, example_sizes, regimes
from .fitting import Point

if TYPE_CHECKING:
    from reference._op import Op

REGIMES = ("ordinary", "kinks", "ties", "size-one")
_drawn: dict[tuple[str, str], list[Point]] = {}


def probes(op: Op, options: Mapping[str, Any]) -> list[Point]:
    """Small cases under these options: ordinary numbers twice, then one of each regime that may
    part two formulas."""
    key = op.name, repr(sorted(options.items()))
    if key not in _drawn:
        offered = [r for r in REGIMES if r in regimes(op, options)]
        specs = [_spec(op, options, "ordinary", seed) for seed in (101, 102)]
        specs += [_spec(op, options, regime, 103) for regime in offered[1:]]
        _drawn[key] = [_point(op, spec) for spec in specs]
    return _drawn[key]


def _spec(op: Op, options: Mapping[str, Any], regime: str, seed: int) -> Spec:
    """Small sizes, each axis its own; the second ordinary case has others."""
    sizes = example_sizes(op, options)
    if seed == 102:
        sizes = {n: s + 1 if isinstance(s, int) and n not in op.sizes else s for n, s in sizes.items()}
    if regime == "size-one":
        first = next((n for n, s in sizes.items() if isinstance(s, int) and 1 in op.sizes.get(n, (1,))), None)
        sizes = {n: 1 if n == first else s for n, s in sizes.items()}
    chosen = "ordinary" if regime == "size-one" else regime
    return Spec(op.name, "float64", tuple(sizes.items()), tuple(options.items()), chosen, "contiguous", seed)


def _point(op: Op, spec: Spec) -> Point:
    case = build(spec, op)
    return Point(case.inputs, case.cotangents[-1])
