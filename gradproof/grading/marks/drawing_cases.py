"""The cases of an assignment: public ones that are the same for everybody, hidden ones drawn from its secret.

The hidden cases exist in a pool of variants; which one a submission gets follows from the secret and its identity,
so that marks can be computed again, and one student's inputs tell little about another's. Every axis has a size of
its own where it can: equal sizes hide transposes. A case whose gradients prove nothing is drawn again.
"""

from __future__ import annotations

import hmac
import itertools
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ... import frame
from ...cases import REGIMES, Spec, axes, build, regimes, shape_of, starred
from ...judging import FOR_THEIR_VALUES, vacuous_quantities
from ...pair import of_operation

if TYPE_CHECKING:
    from reference._domain import Input
    from reference._op import Op

    from ..assignments.assignment import Assignment, Task

SIZES = (2, 3, 4, 5, 6, 7)
MOST_ENTRIES, MOST_PRODUCT = 150, 1500  # of an input; of all sizes together: what exact numbers do in a few hundredths
ATTEMPTS = 40
PUBLIC = (("integers", 0), ("ordinary", 1), ("ordinary", 1))  # regime, and the decimals that are kept
PUBLIC_DRAWS = 8  # of which the one with the freshest sizes is taken
HIDDEN = ("ordinary", "ordinary", "integers")
MOST_LATENT = 8
SECRET_VARIABLE = "GRADPROOF_SECRET"


@dataclass(frozen=True)
class Drawn:
    """A case to judge. latent: it exercises what the course itself does not."""

    spec: Spec
    public: bool = True
    latent: bool = False


def secret_of(assignment: Assignment) -> bytes:
    """The assignment's secret: its own, that of its file, or that of the environment; its digest where there is none.

    ValueError where the file cannot be read.
    """
    cases = assignment.cases
    if cases.secret:
        return cases.secret.encode()
    if cases.secret_file:
        path = Path(assignment.path).parent / cases.secret_file
        try:
            return path.read_bytes().strip()
        except OSError as error:
            raise ValueError(f"the secret of {assignment.name} cannot be read from {path}: {error.strerror}") from None
    return (os.environ.get(SECRET_VARIABLE) or assignment.digest).encode()


def variant_of(assignment: Assignment, secret: bytes, task: Task, identity: str) -> int:
    """Which of the pool's variants this submission gets for a task."""
    return _number(secret, f"{task.name}\0{identity}") % assignment.cases.pool


def _number(key: bytes, label: str) -> int:
    return int.from_bytes(hmac.digest(key, label.encode(), "sha256")[:8], "big")


def _generator(key: bytes, label: str) -> np.random.Generator:
    return np.random.default_rng(_number(key, label))


# -- the operation behind a task -----------------------------------------------------------------------------------


def task_op(task: Task, operations: Mapping[str, Op]) -> Op:
    """The catalogue's operation or the network's own, with the options' values and the sizes of the task.

    The first value of each option is the one that cases are drawn with.
    """
    op = _network(task, operations) if task.network else operations[task.operation]
    options = {
        name: tuple(dict.fromkeys((*offered(task, op, name), *values, *task.latent_options.get(name, ()))))
        for name, values in op.options.items()
    }
    return replace(op, options=options)


def offered(task: Task, op: Op, name: str) -> tuple[Any, ...]:
    """The values of an option that the main cases are drawn with."""
    from .program import mentions

    if name in task.accept:
        return task.accept[name][:1]
    return task.options.get(name) or (op.options[name] if mentions(task, name) else op.options[name][:1])


def _network(task: Task, operations: Mapping[str, Op]) -> Op:
    from ..assignments.composition import Network, network_op
    from ..assignments.network import bound_by
    from .program import mentions

    used = {word for judged in task.judged() for word in judged.words}
    between = tuple(n for n in task.words.between if n in used or mentions(task, n))
    lines = [(line.expression, bound_by(line)) for line in task.network]
    outputs = (*task.words.outputs, *between)
    network = Network(task.name, lines, tuple(task.inputs.values()), outputs, between, operations)
    constants = {n: tuple(dict.fromkeys((*task.accept.get(n, ()), v))) for n, v in task.constants.items()}
    return network_op(network, constants)


# -- drawing ---------------------------------------------------------------------------------------------------------


def public_cases(assignment: Assignment, task: Task, op: Op) -> tuple[Drawn, ...]:
    """The cases that are the same for everybody. ValueError where none can be drawn that proves anything."""
    if not assignment.cases.public:
        return ()
    ordinary: list[Drawn] = []
    for k in range(assignment.cases.public):
        ordinary.append(_public(assignment, task, op, k, ordinary))
    latent = [
        Drawn(_drawn(_generator(b"public", f"{task.name}:latent:{k}"), assignment, task, op, k, v), True, True)
        for k, v in enumerate(_latent(task, op))
    ]
    return (*ordinary, *latent)


def hidden_cases(assignment: Assignment, task: Task, op: Op, secret: bytes, variant: int) -> tuple[Drawn, ...]:
    """The cases of one variant of the pool. ValueError where none can be drawn that proves anything."""
    if not assignment.cases.hidden:
        return ()
    return tuple(_hidden(assignment, task, op, secret, variant, list(_latent(task, op))))


@dataclass(frozen=True)
class Variation:
    """How a latent case departs from the others: sizes, options, the number of a starred axis's sizes, a regime."""

    sizes: Mapping[str, int]
    options: Mapping[str, Any]
    axes: Mapping[str, int]
    regime: str = ""


PLAIN = Variation({}, {}, {})


def _latent(task: Task, op: Op) -> Iterator[Variation]:
    """What the latent cases vary, one thing at a time."""
    every = [Variation({n: s}, {}, {}) for n, sizes in task.latent_sizes.items() for s in sizes]
    every += [Variation({}, {n: v}, {}) for n, values in task.latent_options.items() for v in values]
    every += [Variation({}, {}, {n: k}) for n, counts in task.latent_axes.items() for k in counts]
    if not every and "latent" in task.points:
        known = regimes(op, op.defaults())
        every = [Variation({}, {}, {}, r) for r in ("size-one", "tails") if r in known]
    yield from every[:MOST_LATENT]


def _public(assignment: Assignment, task: Task, op: Op, k: int, before: Sequence[Drawn]) -> Drawn:
    """A public case, of other sizes than the ones before it where that can be: a ratio of N is told from one of 2."""
    regime, digits = PUBLIC[k % len(PUBLIC)]
    if task.regimes:
        regime = task.regimes[k % len(task.regimes)]
        digits = 1
    rng = _generator(b"public", f"{task.name}:{k}")
    used = {item for drawn in before for item in drawn.spec.sizes}
    drawn = [_drawn(rng, assignment, task, op, k, PLAIN, regime, digits, SIZES[:4]) for _ in range(PUBLIC_DRAWS)]
    return Drawn(min(drawn, key=lambda spec: len(used & set(spec.sizes))))


def _hidden(
    assignment: Assignment, task: Task, op: Op, secret: bytes, variant: int, latent: Sequence[Variation]
) -> Iterator[Drawn]:
    kinds = task.regimes or HIDDEN
    for k in range(assignment.cases.hidden):
        rng = _generator(secret, f"{task.name}:{variant}:{k}")
        yield Drawn(_drawn(rng, assignment, task, op, k, PLAIN, kinds[k % len(kinds)]), public=False)
    for k, variation in enumerate(latent):
        rng = _generator(secret, f"{task.name}:{variant}:latent:{k}")
        yield Drawn(_drawn(rng, assignment, task, op, k, variation), public=False, latent=True)


def _drawn(
    rng: np.random.Generator,
    assignment: Assignment,
    task: Task,
    op: Op,
    k: int,
    variation: Variation,
    regime: str = "ordinary",
    digits: int | None = None,
    sizes: Sequence[int] = SIZES,
) -> Spec:
    """One spec that proves something."""
    dtypes = assignment.cases.dtype
    problem = ""
    for attempt in range(ATTEMPTS):
        options = {n: _choice(rng, offered(task, op, n)) for n in op.options} | dict(variation.options)
        known = regimes(op, options)
        wanted = variation.regime or regime
        plain = "ordinary" if "ordinary" in known else known[0]
        chosen = wanted if wanted in known and attempt < ATTEMPTS // 2 else plain
        drawn = _sizes(rng, task, op, options, variation, sizes)
        if chosen == "size-one":
            _one(rng, drawn, op)
        seed = int(rng.integers(2**40))
        dtype = dtypes[k % len(dtypes)]
        kept = 1 if digits == 0 and chosen == plain else digits  # whole numbers of a normal draw are mostly zero
        spec = Spec(op.name, dtype, tuple(drawn.items()), tuple(options.items()), chosen, "contiguous", seed, kept)
        problem = _unfit(spec, op)
        if not problem:
            return spec
    raise ValueError(f"task {task.name}: no case of {op.name} could be drawn; {problem}")


def _unfit(spec: Spec, op: Op) -> str:
    """Why a case proves nothing, or cannot be; "" where it is a good one."""
    try:
        case = build(spec, op)
        pair = of_operation(op, case.options)
        results = frame.run(pair, case.inputs, case.cotangents[:1])
    except ValueError as error:  # sizes and options that do not go together: a kernel larger than its image
        return str(error)
    if spec.regime in FOR_THEIR_VALUES:
        return ""
    every = [results.y, *(g for by_input in results.gradients for g in by_input.values())]
    if not all(np.isfinite(x).all() for x in every):
        return "its values are not finite"
    vacuous = vacuous_quantities(case, results, pair)
    if vacuous and len(vacuous) == len(pair.differentiable):
        return f"the gradients {', '.join(vacuous)} vanish"
    return ""


def _choice(rng: np.random.Generator, values: Sequence[Any]) -> Any:
    return values[int(rng.integers(len(values)))]


def _sizes(
    rng: np.random.Generator,
    task: Task,
    op: Op,
    options: Mapping[str, Any],
    variation: Variation,
    choices: Sequence[int],
) -> dict[str, Any]:
    """A size for each axis, as many different ones as can be, within what exact numbers afford."""
    inputs = op.inputs_for(options)
    best: tuple[tuple[int, int], dict[str, Any]] | None = None
    for _ in range(ATTEMPTS):
        taken: set[int] = set()
        sizes: dict[str, Any] = {}
        # those with few sizes to choose from first
        for name in sorted(axes(op, options), key=lambda n: len(_allowed(task, op, n, variation) or choices)):
            allowed = _allowed(task, op, name, variation) or choices
            if name in starred(op, options):
                count = variation.axes.get(name, _count(rng, task, name, inputs))
                sizes[name] = tuple(_own(rng, allowed, taken) for _ in range(count))
            else:
                sizes[name] = _own(rng, allowed, taken)
        sizes = {name: sizes[name] for name in axes(op, options)}
        every = [s for size in sizes.values() for s in (size if isinstance(size, tuple) else (size,))]
        cost = max(math.prod(every) / MOST_PRODUCT, *(math.prod(shape_of(i, sizes)) / MOST_ENTRIES for i in inputs), 1)
        rank = (math.ceil(cost), len(every) - len(set(every)))
        if best is None or rank < best[0]:
            best = rank, sizes
        if rank == (1, 0):
            break
    return best[1] if best else {}


def _allowed(task: Task, op: Op, name: str, variation: Variation) -> tuple[int, ...]:
    if name in variation.sizes:
        return (variation.sizes[name],)
    return tuple(task.sizes.get(name, ())) or tuple(op.sizes.get(name, ()))


def _own(rng: np.random.Generator, allowed: Sequence[int], taken: set[int]) -> int:
    free = [s for s in allowed if s not in taken] or list(allowed)
    size = int(_choice(rng, free))
    taken.add(size)
    return size


def _count(rng: np.random.Generator, task: Task, name: str, inputs: Sequence[Input]) -> int:
    """How many axes a starred one stands for: as many as make a matrix of the largest input that has it."""
    if name in task.axes:
        return int(_choice(rng, task.axes[name]))
    plain = max(len(i.shape.split()) - 1 for i in inputs if f"*{name}" in i.shape.split())
    return max(0, 2 - plain)


def _one(rng: np.random.Generator, sizes: dict[str, Any], op: Op) -> None:
    may = [n for n in sizes if 1 in op.sizes.get(n, (1,)) and sizes[n] != ()]
    if may:
        name = _choice(rng, may)
        sizes[name] = (1, *sizes[name][1:]) if isinstance(sizes[name], tuple) else 1


# -- small cases, doable by hand --------------------------------------------------------------------------------------


def ladder(spec: Spec, task: Task, op: Op) -> Iterator[Spec]:
    """Ever larger cases in round numbers with the options of a case: the first that fails is the one to show.

    They depend on nothing secret, so a class shares them.
    """
    options = dict(spec.options)
    small = "integers" if "integers" in regimes(op, options) else spec.regime
    seen = set()
    steps = ((1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2))
    for regime, (first, second), seed in itertools.product(dict.fromkeys((small, spec.regime)), steps, (1, 2)):
        sizes: dict[str, Any] = {}
        for position, (name, size) in enumerate(spec.sizes):
            wanted = first if position == 0 else second
            if isinstance(size, tuple):
                sizes[name] = tuple(min(s, first if k == 0 else second) for k, s in enumerate(size))
            else:
                allowed = (*task.sizes.get(name, op.sizes.get(name, (wanted,))), size)
                sizes[name] = min((abs(s - wanted), s) for s in allowed)[1]
        digits = 0 if regime in ROUND else 1
        candidate = Spec(spec.op, spec.dtype, tuple(sizes.items()), spec.options, regime, "contiguous", seed, digits)
        if candidate.id not in seen:
            seen.add(candidate.id)
            yield candidate


ROUND = [r for r in REGIMES if r in ("ordinary", "integers", "ties", "offset")]
