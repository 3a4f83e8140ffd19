"""A convolutional network on digits: convolution, ReLU, max pooling, a fully connected layer, softmax."""

import numpy as np

from gradproof.reference.affine import affine_backward, affine_forward
from gradproof.reference.relu import relu_backward, relu_forward
from gradproof.reference.softmax_cross_entropy import softmax_cross_entropy_backward, softmax_cross_entropy_forward

from .. import data, plotting
from .._system import Gradient, Outcome, Run, System
from ..training import accuracy, fit
from ._points import normal

NAMES = ("kernels", "biases", "w", "b")
KERNELS, POOL, BATCH, RATE = 8, 2, 32, 0.3
CHUNK = 1000  # test images at a time: their windows are many times their size


def convolution_forward(x, kernels, biases):
    """y[n, f, i, j] = biases[f] + sum over c, r, s of x[n, c, i + r, j + s] kernels[f, c, r, s].

    The kernels are not turned over: it is what every framework calls convolution, and is cross-correlation. No
    padding, steps of one pixel. x: (N, C, rows, columns); kernels: (F, C, R, S); biases: (F,).
    y: (N, F, rows - R + 1, columns - S + 1), one matrix product over all windows of x.
    """
    windows = np.lib.stride_tricks.sliding_window_view(x, kernels.shape[2:], axis=(2, 3))
    n, _, rows, columns, *_ = windows.shape
    matrix = windows.transpose(1, 4, 5, 0, 2, 3).reshape(kernels[0].size, -1)  # a window down each column
    y = kernels.reshape(len(kernels), -1) @ matrix + biases[:, None]
    return y.reshape(-1, n, rows, columns).swapaxes(0, 1), (matrix, kernels, x.shape)


def convolution_backward(dy, cache):
    """dx, dkernels, dbiases: each window's gradient is added to the pixels that it was taken from."""
    matrix, kernels, (n, channels, height, width) = cache
    _, filters, rows, columns = dy.shape
    flat = dy.swapaxes(0, 1).reshape(filters, -1)
    dkernels = (flat @ matrix.T).reshape(kernels.shape)
    dwindows = (kernels.reshape(filters, -1).T @ flat).reshape(*kernels.shape[1:], n, rows, columns)
    dx = np.zeros((channels, n, height, width), dtype=dwindows.dtype)
    for r, s in np.ndindex(kernels.shape[2:]):
        dx[:, :, r : r + rows, s : s + columns] += dwindows[:, r, s]
    return dx.swapaxes(0, 1), dkernels, flat.sum(axis=1)


def max_pool_forward(x, size):
    """The largest of each `size` x `size` pixels that do not overlap; x: (N, C, rows, columns), both multiples of it.

    Of equal ones the first, row by row, is the largest: it gets the whole gradient. ValueError for other sizes.
    """
    rows, columns = x.shape[2:]
    if rows % size or columns % size:
        raise ValueError(
            f"maps of {rows} x {columns} do not divide into {size} x {size}; choose other kernels or pools"
        )
    top, place = x[:, :, ::size, ::size], 0
    for k in range(1, size * size):
        pixels = x[:, :, k // size :: size, k % size :: size]
        larger = pixels > top
        top, place = np.where(larger, pixels, top), np.where(larger, k, place)
    return top, (place, size, x.shape)


def max_pool_backward(dy, cache):
    """dx: dy where the largest pixel was, zero elsewhere."""
    place, size, shape = cache
    pixels = np.stack([dy * (place == k) for k in range(size * size)])
    return (pixels.reshape(size, size, *dy.shape).transpose(2, 3, 4, 0, 5, 1).reshape(shape),)


def convolutional_forward(x, kernels, biases, w, b, target):
    """Mean cross-entropy of convolution, ReLU, pooling, affine, softmax.

    x: (N, C, rows, columns); w: (F * pooled pixels, classes); b: (classes,); target: (N,), labels.
    """
    maps, at_convolution = convolution_forward(x, kernels, biases)
    active, at_relu = relu_forward(maps)
    pooled, at_pool = max_pool_forward(active, POOL)
    scores, at_affine = affine_forward(pooled.reshape(len(x), -1), w, b)
    loss, at_loss = softmax_cross_entropy_forward(scores, target)
    return loss, (at_convolution, at_relu, at_pool, pooled.shape, at_affine, at_loss)


def convolutional_backward(dloss, cache):
    """dx, dkernels, dbiases, dw, db: each step's backward, last step first."""
    at_convolution, at_relu, at_pool, shape, at_affine, at_loss = cache
    (dscores,) = softmax_cross_entropy_backward(dloss, at_loss)
    dflat, dw, db = affine_backward(dscores, at_affine)
    (dactive,) = max_pool_backward(dflat.reshape(shape), at_pool)
    (dmaps,) = relu_backward(dactive, at_relu)
    return *convolution_backward(dmaps, at_convolution), dw, db


def network(p, x, labels):
    loss, cache = convolutional_forward(x, *(p[n] for n in NAMES), labels)
    return loss, dict(zip(NAMES, convolutional_backward(1.0, cache)[1:], strict=True))


def scores(p, x):
    """The last layer's scores (N, classes)."""
    maps = [relu_forward(convolution_forward(x[k : k + CHUNK], p["kernels"], p["biases"])[0])[0]
            for k in range(0, len(x), CHUNK)]  # fmt: skip
    pooled = np.concatenate([max_pool_forward(m, POOL)[0] for m in maps])
    return affine_forward(pooled.reshape(len(x), -1), p["w"], p["b"])[0]


def initial(shape, rng, dtype="float64", classes=10):
    """Kernels of 3 x 3 for images of up to 16 x 16, of 5 x 5 above; N(0, 2/inputs) for ReLU, zero biases."""
    side = 3 if max(shape) <= 16 else 5
    inputs = KERNELS * int(np.prod([(pixels - side + 1) // POOL for pixels in shape]))
    p = {
        "kernels": rng.standard_normal((KERNELS, 1, side, side)) * np.sqrt(2) / side,
        "biases": np.zeros(KERNELS),
        "w": rng.standard_normal((inputs, classes)) * np.sqrt(2 / inputs),
        "b": np.zeros(classes),
    }
    return {name: value.astype(dtype) for name, value in p.items()}


def run(run: Run) -> Outcome:
    """Mini-batches over digits, the small ones or MNIST."""
    rng = np.random.default_rng(run.seed)
    images = data.images(run.mnist, "float32")
    x, x_test = (every.reshape(-1, 1, *images.shape) for every in (images.x, images.x_test))
    keep = 200 if run.size == "small" else len(x)
    start = initial(images.shape, rng, "float32")

    def measure(p):
        return {"accuracy": accuracy(scores(p, x_test), images.labels_test)}

    found = fit(
        network, start, x[:keep], images.labels[:keep], run=run, rate=RATE, batch_size=BATCH, rng=rng, measure=measure
    )
    last, count = run.history.records[-1], sum(p.size for p in found.values())
    dense = x[0].size * KERNELS * int(np.prod(np.array(images.shape) - found["kernels"].shape[2] + 1))
    lines = (
        f"{images.name}: loss {last['loss']:.4g}, {last['accuracy']:.2%} right in test after {run.epochs} epochs",
        f"{count:,} parameters; {found['kernels'].size} of them in the kernels, where a full matrix between the same "
        f"pixels and maps has {dense:,}",
    )
    shown = {"images": images.x_test[:20].reshape(-1, *images.shape), "labels": images.labels_test[:20]}
    maps, _ = convolution_forward(x_test[:1], found["kernels"], found["biases"])
    chosen = scores(found, x_test[:20]).argmax(axis=1)
    return Outcome(lines, {**found, **shown, "chosen": chosen, "maps": relu_forward(maps[0])[0]})


def plot(outcome, records, folder):
    kept = outcome.arrays
    captions = [f"{label}: read {chosen}" for label, chosen in zip(kept["labels"], kept["chosen"], strict=True)]
    numbers = [f"kernel {k}" for k in range(1, len(kept["kernels"]) + 1)]
    features = [kept["images"][0], *kept["maps"]]
    return [
        *(
            plotting.curves(folder / f"{name}.png", {name: [r[name] for r in records]}, x="epoch", y=name)
            for name in ("loss", "accuracy")
        ),
        plotting.pictures(folder / "kernels.png", kept["kernels"][:, 0], numbers, columns=4),
        plotting.pictures(folder / "maps.png", features, ["image", *(f"map {n.split()[1]}" for n in numbers)]),
        plotting.pictures(folder / "digits.png", kept["images"], captions),
    ]


_SHAPES = {"x": (3, 2, 5, 6), "kernels": (5, 2, 4, 3), "biases": (5,)}


def _point(rng):
    drawn = normal(**_SHAPES, w=(10, 3), b=(3,))(rng)
    # Low biases: otherwise the largest of four is hardly ever below zero, and ReLU might as well be missing.
    return {**drawn, "biases": drawn["biases"] - 4, "target": rng.integers(0, 3, 3)}


def _pool_forward(x):
    return max_pool_forward(x, POOL)


SYSTEM = System(
    name="convolutional",
    lecture="002",
    headings=("Convolutional Neural networks (1)", "Convolutional Neural networks (2)"),
    summary="convolution, ReLU, max pooling, fully connected, softmax on digits",
    run=run,
    epochs=20,
    plot=plot,
    gradients=(
        Gradient("convolution_layer", convolution_forward, convolution_backward, normal(**_SHAPES)),
        Gradient("max_pool_layer", _pool_forward, max_pool_backward, normal(x=(3, 2, 4, 6))),
        Gradient("convolutional", convolutional_forward, convolutional_backward, _point),
    ),
    images=True,
)
