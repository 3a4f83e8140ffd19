"""One-dimensional max pooling: each framework's own layer or function. Layouts and margins: see _images."""

from ._pooling import jax_max_pool, keras_max_pool, pytorch_max_pool, tensorflow_max_pool


def pytorch(fw, x, size, stride, padding):
    return pytorch_max_pool(fw, fw.torch.nn.MaxPool1d, x, size, stride, padding)


def keras(fw, x, size, stride, padding):
    return keras_max_pool(fw, fw.keras.layers.MaxPooling1D, x, size, stride, padding)


def tensorflow(fw, x, size, stride, padding):
    return tensorflow_max_pool(fw, fw.tf.nn.max_pool1d, x, size, stride, padding)


def jax(fw, x, size, stride, padding):
    return jax_max_pool(fw, x, size, stride, padding)
