"""A class's submissions, generated: variants of an assignment's right answers, no two of the same content.

Each variant has its own names of the local variables and its own comments, so that no cache keyed by content finds
it; a share of them holds one mistake each, as students make them.
"""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from pathlib import Path

ANSWERS = Path(__file__).resolve().parent.parent / "assignments" / "answers"

MISTAKES: dict[str, tuple[tuple[str, str], ...]] = {
    "cs231n-a1": (
        ("dout.sum(axis=0)", "dout.mean(axis=0)"),
        ("dx[rows, y] -= 1", "dx[rows, y] += 1"),
        ("return dout * (cache > 0)", "return dout * (dout > 0)"),
        ("return margins.sum() / len(x), dx / len(x)", "return margins.sum() / len(x), dx"),
        ("X.T @ dscores + 2 * reg * W", "X.T @ dscores + reg * W"),
        ('"b1": db1', '"b1": db2'),
        ("dW[:, y[i]] -= X[i]", "pass"),
        ("(dout @ w.T).reshape(x.shape)", "dout @ w"),
    ),
    "cs231n-a2": (
        ("dx = dxhat / spread + dvar * 2 * xhat * spread / n + dmean / n", "dx = dxhat / spread + dmean / n"),
        ("return dx, (dout * xhat.T).sum(axis=0), dout.sum(axis=0)", "return dx, (dout * xhat.T).sum(axis=0), dout"),
        ("else dout * mask", "else dout"),
        ("return dx.copy(), dw, dout.sum(axis=(0, 2, 3))", "return dx.copy(), dw, dout.sum(axis=(0, 2))"),
        ("dw += np.tensordot", "dw = np.tensordot"),
        ("v - config.get(", "v + config.get("),
        ('m = config["m"] / (1 - beta1 ** config["t"])', 'm = config["m"]'),
        ("] += dout[a, c, i, j]", "] = 2 * dout[a, c, i, j]"),
    ),
    "lecture-003": (
        ("return self.y * dz, self.x * dz", "return self.x * dz, self.y * dz"),
        ("dv.sum(axis=0)", "dv.mean(axis=0)"),
        ("return err * a * (1 - a)", "return err * a"),
        ("dv2 = sigmoid_backward(a2 - y, a2)", "dv2 = sigmoid_backward(y - a2, a2)"),
    ),
}
"""By assignment: right text of the answers and what a wrong submission has there."""

WRONG_EVERY = 3


@dataclass(frozen=True)
class Submission:
    """One of a class. mistake: the text that is wrong in it, "" where all is right."""

    name: str
    source: str
    mistake: str


def generated(assignment: str, number: int) -> list[Submission]:
    """That many submissions of a ready-made assignment; every third holds a mistake. ValueError for others."""
    if assignment not in MISTAKES:
        raise ValueError(f"there are no mistakes for {assignment}; known: {', '.join(MISTAKES)}")
    right = (ANSWERS / f"{assignment}.py").read_text(encoding="utf-8")
    found = []
    for k in range(number):
        source, mistake = right, ""
        if k % WRONG_EVERY == WRONG_EVERY - 1:
            old, mistake = MISTAKES[assignment][k // WRONG_EVERY % len(MISTAKES[assignment])]
            if old not in source:
                raise ValueError(f"{assignment} has no text {old!r} to be made wrong")
            source = source.replace(old, mistake)
        found.append(Submission(f"s{k:04}", _variant(source, k), mistake))
    return found


def written(submissions: list[Submission], folder: Path) -> Path:
    """The submissions as notebooks of one code cell in a folder of their own; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for submission in submissions:
        (folder / f"{submission.name}.ipynb").write_text(json.dumps(notebook([(submission.source, {})])), "utf-8")
    return folder


def notebook(cells: list[tuple[str, dict[str, object]]]) -> dict[str, object]:
    """A notebook as JSON of code cells: source and metadata of each."""
    empty: dict[str, object] = {"cell_type": "code", "outputs": [], "execution_count": None}
    made = [{**empty, "id": f"cell-{k}", "metadata": about, "source": text} for k, (text, about) in enumerate(cells)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": made}


def _variant(source: str, k: int) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            _rename(node, f"_{k}")
    return f"# Variant {k}: the same computation under other names.\n{ast.unparse(tree)}\n"


def _rename(function: ast.FunctionDef, suffix: str) -> None:
    """Give a function's local variables other names; its parameters keep theirs, since callers may use them."""
    every = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    local = {node.id for node in every if isinstance(node.ctx, ast.Store)}
    kept = {a.arg for a in (*function.args.args, *function.args.kwonlyargs)}
    for node in every:
        if node.id in local - kept:
            node.id += suffix
