"""One side of a comparison in a process of its own: opens a user's model, takes weights, runs, answers over a socket.

The frames are those of `gradproof.workers.wire`. Requests: peek (what it is and takes), open (its layers and weights at
a dtype and an input), run (weights in; outputs, loss, gradients and weights after each step out), stop.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from gradproof.loading import load, split
from gradproof.naming import nearest
from gradproof.workers import wire

from . import numpy_network, ready_networks
from ._description import Network, Optimiser, to_json
from ._opened import NoModel, Opened
from .comparing import Case, Run

FRAMEWORKS = ("pytorch", "keras")


def main(descriptor: int) -> int:
    """Serve until the other end says stop or closes the connection."""
    side = Side()
    with socket.socket(fileno=descriptor) as connection:
        connection.set_inheritable(False)
        while True:
            try:
                header, arrays = wire.receive(connection)
            except (EOFError, ConnectionError):
                return 0
            if header["do"] == "stop":
                os._exit(0)  # frameworks take seconds to take themselves down
            try:
                frame = wire.encode(*side.answer(header, arrays))
            except NoModel as error:
                frame = wire.encode({"ok": False, "kind": "usage", "message": str(error)})
            except (Exception, SystemExit) as error:
                said = f"{type(error).__name__}: {' '.join(str(error).split())[:600]}"
                frame = wire.encode({"ok": False, "kind": "broken", "message": said})
            connection.sendall(frame)


class Side:
    """What the process holds: the model that was opened last."""

    def __init__(self) -> None:
        self.opened: Opened | None = None

    def answer(self, header: dict[str, Any], arrays: dict[str, np.ndarray]) -> tuple[dict[str, Any], dict[str, Any]]:
        """(header, arrays) of the answer. NoModel where the reference names no model."""
        if header["do"] == "peek":
            ready = _ready_network(header["reference"])
            if ready is not None:
                framework, network = ready
                return {"ok": True, "framework": framework, "input": network.input, "tokens": network.tokens}, {}
            model, framework = find(header["reference"], "float32")
            shape, tokens = _reading(framework).input_of(model)
            return {"ok": True, "framework": framework, "input": shape, "tokens": tokens}, {}
        if header["do"] == "open":
            return self._open(header, arrays["x"])
        return self._run(header, arrays)

    def _open(self, header: dict[str, Any], x: np.ndarray) -> tuple[dict[str, Any], dict[str, Any]]:
        ready = _ready(header["reference"], header["dtype"])
        if ready is not None:
            check_input(header["reference"], ready.network, x)
            framework, self.opened = ready.framework, ready
        else:
            model, framework = find(header["reference"], header["dtype"])
            self.opened = _reading(framework).opened(model, x, header["tokens"], header["dtype"])
        it = self.opened
        layers = [
            {
                "name": step.layer.name,
                "own": it.own_names.get(step.layer.name, step.layer.name),
                "kind": step.layer.kind,
                "options": {k: v if not isinstance(v, tuple) else list(v) for k, v in step.layer.options.items()},
                "roles": {role: list(shape) for role, shape in step.parameters().items()},
            }
            for step in it.walk
        ]
        described = None if it.network is None else to_json(it.network)
        answer = {"framework": framework, "network": described, "why": it.why, "layers": layers, "notes": it.notes}
        return {"ok": True, "output": it.output, **answer}, {n: np.array(a) for n, a in it.get().items()}

    def _run(self, header: dict[str, Any], arrays: dict[str, np.ndarray]) -> tuple[dict[str, Any], dict[str, Any]]:
        if self.opened is None:
            raise NoModel("no model is open")
        x, target = arrays.pop("x"), arrays.pop("target")
        options = dict(header["optimiser"])
        standing = self.opened.network or _undescribed(self.opened)
        standing = replace(standing, loss=header["loss"], optimiser=Optimiser(options.pop("kind"), options))
        self.opened.put(arrays)
        case = Case(standing, arrays, x, target, header["steps"], header["dtype"])
        return {"ok": True}, dict(_sent(self.opened.run(case)))


def check_input(reference: str, network: Network | None, x: np.ndarray) -> None:
    """Raise NoModel unless a batch fits a ready network."""
    if network is not None and x.shape[1:] != network.input:
        raise NoModel(f"{reference} takes {network.input} an example, and cannot be compared on {x.shape[1:]}")


def _undescribed(opened: Opened) -> Any:
    from ._opened import Undescribed

    return Undescribed("model", tuple(opened.walk))


def _sent(run: Run) -> Iterator[tuple[str, np.ndarray]]:
    yield "loss", np.asarray(run.loss)
    for kind, arrays in [("layer", run.layers), ("gradient", run.gradients)]:
        yield from ((f"{kind}:{name}", np.asarray(a)) for name, a in arrays.items())
    for step, weights in enumerate(run.weights, 1):
        yield from ((f"weight:{step}:{name}", np.asarray(a)) for name, a in weights.items())


def received(arrays: dict[str, np.ndarray]) -> Run:
    """The run that a side sent."""
    weights: dict[int, dict[str, np.ndarray]] = {}
    parts: dict[str, dict[str, np.ndarray]] = {"layer": {}, "gradient": {}}
    for key, array in arrays.items():
        kind, _, name = key.partition(":")
        if kind == "weight":
            step, _, name = name.partition(":")
            weights.setdefault(int(step), {})[name] = array
        elif kind in parts:
            parts[kind][name] = array
    return Run(parts["layer"], arrays["loss"], parts["gradient"], [weights[s] for s in sorted(weights)])


def _reading(framework: str) -> ModuleType:
    return importlib.import_module(f".{framework}_reading", __package__)


# -- finding the model ---------------------------------------------------------------------------------------------


def find(reference: str, dtype: str) -> tuple[Any, str]:
    """The model that FILE.py:OBJECT or MODULE:OBJECT names, at this dtype, and its framework. NoModel in words."""
    model, framework = _model(reference)
    if framework == "keras" and model.dtype_policy.variable_dtype != dtype:
        import keras  # only now is it known that there is a need for it

        keras.config.set_floatx(dtype)
        keras.config.set_dtype_policy(dtype)
        model, framework = _model(reference)
        if model.dtype_policy.variable_dtype != dtype:
            raise NoModel(f"{reference} computes in {model.dtype_policy.name} whatever Keras is set to, not in {dtype}")
    return model, framework


def _ready_network(reference: str) -> tuple[str, Network] | None:
    framework, _, name = reference.partition(":")
    if framework in FRAMEWORKS and name in ready_networks():
        return framework, ready_networks()[name]
    return None


def _ready(reference: str, dtype: str) -> Opened | None:
    """A ready network as a framework builds it; None where the reference names something else."""
    found = _ready_network(reference)
    if found is None:
        return None
    framework, network = found
    building = importlib.import_module(f".{framework}_network", __package__)
    model = building.build(network, numpy_network.draw_parameters(network), dtype)
    if framework == "pytorch":
        parts = model.modules_by_layer
        put = lambda parameters: building.load(model, parts, network, parameters)  # noqa: E731
    else:
        parts = model.layers_by_name
        put = lambda parameters: building.load(parts, network, parameters)  # noqa: E731
    get = lambda: building.read(network, parts)  # noqa: E731
    run = lambda case: building.run(case, model, parts)  # noqa: E731
    return Opened(framework, network, "", list(network.walk()), {}, network.output, get, put, run)


def _model(reference: str) -> tuple[Any, str]:
    keras = sys.modules.get("keras")
    if keras is not None and hasattr(keras, "utils"):
        keras.utils.clear_session()  # so that layers get the same names each time the file is run
    module, name = _module(reference)
    value = _member(module, name, reference)
    framework = _framework(value)
    if framework is None and callable(value):
        try:
            value = value()
        except TypeError as error:
            raise NoModel(f"{reference} cannot be called without arguments to give a model: {error}") from None
        framework = _framework(value)
    if framework is None:
        raise NoModel(
            f"{reference} is of type {type(value).__name__}; compare takes an nn.Module, a keras.Model, "
            "or a function of no arguments that gives one"
        )
    return value, framework


def _framework(value: Any) -> str | None:
    torch, keras = sys.modules.get("torch"), sys.modules.get("keras")
    if torch is not None and hasattr(torch, "nn") and isinstance(value, torch.nn.Module):
        return "pytorch"
    if keras is not None and hasattr(keras, "Model") and isinstance(value, keras.Model):
        return "keras"
    return None


def _module(reference: str) -> tuple[ModuleType, str]:
    path, name = split(reference)
    if path.suffix == ".py" or os.sep in str(path) or path.exists():
        try:
            return load(path), name
        except ValueError as error:
            raise NoModel(str(error)) from None
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    for loaded in [m for m in sys.modules if m == str(path)]:
        del sys.modules[loaded]  # asked for again, at another dtype
    try:
        found = importlib.util.find_spec(str(path))
    except (ImportError, ValueError):
        found = None
    if found is None:
        near = nearest(str(path), ready_networks())
        hint = f"; did you mean the ready network {' or '.join(near)}?" if near else ""
        raise NoModel(f"there is no file, module or ready network {str(path)!r}{hint}")
    try:
        return importlib.import_module(str(path)), name
    except Exception as error:
        raise NoModel(f"module {path} does not import: {type(error).__name__}: {error}") from None


def _member(module: ModuleType, name: str, reference: str) -> Any:
    models = {n: v for n, v in vars(module).items() if not n.startswith("_") and _is_model(v, module)}
    if not name:
        if len(models) == 1:
            return next(iter(models.values()))
        said = (
            f"several models, {', '.join(models)}; name one: {reference}:{next(iter(models))}"
            if models
            else "no model; name one: FILE.py:OBJECT"
        )
        raise NoModel(f"{reference} has {said}")
    value: Any = module
    for part in name.split("."):
        if not hasattr(value, part):
            known = [n for n, v in vars(module).items() if callable(v) and not n.startswith("_")]
            near = nearest(name, known) or list(models)
            raise NoModel(
                f"{reference.rpartition(':')[0]} has no {name!r}" + (f"; it has {', '.join(near)}" if near else "")
            )
        value = getattr(value, part)
    return value


def _is_model(value: Any, module: ModuleType) -> bool:
    if isinstance(value, type):
        return value.__module__ == module.__name__ and _subclass(value)
    return _framework(value) is not None


def _subclass(value: type) -> bool:
    torch, keras = sys.modules.get("torch"), sys.modules.get("keras")
    bases = [torch.nn.Module] if torch is not None else []
    bases += [keras.Model] if keras is not None and hasattr(keras, "Model") else []
    return issubclass(value, tuple(bases)) if bases else False
