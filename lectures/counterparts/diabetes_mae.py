"""The diabetes network under the sum of absolute errors, over the number of rows."""

from ._diabetes import keras_scores, pytorch_scores


def pytorch(fw, x, w1, b1, w2, b2, y):
    scores = pytorch_scores(fw, x, w1, b1, w2, b2)
    return fw.torch.nn.L1Loss(reduction="sum")(fw.torch.sigmoid(scores), y) / len(x)


def keras(fw, x, w1, b1, w2, b2, y):
    scores = keras_scores(fw, x, w1, b1, w2, b2)
    return fw.keras.losses.MeanAbsoluteError()(y, fw.keras.ops.sigmoid(scores)) * y.shape[1]
