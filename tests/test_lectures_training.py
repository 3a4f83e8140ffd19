"""Batches, history, descent, the progress bar and the plots: what every training shares."""

from __future__ import annotations

import builtins
import io
import json
import math
from itertools import chain

import numpy as np
import pytest

from gradproof.lectures import Run, plotting
from gradproof.lectures.training import History, Progress, accuracy, batches, descend, fit


@pytest.mark.parametrize(("n", "size"), [(10, 3), (9, 3), (2, 5), (0, 4)])
def test_batches_hold_every_row_once(n, size):
    rows = np.arange(n)
    in_order = [rows[b].tolist() for b in batches(n, size)]
    shuffled = [rows[b].tolist() for b in batches(n, size, np.random.default_rng(3))]
    assert list(chain.from_iterable(in_order)) == rows.tolist()
    assert sorted(chain.from_iterable(shuffled)) == rows.tolist()
    assert [len(b) for b in in_order] == [len(b) for b in shuffled]
    assert all(len(b) == size for b in in_order[:-1])


def test_batches_are_shuffled_anew_and_by_the_seed():
    rng = np.random.default_rng(0)
    first, second = (np.concatenate(list(batches(50, 7, rng))).tolist() for _ in range(2))
    again = np.concatenate(list(batches(50, 7, np.random.default_rng(0)))).tolist()
    assert first == again != second


def test_a_batch_holds_a_row_at_least():
    with pytest.raises(ValueError, match="batch size of 1 or more"):
        list(batches(5, 0))


def test_history_is_json_lines_written_as_it_comes(tmp_path):
    path = tmp_path / "history.jsonl"
    with History(path) as history:
        history.add(epoch=0, loss=np.float32(0.5), sizes=np.array([1, 2]))
        assert path.read_text() == '{"epoch": 0, "loss": 0.5, "sizes": [1, 2]}\n'
        history.add(epoch=1, loss=math.nan, most=[math.inf, 1.0])
    assert [json.loads(line) for line in path.read_text().splitlines()][1] == {
        "epoch": 1,
        "loss": "nan",
        "most": ["inf", 1.0],
    }
    assert history.column("sizes") == [[1, 2]]
    assert math.isnan(history.column("loss")[1])


def test_descend_is_one_step_in_place():
    parameters = {"w": np.array([1.0, 2.0]), "kept": np.array([5.0])}
    w = parameters["w"]
    descend(parameters, {"w": np.array([2.0, -4.0])}, 0.25)
    assert w.tolist() == [0.5, 3.0]
    assert parameters["kept"].tolist() == [5.0]


def mean_of(parameters, x, y):
    """1/2 mean (m - y)^2: the descent of rate 1 ends at the mean of y in one step."""
    error = parameters["m"] - y
    return (error**2).mean() / 2, {"m": error.mean(axis=0)}


def test_fit_steps_once_a_batch_and_leaves_what_it_was_given():
    start = {"m": np.zeros(1)}
    y = np.array([[1.0], [3.0], [8.0]])
    history, seen = History(), []
    found = fit(
        mean_of, start, y, y, run=Run(0, 2, history, progress=seen.append), rate=1.0, batch_size=2,
        measure=lambda p: {"m": p["m"][0]},
    )  # fmt: skip
    assert start["m"].tolist() == [0.0]
    assert found["m"].tolist() == [8.0]  # the last batch alone holds the 8
    assert history.records == [
        {"epoch": 0, "loss": (2.5 + 18) / 2, "m": 8.0},
        {"epoch": 1, "loss": (18.5 + 18) / 2, "m": 8.0},
    ]
    assert seen == [1, 2]
    assert fit(mean_of, start, y, y, run=Run(0, 1, History()), rate=1.0)["m"].tolist() == [4.0]


def test_fit_keeps_the_dtype():
    y = np.ones((3, 1), dtype=np.float32)
    found = fit(mean_of, {"m": np.zeros(1, dtype=np.float32)}, y, y, run=Run(0, 2, History()), rate=0.3)
    assert found["m"].dtype == np.float32


@pytest.mark.parametrize(("x", "y"), [(3, 2), (0, 0)])
def test_fit_refuses_rows_that_do_not_pair(x, y):
    with pytest.raises(ValueError, match="training needs as many of each"):
        fit(mean_of, {"m": np.zeros(1)}, np.ones((x, 1)), np.ones((y, 1)), run=Run(0, 1, History()), rate=1.0)


def test_fit_refuses_a_batch_of_nothing():
    with pytest.raises(ValueError, match="batch size of 1 or more"):
        fit(
            mean_of,
            {"m": np.zeros(1)},
            np.ones((3, 1)),
            np.ones((3, 1)),
            run=Run(0, 1, History()),
            rate=1.0,
            batch_size=0,
        )


def test_fit_records_a_loss_that_is_not_finite():
    history = History()
    with np.errstate(over="ignore", invalid="ignore"):
        fit(mean_of, {"m": np.full(1, 1e200)}, np.ones((2, 1)), np.ones((2, 1)), run=Run(0, 1, history), rate=1.0)
    assert history.column("loss") == [math.inf]


def test_accuracy():
    assert accuracy(np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 1])) == 0.5
    assert accuracy(np.array([[0.1], [0.9], [0.7]]), np.array([0, 1, 0])) == 2 / 3


def test_the_bar_is_silent_where_no_terminal_is():
    stream = io.StringIO()
    with Progress("training", 3, stream) as progress:
        for done in range(3):
            progress(done + 1)
    assert stream.getvalue() == ""


def test_the_bar_shows_on_a_terminal(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setenv("TERM", "xterm")
    for switch in ("NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "FORCE_COLOR"):
        monkeypatch.delenv(switch, raising=False)
    stream = Terminal()
    with Progress("training", 3, stream) as progress:
        progress(3)
    assert "training" in stream.getvalue() and "3/3" in stream.getvalue()


def test_missing_matplotlib_is_said(monkeypatch, tmp_path):
    real = builtins.__import__

    def without(name, *rest):
        if name.partition(".")[0] == "matplotlib":
            raise ModuleNotFoundError("No module named 'matplotlib'", name="matplotlib")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ValueError, match=r"Matplotlib is not installed.*gradproof\[lectures\]"):
        plotting.curves(tmp_path / "x.png", {"loss": [1, 2]}, x="epoch", y="loss")


def test_plots_of_odd_data(tmp_path):
    pytest.importorskip("matplotlib", reason="Matplotlib is not installed, so nothing is plotted")
    points = np.array([[0.5, 0.5], [0.5, 0.5]])
    drawn = [
        plotting.curves(
            tmp_path / "nan.png", {"a": [1, math.nan, math.inf], "b": [1, 2, 3]}, x="epoch", y="loss", log=True
        ),
        plotting.boundary(tmp_path / "one_place.png", points, np.array([0, 1]), lambda p: p[:, 0] * 0),
        plotting.boundary(tmp_path / "points_only.png", points, np.array([0, 1])),
        plotting.pictures(tmp_path / "images.png", np.zeros((12, 5, 5)), [str(n) for n in range(12)]),
    ]
    assert all(path.stat().st_size > 1000 for path in drawn)
