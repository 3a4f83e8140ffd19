"""Replacing statements in source text without moving a line."""

from __future__ import annotations

import ast


class Edits:
    """Replacements in a text, by syntax node; what is replaced keeps its number of lines."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines = text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._edits: dict[int, tuple[int, str]] = {}  # start -> end, new text

    def _offset(self, line: int, column: int) -> int:
        """Position of a line and a column, which `ast` counts in bytes of UTF-8."""
        content = self._lines[line - 1]
        if not content.isascii():
            column = len(content.encode()[:column].decode(errors="replace"))
        return self._starts[line - 1] + column

    def _span(self, node: ast.stmt | ast.expr) -> tuple[int, int]:
        start = self._offset(node.lineno, node.col_offset)
        for decorator in getattr(node, "decorator_list", []):
            start = min(start, self.text.rindex("@", 0, self._offset(decorator.lineno, decorator.col_offset)))
        return start, self._offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def replace(self, node: ast.stmt | ast.expr, new: str) -> None:
        """New text, of one line, for a statement."""
        start, end = self._span(node)
        self._put(start, end, new)

    def insert(self, node: ast.stmt, new: str) -> None:
        start, _ = self._span(node)
        self._edits[start] = (start, new)

    def remove_decorator(self, node: ast.expr) -> None:
        """A decorator with its @."""
        start, end = self._span(node)
        self._put(self.text.rindex("@", 0, start), end, "")

    def _put(self, start: int, end: int, new: str) -> None:
        lost = self.text.count("\n", start, end)
        stop = self.text.find("\n", end)
        rest = self.text[end : len(self.text) if stop < 0 else stop].strip()
        # With another statement behind it on its last line, the line must go on there.
        self._edits[start] = (end, new + (" \\\n" if rest.startswith(";") else "\n") * lost)

    def text_of(self, node: ast.stmt) -> str:
        """A statement's text with the replacements inside it made."""
        return self._applied(*self._span(node))

    def result(self) -> str:
        return self._applied(0, len(self.text))

    def _applied(self, first: int, last: int) -> str:
        parts, at = [], first
        for start in sorted(s for s in self._edits if first <= s < last):
            end, new = self._edits[start]
            if start < at:  # inside what was replaced already
                continue
            parts += [self.text[at:start], new]
            at = end
        return "".join([*parts, self.text[at:last]])
