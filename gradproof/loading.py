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
        raise ValueError(f"there is no file {path}")
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
        sys.path.remove(str(path.resolve().parent))
    return module


def _said(error: BaseException, path: Path) -> str:
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).name == path.name:
        return f"line {error.lineno}: {error.msg}" + (f" (`{error.text.strip()}`)" if error.text else "")
    if isinstance(error, SystemExit):
        return f"it ends the program (SystemExit {error.code!r}) when imported{_line(error, path)}"
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}{_line(error, path)}"


def _line(error: BaseException, path: Path) -> str:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).name == path.name]
    return f" (line {frames[-1].lineno}: `{(frames[-1].line or '').strip()}`)" if frames else ""


Functions = tuple[Callable[..., Any], Callable[..., Any]]


def pairs(module: ModuleType) -> dict[str, Functions]:
    """Forward/backward pairs by name: X_forward and X_backward, forward_X and backward_X, forward and backward, classes."""
    members = {n: v for n, v in vars(module).items() if callable(v) and not n.startswith("__")}
    found: dict[str, Functions] = {}
    for name, value in members.items():
        partner = name.replace("forward", "backward")
        if "forward" in name and partner in members and not inspect.isclass(value):
            found[name.replace("_forward", "").replace("forward_", "") or name] = (value, members[partner])
        elif inspect.isclass(value) and value.__module__ == module.__name__ and all(callable(getattr(value, m, None)) for m in ("forward", "backward")):
            found[name] = _of_class(value)
    return found


def _of_class(cls: type) -> Functions:
    """A class with forward and backward methods: a fresh object each time, so that its state is this call's."""

    def forward(*inputs: Any, **options: Any) -> tuple[Any, Any]:
        layer = cls()
        return layer.forward(*inputs, **options), layer  # type: ignore[attr-defined]

    def backward(dy: Any, layer: Any) -> Any:
        return layer.backward(dy)

    with contextlib.suppress(TypeError, ValueError):
        signature = inspect.signature(cls.forward)  # type: ignore[attr-defined]
        forward.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])  # type: ignore[attr-defined]
    forward.__name__ = forward.__qualname__ = cls.__name__
    return forward, backward


def choose(module: ModuleType, path: Path, name: str) -> dict[str, Functions]:
    """The pairs asked for: all of them, the one named, or FORWARD,BACKWARD named apart. ValueError in words."""
    found = pairs(module)
    if not name:
        if not found:
            raise ValueError(f"{path} defines no pair such as affine_forward and affine_backward; name two functions with {path}:FORWARD,BACKWARD")
        return found
    if "," in name:
        forward, backward = name.split(",", 1)
        return {forward: (_member(module, path, forward), _member(module, path, backward))}
    if name in found:
        return {name: found[name]}
    stripped = name.replace("_forward", "").replace("_backward", "")
    if stripped in found:
        return {stripped: found[stripped]}
    near = nearest(name, found) or list(found)[:5]
    hint = f"; it has {', '.join(near)}" if near else ""
    if callable(getattr(module, name, None)) or callable(getattr(module, f"{name}_forward", None)):
        raise ValueError(f"{path} has {name}, but not both {name}_forward and {name}_backward{hint}")
    raise ValueError(f"{path} has no pair {name!r}{hint}")


def _member(module: ModuleType, path: Path, name: str) -> Callable[..., Any]:
    value = getattr(module, name, None)
    if not callable(value):
        near = nearest(name, [n for n, v in vars(module).items() if callable(v) and not n.startswith("__")])
        raise ValueError(f"{path} has no function {name!r}" + (f"; it has {', '.join(near)}" if near else ""))
    return value  # type: ignore[no-any-return]
