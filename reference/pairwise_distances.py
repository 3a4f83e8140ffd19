"""Distances of every row of one matrix to every row of another: what a nearest-neighbour classifier compares."""

from ._checks import check_option, check_rank, check_shape
from ._distance import distance
from ._domain import real
from ._op import Op

KINDS = ("squared", "euclidean")


def pairwise_distances_forward(a, b, kind="squared"):
    """Distances of all pairs of rows, y_ij = |a_i - b_j|^2, or its square root.

    a: (N, D); b: (M, D), floating. Returns y (N, M) and the cache. kind: "squared" or "euclidean".
    From the differences, not as |a|^2 - 2 a b + |b|^2, which loses the digits of points that are near each other.
    ValueError where a shape does not fit or the kind is unknown.
    """
    check_option("kind", kind, KINDS)
    check_rank("a", a, 2, "(N, D)")
    check_rank("b", b, 2, "(M, D)")
    check_shape("b", b, (len(b), a.shape[1]), f"since a has shape {a.shape}")
    apart = a[:, None] - b
    if kind == "squared":
        return (apart * apart).sum(axis=2), 2 * apart
    return distance(apart)


def pairwise_distances_backward(dy, cache):
    """da_i = sum_j dy_ij s_ij, db_j = -sum_i dy_ij s_ij, with s = 2 (a - b), or the unit vector (a - b) / |a - b|.

    The distance of two equal points has no derivative; it is taken as 0.
    """
    slopes = dy[:, :, None] * cache
    return slopes.sum(axis=1), -slopes.sum(axis=0)


OP = Op(
    name="pairwise_distances",
    forward=pairwise_distances_forward,
    backward=pairwise_distances_backward,
    inputs=(real("a", "N D"), real("b", "M D")),
    options={"kind": KINDS},
    empty=("N", "M"),
    excluded={
        "integers": "equal points, whose distance has no derivative",
        "tiny": "squares of the differences underflow in float32",
    },
    cite="Stanford CS231n, Image Classification, 'Nearest Neighbor Classifier'",
)
