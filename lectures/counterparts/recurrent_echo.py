"""An Elman layer and a dense output under binary cross-entropy of the last steps' logits."""

from ._recurrent import keras_network, pytorch_network


def pytorch(fw, x, h0, w, b, wy, by, target):
    logits = pytorch_network(fw, x, h0, w, b, wy, by)
    return fw.torch.nn.BCEWithLogitsLoss()(logits[:, -target.shape[1] :], target)


def keras(fw, x, h0, w, b, wy, by, target):
    logits = keras_network(fw, x, h0, w, b, wy, by)
    return fw.keras.losses.BinaryCrossentropy(from_logits=True)(target, logits[:, -target.shape[1] :])
