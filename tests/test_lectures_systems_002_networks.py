"""What the networks of lecture 002 are to show: radial basis functions, recurrence, convolution, reward, no labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradproof.lectures import Gradient, Run, all_systems, proving
from gradproof.lectures.systems import (
    _rbf,
    convolutional,
    rbf_approximation,
    rbf_time_series,
    recurrent,
    reinforcement,
    unsupervised,
)
from gradproof.lectures.systems._points import normal
from gradproof.lectures.training import History, descend

EPS = np.finfo(float).eps


def trained(name, epochs, size="small", seed=0):
    history = History()
    outcome = all_systems()[name].run(Run(seed, epochs, history, size=size))
    return outcome, history.records


def gradient_of(system, name):
    return next(g for g in system.gradients if g.name == name)


def verdict(gradient, **changes):
    return proving.prove(replace(gradient, **changes)).status


# -- radial basis functions ----------------------------------------------------------------------------------------


def test_a_unit_at_its_centre_gives_its_whole_weight_and_far_away_nothing():
    x, centres = np.array([[3.0, -2.0], [900.0, 900.0]]), np.array([[3.0, -2.0]])
    y, _ = _rbf.rbf_forward(x, centres, np.array([2.0]), np.array([[5.0, 7.0]]), np.array([1.0, -1.0]))
    assert y.tolist() == [[6.0, 6.0], [1.0, -1.0]]


def test_the_sign_of_a_width_means_nothing_and_its_gradient_turns_with_it():
    inputs, (dy, *_) = proving.case_of(gradient_of(rbf_approximation.SYSTEM, "rbf_network"), 0)
    y, cache = _rbf.rbf_forward(*inputs.values())
    turned, turned_cache = _rbf.rbf_forward(*(-a if n == "widths" else a for n, a in inputs.items()))
    assert np.array_equal(y, turned)
    assert np.array_equal(_rbf.rbf_backward(dy, cache)[2], -_rbf.rbf_backward(dy, turned_cache)[2])


def test_a_width_taken_for_its_square_is_refuted():
    def wrong(dy, cache):
        dx, dcentres, dwidths, dw, db = _rbf.rbf_backward(dy, cache)
        return dx, dcentres, dwidths * cache[2], dw, db

    assert verdict(gradient_of(rbf_approximation.SYSTEM, "rbf_network"), backward=wrong) == "refuted"


def test_learned_centres_and_widths_do_what_no_output_over_the_held_ones_can():
    for seed in (0, 1):
        outcome, records = trained("rbf_approximation", 400, "full", seed)
        best = float(outcome.lines[1].split(", ")[1].split()[0])
        assert records[-1]["loss"] < best / 2 < best < records[-1]["loss_held"]


def test_windows_and_what_follows_them():
    x, y = rbf_time_series.windows(np.arange(7), 3, 2)
    assert x.tolist() == [[0, 1, 2], [1, 2, 3], [2, 3, 4]]
    assert y.tolist() == [[3, 4], [4, 5], [5, 6]]


def test_a_series_that_forgets_its_targets_is_refuted():
    """The values to be predicted are in the series too: the inputs' share alone is not its gradient."""

    def wrong(dloss, cache):
        (at_rbf, at_error), n = cache
        (dy,) = rbf_time_series.squared_error_backward(dloss, at_error)
        dx, *parameters = _rbf.rbf_backward(dy, at_rbf)
        place = np.arange(n)[:, None] - np.arange(len(dx))
        return sum((place == k) @ share for k, share in enumerate(dx.T)), *parameters

    assert verdict(rbf_time_series.SYSTEM.gradients[0], backward=wrong) == "refuted"


def test_the_series_is_predicted_far_better_than_by_its_last_value():
    outcome, records = trained("rbf_time_series", 100, "full")
    last_value = float(outcome.lines[1].split(": ")[1].split(";")[0])
    assert records[-1]["rms_test"] < last_value / 5
    p, past = {n: outcome.arrays[n] for n in _rbf.NAMES}, rbf_time_series.mackey_glass(10)[:4]
    assert rbf_time_series.roll_out(p, past, 1)[0] == _rbf.outputs(p, past[None])[0, 0]


def test_mackey_glass_steps_as_its_equation_says():
    rest = rbf_time_series.mackey_glass(5, start=1.0)  # 0.2 / (1 + 1) = 0.1: it stays where it is, but for rounding
    assert np.ptp(rbf_time_series.mackey_glass(200)) > 0.5
    assert (np.abs(rest - 1) < 400 * 4 * EPS).all()  # 330 steps of a few roundings each, none amplified much


def test_circles_and_crossed_clouds_are_separated_and_a_line_does_not():
    outcome, _ = trained("rbf_classification", 400, "full")
    for line in outcome.lines:
        units, straight = (float(part.split("%")[0].split()[-1]) for part in line.split(", "))
        assert units > 97 > 70 > straight


# -- recurrence ----------------------------------------------------------------------------------------------------


def test_a_state_goes_on_from_step_to_step():
    """Whole numbers in, saturated tanh out: 1 for what was positive a step ago, 0 where nothing came before."""
    x = np.array([[[1.0], [0.0], [0.0]]])
    wx, wh = np.array([[1000.0, 0.0]]), np.array([[0.0, 1000.0], [0.0, 0.0]])
    y, _ = recurrent.recurrent_forward(x, np.zeros((1, 2)), wx, wh, np.zeros(2), np.array([[0.0], [1.0]]), np.zeros(1))
    assert y[0, :, 0].tolist() == [0.0, 1.0, 0.0]


def test_the_gradient_is_proved_with_the_matrices_apart_too():
    point = normal(x=(5, 4, 2), h0=(5, 3), wx=(2, 3), wh=(3, 3), b=(3,), wy=(3, 2), by=(2,))
    gradient = Gradient("apart", recurrent.recurrent_forward, recurrent.recurrent_backward, point)
    assert proving.prove(gradient).status == "proved"


@pytest.mark.parametrize("reach", [1, 2, 3])
def test_an_error_that_is_cut_off_before_the_first_step_is_refuted(reach):
    gradient = gradient_of(recurrent.SYSTEM, "recurrent")
    assert verdict(gradient, backward=lambda dy, cache: recurrent.joint_backward(dy, cache, reach)) == "refuted"


@pytest.mark.parametrize("reach", [4, 5])
def test_an_error_that_reaches_all_four_steps_is_the_gradient(reach):
    gradient = gradient_of(recurrent.SYSTEM, "recurrent")
    assert verdict(gradient, backward=lambda dy, cache: recurrent.joint_backward(dy, cache, reach)) == "proved"


def test_one_step_loses_what_comes_through_time_and_nothing_else():
    inputs, (dy, *_) = proving.case_of(gradient_of(recurrent.SYSTEM, "recurrent"), 0)
    _, cache = recurrent.joint_forward(*inputs.values())
    whole, cut = recurrent.joint_backward(dy, cache), recurrent.joint_backward(dy, cache, 1)
    same = [np.array_equal(a, b) for a, b in zip(whole, cut, strict=True)]
    assert same == [False, False, False, False, True, True]  # x, h0, w, b; wy and by
    assert np.array_equal(whole[0][:, -1], cut[0][:, -1])  # no error comes to the last input from later steps


def test_it_remembers_and_without_time_it_does_not():
    for seed in (0, 1):
        outcome, records = trained("recurrent", 15, "full", seed)
        assert records[-1]["accuracy"] == 1 > 0.9 > records[-1]["accuracy_one_step"]
        missing = outcome.arrays["missing"]
        assert missing[0] > 0.5 > 0.1 > missing[recurrent.DELAY] > missing[-1]


# -- convolution ---------------------------------------------------------------------------------------------------


def whole_numbers(*shape):
    return np.random.default_rng(0).integers(-9, 9, shape).astype(float)


def by_loops(x, kernels, biases):
    """The sum as it is written, a term at a time."""
    (n, channels, height, width), (filters, _, rows, columns) = x.shape, kernels.shape
    y = np.zeros((n, filters, height - rows + 1, width - columns + 1))
    for i, f, r, c in np.ndindex(y.shape):
        y[i, f, r, c] = biases[f]
        for channel, dr, dc in np.ndindex(channels, rows, columns):
            y[i, f, r, c] += x[i, channel, r + dr, c + dc] * kernels[f, channel, dr, dc]
    return y


def test_a_convolution_is_the_written_sum_and_its_kernels_are_not_turned():
    x, kernels, biases = whole_numbers(3, 2, 5, 6), whole_numbers(5, 2, 4, 3), whole_numbers(5)
    y, _ = convolutional.convolution_forward(x, kernels, biases)
    assert np.array_equal(y, by_loops(x, kernels, biases))
    assert not np.array_equal(y, by_loops(x, kernels[:, :, ::-1, ::-1], biases))


def test_pixels_get_their_gradient_from_kernels_that_are_not_turned():
    def wrong(dy, cache):
        matrix, kernels, shape = cache
        dx, *_ = convolutional.convolution_backward(dy, (matrix, kernels[:, :, ::-1, ::-1], shape))
        return dx, *convolutional.convolution_backward(dy, cache)[1:]

    assert verdict(gradient_of(convolutional.SYSTEM, "convolution_layer"), backward=wrong) == "refuted"


def test_the_largest_pixel_is_kept_and_the_first_of_equal_ones_gets_the_gradient():
    x = np.array([[[[1.0, 5, 7, 7], [5, 2, 7, 7]]]])
    y, cache = convolutional.max_pool_forward(x, 2)
    (dx,) = convolutional.max_pool_backward(np.array([[[[3.0, 4.0]]]]), cache)
    assert y.tolist() == [[[[5, 7]]]]
    assert dx.tolist() == [[[[0, 3, 4, 0], [0, 0, 0, 0]]]]


def test_a_pool_that_shares_its_gradient_out_is_refuted():
    def wrong(dy, cache):
        return (np.repeat(np.repeat(dy, 2, axis=2), 2, axis=3) / 4,)

    assert verdict(gradient_of(convolutional.SYSTEM, "max_pool_layer"), backward=wrong) == "refuted"


def test_a_pool_refuses_what_it_cannot_divide():
    with pytest.raises(ValueError, match="5 x 4 do not divide into 2 x 2"):
        convolutional.max_pool_forward(np.zeros((1, 1, 5, 4)), 2)


def test_a_convolutional_network_that_forgets_its_relu_on_the_way_back_is_refuted(monkeypatch):
    monkeypatch.setattr(convolutional, "relu_backward", lambda dy, cache: (dy,))
    assert verdict(gradient_of(convolutional.SYSTEM, "convolutional")) == "refuted"


def test_the_convolutional_network_learns_digits(monkeypatch):
    pytest.importorskip("sklearn", reason="scikit-learn, which carries the small digits, is not installed")
    monkeypatch.delenv("GRADPROOF_MNIST", raising=False)
    outcome, records = trained("convolutional", 20)
    assert records[-1]["loss"] < records[0]["loss"] / 10
    assert records[-1]["accuracy"] > 0.75
    assert "810 parameters; 72 of them in the kernels" in outcome.lines[1]
    assert outcome.arrays["kernels"].dtype == np.float32


def test_kernels_fit_both_kinds_of_images():
    small, large = (convolutional.initial(shape, np.random.default_rng(0)) for shape in ((8, 8), (28, 28)))
    assert (small["kernels"].shape, small["w"].shape) == ((8, 1, 3, 3), (8 * 3 * 3, 10))
    assert (large["kernels"].shape, large["w"].shape) == ((8, 1, 5, 5), (8 * 12 * 12, 10))


# -- reward --------------------------------------------------------------------------------------------------------


def test_an_action_grows_likelier_by_its_reward_and_less_likely_by_its_punishment():
    rng = np.random.default_rng(0)
    for weight in (1.0, -1.0):
        p = reinforcement.initial(rng)
        x, actions = reinforcement.one_hot(np.array([[1, 2]])), np.array([2])
        before = reinforcement.policy_forward(x, *p.values())[0]
        _, cache = reinforcement.reinforce_forward(x, *p.values(), actions, np.array([weight]))
        descend(p, dict(zip(p, reinforcement.reinforce_backward(1.0, cache)[1:], strict=True)), 0.1)
        after = reinforcement.policy_forward(x, *p.values())[0]
        assert np.sign(after[0, 2] - before[0, 2]) == weight


def test_a_reward_that_is_not_weighed_by_its_probability_is_refuted():
    def wrong(dy, cache):
        pi, rewards = cache
        return (dy[:, None] * (rewards - pi * rewards.sum(axis=1, keepdims=True)),)

    assert verdict(gradient_of(reinforcement.SYSTEM, "reinforcement_expected"), backward=wrong) == "refuted"


def test_episodes_stay_in_the_grid_and_end_at_goal_and_pits():
    played = reinforcement.play(reinforcement.initial(np.random.default_rng(0)), 50, np.random.default_rng(1))
    cells, _, rewards, running = (np.array(part) for part in zip(*played, strict=True))
    assert (cells >= 0).all() and (cells < (reinforcement.ROWS, reinforcement.COLUMNS)).all()
    assert set(np.round(rewards, 12).ravel()) <= {0.0, -0.02, 0.98, -1.02}
    assert not rewards[~running].any() and (rewards[running] != 0).all()
    ended = np.abs(rewards) > 0.5
    assert (ended.sum(axis=0) <= 1).all()
    assert not running[1:][np.maximum.accumulate(ended)[:-1]].any()


def test_returns_are_discounted_from_the_end_and_taken_about_their_mean(monkeypatch):
    seen = {}
    monkeypatch.setattr(reinforcement, "DISCOUNT", 0.5)
    monkeypatch.setattr(reinforcement, "reinforce_forward", lambda *a: (seen.update(returns=a[-1]), _stop())[1])
    cell, on = np.zeros((1, 2), dtype=int), np.array([True])
    played = [(cell, np.array([0]), np.array([reward]), on) for reward in (4.0, 8.0, -16.0)]
    with pytest.raises(StopIteration):
        reinforcement.step(reinforcement.initial(np.random.default_rng(0)), played)
    assert seen["returns"].tolist() == [8, 4, -12]  # 4, 0 and -16 about -4


def _stop():
    raise StopIteration


def test_the_grid_is_learned_and_with_the_sign_turned_it_is_not(monkeypatch):
    assert reinforcement.fewest_moves() == 6
    for seed in (0, 1):
        _, records = trained("reinforcement", 150, seed=seed)
        goals = [r["goal"] for r in records]
        assert np.mean(goals[-20:]) > 0.8 > 0.2 > np.mean(goals[:5])
    monkeypatch.setattr(reinforcement, "RATE", -reinforcement.RATE)
    _, records = trained("reinforcement", 60)
    assert np.mean([r["goal"] for r in records[-20:]]) < 0.05


# -- no labels -----------------------------------------------------------------------------------------------------


def test_the_winner_alone_moves_towards_the_point_when_the_radius_is_zero():
    units = np.array([[[0.0, 0.0], [8.0, 0.0], [0.0, 8.0]]])
    loss, cache = unsupervised.map_forward(np.array([[6.0, 4.0]]), units, unsupervised.nearness((1, 3), 0))
    dx, dunits = unsupervised.map_backward(1.0, cache)
    assert loss == 10
    assert dx.tolist() == [[-2.0, 4.0]]
    assert (units - 0.5 * dunits).tolist() == [[[0, 0], [7, 2], [0, 8]]]


def test_of_units_at_the_same_distance_the_first_wins():
    units = np.array([[[1.0, 0.0], [-1.0, 0.0], [1.0, 0.0]]])
    assert unsupervised.nearest(np.zeros((1, 2)), units)[0].tolist() == [0]
    _, (_, share, _) = unsupervised.map_forward(np.zeros((1, 2)), units, np.eye(3))
    assert share.tolist() == [[1, 0, 0]]


def test_a_map_that_moves_its_winners_only_is_refuted_where_neighbours_count():
    def wrong(dloss, cache):
        apart, share, shape = cache
        return unsupervised.map_backward(dloss, (apart, share * (share == 1), shape))

    assert verdict(gradient_of(unsupervised.SYSTEM, "self_organising_map"), backward=wrong) == "refuted"
    assert verdict(gradient_of(unsupervised.SYSTEM, "competitive_layer"), backward=wrong) == "proved"


def test_clusters_are_counted_by_the_widest_gap():
    units = np.array([[[0.0, 0], [1, 0], [9, 0], [10, 0], [5, 9], [50, 50]]])
    x = units.reshape(-1, 2)[:5]
    assert unsupervised.clusters(x, units).tolist() == [0, 0, 1, 1, 2, -1]


def test_clusters_and_strays_are_found_without_a_label():
    for seed in (0, 1):
        outcome, records = trained("unsupervised", 30, "full", seed)
        assert records[-1]["loss"] < records[0]["loss"] / 5
        assert outcome.lines[0].startswith("4 clusters found")
        assert float(outcome.lines[1].split("%")[0]) > 98
        flagged, others = (int(part.split(" of ")[0]) for part in outcome.lines[2].split("flagged: ")[1].split(", "))
        assert flagged >= 36 and others <= 4
