"""Cases: one operation with concrete options, sizes, numbers and cotangents, replayable from its id alone.

A `Spec` is what is drawn (by Hypothesis, in `drawing`): options, sizes, a regime, a memory layout and a seed,
never whole tensors. `build` fills the arrays with a NumPy Generator and injects the regime's special values.
The id is the spec written out, so a case can be rebuilt from a line in a report:

    softmax:f32:S2x3,C4:axis=0:tails:strided:17
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from reference._domain import Input
    from reference._op import Op

REGIMES = {
    "ordinary": "standard normal",
    "integers": "small integers",
    "tails": "magnitudes 5 to 60, or probabilities close to 0 and 1",
    "tiny": "magnitudes 1e-30 to 1e-6",
    "huge": "magnitudes 1e4 to 1e15",
    "offset": "mean much larger than spread",
    "ties": "equal entries",
    "kinks": "entries exactly where the operation bends",
    "size-one": "an axis of size one",
    "empty": "an axis of size zero",
    "underflow": "magnitudes whose squares are too small for the dtype, where lengths are taken",
}
LAYOUTS = ("contiguous", "fortran", "strided", "reversed")
SIZES = (3, 2, 1, 4, 5, 6, 7, 8, 9, 15, 16, 17)  # the first is where Hypothesis begins: small, but not trivial
COTANGENTS = 3
UNDERFLOW = {"float32": (-30, -24), "float64": (-180, -165)}  # powers of ten
MOST_ENTRIES = {"ties": 60, "kinks": 60, "integers": 200}  # ties cost two jet passes for each entry involved
MOST_ENTRIES_OTHERWISE = 400
LARGEST = 2**16  # entries of an input that an id may ask for
MOST_PRODUCT = 4096  # product of all sizes: the work of a matrix product in exact arithmetic

_SHORT = {"float32": "f32", "float64": "f64"}
_LONG = {short: long for long, short in _SHORT.items()}


@dataclass(frozen=True)
class Spec:
    """What is drawn. sizes: an int for a named axis, a tuple for a starred one. digits: decimals kept, None for all."""

    op: str
    dtype: str
    sizes: tuple[tuple[str, Any], ...]
    options: tuple[tuple[str, Any], ...]
    regime: str
    layout: str
    seed: int
    digits: int | None = None

    @property
    def id(self) -> str:
        """The spec in one word, from which `parse` rebuilds it."""
        sizes = ",".join(n + ("x".join(map(str, s)) or "0d" if isinstance(s, tuple) else str(s)) for n, s in self.sizes)
        options = ",".join(f"{n}={v}" for n, v in self.options)
        tail = () if self.digits is None else (f"r{self.digits}",)
        parts = (
            self.op,
            _SHORT[self.dtype],
            sizes or "-",
            options or "-",
            self.regime,
            self.layout,
            str(self.seed),
            *tail,
        )
        return ":".join(parts)


@dataclass(frozen=True)
class Case:
    """One operation at one point: arrays by name, and the cotangents of its output.

    parts: name and shape of each output where there are several; the cotangents are then vectors over all of them.
    """

    spec: Spec
    options: dict[str, Any]
    inputs: dict[str, np.ndarray]
    cotangents: tuple[np.ndarray, ...]
    parts: tuple[tuple[str, tuple[int, ...]], ...] = ()

    @property
    def id(self) -> str:
        return self.spec.id


def parse(text: str, operations: Mapping[str, Op]) -> Spec:
    """The spec of a case id. ValueError in one sentence where it is none."""
    parts = text.split(":")
    if len(parts) not in (7, 8):
        raise ValueError(f"{text!r} is not a case id; one looks like affine:f64:N3,D2,M4:-:ordinary:contiguous:17")
    name, dtype, sizes, options, regime, layout, seed = parts[:7]
    if name not in operations:
        raise ValueError(f"case id {text!r}: there is no operation {name!r}")
    op = operations[name]
    for value, known, what in ((dtype, _LONG, "dtype"), (regime, REGIMES, "regime"), (layout, LAYOUTS, "layout")):
        if value not in known:
            raise ValueError(f"case id {text!r}: unknown {what} {value!r}; one of {', '.join(known)}")
    if not re.fullmatch(r"[0-9]{1,18}", seed) or (len(parts) == 8 and not re.fullmatch(r"r[0-9]", parts[7])):
        raise ValueError(f"case id {text!r}: the seed is a whole number and the rounding looks like r1")
    chosen = _parse_options(text, op, options)
    spec = Spec(
        name,
        _LONG[dtype],
        _parse_sizes(text, sizes),
        chosen,
        regime,
        layout,
        int(seed),
        int(parts[7][1]) if parts[7:] else None,
    )
    if sorted(n for n, _ in spec.sizes) != sorted(axes(op, dict(chosen))):
        raise ValueError(f"case id {text!r}: {name} has the axes {', '.join(axes(op, dict(chosen)))}")
    if any(isinstance(size, tuple) != (n in starred(op, dict(chosen))) for n, size in spec.sizes):
        raise ValueError(f"case id {text!r}: only an axis that stands for several has sizes like 2x3")
    empty = {n for n, size in spec.sizes if 0 in (size if isinstance(size, tuple) else (size,))}
    if empty - set(op.empty):
        raise ValueError(f"case id {text!r}: of the axes of {name}, only {', '.join(op.empty) or 'none'} may be empty")
    for n, size in spec.sizes:
        if n in op.sizes and size not in op.sizes[n]:
            raise ValueError(f"case id {text!r}: {n} of {name} is one of {', '.join(map(str, op.sizes[n]))}")
    if any(math.prod(shape_of(i, dict(spec.sizes))) > LARGEST for i in op.inputs_for(dict(chosen))):
        raise ValueError(f"case id {text!r}: an input of more than {LARGEST} entries is too large for exact numbers")
    return spec


def _parse_sizes(text: str, sizes: str) -> tuple[tuple[str, Any], ...]:
    found: list[tuple[str, Any]] = []
    for part in [] if sizes == "-" else sizes.split(","):
        match = re.fullmatch(r"([A-Z]+)(0d|[0-9]{1,4}(?:x[0-9]{1,4})*)", part)
        if not match:
            raise ValueError(f"case id {text!r}: {part!r} is not an axis with its size (at most 9999)")
        name, size = match.groups()
        several = name == "S" or "x" in size or size == "0d"
        found.append((name, (() if size == "0d" else tuple(map(int, size.split("x")))) if several else int(size)))
    return tuple(found)


def _parse_options(text: str, op: Op, options: str) -> tuple[tuple[str, Any], ...]:
    pairs = [part.partition("=")[::2] for part in options.split(",")] if options != "-" else []
    given = dict(pairs)
    if len(given) < len(pairs):
        raise ValueError(f"case id {text!r}: an option is given twice")
    chosen = []
    for name, values in op.options.items():
        by_text = {str(v): v for v in values}
        if given.get(name) not in by_text:
            raise ValueError(f"case id {text!r}: option {name} of {op.name} is one of {', '.join(by_text)}")
        chosen.append((name, by_text[given.pop(name)]))
    if given:
        raise ValueError(f"case id {text!r}: {op.name} has no option {next(iter(given))!r}")
    return tuple(chosen)


# -- what an operation allows ----------------------------------------------------------------------------------


def axes(op: Op, options: Mapping[str, Any]) -> list[str]:
    """Names of the axes of all inputs, each once; starred ones without the star."""
    from .reference._domain import dimension

    tokens = (token for i in op.inputs_for(options) for token in i.shape.split())
    return list(dict.fromkeys(name for _, name in map(dimension, tokens) if name))


def starred(op: Op, options: Mapping[str, Any]) -> set[str]:
    """Axes that stand for any number of sizes."""
    return {t[1:] for i in op.inputs_for(options) for t in i.shape.split() if t.startswith("*")}


def example_sizes(op: Op, options: Mapping[str, Any]) -> dict[str, Any]:
    """Small sizes, no two alike where the operation allows it: one for each axis, two for a starred one."""
    stars = starred(op, options)
    sizes: dict[str, Any] = {}
    taken = {op.sizes[name][0] for name in axes(op, options) if name in op.sizes}
    for name in axes(op, options):
        if name in op.sizes:
            sizes[name] = op.sizes[name][0]
        elif name in stars:
            sizes[name] = (2, 3)
        else:
            sizes[name] = next(size for size in range(len(sizes) + 2, 99) if size not in taken)
            taken.add(sizes[name])
    return sizes


def regimes(op: Op, options: Mapping[str, Any]) -> list[str]:
    """The regimes in which the operation is exercised."""
    without = not_offered(op, options)
    return [r for r in REGIMES if r not in without]


def not_offered(op: Op, options: Mapping[str, Any]) -> dict[str, str]:
    """The regimes in which the operation is not exercised, each with the reason."""
    reasons = dict(op.excluded)
    if not any(i.kinks or i.ties_with for i in op.inputs_for(options)):
        reasons.setdefault("kinks", "it declares no kink")
    if not set(op.empty) & set(axes(op, options)):
        reasons.setdefault("empty", "none of its axes may be empty")
    if not any(1 in op.sizes.get(name, (1,)) for name in axes(op, options)):
        reasons.setdefault("size-one", "none of its axes may have size one")
    if not op.lengths:
        reasons.setdefault("underflow", "it takes no lengths")
    return reasons


def shape_of(i: Input, sizes: Mapping[str, Any]) -> tuple[int, ...]:
    """An input's shape at these sizes."""
    from .reference._domain import dimension

    shape: list[int] = []
    for factor, name in map(dimension, i.shape.split()):
        size = sizes[name] if name else 1
        shape.extend(size if isinstance(size, tuple) else (factor * size,))
    return tuple(shape)


# -- filling ------------------------------------------------------------------------------------------------------


def build(spec: Spec, op: Op) -> Case:
    """The arrays of a spec. Deterministic: the same spec gives the same bits."""
    options, sizes = dict(spec.options), dict(spec.sizes)
    wide: dict[str, np.ndarray] = {}
    declared = op.inputs_for(options)
    # what an input ties with is filled before it
    for position, i in sorted(enumerate(declared), key=lambda each: each[1].ties_with is not None):
        rng = np.random.default_rng([spec.seed, position])
        wide[i.name] = np.asarray(_fill(i, shape_of(i, sizes), spec, sizes, wide, rng))
    filled = ((i.name, wide[i.name]) for i in declared)
    inputs = {n: x if x.dtype.kind in "ib" else laid_out(x.astype(spec.dtype), spec.layout) for n, x in filled}
    *outputs, _ = op.forward(*inputs.values(), **options)
    shapes = [np.shape(y) for y in outputs]
    rng = np.random.default_rng([spec.seed, 1000])
    if not op.outputs:
        cotangents = tuple(_cotangent(shapes[0], k, spec, rng) for k in range(COTANGENTS))
        return Case(spec, options, inputs, cotangents)
    parts = tuple(zip(op.outputs, shapes, strict=True))
    cotangents = tuple(_cotangent_of_parts(parts, op.buffers, k, spec, rng) for k in range(COTANGENTS))
    return Case(spec, options, inputs, cotangents, parts)


def _fill(
    i: Input,
    shape: tuple[int, ...],
    spec: Spec,
    sizes: Mapping[str, Any],
    before: Mapping[str, np.ndarray],
    rng: np.random.Generator,
) -> np.ndarray:
    if i.kind == "labels":
        return rng.integers(0, sizes[str(i.classes)], shape)
    if i.kind == "mask":
        return _mask(shape, spec.regime, rng)
    if i.kind == "binary":
        return rng.integers(0, 2, shape).astype(float)
    if i.kind == "one_hot":
        return np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])]
    if i.kind == "simplex":
        return _simplex(shape, spec, rng)
    bounded = np.isfinite(i.low) and np.isfinite(i.high)
    x = _probability(shape, spec.regime, rng) if bounded else _real(shape, spec, rng)
    if spec.regime == "ties" and x.size:
        x = _with_ties(x, before.get(i.ties_with or ""), rng)
    if spec.regime == "kinks" and x.size and (i.kinks or i.ties_with):
        x = _with_kinks(x, i.kinks, before.get(i.ties_with or ""), rng)
    if spec.digits is not None:
        x = np.round(x, spec.digits)
    if np.isfinite(i.low) and not bounded:
        x = i.low + np.abs(x - i.low)
    return np.clip(x, i.low, i.high)


def _mask(shape: tuple[int, ...], regime: str, rng: np.random.Generator) -> np.ndarray:
    """Booleans, about two thirds of them True, and one at least in each row; all of them where ties are drawn."""
    chosen = np.asarray(rng.random(shape) < (1 if regime == "ties" else 2 / 3))
    if shape and chosen.size:
        at = rng.integers(0, shape[-1], shape[:-1])
        chosen |= np.arange(shape[-1]) == at[..., None]
    return chosen


def _real(shape: tuple[int, ...], spec: Spec, rng: np.random.Generator) -> np.ndarray:
    regime = spec.regime
    sign = rng.choice([-1.0, 1.0], shape)
    if regime == "integers":
        return rng.integers(-4, 5, shape).astype(float)
    if regime == "kinks":
        return rng.integers(-8, 9, shape) / 4  # quarters, so that an injected kink is met exactly
    if regime == "tails":
        return sign * rng.uniform(5, 60, shape)
    if regime == "tiny":
        return sign * 10.0 ** rng.uniform(-30, -6, shape)
    if regime == "underflow":
        return sign * 10.0 ** rng.uniform(*UNDERFLOW[spec.dtype], shape)
    if regime == "huge":
        return sign * 10.0 ** rng.uniform(4, 15, shape)
    if regime == "offset":
        return rng.uniform(1e3, 1e5) + rng.standard_normal(shape)
    return rng.standard_normal(shape)


def _probability(shape: tuple[int, ...], regime: str, rng: np.random.Generator) -> np.ndarray:
    if regime in ("integers", "kinks"):
        return rng.integers(1, 16, shape) / 16
    if regime in ("tails", "huge"):
        near = 10.0 ** rng.uniform(-7, -2, shape)
        return np.where(rng.integers(0, 2, shape) == 1, 1 - near, near)
    if regime == "tiny":
        return 10.0 ** rng.uniform(-30, -6, shape)
    if regime == "offset":
        return 0.5 + 1e-3 * rng.standard_normal(shape)
    return rng.uniform(0.05, 0.95, shape)


def _simplex(shape: tuple[int, ...], spec: Spec, rng: np.random.Generator) -> np.ndarray:
    if spec.regime in ("integers", "ties", "kinks") or spec.digits is not None:
        parts = rng.integers(1, 5, shape).astype(float)
        return parts / parts.sum(axis=-1, keepdims=True)
    z = rng.standard_normal(shape) * {"tails": 5.0, "huge": 5.0, "tiny": 12.0}.get(spec.regime, 1.0)
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _with_ties(x: np.ndarray, other: np.ndarray | None, rng: np.random.Generator) -> np.ndarray:
    """Copy about a third of the entries from a neighbour, or from the array that this one ties with."""
    along = np.flatnonzero(np.array(x.shape) > 1)
    source = np.roll(x, 1, axis=int(rng.choice(along))) if along.size else x
    chosen = np.where(rng.random(x.shape) < 1 / 3, source, x)
    return chosen if other is None else np.where(rng.random(x.shape) < 1 / 3, other, chosen)


def _with_kinks(
    x: np.ndarray, kinks: tuple[float, ...], other: np.ndarray | None, rng: np.random.Generator
) -> np.ndarray:
    """Put about a third of the entries exactly on a kink; at least one where there is an entry."""
    at = rng.choice(kinks or (0.0,), x.shape) + (0.0 if other is None else other)
    chosen = np.asarray(rng.random(x.shape) < 1 / 3)
    chosen.flat[rng.integers(x.size)] = True
    return np.where(chosen, at, x)


def _cotangent(shape: tuple[int, ...], k: int, spec: Spec, rng: np.random.Generator) -> np.ndarray:
    """A generic cotangent: never constant, never zero; whole numbers where the inputs are."""
    if spec.regime in ("integers", "kinks") or spec.digits == 0:
        dy = rng.integers(1, 6, shape) * rng.choice([-1.0, 1.0], shape)
    else:
        dy = rng.standard_normal(shape)
        dy = (
            dy
            if spec.digits is None
            else np.round(dy, spec.digits) + 10.0**-spec.digits * (np.round(dy, spec.digits) == 0)
        )
    if dy.size > 1 and (dy == dy.flat[0]).all():
        dy.flat[0] *= 2
    if shape == () and k == 0:
        dy = np.ones(())  # a loss is differentiated with upstream gradient one, first of all
    return laid_out(np.asarray(dy, dtype=spec.dtype), spec.layout)


def _cotangent_of_parts(
    parts: tuple[tuple[str, tuple[int, ...]], ...],
    buffers: tuple[str, ...],
    k: int,
    spec: Spec,
    rng: np.random.Generator,
) -> np.ndarray:
    """One vector over all outputs; zero over the buffers, which no gradient flows through."""
    own = [_cotangent((math.prod(shape),), k, replace(spec, layout="contiguous"), rng) for _, shape in parts]
    zeroed = [0 * dy if name in buffers else dy for (name, _), dy in zip(parts, own, strict=True)]
    whole = np.concatenate(zeroed)
    if whole.size > 1 and (whole == whole[0]).all():
        whole[0] *= 2
    return laid_out(whole, spec.layout)


def laid_out(x: np.ndarray, layout: str) -> np.ndarray:
    """The same numbers in another memory layout."""
    if layout == "contiguous" or x.ndim == 0:
        return x
    if layout == "fortran":
        return np.asfortranarray(x)
    if layout == "strided":
        room = np.full((*x.shape[:-1], 2 * x.shape[-1]), 7.0, dtype=x.dtype)
        room[..., ::2] = x
        return room[..., ::2]
    return np.ascontiguousarray(x[::-1])[::-1]


# -- shrinking ------------------------------------------------------------------------------------------------------


def simpler(spec: Spec, allowed: Mapping[str, tuple[int, ...]] | None = None) -> list[Spec]:
    """Simpler specs to try, the boldest first: smaller sizes, rounder numbers, plain layout, smaller seeds.

    allowed: the sizes that some axes may have, as `Op.sizes` says.
    """
    tries: list[Spec] = []
    if spec.layout != "contiguous":
        tries.append(replace(spec, layout="contiguous"))
    for position, (name, size) in enumerate(spec.sizes):
        for smaller in _smaller(size):
            if smaller not in (allowed or {}).get(name, (smaller,)):
                continue
            sizes = (*spec.sizes[:position], (name, smaller), *spec.sizes[position + 1 :])
            tries.append(replace(spec, sizes=sizes))
    if spec.regime in ("ordinary", "offset", "ties", "tails") and spec.digits != 0:
        tries.extend(replace(spec, digits=d) for d in (0, 1, 2) if spec.digits is None or d < spec.digits)
    tries.extend(replace(spec, seed=s) for s in range(min(spec.seed, 4)))
    return tries


def _smaller(size: Any) -> list[Any]:
    if isinstance(size, tuple):
        fewer = [size[:k] for k in range(len(size))]
        return fewer + [
            (*size[:k], s, *size[k + 1 :]) for k in range(len(size)) for s in (1, 2, size[k] // 2) if 0 < s < size[k]
        ]
    return sorted({s for s in (1, 2, 3, size // 2, size - 1) if 0 < s < size})
