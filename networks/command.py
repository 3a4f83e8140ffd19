"""`gradproof compare A B`: two models with the same weights, on the same batch; who is right where they part."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

AGREE, DIFFER, BROKEN, NOTHING = 0, 1, 3, 5


def add_parser(commands: Any) -> None:
    """Add `compare` to the command's parser."""
    compare = commands.add_parser("compare", help="two models, of one framework or two, with the same weights")
    compare.add_argument(
        "a", metavar="A", help="FILE.py:OBJECT, MODULE:OBJECT, a ready network, or pytorch:NAME, keras:NAME"
    )
    compare.add_argument("b", metavar="B", help="likewise; it gets A's weights")
    compare.add_argument("--map", type=Path, metavar="FILE", help="TOML: which of A's layers is which of B's")
    compare.add_argument(
        "--input", metavar="SHAPE", help="of one example, channels first: 3,32,32; tokens below 50: 12:int50"
    )
    compare.add_argument("--batch", type=_positive, default=3, help="examples (default 3)")
    compare.add_argument("--steps", type=_whole, default=3, help="training steps on that batch (default 3)")
    compare.add_argument(
        "--loss", choices=("softmax_cross_entropy", "squared_error"), default="softmax_cross_entropy",
        help="of the outputs, which are logits for softmax_cross_entropy (default)",
    )  # fmt: skip
    compare.add_argument("--optimiser", choices=("sgd", "momentum", "adam"), default="sgd")
    compare.add_argument("--rate", type=_rate, help="learning rate (default 0.125; adam 0.0078125)")
    compare.add_argument("--dtype", choices=("float32", "float64", "both"), default="both")
    compare.add_argument("--seed", type=_whole, default=0, help="of the batch (default 0)")
    compare.add_argument("--format", choices=("text", "json"), default="text")
    compare.set_defaults(run=run)


def _positive(text: str) -> int:
    value = _whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is too few; give 1 or more")
    return value


def _whole(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def _rate(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a learning rate; give a number above 0")
    return value


def run(args: argparse.Namespace, out: TextIO | None = None) -> int:
    """Compare what the arguments name; prints the report, returns the exit code. ValueError for usage."""
    from gradproof.workers._process import Broken

    from .sides import closing, side

    out = out or sys.stdout
    declared = _declared_input(args.input) if args.input else None
    if args.map is not None and not args.map.is_file():
        raise ValueError(f"--map: there is no file {args.map}")
    sides: list[Any] = []
    try:
        with closing(sides):
            for reference in (args.a, args.b):
                sides.append(side(reference))
            return _compared(args, sides, declared, out)
    except Broken as error:
        print(f"gradproof: {error}", file=sys.stderr)
        return BROKEN


def _declared_input(text: str) -> tuple[tuple[int, ...], int]:
    """--input: 3,32,32 or, of tokens, 12:int50."""
    sizes, _, kind = text.partition(":")
    try:
        shape = tuple(int(size) for size in sizes.split(","))
        tokens = int(kind.removeprefix("int")) if kind else 0
        if min(shape) < 1 or (kind and (tokens < 1 or not kind.startswith("int"))):
            raise ValueError
    except ValueError:
        raise ValueError(
            f"--input {text!r} is no shape; give the sizes of one example, 3,32,32, or of tokens 12:int50"
        ) from None
    return shape, tokens


def _compared(args: argparse.Namespace, sides: Sequence[Any], declared: Any, out: TextIO) -> int:
    from . import mapping, report
    from .outcome import judge
    from .sides import both

    (shape, tokens), source = _input(both([side.peek for side in sides]), declared, sides)
    dtypes = ("float64", "float32") if args.dtype == "both" else (args.dtype,)
    x = _drawn(shape, tokens, args.batch, args.seed)

    def opened(dtype: str) -> Any:
        return both([lambda s=s: s.open(x, tokens, dtype) for s in sides])

    openings = opened(dtypes[0])
    pairs = _pairs(mapping, args.map, openings)
    task = _task(args, openings, x)
    parameters = _starting(mapping, openings, pairs)
    runs: dict[str, Any] = {}
    for dtype in dtypes:
        if runs:
            opened(dtype)
        at = replace(task, dtype=dtype)
        runs[dtype] = both([lambda s=s, p=p, at=at: s.run(p, at) for s, p in zip(sides, parameters, strict=True)])
    outcome = judge(openings, parameters, pairs, runs, task)
    about = report.About(tuple(sides), tuple(openings), pairs, task, shape, tokens, source)
    code = DIFFER if outcome.differ else AGREE if outcome.compared else NOTHING
    out.write(report.as_json(about, outcome, code) if args.format == "json" else report.as_text(about, outcome))
    return code


def _input(known: Sequence[Any], declared: Any, sides: Sequence[Any]) -> tuple[Any, str]:
    """Shape of one example and number of tokens: as declared, or as the models know it."""
    tokens = max(known[0][1], known[1][1])
    if declared is not None:
        shape, given = declared
        return (shape, given or tokens), "--input"
    shapes = [shape for shape, _ in known]
    longest = max((s for s in shapes if s is not None), key=len, default=None)
    if longest is None:
        raise ValueError(
            f"neither {sides[0].reference} nor {sides[1].reference} says what it takes; "
            "give the shape of one example: --input 3,32,32, or of tokens --input 12:int50"
        )
    other = shapes[1 - shapes.index(longest)]
    if other is not None and len(other) == len(longest) and other != longest:
        raise ValueError(f"A takes {shapes[0]} an example and B {shapes[1]}: they cannot be compared on one batch")
    return (longest, tokens), "the models"


def _drawn(shape: tuple[int, ...], tokens: int, batch: int, seed: int) -> Any:
    import numpy as np

    from .numpy_network import draw_tokens

    rng = np.random.default_rng([seed, 13])
    whole = (batch, *shape)
    return draw_tokens(rng, tokens, whole) if tokens else rng.standard_normal(whole).astype(np.float32)


def _pairs(mapping: Any, path: Path | None, openings: Sequence[Any]) -> Any:
    a, b = (opening.layers for opening in openings)
    if path is not None:
        return mapping.declared(path, a, b)
    return mapping.inferred(a, b, ordered=all(opening.network is not None for opening in openings))


def _starting(mapping: Any, openings: Sequence[Any], pairs: Any) -> tuple[Any, Any]:
    """A's weights for both, in float32, which every dtype holds."""
    import numpy as np

    own = {name: np.asarray(p, dtype=np.float32) for name, p in openings[0].parameters.items()}
    for name, p in own.items():
        if not np.isfinite(p).all():
            raise ValueError(f"A's parameter {name} is not finite; give it weights to start from")
    return own, mapping.transferred(pairs, own)


def _task(args: argparse.Namespace, openings: Sequence[Any], x: Any) -> Any:
    """Loss, optimiser and targets that fit both outputs."""
    import numpy as np

    from ._description import OPTIMISERS
    from .sides import Task

    a, b = (opening.output for opening in openings)
    if a != b:
        raise ValueError(f"A gives {a} an example and B {b}: their outputs cannot be compared")
    if len(a) != 1:
        raise ValueError(f"A and B give {a} an example; compare takes models that give one row of features")
    rng = np.random.default_rng([args.seed, 17])
    if args.loss == "softmax_cross_entropy":
        target = rng.integers(0, a[0], len(x))
    else:
        target = rng.standard_normal((len(x), *a)).astype(np.float32)
    rate = args.rate or (0.0078125 if args.optimiser == "adam" else 0.125)
    return Task(args.loss, OPTIMISERS[args.optimiser](rate), args.steps, "", x, target)
