"""A recurrent network (Elman) learns to say what it was told some steps ago: backpropagation through time."""

import numpy as np

from gradproof.reference.binary_cross_entropy_with_logits import (
    binary_cross_entropy_with_logits_backward,
    binary_cross_entropy_with_logits_forward,
)
from gradproof.reference.tanh import tanh_backward, tanh_forward

from .. import plotting
from .._system import Gradient, Outcome, Run, System
from ..training import History, fit
from ._points import normal

NAMES = ("h0", "wx", "wh", "b", "wy", "by")
HIDDEN, DELAY, LENGTH, RATE, BATCH = 16, 5, 14, 0.3, 20


def recurrent_forward(x, h0, wx, wh, b, wy, by):
    """y_t = h_t wy + by with h_t = tanh(x_t wx + h_{t-1} wh + b), for t = 1 ... T; returns y (N, T, C) and the cache.

    x: (N, T, D); h0: (N, H); wx: (D, H); wh: (H, H), from unit to unit; b: (H,); wy: (H, C); by: (C,).
    """
    h, states, at_tanh = h0, [], []
    for t in range(x.shape[1]):
        h, at_step = tanh_forward(x[:, t] @ wx + h @ wh + b)
        states.append(h)
        at_tanh.append(at_step)
    y = np.stack(states, axis=1) @ wy + by
    return y, (x, h0, wx, wh, wy, states, at_tanh)


def recurrent_backward(dy, cache, reach=None):
    """dx, dh0, dwx, dwh, db, dwy, dby: back through every step, last step first.

    reach: through how many steps the error of an output goes back. None: to the first one, which is the gradient;
    1: its own step alone, as if h_{t-1} were a constant. No error then reaches h0, but from the first step.
    """
    x, h0, wx, wh, wy, states, at_tanh = cache
    steps, carried, dx, dwx, dwh, db = len(states), [], [], 0, 0, 0
    for t in reversed(range(steps)):
        # One error at h_t for each later output within reach, or their sum where none is ever dropped.
        carried = [dy[:, t] @ wy.T, *carried][:reach]
        carried = [sum(carried)] if reach is None else carried
        (da,) = tanh_backward(sum(carried), at_tanh[t])
        before = states[t - 1] if t else h0
        dx, dwx, dwh, db = [da @ wx.T, *dx], dwx + x[:, t].T @ da, dwh + before.T @ da, db + da.sum(axis=0)
        carried = [tanh_backward(error, at_tanh[t])[0] @ wh.T for error in carried]
    dwy = sum(h.T @ dy[:, t] for t, h in enumerate(states))
    return np.stack(dx, axis=1), sum(carried), dwx, dwh, db, dwy, dy.sum(axis=(0, 1))


def echo_forward(x, h0, wx, wh, b, wy, by, target):
    """Mean binary cross-entropy of sigma(y) and targets over the steps that have one: the last of x's steps.

    target: (N, K, C) of 0 and 1, for steps T - K + 1 ... T.
    """
    y, at_steps = recurrent_forward(x, h0, wx, wh, b, wy, by)
    first = x.shape[1] - target.shape[1]
    flat = target.reshape(len(target), -1)
    loss, at_loss = binary_cross_entropy_with_logits_forward(y[:, first:].reshape(flat.shape), flat)
    return loss, (at_steps, at_loss, first, y.shape)


def echo_backward(dloss, cache, reach=None):
    """dx, dh0, dwx, dwh, db, dwy, dby; steps without a target bring no error of their own."""
    at_steps, at_loss, first, (n, steps, outputs) = cache
    (late,) = binary_cross_entropy_with_logits_backward(dloss, at_loss)
    late = late.reshape(n, steps - first, outputs)
    early = np.zeros((n, first, outputs), dtype=late.dtype)
    return recurrent_backward(np.concatenate([early, late], axis=1), at_steps, reach)


def network(reach=None):
    """Loss and gradients from a state before the first step that is learned too, (1, H), one for all rows."""

    def loss_and_gradients(p, x, target):
        rows = np.repeat(p["h0"], len(x), axis=0)
        loss, cache = echo_forward(x, rows, *(p[n] for n in NAMES[1:]), target)
        _, dh0, *gradients = echo_backward(1.0, cache, reach)
        return loss, dict(zip(NAMES, (dh0.sum(axis=0, keepdims=True), *gradients), strict=True))

    return loss_and_gradients


def sequences(n, rng, length=LENGTH, delay=DELAY):
    """n sequences of -1 and 1 (n, length, 1), and for each step from `delay` on, as 0 or 1, what came so long ago."""
    bits = rng.integers(0, 2, (n, length, 1)).astype(float)
    return 2 * bits - 1, bits[:, : length - delay]


def initial(rng, units=HIDDEN):
    return {
        "h0": np.zeros((1, units)),
        "wx": 0.5 * rng.standard_normal((1, units)),
        "wh": rng.standard_normal((units, units)) * 0.5 / np.sqrt(units),
        "b": np.zeros(units),
        "wy": rng.standard_normal((units, 1)) / np.sqrt(units),
        "by": np.zeros(1),
    }


def right(p, x, target):
    """Share of the targets on whose side of 1/2 the output is."""
    y, _ = recurrent_forward(x, np.repeat(p["h0"], len(x), axis=0), *(p[n] for n in NAMES[1:]))
    return float(((y[:, -target.shape[1] :] > 0) == (target > 0.5)).mean())


def lost(p, x, target):
    """How far the gradient of wh with each reach from 1 to T is from the whole, relative to the whole."""
    _, whole = network()(p, x, target)
    size = np.sqrt((whole["wh"] ** 2).sum())
    cut = [network(reach)(p, x, target)[1]["wh"] for reach in range(1, x.shape[1] + 1)]
    return np.array([np.sqrt(((g - whole["wh"]) ** 2).sum()) / size for g in cut])


def run(run: Run) -> Outcome:
    """The same start twice: errors carried back through time, and cut off after one step."""
    rng = np.random.default_rng(run.seed)
    x, target = sequences(60 if run.size == "small" else 400, rng)
    x_test, target_test = sequences(200, rng)
    start = initial(rng)
    found, records = {}, []
    for reach in (1, None):
        history = History()
        own = Run(run.seed, run.epochs, history, progress=run.progress)
        found[reach] = fit(
            network(reach), start, x, target, run=own, rate=RATE, batch_size=BATCH,
            rng=np.random.default_rng(run.seed), measure=lambda p: {"accuracy": right(p, x_test, target_test)},
        )  # fmt: skip
        records.append(history.records)
    for cut, whole in zip(*records, strict=True):
        run.history.add(**whole, loss_one_step=cut["loss"], accuracy_one_step=cut["accuracy"])
    last, missing = run.history.records[-1], lost(start, x, target)
    lines = (
        f"told -1 and 1, asked for what came {DELAY} steps ago: {last['accuracy']:.1%} right in test, "
        f"loss {last['loss']:.4g}",
        f"errors cut off after one step, which is not the gradient: {last['accuracy_one_step']:.1%} right, "
        f"loss {last['loss_one_step']:.4g}",
        f"share of the gradient of wh that is missing at the start: {missing[0]:.0%} with one step, "
        + ", ".join(f"{missing[k - 1]:.1%} with {k}" for k in (DELAY, DELAY + 1, LENGTH)),
    )
    return Outcome(lines, {**found[None], "missing": missing})


def plot(outcome, records, folder):
    def both(name):
        own, cut = ([r[n] for r in records] for n in (name, f"{name}_one_step"))
        return {"through all steps": own, "through one step": cut}

    reach = {"missing": outcome.arrays["missing"]}
    return [
        plotting.curves(folder / "loss.png", both("loss"), x="epoch", y="loss", log=True),
        plotting.curves(folder / "accuracy.png", both("accuracy"), x="epoch", y="accuracy"),
        plotting.curves(
            folder / "truncation.png",
            reach,
            x="steps that an error goes back",
            y="missing share of dwh",
            at=range(1, 1 + len(reach["missing"])),
        ),
    ]


# -- the gradients, with wx over wh in one array: every axis of a point has a length of its own, and wh is square ------


def _apart(x, w):
    return w[: x.shape[2]], w[x.shape[2] :]


def _together(dx, dh0, dwx, dwh, *others):
    return dx, dh0, np.concatenate([dwx, dwh]), *others


def joint_forward(x, h0, w, b, wy, by):
    """`recurrent_forward` with w (D + H, H): the rows of wx, then those of wh."""
    return recurrent_forward(x, h0, *_apart(x, w), b, wy, by)


def joint_backward(dy, cache, reach=None):
    return _together(*recurrent_backward(dy, cache, reach))


def joint_echo_forward(x, h0, w, b, wy, by, target):
    return echo_forward(x, h0, *_apart(x, w), b, wy, by, target)


def joint_echo_backward(dloss, cache):
    return _together(*echo_backward(dloss, cache))


_SHAPES = {"x": (5, 4, 2), "h0": (5, 3), "w": (5, 3), "b": (3,), "wy": (3, 2), "by": (2,)}


def _echo_point(rng):
    return {**normal(**_SHAPES)(rng), "target": rng.uniform(0.1, 0.9, (5, 3, 2))}


SYSTEM = System(
    name="recurrent",
    lecture="002",
    headings=("Recurrent Neural Networks",),
    summary="a recurrent network that remembers, by backpropagation through time",
    run=run,
    epochs=60,
    plot=plot,
    gradients=(
        Gradient("recurrent", joint_forward, joint_backward, normal(**_SHAPES)),
        Gradient("recurrent_echo", joint_echo_forward, joint_echo_backward, _echo_point, nondiff=("target",)),
    ),
)
