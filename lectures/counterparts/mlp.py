"""Three dense layers with sigmoids, and a sigmoid on the inputs."""

from ._dense import keras_dense, pytorch_dense


def pytorch(fw, x, **parameters):
    return pytorch_dense(fw, fw.torch.sigmoid(x), parameters, ["sigmoid"] * 3)


def keras(fw, x, **parameters):
    return keras_dense(fw, fw.keras.ops.sigmoid(x), parameters, ["sigmoid"] * 3)
