"""A self-organising map finds clusters in points without labels, and what belongs to none of them."""

import numpy as np

from .. import plotting
from .._system import Gradient, Outcome, Run, System
from ..training import batches
from ._points import normal

GRID = (6, 6)
RATE, LAST_RATE, RADIUS, LAST_RADIUS = 0.5, 0.05, 3.0, 0.3
CENTRES = np.array([[-1.0, -1.0], [-0.8, 1.0], [1.0, 0.9], [0.9, -0.8]])
SHARES, SPREAD, APART = (0.4, 0.3, 0.2, 0.1), 0.15, 0.7


def nearness(shape, radius):
    """exp(-d^2 / (2 radius^2)) for units d apart on a grid of `shape`, (units, units); radius 0: the unit itself."""
    places = np.argwhere(np.ones(shape))
    squares = ((places[:, None] - places) ** 2).sum(axis=2)
    return np.exp(-squares / (2 * radius**2)) if radius else np.eye(len(places))


def map_forward(x, units, near):
    """1/2 the sum over points i and units j of near[winner of i, j] |x_i - w_j|^2; the winner is the nearest unit.

    x: (N, D); units: (P, Q, D), on a grid; near: (P Q, P Q), constant, as `nearness` gives it. Of units at the same
    distance the first wins. Where no winner is about to change, the winners are constants, and the gradient is that
    of a sum of squares; where one changes, the loss jumps, but not with `near` the identity.
    """
    apart = x[:, None, :] - units.reshape(-1, units.shape[2])
    squares = (apart**2).sum(axis=2)
    share = near[squares.argmin(axis=1)]
    return (share * squares).sum() / 2, (apart, share, units.shape)


def map_backward(dloss, cache):
    """dx, dunits. A step down it moves the winner, and less its neighbours, towards the point: Kohonen's rule."""
    apart, share, shape = cache
    pull = dloss * share[:, :, None] * apart
    return pull.sum(axis=1), -pull.sum(axis=0).reshape(shape)


def nearest(x, units):
    """Number of each point's winner (N,), and the distance to it."""
    squares = ((x[:, None, :] - units.reshape(-1, units.shape[2])) ** 2).sum(axis=2)
    return squares.argmin(axis=1), np.sqrt(squares.min(axis=1))


def winning(x, units):
    """The units that win a point of x, as a map of one row (1, K, D): the others lie between clusters."""
    return units.reshape(-1, units.shape[2])[None, np.unique(nearest(x, units)[0])]


def clusters(x, units):
    """A cluster for each unit, -1 for those that win no point: units are joined, nearest first, up to the widest gap.

    The gap is the largest difference between one joint and the next; how many clusters there are follows from it.
    """
    flat = units.reshape(-1, units.shape[2])
    winners = np.unique(nearest(x, units)[0])
    apart = np.sqrt(((flat[winners, None] - flat[winners]) ** 2).sum(axis=2))
    group, joints = np.arange(len(winners)), []
    for i, j in zip(*np.unravel_index(np.argsort(apart, axis=None, kind="stable"), apart.shape), strict=True):
        if group[i] != group[j]:
            joints.append((apart[i, j], group.copy()))
            group = np.where(group == group[j], group[i], group)
    if len(joints) > 1:
        lengths = np.array([length for length, _ in joints])
        group = joints[int(np.diff(lengths).argmax()) + 1][1]
    found = np.full(len(flat), -1)
    found[winners] = np.unique(group, return_inverse=True)[1]
    return found


def points(n, rng):
    """n points (n, 2) around `CENTRES`, and which centre each is of (n,), which the map is never told."""
    labels = rng.choice(len(CENTRES), n, p=SHARES)
    return CENTRES[labels] + SPREAD * rng.standard_normal((n, 2)), labels


def strays(n, rng):
    """n points of the square around the clusters, none nearer than APART to a centre."""
    x = rng.uniform(-2, 2, (40 * n, 2))
    return x[(((x[:, None] - CENTRES) ** 2).sum(axis=2) > APART**2).all(axis=1)][:n]


def train(x, run, rng):
    """Point by point, rate and radius shrinking from epoch to epoch; returns the units before and after."""
    units = x.mean(axis=0) + 0.1 * rng.standard_normal((*GRID, x.shape[1]))
    start = units.copy()
    for epoch in range(run.epochs):
        done = epoch / max(1, run.epochs - 1)
        near = nearness(GRID, RADIUS * (LAST_RADIUS / RADIUS) ** done)
        rate = RATE * (LAST_RATE / RATE) ** done
        for rows in batches(len(x), 1, rng):
            _, cache = map_forward(x[rows], units, near)
            units -= rate * map_backward(1.0, cache)[1]
        distance = nearest(x, units)[1]
        run.history.add(epoch=epoch, loss=(distance**2).mean() / 2, farthest=distance.max())
        run.progress(epoch + 1)
    return start, units


def run(run: Run) -> Outcome:
    """Trained on points alone; then judged by the labels of new points, and by strays among them."""
    rng = np.random.default_rng(run.seed)
    x, _ = points(100 if run.size == "small" else 500, rng)
    start, units = train(x, run, rng)
    of_unit = clusters(x, units)
    x_new, labels = points(200, rng)
    odd = strays(40, rng)
    own, kept = of_unit[nearest(x_new, units)[0]], winning(x, units)
    distance, limit = nearest(x_new, kept)[1], 1.5 * np.quantile(nearest(x, kept)[1], 0.99)
    flagged = (nearest(odd, kept)[1] > limit).sum()
    pure = sum(np.bincount(labels[own == k]).max() for k in range(of_unit.max() + 1) if (own == k).any())
    lines = (
        f"{of_unit.max() + 1} clusters found among {len(x)} points without labels; {len(CENTRES)} were put in",
        f"{pure / len(labels):.1%} of {len(labels)} new points are in the cluster of their own kind",
        f"farther than {limit:.3f} from every unit that won a point, and so flagged: {flagged} of {len(odd)} strays, "
        f"{(distance > limit).sum()} of {len(labels)} others",
    )
    shown = {"x": x, "cluster": of_unit[nearest(x, units)[0]], "strays": odd, "limit": np.array(limit)}
    return Outcome(lines, {"start": start, "units": units, "of_unit": of_unit, **shown})


def gaps(units):
    """Mean distance of each unit to its neighbours on the grid, (P, Q): dark borders between clusters when drawn."""
    places = np.argwhere(np.ones(units.shape[:2]))
    beside = ((places[:, None] - places) ** 2).sum(axis=2) == 1
    flat = units.reshape(len(places), -1)
    apart = np.sqrt(((flat[:, None] - flat) ** 2).sum(axis=2))
    return ((apart * beside).sum(axis=1) / beside.sum(axis=1)).reshape(units.shape[:2])


def plot(outcome, records, folder):
    kept = outcome.arrays
    flat = kept["units"].reshape(-1, 2)
    every = np.concatenate([kept["x"], kept["strays"], flat])
    groups = np.concatenate([kept["cluster"], np.full(len(kept["strays"]), -1), np.full(len(flat), -2)])
    counts = np.bincount(nearest(kept["x"], kept["units"])[0], minlength=len(flat)).reshape(GRID)
    winners, losses = winning(kept["x"], kept["units"]), {"loss": [r["loss"] for r in records]}
    pictures = np.stack([gaps(kept["units"]), counts / counts.max(), kept["of_unit"].reshape(GRID)])
    return [
        plotting.curves(folder / "loss.png", losses, x="epoch", y="1/2 mean squared distance", log=True),
        plotting.boundary(
            folder / "map.png",
            every,
            groups,
            lambda p: nearest(p, winners)[1],
            level=float(kept["limit"]),
            title="distance to the nearest winning unit; -1 stray, -2 unit",
        ),
        plotting.pictures(folder / "grid.png", pictures, ("gaps", "points", "clusters")),
    ]


_GRADIENT_GRID = (3, 4)


def _map_forward(x, units):
    return map_forward(x, units, nearness(_GRADIENT_GRID, 1.0).astype(x.dtype))


def _winner_forward(x, units):
    return map_forward(x, units, nearness(_GRADIENT_GRID, 0).astype(x.dtype))


_POINT = normal(x=(6, 2), units=(*_GRADIENT_GRID, 2))

SYSTEM = System(
    name="unsupervised",
    lecture="002",
    headings=("Unsupervised Learning",),
    summary="a self-organising map finds clusters and anomalies in points without labels",
    run=run,
    epochs=30,
    plot=plot,
    gradients=(
        Gradient("self_organising_map", _map_forward, map_backward, _POINT),
        Gradient("competitive_layer", _winner_forward, map_backward, _POINT),
    ),
)
