"""Bytes of a file to text with plain line ends, as Python would read them, and kinder where an editor slipped."""

from __future__ import annotations

import codecs
import re

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_COOKIE_TEXT = re.compile(r"^([ \t\f]*#.*?)coding([:=][ \t]*[-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:[#\r\n]|$)")
_FORMATS = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a zip archive (or a Word file)"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x7fELF", "a compiled program"),
    (b"MZ\x90", "a compiled program"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"{\\rtf", "a rich-text document"),
    (b"\xd0\xcf\x11\xe0", "an old Word file"),
    (b"\x93NUMPY", "a saved array"),
)


class NotText(ValueError):
    """The file is no text; the message says what it seems to be."""


def decode(content: bytes) -> tuple[str, str]:
    """(text with \\n line ends, a note or ""). NotText for binary content.

    A byte order mark, UTF-16 with one, and an encoding declaration in the first two lines (PEP 263) are honoured.
    What is declared nothing and is not UTF-8 is read as Windows-1252, of which Latin-1's letters are a part.
    """
    for magic, what in _FORMATS:
        if content.startswith(magic):
            raise NotText(f"it is {what}, not text; save the code as a plain text file")
    text, note = _text(content)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise NotText("it holds null bytes and is no text file; save the code as a plain text file in UTF-8")
    return _undeclared(text), note


def _text(content: bytes) -> tuple[str, str]:
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            try:
                return content.decode("utf-8-sig" if encoding == "utf-8" else encoding), (
                    "" if encoding == "utf-8" else "it is saved in UTF-16, which Python does not run; save it in UTF-8"
                )
            except UnicodeDecodeError:
                break
    declared = _declared(content)
    if declared:
        try:
            return content.decode(declared), ""
        except (UnicodeError, ValueError):
            pass
    try:
        return content.decode("utf-8"), ""
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
    return content.decode(
        "cp1252", "replace"
    ), f"line {line} is not UTF-8; it is read as Windows-1252: save it in UTF-8"


def _declared(content: bytes) -> str:
    for line in content.split(b"\n", 2)[:2]:
        found = _COOKIE.match(line)
        if found:
            try:
                codec = codecs.lookup(found[1].decode("ascii", "replace"))
            except (LookupError, ValueError):
                return ""
            known_text = getattr(codec, "_is_text_encoding", True)  # rot13 and zlib turn text to text, bytes to bytes
            return codec.name if known_text and codec.name not in ("unicode_escape", "raw_unicode_escape") else ""
        if not _BLANK.match(line):
            return ""
    return ""


def _undeclared(text: str) -> str:
    """The declaration made void: the cleaned text is written in UTF-8 whatever the file was."""
    lines = text.split("\n", 2)
    for i, line in enumerate(lines[:2]):
        if "utf" not in line.lower():
            lines[i] = _COOKIE_TEXT.sub(r"\1encoded\2", line) if _COOKIE_TEXT.match(line) else line
    return "\n".join(lines)
