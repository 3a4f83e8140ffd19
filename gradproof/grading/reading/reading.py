"""One submission read: from what was handed in to cleaned modules, their order, notes and problems."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from pathlib import Path

from . import needed, paths
from .cleaning import Cleaned, clean
from .collecting import collect
from .drafts import Draft, Drafts, draft_all
from .importing import HELPER, OwnModules
from .keeping import needed_names
from .outdated import outdated
from .record import Origin, Problem, Source, Submission, digest, shown

NAMES = ("*.py", "*.ipynb")
_HELPER_FILE = "_gradproof_kept.py"
_SAID = 200  # notes, and problems: nobody reads more


def read_source(path: Path | Submission, names: Iterable[str] = NAMES, wanted: Iterable[str] = ()) -> Source:
    """The source of one submission: a Python file, a notebook, a folder, a zip. Nothing of it is executed.

    names: globs of the files that are imported; the other modules stay importable from these. wanted: names that are
    called from outside and kept even where they are plain variables. What is wrong with a submission is in
    `Source.problems`; no content makes this raise.
    """
    submission = path if isinstance(path, Submission) else Submission("", path.name, path)
    collected = collect(submission.path, submission.members)
    made = draft_all(collected.files)
    made.problems[:0] = collected.problems
    modules = _module_paths(made)
    own = OwnModules({m: d.own for m, d in modules.items()}, frozenset(made.broken))
    cleaned = _clean_all(modules, own, needed_names(modules.values(), wanted), made)
    entries = _entries({m: modules[m] for m in cleaned}, tuple(names), made)
    _outdated(modules, cleaned, made)
    if not entries and not made.problems:
        made.problems.append(
            Problem("no-code", shown(submission.path.name), 0, "no Python file and no notebook is in it")
        )
    files = {m: c.text for m, c in cleaned.items()}
    origins: dict[str, tuple[Origin, ...]] = {m: modules[m].origins for m in cleaned}
    files.update(dict.fromkeys(_packages(files), ""))
    if any(HELPER in text for text in files.values()):
        files[_HELPER_FILE] = (Path(__file__).parent / _HELPER_FILE).read_text(encoding="utf-8")
    notes, problems = tuple(dict.fromkeys(made.notes))[:_SAID], tuple(dict.fromkeys(made.problems))[:_SAID]
    return Source(
        shown(submission.name), files, entries, origins, notes, problems, digest(files, entries, notes, problems)
    )


def _module_paths(made: Drafts) -> dict[str, Draft]:
    """Each draft under a path that Python can import: unique, and no library's."""
    found: dict[str, Draft] = {}
    taken: set[str] = set()
    for draft in sorted(made.drafts, key=lambda d: (d.of_notebook, -d.own.count("/"), d.own)):
        path = paths.module_path(draft.handed)
        if paths.shadows(path):
            top, slash, rest = path.removesuffix(".py").partition("/")
            path = f"{top}_submitted{slash}{rest}.py"
            made.problems.append(
                Problem(
                    "shadows-library",
                    draft.file,
                    0,
                    f"`{shown(top)}` is a library's name; it is read as {top}_submitted",
                )
            )
        plain, number = path.removesuffix(".py"), 1
        while path.lower() in taken:
            number += 1
            path = f"{plain}_notebook.py" if draft.of_notebook and number == 2 else f"{plain}_{number}.py"
        taken.add(path.lower())
        found[path] = draft
    return found


def _clean_all(modules: dict[str, Draft], own: OwnModules, names: set[str], made: Drafts) -> dict[str, Cleaned]:
    cleaned = {}
    for module, draft in modules.items():
        try:
            one = clean(draft, module, own, names)
        except (RecursionError, MemoryError):
            made.problems.append(Problem("too-deep", draft.file, 0, "it is nested too deep to be read"))
            continue
        cleaned[module] = one
        made.notes += one.notes
        made.problems += one.problems
    return cleaned


def _entries(modules: dict[str, Draft], names: tuple[str, ...], made: Drafts) -> tuple[str, ...]:
    """Modules to import, deepest folders first and notebooks last: what stands at the top wins."""
    real = [m for m in modules if not m.endswith("__init__.py") or any(needed.definitions(modules[m].tree.body))]
    meant = [m for m in real if paths.matches(modules[m].handed, names)]
    if real and not meant:
        there = ", ".join(sorted({shown(posixpath.basename(modules[m].handed)) for m in real})[:5])
        expected = ", ".join(map(shown, names))
        made.problems.append(
            Problem("no-match", there, 0, f"the name is not the one asked for ({expected}); it is read all the same")
        )
        return tuple(real)
    return tuple(meant)


def _packages(files: Iterable[str]) -> set[str]:
    """An `__init__.py` for each folder that has none, so that no folder's import depends on how it is found."""
    wanted = set()
    for path in files:
        folder = posixpath.dirname(path)
        while folder:
            wanted.add(f"{folder}/__init__.py")
            folder = posixpath.dirname(folder)
    return wanted - set(files)


def _outdated(modules: dict[str, Draft], cleaned: dict[str, Cleaned], made: Drafts) -> None:
    everywhere: set[str] = set()
    for one in cleaned.values():
        everywhere |= one.scope.bound | one.scope.own
    for module, one in cleaned.items():
        found = outdated(modules[module], one, everywhere)
        made.problems += found
        old = any(p.kind == "python2" for p in found)
        if old and "/" in modules[module].text and "division" not in modules[module].text:
            made.notes.append(
                f"{modules[module].file}: it is Python 2, where / between integers rounds down; here it does not"
            )
