"""Runs a page's examples as a reader would: in order, in one folder, comparing what is shown with what is printed.

A page's fenced blocks mean:

- ```` ```{code-block} LANGUAGE ```` with a `:caption:`: a file of that name ("NAME, added at the end" appends to it);
  of the language `diff`, a change to that file: lines with a space or - must be there, once, and become those with a
  space or +;
- ```` ```python ````: a program, run in one namespace for the whole page;
- ```` ```output ````: what the Python block before it prints;
- ```` ```console ````: commands after `$ `, each followed by what it prints, standard error included.

`[...]` in a shown output stands for any text, and alone on a line for any lines. Numbers that rounding or speed
decide are compared as numbers of their kind only: MEASURED says which.

A line `% needs: torch` before a block names modules without which it is not run. A line `% in a copy of the checkout`,
anywhere, gives the page such a folder. A page that names BARE_CELL finds that cell's environment in `.tox`, as tox
would have made it. A command with nothing shown after it may print anything, but must end with 0. Other languages are
not run.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FENCE = re.compile(r"^(`{3,})([^\n`]*)\n(.*?)^\1[ \t]*$", re.DOTALL | re.MULTILINE)
MEASURED = (
    r"[\d.e+-]+ of the allowance",
    r"(?<=allowance )[\d.]+e-\d+: [\d.]+e\+\d+ times the allowance",
    r"(?<=allowance )[\d.]+e-\d+ \([\d.e+]+ times\)",
    r"(?:agree|inaccurate|wrong) [\d.e+-]+x?(?= |$)",
    r"\b[\d.]+ s\b",
    r"\b\d+\.\d+s\b",
)
"""Patterns of numbers that another processor, library build or clock may change."""
CHECKOUT = ("assignments", "frameworks", "gradproof", "lectures", "networks", "reference", "reports", "tests")
BARE_CELL = "py311-np24-bare"
"""The cell that the pages show. They are run with a cell of this Python and NumPy in its place."""
IN_A_CELL = ("numpy", "jinja2", "markupsafe")
IN_PROCESS = ("audit", "check", "list", "replay", "report")
TERMINAL = {"NO_COLOR": "1", "COLUMNS": "100", "OMP_NUM_THREADS": "1"}
SECONDS = 120


@dataclass(frozen=True)
class Block:
    """One fenced block. line: of the page, counted from 1; needs: modules without which it cannot run."""

    language: str
    text: str
    line: int
    caption: str = ""
    needs: tuple[str, ...] = ()

    @property
    def missing(self) -> list[str]:
        return [module for module in self.needs if find_spec(module) is None]


class Differs(AssertionError):
    """A block failed, or printed something else than the page shows."""


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a Markdown page, in order."""
    found = []
    for match in FENCE.finditer(text):
        before = text[: match.start()]
        comments = re.search(r"((?:^% .*\n)+)\n*\Z", before, re.MULTILINE)
        needs = re.findall(r"^% needs: (.*)$", comments[1], re.MULTILINE) if comments else []
        modules = tuple(name.strip() for line in needs for name in line.split(","))
        language, body, caption = match[2].strip(), match[3], ""
        if language.startswith("{code-block}"):
            language = language.partition("}")[2].strip()
            options = re.match(r"(?::[\w-]+:.*\n)*\n?", body)
            head = options[0] if options else ""
            caption = next(iter(re.findall(r":caption: (.*)", head)), "")
            body = body[len(head) :]
        found.append(Block(language, body, before.count("\n") + 1, caption, modules))
    return found


@dataclass
class Runner:
    """Runs blocks of one page in `folder`. skipped: what was not run, and why."""

    folder: Path
    page: str
    skipped: list[str] = field(default_factory=list)
    _names: dict[str, object] = field(default_factory=lambda: {"__name__": "__main__"})
    _printed: str = ""

    def run(self, text: str) -> int:
        """Run every block of a page; returns how many were run. Differs where one does not do what is shown."""
        count = 0
        if "% in a copy of the checkout" in text:
            self._copy_checkout()
        if BARE_CELL in text:
            text = text.replace(BARE_CELL, self._make_bare_cell())
        dropped = False
        for block in blocks(text):
            if block.missing or (dropped and block.language == "output"):
                dropped = True
                if block.missing:
                    self.skipped.append(f"{self.page}, line {block.line}: {', '.join(block.missing)} is not installed")
                continue
            dropped = False
            count += self._run(block)
        return count

    def _run(self, block: Block) -> bool:
        if block.caption:
            self._write(block)
        elif block.language == "python":
            self._python(block)
        elif block.language == "output":
            self._compare(block, block.text, self._printed)
        elif block.language == "console":
            self._console(block)
        else:
            return False
        return True

    def _copy_checkout(self) -> None:
        for name in CHECKOUT:
            shutil.copytree(ROOT / name, self.folder / name, ignore=shutil.ignore_patterns("found", "answers"))
        for name in ("pyproject.toml",):
            shutil.copy(ROOT / name, self.folder / name)

    def _make_bare_cell(self) -> str:
        """An environment with this NumPy and no framework, as tox makes one; returns the name that is true of it."""
        import numpy

        major, minor = numpy.__version__.split(".")[:2]
        name = f"py{sys.version_info[0]}{sys.version_info[1]}-np{major}{minor}-bare"
        environment = self.folder / ".tox" / name
        venv.create(environment, symlinks=True)
        site = next(environment.glob("lib/python*/site-packages"))
        for package in IN_A_CELL:
            there = Path(str(importlib.import_module(package).__file__)).parent
            for path in (there, *there.parent.glob(f"{package}.libs"), *there.parent.glob(f"{package}-*.dist-info")):
                (site / path.name).symlink_to(path)
        return name

    def _write(self, block: Block) -> None:
        name, appended = re.subn(r", added at the end$", "", block.caption)
        path = self.folder / name
        if block.language == "diff":
            self._change(block, path)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if appended else "w", encoding="utf-8") as file:
            file.write(("\n\n" if appended else "") + block.text)

    def _change(self, block: Block, path: Path) -> None:
        lines = [line or " " for line in block.text.rstrip("\n").split("\n")]
        old = "".join(f"{line[1:]}\n" for line in lines if line[0] in " -")
        new = "".join(f"{line[1:]}\n" for line in lines if line[0] in " +")
        text = path.read_text(encoding="utf-8")
        if text.count(old) != 1:
            raise Differs(
                f"{self.page}, line {block.line}: {path.name} holds these lines {text.count(old)} times:\n{old}"
            )
        path.write_text(text.replace(old, new), encoding="utf-8")

    def _python(self, block: Block) -> None:
        printed = io.StringIO()
        source = "\n" * block.line + block.text  # so that a traceback names the page's line
        with _working_in(self.folder), contextlib.redirect_stdout(printed):
            try:
                exec(compile(source, self.page, "exec"), self._names)
            except Exception as error:
                raise Differs(f"{self.page}, line {block.line}: {type(error).__name__}: {error}") from error
        self._printed = printed.getvalue()

    def _console(self, block: Block) -> None:
        status = 0
        for command, shown in _commands(block.text):
            printed, status = self._command(command, status)
            if shown.strip():
                self._compare(block, shown, printed.replace(f"{self.folder}/", ""), command)
            elif status:
                raise Differs(f"{self.page}, line {block.line}: `{command}` ended with {status}:\n{printed}")

    def _command(self, command: str, status: int) -> tuple[str, int]:
        """What a command prints, and its exit status; `status` is that of the command before it."""
        words = None if re.search(r"[|<>$;&*\n]", command) else shlex.split(command)
        if words and words[:1] == ["gradproof"] and words[1] in IN_PROCESS and not self._has_own_checkout():
            return self._gradproof(words[1:])
        run = subprocess.run(
            ["bash", "-c", f"(exit {status})\n{command}"],
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return run.stdout, run.returncode

    def _gradproof(self, arguments: list[str]) -> tuple[str, int]:
        """The command in this process: a new interpreter for each would take most of the time."""
        from gradproof.cli import main

        printed = io.StringIO()
        with _working_in(self.folder), contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            status = main(arguments)
        return printed.getvalue(), status

    def _has_own_checkout(self) -> bool:
        return (self.folder / "gradproof").is_dir()

    def _environment(self) -> dict[str, str]:
        """The reader's terminal: `gradproof`, `python` and `pytest` are this interpreter's."""
        commands = self.folder / ".commands"
        if not commands.is_dir():
            commands.mkdir()
            for name, module in (("python", ""), ("gradproof", "-m gradproof"), ("pytest", "-m pytest")):
                path = commands / name
                path.write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n', encoding="utf-8")
                path.chmod(0o755)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("GRADPROOF_", "PYTEST_", "FORCE_COLOR"))}
        own = self._has_own_checkout()
        return {
            **kept,
            "PATH": f"{commands}{os.pathsep}{os.environ.get('PATH', '')}",
            **TERMINAL,
            "PYTHONPATH": str(self.folder if own else ROOT),
            "PYTHONUNBUFFERED": "1",
            # A file that is changed twice in a second must not be taken for the one before.
            "PYTHONDONTWRITEBYTECODE": "" if own else "1",
        }

    def _compare(self, block: Block, shown: str, printed: str, command: str = "") -> None:
        if not fits(shown, printed):
            what = f"`{command}`" if command else "the block before"
            raise Differs(
                f"{self.page}, line {block.line}: {what} does not print what is shown.\n"
                f"--- shown\n{shown.rstrip()}\n--- printed\n{printed.rstrip()}"
            )


@contextlib.contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    """As if Python had been started there: its folder is the current one, and modules are found in it."""
    before, modules, bytecode = Path.cwd(), set(sys.modules), sys.dont_write_bytecode
    kept = {name: os.environ.get(name) for name in TERMINAL}
    os.chdir(folder)
    os.environ.update(TERMINAL)
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        os.chdir(before)
        for name, value in kept.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value
        sys.path.remove(str(folder))
        sys.dont_write_bytecode = bytecode
        for name in set(sys.modules) - modules:
            if str(getattr(sys.modules[name], "__file__", None) or "").startswith(str(folder)):
                del sys.modules[name]


def _commands(text: str) -> Iterator[tuple[str, str]]:
    """Each command of a console block, continued lines (`> `) joined, with what is shown after it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        first, *rest = part.splitlines()
        while rest and rest[0].startswith("> "):
            first += "\n" + rest.pop(0)[2:]
        yield first, "\n".join(rest)


def fits(shown: str, printed: str) -> bool:
    """Whether what was printed is what is shown, apart from `[...]`, measured numbers and spaces at ends of lines."""
    pattern = ""
    for line in _masked(shown).splitlines():
        any_text = r"[^\n]*?".join(map(re.escape, line.split("[...]")))
        pattern += r"(?:[^\n]*\n)*?" if line == "[...]" else f"{any_text}\n"
    return re.fullmatch(pattern, f"{_masked(printed)}\n") is not None


def _masked(text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    for pattern in MEASURED:
        lines = re.sub(pattern, "<measured>", lines)
    return lines
