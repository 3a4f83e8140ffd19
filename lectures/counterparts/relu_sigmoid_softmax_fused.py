"""Dense layers with ReLU and sigmoid, scores last, under softmax cross-entropy of labels."""

from ._dense import keras_dense, pytorch_dense

ACTIVATIONS = ["relu", "sigmoid", "linear"]


def pytorch(fw, x, target, **parameters):
    return fw.torch.nn.CrossEntropyLoss()(pytorch_dense(fw, x, parameters, ACTIVATIONS), target)


def keras(fw, x, target, **parameters):
    scores = keras_dense(fw, x, parameters, ACTIVATIONS)
    return fw.keras.losses.SparseCategoricalCrossentropy(from_logits=True)(target, scores)
