"""Exponential linear unit. TensorFlow's own has no alpha other than 1."""


def pytorch(fw, x, alpha):
    return fw.functional.elu(x, alpha=alpha)


def keras(fw, x, alpha):
    return fw.keras.activations.elu(x, alpha=alpha)


def tensorflow(fw, x, alpha):
    y = fw.tf.nn.elu(x)
    if alpha == 1:
        return y
    fw.composed("tf.nn.elu has no alpha")
    return fw.tf.where(x > 0, y, alpha * y)


def jax(fw, x, alpha):
    return fw.nn.elu(x, alpha=alpha)
