"""Three hidden layers of sigmoids under the mean softmax cross-entropy of soft targets."""

from ._wu import keras_loss, pytorch_loss


def pytorch(fw, X, w1, w2, w3, w4, Y):
    weights = {"w1": w1, "w2": w2, "w3": w3, "w4": w4}
    return pytorch_loss(fw, X, weights, Y, lambda k, z: fw.torch.sigmoid(z))


def keras(fw, X, w1, w2, w3, w4, Y):
    weights = {"w1": w1, "w2": w2, "w3": w3, "w4": w4}
    return keras_loss(fw, X, weights, Y, lambda k, z: fw.keras.activations.sigmoid(z))
