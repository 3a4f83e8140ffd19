"""The modules of a submission before they are cleaned: from Python files, from notebooks, from %%writefile cells."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from . import magics, notebook, paths
from .decoding import NotText, decode
from .needed import definitions
from .parsing import parse
from .record import Origin, Problem, shown

_FUTURE = re.compile(r"^from\s+__future__\s+import\b.*\bannotations\b", re.MULTILINE)


@dataclass
class Draft:
    """One module: its text parses. own: its author's path without suffix; file: the handed-in file, for messages."""

    own: str
    file: str
    text: str
    tree: ast.Module
    origins: tuple[Origin, ...]
    of_notebook: bool = False
    python2: bool = False
    handed: str = ""  # the path as it was handed in, which globs are held against


@dataclass
class Drafts:
    """All drafts of a submission, with what was noticed on the way."""

    drafts: list[Draft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)  # own paths of files that could not be read


def draft_all(files: Mapping[str, bytes]) -> Drafts:
    """Every file that can be read as Python. Never raises for a file's content."""
    made = Drafts()
    for path in sorted(files):
        stem = posixpath.basename(paths.own_name(path)).rsplit(".", 1)[0]
        if stem in paths.NEVER and len(files) > 1:
            made.problems.append(Problem("left-out", shown(path), 0, f"a file named {stem} is not imported; rename it"))
            continue
        before = len(made.problems), len(made.drafts)
        _file(path, files[path], made)
        if len(made.drafts) == before[1] and len(made.problems) > before[0]:
            made.broken.add(paths.own_name(path).rsplit(".", 1)[0])
    return made


def _file(path: str, content: bytes, made: Drafts) -> None:
    file = shown(path)
    if not content.strip() and posixpath.basename(path) == "__init__.py":
        return  # marks a package, and each folder is made one
    if not content.strip():
        made.problems.append(Problem("empty", file, 0, "the file is empty; hand in the one with your code"))
        return
    try:
        text, note = decode(content)
    except NotText as error:
        made.problems.append(Problem("binary", file, 0, str(error)))
        return
    if note:
        made.notes.append(f"{file}: {note}")
    is_notebook = path.lower().endswith(".ipynb")
    if is_notebook != notebook.looks_like_notebook(text) and not (is_notebook and _is_json(text)):
        as_what = "a Python file" if is_notebook else "a notebook"
        made.notes.append(f"{file}: its content is that of {as_what}, and it is read as one")
        is_notebook = not is_notebook
    if is_notebook:
        _notebook(path, text, made)
    else:
        _python(path, text, made)


def _is_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[")


def _python(path: str, text: str, made: Drafts) -> None:
    file = shown(path)
    tree = parse(text, file)
    if not isinstance(tree, ast.Module):
        made.problems += tree
        return
    if not tree.body and posixpath.basename(path) == "__init__.py":
        return
    if not tree.body:
        made.problems.append(Problem("no-code", file, 0, "it holds only comments; hand in the file with your code"))
        return
    origins = tuple(Origin(file, 0, n) for n in range(1, text.count("\n") + 2))
    made.drafts.append(Draft(paths.own_name(path).rsplit(".", 1)[0], file, text, tree, origins, handed=path))
    _twice(made.drafts[-1], made)


def _notebook(path: str, text: str, made: Drafts) -> None:
    file = shown(path)
    try:
        read = notebook.read_notebook(text)
    except notebook.NotANotebook as error:
        made.problems.append(Problem("broken-notebook", file, 0, str(error)))
        return
    if read.language and not read.language.startswith(("python", "ipython")):
        made.problems.append(
            Problem("not-python", file, 0, f"its language is {shown(read.language)}; hand in a Python notebook")
        )
        return
    if not read.cells:
        made.problems.append(Problem("no-code", file, 0, "the notebook has no code cell with code in it"))
        return
    if read.python2:
        made.notes.append(
            f"{file}: it was run with Python 2; where it divides integers with /, Python 3 does not round"
        )
    counts = [c.count for c in read.cells if c.count is not None]
    if counts != sorted(counts):
        made.notes.append(f"{file}: its cells were run in another order than they stand; they are read as they stand")
    own = paths.own_name(path).rsplit(".", 1)[0]
    written: dict[str, list[tuple[int, str]]] = {}
    kept = []
    for cell in read.cells:
        code = magics.python_of(cell.code)
        if code.dropped:
            made.notes.append(f"{file}, cell {cell.number}: left out: {', '.join(map(shown, code.dropped))}")
        if code.writes:
            name, appended = code.writes
            written[name] = [*(written.get(name, []) if appended else []), (cell.number, code.text)]
        else:
            kept.append((cell.number, code.text))
    for name, cells in written.items():
        _written(path, name, cells, made)
    draft = _joined(own, file, kept, made)
    if draft is not None:
        draft.python2, draft.handed = read.python2, path
        made.drafts.append(draft)
        _twice(draft, made)


def _written(path: str, name: str, cells: list[tuple[int, str]], made: Drafts) -> None:
    """A %%writefile cell's module, beside the notebook."""
    clean = posixpath.normpath(name.replace("\\", "/"))
    if paths.unsafe(clean) or not clean.endswith(".py"):
        if paths.is_code(name):
            made.problems.append(
                Problem(
                    "unsafe-path", shown(path), 0, f"%%writefile {shown(name)} leads out of the folder", cells[0][0]
                )
            )
        return
    target = posixpath.join(posixpath.dirname(path), clean)
    draft = _joined(target.removesuffix(".py"), shown(path), cells, made)
    if draft is not None:
        draft.handed = target
        made.drafts.append(draft)


def _joined(own: str, file: str, cells: list[tuple[int, str]], made: Drafts) -> Draft | None:
    """One module of the cells that parse; the others are problems."""
    lines: list[str] = []
    origins: list[Origin] = []
    trees: dict[str, ast.Module] = {}
    for number, code in cells:
        tree = parse(code, file, number)
        if not isinstance(tree, ast.Module):
            made.problems += tree
            continue
        trees[f"{code}\n"] = tree
        future = _FUTURE.search(code)
        if future and lines[:1] != ["from __future__ import annotations"]:
            lines.insert(0, "from __future__ import annotations")
            origins.insert(0, Origin(file, number, code.count("\n", 0, future.start()) + 1))
        here = code.split("\n")
        lines += here
        origins += [Origin(file, number, n) for n in range(1, len(here) + 1)]
    text = "\n".join(lines) + "\n"
    if not text.strip():
        return None
    origins.append(origins[-1])
    whole = trees.get(text) or parse(text, file)  # where all stands in one cell its tree is known
    if not isinstance(whole, ast.Module):  # each cell parses: only their sum can be too much
        made.problems += whole
        return None
    return Draft(own, file, text, whole, tuple(origins), of_notebook=True)


def _twice(draft: Draft, made: Drafts) -> None:
    """A note for each function or class that is defined more than once."""
    places: dict[str, list[str]] = {}
    for definition in definitions(draft.tree.body):
        origin = draft.origins[definition.lineno - 1]
        place = f"cell {origin.cell}" if origin.cell else f"line {origin.line}"
        places.setdefault(definition.name, []).append(place)
    for name, where in places.items():
        if len(where) > 1:
            listed = ", ".join(where[-4:-1]) + f" and {where[-1]}"
            made.notes.append(f"{draft.file}: `{shown(name)}` is defined in {listed}; the last one counts")
