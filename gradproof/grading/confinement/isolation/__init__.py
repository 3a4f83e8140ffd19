"""The isolation ladder: how strictly a submission can be confined on this machine, best rung first."""

from __future__ import annotations

from .ladder import LEVELS, PROMISES, Level, best, describe, level, require

__all__ = ["LEVELS", "PROMISES", "Level", "best", "describe", "level", "require"]
