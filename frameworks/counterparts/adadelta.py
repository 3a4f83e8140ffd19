"""Adadelta: the same in all frameworks."""

from ._optimisers import NO_JAX, keras_step, pytorch_step, tensorflow_step

jax = NO_JAX


def pytorch(fw, p, g, v, d, lr, rho, eps):
    p_new, state = pytorch_step(fw, "Adadelta", p, g, {"square_avg": v, "acc_delta": d}, lr=lr, rho=rho, eps=eps)
    return p_new, state["square_avg"], state["acc_delta"]


def keras(fw, p, g, v, d, lr, rho, eps):
    state = {"_accumulated_grads": v, "_accumulated_delta_vars": d}
    p_new, state = keras_step(fw, "Adadelta", p, g, state, learning_rate=lr, rho=rho, epsilon=eps)
    return p_new, *state.values()


def tensorflow(fw, p, g, v, d, lr, rho, eps):
    hyper = {"lr": lr, "rho": rho, "epsilon": eps}
    return tensorflow_step(fw, "ResourceApplyAdadelta", p, g, {"accum": v, "accum_update": d}, **hyper)
