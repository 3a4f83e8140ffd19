"""Generic points at which a gradient is judged."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def normal(**shapes: tuple[int, ...]) -> Callable[[np.random.Generator], dict[str, np.ndarray]]:
    """A gradient's `point`: each input standard normal, of the shape given for its name."""
    return lambda rng: {name: np.asarray(rng.standard_normal(shape)) for name, shape in shapes.items()}
