"""Adagrad. PyTorch and TensorFlow add epsilon to the root, Keras under it."""

from .._counterpart import absent
from ._optimisers import NO_JAX, keras_step, pytorch_step, tensorflow_step

jax = NO_JAX


def pytorch(fw, p, g, s, lr, eps, epsilon):
    if epsilon == "inside":
        raise absent("PyTorch's Adagrad adds epsilon to the root, not under it")
    p_new, state = pytorch_step(fw, "Adagrad", p, g, {"sum": s}, lr=lr, eps=eps)
    return p_new, state["sum"]


def keras(fw, p, g, s, lr, eps, epsilon):
    if epsilon == "outside":
        raise absent("Keras' Adagrad adds epsilon under the root, not to it")
    p_new, state = keras_step(fw, "Adagrad", p, g, {"_accumulators": s}, learning_rate=lr, epsilon=eps)
    return p_new, state["_accumulators"]


def tensorflow(fw, p, g, s, lr, eps, epsilon):
    if epsilon == "inside":
        raise absent("TensorFlow's Adagrad adds epsilon to the root, not under it")
    return tensorflow_step(fw, "ResourceApplyAdagradV2", p, g, {"accum": s}, lr=lr, epsilon=eps)
