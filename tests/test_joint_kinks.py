"""Ties that meet in one entry: right within the choices at them, wrong beyond, and strict where it is smooth."""

import numpy as np
import pytest

import gradproof

X, SHIFT = np.array([1.0, -2.0]), np.array([[-1.0, 2.0], [-1.0, 2.0]])


def difference_of_relus(x, shift):
    """relu(3x + b1) - relu(-3x + b2) - 3x: at the ties its slope in x is 0 to either side."""
    a, b = 3 * x + 3 * shift[0], -3 * x - 3 * shift[1]
    return np.maximum(a, 0) - np.maximum(b, 0) - 3 * x, (a, b)


def chosen(first, second):
    """The backward that takes these slopes where the first and the second ReLU are zero."""

    def backward(dy, cache):
        a, b = cache
        p, q = np.where(a == 0, first, a > 0), np.where(b == 0, second, b > 0)
        return dy * (3 * p + 3 * q - 3), np.stack([3 * dy * p, 3 * dy * q])

    return backward


@pytest.mark.parametrize("slopes", [(0, 0), (1, 1), (1, 0), (0, 1), (0.5, 0.5), (0.25, 1)])
def test_one_choice_at_each_tie_is_right(slopes):
    gradproof.check(difference_of_relus, chosen(*slopes), X, SHIFT)


@pytest.mark.parametrize("slopes", [(-0.125, 0), (1, 1.125), (2, 2)])
def test_beyond_all_choices_is_wrong(slopes):
    with pytest.raises(gradproof.Mismatch) as error:
        gradproof.check(difference_of_relus, chosen(*slopes), X, SHIFT)
    assert "dx" in {f.quantity for f in error.value.findings if f.status == "wrong"}


def smooth_in_pieces(x, bias):
    """celu in two pieces that meet smoothly at zero, beside a ReLU of another input that has a kink."""
    y = np.maximum(x, 0) + np.minimum(0, np.expm1(x)) + np.maximum(bias, 0)
    return y, (x, bias)


@pytest.mark.parametrize(("at_zero", "right"), [(1, True), (0, False), (2, False), (0.5, False)])
def test_pieces_that_meet_smoothly_have_one_derivative(at_zero, right):
    def backward(dy, cache):
        x, bias = cache
        return dy * np.where(x == 0, at_zero, np.where(x > 0, 1, np.exp(x))), dy * (bias > 0)

    x, bias = np.array([0.0, 1.0, -1.0]), np.array([0.0, 2.0, -3.0])
    if right:
        gradproof.check(smooth_in_pieces, backward, x, bias)
        return
    with pytest.raises(gradproof.Mismatch) as error:
        gradproof.check(smooth_in_pieces, backward, x, bias)
    assert {f.quantity for f in error.value.findings if f.status == "wrong"} == {"dx"}
