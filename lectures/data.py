"""The data that the systems are trained on: printed points, generated point sets, small and real digits.

Nothing is downloaded. Points are float64 of shape (N, D), class labels int64 of shape (N,).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .idx import read_idx

# ADF, Machine Learning: Backpropagation, 'Gradient Descent Example': x1, x2 and y of four points.
FOUR_POINTS = np.array([[-0.1, 0.2], [0.1, 0.8], [0.9, -0.2], [0.8, 0.8]])
FOUR_TARGETS = np.array([[0.0], [0.0], [0.0], [1.0]])

# ADF, 'XOR Gate Example'.
XOR = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR_TARGETS = np.array([[0.0], [1.0], [1.0], [0.0]])

# Wu, Training of Multi-Layer Neural Network, 'Data': the digits 1 to 5 in five rows of five.
_DIGITS = """
01100 11110 11110 00010 11111
00100 00001 00001 00110 10000
00100 01110 01110 01010 11110
00100 10000 00001 11111 00001
01110 11111 11110 00010 11110
"""

POINT_SETS = ("linearly_separable", "non_linearly_separable", "circles")


def five_digits() -> tuple[np.ndarray, np.ndarray]:
    """Wu's five digits: images (5, 25) of 0 and 1, one row a digit, and one-hot targets (5, 5)."""
    rows = [line.split() for line in _DIGITS.split("\n") if line]
    images = [[float(pixel) for row in rows for pixel in row[digit]] for digit in range(5)]
    return np.array(images), np.eye(5)


def one_hot(labels: np.ndarray, classes: int, dtype: str = "float64") -> np.ndarray:
    """Rows with a single one: (N, C) from integer labels (N,). ValueError for a label outside 0 to C - 1."""
    if labels.size and not (labels.min() >= 0 and labels.max() < classes):
        worst = labels.max() if labels.max() >= classes else labels.min()
        raise ValueError(f"label {worst} is outside 0 to {classes - 1}, the {classes} classes")
    return np.eye(classes, dtype=dtype)[labels]


def points(name: str, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """One of `POINT_SETS`: n points (n, 2) and their labels 0 or 1 (n,), about half of each.

    linearly_separable: two clouds with a line between them. non_linearly_separable: four clouds, the opposite
    ones of one class. circles: a disc within a ring. They stand for the text files of the same names that Wu,
    Training of Multi-Layer Neural Network, 'Limitations of the Single Layer', shows and does not print.
    """
    if name not in POINT_SETS:
        raise ValueError(f"there is no point set {name!r}; one of {', '.join(POINT_SETS)}")
    if n < 2:
        raise ValueError(f"a point set of {n} points has no two classes; ask for 2 or more")
    labels = rng.permutation(np.arange(n) % 2)
    noise = rng.uniform(-0.4, 0.4, (n, 2))
    if name == "linearly_separable":
        return noise + np.where(labels[:, None] == 1, 0.6, -0.6), labels
    if name == "non_linearly_separable":
        corner = rng.choice([-0.5, 0.5], n)
        return noise + np.stack([corner, np.where(labels == 1, corner, -corner)], axis=1), labels
    angle = rng.uniform(0, 2 * np.pi, n)
    radius = np.where(labels == 1, rng.uniform(0, 0.5, n), rng.uniform(0.7, 1.0, n))
    return radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1), labels


@dataclass(frozen=True)
class Images:
    """Labelled images, split for training and testing.

    x, x_test: (N, D), floating, in [0, 1], one flattened image a row; labels, labels_test: (N,), int64.
    shape: rows and columns of an image.
    """

    name: str
    x: np.ndarray
    labels: np.ndarray
    x_test: np.ndarray
    labels_test: np.ndarray
    shape: tuple[int, int]
    classes: int = 10

    @property
    def y(self) -> np.ndarray:
        """One-hot targets of the training images."""
        return one_hot(self.labels, self.classes, self.x.dtype.name)

    @property
    def y_test(self) -> np.ndarray:
        """One-hot targets of the test images."""
        return one_hot(self.labels_test, self.classes, self.x.dtype.name)


def images(folder: Path | str | None = None, dtype: str = "float64") -> Images:
    """MNIST from `folder`, or from the folder in the environment's GRADPROOF_MNIST, or scikit-learn's small digits."""
    folder = folder or os.environ.get("GRADPROOF_MNIST")
    return mnist(folder, dtype) if folder else small_digits(dtype)


def small_digits(dtype: str = "float64") -> Images:
    """The 1797 digits of 8 x 8 that scikit-learn carries: the last 360 are the test images."""
    try:
        from sklearn.datasets import load_digits  # type: ignore[import-untyped]
    except ModuleNotFoundError:
        raise ValueError(
            "scikit-learn is not installed, so its small digits are missing: pip install 'gradproof[lectures]', "
            "or name a folder with MNIST's IDX files"
        ) from None
    digits = load_digits()
    x, labels = (digits.data / 16).astype(dtype), digits.target.astype(np.int64)
    return Images("digits", x[:-360], labels[:-360], x[-360:], labels[-360:], (8, 8))


def mnist(folder: Path | str, dtype: str = "float64") -> Images:
    """MNIST from its four IDX files, plain or with .gz, under the names that they are published by.

    ValueError for a folder without them, for a file that is no IDX file, and for files that do not fit together.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(f"there is no folder {folder}; name the one that holds MNIST's IDX files")
    halves = []
    for half in ("train", "t10k"):
        pixels_file, labels_file = (
            _find(folder, f"{half}-{kind}") for kind in ("images-idx3-ubyte", "labels-idx1-ubyte")
        )
        pixels, labels = read_idx(pixels_file, 3), read_idx(labels_file, 1)
        if len(pixels) != len(labels):
            raise ValueError(
                f"{pixels_file} holds {len(pixels)} images and {labels_file} {len(labels)} labels; they must be as many"
            )
        if not pixels.size or labels.max() > 9:
            what = "no image" if not pixels.size else f"the label {labels.max()}; expected digits 0 to 9"
            raise ValueError(f"{labels_file if pixels.size else pixels_file} holds {what}")
        halves.append((pixels, labels.astype(np.int64)))
    (train, train_labels), (test, test_labels) = halves
    if train.shape[1:] != test.shape[1:]:
        sizes = f"{train.shape[1:]} pixels and test images {test.shape[1:]}"
        raise ValueError(f"training images in {folder} are {sizes}; they must agree")
    return Images("MNIST", _scaled(train, dtype), train_labels, _scaled(test, dtype), test_labels, train.shape[1:])


def _find(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise ValueError(f"{folder} holds neither {name} nor {name}.gz; MNIST's four IDX files belong there")


def _scaled(pixels: np.ndarray, dtype: str) -> np.ndarray:
    """(N, rows, columns) bytes as (N, rows * columns) numbers from 0 to 1."""
    return (pixels.reshape(len(pixels), -1) / np.asarray(255, dtype=dtype)).astype(dtype, copy=False)
