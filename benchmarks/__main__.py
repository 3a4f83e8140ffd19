"""Measure all figures, or the named ones, and print a report of each.

    python -m benchmarks                      all of them; the audit alone takes minutes
    python -m benchmarks proofs gradcheck     these
    python -m benchmarks comparisons --findings gradproof-report
    python -m benchmarks proofs --cases 10 --json figures.json

Run it with an interpreter that has the frameworks: `.tox/tests/bin/python -m benchmarks` after `tox run -e tests`.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import pkgutil
import sys
from pathlib import Path
from typing import Any

FIGURES: dict[str, Any] = {
    module.name: importlib.import_module(f".{module.name}", __package__)
    for module in pkgutil.iter_modules([str(Path(__file__).parent)])
    if not module.name.startswith("_")
}
"""Every file of this folder whose name does not begin with an underscore; its `main` measures."""


def main() -> int:
    """Measure what the command line names; returns the exit code."""
    arguments = _parser().parse_args()
    given = {name: value for name, value in vars(arguments).items() if value is not None}
    figures: dict[str, Any] = {}
    for name in arguments.figures or FIGURES:
        print(f"== {name}: {(FIGURES[name].__doc__ or '').strip().splitlines()[0]}", flush=True)
        measure = FIGURES[name].main
        taken = inspect.signature(measure).parameters
        figures[name] = measure(**{option: value for option, value in given.items() if option in taken})
        print(flush=True)
        if arguments.json:  # after each figure, so that an interrupted run keeps what it measured
            arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Figures about gradproof, each from one run."
    )
    names = f"{', '.join(FIGURES)}; all by default"
    parser.add_argument("figures", nargs="*", metavar="NAME", type=_figure, help=names)
    parser.add_argument("--json", type=Path, metavar="PATH", help="also write the raw figures there")
    parser.add_argument("--cases", type=_positive, help="cases an operation, where a figure has cases")
    parser.add_argument("--repetitions", type=_positive, help="gradcheck, first_verdict: how often each is timed")
    parser.add_argument(
        "--findings",
        type=Path,
        help="comparisons, regimes, who_is_wrong: an audit's findings or folder; else it audits first",
    )
    # None where it is not given: a figure's own default holds then
    write = "who_is_wrong: also write the table in Markdown, beside the causes"
    parser.add_argument("--write", action="store_true", default=None, help=write)
    parser.add_argument("--submissions", type=_positive, help="class_throughput, class_resume: how many are graded")
    parser.add_argument("--graders", metavar="PYTHON", help="class_throughput: an interpreter with the other graders")
    return parser


def _figure(name: str) -> str:
    if name not in FIGURES:
        raise argparse.ArgumentTypeError(f"there is no figure {name!r}; one of {', '.join(FIGURES)}")
    return name


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
