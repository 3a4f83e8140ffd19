"""RMSprop. PyTorch adds epsilon to the root, Keras and TensorFlow under it."""

from .._counterpart import absent
from ._optimisers import NO_JAX, keras_step, pytorch_step, tensorflow_step

jax = NO_JAX


def pytorch(fw, p, g, v, lr, rho, eps, epsilon):
    if epsilon == "inside":
        raise absent("PyTorch's RMSprop adds epsilon to the root, not under it")
    p_new, state = pytorch_step(fw, "RMSprop", p, g, {"square_avg": v}, lr=lr, alpha=rho, eps=eps)
    return p_new, state["square_avg"]


def keras(fw, p, g, v, lr, rho, eps, epsilon):
    if epsilon == "outside":
        raise absent("Keras' RMSprop adds epsilon under the root, not to it")
    p_new, state = keras_step(fw, "RMSprop", p, g, {"_velocities": v}, learning_rate=lr, rho=rho, epsilon=eps)
    return p_new, state["_velocities"]


def tensorflow(fw, p, g, v, lr, rho, eps, epsilon):
    if epsilon == "outside":
        raise absent("TensorFlow's RMSprop adds epsilon under the root, not to it")
    state, hyper = {"ms": v, "mom": fw.tf.zeros_like(p)}, {"lr": lr, "rho": rho, "momentum": 0.0, "epsilon": eps}
    return tensorflow_step(fw, "ResourceApplyRMSProp", p, g, state, **hyper)[:2]
