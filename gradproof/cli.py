"""The `gradproof` command: thin front end of the jobs. Results to stdout, progress and notes to stderr.

Exit codes: 0 all agree; 1 something is wrong or inaccurate; 2 interrupted; 3 an implementation or the judge
broke; 4 usage; 5 nothing was compared.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from . import __version__

USAGE, INTERRUPTED, BROKEN = 4, 2, 3


class Parser(argparse.ArgumentParser):
    """argparse, with this tool's exit code for usage errors."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"gradproof: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    try:
        args = _parser().parse_args(arguments)
        code = int(args.run(args))
        sys.stdout.flush()  # a reader that left is noticed here, not at exit
        return code
    except KeyboardInterrupt:
        return _said("interrupted", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader left: nothing more to say
        return 0
    except ValueError as error:
        return _said(str(error), USAGE)
    except ModuleNotFoundError as error:
        return _said(
            f"{error.name} is not installed in {sys.executable}; `gradproof doctor` says what is needed", BROKEN
        )
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _said(f"{where}{error.strerror or error}", USAGE)
    except MemoryError:
        return _said("out of memory; judge smaller arrays or fewer cases", BROKEN)
    except Exception as error:
        import traceback

        traceback.print_exc()
        return _said(f"a fault of gradproof itself, please report it: {type(error).__name__}: {error}", BROKEN)


def _said(sentence: str, code: int) -> int:
    print(f"gradproof: {sentence}", file=sys.stderr)
    return code


def _parser() -> Parser:
    parser = Parser(
        prog="gradproof", description="Prove hand-written forward/backward code right, or show where it is wrong."
    )
    parser.add_argument("--version", action="version", version=f"gradproof {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    _audit_parser(commands)
    _check_parser(commands)
    _replay_parser(commands)
    _report_parser(commands)
    _lectures_parser(commands)
    _compare_parser(commands)
    _grading_parsers(commands)
    _power_parser(commands)
    _matrix_parsers(commands)
    listing = commands.add_parser("list", help="the operations of the catalogue")
    listing.add_argument("operation", nargs="*", help="show these in full")
    listing.add_argument("--format", choices=("text", "json"), default="text")
    listing.set_defaults(run=_list)
    doctor = commands.add_parser("doctor", help="what is installed here, and how it is set")
    _with_option(doctor)
    doctor.add_argument("--format", choices=("text", "json"), default="text")
    doctor.add_argument(
        "--isolation", action="store_true", help="try each forbidden act on each way to confine a submission"
    )
    doctor.set_defaults(run=_doctor)
    return parser


def _with_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--with", dest="others", action="append", default=[], metavar="NAME=PYTHON",
        help="also run a framework from another interpreter: torch-old=/path/to/python",
    )  # fmt: skip


def _panel_options(parser: argparse.ArgumentParser) -> None:
    _with_option(parser)
    parser.add_argument(
        "--frameworks", metavar="LIST", help="only these, comma-separated; 'none' for the reference alone"
    )


def _audit_parser(commands: Any) -> None:
    audit = commands.add_parser("audit", help="judge the reference and every framework on drawn cases")
    audit.add_argument("operation", nargs="*", help="operations; all of them by default")
    audit.add_argument("--cases", type=_positive, default=60, help="cases an operation (default 60)")
    audit.add_argument("--seed", type=_whole, default=0, help="seed of the drawing (default 0)")
    audit.add_argument("--dtype", choices=("float32", "float64", "both"), default="both")
    audit.add_argument(
        "--output", type=Path, default=Path("gradproof-report"), help="folder (default gradproof-report)"
    )
    audit.add_argument("--resume", action="store_true", help="go on with the findings that the folder holds")
    audit.add_argument(
        "--format", choices=("text", "json", "markdown", "html", "junit"), default="text", help="what stdout gets"
    )
    _panel_options(audit)
    audit.set_defaults(run=_audit)


def _check_parser(commands: Any) -> None:
    check = commands.add_parser("check", help="judge a forward and backward in a file of yours")
    check.add_argument("path", help="PATH or PATH:NAME, e.g. layers.py:affine for affine_forward and affine_backward")
    check.add_argument("--as", dest="operation", metavar="OPERATION", help="judge it as this catalogue operation")
    check.add_argument(
        "--shape",
        action="append",
        default=[],
        metavar="X=3,4",
        help="an input's shape; labels=6:int4 for integers below 4",
    )
    check.add_argument(
        "--option", action="append", default=[], metavar="NAME=VALUE", help="a keyword option passed to the forward"
    )
    check.add_argument("--nondiff", default="", metavar="LIST", help="inputs without a gradient, comma-separated")
    check.add_argument("--dtype", choices=("float32", "float64"), default="float64")
    check.add_argument("--cases", type=_positive, default=12, help="cases to judge (default 12)")
    check.add_argument("--seed", type=_whole, default=0)
    check.add_argument("--format", choices=("text", "json"), default="text")
    from .grading.marks import checking_file

    checking_file.add_options(check)
    check.set_defaults(run=_check)


def _replay_parser(commands: Any) -> None:
    replay = commands.add_parser("replay", help="judge one case again, by its id")
    replay.add_argument("case", help="a case id from a report")
    replay.add_argument("--format", choices=("text", "json"), default="text")
    _panel_options(replay)
    replay.set_defaults(run=_replay)


def _lectures_parser(commands: Any) -> None:
    lectures = commands.add_parser("lectures", help="the lectures' systems and claims")
    lectures.add_argument(
        "what", nargs="*", metavar="WHAT", help="a lecture (003), or 'run' and a system's name; 'run' alone lists them"
    )
    lectures.add_argument("--seed", type=_whole, default=0)
    lectures.add_argument("--epochs", type=_positive, help="of training; the system's own number by default")
    lectures.add_argument("--output", type=Path, help="folder for the history and the pictures")
    lectures.add_argument("--plot", action="store_true", help="draw what the lecture draws, into --output")
    lectures.add_argument(
        "--mnist", type=Path, default=os.environ.get("GRADPROOF_MNIST"), help="folder with MNIST's IDX files"
    )
    lectures.add_argument("--format", choices=("text", "json", "html"), default="text", help="of the claims")
    lectures.set_defaults(run=_lectures)


def _compare_parser(commands: Any) -> None:
    from .networks.command import add_parser

    add_parser(commands)


def _grading_parsers(commands: Any) -> None:
    from .grading.assignments import assignment_command
    from .grading.classes import grade_command

    assignment_command.add_parser(commands)
    grade_command.add_parser(commands)


def _power_parser(commands: Any) -> None:
    from .power.command import add_parser

    add_parser(commands)


def _matrix_parsers(commands: Any) -> None:
    from .matrix.command import add_parsers

    add_parsers(commands)


def _report_parser(commands: Any) -> None:
    report = commands.add_parser("report", help="render a findings file")
    report.add_argument("findings", help="findings.jsonl, or the folder that holds it")
    report.add_argument("--format", choices=("text", "json", "markdown", "html", "junit"), default="text")
    report.set_defaults(run=_report)


def _positive(text: str) -> int:
    value = _whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number of cases; give 1 or more")
    return value


def _whole(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


# -- the commands -----------------------------------------------------------------------------------------------


def _operations(names: Sequence[str]) -> dict[str, Any]:
    """The catalogue, or the operations named; ValueError with the nearest names for an unknown one."""
    from .naming import unknown_operation
    from .reference import operations

    every = operations()
    for name in names:
        if name not in every:
            raise ValueError(unknown_operation(name, every))
    return {n: op for n, op in every.items() if not names or n in names}


def _panel(args: argparse.Namespace) -> tuple[Any, list[str]]:
    """The panel of a run and the names that were asked for explicitly."""
    from .panel import FRAMEWORKS, Panel, members

    others = [_other(text) for text in args.others]
    if args.frameworks is None:
        own, asked = list(FRAMEWORKS), []
    else:
        own = asked = [n for n in args.frameworks.split(",") if n and n != "none"]
        alias = {"torch": "pytorch", "tf": "tensorflow"}
        own = asked = [alias.get(n, n) for n in asked]
        for name in own:
            if name not in FRAMEWORKS:
                raise ValueError(f"--frameworks: {name!r} is not known; one of {', '.join(FRAMEWORKS)}")
    return Panel(members(own, others)), [*asked, *(name for name, _, _ in others)]


def _other(text: str) -> tuple[str, str, str]:
    """NAME=PYTHON of --with. ValueError where that interpreter cannot be a worker."""
    import subprocess

    from .workers.pool import parse_with

    name, framework, python = parse_with(text)
    tried = subprocess.run([python, "-c", "import numpy"], capture_output=True, timeout=120, check=False)
    if tried.returncode:
        raise ValueError(
            f"--with: {python} has no NumPy that works; install numpy and the framework there, or name another Python"
        )
    return name, framework, python


def _audit(args: argparse.Namespace) -> int:
    from rich.console import Console

    from .audit import FINDINGS, PAGE, Audit, Settings, frameworks_asked, prepare
    from .reports import render
    from .reports.findings import read
    from .reports.terminal import render as to_terminal

    chosen = _operations(args.operation)
    panel, asked = _panel(args)
    made = not args.output.exists()
    prepare(args.output, resume=True)  # an unwritable folder is said before anything starts
    dtypes = ("float32", "float64") if args.dtype == "both" else (args.dtype,)
    settings = Settings(args.cases, args.seed, dtypes, args.resume)
    notes = Console(stderr=True)
    with notes.status("starting the implementations") if notes.is_terminal else _quiet(), panel:
        try:
            frameworks_asked(panel, asked)
        except ValueError:
            if made:
                args.output.rmdir()
            raise
        for name, hello in panel.hellos.items():
            if hello.status != "ready":
                notes.print(f"{name}: {hello.status}: {hello.message}", highlight=False, markup=False)
        with _progress(notes, len(chosen) * args.cases) as progress:
            code = Audit(chosen, panel, args.output, settings, progress).run()
    findings = read(args.output / FINDINGS)
    if args.format == "text":
        to_terminal(findings, Console())
    else:
        sys.stdout.write(render(findings, args.format))
    notes.print(
        f"findings: {args.output / FINDINGS}\npage:     {args.output / PAGE}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    return code


class _quiet:
    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...


class _progress:
    """A progress bar on a terminal, nothing elsewhere; called with the operation and the cases done."""

    def __init__(self, console: Any, total: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description:34}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self.bar = Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
        self.task = self.bar.add_task("cases", total=total)

    def __enter__(self) -> Any:
        self.bar.start()
        return lambda operation, done: self.bar.update(self.task, advance=done, description=operation)

    def __exit__(self, *_: object) -> None:
        self.bar.stop()


def _replay(args: argparse.Namespace) -> int:
    from .replaying import replay

    panel, asked = _panel(args)
    return replay(args.case, _operations([]), panel, asked, args.format, sys.stdout)


def _report(args: argparse.Namespace) -> int:
    from .reports import render
    from .reports.findings import read

    path = Path(args.findings)
    path = path / "findings.jsonl" if path.is_dir() else path
    if not path.exists():
        raise ValueError(f"there is no findings file {path}; `gradproof audit` writes one")
    findings = read(path)
    if args.format == "text":
        from rich.console import Console

        from .reports.terminal import render as to_terminal

        to_terminal(findings, Console())
    else:
        sys.stdout.write(render(findings, args.format))
    return int(findings.end["exit"]) if findings.end else BROKEN


def _lectures(args: argparse.Namespace) -> int:
    if args.what[:1] != ["run"]:
        from .lectures.claims.reporting import show

        if len(args.what) > 1:
            raise ValueError(f"one lecture at a time, or all of them: {' '.join(args.what)}")
        return int(show(args.what[0] if args.what else None, args.format, sys.stdout))
    from .environment import one_thread
    from .lectures import all_systems
    from .lectures.running import run

    one_thread()

    if len(args.what) == 1:
        for name, system in all_systems().items():
            print(f"{name:24} {system.lecture}  {system.summary}")
        return 0
    if len(args.what) > 2:
        raise ValueError(f"one system at a time: {' '.join(args.what[1:])}")
    options = {"seed": args.seed, "epochs": args.epochs, "output": args.output, "plot": args.plot, "mnist": args.mnist}
    return int(run(args.what[1], stream=sys.stdout, **options))


def _list(args: argparse.Namespace) -> int:
    from .listing import show

    return show(_operations(args.operation), bool(args.operation), args.format, sys.stdout)


def _doctor(args: argparse.Namespace) -> int:
    if args.isolation:
        from .grading.confinement.isolation import trying

        return trying.report(sys.stdout)
    from .doctor import doctor

    return doctor([_other(text) for text in args.others], args.format, sys.stdout)


def _check(args: argparse.Namespace) -> int:
    if args.assignment:
        from .grading.marks import checking_file

        return checking_file.run(args, sys.stdout)
    from .checkfile import check_file

    return check_file(args, sys.stdout)
