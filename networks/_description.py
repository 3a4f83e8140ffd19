"""What a network is: a list of layers with sizes, a loss and an optimiser. Nothing here computes.

Shapes are those of one example, without the batch: (D,) for features, (T, D) for a sequence, (C, H, W) for an image,
(T,) for a sequence of tokens. Parameters are laid out as the reference's operations take them; where PyTorch and Keras
keep theirs is said in `pytorch_network` and `keras_network`.

    network("mlp", (5,), [dense(4), activation("tanh"), dense(3)], loss="softmax_cross_entropy", optimiser=sgd(0.125))
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

Shape = tuple[int, ...]
LOSSES = ("softmax_cross_entropy", "squared_error")
ACTIVATIONS: Mapping[str, Mapping[str, Any]] = {
    "relu": {}, "sigmoid": {}, "tanh": {}, "softplus": {}, "softsign": {}, "silu": {}, "selu": {}, "mish": {},
    "log_sigmoid": {}, "hard_sigmoid": {}, "leaky_relu": {"slope": 0.01}, "elu": {"alpha": 1.0},
    "gelu": {"approximate": "none"}, "softmax": {}, "log_softmax": {},
}  # fmt: skip


@dataclass(frozen=True)
class Layer:
    """One layer: its kind (a key of KINDS), its options, and the layers inside it where it is a residual block.

    name: unique within a network; `network` gives one by kind and number, residual1.dense2.
    """

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)
    inner: tuple[Layer, ...] = ()
    name: str = ""

    def __str__(self) -> str:
        said = ", ".join(f"{k}={v}" for k, v in self.options.items())
        return f"{self.kind}({said})" if said else self.kind


@dataclass(frozen=True)
class Optimiser:
    """How weights are updated. kind: sgd, momentum or adam; options: rate, and momentum or beta1, beta2, epsilon."""

    kind: str
    options: Mapping[str, float]


@dataclass(frozen=True)
class Network:
    """A network with its loss and optimiser.

    input: shape of one example; tokens: where it is integers, how many kinds there are, else 0.
    """

    name: str
    input: Shape
    layers: tuple[Layer, ...]
    loss: str
    optimiser: Optimiser
    tokens: int = 0

    def walk(self) -> Iterator[Step]:
        """Every layer in the order of its output: what is inside a residual block before the block itself."""
        yield from _walk(self.layers, self.input)

    def parameters(self) -> dict[str, Shape]:
        """Shape of every parameter by name: dense1.w, dense1.b, residual1.conv2d1.w."""
        return {f"{step.layer.name}.{role}": shape for step in self.walk() for role, shape in step.parameters().items()}

    @property
    def output(self) -> Shape:
        """Shape of one example's output."""
        return list(self.walk())[-1].after


@dataclass(frozen=True)
class Step:
    """A layer where it stands: the shapes of one example before and after it."""

    layer: Layer
    before: Shape
    after: Shape

    def parameters(self) -> dict[str, Shape]:
        """Shape of each of its parameters by role: w, b, gamma."""
        return KINDS[self.layer.kind].parameters(self.before, **self.layer.options)


@dataclass(frozen=True)
class Kind:
    """What a kind of layer does to shapes, and which parameters it has.

    output: (shape, **options) -> shape; parameters: (shape, **options) -> {role: shape}; ranks: axes it can take.
    operations: what it needs of the catalogue.
    """

    output: Callable[..., Shape]
    parameters: Callable[..., dict[str, Shape]] = lambda shape, **_: {}
    ranks: tuple[int, ...] = (1, 2, 3)
    operations: tuple[str, ...] = ()


def _walk(layers: Sequence[Layer], shape: Shape) -> Iterator[Step]:
    for layer in layers:
        before = shape
        if layer.inner:
            for step in _walk(layer.inner, shape):
                yield step
                shape = step.after
            if shape != before:
                raise ValueError(f"{layer.name}: what is inside turns shape {before} into {shape}; it must not change")
        kind = KINDS[layer.kind]
        if len(before) not in kind.ranks:
            raise ValueError(f"{layer.name} is given shape {before}; it takes {_ranks(kind.ranks)} an example")
        shape = kind.output(before, **layer.options)
        if min(shape, default=1) < 1:
            raise ValueError(f"{layer.name} is given shape {before}, which is too small for it: {shape} comes out")
        yield Step(layer, before, shape)


def _ranks(ranks: tuple[int, ...]) -> str:
    return " or ".join(map(str, ranks)) + (" axis" if ranks == (1,) else " axes")


def _same(shape: Shape, **_: Any) -> Shape:
    return shape


def _dense(shape: Shape, units: int, bias: bool = True) -> dict[str, Shape]:
    return {"w": (shape[-1], units), **({"b": (units,)} if bias else {})}


def _conv(shape: Shape, filters: int, kernel: Shape, bias: bool = True, **_: Any) -> dict[str, Shape]:
    return {"w": (filters, shape[0], *kernel), **({"b": (filters,)} if bias else {})}


def _windows(size: int, window: int, stride: int, padding: Any) -> int:
    if padding == "same":
        return -(-size // stride)
    return (size + 2 * (0 if padding == "valid" else int(padding)) - window) // stride + 1


def _convolved(
    shape: Shape, filters: int, kernel: Shape, stride: int, padding: Any, dilation: int, bias: bool
) -> Shape:
    reach = [(k - 1) * dilation + 1 for k in kernel]
    return (filters, *(_windows(n, k, stride, padding) for n, k in zip(shape[1:], reach, strict=True)))


def _pooled(shape: Shape, size: int, stride: int, padding: Any = "valid") -> Shape:
    return (shape[0], *(_windows(n, size, stride, padding) for n in shape[1:]))


def _norm(shape: Shape, **_: Any) -> dict[str, Shape]:
    size = shape[0] if len(shape) == 3 else shape[-1]
    return {"gamma": (size,), "beta": (size,)}


def _lstm(shape: Shape, units: int, **_: Any) -> dict[str, Shape]:
    return {"wx": (shape[-1], 4 * units), "wh": (units, 4 * units), "b": (4 * units,)}


def _attention(shape: Shape, heads: int) -> dict[str, Shape]:
    d = shape[-1]
    if d % heads:
        raise ValueError(f"attention with {heads} heads is given {d} features; they must divide into the heads")
    return {"wq": (d, d), "bq": (d,), "wk": (d, d), "wv": (d, d), "bv": (d,), "wo": (d, d), "bo": (d,)}


KINDS: Mapping[str, Kind] = {
    "dense": Kind(lambda s, units, **_: (*s[:-1], units), _dense, (1, 2), ("affine",)),
    "activation": Kind(_same),
    "conv2d": Kind(_convolved, _conv, (3,), ("conv2d",)),
    "max_pool2d": Kind(_pooled, ranks=(3,), operations=("max_pool2d",)),
    "avg_pool2d": Kind(_pooled, ranks=(3,), operations=("avg_pool2d",)),
    "flatten": Kind(lambda s: (math.prod(s),), ranks=(1, 2, 3), operations=("flatten",)),
    "batch_norm": Kind(_same, _norm, (1, 3), ("batch_norm",)),
    "layer_norm": Kind(_same, _norm, (1, 2), ("layer_norm",)),
    "embedding": Kind(
        lambda s, width, **_: (*s, width), lambda s, tokens, width: {"w": (tokens, width)}, (1,), ("embedding",)
    ),
    "lstm": Kind(lambda s, units, sequences: (s[0], units) if sequences else (units,), _lstm, (2,), ("lstm",)),
    "attention": Kind(_same, _attention, (2,), ("multi_head_attention",)),
    "mean_over_time": Kind(lambda s: (s[1],), ranks=(2,)),
    "residual": Kind(_same),
}


# -- the words of a description ------------------------------------------------------------------------------


def dense(units: int, bias: bool = True) -> Layer:
    """y = x w + b over the last axis. Parameters w (D, units) and b (units,)."""
    return Layer("dense", {"units": _count("units", units), "bias": bool(bias)})


def activation(function: str, **options: Any) -> Layer:
    """An activation of the catalogue by name, with its options: activation("leaky_relu", slope=0.2)."""
    if function not in ACTIVATIONS:
        raise ValueError(f"activation {function!r} is not known; one of {', '.join(sorted(ACTIVATIONS))}")
    known = ACTIVATIONS[function]
    for name in options:
        if name not in known:
            said = f"it has {', '.join(known)}" if known else "it has none"
            raise ValueError(f"activation {function} has no option {name!r}; {said}")
    return Layer("activation", {"function": function, **known, **options})


def conv2d(
    filters: int, kernel: int | Shape, stride: int = 1, padding: Any = "valid", dilation: int = 1, bias: bool = True
) -> Layer:
    """Two-dimensional convolution over (C, H, W). Parameters w (filters, C, K, L) and b (filters,)."""
    sizes = (kernel, kernel) if isinstance(kernel, int) else tuple(kernel)
    options = {"filters": _count("filters", filters), "kernel": sizes, "stride": _count("stride", stride)}
    return Layer(
        "conv2d", {**options, "padding": padding, "dilation": _count("dilation", dilation), "bias": bool(bias)}
    )


def max_pool2d(size: int = 2, stride: int | None = None, padding: Any = "valid") -> Layer:
    """The largest entry of each window of size x size; stride: `size` by default."""
    return _pool("max_pool2d", size, stride, padding)


def avg_pool2d(size: int = 2, stride: int | None = None, padding: Any = "valid") -> Layer:
    """The mean of each window of size x size; stride: `size` by default."""
    return _pool("avg_pool2d", size, stride, padding)


def _pool(kind: str, size: int, stride: int | None, padding: Any) -> Layer:
    size = _count("size", size)
    return Layer(kind, {"size": size, "stride": _count("stride", stride or size), "padding": padding})


def flatten() -> Layer:
    """One row an example, its last axis running fastest."""
    return Layer("flatten")


def batch_norm(epsilon: float = 1e-5) -> Layer:
    """Batch normalisation with the batch's own statistics. Parameters gamma and beta, one a feature or channel."""
    return Layer("batch_norm", {"epsilon": float(epsilon)})


def layer_norm(epsilon: float = 1e-5) -> Layer:
    """Layer normalisation over the last axis. Parameters gamma and beta (D,)."""
    return Layer("layer_norm", {"epsilon": float(epsilon)})


def embedding(tokens: int, width: int) -> Layer:
    """Row t of the table for token t. Parameter w (tokens, width)."""
    return Layer("embedding", {"tokens": _count("tokens", tokens), "width": _count("width", width)})


def lstm(units: int, sequences: bool = False) -> Layer:
    """A long short-term memory from zero states, gates i, f, g, o. Gives the last hidden state, or every one."""
    return Layer("lstm", {"units": _count("units", units), "sequences": bool(sequences)})


def attention(heads: int) -> Layer:
    """Multi-head self-attention. Parameters wq, wk, wv, wo (D, D) and bq, bv, bo (D,): no bias of the keys shows."""
    return Layer("attention", {"heads": _count("heads", heads)})


def mean_over_time() -> Layer:
    """(T, D) to (D,): the mean of the steps."""
    return Layer("mean_over_time")


def residual(*layers: Layer) -> Layer:
    """x + f(x), f being the layers given."""
    if not layers:
        raise ValueError("a residual block needs a layer inside it")
    return Layer("residual", {}, tuple(layers))


def transformer_block(heads: int, hidden: int, epsilon: float = 1e-5) -> tuple[Layer, ...]:
    """An encoder block, normalised after each part: attention, and two dense layers with GELU; widths as they come."""
    return (
        residual(attention(heads)),
        layer_norm(epsilon),
        residual(dense(hidden), activation("gelu"), Layer("dense", {"units": "same", "bias": True})),
        layer_norm(epsilon),
    )


def sgd(rate: float) -> Optimiser:
    """p - rate g."""
    return Optimiser("sgd", {"rate": float(rate)})


def momentum(rate: float, momentum: float = 0.9) -> Optimiser:
    """v = momentum v + g; p - rate v."""
    return Optimiser("momentum", {"rate": float(rate), "momentum": float(momentum)})


def adam(rate: float = 1e-3, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8) -> Optimiser:
    """p - rate m' / (sqrt(v') + epsilon), m' and v' the moments after the bias correction."""
    return Optimiser("adam", {"rate": rate, "beta1": beta1, "beta2": beta2, "epsilon": epsilon})


OPTIMISERS: Mapping[str, Callable[..., Optimiser]] = {"sgd": sgd, "momentum": momentum, "adam": adam}


def network(
    name: str,
    input: Shape,
    layers: Sequence[Layer],
    loss: str = "softmax_cross_entropy",
    optimiser: Optimiser | None = None,
    tokens: int = 0,
) -> Network:
    """A network whose layers have names, its shapes checked. ValueError, by layer, where a shape does not fit."""
    if loss not in LOSSES:
        raise ValueError(f"loss={loss!r} is not known; one of {', '.join(LOSSES)}")
    if not layers:
        raise ValueError(f"network {name} has no layers")
    shape = tuple(input)
    made = Network(name, shape, _named(layers, shape, ""), loss, optimiser or sgd(0.125), tokens)
    if len(made.output) != 1:
        raise ValueError(
            f"network {name} ends with shape {made.output} an example; the losses take one row of features"
        )
    return made


def _named(layers: Sequence[Layer], shape: Shape, prefix: str) -> tuple[Layer, ...]:
    """The layers with names by kind and number, and widths that are "same" filled in."""
    counts: dict[str, int] = {}
    named = []
    width = shape[-1]
    for layer in layers:
        if layer.kind not in KINDS:
            raise ValueError(f"a layer of kind {layer.kind!r} is not known; one of {', '.join(KINDS)}")
        kind = layer.options["function"] if layer.kind == "activation" else layer.kind
        counts[kind] = counts.get(kind, 0) + 1
        name = prefix + (layer.name or f"{kind}{counts[kind]}")
        options = {k: width if v == "same" and k == "units" else v for k, v in layer.options.items()}
        new = replace(layer, name=name, options=options, inner=_named(layer.inner, shape, f"{name}."))
        *_, last = _walk((new,), shape)
        shape = last.after
        named.append(new)
    return tuple(named)


def _count(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name}={value!r} is not allowed; expected a whole number from 1")
    return value


# -- over the wire ---------------------------------------------------------------------------------------------


def to_json(network: Network) -> dict[str, Any]:
    """The network as a JSON object."""
    return {
        "name": network.name,
        "input": list(network.input),
        "layers": [_layer_json(layer) for layer in network.layers],
        "loss": network.loss,
        "optimiser": {"kind": network.optimiser.kind, **network.optimiser.options},
        "tokens": network.tokens,
    }


def _layer_json(layer: Layer) -> dict[str, Any]:
    return {**vars(layer), "options": dict(layer.options), "inner": [_layer_json(each) for each in layer.inner]}


def from_json(record: Mapping[str, Any]) -> Network:
    """The network that `to_json` wrote; ValueError where its shapes do not fit."""
    optimiser = dict(record["optimiser"])
    layers = tuple(_layer_from(each) for each in record["layers"])
    made = Network(
        record["name"], tuple(record["input"]), layers, record["loss"],
        Optimiser(optimiser.pop("kind"), optimiser), record["tokens"],
    )  # fmt: skip
    list(made.walk())
    return made


def _layer_from(record: Mapping[str, Any]) -> Layer:
    options = {k: tuple(v) if isinstance(v, list) else v for k, v in record["options"].items()}
    return Layer(record["kind"], options, tuple(_layer_from(each) for each in record["inner"]), record["name"])
