"""Two dense layers with sigmoids under 1/(2N) sum of squares."""

from ._stack import keras_stack, pytorch_stack


def pytorch(fw, x, w1, b1, w2, b2, y):
    return pytorch_stack(fw, x, {"w1": w1, "b1": b1, "w2": w2, "b2": b2}, y) / len(x)


def keras(fw, x, w1, b1, w2, b2, y):
    return keras_stack(fw, x, {"w1": w1, "b1": b1, "w2": w2, "b2": b2}, y) / x.shape[0]
