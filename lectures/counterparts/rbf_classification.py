"""Gaussian units and a linear output under binary cross-entropy of logits."""

from ._rbf import keras_network, pytorch_network


def pytorch(fw, x, centres, widths, w, b, target):
    return fw.torch.nn.BCEWithLogitsLoss()(pytorch_network(fw, x, centres, widths, w, b), target)


def keras(fw, x, centres, widths, w, b, target):
    return fw.keras.losses.BinaryCrossentropy(from_logits=True)(target, keras_network(fw, x, centres, widths, w, b))
