"""What came of comparing two models: their runs against the truth where there is one, else against each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gradproof.reference._windows import margins
from gradproof.truth import CannotRun

from . import numpy_network
from ._description import Network, Step
from .comparing import MOST_WORK, Case, Comparison, NetworkTruth, Run, compare, run_numpy, work
from .mapping import Pairs, parameter_names, renamed
from .precision import Apart, apart, of_rounding_alone
from .sides import LayerOf, Opening, Task

SIDES = ("A", "B")


@dataclass(frozen=True)
class Gap:
    """One quantity in which two programs were compared without a truth. between: "A and B", "A and the reference"."""

    between: str
    where: str
    step: int
    quantity: str
    apart: Apart
    undecided: bool = False

    @property
    def differ(self) -> bool:
        return self.apart.differ and not self.undecided

    def __str__(self) -> str:
        place = {
            "forward": f"the first layer in which they differ is {self.quantity}, in the forward",
            "loss": "every layer agrees in the forward; the loss differs",
            "gradient": f"the forward agrees; from the loss back, the first gradient that differs is {self.quantity}'s",
            "step": f"forward and gradients agree; the first step that differs is step {self.step}, at {self.quantity}",
        }
        return place[self.where]


@dataclass
class Outcome:
    """Everything found: by exact truths (judged) or without one (gaps).

    truth: exact, reference (the NumPy network in floats, in place of a truth) or none; why: why it is not exact.
    differences: where the two descriptions differ, in words.
    judged: (side, against whose description, comparison).
    """

    truth: str
    why: str = ""
    differences: list[str] = field(default_factory=list)
    judged: list[tuple[str, str, Comparison]] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    @property
    def differ(self) -> bool:
        failed = any(c.status in ("wrong", "inaccurate") for _, _, c in self.judged)
        return failed or bool(self.differences) or any(gap.differ for gap in self.gaps)

    @property
    def compared(self) -> bool:
        """Whether anything was decided, and nothing beyond its allowance was left undecided."""
        findings = [f for side, by, c in self.judged if side == by for f in c.findings]
        doubtful = any(f.status == "undecided" and (f.ratio or 0) > 1 for f in findings)
        return (any(f.worst is not None for f in findings) or bool(self.gaps)) and not doubtful

    def first_gaps(self) -> Iterator[Gap]:
        """Of each two programs, the first quantity in which they differ; gradients from the loss back."""
        for between in dict.fromkeys(gap.between for gap in self.gaps):
            differing = [gap for gap in self.gaps if gap.between == between and gap.differ]
            if differing:
                first = [gap for gap in differing if gap.where == differing[0].where]
                yield first[-1] if first[0].where == "gradient" else first[0]


def differences(a: Opening, b: Opening) -> list[str]:
    """Where two descriptions differ, first layer first; empty where one of them is missing."""
    if a.network is None or b.network is None:
        return []
    own = {("A", layer.name): layer.own for layer in a.layers} | {("B", layer.name): layer.own for layer in b.layers}
    left, right = list(a.network.walk()), list(b.network.walk())
    found: list[str] = []
    for first, second in zip(left, right, strict=False):
        x, y = first.layer, second.layer
        if x.kind != y.kind or x.options.get("function") != y.options.get("function"):
            return [*found, f"A has {x} where B has {y} ({own['A', x.name]}, {own['B', y.name]})"]
        for name in sorted({*x.options} | {*y.options}):
            if _usual(first, name) != _usual(second, name):
                said = f"{name} is {x.options.get(name)!r} in A and {y.options.get(name)!r} in B"
                found.append(f"{x.name} ({own['A', x.name]}, {own['B', y.name]}): {said}")
    longer, which, other = (left, "A", "B") if len(left) > len(right) else (right, "B", "A")
    rest = longer[min(len(left), len(right)) :]
    if rest:
        found.append(f"{which} goes on with {', '.join(str(step.layer) for step in rest)}, and {other} does not")
    return found


def _usual(step: Step, name: str) -> Any:
    """An option's value; of a padding, how many zeros it comes to on each side here: 1 and "same" may be one."""
    options = step.layer.options
    if name != "padding" or name not in options:
        return options.get(name)
    kernel = options.get("kernel") or (options["size"],) * (len(step.before) - 1)
    return margins(step.before[1:], kernel, options["stride"], options[name], options.get("dilation", 1))


def judge(
    openings: Sequence[Opening],
    parameters: Sequence[Mapping[str, np.ndarray]],
    pairs: Pairs,
    runs: Mapping[str, Sequence[Run]],
    task: Task,
) -> Outcome:
    """Both sides' runs by dtype, judged as well as can be."""
    networks = [
        None if o.network is None else replace(o.network, loss=task.loss, optimiser=task.optimiser) for o in openings
    ]
    outcome = Outcome(*_standing(networks, task), differences=differences(*openings))
    if outcome.truth == "exact":
        try:
            _by_truth(outcome, networks, parameters, runs, task)
        except CannotRun as stop:
            outcome = Outcome("reference", f"the network does not run on exact numbers: {stop}", outcome.differences)
    if outcome.truth != "exact":
        if len(runs) < 2:
            raise ValueError(
                f"there is no truth here ({outcome.why}), so two dtypes are needed: rounding is known by what the "
                "other one changes; leave --dtype out"
            )
        _by_precision(outcome, networks, openings, parameters, pairs, runs, task)
    return outcome


def _standing(networks: Sequence[Network | None], task: Task) -> tuple[str, str]:
    """What there is to judge by, and why it is not the truth."""
    for name, network in zip(SIDES, networks, strict=True):
        if network is None:
            return "none", f"{name} is no sequence of layers that the reference has"
        missing = numpy_network.missing_operations(network)
        if missing:
            return "none", f"the catalogue does not hold {', '.join(missing)}"
    most = max(work(network, len(task.x)) for network in networks if network is not None)
    if most > MOST_WORK:
        return "reference", (
            f"a forward has {most:,} multiplications, and exact numbers bear {MOST_WORK:,}; "
            "the reference in float64 and float32 stands in. A smaller --batch or --input may fit"
        )
    return "exact", ""


def _by_truth(outcome: Outcome, networks: Any, parameters: Any, runs: Any, task: Task) -> None:
    same = not outcome.differences and all(
        parameters[0][n].shape == p.shape for n, p in parameters[1].items() if n in parameters[0]
    )
    for dtype, (run_a, run_b) in runs.items():
        first, second = (
            NetworkTruth(Case(n, p, task.x, task.target, task.steps, dtype))
            for n, p in zip(networks, parameters, strict=True)
        )
        outcome.judged.append(("A", "A", compare(first, "A", run_a)))
        outcome.judged.append(("B", "B", compare(first if same else second, "B", run_b)))
        if not same and networks[0].parameters() == networks[1].parameters():
            outcome.judged.append(("B", "A", compare(first, "B", run_b)))


def _by_precision(
    outcome: Outcome, networks: Any, openings: Sequence[Opening], parameters: Any, pairs: Pairs, runs: Any, task: Task
) -> None:
    by_dtype = {dtype: [_whole(o, run) for o, run in zip(openings, both, strict=True)] for dtype, both in runs.items()}
    if outcome.truth == "reference":
        for place, name in enumerate(SIDES):
            own = {
                d: run_numpy(Case(networks[place], parameters[place], task.x, task.target, task.steps, d))
                for d in by_dtype
            }
            theirs = [by_dtype[d][place] for d in ("float64", "float32")]
            reference = [_whole(openings[place], own[d]) for d in ("float64", "float32")]
            outcome.gaps += _gaps(f"{name} and the reference", theirs, reference, _names(openings[place]), task)
    names = renamed(pairs) | ({} if outcome.differences else _same_names(openings))
    back = {ours: theirs for theirs, ours in names.items()}
    a64, b64 = by_dtype["float64"]
    a32, b32 = by_dtype["float32"]
    b64, b32 = (_as_in_a(run, names, parameter_names(pairs)) for run in (b64, b32))
    order = [layer.name for layer in openings[0].layers if layer.name in back]
    outcome.gaps += _gaps("A and B", (a64, a32), (b64, b32), [*order, "output"], task)


def _same_names(openings: Sequence[Opening]) -> dict[str, str]:
    """Layers without parameters, of two descriptions that are one."""
    if any(opening.network is None for opening in openings):
        return {}
    return {layer.name: layer.name for layer in openings[1].layers}


def _names(opening: Opening) -> list[str]:
    return [*(layer.name for layer in opening.layers), "output"]


def _whole(opening: Opening, run: Run) -> Run:
    """The run with its last output as "output" too."""
    if opening.network is None or "output" in run.layers:
        return run
    return replace(run, layers={**run.layers, "output": run.layers[opening.network.layers[-1].name]})


def _as_in_a(run: Run, layers: Mapping[str, str], parameters: Mapping[str, str]) -> Run:
    """B's run under A's names; what has none is left out."""
    shown = {layers.get(n, n): y for n, y in run.layers.items() if n in layers or n == "output"}
    gradients = {parameters[n]: g for n, g in run.gradients.items()}
    return Run(shown, run.loss, gradients, [{parameters[n]: w for n, w in after.items()} for after in run.weights])


def _gaps(between: str, left: Sequence[Run], right: Sequence[Run], order: Sequence[str], task: Task) -> list[Gap]:
    (l64, l32), (r64, r32) = left, right
    found = []

    def add(where: str, step: int, name: str, four: Sequence[Any], undecided: bool = False) -> None:
        if len({np.shape(x) for x in four}) == 1:
            found.append(Gap(between, where, step, name, apart(*four), undecided))

    for name in order:
        if all(name in run.layers for run in (l64, l32, r64, r32)):
            add("forward", 0, name, [run.layers[name] for run in (l64, l32, r64, r32)])
    add("loss", 0, "loss", [run.loss for run in (l64, l32, r64, r32)])
    noise = set()
    for name in (n for n in l64.gradients if n in r64.gradients):
        four = [run.gradients[name] for run in (l64, l32, r64, r32)]
        if of_rounding_alone(*four[:2]) or of_rounding_alone(*four[2:]):
            noise.add(name)
        add("gradient", 0, name, four)
    for step in range(task.steps):
        for name in (n for n in l64.gradients if n in r64.gradients):
            four = [run.weights[step][name] for run in (l64, l32, r64, r32)]
            add("step", step + 1, name, four, undecided=name in noise and task.optimiser.kind == "adam")
    return found


def own_name(layers: Sequence[LayerOf], quantity: str) -> str:
    """The framework's name of a layer or of a parameter's layer."""
    for layer in layers:
        if quantity == layer.name or quantity.rpartition(".")[0] == layer.name:
            return layer.own
    return quantity
