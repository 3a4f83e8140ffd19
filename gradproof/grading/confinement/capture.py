"""Text from a submission: the head and the tail of it, made harmless to print."""

from __future__ import annotations

import re

# Control characters (but newline and tab), lone surrogates, and marks that turn the direction of writing.
_HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
REPLACEMENT = "\ufffd"
MULTIPLE = 16


def printable(text: str) -> str:
    """The text without what would command a terminal."""
    return _HARMFUL.sub(REPLACEMENT, text.replace("\r\n", "\n"))


class Capture:
    """What a submission prints: counted whole, kept in part. kept: bytes, half for the head and half for the tail."""

    def __init__(self, kept: int) -> None:
        self.half = max(kept // 2, 1)
        self.head = bytearray()
        self.tail = bytearray()
        self.count = 0

    def add(self, piece: bytes) -> None:
        self.count += len(piece)
        room = self.half - len(self.head)
        if room > 0:
            self.head += piece[:room]
            piece = piece[room:]
        self.tail += piece
        del self.tail[: -self.half]

    @property
    def excessive(self) -> bool:
        """Whether it is far more than is kept."""
        return self.count > MULTIPLE * 2 * self.half

    def text(self) -> str:
        """The head, a line that says how much is left out, and the tail."""
        left_out = self.count - len(self.head) - len(self.tail)
        gap = f"\n... {left_out} bytes left out ...\n".encode() if left_out > 0 else b""
        return printable(bytes(self.head + gap + self.tail).decode("utf-8", "replace"))
