"""Three dense layers with sigmoids under 1/2 sum of squares."""

from ._stack import keras_stack, pytorch_stack


def pytorch(fw, x, w1, b1, w2, b2, w3, b3, target):
    return pytorch_stack(fw, x, {"w1": w1, "b1": b1, "w2": w2, "b2": b2, "w3": w3, "b3": b3}, target)


def keras(fw, x, w1, b1, w2, b2, w3, b3, target):
    return keras_stack(fw, x, {"w1": w1, "b1": b1, "w2": w2, "b2": b2, "w3": w3, "b3": b3}, target)
