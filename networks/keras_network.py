"""The network as a Keras model, with the same weights through set_weights; and Keras' layouts.

Dense keeps (in, out), as the reference does; Conv2D keeps HWIO over NHWC images, the reference OIHW over NCHW. So what
Flatten makes of an image comes in another order, and the rows of the Dense layer behind it with it. LSTM keeps its
gates i, f, g, o; MultiHeadAttention has a kernel (D, heads, d) for each projection. Keras' Adam adds epsilon before the
bias correction: it is told the epsilon of each step that makes the same of it. Importing this loads no Keras.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ._description import Layer, Network, Optimiser, Shape
from .comparing import Case, Run

Arrays = dict[str, np.ndarray]
Order = np.ndarray  # feature j of Keras is feature order[j] of the reference


def _names(*roles: tuple[str, str]) -> tuple[Callable[..., Arrays], Callable[..., Arrays]]:
    def to(own: Arrays, layer: Layer) -> Arrays:
        return {name: own[role] for role, name in roles if role in own}

    def back(held: Arrays, layer: Layer) -> Arrays:
        return {role: held[name] for role, name in roles if name in held}

    return to, back


def _conv_to(own: Arrays, layer: Layer) -> Arrays:
    return {"kernel": own["w"].transpose(2, 3, 1, 0), **({"bias": own["b"]} if "b" in own else {})}


def _conv_back(held: Arrays, layer: Layer) -> Arrays:
    return {"w": held["kernel"].transpose(3, 2, 0, 1), **({"b": held["bias"]} if "bias" in held else {})}


_PARTS = {"q": "query", "k": "key", "v": "value", "o": "attention_output"}


def _attention_to(own: Arrays, layer: Layer) -> Arrays:
    heads, features = layer.options["heads"], len(own["bo"])
    split = (heads, features // heads)
    given = {"bk": np.zeros_like(own["bq"]), **own}
    made = {}
    for part, name in _PARTS.items():
        out = part == "o"
        made[f"{name}/kernel"] = given[f"w{part}"].reshape((*split, features) if out else (features, *split))
        made[f"{name}/bias"] = given[f"b{part}"].reshape(features if out else split)
    return made


def _attention_back(held: Arrays, layer: Layer) -> Arrays:
    features = len(held["attention_output/bias"])
    found: Arrays = {}
    for part, name in _PARTS.items():
        found[f"w{part}"] = held[f"{name}/kernel"].reshape(features, features)
        found[f"b{part}"] = held[f"{name}/bias"].reshape(features)
    del found["bk"]
    return found


# By kind of layer: from the reference's layout to Keras' weights by name, and back; weights and gradients alike.
LAYOUTS = {
    "dense": _names(("w", "kernel"), ("b", "bias")),
    "conv2d": (_conv_to, _conv_back),
    "batch_norm": _names(("gamma", "gamma"), ("beta", "beta")),
    "layer_norm": _names(("gamma", "gamma"), ("beta", "beta")),
    "embedding": _names(("w", "embeddings")),
    "lstm": _names(("wx", "kernel"), ("wh", "recurrent_kernel"), ("b", "bias")),
    "attention": (_attention_to, _attention_back),
}


def layout(kind: str) -> tuple[Callable[..., Arrays], Callable[..., Arrays]]:
    """To and from Keras' layout; of a kind that is not ours, as it is."""
    return LAYOUTS.get(kind, (lambda own, layer: dict(own), lambda held, layer: dict(held)))


def orders(network: Any) -> dict[str, tuple[Order | None, Order | None]]:
    """By layer, the order of Keras' features before and after it, where Flatten has made it another than ours."""
    found: dict[str, tuple[Order | None, Order | None]] = {}
    order: Order | None = None
    for step in network.walk():
        before = order
        if step.layer.kind == "flatten" and len(step.before) == 3:
            order = np.arange(math.prod(step.before)).reshape(step.before).transpose(1, 2, 0).ravel()
        elif step.layer.kind == "dense":
            order = None
        found[step.layer.name] = (before, order)
    return found


def to_keras(step: Any, own: Arrays, before: Order | None) -> Arrays:
    """A layer's parameters as Keras keeps them, by the names of Keras' weights."""
    if before is not None:
        own = {role: a[before] if role in ("w", "gamma", "beta") else a for role, a in own.items()}
    made: Arrays = layout(step.layer.kind)[0](own, step.layer)
    return made


def from_keras(step: Any, held: Arrays, before: Order | None) -> Arrays:
    """A layer's parameters, or their gradients, as the reference keeps them, by role."""
    own: Arrays = layout(step.layer.kind)[1](held, step.layer)
    if before is not None:
        back = np.argsort(before)
        own = {role: a[back] if role in ("w", "gamma", "beta") else a for role, a in own.items()}
    return own


def image_to(x: np.ndarray) -> np.ndarray:
    """NCHW to NHWC; anything else as it is."""
    return x.transpose(0, 2, 3, 1) if x.ndim == 4 else x


def image_from(y: np.ndarray, order: Order | None) -> np.ndarray:
    """A layer's output as the reference lays it out: NHWC to NCHW, flattened features back in order."""
    if y.ndim == 4:
        return y.transpose(0, 3, 1, 2)
    return y if order is None else y[..., np.argsort(order)]


# -- building --------------------------------------------------------------------------------------------------------


def build(network: Network, parameters: Mapping[str, np.ndarray], dtype: str) -> Any:
    """A keras.Model with these parameters. Calling it gives every layer's output by the layer's name, in order."""
    keras = _keras(dtype)
    start = keras.Input(
        tuple(image_to(np.empty((1, *network.input))).shape[1:]), dtype="int64" if network.tokens else dtype
    )
    outputs: dict[str, Any] = {}
    layers: dict[str, Any] = {}
    before = {step.layer.name: step.before for step in network.walk()}
    _through(keras, network.layers, before, layers, start, outputs)
    model = keras.Model(start, outputs)
    model.layers_by_name = layers
    load(layers, network, parameters)
    return model


def _keras(dtype: str) -> Any:
    import keras

    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    return keras


def _through(keras: Any, inside: Any, before: Any, layers: dict[str, Any], x: Any, outputs: dict[str, Any]) -> Any:
    for layer in inside:
        if layer.inner:
            x = keras.layers.Add()([x, _through(keras, layer.inner, before, layers, x, outputs)])
        elif layer.kind == "attention":
            layers[layer.name] = attention = _layer(keras, layer, before[layer.name])
            x = attention(x, x)
        else:
            layers[layer.name] = made = _layer(keras, layer, before[layer.name])
            x = made(x)
        outputs[layer.name] = x
    return x


def _layer(keras: Any, layer: Layer, shape: Shape) -> Any:
    kinds, o = keras.layers, dict(layer.options)
    name = layer.name.replace(".", "_")
    builders: dict[str, Callable[[], Any]] = {
        "dense": lambda: kinds.Dense(o["units"], use_bias=o["bias"], name=name),
        "activation": lambda: _activation(keras, name, **o),
        "conv2d": lambda: kinds.Conv2D(
            o["filters"], o["kernel"], o["stride"], _padding(layer), dilation_rate=o["dilation"],
            use_bias=o["bias"], data_format="channels_last", name=name,
        ),
        "max_pool2d": lambda: kinds.MaxPooling2D(
            o["size"], o["stride"], _padding(layer), data_format="channels_last", name=name
        ),
        "avg_pool2d": lambda: kinds.AveragePooling2D(
            o["size"], o["stride"], _padding(layer), data_format="channels_last", name=name
        ),
        "flatten": lambda: kinds.Flatten(data_format="channels_last", name=name),
        "batch_norm": lambda: kinds.BatchNormalization(axis=-1, epsilon=o["epsilon"], name=name),
        "layer_norm": lambda: kinds.LayerNormalization(epsilon=o["epsilon"], name=name),
        "embedding": lambda: kinds.Embedding(o["tokens"], o["width"], name=name),
        "lstm": lambda: kinds.LSTM(o["units"], return_sequences=o["sequences"], name=name),
        "attention": lambda: kinds.MultiHeadAttention(o["heads"], shape[-1] // o["heads"], name=name),
        "mean_over_time": lambda: kinds.GlobalAveragePooling1D(name=name),
    }  # fmt: skip
    return builders[layer.kind]()


def _padding(layer: Layer) -> str:
    padding = layer.options["padding"]
    if padding == 0:
        return "valid"
    if padding not in ("valid", "same"):
        raise ValueError(f"{layer.name}: Keras' layers have padding 'valid' and 'same', not {padding!r}")
    return str(padding)


ACTIVATION_LAYERS = {"leaky_relu": ("LeakyReLU", {"slope": "negative_slope"}), "elu": ("ELU", {"alpha": "alpha"})}


def _activation(keras: Any, name: str, function: str, **options: Any) -> Any:
    if function in ACTIVATION_LAYERS:
        kind, names = ACTIVATION_LAYERS[function]
        return getattr(keras.layers, kind)(**{names[o]: value for o, value in options.items()}, name=name)
    if function == "gelu":
        tanh_form = options["approximate"] == "tanh"
        return keras.layers.Activation(lambda x: keras.activations.gelu(x, approximate=tanh_form), name=name)
    return keras.layers.Activation(function, name=name)


def load(layers: Mapping[str, Any], network: Any, parameters: Mapping[str, np.ndarray]) -> None:
    """Give the layers these parameters through set_weights; what is no parameter of the network stays."""
    before = {name: order for name, (order, _) in orders(network).items()}
    for step in network.walk():
        roles = step.parameters()
        if not roles:
            continue
        layer, name = layers[step.layer.name], step.layer.name
        made = to_keras(step, {role: parameters[f"{name}.{role}"] for role in roles}, before[name])
        held = weight_names(layer, layer.weights)
        layer.set_weights([made.get(n, w) for n, w in zip(held, layer.get_weights(), strict=True)])


def weight_names(layer: Any, variables: list[Any]) -> list[str]:
    """Names within the layer: kernel, bias; with the part's name where several have one, query/kernel."""
    names = [v.name for v in variables]
    several = len(set(names)) < len(names)
    return ["/".join(v.path.split("/")[-2:]) if several else v.name for v in variables]


# -- running ---------------------------------------------------------------------------------------------------------


def run(case: Case, model: Any = None, layers: Mapping[str, Any] | None = None) -> Run:
    """The case as Keras computes it.

    model: by default the one built with the case's parameters; another one gives outputs by layer when called, and
    `layers` says which Keras layer is which of the network's.
    """
    import tensorflow as tf

    keras = _keras(case.dtype)
    if model is None:
        model = build(case.network, case.parameters, case.dtype)
    layers = model.layers_by_name if layers is None else layers
    inputs = case.inputs()
    x, target = tf.constant(image_to(inputs["x"])), tf.constant(inputs["target"])
    variables = [v for name in _with_parameters(case.network) for v in layers[name].trainable_weights]
    optimiser = _optimiser(keras, case.network.optimiser)
    after = {name: order for name, (_, order) in orders(case.network).items()}
    weights = []
    for step in range(max(case.steps, 1)):
        with tf.GradientTape() as tape:
            outputs = model(x, training=True)
            y = outputs["output" if "output" in outputs else case.network.layers[-1].name]
            loss = _loss(keras, case.network.loss, y, target)
        found = tape.gradient(loss, [v.value for v in variables], unconnected_gradients="zero")
        found = [tf.convert_to_tensor(g) for g in found]  # an embedding's comes as slices
        if step == 0:
            shown = {name: image_from(np.asarray(y), after.get(name)) for name, y in outputs.items()}
            first = np.asarray(loss)
            gradients = read(
                case.network, layers, {v.path: np.asarray(g) for v, g in zip(variables, found, strict=True)}
            )
        if step < case.steps:
            _epsilon_of_step(optimiser, case.network.optimiser, step + 1)
            optimiser.apply(found, variables)
            weights.append(read(case.network, layers))
    return Run(shown, first, gradients, weights)


def _with_parameters(network: Any) -> list[str]:
    return [step.layer.name for step in network.walk() if step.parameters()]


def read(network: Any, layers: Mapping[str, Any], gradients: Mapping[str, np.ndarray] | None = None) -> Arrays:
    """Parameters, or the gradients given by variable's path, by the network's names and in the reference's layouts."""
    found = {}
    before = {name: order for name, (order, _) in orders(network).items()}
    for step in network.walk():
        name = step.layer.name
        if not step.parameters():
            continue
        variables = layers[name].trainable_weights
        arrays = [np.array(v.value) if gradients is None else gradients[v.path] for v in variables]
        held = dict(zip(weight_names(layers[name], variables), arrays, strict=True))
        found.update({f"{name}.{role}": a for role, a in from_keras(step, held, before[name]).items()})
    return found


def _loss(keras: Any, kind: str, y: Any, target: Any) -> Any:
    if kind == "softmax_cross_entropy":
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)(target, y)
    return keras.losses.MeanSquaredError()(target, y)


def _optimiser(keras: Any, optimiser: Optimiser) -> Any:
    o = optimiser.options
    if optimiser.kind == "adam":
        return keras.optimizers.Adam(o["rate"], o["beta1"], o["beta2"], o["epsilon"])
    return keras.optimizers.SGD(o["rate"], momentum=o.get("momentum", 0.0))


def _epsilon_of_step(keras_optimiser: Any, optimiser: Optimiser, step: int) -> None:
    if optimiser.kind == "adam":
        o = optimiser.options
        keras_optimiser.epsilon = o["epsilon"] * math.sqrt(1 - o["beta2"] ** step)
