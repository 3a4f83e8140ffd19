"""What a user's nn.Module is: its layers as a description, where torch.fx finds a sequence of layers that we have.

Where it does not, the module's layers are those that are called, in that order, found by hooks.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from . import _description as d
from . import pytorch_network
from ._description import Layer, Network, Shape
from ._opened import UNKNOWN, Leaf, Line, NoModel, NotDescribed, Opened, Undescribed, unique
from .comparing import Case, Run

_CLASSES = {name: function for function, name in pytorch_network.ACTIVATION_CLASSES.items()}
_FUNCTIONS = {
    "relu": "relu", "sigmoid": "sigmoid", "tanh": "tanh", "softplus": "softplus", "softsign": "softsign",
    "silu": "silu", "selu": "selu", "mish": "mish", "logsigmoid": "log_sigmoid", "hardsigmoid": "hard_sigmoid",
    "leaky_relu": "leaky_relu", "elu": "elu", "gelu": "gelu", "softmax": "softmax", "log_softmax": "log_softmax",
    "relu_": "relu", "_softmax": "softmax",
}  # fmt: skip


def input_of(module: Any) -> tuple[Shape | None, int]:
    """Shape of one example as far as the first layer tells, and how many tokens where that is an embedding."""
    import torch

    for inside in module.modules():
        if isinstance(inside, torch.nn.Linear):
            return (inside.in_features,), 0
        if isinstance(inside, torch.nn.Embedding):
            return None, inside.num_embeddings
        if next(inside.children(), None) is None and next(inside.parameters(), None) is not None:
            return None, 0
    return None, 0


def opened(module: Any, x: np.ndarray, tokens: int, dtype: str) -> Opened:
    """The module, in this dtype, at inputs of this shape. NoModel or the module's own error where it does not run."""
    import torch

    module = module.to(getattr(torch, dtype)).train()
    notes = _without_dropout(torch, module)
    given = torch.from_numpy(x.astype(dtype) if x.dtype.kind == "f" else x)
    with torch.no_grad():
        y = module(given)
    if not isinstance(y, torch.Tensor):
        raise NoModel(f"the model returns a {type(y).__name__}; compare needs one that returns a tensor")
    try:
        shown, network, modules, own_names = _described(torch, module, x.shape[1:], tokens)
        walk: Any = list(network.walk())
        standing: Any = network
        why = ""
    except (NotDescribed, ValueError) as reason:
        network, why = None, str(reason)
        shown, standing, modules, own_names = _as_called(torch, module, given)
        walk = standing.leaves

    def run(case: Case) -> Run:
        return pytorch_network.run(case, shown, modules)

    return Opened(
        "pytorch", network, why, walk, own_names, tuple(y.shape[1:]),
        get=lambda: pytorch_network.read(standing, modules),
        put=lambda parameters: pytorch_network.load(shown, modules, standing, parameters),
        run=run, notes=notes,
    )  # fmt: skip


def _without_dropout(torch: Any, module: Any) -> tuple[str, ...]:
    """Dropout draws: it is switched off, and said so."""
    kinds = torch.nn.modules.dropout._DropoutNd
    names = [name for name, inside in module.named_modules() if isinstance(inside, kinds) and inside.p]
    for name in names:
        module.get_submodule(name).p = 0.0
    having = (torch.nn.RNNBase, torch.nn.MultiheadAttention)
    recurrent = [n for n, m in module.named_modules() if isinstance(m, having) and m.dropout]
    for name in recurrent:
        module.get_submodule(name).dropout = 0.0
    return (f"dropout is switched off in {', '.join(names + recurrent)}",) if names or recurrent else ()


# -- a description -------------------------------------------------------------------------------------------------


def _described(
    torch: Any, module: Any, shape: Shape, tokens: int
) -> tuple[Any, Network, dict[str, Any], dict[str, str]]:
    try:
        graph = torch.fx.symbolic_trace(module)
    except Exception as error:  # whatever a user's forward does to a proxy
        first = " ".join(str(error).split())[:120]
        raise NotDescribed(f"torch.fx cannot follow its forward ({first})") from None
    line = _line(torch, graph)
    if not line.entries:
        raise NotDescribed("it has no layers")
    network = d.network("model", tuple(shape), line.layers(), tokens=tokens, loss="squared_error")
    steps, members = list(network.walk()), line.members()
    modules = {s.layer.name: own for s, (_, own, _, _) in zip(steps, members, strict=True) if own is not None}
    if len({id(m) for m in modules.values()}) < len(modules):
        raise NotDescribed("a layer is used more than once")
    held = {id(p) for m in modules.values() for p in m.parameters()}
    for name, parameter in module.named_parameters():
        if id(parameter) not in held:
            raise NotDescribed(f"the parameter {name} belongs to no layer that is called")
    own_names = {s.layer.name: name for s, (_, _, name, _) in zip(steps, members, strict=True)}
    nodes = {node.name: s.layer.name for s, (_, _, _, node) in zip(steps, members, strict=True)}
    return _Showing(torch, graph, nodes), network, modules, own_names


def _Showing(torch: Any, graph: Any, nodes: Mapping[str, str]) -> Any:
    """The traced module, giving every layer's output by the layer's name instead of the last alone."""

    class Interpreter(torch.fx.Interpreter):
        def run_node(self, node: Any) -> Any:
            value = super().run_node(node)
            if node.name in nodes:
                self.shown[nodes[node.name]] = value
            return value

    class Showing(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.graph_module = graph

        def forward(self, x: Any) -> dict[str, Any]:
            interpreter = Interpreter(self.graph_module)
            interpreter.shown = {}
            interpreter.run(x)
            return {name: interpreter.shown[name] for name in nodes.values()}

    return Showing()


def _line(torch: Any, graph: Any) -> Line:
    line: Line | None = None
    # nodes that pick from an LSTM's or an attention's results: of which module, what, and its place in the line
    lstm_of: dict[Any, tuple[Any, tuple[Any, ...], int]] = {}
    for node in graph.graph.nodes:
        if node.op == "placeholder":
            if line is not None:
                raise NotDescribed("it takes more than one input")
            line = Line(node)
        elif node.op == "output":
            if line is None or node.args[0] is not line.last:
                raise NotDescribed("its output is not what the last layer gave")
        elif line is not None:
            _read(torch, graph, node, line, lstm_of)
    if line is None:
        raise NotDescribed("it takes no input")
    return line


def _read(torch: Any, graph: Any, node: Any, line: Line, lstm_of: dict[Any, Any]) -> None:
    """One node of the graph: a layer, a sum, something that changes nothing, or NotDescribed."""
    source = node.args[0] if node.args else None
    if node.op == "call_module":
        own = graph.get_submodule(node.target)
        if isinstance(own, (torch.nn.LSTM, torch.nn.MultiheadAttention)):
            several = _lstm(own, node) if isinstance(own, torch.nn.LSTM) else _attention(own, node)
            line.add(node, source, several, own, str(node.target))
            lstm_of[node] = own, (), len(line.entries) - 1
            return
        layer = layer_of(torch, own, str(node.target))
        if layer is None:
            line.pass_on(node, source, str(node.target))
        else:
            line.add(node, source, layer, own, str(node.target))
        return
    name = getattr(node.target, "__name__", str(node.target))
    if node.target in (operator.add, operator.iadd, torch.add) or name == "add":
        if len(node.args) != 2 or not all(hasattr(a, "op") for a in node.args):
            raise NotDescribed(f"{node.name} adds something that is no layer's output")
        line.fold(node, node.args[0], node.args[1], node.name)
    elif name in ("size", "getattr"):
        return
    elif source in lstm_of and name in ("getitem", "squeeze"):
        _picked(node, line, lstm_of)
    else:
        line.add(node, source, _function(name, node), None, node.name)


def _function(name: str, node: Any) -> Layer:
    """The layer that a function or a method of a tensor amounts to."""
    rest, named = node.args[1:], node.kwargs

    def argument(place: int, key: str, default: Any) -> Any:
        return rest[place] if len(rest) > place else named.get(key, default)

    if name in ("flatten",) and argument(0, "start_dim", 0) == 1 and argument(1, "end_dim", -1) == -1:
        return d.flatten()
    if name in ("view", "reshape") and len(rest) == 2 and rest[1] == -1:
        return d.flatten()
    if name == "mean" and argument(0, "dim", None) == 1 and not named.get("keepdim"):
        return d.mean_over_time()
    if name in ("max_pool2d", "boolean_dispatch"):
        size, stride = argument(0, "kernel_size", 2), argument(1, "stride", None)
        return d.max_pool2d(_square(size, name), _square(stride or size, name), argument(2, "padding", 0))
    if name not in _FUNCTIONS:
        raise NotDescribed(f"{node.name}: {name} is no layer that the reference has")
    function = _FUNCTIONS[name]
    if function in ("softmax", "log_softmax") and argument(0, "dim", None) not in (-1, 1):
        raise NotDescribed(f"{node.name}: {name} is not over the last axis")
    key = {"leaky_relu": "negative_slope", "elu": "alpha", "gelu": "approximate"}.get(function)
    given = (
        {}
        if key is None
        else {option: argument(0, key, default) for option, default in d.ACTIVATIONS[function].items()}
    )
    return d.activation(function, **given)


def _picked(node: Any, line: Line, lstm_of: dict[Any, Any]) -> None:
    """y, (h, c) = lstm(x), and then y, y[:, -1] or h[-1]; of an attention, its first result."""
    own, path, place = lstm_of[node.args[0]]
    which = 0 if len(node.args) < 2 else node.args[1]  # squeeze() takes the only layer's state
    if isinstance(which, tuple) and which[:2] == (slice(None), -1):
        which = -1
    path = (*path, which)
    lstm_of[node] = own, path, place
    if not node.users or path in ((1,), (1, 0)):
        return
    if path not in ((0,), (0, -1), (1, 0, 0), (1, 0, -1)) or (type(own).__name__ != "LSTM" and path != (0,)):
        raise NotDescribed(f"{node.name} takes something of {node.args[0].name} that is no layer's output")
    if place != len(line.entries) - 1:
        raise NotDescribed(f"{node.name} comes back to an earlier layer: the layers are no sequence")
    _, layer, members = line.entries[-1]
    if type(own).__name__ == "LSTM":
        layer = replace(layer, options={**layer.options, "sequences": path == (0,)})
    line.entries[-1] = (node, layer, [(layer, own, members[0][2], node)])


def layer_of(torch: Any, own: Any, name: str) -> Layer | None:
    """The layer that a module is; None where it changes nothing. NotDescribed where the reference has none."""
    nn = torch.nn
    kind = type(own).__name__
    if isinstance(own, (nn.Identity, nn.modules.dropout._DropoutNd)):
        return None
    if isinstance(own, nn.Linear):
        return d.dense(own.out_features, own.bias is not None)
    if kind in _CLASSES:
        return _activation(own, _CLASSES[kind], name)
    if isinstance(own, nn.Conv2d):
        return _conv2d(own, name)
    if isinstance(own, nn.MaxPool2d) and not own.ceil_mode and own.dilation in (1, (1, 1)):
        return d.max_pool2d(
            _square(own.kernel_size, name), _square(own.stride, name), _square(own.padding, name) or "valid"
        )
    if isinstance(own, nn.AvgPool2d) and not own.ceil_mode and (not own.count_include_pad or not own.padding):
        return d.avg_pool2d(
            _square(own.kernel_size, name), _square(own.stride, name), _square(own.padding, name) or "valid"
        )
    if isinstance(own, nn.Flatten) and (own.start_dim, own.end_dim) == (1, -1):
        return d.flatten()
    if isinstance(own, (nn.BatchNorm1d, nn.BatchNorm2d)) and own.affine:
        return d.batch_norm(own.eps)
    if (
        isinstance(own, nn.LayerNorm)
        and len(own.normalized_shape) == 1
        and own.elementwise_affine
        and own.bias is not None
    ):
        return d.layer_norm(own.eps)
    if isinstance(own, nn.Embedding) and own.padding_idx is None and own.max_norm is None:
        return d.embedding(own.num_embeddings, own.embedding_dim)
    raise NotDescribed(f"{name} is a {kind} with settings that the reference does not have" if kind in (
        "MaxPool2d", "AvgPool2d", "Flatten", "BatchNorm1d", "BatchNorm2d", "LayerNorm", "Embedding"
    ) else f"{name} is a {kind}, which the reference does not have as a layer")  # fmt: skip


def _activation(own: Any, function: str, name: str) -> Layer:
    if function in ("softmax", "log_softmax") and own.dim not in (-1, 1):
        raise NotDescribed(f"{name}: {function} is not over the last axis")
    names = pytorch_network.ACTIVATION_OPTIONS
    if function == "softplus" and (own.beta, own.threshold) != (1, 20):
        raise NotDescribed(f"{name} is a Softplus with beta={own.beta} and threshold={own.threshold}")
    return d.activation(function, **{option: getattr(own, names[option]) for option in d.ACTIVATIONS[function]})


def _conv2d(own: Any, name: str) -> Layer:
    if own.groups != 1 or own.padding_mode != "zeros":
        raise NotDescribed(f"{name} is a Conv2d with groups={own.groups} and padding_mode={own.padding_mode}")
    padding = own.padding if isinstance(own.padding, str) else _square(own.padding, name) or "valid"
    stride, dilation = _square(own.stride, name), _square(own.dilation, name)
    return d.conv2d(own.out_channels, own.kernel_size, stride, padding, dilation, own.bias is not None)


def _attention(own: Any, node: Any) -> Layer:
    usual = own.batch_first and own.in_proj_bias is not None and own._qkv_same_embed_dim and own.bias_k is None
    masks = {k for k, v in node.kwargs.items() if v not in (None, False)} - {"need_weights", "average_attn_weights"}
    if not usual or own.add_zero_attn or len(set(node.args)) != 1 or len(node.args) != 3 or masks:
        raise NotDescribed(
            f"{node.target} is a MultiheadAttention that is not of one input to itself, batch first, unmasked"
        )
    return d.attention(own.num_heads)


def _lstm(own: Any, node: Any) -> Layer:
    if own.num_layers != 1 or own.bidirectional or own.proj_size or not own.bias or not own.batch_first:
        name = getattr(node, "target", node)
        raise NotDescribed(f"{name} is an LSTM that is not of one layer, one direction, with bias and batch_first=True")
    return d.lstm(own.hidden_size)


def _square(value: Any, name: str) -> Any:
    if isinstance(value, tuple):
        if len(set(value)) > 1:
            raise NotDescribed(f"{name} has {value}, another number for each axis")
        return value[0]
    return value


# -- as called -----------------------------------------------------------------------------------------------------


def _as_called(torch: Any, module: Any, x: Any) -> tuple[Any, Undescribed, dict[str, Any], dict[str, str]]:
    """The innermost modules in the order of their calls, each with its parameters; and what shows their outputs."""
    names = {id(inside): name for name, inside in module.named_modules()}
    inner = [
        m for m in module.modules() if next(m.children(), None) is None or isinstance(m, torch.nn.MultiheadAttention)
    ]
    called: list[tuple[Any, Shape, Shape]] = []

    def seen(own: Any, args: Any, y: Any) -> None:
        shapes = (tuple(a.shape[1:]) if isinstance(a, torch.Tensor) else () for a in ((args or (None,))[0], y))
        if not any(own is m for m, *_ in called):
            called.append((own, *shapes))

    _hooked(inner, seen, lambda: module(x))
    counts: dict[str, int] = {}
    leaves, modules, own_names = [], {}, {}
    for own, before, after in called:
        leaf = _leaf(torch, own, before, after, counts)
        leaves.append(leaf)
        modules[leaf.layer.name], own_names[leaf.layer.name] = own, names[id(own)]
    own_parameters = {
        n: p for n, p in module.named_parameters() if not any(p is q for m in modules.values() for q in m.parameters())
    }
    for name in own_parameters:
        where, _, last = name.rpartition(".")
        owner = module.get_submodule(where) if where else module
        label = unique(UNKNOWN, counts)
        leaves.append(Leaf(Layer(UNKNOWN, {}, (), label), (), (), {last: tuple(own_parameters[name].shape)}))
        modules[label], own_names[label] = _Bare(last, own_parameters[name], owner), name
    standing = Undescribed("model", tuple(leaves))
    return _Hooked(torch, module, modules), standing, modules, own_names


class _Bare:
    """A parameter that belongs to no layer, as if it were one."""

    def __init__(self, name: str, parameter: Any, owner: Any) -> None:
        self.name, self.parameter, self.owner = name, parameter, owner

    def named_parameters(self) -> list[tuple[str, Any]]:
        return [(self.name, self.parameter)]

    def parameters(self) -> list[Any]:
        return [self.parameter]


def _leaf(torch: Any, own: Any, before: Shape, after: Shape, counts: dict[str, int]) -> Leaf:
    try:
        made = _lstm(own, "") if isinstance(own, torch.nn.LSTM) else layer_of(torch, own, "")
        layer = made or Layer(UNKNOWN)
    except NotDescribed:
        layer = Layer(UNKNOWN)
    kind = layer.options["function"] if layer.kind == "activation" else layer.kind
    named = replace(layer, name=unique(type(own).__name__.lower() if kind == UNKNOWN else kind, counts))
    held = {name: np.empty(tuple(p.shape)) for name, p in own.named_parameters()}
    back = pytorch_network.layout(layer.kind)[1]
    return Leaf(named, before, after, {role: a.shape for role, a in back(held).items()} if held else {})


def _hooked(inner: Any, seen: Any, call: Any) -> Any:
    hooks = [m.register_forward_hook(seen) for m in inner]
    try:
        return call()
    finally:
        for hook in hooks:
            hook.remove()


def _Hooked(torch: Any, module: Any, modules: Mapping[str, Any]) -> Any:
    """The module, giving every called layer's output by name, and its own last as "output"."""
    names = {id(own): name for name, own in modules.items()}
    inner = [own for own in modules.values() if not isinstance(own, _Bare)]

    class Hooked(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.module = module

        def forward(self, x: Any) -> dict[str, Any]:
            shown: dict[str, Any] = {}

            def seen(own: Any, args: Any, y: Any) -> None:
                if isinstance(y, torch.Tensor):
                    shown.setdefault(names[id(own)], y)

            y = _hooked(inner, seen, lambda: self.module(x))
            return {**shown, "output": y}

    return Hooked()
