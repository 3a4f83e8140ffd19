"""Three hidden layers of sigmoids, each times its mask, under the mean softmax cross-entropy of soft targets.

The frameworks' own Dropout draws its mask by itself; here it is given, so each layer's output is multiplied by it.
"""

from ._wu import keras_loss, pytorch_loss


def pytorch(fw, X, w1, w2, w3, w4, m1, m2, m3, Y):
    weights, masks = {"w1": w1, "w2": w2, "w3": w3, "w4": w4}, {1: m1, 2: m2, 3: m3}
    return pytorch_loss(fw, X, weights, Y, lambda k, z: fw.torch.sigmoid(z) * masks[k])


def keras(fw, X, w1, w2, w3, w4, m1, m2, m3, Y):
    weights, masks = {"w1": w1, "w2": w2, "w3": w3, "w4": w4}, {1: m1, 2: m2, 3: m3}
    return keras_loss(fw, X, weights, Y, lambda k, z: fw.keras.activations.sigmoid(z) * masks[k])
