"""One dense layer with a sigmoid under 1/2 sum of squares."""

from ._stack import keras_stack, pytorch_stack


def pytorch(fw, x, w, b, y):
    return pytorch_stack(fw, x, {"w": w, "b": b}, y)


def keras(fw, x, w, b, y):
    return keras_stack(fw, x, {"w": w, "b": b}, y)
