"""The diabetes network under half the sum of squares, over the number of rows."""

from ._diabetes import keras_scores, pytorch_scores


def pytorch(fw, x, w1, b1, w2, b2, y):
    scores = pytorch_scores(fw, x, w1, b1, w2, b2)
    return fw.torch.nn.MSELoss(reduction="sum")(fw.torch.sigmoid(scores), y) / (2 * len(x))


def keras(fw, x, w1, b1, w2, b2, y):
    scores = keras_scores(fw, x, w1, b1, w2, b2)
    return fw.keras.losses.MeanSquaredError()(y, fw.keras.ops.sigmoid(scores)) * (y.shape[1] / 2)
