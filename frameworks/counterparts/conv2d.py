"""Two-dimensional convolution: each framework's own layer or function. Layouts and margins: see _images."""

from ._convolution import jax_convolution, keras_convolution, pytorch_convolution, tensorflow_convolution


def pytorch(fw, x, w, b, stride, padding, dilation, groups):
    return pytorch_convolution(fw, fw.torch.nn.Conv2d, x, w, b, stride, padding, dilation, groups)


def keras(fw, x, w, b, stride, padding, dilation, groups):
    return keras_convolution(fw, fw.keras.layers.Conv2D, x, w, b, stride, padding, dilation, groups)


def tensorflow(fw, x, w, b, stride, padding, dilation, groups):
    return tensorflow_convolution(fw, x, w, b, stride, padding, dilation, groups)


def jax(fw, x, w, b, stride, padding, dilation, groups):
    return jax_convolution(fw, x, w, b, stride, padding, dilation, groups)
