"""Dense layers with ReLU, sigmoid and softmax, then the logarithm of the right class's probability."""

from ._dense import keras_dense, pytorch_dense

ACTIVATIONS = ["relu", "sigmoid", "softmax"]


def pytorch(fw, x, target, **parameters):
    o = pytorch_dense(fw, x, parameters, ACTIVATIONS)
    return fw.torch.nn.NLLLoss()(fw.torch.log(o), target)


def keras(fw, x, target, **parameters):
    # Keras clips probabilities that its losses get, so that the logarithm is taken here.
    ops = fw.keras.ops
    o = keras_dense(fw, x, parameters, ACTIVATIONS)
    return -ops.mean(ops.log(ops.sum(o * ops.one_hot(target, o.shape[1], dtype=o.dtype), axis=1)))
