"""A radial basis function network predicts the next value of the Mackey-Glass series from a window of past ones."""

import numpy as np

from gradproof.reference.squared_error import squared_error_backward

from .. import plotting
from .._system import Gradient, Outcome, Run, System
from ..training import fit
from . import _rbf
from ._points import normal

WINDOW, UNITS, RATE, BATCH = 4, 20, 0.3, 10
DELAY, EVERY, LEAD_IN = 17, 6, 300


def mackey_glass(n, start=1.2):
    """n values, EVERY time units apart, of s' = 0.2 s(t - 17) / (1 + s(t - 17)^10) - 0.1 s, by Euler steps of one
    unit from the constant `start`, after LEAD_IN units (Mackey, Glass, Oscillation and Chaos in Physiological
    Control Systems, 1977)."""
    s = [start] * (DELAY + 1)
    for _ in range(LEAD_IN + n * EVERY):
        late = s[-1 - DELAY]
        s.append(s[-1] + 0.2 * late / (1 + late**10) - 0.1 * s[-1])
    return np.array(s[-n * EVERY :: EVERY])


def windows(series, size=WINDOW, ahead=1):
    """Each run of `size` values (N - size - ahead + 1, size), and the `ahead` values that come next."""
    rows = np.arange(len(series) - size - ahead + 1)[:, None]
    return series[rows + np.arange(size)], series[rows + size + np.arange(ahead)]


def series_forward(series, centres, widths, w, b):
    """1/2 the mean squared error of the next `ahead` values of the series (N,), predicted from the `window` before.

    centres: (H, window); widths: (H,); w: (H, ahead); b: (ahead,). A value of the series may be in `window` inputs
    and in `ahead` targets.
    """
    x, target = windows(series, centres.shape[1], len(b))
    loss, cache = _rbf.rbf_regression_forward(x, centres, widths, w, b, target)
    return loss, (cache, len(series))


def series_backward(dloss, cache):
    """dseries, dcentres, dwidths, dw, db. The target's share is minus the output's: the loss sees their difference."""
    (at_rbf, at_error), n = cache
    (dy,) = squared_error_backward(dloss, at_error)
    dx, *parameters = _rbf.rbf_backward(dy, at_rbf)
    place = np.arange(n)[:, None] - np.arange(len(dx))  # of a value after the start of a window
    shares = [(place == k) @ share for k, share in enumerate((*dx.T, *-dy.T))]
    return sum(shares), *parameters


def roll_out(p, past, steps):
    """`steps` values after the window `past`, each predicted from predicted ones."""
    values = list(past)
    for _ in range(steps):
        values.append(_rbf.outputs(p, np.array(values[-len(past) :])[None])[0, 0])
    return np.array(values[len(past) :])


def run(run: Run) -> Outcome:
    """Trained on the first three fifths of the series, judged on the rest."""
    rng = np.random.default_rng(run.seed)
    series = mackey_glass(100 if run.size == "small" else 500)
    x, y = windows(series)
    cut = len(x) * 3 // 5
    start = {**_rbf.initial(x[:cut], UNITS, rng), "b": y[:cut].mean(axis=0)}

    def measure(p):
        return {"rms_test": rms(_rbf.outputs(p, x[cut:]) - y[cut:])}

    def rms(error):
        return float(np.sqrt((error**2).mean()))

    found = fit(
        _rbf.regression, start, x[:cut], y[:cut], run=run, rate=RATE, batch_size=BATCH, rng=rng, measure=measure
    )
    last = run.history.records[-1]
    ahead = roll_out(found, x[cut], len(x) - cut)
    lines = (
        f"error of the next value (root mean square) on {len(x) - cut} values not trained on: {last['rms_test']:.4f}",
        f"the last value taken for the next: {rms(x[cut:, -1:] - y[cut:]):.4f}; the mean value: "
        f"{rms(y[cut:] - y[:cut].mean()):.4f}",
        f"fed with its own predictions: {rms(ahead[:10] - y[cut : cut + 10, 0]):.4f} over the first 10 values",
    )
    shown = {"series": y[cut:, 0], "predicted": _rbf.outputs(found, x[cut:])[:, 0], "on its own": ahead}
    return Outcome(lines, {**found, **shown})


def plot(outcome, records, folder):
    errors = {"root mean square error in test": [r["rms_test"] for r in records]}
    shown = {name: outcome.arrays[name][:60] for name in ("series", "predicted", "on its own")}
    return [
        plotting.curves(folder / "error.png", errors, x="epoch", y="root mean square error in test", log=True),
        plotting.curves(folder / "series.png", shown, x=f"steps of {EVERY} time units", y="value"),
    ]


def _point(rng):
    shapes = {"series": (8,), "centres": (5, 3), "widths": (5,), "w": (5, 2), "b": (2,)}
    return {**normal(**shapes)(rng), "widths": rng.uniform(0.7, 2, 5)}


SYSTEM = System(
    name="rbf_time_series",
    lecture="002",
    headings=("Radial Basis Function Networks (RBF)",),
    summary="radial basis functions predict the next value of the Mackey-Glass series",
    run=run,
    epochs=300,
    plot=plot,
    gradients=(Gradient("rbf_time_series", series_forward, series_backward, _point),),
)
