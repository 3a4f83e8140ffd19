"""Euclidean lengths of rows, with the unit vectors that their gradients need."""

import numpy as np


def distance(rows):
    """Each row's length and unit vector, over the last axis; a row of zeros has length 0 and the unit vector 0."""
    squares = (rows * rows).sum(axis=-1)
    zero = squares == 0
    length = np.sqrt(squares + zero)
    return length * ~zero, rows / length[..., None]
