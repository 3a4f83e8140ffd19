"""A radial basis function network approximates sin(x^2), whose waves are long in the middle and short outside."""

import numpy as np

from .. import plotting
from .._system import Gradient, Outcome, Run, System
from ..training import History, fit
from . import _rbf
from ._points import normal

UNITS, RATE, BATCH, SPAN = 12, 0.2, 20, 3.0


def wave(x):
    return np.sin(x**2)


def best_outputs(p, x, y):
    """The loss that no linear output over the units as they stand can go below: that of least squares."""
    phi = np.exp(-((x - p["centres"].T) ** 2) / (2 * p["widths"] ** 2))
    design = np.column_stack([phi, np.ones(len(x))])
    return ((design @ np.linalg.lstsq(design, y)[0] - y) ** 2).mean() / 2


def run(run: Run) -> Outcome:
    """Points of the wave; centres and widths learned, held, and held under the best of all outputs."""
    rng = np.random.default_rng(run.seed)
    x = rng.uniform(-SPAN, SPAN, (60 if run.size == "small" else 200, 1))
    y = wave(x)
    start = _rbf.initial(x, UNITS, rng, 2 * SPAN / UNITS)
    held, learned = History(), History()
    fit(
        _rbf.held(_rbf.regression), start, x, y, run=Run(run.seed, run.epochs, held), rate=RATE, batch_size=BATCH,
        rng=np.random.default_rng(run.seed),
    )  # fmt: skip
    found = fit(
        _rbf.regression, start, x, y, run=Run(run.seed, run.epochs, learned, progress=run.progress), rate=RATE,
        batch_size=BATCH, rng=np.random.default_rng(run.seed),
    )  # fmt: skip
    for own, other in zip(learned.records, held.records, strict=True):
        run.history.add(**own, loss_held=other["loss"])
    last, first = run.history.records[-1], run.history.records[0]
    moved = np.abs(found["centres"] - start["centres"]).mean()
    narrow, wide = np.sort(np.abs(found["widths"]))[[0, -1]]
    lines = (
        f"centres and widths learned: loss {first['loss']:.4g} to {last['loss']:.4g} in {run.epochs} epochs",
        f"centres and widths held: {last['loss_held']:.4g} by descent, {best_outputs(start, x, y):.4g} at best",
        f"{UNITS} centres moved by {moved:.3f} on average; widths {2 * SPAN / UNITS} became {narrow:.3f} to {wide:.3f}",
    )
    return Outcome(lines, {**found, "x": x, "y": y})


def plot(outcome, records, folder):
    names = {"loss": "learned", "loss_held": "held"}
    losses = {f"centres and widths {how}": [r[name] for r in records] for name, how in names.items()}
    inputs = np.linspace(-SPAN, SPAN, 241)
    p = {name: outcome.arrays[name] for name in _rbf.NAMES}
    shown = {"sin(x^2)": wave(inputs), "network": _rbf.outputs(p, inputs[:, None])[:, 0]}
    figure = folder / "approximation.png"
    return [
        plotting.curves(folder / "loss.png", losses, x="epoch", y="loss", log=True),
        plotting.curves(figure, shown, x="x", y="output", at=inputs.tolist()),
    ]


def _point(rng):
    return {**normal(x=(5, 3), centres=(4, 3), widths=(4,), w=(4, 2), b=(2,))(rng), "widths": rng.uniform(0.7, 2, 4)}


def _point_with_target(rng):
    return {**_point(rng), "target": np.asarray(rng.standard_normal((5, 2)))}


SYSTEM = System(
    name="rbf_approximation",
    lecture="002",
    headings=("Radial Basis Function Networks (RBF)",),
    summary="radial basis functions approximate a curve; centres and widths are learned",
    run=run,
    epochs=1000,
    plot=plot,
    gradients=(
        Gradient("rbf_network", _rbf.rbf_forward, _rbf.rbf_backward, _point),
        Gradient(
            "rbf_regression",
            _rbf.rbf_regression_forward,
            _rbf.rbf_regression_backward,
            _point_with_target,
            nondiff=("target",),
        ),
    ),
)
