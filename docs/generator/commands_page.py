"""The commands, from their argparse parsers: usage, arguments, options, defaults."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

from .markdown import code, fence, plain, table
from .markdown import page as joined

EXIT_CODES = """## Exit codes

| code | meaning |
| --- | --- |
| 0 | all agree |
| 1 | something is wrong or inaccurate |
| 2 | interrupted |
| 3 | an implementation or the judge broke |
| 4 | usage |
| 5 | nothing was compared |

A run that compared nothing never ends with 0. Results go to standard output, progress and notes to standard error.
"""


def commands(parser: argparse.ArgumentParser | None = None) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    """Every command as (its words, its one-line help, its parser), commands of commands after their own."""
    from gradproof.cli import _parser

    parser = parser or _parser()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            said = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, command in action.choices.items():
                yield command.prog, said.get(name, ""), command
                yield from commands(command)


def page() -> str:
    """The commands page."""
    every = sorted(commands(), key=lambda each: each[0])
    overview = [[f"[{code(name)}](#{_anchor(name)})", plain(said)] for name, said, _ in every]
    parts = [
        "# Commands",
        "Made from the command's own parsers. `gradproof COMMAND --help` says the same in a terminal. "
        "`python -m gradproof` is the same command.",
        table(["command", "what it does"], overview),
        EXIT_CODES,
    ]
    for name, said, parser in every:
        parts += _section(name, said, parser)
    return joined(parts)


def _anchor(name: str) -> str:
    return re.sub(r"[^a-z0-9_-]", "", name.lower().replace(" ", "-"))


def _section(name: str, said: str, parser: argparse.ArgumentParser) -> list[str]:
    usage = parser.format_usage().removeprefix("usage: ")
    rows = [_row(parser, action) for action in parser._actions if not isinstance(action, argparse._HelpAction)]
    sentence = parser.description or said
    sentence = sentence[:1].upper() + sentence[1:] + ("" if sentence.endswith(".") else ".") if sentence else ""
    return [f"## {name}", plain(sentence), fence(usage, "text"), table(["argument", "meaning", "default"], rows)]


def _row(parser: argparse.ArgumentParser, action: argparse.Action) -> list[str]:
    formatter = parser._get_formatter()
    said = formatter._expand_help(action) if action.help and action.help != argparse.SUPPRESS else ""
    if isinstance(action, argparse._SubParsersAction):
        return [code(action.metavar or "COMMAND"), plain("one of " + ", ".join(action.choices)), ""]
    if action.option_strings:
        metavar = formatter._get_default_metavar_for_optional(action)
        value = "" if action.nargs == 0 else formatter._format_args(action, metavar)
        word = ", ".join(code(f"{option} {value}".strip()) for option in action.option_strings)
    else:
        word = code(formatter._format_args(action, formatter._get_default_metavar_for_positional(action)))
    if action.choices:
        said = f"{said}{'; ' if said else ''}one of {', '.join(map(str, action.choices))}"
    return [word, plain(said), _default(action, said)]


def _default(action: argparse.Action, said: str) -> str:
    if action.default in (None, False, [], "", argparse.SUPPRESS) or "default" in said:
        return ""
    return code(action.default)
