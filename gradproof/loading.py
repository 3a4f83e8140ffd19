"""A user's file: loaded without leaving traces, and the forward/backward pairs that it defines."""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from .naming import nearest


def split(text: str) -> tuple[Path, str]:
    """PATH and NAME of PATH[:NAME]."""
    if Path(text).exists() or ":" not in text:
        return Path(text), ""
    path, _, name = text.rpartition(":")
    return Path(path), name


def load(path: Path) -> ModuleType:
    """Import a Python file. ValueError in one sentence where that is not possible; what it prints goes to stderr."""
    if not path.exists():
        near = nearest(path.name, [p.name for p in path.parent.glob("*.py")]) if path.parent.is_dir() else []
        raise ValueError(f"there is no file {path}" + (f"; did you mean {' or '.join(near)}?" if near else ""))
    if not path.is_file() or path.suffix != ".py":
        raise ValueError(f"{path} is not a Python file; give a .py file, or PATH:NAME for one pair in it")
    spec = importlib.util.spec_from_file_location("gradproof_subject", path.resolve())
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and pickling look a module up by its name
    sys.path.insert(0, str(path.resolve().parent))
    keep_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        with contextlib.redirect_stdout(sys.stderr):
            spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise ValueError(f"{path} does not import: {_said(error, path)}") from None
    finally:
        sys.dont_write_bytecode = keep_bytecode
    return module  # its folder stays on the path: functions may import from beside it when they are called


def _said(error: BaseException, path: Path) -> str:
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).name == path.name:
        return f"line {error.lineno}: {error.msg}" + (f" (`{error.text.strip()}`)" if error.text else "")
    if isinstance(error, SystemExit):
        return f"it ends the program (SystemExit {error.code!r}) when imported{_line(error, path)}"
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}{_line(error, path)}"


def _line(error: BaseException, path: Path) -> str:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).name == path.name]
    return f" (line {frames[-1].lineno}: `{(frames[-1].line or '').strip()}`)" if frames else ""


Functions = tuple[
    Callable[..., Any], Any
]  # forward and backward; no backward where the forward returns (loss, gradients)


def pairs(module: ModuleType) -> dict[str, Functions]:
    """Pairs by name: X_forward and X_backward, forward_X and backward_X, forward and backward, classes with both."""
    members = {n: v for n, v in vars(module).items() if callable(v) and not n.startswith("__")}
    found: dict[str, Functions] = {}
    for name, value in members.items():
        partner = name.replace("forward", "backward")
        if "forward" in name and partner in members and not inspect.isclass(value):
            found[_short(name)] = (value, members[partner])
        elif (
            inspect.isclass(value)
            and value.__module__ == module.__name__
            and all(callable(getattr(value, m, None)) for m in ("forward", "backward"))
        ):
            found[name] = of_class(value)
    return found


def _short(name: str) -> str:
    """A pair's name from its forward's: affine of affine_forward, conv_naive of conv_forward_naive."""
    return name.replace("_forward", "").replace("forward_", "") or name


def of_class(cls: type) -> Functions:
    """A class with forward and backward methods: a fresh object each time, so that its state is this call's.

    What the constructor requires comes first among the inputs; its gradients are looked for on the object
    (`dW`, `grad_W`, `grads["W"]`), where layers keep them.
    """
    needed = _required(cls.__init__)[1:] if "__init__" in vars(cls) else []  # type: ignore[misc]
    count = len(needed)

    def forward(*inputs: Any, **options: Any) -> tuple[Any, Any]:
        layer = cls(*inputs[:count])
        return layer.forward(*inputs[count:], **options), layer

    def backward(dy: Any, layer: Any) -> Any:
        returned = layer.backward(dy)
        if not count:
            return returned
        rest = returned if isinstance(returned, (tuple, list)) else (returned,)
        return (*(_kept_gradient(layer, where) for where in forward.kept(layer)), *rest)  # type: ignore[attr-defined]

    with contextlib.suppress(TypeError, ValueError):
        signature = inspect.signature(cls.forward)  # type: ignore[attr-defined]
        parameters = [*needed, *list(signature.parameters.values())[1:]]
        forward.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    forward.__name__ = forward.__qualname__ = cls.__name__
    forward.layer = cls  # type: ignore[attr-defined]
    forward.kept = lambda layer: _where_kept(layer, [p.name for p in needed])  # type: ignore[attr-defined]
    forward.parameters = [p.name for p in needed]  # type: ignore[attr-defined]
    return forward, backward


def _required(function: Any) -> list[inspect.Parameter]:
    with contextlib.suppress(TypeError, ValueError):
        plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        return [p for p in inspect.signature(function).parameters.values() if p.kind in plain and p.default is p.empty]
    return []


def _where_kept(layer: Any, names: list[str]) -> list[tuple[str, str]]:
    """Attribute, and key where that is a dict, of each constructor argument's gradient; empty where there is none."""
    found = []
    for name in names:
        places = [
            (a, "")
            for a in (f"d{name}", f"grad_{name}", f"{name}_grad", f"d_{name}")
            if getattr(layer, a, None) is not None
        ]
        for attribute in ("grads", "gradients"):
            kept = getattr(layer, attribute, None)
            places += [
                (attribute, key) for key in (name, f"d{name}") if isinstance(kept, dict) and kept.get(key) is not None
            ]
        found.append(places[0] if places else ("", ""))
    return found


def _kept_gradient(layer: Any, where: tuple[str, str]) -> Any:
    attribute, key = where
    if not attribute:
        return None
    value = getattr(layer, attribute)
    return np.array(value[key] if key else value)  # as it is now: the next backward may write into it


def choose(module: ModuleType, path: Path, name: str) -> dict[str, Functions]:
    """The pairs asked for: all of them, the one named, or FORWARD,BACKWARD named apart. ValueError in words."""
    found = pairs(module)
    if not name:
        if not found:
            raise ValueError(
                f"{path} defines no pair such as affine_forward and affine_backward; "
                f"name two functions: {path}:FORWARD,BACKWARD{_losses(module, path)}"
            )
        return found
    if "," in name:
        forward, backward = name.split(",", 1)
        return {_short(forward): (_member(module, path, forward), _member(module, path, backward))}
    for known in (name, _short(name), name.replace("_backward", "").replace("backward_", "")):
        if known in found:
            return {known: found[known]}
    if inspect.isfunction(getattr(module, name, None)) and "backward" not in name and "forward" not in name:
        return {name: (getattr(module, name), None)}
    near = nearest(name, found) or list(found)[:5]
    hint = f"; it has {', '.join(near)}" if near else ""
    for half in (name, f"{name}_forward", f"{name}_backward"):
        if callable(getattr(module, half, None)):
            other = half.replace("forward", "backward") if "forward" in half else half.replace("backward", "forward")
            lacks = f"no {other}" if other != half else "no forward and backward in it"
            raise ValueError(f"{path} has {half}, but {lacks}; name two functions: {path}:FORWARD,BACKWARD")
    raise ValueError(f"{path} has no pair {name!r}{hint}")


def _losses(module: ModuleType, path: Path) -> str:
    """A hint for functions that return (loss, gradients): they are judged alone."""
    alone = [
        n for n, v in vars(module).items() if inspect.isfunction(v) and v.__module__ == module.__name__ and "loss" in n
    ]
    return f", or one that returns (loss, gradients): {path}:{alone[0]}" if alone else ""


def _member(module: ModuleType, path: Path, name: str) -> Callable[..., Any]:
    value = getattr(module, name, None)
    if not callable(value):
        near = nearest(name, [n for n, v in vars(module).items() if callable(v) and not n.startswith("__")])
        raise ValueError(f"{path} has no function {name!r}" + (f"; it has {', '.join(near)}" if near else ""))
    return value
