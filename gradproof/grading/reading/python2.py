"""Python 2: what its syntax looks like to Python 3, and its names, each with the modern spelling."""

from __future__ import annotations

import re

from .record import Problem, shown
from .scanning import scan

# (what it is, pattern at the start of a statement or anywhere, the modern spelling)
_SYNTAX = (
    ("the print statement", re.compile(r"^\s*(?:[^#'\"]*:\s*)?print(?:\s+[^\s(=.,)\]]|\s*>>|\s*$)"), "print(...)"),
    ("`except E, e`", re.compile(r"^\s*except\s+[\w.()]+(?:\s*,\s*[\w. ]+\))?\s*,\s*\w+\s*:"), "except E as e:"),
    ("`raise E, message`", re.compile(r"^\s*(?:[^#'\"]*:\s*)?raise\s+[\w.]+\s*,"), "raise E(message)"),
    ("the exec statement", re.compile(r"^\s*exec\s+[^\s(=]"), "exec(...)"),
    ("`<>`", re.compile(r"^[^#'\"]*<>"), "!="),
    ("backquotes", re.compile(r"^[^#'\"]*`[^`]+`"), "repr(...)"),
    ("a long integer", re.compile(r"^(?:[^#'\"]*[^\w#'\"])?\d+[lL]\b"), "the number without L"),
    ("an octal number", re.compile(r"^(?:[^#'\"]*[^\w.#'\"])?0[0-7]+\b(?![.\w])"), "0o..."),
    ("a string with ur", re.compile(r"^(?:[^#'\"]*\W)?[uU][rR]['\"]"), 'r"..."'),
    (
        "a tuple among the parameters",
        re.compile(r"^\s*def\s+\w+\s*\([^)=]*\([^)]*\)[^)]*\)\s*:"),
        "one name, unpacked inside",
    ),
)
_TUPLES = re.compile(r"lambda\s*\([^)]*\)\s*:")

NAMES = {
    "xrange": "range",
    "raw_input": "input",
    "unicode": "str",
    "basestring": "str",
    "long": "int",
    "unichr": "chr",
    "reduce": "functools.reduce",
    "execfile": "exec(open(...).read())",
    "cmp": "(a > b) - (a < b)",
    "apply": "f(*arguments)",
    "reload": "importlib.reload",
    "file": "open",
    "intern": "sys.intern",
    "buffer": "memoryview",
    "coerce": "a plain conversion",
}
METHODS = {
    "iteritems": "items()",
    "itervalues": "values()",
    "iterkeys": "keys()",
    "has_key": "`key in d`",
    "viewitems": "items()",
    "viewvalues": "values()",
    "viewkeys": "keys()",
}
MODULES = {
    "cPickle": "pickle",
    "cStringIO": "io",
    "StringIO": "io",
    "ConfigParser": "configparser",
    "Queue": "queue",
    "Tkinter": "tkinter",
    "urllib2": "urllib.request",
    "urlparse": "urllib.parse",
    "httplib": "http.client",
    "copy_reg": "copyreg",
    "commands": "subprocess",
    "sets": "set",
    "itertools.izip": "zip",
    "itertools.imap": "map",
    "itertools.ifilter": "filter",
    "itertools.izip_longest": "itertools.zip_longest",
    "sys.maxint": "sys.maxsize",
    "os.getcwdu": "os.getcwd()",
    "string.letters": "string.ascii_letters",
    "string.maketrans": "str.maketrans",
    "string.join": '"".join(...)',
    "string.lowercase": "string.ascii_lowercase",
    "string.uppercase": "string.ascii_uppercase",
}
# What `future` and `six` stand in for; neither is there while grading.
SHIMS = {
    "xrange": "range",
    "range": "range",
    "zip": "zip",
    "map": "map",
    "filter": "filter",
    "input": "input",
    "raw_input": "input",
    "unicode": "str",
    "basestring": "str",
    "str": "str",
    "long": "int",
    "int": "int",
    "unichr": "chr",
    "text_type": "str",
    "string_types": "(str,)",
    "integer_types": "(int,)",
    "reduce": '__import__("functools").reduce',
    "zip_longest": '__import__("itertools").zip_longest',
    "cPickle": '__import__("pickle")',
    "iteritems": "(lambda d: iter(d.items()))",
    "itervalues": "(lambda d: iter(d.values()))",
    "iterkeys": "(lambda d: iter(d.keys()))",
    "old_div": "(lambda a, b: a // b if isinstance(a, int) and isinstance(b, int) else a / b)",
    "PY2": "False",
    "PY3": "True",
}
SHIM_MODULES = (
    "past.builtins",
    "past.utils",
    "past",
    "six.moves",
    "six",
    "future.utils",
    "future.builtins",
    "builtins",
)


def python2_syntax(text: str, file: str, cell: int = 0) -> list[Problem]:
    """One problem for each Python 2 construct in a text that Python 3 refused, at its first line."""
    starts = scan(text).starts
    found: dict[str, list[int]] = {}
    quoted: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if number not in starts or len(line) > 300:  # the patterns take more than linear time
            continue
        for what, pattern, _ in _SYNTAX:
            if pattern.search(line):
                found.setdefault(what, []).append(number)
                quoted.setdefault(what, line.strip())
        if _TUPLES.search(line):
            found.setdefault("a tuple among the parameters", []).append(number)
            quoted.setdefault("a tuple among the parameters", line.strip())
    modern = {what: spelling for what, _, spelling in _SYNTAX}
    return [
        Problem(
            "python2",
            file,
            lines[0],
            f"{what} is Python 2 (`{shown(quoted[what])}`); write {modern[what]}{also(lines)}",
            cell,
        )
        for what, lines in found.items()
    ]


def also(lines: list[int]) -> str:
    """The further lines of a problem: ", also in lines 5 and 9"."""
    rest = [str(n) for n in lines[1:6]]
    if not rest:
        return ""
    more = f" and {len(lines) - 6} more" if len(lines) > 6 else ""
    return f", also in line{'s' if len(rest) > 1 else ''} {', '.join(rest)}{more}"


def keeps_python2(text: str) -> bool:
    """Whether a text that parses shows that it was written for Python 2."""
    return bool(
        re.search(r"\b(?:xrange|raw_input|iteritems|itervalues|has_key|basestring)\b|from __future__ import", text)
    )
