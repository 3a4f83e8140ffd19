"""The network as a PyTorch module, with the same weights through load_state_dict; and PyTorch's layouts.

Linear keeps (out, in), the reference (in, out); Conv2d keeps OIHW, as the reference does. LSTM keeps its gates i, f, g
and o in the rows of (4H, D) and has two biases, of which the second is zero and held fixed: two that learn would learn
their sum twice as fast as one. MultiheadAttention keeps the projections of queries, keys and values in one matrix, and
has a bias of the keys, which is zero and nobody sees. Importing this loads no PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ._description import Layer, Network, Optimiser, Shape
from .comparing import Case, Run

Arrays = dict[str, np.ndarray]


def _transposed(*roles: tuple[str, str]) -> tuple[Callable[..., Arrays], Callable[..., Arrays]]:
    """Layouts to and from PyTorch where each parameter is one of the layer's: matrices (role, name) transposed."""

    def to(own: Mapping[str, np.ndarray]) -> Arrays:
        return {name: own[role].T if own[role].ndim == 2 else own[role] for role, name in roles if role in own}

    def back(held: Mapping[str, np.ndarray]) -> Arrays:
        return {role: held[name].T if held[name].ndim == 2 else held[name] for role, name in roles if name in held}

    return to, back


def _lstm_to(own: Mapping[str, np.ndarray]) -> Arrays:
    return {
        "weight_ih_l0": own["wx"].T,
        "weight_hh_l0": own["wh"].T,
        "bias_ih_l0": own["b"],
        "bias_hh_l0": np.zeros_like(own["b"]),
    }


def _lstm_back(held: Mapping[str, np.ndarray]) -> Arrays:
    b = held["bias_ih_l0"] + held.get("bias_hh_l0", 0)
    return {"wx": held["weight_ih_l0"].T, "wh": held["weight_hh_l0"].T, "b": b}


def _attention_to(own: Mapping[str, np.ndarray]) -> Arrays:
    return {
        "in_proj_weight": np.concatenate([own[w].T for w in ("wq", "wk", "wv")]),
        "in_proj_bias": np.concatenate([own["bq"], np.zeros_like(own["bq"]), own["bv"]]),
        "out_proj.weight": own["wo"].T,
        "out_proj.bias": own["bo"],
    }


def _attention_back(held: Mapping[str, np.ndarray]) -> Arrays:
    wq, wk, wv = (w.T for w in np.split(held["in_proj_weight"], 3))
    bq, _, bv = np.split(held["in_proj_bias"], 3)
    wo, bo = held["out_proj.weight"].T, held["out_proj.bias"]
    return {"wq": wq, "bq": bq, "wk": wk, "wv": wv, "bv": bv, "wo": wo, "bo": bo}


def _as_they_are(*roles: tuple[str, str]) -> tuple[Callable[..., Arrays], Callable[..., Arrays]]:
    def to(own: Mapping[str, np.ndarray]) -> Arrays:
        return {name: own[role] for role, name in roles if role in own}

    def back(held: Mapping[str, np.ndarray]) -> Arrays:
        return {role: held[name] for role, name in roles if name in held}

    return to, back


# By kind of layer: from the reference's layout to PyTorch's parameters by name, and back; weights and gradients alike.
LAYOUTS = {
    "dense": _transposed(("w", "weight"), ("b", "bias")),
    "conv2d": _as_they_are(("w", "weight"), ("b", "bias")),
    "batch_norm": _as_they_are(("gamma", "weight"), ("beta", "bias")),
    "layer_norm": _as_they_are(("gamma", "weight"), ("beta", "bias")),
    "embedding": _as_they_are(("w", "weight")),
    "lstm": (_lstm_to, _lstm_back),
    "attention": (_attention_to, _attention_back),
}
HELD_FIXED = ("bias_hh_l0",)


def layout(kind: str) -> tuple[Callable[..., Arrays], Callable[..., Arrays]]:
    """To and from PyTorch's layout; of a kind that is not ours, as it is."""
    return LAYOUTS.get(kind, (dict, dict))


# -- building --------------------------------------------------------------------------------------------------------


def build(network: Network, parameters: Mapping[str, np.ndarray], dtype: str) -> Any:
    """An nn.Module with these parameters. Calling it gives every layer's output by the layer's name, in order."""
    import torch

    modules: dict[str, Any] = {}
    before = {step.layer.name: step.before for step in network.walk()}
    made = {layer.name: _module(torch, layer, before, modules) for layer in network.layers}

    class Module(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            for name, module in made.items():
                self.add_module(name, module)

        def forward(self, x: Any) -> dict[str, Any]:
            outputs: dict[str, Any] = {}
            _through(network.layers, modules, x, outputs)
            return outputs

    module = Module().to(getattr(torch, dtype))
    load(module, modules, network, parameters)
    module.modules_by_layer = modules
    return module


def _through(layers: tuple[Layer, ...], modules: Mapping[str, Any], x: Any, outputs: dict[str, Any]) -> Any:
    for layer in layers:
        if layer.inner:
            x = x + _through(layer.inner, modules, x, outputs)
        elif layer.kind == "lstm":
            every = modules[layer.name](x)[0]
            x = every if layer.options["sequences"] else every[:, -1]
        elif layer.kind == "attention":
            x = modules[layer.name](x, x, x, need_weights=False)[0]
        elif layer.kind == "mean_over_time":
            x = x.mean(dim=1)
        else:
            x = modules[layer.name](x)
        outputs[layer.name] = x
    return x


def _module(torch: Any, layer: Layer, before: Mapping[str, Shape], modules: dict[str, Any]) -> Any:
    nn, options = torch.nn, dict(layer.options)
    shape = before[layer.name]
    if layer.inner:
        inside = nn.Module()
        for each in layer.inner:
            inside.add_module(each.name.rpartition(".")[2], _module(torch, each, before, modules))
        return inside
    builders: dict[str, Callable[[], Any]] = {
        "dense": lambda: nn.Linear(shape[-1], options["units"], bias=options["bias"]),
        "activation": lambda: _activation(nn, **options),
        "conv2d": lambda: _conv2d(nn, shape, **options),
        "max_pool2d": lambda: _max_pool2d(nn, shape, **options),
        "avg_pool2d": lambda: _avg_pool2d(nn, layer, **options),
        "flatten": lambda: nn.Flatten(),
        "batch_norm": lambda: (nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d)(shape[0], eps=options["epsilon"]),
        "layer_norm": lambda: nn.LayerNorm(shape[-1], eps=options["epsilon"]),
        "embedding": lambda: nn.Embedding(options["tokens"], options["width"]),
        "lstm": lambda: nn.LSTM(shape[-1], options["units"], batch_first=True),
        "attention": lambda: nn.MultiheadAttention(shape[-1], options["heads"], batch_first=True),
        "mean_over_time": nn.Identity,
    }
    modules[layer.name] = builders[layer.kind]()
    return modules[layer.name]


ACTIVATION_CLASSES = {
    "relu": "ReLU", "sigmoid": "Sigmoid", "tanh": "Tanh", "softplus": "Softplus", "softsign": "Softsign",
    "silu": "SiLU", "selu": "SELU", "mish": "Mish", "log_sigmoid": "LogSigmoid", "hard_sigmoid": "Hardsigmoid",
    "leaky_relu": "LeakyReLU", "elu": "ELU", "gelu": "GELU", "softmax": "Softmax", "log_softmax": "LogSoftmax",
}  # fmt: skip
ACTIVATION_OPTIONS = {"slope": "negative_slope", "alpha": "alpha", "approximate": "approximate"}


def _activation(nn: Any, function: str, **options: Any) -> Any:
    given = {ACTIVATION_OPTIONS[name]: value for name, value in options.items()}
    if function in ("softmax", "log_softmax"):
        given["dim"] = -1
    return getattr(nn, ACTIVATION_CLASSES[function])(**given)


def _conv2d(nn: Any, shape: Shape, filters: int, kernel: Shape, stride: int, padding: Any, **rest: Any) -> Any:
    explicit = 0 if padding in ("valid", "same") else padding
    given = {"stride": stride, "dilation": rest["dilation"], "bias": rest["bias"]}
    if padding != "same" or stride == 1:
        return nn.Conv2d(shape[0], filters, kernel, padding="same" if padding == "same" else explicit, **given)
    around = _margins(shape, kernel, stride, rest["dilation"])
    conv = nn.Conv2d(shape[0], filters, kernel, **given)
    conv.register_forward_pre_hook(lambda module, args: (nn.functional.pad(args[0], around),))
    return conv


def _max_pool2d(nn: Any, shape: Shape, size: int, stride: int, padding: Any) -> Any:
    pool = nn.MaxPool2d(size, stride, padding=0 if padding in ("valid", "same") else padding)
    if padding == "same":
        around = _margins(shape, (size, size), stride, 1)
        pool.register_forward_pre_hook(lambda module, args: (nn.functional.pad(args[0], around, value=-float("inf")),))
    return pool


def _avg_pool2d(nn: Any, layer: Layer, size: int, stride: int, padding: Any) -> Any:
    if padding == "same":
        raise ValueError(f"{layer.name}: PyTorch has no average pooling with padding='same'")
    return nn.AvgPool2d(size, stride, padding=0 if padding == "valid" else padding, count_include_pad=False)


def _margins(shape: Shape, kernel: Shape, stride: int, dilation: int) -> list[int]:
    """Padding of "same" as torch's pad takes it: left, right, top, bottom; the odd one after."""
    around: list[int] = []
    for n, k in reversed(list(zip(shape[1:], kernel, strict=True))):
        missing = max((-(-n // stride) - 1) * stride + (k - 1) * dilation + 1 - n, 0)
        around += [missing // 2, missing - missing // 2]
    return around


def load(module: Any, modules: Mapping[str, Any], network: Any, parameters: Mapping[str, np.ndarray]) -> None:
    """Give the module these parameters through load_state_dict; what is no parameter of the network stays."""
    import torch

    full_names = {id(p): name for name, p in module.named_parameters()}
    state = module.state_dict()
    for step in network.walk():
        if not step.parameters():
            continue
        made = layout(step.layer.kind)[0](_own(step, parameters))
        for name, p in modules[step.layer.name].named_parameters():
            full = full_names[id(p)]
            state[full] = torch.from_numpy(np.ascontiguousarray(made[name])).to(p.dtype)
    module.load_state_dict(state)


def _own(step: Any, parameters: Mapping[str, np.ndarray]) -> Arrays:
    return {role: parameters[f"{step.layer.name}.{role}"] for role in step.parameters()}


# -- running ---------------------------------------------------------------------------------------------------------


def run(case: Case, module: Any = None, modules: Mapping[str, Any] | None = None) -> Run:
    """The case as PyTorch computes it.

    module: by default the network built with the case's parameters; another one gives outputs by layer when called,
    and `modules` says which of its modules is which layer.
    """
    import torch

    if module is None:
        module = build(case.network, case.parameters, case.dtype)
    modules = module.modules_by_layer if modules is None else modules
    module.train()
    x = torch.from_numpy(case.inputs()["x"])
    target = torch.from_numpy(case.inputs()["target"])
    for name, parameter in module.named_parameters():
        parameter.requires_grad_(name.rpartition(".")[2] not in HELD_FIXED)
    optimiser = _optimiser(torch, case.network.optimiser, [p for p in module.parameters() if p.requires_grad])
    weights = []
    for step in range(max(case.steps, 1)):
        optimiser.zero_grad()
        outputs = module(x)
        loss = _loss(torch, case.network.loss, list(outputs.values())[-1], target)
        loss.backward()
        if step == 0:
            layers = {name: y.detach().numpy().copy() for name, y in outputs.items()}
            first, gradients = loss.detach().numpy().copy(), read(case.network, modules, gradients=True)
        if step < case.steps:
            optimiser.step()
            weights.append(read(case.network, modules))
    return Run(layers, first, gradients, weights)


def read(network: Any, modules: Mapping[str, Any], gradients: bool = False) -> Arrays:
    """Parameters, or their gradients, by the network's names and in the reference's layouts. No gradient means zero."""
    found = {}
    for step in network.walk():
        if not step.parameters():
            continue
        held = {
            name: (p.grad if p.grad is not None else p.detach() * 0) if gradients else p
            for name, p in modules[step.layer.name].named_parameters()
        }
        arrays = {name: p.detach().numpy().copy() for name, p in held.items()}
        for role, array in layout(step.layer.kind)[1](arrays).items():
            found[f"{step.layer.name}.{role}"] = array
    return found


def _loss(torch: Any, kind: str, y: Any, target: Any) -> Any:
    functional = torch.nn.functional
    return functional.cross_entropy(y, target) if kind == "softmax_cross_entropy" else functional.mse_loss(y, target)


def _optimiser(torch: Any, optimiser: Optimiser, parameters: list[Any]) -> Any:
    o = optimiser.options
    if optimiser.kind == "adam":
        return torch.optim.Adam(parameters, lr=o["rate"], betas=(o["beta1"], o["beta2"]), eps=o["epsilon"])
    return torch.optim.SGD(parameters, lr=o["rate"], momentum=o.get("momentum", 0.0))
