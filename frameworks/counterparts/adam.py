"""Adam. PyTorch adds epsilon to the root of the corrected average, Keras and TensorFlow to that of the uncorrected one.

The one form is the other with an epsilon that is sqrt(1 - beta2^step) times as large, or one over that.
"""

from ._optimisers import NO_JAX, keras_step, pytorch_step, tensorflow_step

jax = NO_JAX


def pytorch(fw, p, g, m, v, step, lr, beta1, beta2, eps, epsilon, kind="Adam", **hyper):
    eps = eps if epsilon == "corrected" else eps / (1 - beta2**step) ** 0.5
    state = {"exp_avg": m, "exp_avg_sq": v}
    p_new, state = pytorch_step(fw, kind, p, g, state, step, lr=lr, betas=(beta1, beta2), eps=eps, **hyper)
    return p_new, state["exp_avg"], state["exp_avg_sq"]


def keras(fw, p, g, m, v, step, lr, beta1, beta2, eps, epsilon, kind="Adam", **hyper):
    eps = eps if epsilon == "uncorrected" else eps * (1 - beta2**step) ** 0.5
    hyper |= {"learning_rate": lr, "beta_1": beta1, "beta_2": beta2, "epsilon": eps}
    p_new, state = keras_step(fw, kind, p, g, {"_momentums": m, "_velocities": v}, step, **hyper)
    return p_new, *state.values()


def tensorflow(fw, p, g, m, v, step, lr, beta1, beta2, eps, epsilon):
    eps = eps if epsilon == "uncorrected" else eps * (1 - beta2**step) ** 0.5
    hyper = {"beta1_power": beta1**step, "beta2_power": beta2**step, "lr": lr, "beta1": beta1, "beta2": beta2}
    return tensorflow_step(fw, "ResourceApplyAdam", p, g, {"m": m, "v": v}, epsilon=eps, **hyper)
