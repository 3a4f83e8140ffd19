"""Keras' losses with the reductions of the catalogue."""


def keras_loss(fw, kind, prediction, target, reduction, **hyper):
    """A loss of keras.losses that averages over the last axis, its mean or its sum over all entries."""
    if reduction == "mean":
        return getattr(fw.keras.losses, kind)(**hyper)(target, prediction)
    # Keras averages over the last axis before it sums: one entry a row makes that the sum of all.
    entries = (fw.ops.expand_dims(target, -1), fw.ops.expand_dims(prediction, -1))
    return getattr(fw.keras.losses, kind)(reduction="sum", **hyper)(*entries)


def keras_row_loss(fw, kind, prediction, target, reduction, **hyper):
    """A loss of keras.losses with one number a row, its mean or its sum over the rows."""
    keras_reduction = "sum" if reduction == "sum" else "sum_over_batch_size"
    return getattr(fw.keras.losses, kind)(reduction=keras_reduction, **hyper)(target, prediction)
