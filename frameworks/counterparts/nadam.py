"""NAdam. Keras has no momentum_decay of its own: it is 1 there. The product of the factors so far is a state."""

import math

from .._counterpart import absent
from ._optimisers import NO_JAX, keras_step, pytorch_step

jax = NO_JAX
tensorflow = absent("TensorFlow's own kernels have Nesterov's Adam without a schedule of the momentum")


def pytorch(fw, p, g, m, v, step, lr, beta1, beta2, eps, momentum_decay):
    factors = (beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay)) for t in range(1, step))
    # as the optimiser itself keeps it: a tensor of the default dtype
    state = {"exp_avg": m, "exp_avg_sq": v, "mu_product": fw.torch.tensor(math.prod(factors, start=1.0))}
    hyper = {"lr": lr, "betas": (beta1, beta2), "eps": eps, "momentum_decay": momentum_decay}
    p_new, state = pytorch_step(fw, "NAdam", p, g, state, step, **hyper)
    return p_new, state["exp_avg"], state["exp_avg_sq"]


def keras(fw, p, g, m, v, step, lr, beta1, beta2, eps, momentum_decay):
    if momentum_decay != 1:
        raise absent("Keras' Nadam has no momentum_decay: it is 1")
    product = math.prod(beta1 * (1 - 0.5 * 0.96**t) for t in range(1, step))
    hyper = {"learning_rate": lr, "beta_1": beta1, "beta_2": beta2, "epsilon": eps, "product": product}
    p_new, state = keras_step(fw, "Nadam", p, g, {"_momentums": m, "_velocities": v}, step, **hyper)
    return p_new, *state.values()
