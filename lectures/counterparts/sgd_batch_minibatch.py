"""A dense layer with ReLU and one of scores under binary cross-entropy, its mean over outputs and rows."""

from ._dense import keras_dense, pytorch_dense


def pytorch(fw, x, y, **parameters):
    return fw.torch.nn.BCEWithLogitsLoss()(pytorch_dense(fw, x, parameters, ["relu", "linear"]), y)


def keras(fw, x, y, **parameters):
    scores = keras_dense(fw, x, parameters, ["relu", "linear"])
    return fw.keras.losses.BinaryCrossentropy(from_logits=True)(y, scores)
