"""Kullback-Leibler divergence. PyTorch takes log-probabilities; Keras takes probabilities, clips them, and has one
mean, over the rows.
"""

from .._counterpart import absent, composed
from ._losses import keras_row_loss

tensorflow = absent("TensorFlow's own loss is that of Keras")


def pytorch(fw, prediction, target, form, reduction):
    if form == "probability":
        fw.composed("PyTorch's kl_div takes log-probabilities: the logarithm is taken first")
        prediction = fw.torch.log(prediction)
    return fw.functional.kl_div(prediction, target, reduction=reduction.replace("batch_mean", "batchmean"))


def keras(fw, prediction, target, form, reduction):
    if form == "logarithm":
        raise absent("Keras' loss takes probabilities")
    loss = keras_row_loss(fw, "KLDivergence", prediction, target, reduction)
    return loss / prediction.shape[1] if reduction == "mean" else loss


@composed("JAX has no losses of its own: built of jax.scipy.special.xlogy")
def jax(fw, prediction, target, form, reduction):
    jnp, xlogy = fw.jnp, fw.jax.scipy.special.xlogy
    log_p = jnp.log(prediction) if form == "probability" else prediction
    total = jnp.sum(xlogy(target, target) - target * log_p)
    return total / {"batch_mean": len(target), "mean": target.size, "sum": 1}[reduction]
