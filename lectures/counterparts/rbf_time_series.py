"""Gaussian units over each window of a series, under 1/2 the mean of squares of the values that follow."""

from ._rbf import keras_network, pytorch_network


def pytorch(fw, series, centres, widths, w, b):
    size = centres.shape[1]
    windows = series.unfold(0, size + len(b), 1)
    y = pytorch_network(fw, windows[:, :size], centres, widths, w, b)
    return fw.functional.mse_loss(y, windows[:, size:]) / 2


def keras(fw, series, centres, widths, w, b):
    ops, size = fw.ops, centres.shape[1]
    whole = size + b.shape[0]
    rows = ops.expand_dims(ops.arange(series.shape[0] - whole + 1), 1)
    windows = ops.take(series, rows + ops.arange(whole))
    y = keras_network(fw, windows[:, :size], centres, widths, w, b)
    return fw.keras.losses.MeanSquaredError()(windows[:, size:], y) / 2
