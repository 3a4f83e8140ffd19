"""Gradient descent with momentum. PyTorch's velocity has the rate outside, that of Keras inside; TensorFlow has both.

v of the one form is -v / lr of the other; with a power of two as the rate that is exact.
"""

from ._optimisers import NO_JAX, keras_step, pytorch_step, tensorflow_step

jax = NO_JAX


def pytorch(fw, p, g, v, lr, momentum, rate, nesterov):
    scale = 1 if rate == "outside" else -lr
    state = {"momentum_buffer": v / scale}
    p_new, state = pytorch_step(fw, "SGD", p, g, state, lr=lr, momentum=momentum, nesterov=nesterov)
    return p_new, state["momentum_buffer"] * scale


def keras(fw, p, g, v, lr, momentum, rate, nesterov):
    scale = 1 if rate == "inside" else -1 / lr
    state, hyper = {"momentums": v / scale}, {"learning_rate": lr, "momentum": momentum, "nesterov": nesterov}
    p_new, state = keras_step(fw, "SGD", p, g, state, **hyper)
    return p_new, state["momentums"] * scale


def tensorflow(fw, p, g, v, lr, momentum, rate, nesterov):
    kernel = "ResourceApplyMomentum" if rate == "outside" else "ResourceApplyKerasMomentum"
    hyper = {"lr": lr, "momentum": momentum, "use_nesterov": nesterov}
    return tensorflow_step(fw, kernel, p, g, {"accum": v}, **hyper)
