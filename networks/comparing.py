"""A network before the judge: layers, loss, gradients and weights of an implementation against the truth.

The truth is the NumPy network on exact numbers, as for every operation: each layer's output and the loss; every
parameter's gradient, whose backward is proved on the way; the weights after each training step. The same code on
rounded numbers gives every entry's allowance, through all layers.

The first layer and the first step that diverge are named: forward in the order of the layers, gradients from the loss
back, since each rests on those behind it, then the steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from gradproof.packing import joined
from gradproof.pair import Pair
from gradproof.truth import Proof, TrueArray, Truth, coarse, find_truth
from gradproof.verdict import FAILURES, About, Finding, Results, judge

from . import numpy_network
from ._description import Network, Step

MOST_WORK = 50_000  # multiplications of one forward: some ten seconds of exact numbers for each model and dtype


@dataclass(frozen=True)
class Case:
    """One network at one point: its parameters, a batch, the number of training steps, the dtype of the programs.

    parameters, x, target: float32 values (integers for tokens and labels), so that every dtype starts from the same.
    """

    network: Network
    parameters: Mapping[str, np.ndarray]
    x: np.ndarray
    target: np.ndarray
    steps: int = 3
    dtype: str = "float64"
    seed: int = 0

    def inputs(self) -> dict[str, np.ndarray]:
        """x, every parameter and the target by name, in the case's dtype."""
        every = {"x": self.x, **self.parameters, "target": self.target}
        return {n: a.astype(self.dtype) if a.dtype.kind == "f" else a for n, a in every.items()}


@dataclass(frozen=True)
class Run:
    """What an implementation computed, all in the reference's layouts.

    layers: output by layer, as far as the implementation shows them; gradients: by parameter; weights: after each step.
    """

    layers: Mapping[str, np.ndarray]
    loss: np.ndarray
    gradients: Mapping[str, np.ndarray]
    weights: Sequence[Mapping[str, np.ndarray]]


def draw_case(network: Network, batch: int = 3, steps: int = 3, dtype: str = "float64", seed: int = 0) -> Case:
    """A case at generic weights and a generic batch."""
    x, target = numpy_network.draw_batch(network, batch, seed)
    return Case(network, numpy_network.draw_parameters(network, seed), x, target, steps, dtype, seed)


def run_numpy(case: Case) -> Run:
    """The NumPy network in floats."""
    inputs = case.inputs()
    x, target = inputs.pop("x"), inputs.pop("target")
    outputs, loss, saved = numpy_network.loss_of(case.network, inputs, x, target)
    one = np.ones((), case.dtype)[()]
    gradients = numpy_network.gradients_of(case.network, one, saved)
    weights = numpy_network.train(case.network, inputs, x, target, case.steps, one)
    return Run(outputs, np.asarray(loss), {n: gradients[n] for n in inputs}, weights)


# -- the truth ---------------------------------------------------------------------------------------------------------


def work(network: Network, batch: int) -> int:
    """Multiplications of one forward."""
    return batch * sum(_work(step) for step in network.walk())


def _work(step: Step) -> int:
    matrices = [shape for shape in step.parameters().values() if len(shape) > 1]
    if step.layer.kind == "conv2d":
        return math.prod(step.after[1:]) * math.prod(matrices[0])
    if step.layer.kind == "embedding":
        return math.prod(step.after)
    rows = math.prod(step.before[:-1])
    own = rows * sum(math.prod(shape) for shape in matrices)
    return own + (2 * rows * rows * step.before[-1] if step.layer.kind == "attention" else math.prod(step.after))


class NetworkTruth:
    """Everything known about a case before any implementation is heard. CannotRun where it does not run exactly."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._inputs = case.inputs()
        self._shapes = self._output_shapes()

    def _output_shapes(self) -> dict[str, tuple[int, ...]]:
        batch = len(self.case.x)
        return {step.layer.name: (batch, *step.after) for step in self.case.network.walk()} | {"loss": ()}

    @cached_property
    def _pass(self) -> tuple[Pair, tuple[np.ndarray, ...], Truth]:
        """Forward and backward: the outputs of all layers and the loss in one vector, and the loss's gradients."""
        network, names = self.case.network, tuple(self.case.parameters)

        def forward(x: Any, *rest: Any) -> Any:
            outputs, loss, saved = numpy_network.loss_of(network, dict(zip(names, rest, strict=False)), x, rest[-1])
            return joined([*outputs.values(), loss]), saved

        def backward(dy: Any, saved: Any) -> Any:  # of the loss alone: the layers' cotangents are zero
            gradients = numpy_network.gradients_of(network, dy[-1], saved)
            return tuple(gradients[n] for n in names)

        pair = Pair(network.name, forward, backward, tuple(self._inputs), names)
        dy = np.zeros(sum(map(math.prod, self._shapes.values())), self.case.dtype)
        dy[-1] = 1
        return pair, (dy,), find_truth(pair, self._inputs, (dy,), self.case.seed)

    @cached_property
    def _wide_pass(self) -> Truth:
        pair, cotangents, truth = self._pass
        return coarse(pair, self._inputs, cotangents, truth)

    @property
    def proof(self) -> Proof:
        """Whether the network's backward is the derivative of its forward here."""
        return self._pass[2].proof

    def outputs(self) -> Iterator[tuple[str, Truth, Callable[[], Truth]]]:
        """Every layer and the loss: name, truth, and what gives its truth at the scale of the inputs."""
        truth, start = self._pass[2], 0
        for name, shape in self._shapes.items():
            of = slice(start, start + math.prod(shape))
            yield name, _alone(truth, truth.y.part(of, shape)), self._wide(of, shape)
            start = of.stop

    def _wide(self, of: slice, shape: tuple[int, ...]) -> Callable[[], Truth]:
        return lambda: _alone(self._wide_pass, self._wide_pass.y.part(of, shape))

    def gradients(self) -> Iterator[tuple[str, Truth, Callable[[], Truth]]]:
        """Every parameter's gradient."""
        truth = self._pass[2]
        for name, true in truth.gradients[0].items():
            yield name, _alone(truth, true), self._wide_gradient(name)

    def _wide_gradient(self, name: str) -> Callable[[], Truth]:
        return lambda: _alone(self._wide_pass, self._wide_pass.gradients[0][name])

    def steps(self, weights: Sequence[Mapping[str, np.ndarray]]) -> TrainingTruth | None:
        """What an implementation's weights after each step should be; None where there is no step to judge."""
        usable = 0
        for after in weights[: self.case.steps]:
            usable += 1
            if not self._fit(after):
                break  # the next step has nothing to start from
        for steps in range(usable, 0, -1):
            found = TrainingTruth(self.case, self._inputs, weights[: steps - 1])
            if steps == 1 or not found.truth.uncertain:
                return found
        return None

    def _fit(self, weights: Mapping[str, np.ndarray]) -> bool:
        every = ((weights.get(n), p) for n, p in self.case.parameters.items())
        return all(
            w is not None and w.shape == p.shape and w.dtype == self.case.dtype and bool(np.isfinite(w).all())
            for w, p in every
        )


class TrainingTruth:
    """The weights after each step, as they should be from the implementation's own weights before it.

    Step t is judged from the weights that the implementation had after step t - 1, and from the optimiser's state that
    exact gradients at all its weights so far leave. So rounding does not grow from step to step, and no step is blamed
    for one before it.
    """

    def __init__(
        self, case: Case, inputs: Mapping[str, np.ndarray], earlier: Sequence[Mapping[str, np.ndarray]]
    ) -> None:
        """earlier: the implementation's weights after each step but the last one that is judged."""
        self._case, self.count = case, len(earlier) + 1
        names, network = tuple(case.parameters), case.network
        own = {f"{n}:{step}": w[n] for step, w in enumerate(earlier, 1) for n in names}
        self._inputs = {**{n: a for n, a in inputs.items() if n != "target"}, **own, "target": inputs["target"]}

        def forward(x: Any, *rest: Any) -> Any:
            *flat, target = rest
            state = numpy_network.initial_state(network.optimiser, dict(zip(names, flat, strict=False)))
            after = []
            for step in range(1, len(flat) // len(names) + 1):
                own = dict(zip(names, flat[(step - 1) * len(names) :], strict=False))
                _, _, saved = numpy_network.loss_of(network, own, x, target)
                gradients = numpy_network.gradients_of(network, 1.0, saved)
                new, state = numpy_network.update(network.optimiser, own, gradients, state, step)
                after += [new[n] for n in names]
            return joined(after), None

        self._pair = Pair(network.name, forward, lambda dy, saved: (), tuple(self._inputs), ())
        self._cotangents = (np.zeros(self.count * sum(p.size for p in case.parameters.values()), case.dtype),)
        self.truth = find_truth(self._pair, self._inputs, self._cotangents, case.seed)

    @cached_property
    def _wide(self) -> Truth:
        return coarse(self._pair, self._inputs, self._cotangents, self.truth)

    def weights(self) -> Iterator[tuple[int, str, Truth, Callable[[], Truth]]]:
        """Every parameter after every step: the step's number, from 1, its name, and the truths."""
        truth, start = self.truth, 0
        for step in range(1, self.count + 1):
            for name, p in self._case.parameters.items():
                of = slice(start, start + p.size)
                wide = lambda of=of, p=p: _alone(truth, self._wide.y.part(of, p.shape))  # noqa: E731
                yield step, name, _alone(truth, truth.y.part(of, p.shape)), wide
                start = of.stop


def _alone(truth: Truth, y: TrueArray) -> Truth:
    return Truth(y, (), truth.proof, truth.source, truth.uncertain)


# -- the comparison ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Divergence:
    """Where an implementation leaves the truth first. where: forward, loss, gradient or step; step: its number."""

    where: str
    layer: str
    finding: Finding
    step: int = 0

    def __str__(self) -> str:
        if self.where == "forward":
            return f"the first layer that diverges is {self.layer}, in the forward"
        if self.where == "loss":
            return "every layer agrees in the forward; the loss diverges"
        if self.where == "gradient":
            return f"the forward agrees; from the loss back, the first gradient that diverges is {self.layer}'s"
        return f"forward and gradients agree; the first step that diverges is step {self.step}, at {self.layer}"


@dataclass(frozen=True)
class Comparison:
    """One implementation's findings on a case: (where, step, finding) in the order forward, loss, gradient, step."""

    implementation: str
    dtype: str
    found: Sequence[tuple[str, int, Finding]]
    proof: Proof
    notes: tuple[str, ...] = field(default_factory=tuple)

    @property
    def findings(self) -> list[Finding]:
        return [finding for _, _, finding in self.found]

    @property
    def steps(self) -> int:
        """How many steps were judged."""
        return max((step for _, step, _ in self.found), default=0)

    @property
    def first(self) -> Divergence | None:
        """The first divergence, or None where everything agrees."""
        failed = [each for each in self.found if each[2].failed]
        if not failed:
            return None
        where = failed[0][0]
        candidates = [each for each in failed if each[0] == where]
        _, step, finding = candidates[-1] if where == "gradient" else candidates[0]
        name = finding.quantity
        layer = name if where in ("forward", "loss") else name.rpartition(".")[0]
        return Divergence(where, layer, finding, step)

    @property
    def status(self) -> str:
        """The gravest status: wrong, inaccurate, undecided or agree."""
        statuses = {finding.status for finding in self.findings}
        return next((s for s in ("wrong", "inaccurate", "undecided", "kink-convention") if s in statuses), "agree")


def compare(truth: NetworkTruth, implementation: str, run: Run) -> Comparison:
    """Findings of one implementation's run against the truth of the same case."""
    case = truth.case
    found: list[tuple[str, int, Finding]] = []

    def hear(where: str, step: int, name: str, true: Truth, wide: Callable[[], Truth], got: Any) -> None:
        about = About(case.network.name, case.network.name, case.dtype, "network", implementation, name)
        found.extend((where, step, each) for each in judge(about, true, Results(got, ()), wide))

    for name, true, wide in truth.outputs():
        if name == "loss":
            hear("loss", 0, name, true, wide, run.loss)
        elif name in run.layers:
            hear("forward", 0, name, true, wide, run.layers[name])
    for name, true, wide in truth.gradients():
        hear("gradient", 0, name, true, wide, run.gradients.get(name))
    training = truth.steps(run.weights)
    for step, name, true, wide in training.weights() if training else ():
        hear("step", step, name, true, wide, run.weights[step - 1].get(name))
    judged = training.count if training else 0
    notes: tuple[str, ...] = ()
    if judged < case.steps:
        why = "a branch is decided by rounding" if judged < len(run.weights) else "there are no weights to start from"
        notes = (f"from step {judged + 1} on {why}, so the steps from there are not judged",)
    return Comparison(implementation, case.dtype, found, truth.proof, notes)


def failed(comparisons: Sequence[Comparison]) -> bool:
    """Whether any implementation is wrong or inaccurate anywhere."""
    return any(comparison.status in FAILURES for comparison in comparisons)
