"""Trainings on record: what they say of printed results, that they are written whole, and that they can be repeated."""

from __future__ import annotations

import io
import json
import math
import os
import statistics
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest

from gradproof.lectures.claims import _trained, retrain
from gradproof.lectures.claims._trained import (
    ADDED,
    LOSS,
    REPLACED,
    SHARE,
    STATED,
    AtLeast,
    Below,
    Figure,
    Near,
    Recorded,
    Way,
    concluded,
    interval,
    quantile,
    read,
    record,
)
from gradproof.lectures.data import mnist

FOLDER, WANTED = os.environ.get("GRADPROOF_MNIST"), os.environ.get("GRADPROOF_RETRAIN")
EVERY = [(t, settings) for t in retrain.TRAININGS for settings in t.settings]
named = partial(pytest.mark.parametrize, ids=lambda value: getattr(value, "name", value))


def recorded(**values: list[float]) -> Recorded:
    """A record with runs that gave these numbers, by settings."""
    runs = [
        {"settings": settings, "seed": seed, "results": {"share": [value]}}
        for settings, given in values.items()
        for seed, value in enumerate(given)
    ]
    return Recorded("000_made_up", "nothing", {name: {} for name in values}, runs)


def verdict(says, **ways: tuple[str, list[float]]) -> str:
    readings = [Way(name, name, {"share": "share"}, role) for name, (role, _) in ways.items()]
    of = recorded(**{name: values for name, (_, values) in ways.items()})
    return concluded("", [Figure("share", 0, says)], readings, of=of).verdict


# -- the rule --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("probability", "degrees", "printed"),
    # Abramowitz and Stegun, Table 26.10.
    [(0.995, 1, 63.657), (0.995, 2, 9.925), (0.99, 4, 3.747), (0.975, 10, 2.228), (0.995, 120, 2.617)],
)
def test_students_quantiles_are_those_of_the_table(probability, degrees, printed):
    assert round(quantile(probability, degrees), 3) == printed


@pytest.mark.parametrize("seeds", [3, 5])
def test_one_run_more_lies_in_the_interval_as_often_as_is_said(seeds):
    drawn = np.random.default_rng(0).normal(2, 0.3, (2000, seeds + 1))
    inside = [Near(row[-1])(*interval(row[:-1], 0.9, LOSS)) for row in np.exp(drawn).tolist()]
    # The number of misses is binomial; six deviations of it are never left by chance.
    assert abs(inside.count(False) - 200) < 6 * (2000 * 0.1 * 0.9) ** 0.5


def test_the_interval_is_that_of_one_run_more():
    values = [1.0, 1.1, 1.5]
    low, high = (math.log(end) for end in interval(values, 0.99, LOSS))
    logs = [math.log(value) for value in values]
    assert (low + high) / 2 == pytest.approx(statistics.mean(logs))
    assert (high - low) / 2 == pytest.approx(9.924843 * statistics.stdev(logs) * (4 / 3) ** 0.5)


def test_the_interval_of_the_mean_is_narrower():
    values = [1.0, 1.1, 1.5]
    narrow, wide = ([math.log(end) for end in interval(values, 0.99, LOSS, of_mean=mean)] for mean in (True, False))
    assert (wide[1] - wide[0]) / (narrow[1] - narrow[0]) == pytest.approx(2)


def test_a_range_of_shares_or_losses_holds_no_number_that_is_none():
    assert interval([0.0, 0.5, 1.0], 0.99, SHARE) == (0, 1)
    assert interval([0.1, 0.5, 9.0], 0.99, LOSS)[0] > 0


CLOSE, FAR, WIDE = [0.90, 0.901, 0.902], [0.80, 0.801, 0.802], [0.80, 0.90, 1.0]


@pytest.mark.parametrize(
    ("figure", "ways", "expected"),
    [
        (Near(0.903), {"a": (STATED, CLOSE), "b": (ADDED, FAR)}, "holds"),
        (Near(0.903), {"a": (STATED, FAR), "b": (ADDED, CLOSE)}, "convention"),
        (Near(0.903), {"a": (STATED, FAR), "b": (REPLACED, CLOSE)}, "erratum"),
        (Near(0.7), {"a": (STATED, FAR), "b": (ADDED, CLOSE)}, "erratum"),
        (Near(0.903), {"a": (STATED, FAR), "b": (STATED, CLOSE)}, "holds"),
        (Near(0.903), {"a": (STATED, CLOSE[:2])}, "undecided"),
        (Near(0.7), {"a": (STATED, FAR), "b": (ADDED, CLOSE[:2])}, "undecided"),
        (AtLeast(0.85), {"a": (STATED, CLOSE)}, "holds"),
        (AtLeast(0.85), {"a": (STATED, FAR), "b": (REPLACED, CLOSE)}, "erratum"),
        (AtLeast(0.9005), {"a": (STATED, CLOSE)}, "undecided"),
        (AtLeast(0.85), {"a": (STATED, WIDE)}, "undecided"),
        (Below(0.85), {"a": (STATED, FAR)}, "holds"),
        (Below(0.85), {"a": (STATED, CLOSE), "b": (ADDED, FAR)}, "convention"),
        (Below(0.85), {"a": (STATED, WIDE)}, "undecided"),
    ],
)
def test_the_verdict_follows_from_the_runs(figure, ways, expected):
    assert verdict(figure, **ways) == expected


BOTH = {"share": "share", "loss": "loss"}


def with_losses(of: Recorded, losses: list[float]) -> Recorded:
    runs = [{**run, "results": {**run["results"], "loss": [loss]}} for run, loss in zip(of.runs, losses, strict=True)]
    return replace(of, runs=runs)


def test_all_figures_of_a_claim_must_fit():
    of, way = with_losses(recorded(a=CLOSE), [0.5, 0.51, 0.52]), Way("a", "a", BOTH, STATED)
    share, loss = Figure("share", 0, Near(0.9)), Figure("loss", 0, Near(0.51))
    assert concluded("", [share, loss], [way], of=of).verdict == "holds"
    assert concluded("", [share, replace(loss, says=Near(9.0))], [way], of=of).verdict == "erratum"


def test_a_way_that_cannot_have_been_that_of_the_whole_run_gives_no_line_of_it():
    of = with_losses(recorded(a=CLOSE, b=CLOSE), [0.5, 0.51, 0.52, 8.0, 8.1, 8.2])
    share, loss = Figure("share", 0, Near(0.9)), Figure("loss", 0, Near(8.1))
    wrong, right = Way("a", "a", BOTH, STATED), Way("b", "b", BOTH, ADDED)
    found = concluded("", [share], [wrong, right], run=[share, loss], of=of)
    assert found.verdict == "convention" and "but 1 of the 2 figures of the run are outside, as loss 8.1" in found.text
    assert concluded("", [share], [wrong, right], of=of).verdict == "holds"


def test_ranges_are_wider_the_more_figures_are_printed():
    outside = Figure("share", 0, Near(0.92))
    way = Way("a", "a", {"share": "share"}, STATED)
    assert concluded("", [outside], [way], of=recorded(a=CLOSE)).verdict == "erratum"
    assert concluded("", [outside], [way], run=[outside] * 9, of=recorded(a=CLOSE)).verdict == "holds"


def test_the_evidence_says_seeds_range_and_how_to_repeat():
    way = Way("a", "as it is", {"share": "share"}, STATED)
    found = concluded("", [Figure("share", 0, Near(0.9))], [way], of=recorded(a=CLOSE))
    for said in ("3 seeds", "0.9 to 0.902", "99%", "retrain --only 000_made_up"):
        assert said in found.text
    assert found.numbers == (("share, a", "0.9 0.901 0.902"),)


# -- the records -----------------------------------------------------------------------------------------------


@named("training", retrain.TRAININGS)
def test_every_training_is_on_record_under_its_present_settings(training):
    found = record(training.name)
    assert (found.name, found.says) == (training.name, training.says)
    assert found.settings == {name: dict(parameters) for name, parameters in training.settings.items()}
    assert len(retrain.kept(training, _trained.FOLDER)) == len(found.runs)
    assert all(set(run["environment"]) == set(retrain.environment()) for run in found.runs)
    assert len({(run["settings"], run["seed"]) for run in found.runs}) == len(found.runs)
    for settings in training.settings:
        results = [json.dumps(run["results"]) for run in found.runs if run["settings"] == settings]
        assert len(set(results)) == len(results) >= _trained.LEAST, settings


def test_no_record_is_left_over():
    assert {path.stem for path in _trained.FOLDER.iterdir()} == {training.name for training in retrain.TRAININGS}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "another", "version": 1}', "{"])
def test_what_is_no_record_is_refused(tmp_path, text):
    path = tmp_path / "000_x.json"
    path.write_text(text)
    with pytest.raises(ValueError, match="is no record of a training"):
        read(path)


def test_without_a_record_nothing_is_decided(monkeypatch, tmp_path):
    monkeypatch.setattr(_trained, "FOLDER", tmp_path)
    nothing = record.__wrapped__("000_made_up")
    way = Way("a", "as it is", {"share": "share"}, STATED)
    assert concluded("", [Figure("share", 0, Near(0.9))], [way], of=nothing).verdict == "undecided"


def test_a_quantity_that_was_not_measured_is_refused():
    with pytest.raises(ValueError, match="no accuracy under the settings 'a'"):
        recorded(a=CLOSE).over_seeds("a", "accuracy", 0)


# -- training again --------------------------------------------------------------------------------------------


@pytest.fixture
def small_mnist(tmp_path: Path) -> Path:
    """A folder in MNIST's format: 40 and 20 images of 28 x 28, a digit a bright row."""
    folder = tmp_path / "mnist"
    folder.mkdir()
    for half, n in (("train", 40), ("t10k", 20)):
        labels = np.arange(n, dtype=np.uint8) % 10
        pixels = np.random.default_rng(n).integers(0, 99, (n, 28, 28), dtype=np.uint8)
        pixels[np.arange(n), 2 * labels] = 255
        for kind, array in (("images-idx3", pixels), ("labels-idx1", labels)):
            head = bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
            (folder / f"{half}-{kind}-ubyte").write_bytes(head + array.tobytes())
    return folder


@named(("training", "settings"), EVERY)
def test_the_same_seed_gives_the_same_bits(training, settings, small_mnist):
    images = mnist(small_mnist, "float32")
    shares: list[float] = []
    short = {"iterations": 60} if training.name == "004_homework_1" else {}
    parameters = {**training.settings[settings], **short}
    first = training.run(images, 0, shares.append, **parameters)
    assert first == training.run(images, 0, lambda share: None, **parameters)
    assert shares == sorted(shares) and 0 <= shares[0] <= shares[-1] <= 1
    on_record = next(run for run in record(training.name).runs if run["settings"] == settings)["results"]
    if training.name != "004_run_of_100":  # most of its printed places lie beyond the one batch of these images
        assert {q: len(values) for q, values in first.items()} == {q: len(values) for q, values in on_record.items()}
    assert set(first) == set(on_record)


def test_a_run_that_was_stopped_goes_on_with_what_is_missing(small_mnist, tmp_path, monkeypatch):
    calls: list[tuple[str, int]] = []

    def counted(images, seed, told, *, rate):
        calls.append((f"{rate:g}", seed))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return {"loss": [rate + seed]}

    settings = {"slow": {"rate": 1.0}, "fast": {"rate": 2.0}}
    training = retrain.Training("000_counted", "nothing", settings, counted)
    monkeypatch.setattr(retrain, "TRAININGS", (training,))
    out, said = tmp_path / "out", io.StringIO()
    with pytest.raises(KeyboardInterrupt):
        retrain.retrain(small_mnist, [0, 1], output=out, stream=said)
    retrain.retrain(small_mnist, [0, 1, 1], output=out, stream=said)
    assert calls == [("1", 0), ("2", 0), ("1", 1), ("1", 1), ("2", 1)]
    found = read(out / "000_counted.json")
    kept = [(run["settings"], run["seed"]) for run in found.runs]
    assert kept == [("slow", 0), ("slow", 1), ("fast", 0), ("fast", 1)]
    assert found.over_seeds("fast", "loss", 0) == [2, 3]
    assert [path.name for path in out.iterdir()] == ["000_counted.json"]
    assert said.getvalue().startswith("000_counted/slow seed 0: loss 1.0000")
    # Settings that have changed are trained again, the others are kept.
    changed = replace(training, settings={**settings, "fast": {"rate": 4.0}})
    monkeypatch.setattr(retrain, "TRAININGS", (changed,))
    retrain.retrain(small_mnist, [0], output=out, only=["000_counted/fast"], stream=said)
    found = read(out / "000_counted.json")
    assert (found.over_seeds("fast", "loss", 0), found.over_seeds("slow", "loss", 0)) == ([4], [1, 2])


def test_a_record_that_cannot_be_written_leaves_the_old_one(tmp_path):
    training = retrain.Training("000_x", "nothing", {"a": {}}, lambda *given: {})
    run = {"settings": "a", "seed": 0, "results": {"loss": [1.0]}}
    retrain.write(training, [run], tmp_path)
    with pytest.raises(ValueError, match="not JSON compliant"):
        retrain.write(training, [run, {**run, "seed": 1, "results": {"loss": [float("nan")]}}], tmp_path)
    assert len(read(tmp_path / "000_x.json").runs) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["000_x.json"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--only", "000_mini"], "there is no training '000_mini'; there are 000_mini_batches/rate_0.5"),
        (["--seeds", "-1"], "the seed -1 is negative"),
        ([], "holds neither train-images-idx3-ubyte"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(arguments, sentence, tmp_path, capsys):
    assert retrain.main(["--mnist", str(tmp_path), "--output", str(tmp_path / "out"), *arguments]) == 2
    said = capsys.readouterr().err
    assert sentence in said and said.count("\n") == 1


def test_another_result_is_told_from_the_recorded_one():
    here, elsewhere = {"numpy": "2"}, {"numpy": "3"}
    of = recorded(a=CLOSE)
    of = replace(of, runs=[{**run, "environment": here} for run in of.runs])
    again = {**of.runs[0], "environment": here}
    assert retrain.disagreements(of, again) == []
    near = {**again, "results": {"share": [0.9005]}}
    assert len(retrain.disagreements(of, near)) == 1
    assert retrain.disagreements(of, {**near, "environment": elsewhere}) == []
    far = {**again, "results": {"share": [0.95]}, "environment": elsewhere}
    assert len(retrain.disagreements(of, far)) == 1


@cache
def real_mnist():
    return mnist(FOLDER, "float32")


@pytest.mark.skipif(
    not (FOLDER and WANTED), reason="trains for minutes: set GRADPROOF_MNIST=FOLDER and GRADPROOF_RETRAIN=1"
)
@named(("training", "settings"), EVERY)
def test_the_record_can_be_repeated(training, settings):
    found = record(training.name)
    seed = min(run["seed"] for run in found.runs if run["settings"] == settings)
    assert retrain.disagreements(found, retrain.run(training, settings, seed, real_mnist())) == []


def test_records_hold_finite_numbers_and_no_place_of_a_machine():
    for path in _trained.FOLDER.glob("*.json"):
        text = path.read_text(encoding="utf-8")
        json.loads(text, parse_constant=pytest.fail)
        assert "/work" not in text and "/home" not in text
