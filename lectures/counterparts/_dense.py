"""Dense layers with an activation each, from given weights: shared by the networks of one lecture."""


def pytorch_dense(fw, x, parameters, activations):
    """nn.Sequential(Linear, activation, ...); parameters: {"w1": ..., "b1": ..., ...} in order."""
    nn = fw.torch.nn
    named = list(parameters.items())
    kinds = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "softmax": lambda: nn.Softmax(dim=-1), "linear": nn.Identity}
    network = nn.Sequential()
    for (weight, w), (bias, b), how in zip(named[::2], named[1::2], activations, strict=True):
        layer = nn.Linear(*w.shape, dtype=w.dtype)
        layer.load_state_dict({"weight": w.T, "bias": b})
        fw.weight(weight, layer.weight, back=lambda gradient: gradient.T)
        fw.weight(bias, layer.bias)
        network.extend([layer, kinds[how]()])
    return network(x)


def keras_dense(fw, x, parameters, activations):
    """The same of keras.Sequential with Dense layers."""
    keras = fw.keras
    named = list(parameters.items())
    network = keras.Sequential(
        [keras.layers.Dense(w.shape[1], activation=how) for (_, w), how in zip(named[::2], activations, strict=True)]
    )
    network.build(x.shape)
    network.set_weights(list(parameters.values()))
    for layer, (weight, _), (bias, _) in zip(network.layers, named[::2], named[1::2], strict=True):
        fw.weight(weight, layer.kernel)
        fw.weight(bias, layer.bias)
    return network(x)


def _activations(parameters):
    return ["relu"] * (len(parameters) // 2 - 1) + ["linear"]


def pytorch_classifier(fw, x, parameters, target):
    """Softmax cross-entropy of labels over dense layers of any number, ReLU after all but the last."""
    return fw.torch.nn.CrossEntropyLoss()(pytorch_dense(fw, x, parameters, _activations(parameters)), target)


def keras_classifier(fw, x, parameters, target):
    """The same of Keras."""
    scores = keras_dense(fw, x, parameters, _activations(parameters))
    return fw.keras.losses.SparseCategoricalCrossentropy(from_logits=True)(target, scores)
