"""Adamax. PyTorch adds epsilon to the gradient's size, Keras and TensorFlow to the norm when it divides."""

from .._counterpart import absent
from ._optimisers import NO_JAX, keras_step, pytorch_step, tensorflow_step

jax = NO_JAX


def pytorch(fw, p, g, m, u, step, lr, beta1, beta2, eps, epsilon):
    if epsilon == "norm":
        raise absent("PyTorch's Adamax adds epsilon to the gradient's size, not to the norm")
    state, betas = {"exp_avg": m, "exp_inf": u}, (beta1, beta2)
    p_new, state = pytorch_step(fw, "Adamax", p, g, state, step, lr=lr, betas=betas, eps=eps)
    return p_new, state["exp_avg"], state["exp_inf"]


def keras(fw, p, g, m, u, step, lr, beta1, beta2, eps, epsilon):
    if epsilon == "gradient":
        raise absent("Keras' Adamax adds epsilon to the norm, not to the gradient's size")
    hyper = {"learning_rate": lr, "beta_1": beta1, "beta_2": beta2, "epsilon": eps}
    p_new, state = keras_step(fw, "Adamax", p, g, {"_m": m, "_u": u}, step, **hyper)
    return p_new, *state.values()


def tensorflow(fw, p, g, m, u, step, lr, beta1, beta2, eps, epsilon):
    if epsilon == "gradient":
        raise absent("TensorFlow's Adamax adds epsilon to the norm, not to the gradient's size")
    hyper = {"beta1_power": beta1**step, "lr": lr, "beta1": beta1, "beta2": beta2, "epsilon": eps}
    return tensorflow_step(fw, "ResourceApplyAdaMax", p, g, {"m": m, "v": u}, **hyper)
