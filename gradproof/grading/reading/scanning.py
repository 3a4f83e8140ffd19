"""A lexical look at source text that holds for broken code too: where statements begin, how deep it nests."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

DEEP = 80  # open brackets
CHAIN = 1000  # operators, dots, calls and subscripts in one expression; some Pythons crash on a hundred thousand
DIGITS = 4300  # as Python's own limit, which older releases lack

_TOKEN = re.compile(
    r'"""[^"\\]*(?:(?:\\[\s\S]|"(?!""))[^"\\]*)*"""'
    r"|'''[^'\\]*(?:(?:\\[\s\S]|'(?!''))[^'\\]*)*'''"
    r'|(?P<open>"""[\s\S]*|\'\'\'[\s\S]*)'
    r'|"(?:[^"\\\n]|\\[\s\S])*"?'
    r"|'(?:[^'\\\n]|\\[\s\S])*'?"
    r"|(?P<comment>\#[^\n]*)"
    r"|(?P<newline>\n)"
    r"|(?P<joined>\\\n)"
    r"|(?P<word>\w+)"
    r"|(?P<opening>[(\[{])"
    r"|(?P<closing>[)\]}])"
    r"|(?P<separator>[,;:=])"
    r"|(?P<operator>[-+*/%@.<>&|^~!]+)"
)


@dataclass(frozen=True)
class Scan:
    """starts: line numbers at which a logical line begins; deep: the first line nested beyond reason, 0 if none."""

    starts: frozenset[int]
    deep: int


@lru_cache(maxsize=16)
def scan(text: str) -> Scan:
    """Lines counted by \\n. Strings and brackets that are never closed run to the end, as Python takes them."""
    starts = {1}
    deep = 0
    line, chains = 1, [0]
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "newline" and len(chains) == 1:
            starts.add(line + 1)
            chains = [0]
        elif kind == "opening":
            chains[-1] += 1
            chains.append(0)
        elif kind == "closing" and len(chains) > 1:
            chains.pop()
        elif kind == "separator":
            chains[-1] = 0
        elif kind == "operator" or (kind == "word" and len(token[0]) > DIGITS and token[0].isdigit()):
            chains[-1] += 1 if kind == "operator" else CHAIN + 1
        if not deep and (len(chains) > DEEP or (kind in ("opening", "operator", "word") and sum(chains) > CHAIN)):
            deep = line
        line += token[0].count("\n")
    return Scan(frozenset(starts), deep)
