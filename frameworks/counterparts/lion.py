"""Lion. Of the frameworks only Keras has it."""

from .._counterpart import absent
from ._optimisers import NO_JAX, keras_step

jax = NO_JAX
pytorch = absent("PyTorch has no Lion")
tensorflow = absent("TensorFlow's own kernels have no Lion")


def keras(fw, p, g, m, lr, beta1, beta2, weight_decay):
    hyper = {"learning_rate": lr, "beta_1": beta1, "beta_2": beta2, "weight_decay": weight_decay or None}
    p_new, state = keras_step(fw, "Lion", p, g, {"_momentums": m}, **hyper)
    return p_new, state["_momentums"]
