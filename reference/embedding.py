"""Embedding: each word's index replaced by its row of a table."""

import numpy as np

from ._checks import check_index, check_rank
from ._domain import labels, real
from ._op import Op


def embedding_forward(x, w):
    """Embedding y_nt = w[x_nt]: rows of a table, one for each index.

    x: (N, T), integers 0 to V - 1; w: (V, D), floating. Returns y (N, T, D) and the cache.
    ValueError where a shape or an index does not fit.
    """
    check_rank("x", x, 2, "(N, T)")
    check_rank("w", w, 2, "(V, D)")
    check_index("x", x, len(w))
    return w[x], (x, w)


def embedding_backward(dy, cache):
    """dw (V, D): the sum of dy (N, T, D) over every place where a row's index stands; zero for an index that has none.

    np.add.at adds an index that stands twice twice; dw[x] += dy would add it once.
    """
    x, w = cache
    dw = np.zeros_like(w)
    np.add.at(dw, x, dy)
    return (dw,)


OP = Op(
    name="embedding",
    forward=embedding_forward,
    backward=embedding_backward,
    inputs=(labels("x", "N T", classes="V"), real("w", "V D")),
    cite="Bengio, Ducharme, Vincent, Jauvin, A Neural Probabilistic Language Model, JMLR 3 (2003); "
    "Stanford CS231n, assignment 3: Image Captioning with Vanilla RNNs, 'Word embedding'",
)
