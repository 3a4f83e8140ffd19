"""Three dense layers with sigmoids under binary cross-entropy, its mean over outputs and rows."""

from ._dense import keras_dense, pytorch_dense


def pytorch(fw, x, y, **parameters):
    o = pytorch_dense(fw, x, parameters, ["sigmoid"] * 3)
    return fw.torch.nn.BCELoss()(o, y)


def keras(fw, x, y, **parameters):
    scores = keras_dense(fw, x, parameters, ["sigmoid", "sigmoid", "linear"])
    return fw.keras.losses.BinaryCrossentropy(from_logits=True)(y, scores)
