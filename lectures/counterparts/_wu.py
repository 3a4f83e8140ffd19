"""Wu's layers, with the bias as the first row of the weights (inputs + 1, units): dense layers on [1 X]."""


def pytorch_dense(fw, name, w):
    """nn.Linear without a bias of its own, its weight loaded and registered as the gradient of `name`."""
    layer = fw.torch.nn.Linear(*w.shape, bias=False, dtype=w.dtype)
    layer.load_state_dict({"weight": w.T})
    fw.weight(name, layer.weight, back=lambda gradient: gradient.T)
    return layer


def pytorch_prepend(fw, x):
    return fw.torch.nn.functional.pad(x, (1, 0), value=1.0)


def pytorch_scores(fw, x, weights, between):
    """Scores of the last layer; between(k, z): what follows the k-th layer's weighted sums, k from 1."""
    layers = [pytorch_dense(fw, name, w) for name, w in weights.items()]
    for k, layer in enumerate(layers[:-1], 1):
        x = between(k, layer(pytorch_prepend(fw, x)))
    return layers[-1](pytorch_prepend(fw, x))


def keras_dense(fw, name, w):
    """Dense without a bias of its own, its kernel loaded and registered as the gradient of `name`."""
    layer = fw.keras.layers.Dense(w.shape[1], use_bias=False)
    layer.build((None, w.shape[0]))
    layer.set_weights([w])
    fw.weight(name, layer.kernel)
    return layer


def keras_prepend(fw, x):
    return fw.keras.ops.pad(x, ((0, 0), (1, 0)), constant_values=1.0)


def keras_scores(fw, x, weights, between):
    layers = [keras_dense(fw, name, w) for name, w in weights.items()]
    for k, layer in enumerate(layers[:-1], 1):
        x = between(k, layer(keras_prepend(fw, x)))
    return layers[-1](keras_prepend(fw, x))


def pytorch_loss(fw, x, weights, target, between):
    return fw.torch.nn.CrossEntropyLoss()(pytorch_scores(fw, x, weights, between), target)


def keras_loss(fw, x, weights, target, between):
    scores = keras_scores(fw, x, weights, between)
    return fw.keras.losses.CategoricalCrossentropy(from_logits=True)(target, scores)
