"""On which line of a TOML text each key and each array element stands. The standard parser does not tell.

The scanner follows TOML's lexical rules and trusts that the text is valid: it is used on texts that parsed.
"""

from __future__ import annotations

import re

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACES = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]*")
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\", "e": "\x1b"}


def positions(text: str) -> dict[Path, int]:
    """The line, from 1, of every table, key and array element, by path: ("task", 0, "points", "forward")."""
    scanner = _Scanner(text)
    scanner.document()
    return scanner.found


def line_of(found: dict[Path, int], path: Path) -> int:
    """The line of a path, or of the nearest table around it that stands in the text; 1 where none does."""
    for length in range(len(path), 0, -1):
        if path[:length] in found:
            return found[path[:length]]
    return 1


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")
        self.at = 0
        self.found: dict[Path, int] = {}
        self.elements: dict[Path, int] = {}  # of arrays of tables: how many there are so far

    def document(self) -> None:
        here: Path = ()
        self.skip(_BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                here = self.header()
            else:
                self.pair(here)
            self.skip(_BLANK)

    def header(self) -> Path:
        line, array = self.line(), self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        keys = self.key()
        self.at += 2 if array else 1
        path: Path = ()
        for key in keys[:-1]:
            self.found.setdefault((*path, key), line)
            path = self.within((*path, key))
        path = (*path, keys[-1])
        if array:
            self.found.setdefault(path, line)
            self.elements[path] = self.elements.get(path, 0) + 1
        path = self.within(path)
        self.found.setdefault(path, line)
        return path

    def within(self, path: Path) -> Path:
        """The path, with the index of the latest element where it is an array of tables."""
        return (*path, self.elements[path] - 1) if path in self.elements else path

    def pair(self, table: Path) -> None:
        line, path = self.line(), table
        for key in self.key():
            path = (*path, key)
            self.found.setdefault(path, line)
        self.skip(_SPACES)
        self.at += 1  # the equals sign
        self.value(path)

    def key(self) -> list[str]:
        """The parts of a dotted key, up to the equals sign or the bracket."""
        parts = []
        while True:
            self.skip(_SPACES)
            if self.text[self.at] in "\"'":
                parts.append(self.string())
            else:
                match = _BARE.match(self.text, self.at)
                if not match:
                    raise ValueError(f"line {self.line()}: no key")
                parts.append(match[0])
                self.at = match.end()
            self.skip(_SPACES)
            if not self.text.startswith(".", self.at):
                return parts
            self.at += 1

    def value(self, path: Path) -> None:
        self.skip(_SPACES)
        first = self.text[self.at]
        if first in "\"'":
            self.string()
        elif first == "[":
            self.array(path)
        elif first == "{":
            self.inline_table(path)
        else:
            self.skip(_SCALAR)

    def array(self, path: Path) -> None:
        self.at += 1
        index = 0
        while True:
            self.skip(_BLANK)
            if self.text[self.at] == "]":
                self.at += 1
                return
            if self.text[self.at] == ",":
                self.at += 1
                continue
            self.found.setdefault((*path, index), self.line())
            self.value((*path, index))
            index += 1

    def inline_table(self, path: Path) -> None:
        self.at += 1
        while True:
            self.skip(_BLANK)
            if self.text[self.at] == "}":
                self.at += 1
                return
            if self.text[self.at] == ",":
                self.at += 1
                continue
            self.pair(path)

    def string(self) -> str:
        quote = self.text[self.at]
        if self.text.startswith(quote * 3, self.at):
            return self.long_string(quote * 3)
        start = self.at = self.at + 1
        while self.text[self.at] != quote:
            self.at += 2 if self.text[self.at] == "\\" and quote == '"' else 1
        raw = self.text[start : self.at]
        self.at += 1
        return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[0]), raw) if quote == '"' else raw

    def long_string(self, quotes: str) -> str:
        start = self.at = self.at + 3
        while not self.text.startswith(quotes, self.at):
            self.at += 2 if self.text[self.at] == "\\" and quotes == '"""' else 1
        end = self.at
        self.at += 3
        while self.text.startswith(quotes[0], self.at) and self.at < end + 5:
            self.at += 1  # up to two quotes may stand right before the closing three
        return self.text[start:end]

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def line(self) -> int:
        return self.text.count("\n", 0, self.at) + 1
