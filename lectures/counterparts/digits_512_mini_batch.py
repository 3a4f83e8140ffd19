"""Some rows of all images: each framework takes them and builds its layers."""

from ._hidden_softmax import keras_hidden, pytorch_hidden


def pytorch(fw, x_train, Wh, bh, Wo, bo, y_train, Batch_samples):
    return pytorch_hidden(fw, x_train[Batch_samples], Wh, bh, Wo, bo, y_train[Batch_samples])


def keras(fw, x_train, Wh, bh, Wo, bo, y_train, Batch_samples):
    x, y = (fw.keras.ops.take(rows, Batch_samples, axis=0) for rows in (x_train, y_train))
    return keras_hidden(fw, x, Wh, bh, Wo, bo, y)
