"""Inputs for a forward that nobody described: shapes found by trying, from the names of its parameters.

A shape is tried as letters (A, B, C stand for sizes that differ), first the ones that the parameter's name
suggests. It fits where the forward runs and the backward answers with gradients of the inputs' shapes; where no
shape does, the one that comes nearest is judged, so that a wrong backward is told what is wrong with it.
"""

from __future__ import annotations

import inspect
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .convention import Misfit, WrongReturn, as_pair, own

SECONDS = 3.0  # of trying
SECONDS_MORE = 0.5  # of trying once something nearly fits
SIZES = (
    {"A": 3, "B": 4, "C": 5, "D": 2, "Q": 8, "1": 1}, {"A": 4, "B": 2, "C": 3, "D": 5, "Q": 20, "1": 1},
    {"A": 7, "B": 9, "C": 8, "D": 3, "Q": 12, "1": 1}, {"A": 1, "B": 3, "C": 2, "D": 4, "Q": 16, "1": 1},
)  # fmt: skip
IMAGES = (
    {"A": 2, "B": 3, "F": 4, "H": 6, "W": 4, "K": 3, "1": 1}, {"A": 1, "B": 2, "F": 3, "H": 4, "W": 6, "K": 2, "1": 1},
    {"A": 3, "B": 1, "F": 2, "H": 4, "W": 8, "K": 3, "1": 1},
)  # fmt: skip
KINDS = ("ordinary", "integers", "ordinary", "tails", "positive", "ordinary")

MATRICES = ("AB", "BC", "CD", "AC", "A", "ABC", "ABCD", "", "ABHW", "AHWB", "BB")
WEIGHTS = ("BC", "CD", "AB", "CA", "DC", "CB", "B", "C", "AC", "", "FBKK", "KKBF")
VECTORS = ("C", "B", "D", "C1", "D1", "1C", "A", "F", "")
LABELS = ("A:B", "A:C", "A:D", "AC", "AB", "A")
TARGETS = ("y", "t", "target", "targets", "label", "labels", "y_true", "ytrue", "true", "mask")
ROLES = {
    "h": ("prev_h", "h_prev", "hprev", "h0", "h"),
    "c": ("prev_c", "c_prev", "cprev", "c0", "c"),
    "wx": ("wx", "wxh", "w_x"),
    "wh": ("wh", "whh", "w_h"),
}
TEMPLATES = {
    ("x", "w", "b"): ("AB BC C", "ABC CD D", "ABHW FBKK F"),
    ("x", "w"): ("AB BC", "AB:D DC", "A:D DC", "ABHW FBKK"),
    ("x", "h", "wx", "wh", "b"): ("AB AD BD DD D", "ABC AD CD DD D", "ABC AD CQ DQ Q"),
    ("x", "h", "c", "wx", "wh", "b"): ("AB AD AD BQ DQ Q", "ABC AD AD CQ DQ Q"),
    ("q", "k", "v"): ("AB CB CD", "ABC ADC ADC"),
    ("x", "gamma", "beta"): ("AB B B", "ABC C C", "ABHW B B"),
}
# What parameters without a default are usually given; each is said, and --option gives another.
USUAL: dict[str, Any] = {
    "bn_param": {"mode": "train"}, "ln_param": {}, "gn_param": {}, "conv_param": {"stride": 1, "pad": 1},
    "pool_param": {"pool_height": 2, "pool_width": 2, "stride": 2},
    "dropout_param": {"mode": "train", "p": 0.5, "seed": 0},
    "mode": "train", "stride": 1, "pad": 0, "padding": 0, "axis": -1, "pool_size": 2, "kernel_size": 2, "eps": 1e-5,
    "epsilon": 1e-5, "alpha": 0.1, "slope": 0.1, "negative_slope": 0.1, "reg": 0.1, "delta": 1.0, "margin": 1.0,
    "momentum": 0.9, "training": True, "train": True, "temperature": 2.0,
}  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """Shapes in letters for each parameter ("A:C" is a vector of A integers below C), and what else was assumed."""

    shapes: dict[str, str]
    nondiff: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def describe(self) -> str:
        """The plan in words, with the first sizes filled in."""
        words = [
            f"{n} {self._words(s)}" + (" without a gradient" if n in self.nondiff else "")
            for n, s in self.shapes.items()
        ]
        return ", ".join([*words, *(f"{n}={v!r}" for n, v in self.options.items())])

    def _words(self, letters: str) -> str:
        sizes = self.sizes(0)
        shape = str(_shape(letters, sizes)).replace(" ", "")
        return f"{shape} integers below {_limit(letters, sizes)}" if ":" in letters else shape

    def sizes(self, k: int) -> Mapping[str, int]:
        """Sizes of case k."""
        every: Sequence[Mapping[str, int]] = (
            IMAGES if any(c in s for s in self.shapes.values() for c in "HWFK") else SIZES
        )
        return {**SIZES[k % len(SIZES)], **every[k % len(every)]}

    def arrays(self, k: int, dtype: str, seed: int, kind: str, at: int | None = None) -> list[np.ndarray]:
        """The arrays of case k, at its own sizes or at those of case `at`."""
        sizes = self.sizes(k if at is None else at)
        return [
            fill(_shape(s, sizes), _limit(s, sizes), kind, dtype, [seed, k, p])
            for p, s in enumerate(self.shapes.values())
        ]


def _shape(letters: str, sizes: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(sizes[c] for c in letters.partition(":")[0])


def _limit(letters: str, sizes: Mapping[str, int]) -> int | None:
    below = letters.partition(":")[2]
    return sizes[below] if below else None


def fill(shape: tuple[int, ...], below: int | None, kind: str, dtype: str, seed: Sequence[int]) -> np.ndarray:
    """Numbers of a kind: normal, integers, tails (5 to 60), positive (0.05 to 0.95); integers below a given limit."""
    rng = np.random.default_rng(seed)
    if below is not None:
        labels = rng.integers(0, below, shape)
        labels.reshape(-1)[:1] = below - 1  # the largest is always among them: a table that is too small shows
        return labels
    if kind == "integers":
        x = rng.integers(-4, 5, shape).astype(float)
    elif kind == "tails":
        x = rng.choice([-1.0, 1.0], shape) * rng.uniform(5, 60, shape)
    elif kind == "positive":
        x = rng.uniform(0.05, 0.95, shape)
    else:
        x = rng.standard_normal(shape)
    return np.asarray(x, dtype=dtype)


# -- the search --------------------------------------------------------------------------------------------------


@dataclass
class _Search:
    """One pair for which shapes are looked for; `errors` counts what the forward raised, `ran` whether it ever ran."""

    name: str
    forward: Callable[..., Any]
    backward: Callable[..., Any] | None
    options: Mapping[str, Any]
    nondiff: Collection[str]
    first: Plan | None = None
    best: tuple[int, Plan] | None = None
    errors: Counter[str] = field(default_factory=Counter)
    deadline: float = 0.0

    def run(self, parameters: Sequence[str], usual: Mapping[str, Any]) -> bool:
        """Try until something fits, or the time is over; True where it fits. The nearest is kept in `best`."""
        self.deadline = min(self.deadline or np.inf, time.monotonic() + SECONDS)
        for shapes in _tried(parameters):
            for nondiff in self._without_gradient(parameters):
                plan = Plan(dict(zip(parameters, shapes, strict=True)), nondiff, usual)
                score = self._score(plan)
                if self.best is None and score is not None:
                    self.first = plan
                    self.deadline = min(self.deadline, time.monotonic() + SECONDS_MORE)
                if score is not None and (self.best is None or score > self.best[0]):
                    self.best = score, plan
                if score == len(parameters):
                    return True
            if time.monotonic() > self.deadline:
                break
        return False

    def _without_gradient(self, parameters: Sequence[str]) -> Iterator[tuple[str, ...]]:
        given = tuple(n for n in parameters if n in self.nondiff)
        yield given
        targets = tuple(n for n in parameters if n.lower() in TARGETS and n not in given)
        if targets and not given:
            yield targets

    def _score(self, plan: Plan) -> int | None:
        """How many gradients have their input's shape, in two cases of other sizes; None where the forward raises."""
        scores = []
        for k in (0, 1):
            arrays = dict(zip(plan.shapes, plan.arrays(k, "float64", 0, "positive"), strict=True))
            differentiable = tuple(n for n, x in arrays.items() if x.dtype.kind == "f" and n not in plan.nondiff)
            options = {**self.options, **plan.options}
            try:
                example = self.forward(*(x.copy() for x in arrays.values()), **{n: own(v) for n, v in options.items()})
            except Exception as error:  # whatever it raises: these shapes do not fit
                self.errors[f"{type(error).__name__}: {' '.join(str(error).split())[:120]}"] += 1
                return None
            try:
                pair, _ = as_pair(self.name, self.forward, self.backward, arrays, differentiable, {}, options, example)
                y, saved = pair.forward(*(x.copy() for x in arrays.values()))
                gradients = pair.backward(np.ones(np.shape(y)) if np.shape(y) else 1.0, saved)
            except Misfit:
                return len(plan.shapes)  # no shape mends that: the judge says what does not fit
            except WrongReturn:
                return 0  # nothing is known of these shapes but that the forward accepts them
            except Exception:  # whatever the backward raises
                return -1
            matching = [np.shape(g) == arrays[n].shape for n, g in zip(differentiable, gradients, strict=True)]
            scores.append(sum(matching) + len(arrays) - len(matching))
        return min(scores)


def infer(
    name: str,
    forward: Callable[..., Any],
    backward: Callable[..., Any] | None,
    options: Mapping[str, Any],
    nondiff: Collection[str] = (),
) -> Plan:
    """A plan that fits, or the nearest. ValueError, one sentence, where the forward accepted nothing."""
    parameters = _parameters(name, forward, options)
    for unknown in (n for n in nondiff if n not in parameters):
        raise ValueError(f"{name}: nondiff names {unknown!r}; the inputs are {', '.join(parameters)}")
    usual = {p: USUAL[p] for p in parameters if p in USUAL}
    search = _Search(name, forward, backward, options, nondiff)
    attempts: list[tuple[list[str], dict[str, Any]]] = [
        ([p for p in parameters if p not in usual], usual),
        (parameters, {}),
    ]
    with np.errstate(all="ignore"):
        for plain, assumed in attempts[: 2 if usual else 1]:
            if plain and search.run(plain, assumed):
                break
    if search.best is None or search.first is None:
        raise _no_shapes(name, parameters, search.errors)
    score, plan = search.best
    usual_shapes = tuple(search.first.shapes.values()) in _known(list(search.first.shapes))
    if score < len(plan.shapes) and (usual_shapes or 2 * score < len(plan.shapes)):
        return search.first  # the backward is wrong, whatever it is given: the shapes that the names suggest
    return plan


def _no_shapes(name: str, parameters: Sequence[str], errors: Counter[str]) -> ValueError:
    """What to say where the forward raised at every shape: its own fault where the error is not one of shapes."""
    tried, often = sum(errors.values()), errors.most_common(1)
    if len(errors) == 1 and often[0][0].startswith(
        ("NameError", "AttributeError", "UnboundLocalError", "ModuleNotFoundError", "ImportError")
    ):
        return Misfit(f"{name}: the forward raised {often[0][0]}")
    reason = f" (mostly it raised {often[0][0]})" if often and often[0][1] * 2 > tried else ""
    example = " ".join(
        f"--option {p}=..." if p in USUAL or p.endswith(("param", "params")) else f"--shape {p}=3,4" for p in parameters
    )
    return ValueError(
        f"{name}: no shapes were found that the forward accepts{reason}; give them with {example}, "
        f"or define {name}_inputs() in the file, returning the arguments"
    )


def _parameters(name: str, forward: Callable[..., Any], options: Mapping[str, Any]) -> list[str]:
    try:
        parameters = inspect.signature(forward).parameters.values()
    except (TypeError, ValueError):
        raise ValueError(
            f"{name}: the forward's parameters cannot be seen; define {name}_inputs() in the file"
        ) from None
    named = [p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    if not any(p.kind == p.VAR_KEYWORD for p in parameters):
        for option in (o for o in options if o not in named):
            raise ValueError(
                f"{name}: the forward takes no option {option!r}; it takes {', '.join(named) or 'nothing'}"
            )
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [p.name for p in parameters if p.kind in plain and p.default is p.empty and p.name not in options]
    if not names:
        starred = any(p.kind == p.VAR_POSITIONAL for p in parameters)
        why = "takes any number of arguments" if starred else "has no required parameter"
        raise ValueError(f"{name}: the forward {why}; define {name}_inputs() in the file, returning the arguments")
    return names


def _tried(parameters: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Shapes in the order in which they are tried."""
    known = _known(parameters)
    yield from known
    yield from (shapes for shapes in _combinations([_candidates(p) for p in parameters]) if shapes not in known)


def _known(parameters: Sequence[str]) -> list[tuple[str, ...]]:
    """The shapes that parameters of these names usually have."""
    roles = tuple(next((role for role, names in ROLES.items() if p.lower() in names), p.lower()) for p in parameters)
    return [tuple(t.split()) for t in TEMPLATES.get(roles, ())]


def _candidates(parameter: str) -> tuple[str, ...]:
    low = parameter.lower().lstrip("_")
    if low in TARGETS:
        return (*LABELS, *MATRICES)
    layer = {"1": "BC", "2": "CD", "3": "DB"}.get(low[-1])  # of a network: W1 and b1, W2 and b2
    if low.startswith(("w", "kernel", "theta", "u")):
        return WEIGHTS if layer is None else (layer, *(w for w in WEIGHTS if w != layer))
    if low.startswith(("b", "gamma", "beta")) and not low.startswith("batch"):
        return VECTORS if layer is None else (layer[1], *(v for v in VECTORS if v != layer[1]))
    return MATRICES


def _combinations(candidates: Sequence[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Products of the candidates, those with the earliest ones first."""
    for late in range(sum(len(c) - 1 for c in candidates) + 1):
        yield from _with_lateness(candidates, late)


def _with_lateness(candidates: Sequence[tuple[str, ...]], late: int) -> Iterator[tuple[str, ...]]:
    """Products whose positions among the candidates sum to `late`."""
    if not candidates:
        if late == 0:
            yield ()
        return
    for position, shape in enumerate(candidates[0][: late + 1]):
        for rest in _with_lateness(candidates[1:], late - position):
            yield (shape, *rest)
