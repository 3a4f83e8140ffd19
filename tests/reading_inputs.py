"""Submissions made for the tests of reading, and what importing a cleaned one gives."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from gradproof.grading.reading import Source, read_source

_ASK = """
import json, sys
sys.path.insert(0, sys.argv[1])
import importlib
names, notes = {}, []
for entry in json.loads(sys.argv[2]):
    module = importlib.import_module(entry.removesuffix(".py").replace("/", "."))
    names.update(vars(module))
    notes += getattr(module, "__gradproof_notes__", [])
answers = []
for question in json.loads(sys.argv[3]):
    try:
        answers.append(repr(eval(question, names)))
    except BaseException as error:
        answers.append(f"{type(error).__name__}: {error}")
print(json.dumps([answers, notes]))
"""


def read(folder: Path, text: str | bytes, name: str = "layers.py", **options: Any) -> Source:
    """The source of one file with this content."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_source(path, **options)


def ask(source: Source, folder: Path, *questions: str) -> tuple[list[str], list[str]]:
    """What expressions give after the import of a cleaned source in an interpreter of its own, and the notes of it."""
    root = folder / "imported"
    for path, text in source.files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    command = [sys.executable, "-I", "-c", _ASK, str(root), json.dumps(source.entries), json.dumps(questions)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if run.returncode:
        raise AssertionError(run.stderr)
    answers, notes = json.loads(run.stdout.splitlines()[-1])
    return answers, notes


def notebook(*cells: Any, **metadata: Any) -> str:
    """A notebook of version 4; a cell is its code, or a whole cell as a dict."""
    made = [
        c if isinstance(c, dict) else {"cell_type": "code", "execution_count": n, "source": c, "outputs": []}
        for n, c in enumerate(cells, 1)
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": made})


def pack(path: Path, **members: str | bytes) -> Path:
    """A zip with these members; __ in a keyword stands for nothing: give names with ** of a dict."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def kinds(source: Source) -> list[str]:
    return [p.kind for p in source.problems]
