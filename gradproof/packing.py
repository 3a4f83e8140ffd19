"""Several outputs as one vector: the judge differentiates one array, whatever a forward returns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np


def joined(outputs: Sequence[Any]) -> Any:
    """All entries of several outputs in one vector, in order."""
    return np.concatenate([np.ravel(part) for part in outputs])


def split(vector: Any, shapes: Sequence[tuple[int, ...]]) -> list[Any]:
    """What `joined` put together, in these shapes again; an output that is a scalar comes as one."""
    parts, start = [], 0
    for shape in shapes:
        part = vector[start : start + math.prod(shape)].reshape(shape)
        parts.append(part if shape else part[()])
        start += math.prod(shape)
    return parts
