"""The pictures that the lectures show: curves over a training, point sets with their decision boundary, digits.

Matplotlib is imported inside the functions, drawn through Agg without pyplot: no window, no global state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

MARKERS = "o^sDvP*X"  # classes are told apart in black and white too


def _figure(width: float, height: float) -> Any:
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise ValueError(
            "Matplotlib is not installed, so nothing can be plotted: pip install 'gradproof[lectures]'"
        ) from None
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _save(figure: Any, path: Path) -> Path:
    # Without the version and date that Matplotlib writes by default, the same run gives the same file.
    figure.savefig(path, dpi=120, metadata={"Software": None})
    return path


def check_available() -> None:
    """ValueError where Matplotlib is missing: said before a long training, not after it."""
    _figure(1, 1)


def curves(
    path: Path,
    series: Mapping[str, Sequence[float]],
    *,
    x: str,
    y: str,
    title: str = "",
    log: bool = False,
    at: Sequence[float] | None = None,
) -> Path:
    """Quantities over epochs or steps in one picture, each by its name; gaps where they are not finite.

    at: where on the x axis the values stand; 0, 1, 2, ... without it.
    """
    figure = _figure(6, 4)
    axes = figure.subplots()
    for name, values in series.items():
        numbers = np.asarray(values, dtype=float)
        places = np.arange(len(numbers)) if at is None else np.asarray(at)[: len(numbers)]
        shown = np.where(np.isfinite(numbers), numbers, np.nan)
        axes.plot(places, shown, label=name, marker="o" if len(numbers) <= 20 else None)
    axes.set(xlabel=x, ylabel=y, title=title, yscale="log" if log else "linear")
    if len(series) > 1:
        axes.legend()
    axes.grid(alpha=0.3)
    return _save(figure, path)


def boundary(
    path: Path,
    points: np.ndarray,
    labels: np.ndarray,
    score: Callable[[np.ndarray], np.ndarray] | None = None,
    *,
    level: float = 0.5,
    title: str = "",
    names: tuple[str, str] = ("x1", "x2"),
) -> Path:
    """A point set (N, 2) with its labels (N,), and where `score` of points (M, 2) -> (M,) crosses `level`.

    names: of the two axes.
    """
    figure = _figure(5, 4.5)
    axes = figure.subplots()
    if score is not None:
        low, high = points.min(axis=0), points.max(axis=0)
        margin = 0.25 * np.maximum(high - low, 0.1)
        across, up = (np.linspace(low[k] - margin[k], high[k] + margin[k], 200) for k in (0, 1))
        grid = np.stack(np.meshgrid(across, up), axis=-1)
        values = np.asarray(score(grid.reshape(-1, 2))).reshape(grid.shape[:2])
        shades = axes.contourf(across, up, values, levels=20, cmap="RdBu_r", alpha=0.5)
        figure.colorbar(shades, ax=axes)
        if values.min() < level < values.max():
            axes.contour(across, up, values, levels=[level], colors="black")
    for number, label in enumerate(np.unique(labels)):
        chosen = points[labels == label]
        axes.scatter(*chosen.T, marker=MARKERS[number % len(MARKERS)], edgecolors="black", label=f"{label:g}")
    axes.set(xlabel=names[0], ylabel=names[1], title=title)
    axes.legend(title="y")
    return _save(figure, path)


def pictures(path: Path, images: np.ndarray, captions: Sequence[str], *, columns: int = 10) -> Path:
    """Images (N, rows, columns) in grey, each with its caption."""
    across = min(columns, len(images))
    down = -(-len(images) // across)
    figure = _figure(1.1 * across, 1.35 * down)
    every = figure.subplots(down, across, squeeze=False).ravel()
    for axes in every:
        axes.axis("off")
    for axes, image, caption in zip(every, images, captions, strict=False):
        axes.imshow(image, cmap="gray_r", interpolation="nearest")
        axes.set_title(caption, fontsize=8)
    return _save(figure, path)
