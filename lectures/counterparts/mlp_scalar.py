"""One row through three dense layers with sigmoids, and a sigmoid on the inputs."""

from ._dense import keras_dense, pytorch_dense


def pytorch(fw, x, **parameters):
    return pytorch_dense(fw, fw.torch.sigmoid(x)[None], parameters, ["sigmoid"] * 3)[0]


def keras(fw, x, **parameters):
    return keras_dense(fw, fw.keras.ops.sigmoid(x)[None], parameters, ["sigmoid"] * 3)[0]
