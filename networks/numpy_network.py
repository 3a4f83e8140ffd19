"""The network in NumPy, from the reference's operations: forward, backward, every gradient, the optimiser's steps.

Everything here runs unchanged on float arrays and on exact numbers: `comparing` takes the truth from it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from gradproof.reference import operations

from ._description import KINDS, Layer, Network, Optimiser

Arrays = Mapping[str, Any]


class MissingOperation(ValueError):
    """A layer or an optimiser needs an operation that the catalogue does not hold."""


@cache
def _catalogue() -> dict[str, Any]:
    return operations()


def _operation(name: str) -> Any:
    if name not in _catalogue():
        raise MissingOperation(f"the catalogue has no operation {name}, so there is no NumPy network with it")
    return _catalogue()[name]


def missing_operations(network: Network) -> list[str]:
    """Operations that the network needs and the catalogue does not hold."""
    needed = [network.loss, network.optimiser.kind]
    for step in network.walk():
        layer = step.layer
        needed += [layer.options["function"]] if layer.kind == "activation" else KINDS[layer.kind].operations
    return sorted({name for name in needed if name not in _catalogue()})


# -- one layer ----------------------------------------------------------------------------------------------------


def _dense_forward(x: Any, p: Arrays, units: int, bias: bool) -> tuple[Any, Any]:
    rows = x.reshape(-1, x.shape[-1])
    b = p["b"] if bias else np.zeros(units, p["w"].dtype)
    y, saved = _operation("affine").forward(rows, p["w"], b)
    return y.reshape(*x.shape[:-1], units), (saved, x.shape, bias)


def _dense_backward(dy: Any, cache: Any) -> tuple[Any, Arrays]:
    saved, shape, bias = cache
    dx, dw, db = _operation("affine").backward(dy.reshape(-1, dy.shape[-1]), saved)
    return dx.reshape(shape), {"w": dw, "b": db} if bias else {"w": dw}


def _activation_forward(x: Any, p: Arrays, function: str, **options: Any) -> tuple[Any, Any]:
    y, saved = _operation(function).forward(x, **options)
    return y, (function, saved)


def _activation_backward(dy: Any, cache: Any) -> tuple[Any, Arrays]:
    function, saved = cache
    return _operation(function).backward(dy, saved)[0], {}


def _conv2d_forward(x: Any, p: Arrays, filters: int, kernel: Any, bias: bool, **options: Any) -> tuple[Any, Any]:
    b = p["b"] if bias else np.zeros(filters, p["w"].dtype)
    y, saved = _operation("conv2d").forward(x, p["w"], b, **options)
    return y, (saved, bias)


def _conv2d_backward(dy: Any, cache: Any) -> tuple[Any, Arrays]:
    saved, bias = cache
    dx, dw, db = _operation("conv2d").backward(dy, saved)
    return dx, {"w": dw, "b": db} if bias else {"w": dw}


def _plain(name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """A layer that is one operation without parameters."""

    def forward(x: Any, p: Arrays, **options: Any) -> tuple[Any, Any]:
        y, saved = _operation(name).forward(x, **options)
        return y, saved

    def backward(dy: Any, saved: Any) -> tuple[Any, Arrays]:
        return _operation(name).backward(dy, saved)[0], {}

    return forward, backward


def _mean_forward(x: Any, p: Arrays) -> tuple[Any, Any]:
    return x.sum(axis=1) / x.shape[1], x.shape


def _mean_backward(dy: Any, shape: Any) -> tuple[Any, Arrays]:
    return np.repeat((dy / shape[1])[:, None, :], shape[1], axis=1), {}


def _lstm_forward(x: Any, p: Arrays, units: int, sequences: bool) -> tuple[Any, Any]:
    zeros = np.zeros((len(x), units), p["wh"].dtype)
    y, h, _, saved = _operation("lstm").forward(x, zeros, zeros, p["wx"], p["wh"], p["b"])
    return (y if sequences else h), (saved, zeros, x.shape[1], sequences)


def _lstm_backward(dy: Any, cache: Any) -> tuple[Any, Arrays]:
    saved, zeros, steps, sequences = cache
    every = dy if sequences else np.repeat(zeros[:, None, :], steps, axis=1)
    dx, _, _, dwx, dwh, db = _operation("lstm").backward(every, zeros if sequences else dy, zeros, saved)
    return dx, {"wx": dwx, "wh": dwh, "b": db}


def _batch_norm_forward(x: Any, p: Arrays, epsilon: float) -> tuple[Any, Any]:
    mean, variance = np.zeros_like(p["gamma"]), np.ones_like(p["gamma"])  # running statistics, which no output uses
    y, _, _, saved = _operation("batch_norm").forward(x, p["gamma"], p["beta"], mean, variance, epsilon=epsilon)
    return y, ("batch_norm", saved)


def _layer_norm_forward(x: Any, p: Arrays, epsilon: float) -> tuple[Any, Any]:
    y, saved = _operation("layer_norm").forward(x, p["gamma"], p["beta"], epsilon=epsilon)
    return y, ("layer_norm", saved)


def _norm_backward(dy: Any, cache: Any) -> tuple[Any, Arrays]:
    name, saved = cache
    dx, dgamma, dbeta = _operation(name).backward(dy, saved)
    return dx, {"gamma": dgamma, "beta": dbeta}


def _embedding_forward(x: Any, p: Arrays, tokens: int, width: int) -> tuple[Any, Any]:
    y, saved = _operation("embedding").forward(x, p["w"])
    return y, saved


def _embedding_backward(dy: Any, saved: Any) -> tuple[Any, Arrays]:
    return None, {"w": _operation("embedding").backward(dy, saved)[0]}  # tokens have no gradient


PROJECTIONS = ("wq", "bq", "wk", "wv", "bv", "wo", "bo")


def _attention_forward(x: Any, p: Arrays, heads: int) -> tuple[Any, Any]:
    everywhere = np.ones((len(x), x.shape[1], x.shape[1]), dtype=bool)
    weights = [p[role] for role in PROJECTIONS]
    y, saved = _operation("multi_head_attention").forward(x, x, x, *weights, everywhere, heads=heads)
    return y, saved


def _attention_backward(dy: Any, saved: Any) -> tuple[Any, Arrays]:
    dq, dk, dv, *own = _operation("multi_head_attention").backward(dy, saved)
    return dq + dk + dv, dict(zip(PROJECTIONS, own, strict=True))


_LAYERS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "dense": (_dense_forward, _dense_backward),
    "activation": (_activation_forward, _activation_backward),
    "conv2d": (_conv2d_forward, _conv2d_backward),
    "max_pool2d": _plain("max_pool2d"),
    "avg_pool2d": _plain("avg_pool2d"),
    "flatten": _plain("flatten"),
    "batch_norm": (_batch_norm_forward, _norm_backward),
    "layer_norm": (_layer_norm_forward, _norm_backward),
    "attention": (_attention_forward, _attention_backward),
    "embedding": (_embedding_forward, _embedding_backward),
    "lstm": (_lstm_forward, _lstm_backward),
    "mean_over_time": (_mean_forward, _mean_backward),
}


# -- the whole network ---------------------------------------------------------------------------------------------


def forward(network: Network, parameters: Arrays, x: Any) -> tuple[dict[str, Any], Any]:
    """Every layer's output by the layer's name, in the order of `Network.walk`, and the cache for `backward`."""
    outputs: dict[str, Any] = {}
    _, saved = _forward(network.layers, parameters, x, outputs)
    return outputs, saved


def _forward(layers: Sequence[Layer], parameters: Arrays, x: Any, outputs: dict[str, Any]) -> tuple[Any, Any]:
    saved = []
    for layer in layers:
        if layer.kind == "residual":
            y, inside = _forward(layer.inner, parameters, x, outputs)
            x, kept = x + y, inside
        else:
            if layer.kind not in _LAYERS:
                _operation(KINDS[layer.kind].operations[0])
            own = _own(layer, parameters)
            x, kept = _LAYERS[layer.kind][0](x, own, **layer.options)
        outputs[layer.name] = x
        saved.append((layer, kept))
    return x, saved


def _own(layer: Layer, parameters: Arrays) -> dict[str, Any]:
    start = f"{layer.name}."
    return {n.removeprefix(start): p for n, p in parameters.items() if n.startswith(start)}


def backward(dy: Any, saved: Any) -> dict[str, Any]:
    """Gradient of every parameter by name, from the cotangent of the last layer's output."""
    gradients: dict[str, Any] = {}
    _backward(dy, saved, gradients)
    return gradients


def _backward(dy: Any, saved: Any, gradients: dict[str, Any]) -> Any:
    for layer, kept in reversed(saved):
        if layer.kind == "residual":
            dy = dy + _backward(dy, kept, gradients)
        else:
            dy, own = _LAYERS[layer.kind][1](dy, kept)
            gradients.update({f"{layer.name}.{role}": g for role, g in own.items()})
    return dy


def loss_of(network: Network, parameters: Arrays, x: Any, target: Any) -> tuple[dict[str, Any], Any, Any]:
    """Every layer's output, the loss (a scalar), and the cache for `gradients_of`."""
    outputs, saved = forward(network, parameters, x)
    loss, at_loss = _operation(network.loss).forward(list(outputs.values())[-1], target)
    return outputs, loss, (saved, at_loss)


def gradients_of(network: Network, dloss: Any, cache: Any) -> dict[str, Any]:
    """Gradient of the loss by every parameter, by name."""
    saved, at_loss = cache
    return backward(_operation(network.loss).backward(dloss, at_loss)[0], saved)


# -- training --------------------------------------------------------------------------------------------------------


def initial_state(optimiser: Optimiser, parameters: Arrays) -> dict[str, tuple[Any, ...]]:
    """The optimiser's state before the first step: zeros, as many arrays a parameter as it keeps."""
    kept = {"sgd": 0, "momentum": 1, "adam": 2}[optimiser.kind]
    return {name: tuple(np.zeros_like(p) for _ in range(kept)) for name, p in parameters.items()}


def update(
    optimiser: Optimiser, parameters: Arrays, gradients: Arrays, state: Mapping[str, tuple[Any, ...]], step: int
) -> tuple[dict[str, Any], dict[str, tuple[Any, ...]]]:
    """Parameters and state after a step; step: its number, from 1."""
    given = dict(optimiser.options)
    options: dict[str, Any] = {"lr": given.pop("rate"), **given}
    if optimiser.kind == "adam":
        options |= {"eps": options.pop("epsilon"), "epsilon": "corrected", "step": step}
    new, kept = {}, {}
    for name, p in parameters.items():
        result = _operation(optimiser.kind).forward(p, gradients[name], *state[name], **options)
        new[name], kept[name] = result[0], tuple(result[1:-1])
    return new, kept


def train(
    network: Network, parameters: Arrays, x: Any, target: Any, steps: int, one: Any = 1.0
) -> list[dict[str, Any]]:
    """Weights after each of `steps` steps on one batch; one: the number 1 in whatever the arrays hold."""
    state, weights = initial_state(network.optimiser, parameters), []
    for step in range(1, steps + 1):
        _, _, saved = loss_of(network, parameters, x, target)
        gradients = gradients_of(network, one, saved)
        parameters, state = update(network.optimiser, parameters, gradients, state, step)
        weights.append(dict(parameters))
    return weights


# -- what it starts from -----------------------------------------------------------------------------------------------


def draw_parameters(network: Network, seed: int = 0) -> dict[str, np.ndarray]:
    """Generic float32 parameters: uniform with the variance that keeps a layer's scale, no bias zero, no gain one."""
    rng = np.random.default_rng([seed, 11])
    drawn = {}
    for name, shape in network.parameters().items():
        role = name.rpartition(".")[2]
        if role == "gamma":
            values = rng.uniform(0.5, 1.5, shape)
        elif len(shape) == 1:
            values = rng.uniform(-0.5, 0.5, shape)
        else:
            fan = math.prod(shape[1:]) if len(shape) == 4 else shape[0]
            values = rng.uniform(-1, 1, shape) * math.sqrt(3 / fan)
        drawn[name] = values.astype(np.float32)
    return drawn


def draw_batch(network: Network, size: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A batch of inputs (float32 or, of tokens, int64) and its targets: labels (int64) or rows (float32)."""
    rng = np.random.default_rng([seed, 13])
    shape = (size, *network.input)
    x = draw_tokens(rng, network.tokens, shape) if network.tokens else rng.standard_normal(shape).astype(np.float32)
    (width,) = network.output
    if network.loss == "softmax_cross_entropy":
        return x, rng.integers(0, width, size)
    return x, rng.standard_normal((size, width)).astype(np.float32)


def draw_tokens(rng: np.random.Generator, tokens: int, shape: tuple[int, ...]) -> np.ndarray:
    """Tokens, no one twice in an example where there are enough: equal keys of an attention would tie."""
    if tokens < shape[1]:
        return rng.integers(0, tokens, shape)
    return np.stack([rng.permutation(tokens)[: shape[1]] for _ in range(shape[0])])
