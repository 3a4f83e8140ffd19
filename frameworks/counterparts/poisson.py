"""Poisson's negative log-likelihood. PyTorch has both forms, Keras that of the rate, TensorFlow the other."""

from .._counterpart import absent, composed
from ._losses import keras_loss


def pytorch(fw, prediction, target, log_input, eps, reduction):
    return fw.functional.poisson_nll_loss(prediction, target, log_input=log_input, eps=eps, reduction=reduction)


def keras(fw, prediction, target, log_input, eps, reduction):
    if log_input:
        raise absent("Keras' loss takes the rate, not its logarithm")
    if eps != fw.keras.config.epsilon():
        raise absent(f"Keras adds {fw.keras.config.epsilon()} to the rate")
    return keras_loss(fw, "Poisson", prediction, target, reduction)


def tensorflow(fw, prediction, target, log_input, eps, reduction):
    if not log_input:
        raise absent("TensorFlow's loss takes the logarithm of the rate")
    entries = fw.tf.nn.log_poisson_loss(target, prediction)
    return fw.tf.reduce_mean(entries) if reduction == "mean" else fw.tf.reduce_sum(entries)


@composed("JAX has no losses of its own")
def jax(fw, prediction, target, log_input, eps, reduction):
    jnp = fw.jnp
    if log_input:
        entries = jnp.exp(prediction) - target * prediction
    else:
        entries = prediction - target * jnp.log(prediction + eps)
    return jnp.mean(entries) if reduction == "mean" else jnp.sum(entries)
