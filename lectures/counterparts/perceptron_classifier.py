"""One dense layer on [1 X] with a single score under the mean binary cross-entropy of logits."""

from ._wu import keras_scores, pytorch_scores


def pytorch(fw, X, w, y):
    return fw.torch.nn.BCEWithLogitsLoss()(pytorch_scores(fw, X, {"w": w}, None), y)


def keras(fw, X, w, y):
    return fw.keras.losses.BinaryCrossentropy(from_logits=True)(y, keras_scores(fw, X, {"w": w}, None))
