"""Dense layers, four of them hidden with ReLU, under softmax cross-entropy of labels."""

from ._dense import keras_classifier, pytorch_classifier


def pytorch(fw, x, target, **parameters):
    return pytorch_classifier(fw, x, parameters, target)


def keras(fw, x, target, **parameters):
    return keras_classifier(fw, x, parameters, target)
