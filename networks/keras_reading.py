"""What a user's keras.Model is: its layers as a description, where they are a sequence of layers that we have.

Where they are not, its layers are those that are called, in that order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from . import _description as d
from . import keras_network
from ._description import Layer, Network, Shape
from ._opened import UNKNOWN, Leaf, Line, NoModel, NotDescribed, Opened, Undescribed, unique
from .comparing import Case, Run
from .keras_network import image_to

_ACTIVATIONS = {**{name: name for name in d.ACTIVATIONS}, "swish": "silu"}


def input_of(model: Any) -> tuple[Shape | None, int]:
    """Shape of one example in the reference's layout, as far as the model knows, and how many tokens it takes."""
    tokens = 0
    for layer in model.layers:
        if type(layer).__name__ == "Embedding":
            tokens = layer.input_dim
        if type(layer).__name__ != "InputLayer":
            break
    try:
        shape = model.input_shape
    except (AttributeError, ValueError):
        return None, tokens
    if not isinstance(shape, tuple) or None in shape[1:]:
        return None, tokens
    return _canonical(shape[1:]), tokens


def _canonical(shape: Any) -> Shape:
    """(H, W, C) to (C, H, W)."""
    return (shape[2], *shape[:2]) if len(shape) == 3 else tuple(shape)


def opened(model: Any, x: np.ndarray, tokens: int, dtype: str) -> Opened:
    """The model at inputs of this shape (the reference's layout), built if it is not yet."""
    import keras

    notes = _without_dropout(keras, model)
    given = image_to(x.astype(dtype) if x.dtype.kind == "f" else x)
    y = model(given, training=True)
    if isinstance(y, (dict, list, tuple)):
        raise NoModel(f"the model returns a {type(y).__name__}; compare needs one that returns a tensor")
    try:
        shown, network, layers, own_names = _described(keras, model, x.shape[1:], tokens)
        walk: Any = list(network.walk())
        standing: Any = network
        why = ""
    except (NotDescribed, ValueError) as reason:
        network, why = None, str(reason)
        shown, standing, layers, own_names = _as_called(keras, model, given)
        walk = standing.leaves

    def run(case: Case) -> Run:
        return keras_network.run(case, shown, layers)

    return Opened(
        "keras", network, why, walk, own_names, _canonical(tuple(y.shape[1:])),
        get=lambda: keras_network.read(standing, layers),
        put=lambda parameters: keras_network.load(layers, standing, parameters),
        run=run, notes=notes,
    )  # fmt: skip


def _without_dropout(keras: Any, model: Any) -> tuple[str, ...]:
    """Dropout draws: it is switched off, and said so."""
    names = []
    for layer in model._flatten_layers(include_self=False, recursive=True):
        for attribute in ("rate", "dropout", "recurrent_dropout", "seed_generator"):
            if isinstance(getattr(layer, attribute, None), float) and getattr(layer, attribute):
                setattr(layer, attribute, 0.0)
                names.append(layer.name)
    return (f"dropout is switched off in {', '.join(names)}",) if names else ()


# -- a description -------------------------------------------------------------------------------------------------


def _described(
    keras: Any, model: Any, shape: Shape, tokens: int
) -> tuple[Any, Network, dict[str, Any], dict[str, str]]:
    if not isinstance(model, (keras.Sequential, keras.models.Model)) or not getattr(model, "inputs", None):
        raise NotDescribed("it is a subclass of keras.Model, whose call can do anything")
    if type(model).call not in (
        keras.Sequential.call,
        keras.Model.call,
        type(keras.Model(model.inputs, model.outputs)).call,
    ):
        raise NotDescribed("it has a call of its own")
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise NotDescribed("it has more than one input or output")
    line = Line(model.inputs[0])
    for operation in _operations(model):
        _read(keras, operation, line)
    if line.last is not model.outputs[0] or not line.entries:
        raise NotDescribed("its output is not what the last layer gave")
    network = d.network("model", tuple(shape), line.layers(), tokens=tokens, loss="squared_error")
    steps, members = list(network.walk()), line.members()
    layers = {s.layer.name: own for s, (_, own, _, _) in zip(steps, members, strict=True) if own is not None}
    own_names = {s.layer.name: name for s, (_, _, name, _) in zip(steps, members, strict=True)}
    tensors = {s.layer.name: t for s, (_, _, _, t) in zip(steps, members, strict=True) if not isinstance(t, _Inside)}
    return keras.Model(model.inputs, tensors), network, layers, own_names


class _Inside:
    """The output of a layer before its own activation: nobody sees it."""


def _operations(model: Any) -> list[Any]:
    """A functional model's layers in the order of their calls, those of models inside it among them."""
    functional = getattr(model, "_functional", None) or model  # of a Sequential
    found = []
    for operation in functional.operations:
        if type(operation).__name__ == "InputLayer":
            continue
        if len(operation._inbound_nodes) > 2 or hasattr(operation, "operations"):
            raise NotDescribed(f"{operation.name} is a model of its own, or is used more than once")
        found.append(operation)
    return found


def _read(keras: Any, operation: Any, line: Line) -> None:
    node = next((n for n in operation._inbound_nodes if any(t is line.last for t in n.input_tensors)), None)
    if node is None:
        raise NotDescribed(f"{operation.name} does not take what the layer before it gave: the layers are no sequence")
    sources, (y, *more) = node.input_tensors, node.output_tensors
    if more:
        raise NotDescribed(f"{operation.name} gives more than one output")
    if type(operation).__name__ == "Add" and len(sources) == 2:
        line.fold(y, sources[0], sources[1], operation.name)
        return
    if type(operation).__name__ == "MultiHeadAttention" and len({id(t) for t in sources}) == 1:
        line.add(y, sources[0], _attention(operation, sources[0]), operation, operation.name)
        return
    if len(sources) != 1:
        raise NotDescribed(f"{operation.name} takes {len(sources)} inputs")
    found = layers_of(keras, operation)
    if not found:
        line.pass_on(y, sources[0], operation.name)
    source = sources[0]
    for place, layer in enumerate(found):
        tensor = y if place == len(found) - 1 else _Inside()
        line.add(tensor, source, layer, operation if place == 0 else None, operation.name)
        source = tensor


def layers_of(keras: Any, own: Any) -> list[Layer]:
    """What a Keras layer amounts to: often two, a linear one and its activation; none where it changes nothing."""
    kind = type(own).__name__
    if kind not in _READERS:
        raise NotDescribed(f"{own.name} is a {kind}, which the reference does not have as a layer")
    return _READERS[kind](keras, own)


def _activation(keras: Any, own: Any) -> list[Layer]:
    function = own.activation
    if function is None or function is keras.activations.linear:
        return []
    name = getattr(function, "__name__", "")
    if name not in _ACTIVATIONS or keras.activations.get(name) is not function:
        raise NotDescribed(f"the activation of {own.name} is {name or function!r}, which the reference does not have")
    name = _ACTIVATIONS[name]
    return [d.activation(name, **({"slope": 0.2} if name == "leaky_relu" else {}))]


def _dense(keras: Any, own: Any) -> list[Layer]:
    return [d.dense(own.units, own.use_bias), *_activation(keras, own)]


def _conv2d(keras: Any, own: Any) -> list[Layer]:
    if (
        own.groups != 1
        or own.data_format != "channels_last"
        or len(set(own.strides)) > 1
        or len(set(own.dilation_rate)) > 1
    ):
        raise NotDescribed(f"{own.name} is a Conv2D with groups, channels first or unequal strides")
    layer = d.conv2d(
        own.filters, tuple(own.kernel_size), own.strides[0], own.padding, own.dilation_rate[0], own.use_bias
    )
    return [layer, *_activation(keras, own)]


def _pool(make: Callable[..., Layer]) -> Callable[..., list[Layer]]:
    def read(keras: Any, own: Any) -> list[Layer]:
        if len(set(own.pool_size)) > 1 or len(set(own.strides)) > 1 or own.data_format != "channels_last":
            raise NotDescribed(f"{own.name} pools over windows that are not square, or channels first")
        return [make(own.pool_size[0], own.strides[0], own.padding)]

    return read


def _batch_norm(keras: Any, own: Any) -> list[Layer]:
    axis = own.axis if isinstance(own.axis, int) else own.axis[0]
    if not (own.center and own.scale) or axis not in (
        -1,
        len(own.input_spec.axes or {}) or -1,
        own.input_spec.ndim and own.input_spec.ndim - 1,
    ):
        raise NotDescribed(f"{own.name} normalises another axis than the last, or has no scale or offset")
    return [d.batch_norm(own.epsilon)]


def _layer_norm(keras: Any, own: Any) -> list[Layer]:
    axes = own.axis if isinstance(own.axis, (list, tuple)) else [own.axis]
    if not (own.center and own.scale) or len(axes) != 1 or getattr(own, "rms_scaling", False):
        raise NotDescribed(f"{own.name} normalises several axes, or has no scale or offset")
    return [d.layer_norm(own.epsilon)]


def _embedding(keras: Any, own: Any) -> list[Layer]:
    if own.mask_zero:
        raise NotDescribed(f"{own.name} masks token 0")
    return [d.embedding(own.input_dim, own.output_dim)]


def _lstm(keras: Any, own: Any) -> list[Layer]:
    usual = own.activation is keras.activations.tanh and own.recurrent_activation is keras.activations.sigmoid
    if not (usual and own.use_bias) or own.go_backwards or own.return_state:
        raise NotDescribed(f"{own.name} is an LSTM with other gates than sigmoid and tanh, backwards, or with states")
    return [d.lstm(own.units, own.return_sequences)]


def _attention(own: Any, x: Any) -> Layer:
    usual = own._use_bias and own.key_dim * own.num_heads == own.value_dim * own.num_heads == x.shape[-1]
    if not usual or own._output_shape:
        raise NotDescribed(f"{own.name} is a MultiHeadAttention whose heads do not share out the features")
    return d.attention(own.num_heads)


def _softmax(keras: Any, own: Any) -> list[Layer]:
    if own.axis != -1:
        raise NotDescribed(f"{own.name}: softmax is not over the last axis")
    return [d.activation("softmax")]


def _relu(keras: Any, own: Any) -> list[Layer]:
    if own.max_value is not None or own.threshold:
        raise NotDescribed(f"{own.name} is a ReLU with a threshold or a largest value")
    slope = float(own.negative_slope)
    return [d.activation("leaky_relu", slope=slope) if slope else d.activation("relu")]


def _flatten(keras: Any, own: Any) -> list[Layer]:
    return [d.flatten()]


_READERS: Mapping[str, Callable[..., list[Layer]]] = {
    "Dense": _dense,
    "Conv2D": _conv2d,
    "Activation": _activation,
    "ReLU": _relu,
    "LeakyReLU": lambda keras, own: [d.activation("leaky_relu", slope=float(own.negative_slope))],
    "ELU": lambda keras, own: [d.activation("elu", alpha=float(own.alpha))],
    "Softmax": _softmax,
    "MaxPooling2D": _pool(d.max_pool2d),
    "AveragePooling2D": _pool(d.avg_pool2d),
    "Flatten": _flatten,
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
    "Embedding": _embedding,
    "LSTM": _lstm,
    "GlobalAveragePooling1D": lambda keras, own: [d.mean_over_time()],
    "Dropout": lambda keras, own: [],
    "SpatialDropout1D": lambda keras, own: [],
    "SpatialDropout2D": lambda keras, own: [],
    "Identity": lambda keras, own: [],
}


# -- as called -----------------------------------------------------------------------------------------------------


def _as_called(keras: Any, model: Any, x: Any) -> tuple[Any, Undescribed, dict[str, Any], dict[str, str]]:
    """The innermost layers in the order of their calls, each with its weights; and what shows their outputs."""
    every = list(model._flatten_layers(include_self=False, recursive=True))
    inner = [
        layer for layer in every
        if type(layer).__name__ in ("LSTM", "MultiHeadAttention") or not list(layer._flatten_layers(include_self=False))
    ]  # fmt: skip
    parts = {id(p) for layer in inner for p in layer._flatten_layers(include_self=False, recursive=True)}
    inner = [layer for layer in inner if id(layer) not in parts]
    called: list[tuple[Any, Any, Any]] = []

    def seen(own: Any, args: Any, y: Any) -> None:
        if not any(own is layer for layer, *_ in called):
            called.append((own, args[0] if args else None, y))

    _watched(inner, seen, lambda: model(x, training=True))
    counts: dict[str, int] = {}
    leaves, layers, own_names = [], {}, {}
    for own, given, y in called:
        leaf = _leaf(keras, own, given, y, counts)
        leaves.append(leaf)
        layers[leaf.layer.name], own_names[leaf.layer.name] = own, own.name
    held = {v.path for layer in layers.values() for v in layer.trainable_weights}
    loose = [v for v in model.trainable_weights if v.path not in held]
    for variable in loose:
        label = unique(UNKNOWN, counts)
        leaves.append(Leaf(Layer(UNKNOWN, {}, (), label), (), (), {variable.name: tuple(variable.shape)}))
        layers[label], own_names[label] = _Bare(variable), variable.path
    shown = {
        n: own for n, own in layers.items() if getattr(own, "activation", None) in (None, keras.activations.linear)
    }
    return _Watched(model, shown, inner), Undescribed("model", tuple(leaves)), layers, own_names


class _Bare:
    """A variable that belongs to no layer that was called, as if it were one."""

    def __init__(self, variable: Any) -> None:
        self.trainable_weights = self.weights = [variable]

    def get_weights(self) -> list[Any]:
        return [np.array(self.weights[0])]

    def set_weights(self, arrays: list[Any]) -> None:
        self.weights[0].assign(arrays[0])


def _leaf(keras: Any, own: Any, given: Any, y: Any, counts: dict[str, int]) -> Leaf:
    try:
        found = layers_of(keras, own)
        layer = found[0] if found else Layer(UNKNOWN)
    except (NotDescribed, ValueError):
        layer = Layer(UNKNOWN)
    kind = layer.options["function"] if layer.kind == "activation" else layer.kind
    named = replace(layer, name=unique(type(own).__name__.lower() if kind == UNKNOWN else kind, counts))
    before, after = (_canonical(tuple(t.shape[1:])) if hasattr(t, "shape") else () for t in (given, y))
    variables = own.trainable_weights
    names = keras_network.weight_names(own, variables)
    held = {n: np.empty(tuple(v.shape)) for n, v in zip(names, variables, strict=True)}
    back = keras_network.layout(layer.kind)[1]
    return Leaf(named, before, after, {role: a.shape for role, a in back(held, named).items()} if held else {})


def _watched(inner: list[Any], seen: Any, call: Any) -> Any:
    """Call with each layer's own call replaced by one that tells."""
    try:
        for layer in inner:
            object.__setattr__(layer, "call", _telling(layer, layer.call, seen))
        return call()
    finally:
        for layer in inner:
            layer.__dict__.pop("call", None)


def _telling(layer: Any, call: Any, seen: Any) -> Any:
    def told(*args: Any, **named: Any) -> Any:
        y = call(*args, **named)
        seen(layer, args, y)
        return y

    return told


class _Watched:
    """The model, giving every called layer's output by name, and its own last as "output".

    Not that of a layer with an activation in it: elsewhere the two are apart.
    """

    def __init__(self, model: Any, layers: Mapping[str, Any], inner: list[Any]) -> None:
        self.model, self.inner = model, inner
        self.names = {id(own): name for name, own in layers.items()}

    def __call__(self, x: Any, training: bool) -> dict[str, Any]:
        shown: dict[str, Any] = {}

        def seen(own: Any, args: Any, y: Any) -> None:
            if hasattr(y, "shape") and id(own) in self.names:
                shown.setdefault(self.names[id(own)], y)

        y = _watched(self.inner, seen, lambda: self.model(x, training=training))
        return {**shown, "output": y}
