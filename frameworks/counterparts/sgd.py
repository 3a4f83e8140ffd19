"""Gradient descent. Keras lets the weights decay before the step, which is the same where there is no momentum."""

from .._counterpart import absent
from ._optimisers import NO_JAX, keras_step, pytorch_step, tensorflow_step

jax = NO_JAX


def pytorch(fw, p, g, lr, weight_decay):
    return pytorch_step(fw, "SGD", p, g, {}, lr=lr, weight_decay=weight_decay)[0]


def keras(fw, p, g, lr, weight_decay):
    return keras_step(fw, "SGD", p, g, {}, learning_rate=lr, weight_decay=weight_decay or None)[0]


def tensorflow(fw, p, g, lr, weight_decay):
    if weight_decay:
        raise absent("TensorFlow's own kernel has no weight decay")
    return tensorflow_step(fw, "ResourceApplyGradientDescent", p, g, {}, alpha=lr)[0]
