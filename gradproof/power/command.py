"""`gradproof power`: known mistakes before the judge and before other checkers, and what each of them notices."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FORMATS = ("text", "json", "html")


def add_parser(commands: Any) -> None:
    """Add the command to a parser's subcommands."""
    power = commands.add_parser(
        "power",
        help="measure what is noticed: known mistakes before gradproof and other checkers",
        description="Known mistakes, right programs, and one gradient entry that is ever less wrong, before gradproof "
        "and before other gradient checkers on the same inputs. Exit codes: 0 gradproof killed every mistake that it "
        "does not prove to be none, and rejected nothing right; 1 not so; 2 interrupted; 3 something could not be "
        "measured; 4 usage; 5 nothing was measured.",
    )
    power.add_argument("operation", nargs="*", help="operations; all of them by default")
    power.add_argument("--mutants", type=_count, metavar="N", help="mistakes an operation; all of them by default")
    power.add_argument("--cases", type=_positive, default=50, metavar="N", help="inputs for a mistake (default 50)")
    power.add_argument(
        "--compared", type=_count, default=6, metavar="N",
        help="mistakes an operation that the other checkers get too (default 6)",
    )  # fmt: skip
    power.add_argument(
        "--shared", type=_positive, default=4, metavar="N", help="inputs that the other checkers get (default 4)"
    )
    power.add_argument(
        "--variants", type=_count, default=100, metavar="N", help="inputs for each right program (default 100)"
    )
    power.add_argument(
        "--sizes", default="10,100,1000,10000,100000", metavar="LIST",
        help="gradient entries at which the smallest noticed error is looked for, or 'none'",
    )  # fmt: skip
    power.add_argument("--checkers", metavar="LIST", help="of the other checkers only these, or 'none'")
    power.add_argument("--seed", type=_count, default=0, help="seed of the drawing (default 0)")
    power.add_argument("--jobs", type=_positive, help="processes; one a processor by default")
    power.add_argument("--output", type=Path, default=Path("gradproof-power"), help="folder (default gradproof-power)")
    power.add_argument("--resume", action="store_true", help="go on with the records that the folder holds")
    power.add_argument("--format", choices=FORMATS, default="text", help="what stdout gets")
    power.set_defaults(run=run)


def _count(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def _positive(text: str) -> int:
    if _count(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is too few; give 1 or more")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Measure, and print what came of it."""
    from rich.console import Console

    from ..environment import one_thread

    one_thread()
    from ..reports.power import read, render
    from .checkers import chosen
    from .measuring import Settings
    from .processes import cores
    from .run import PAGE, RECORDS, Run

    settings = Settings(
        args.mutants, args.cases, args.compared, args.shared, args.variants, args.seed, tuple(chosen(args.checkers)),
        _sizes(args.sizes),
    )  # fmt: skip
    notes = Console(stderr=True)
    with _Bar(notes) as bar:
        task = Run(_operations(args.operation), args.output, settings, args.jobs or cores(), args.resume)
        task.progress, task.started = bar.advance, bar.begin
        code = task.run()
    sys.stdout.write(render(read(args.output / RECORDS), args.format, width=Console().width))
    notes.print(
        f"records: {args.output / RECORDS}\npage:    {args.output / PAGE}",
        highlight=False, markup=False, soft_wrap=True,
    )  # fmt: skip
    return code


def _operations(names: Sequence[str]) -> dict[str, Any]:
    from ..naming import unknown_operation
    from ..reference import operations

    every = operations()
    for name in names:
        if name not in every:
            raise ValueError(unknown_operation(name, every))
    return {n: op for n, op in every.items() if not names or n in names}


def _sizes(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",") if part.strip() not in ("", "none")]
    for part in parts:
        if not part.isdigit() or not 6 <= int(part) <= 10_000_000:
            raise ValueError(f"--sizes: {part!r} is not a number of entries from 6 to 10,000,000; give 10,100,1000")
    return tuple(dict.fromkeys(map(int, parts)))


class _Bar:
    """A progress bar on a terminal, nothing elsewhere."""

    def __init__(self, console: Any) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description:34}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
        self._task = self._bar.add_task("measuring", total=None)

    def __enter__(self) -> _Bar:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def begin(self, total: int, done: int) -> None:
        """So many items, of which an earlier run did some."""
        self._bar.update(self._task, total=total, completed=done)

    def advance(self, operation: str, done: int) -> None:
        """Items of an operation are done."""
        self._bar.update(self._task, advance=done, description=operation)
