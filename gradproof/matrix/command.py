"""The commands `gradproof cases`, `gradproof cell` and `gradproof matrix`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

BROKEN, NOTHING = 3, 5


def add_parsers(commands: Any) -> None:
    """Add the three commands to the command line."""
    _cases_parser(commands)
    _cell_parser(commands)
    _matrix_parser(commands)


def _cases_parser(commands: Any) -> None:
    cases = commands.add_parser("cases", help="draw the cases of a matrix once, with their truth, into one file")
    what = cases.add_subparsers(dest="what", required=True, metavar="WHAT", parser_class=type(cases))
    draw = what.add_parser(
        "draw",
        help="draw cases and judge their truth",
        description="Draw cases, find the truth and the allowance of every entry, and write both into one file, which "
        "cells in other environments judge against. Needs python-flint; the cells do not. Exit codes: 0 written; "
        "2 interrupted, nothing written; 3 written, and a case had to be left out; 4 usage; 5 no case was drawn.",
    )
    draw.add_argument("file", type=Path, metavar="FILE", help="the file to write, for instance cases.npz")
    draw.add_argument("operation", nargs="*", metavar="OPERATION", help="operations; all of them by default")
    draw.add_argument("--cases", type=_positive, default=12, metavar="N", help="cases an operation (default 12)")
    draw.add_argument("--seed", type=_whole, default=0, metavar="S", help="seed of the drawing (default 0)")
    draw.add_argument("--dtype", choices=("float32", "float64", "both"), default="both")
    draw.set_defaults(run=_draw)
    show = what.add_parser("show", help="what a case file holds")
    show.add_argument("file", type=Path, metavar="FILE")
    show.add_argument("--format", choices=("text", "json"), default="text")
    show.set_defaults(run=_show)


def _cell_parser(commands: Any) -> None:
    cell = commands.add_parser(
        "cell",
        help="judge every case of a case file in this Python",
        description="Judge the reference and every framework that is installed in this Python on every case of a case "
        "file, into OUTPUT/NAME. The name is a claim that is checked: pyXY, npXY, torchXY, tfXY, kerasXY, jaxXY "
        "(package and minor version without dots), and the words bare, lowest, kerastorch, kerasjax, joined by dashes. "
        "Exit codes: 0 all agree; 1 something is wrong, or the name is; 2 interrupted; 3 something broke; 4 usage; "
        "5 nothing was compared.",
    )
    cell.add_argument("name", metavar="NAME", help="for instance py311-np24-torch213-tf221-keras315")
    cell.add_argument("--cases", type=Path, required=True, metavar="FILE", help="what `gradproof cases draw` wrote")
    cell.add_argument(
        "--output", type=Path, default=Path("gradproof-cells"), metavar="FOLDER", help="folder of all cells"
    )
    cell.add_argument("--resume", action="store_true", help="go on with what an earlier run of the cell kept")
    cell.add_argument(
        "--record", action="store_true",
        help="exit 0 when every case was judged, whatever was found; a name that lies still fails",
    )  # fmt: skip
    cell.add_argument("--format", choices=("text", "json"), default="text", help="what stdout gets")
    cell.set_defaults(run=_cell)


def _matrix_parser(commands: Any) -> None:
    from ..reports.matrix import FORMATS

    matrix = commands.add_parser(
        "matrix",
        help="merge cells: what changed between versions, the grid, and what did not run",
        description="Merge cells that judged the same case file. Exit codes: 0 nothing is wrong and every expected "
        "cell ran; 1 something is wrong, inaccurate, or a cell's name lies; 3 something broke, or a cell did not run "
        "or finish; 4 usage, or cells that cannot be merged; 5 nothing was compared.",
    )
    matrix.add_argument("cells", nargs="+", type=Path, metavar="CELLS", help="folders of cells, or findings files")
    expected = matrix.add_mutually_exclusive_group()
    expected.add_argument("--expect", metavar="NAMES", help="cells that should be there, comma-separated")
    expected.add_argument("--tox", type=Path, metavar="TOX.INI", help="expect the cells of this tox.ini")
    matrix.add_argument("--label", metavar="LABEL", help="with --tox: of its cells only those of this label")
    matrix.add_argument("--tox-result", type=Path, metavar="FILE", help="what `tox run --result-json FILE` wrote")
    matrix.add_argument("--output", type=Path, metavar="FOLDER", help="folder for matrix.html, .md and .json")
    matrix.add_argument(
        "--record", action="store_true", help="exit 0 when every cell is there, whatever was found; a lie still fails"
    )
    matrix.add_argument("--format", choices=FORMATS, default="text", help="what stdout gets")
    matrix.set_defaults(run=_matrix)


def _whole(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def _positive(text: str) -> int:
    if _whole(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is too few; give 1 or more")
    return int(text)


# -- cases ----------------------------------------------------------------------------------------------------------


def _draw(args: argparse.Namespace) -> int:
    from .drawing_cases import draw

    chosen = _operations(args.operation)
    _writable(args.file)
    dtypes = ("float32", "float64") if args.dtype == "both" else (args.dtype,)
    with Progress(len(chosen) * args.cases) as progress:
        drawn = draw(args.file, chosen, args.cases, args.seed, dtypes, progress)
    for sentence in drawn.left_out:
        print(f"gradproof: left out: {sentence}", file=sys.stderr)
    print(f"{args.file}: {drawn.cases:,} cases, {args.file.stat().st_size / 1e6:.1f} MB, hash {drawn.hash}")
    return NOTHING if not drawn.cases else BROKEN if drawn.left_out else 0


def _operations(names: list[str]) -> dict[str, Any]:
    """The catalogue, or the operations named; ValueError for an unknown one."""
    from ..naming import unknown_operation
    from ..reference import operations

    every = operations()
    for name in names:
        if name not in every:
            raise ValueError(unknown_operation(name, every))
    return {n: op for n, op in every.items() if not names or n in names}


def _writable(path: Path) -> None:
    """ValueError where a file cannot be written there, said before minutes of work, or would replace something else."""
    import tempfile

    from . import case_file

    if path.is_dir():
        raise ValueError(f"{path} is a folder; name a file in it, for instance {path / 'cases.npz'}")
    if path.exists():
        try:
            case_file.read(path)
        except ValueError:
            said = f"{path} is there and is no whole case file: it is not replaced; name another file"
            raise ValueError(said) from None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        raise ValueError(f"cannot write {path}: {error.strerror or error}; name a file that can be written") from None


def _show(args: argparse.Namespace) -> int:
    from . import case_file
    from .showing import described, lines

    about = described(case_file.read(args.file))
    print(json.dumps(about, indent=2) if args.format == "json" else "\n".join(lines(about)))
    return 0


# -- cell and matrix ------------------------------------------------------------------------------------------------


def _cell(args: argparse.Namespace) -> int:
    from ..environment import one_thread

    one_thread()
    from ..reports.findings import read
    from ..run_folder import FINDINGS
    from . import case_file
    from .cell import run

    with Progress(len(case_file.read(args.cases).index["cases"])) as progress:
        code = run(args.name, args.cases, args.output, resume=args.resume, record=args.record, progress=progress)
    told = told_of(read(args.output / args.name / FINDINGS), args.output / args.name / FINDINGS, code)
    print(json.dumps(told, indent=2) if args.format == "json" else told["sentence"])
    return code


def told_of(findings: Any, path: Path, code: int) -> dict[str, Any]:
    """What a cell's command says at its end: counts by status, who took part, and one sentence."""
    end = findings.end or {}
    cell = findings.header["environment"]["cell"]
    statuses: dict[str, int] = {}
    for finding in findings.findings:
        statuses[finding["status"]] = statuses.get(finding["status"], 0) + 1
    took = [n for n, about in findings.header["implementations"].items() if about["status"] == "ready"]
    counts = ", ".join(f"{number:,} {status}" for status, number in sorted(statuses.items()))
    what = f"its name lies ({len(cell['lies'])})" if cell["lies"] else f"{counts or 'nothing was compared'}"
    how = f"{end.get('status', 'cut')}, {end.get('cases', 0):,} cases"
    sentence = f"{cell['name']}: {how}, {', '.join(took)}: {what}\n{path}"
    return {**end, "cell": cell, "statuses": statuses, "exit": code, "findings": str(path), "sentence": sentence}


def _matrix(args: argparse.Namespace) -> int:
    from .merging import run

    return run(args)


class Progress:
    """A line on a terminal that says which operation is judged; nothing elsewhere. A context manager and a callback."""

    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0
        self.shown = sys.stderr.isatty()

    def __enter__(self) -> Progress:
        return self

    def __call__(self, operation: str, done: int) -> None:
        self.done += done
        if self.shown:
            said = f"\r{self.done:,} of {self.total:,} cases, {operation:<34}"
            print(said[:110], end="", file=sys.stderr, flush=True)

    def __exit__(self, *_: object) -> None:
        if self.shown:
            print("\r" + " " * 110 + "\r", end="", file=sys.stderr, flush=True)
