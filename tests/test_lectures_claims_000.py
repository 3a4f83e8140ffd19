"""The listings of lecture 000 stand here as they stand in its text."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradproof.lectures.claims._listings import listing
from gradproof.lectures.claims.lecture_000._programs import AS_PRINTED

TEXTS = Path(__file__).resolve().parent.parent.parent / "shared" / "lectures"


@pytest.mark.skipif(not TEXTS.is_dir(), reason="the lectures' texts are not part of the repository")
@pytest.mark.parametrize("name", AS_PRINTED)
def test_listings_stand_as_in_the_text(name: str):
    first, last = AS_PRINTED[name]
    (path,) = TEXTS.glob("000_*.txt")
    text = [line.rstrip() for line in path.read_text(encoding="utf-8").split("\n")[first - 1 : last]]
    printed = [line for line in text if line and not line.startswith("```")]
    assert [line.rstrip() for line in listing(name).split("\n") if line.strip()] == printed
