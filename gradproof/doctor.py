"""`gradproof doctor`: what is installed, which frameworks answer and with which precision switches."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any, Protocol, TextIO

from .environment import ABSENT, NOT_SET, environment, installed_version

FORMATS = ("text", "json")


@dataclass(frozen=True)
class Part:
    """One thing that gradproof itself stands on.

    status: "ready", "absent" (not installed) or "broken" (installed, but fails).
    needed: whether nothing can be judged without it.
    message: what does not work, and what to do; empty when ready.
    """

    name: str
    status: str
    version: str
    needed: bool
    message: str


@dataclass(frozen=True)
class FrameworkHealth:
    """What one framework's worker said of itself.

    status: "ready", "absent" (not installed) or "broken". interpreter: the path of its Python; python: that
    one's version. message: how to install what is absent, or what broke.
    """

    name: str
    framework: str
    status: str
    interpreter: str
    python: str
    versions: Mapping[str, Any]
    precision: Mapping[str, Any]
    message: str


class Greeter(Protocol):
    """As much of a worker as the doctor needs: see gradproof.workers.pool.Worker."""

    name: str
    framework: str
    python: str

    def hello(self) -> Any: ...

    def close(self) -> None: ...


# module, distribution, whether nothing can be judged without it, what its absence means
_STANDS_ON = (
    ("numpy", "numpy", True, "nothing can be computed"),
    ("flint", "python-flint", True, "there is no exact arithmetic: nothing can be proved and no truth is known"),
    ("hypothesis", "hypothesis", True, "no cases can be drawn"),
    ("rich", "rich", False, "there is no text report on the terminal"),
    ("jinja2", "jinja2", False, "there is no HTML report"),
    ("jsonschema", "jsonschema", False, "a findings file cannot be checked against its schema"),
    ("fastjsonschema", "fastjsonschema", False, "a class's marks cannot be checked against their schema"),
)

_INSTALL = {"pytorch": "torch", "keras": "keras tensorflow-cpu", "tensorflow": "tensorflow-cpu", "jax": "jax jaxlib"}


def doctor(
    with_: Sequence[tuple[str, str, str]],
    output_format: str,
    stream: TextIO,
    workers: Sequence[Greeter] | None = None,
) -> int:
    """Write what is installed and what answers to `stream`; return the exit code.

    with_: further implementations as (name, framework, path of its Python), from `--with`.
    output_format: "text" or "json".
    workers: who is asked; by default one worker for each framework, and those of `with_`.
    Returns 0 when the judge works and no installed framework is broken, else 3. An absent framework is no failure.
    ValueError for an unknown format.
    """
    if output_format not in FORMATS:
        raise ValueError(f"format {output_format!r} is not known; one of {', '.join(FORMATS)}")
    surroundings = environment()
    parts = [examine(*row) for row in _STANDS_ON]
    broken_judge = any(part.needed and part.status != "ready" for part in parts)
    if workers is None:
        workers = [] if broken_judge else _default_workers(with_)
    if output_format == "json":
        frameworks = list(ask(workers))
        code = _exit_code(broken_judge, frameworks)
        report = {
            "environment": surroundings,
            "judge": [asdict(part) for part in parts],
            "frameworks": [asdict(framework) for framework in frameworks],
            "exit": code,
        }
        stream.write(json.dumps(report, indent=2, default=str) + "\n")
        return code
    return _exit_code(broken_judge, _write_text(surroundings, parts, workers, broken_judge, stream))


def examine(module: str, distribution: str, needed: bool, without: str) -> Part:
    """Import one module that gradproof stands on, and say how it is."""
    version = installed_version(distribution)
    try:
        _try_out(module)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == module:
            advice = f"{without}; install it with: {sys.executable} -m pip install {distribution}"
            return Part(distribution, "absent", ABSENT, needed, advice)
        return Part(distribution, "broken", version, needed, f"{without}; importing it fails: {error}")
    except Exception as error:  # whatever a broken installation raises is what the doctor is here to report
        return Part(distribution, "broken", version, needed, f"{without}; {type(error).__name__}: {error}")
    return Part(distribution, "ready", version, needed, "")


def ask(workers: Sequence[Greeter]) -> Iterator[FrameworkHealth]:
    """Each worker's answer, in order and as soon as it is known; two are asked at a time. Closes the workers."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        yield from pool.map(_greet, workers)


def _greet(worker: Greeter) -> FrameworkHealth:
    try:
        hello = worker.hello()
    finally:
        worker.close()
    message = hello.message
    if hello.status == "absent":
        wanted = _INSTALL.get(worker.framework, worker.framework)
        message = f"{message}; install it with: {worker.python} -m pip install {wanted}"
    return FrameworkHealth(
        name=worker.name,
        framework=worker.framework,
        status=hello.status,
        interpreter=worker.python,
        python=hello.python,
        versions=dict(hello.versions),
        precision=dict(hello.precision),
        message=message,
    )


def _try_out(module: str) -> None:
    loaded = importlib.import_module(module)
    if module == "flint" and not (loaded.arb(2).sqrt() ** 2).contains(2):
        raise ArithmeticError("the ball of sqrt(2) squared does not contain 2")


def _default_workers(with_: Iterable[tuple[str, str, str]]) -> list[Greeter]:
    from .frameworks import FRAMEWORKS
    from .workers.pool import Worker

    return [*(Worker(name, name) for name in FRAMEWORKS), *(Worker(*implementation) for implementation in with_)]


def _exit_code(broken_judge: bool, frameworks: Iterable[FrameworkHealth]) -> int:
    return 3 if broken_judge or any(framework.status == "broken" for framework in frameworks) else 0


def _write_text(
    surroundings: Mapping[str, Any],
    parts: Sequence[Part],
    workers: Sequence[Greeter],
    broken_judge: bool,
    stream: TextIO,
) -> list[FrameworkHealth]:
    def line(text: str) -> None:
        print(text, file=stream, flush=True)

    for text in _surroundings_text(surroundings):
        line(text)
    line("\nThe judge")
    width = max(map(len, [part.name for part in parts] + [worker.name for worker in workers])) + 2
    for part in parts:
        line(f"  {part.name:<{width}}{part.status:<8}{part.version if part.status == 'ready' else part.message}")
    line("\nFrameworks, each in its own process")
    frameworks = []
    for framework in ask(workers):
        frameworks.append(framework)
        for text in _framework_text(framework, width):
            line(text)
    line(f"\n{_closing(broken_judge, frameworks)}")
    return frameworks


def _surroundings_text(it: Mapping[str, Any]) -> Iterator[str]:
    in_place = ", run from a checkout" if it["gradproof"]["in_place"] else ""
    yield f"gradproof {it['gradproof']['version']}{in_place}"
    yield f"Python {it['python']['version']} ({it['python']['implementation']}) on {it['platform']}, {it['glibc']}"
    yield f"processor {it['cpu']['model']}, {it['cpu']['cores']} cores to use"
    simd = " ".join(it["numpy"]["simd"]) or "unknown"
    yield f"NumPy {it['numpy']['version']}, BLAS {it['numpy']['blas']}, SIMD {simd}"
    set_here = [f"{name}={value}" for name, value in it["threads"].items() if value != NOT_SET]
    yield f"threads {', '.join(set_here) or 'no variable set here'}; workers always use one"
    yield f"hash seed {it['hash_seed']}"


def _framework_text(framework: FrameworkHealth, width: int) -> Iterator[str]:
    start = f"  {framework.name:<{width}}{framework.status:<8}"
    if framework.status != "ready":
        yield f"{start}{framework.message}"
        return
    elsewhere = "" if framework.interpreter == sys.executable else f" at {framework.interpreter}"
    versions = ", ".join(f"{name} {version}" for name, version in framework.versions.items())
    yield f"{start}{versions}, Python {framework.python}{elsewhere}"
    if framework.precision:
        switches = ", ".join(f"{name}: {_words(value)}" for name, value in framework.precision.items())
        yield f"{'':<{len(start)}}{switches}"


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _closing(broken_judge: bool, frameworks: Sequence[FrameworkHealth]) -> str:
    if broken_judge:
        unasked = "" if frameworks else " No framework was asked."
        return f"The judge does not work: see above what it lacks.{unasked}"
    ready = [framework.name for framework in frameworks if framework.status == "ready"]
    broken = [framework.name for framework in frameworks if framework.status == "broken"]
    answer = f"{', '.join(ready)} answer{'s' if len(ready) == 1 else ''}" if ready else "no framework answers"
    trouble = f"; broken: {', '.join(broken)}" if broken else ""
    return f"The judge works; {answer}{trouble}."
